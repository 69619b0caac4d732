"""The shell's own pages, looked at by axe and by measure: signing in, the own account, people, staff administration."""

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from core.accounts import Office, actor_for, find_account
from core.permissions import ClerkRight, StaffRole, SubjectKind
from portal.people.clerks import InviteClerk, invite
from portal.people.invitations import InviteStaff, invite_staff
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff

pytestmark = pytest.mark.browser


def seen(page: Page, where: str, locale: str) -> None:
    """What every page must be, at 320 and 360 pixels."""
    kit.screenshot(page, f"shell-{where}-{locale}")
    kit.refuse_faults(page, f"{where} in {locale}")
    kit.assert_targets(page, where)
    page.set_viewport_size({"width": 320, "height": 740})
    kit.assert_no_overflow(page, f"{where} in {locale} at 320px")
    page.set_viewport_size(kit.PHONE)  # type: ignore[arg-type]
    if locale == "ur":
        kit.assert_mirrored(page, where)
    assert page.locator("h1").count() == 1


def visit(page: Page, address: str, locale: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    seen(page, address.strip("/"), locale)


def send(page: Page, action: str) -> None:
    kit.follow(page.locator(f"main form[action*='{action}'] button[type=submit]").first)


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_a_forgotten_password_and_the_faults_of_signing_in(portal: Portal, browser: Browser, locale: str):
    context = kit.context(browser, portal.url, locale=locale, javascript=True)
    page = context.new_page()
    visit(page, "/sign-in", locale)
    page.fill("#login", "nobody@people.example")
    page.fill("#password", "wrong")
    send(page, "/sign-in")
    assert page.locator(".summary").count() == 1
    seen(page, "sign-in-refused", locale)
    visit(page, "/sign-in/forgotten", locale)
    page.fill("#login", "nobody@people.example")
    send(page, "/sign-in/forgotten")
    seen(page, "new-password", locale)
    page.fill("#code", "123456")
    page.fill("#password", "monsoon-terrace-9")
    page.fill("#again", "monsoon-terrace-8")
    send(page, "/sign-in/new-password")
    assert page.locator(".summary").count() == 1
    seen(page, "new-password-refused", locale)
    visit(page, "/dev/outbox", locale)
    context.close()


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_an_administrators_pages(portal: Portal, browser: Browser, locale: str):
    admin = staff(portal, "staff_admin", office="MOL", number=len(locale) + ["en", "ne", "ur"].index(locale))
    with portal.sessions() as session:
        office = session.scalars(select(Office).where(Office.code == "P3")).one()
        account = find_account(session, admin["login"])
        officer = find_account(session, portal.account("licensing.officer.p3")["login"])
        assert account is not None
        assert officer is not None
        invite_staff(
            session,
            actor_for(session, account),
            InviteStaff(
                "A person with a rather long name of many parts",
                f"x{locale}@office.example",
                StaffRole.LICENSING_OFFICER,
                office.id,
            ),
        )
        session.commit()
    context = kit.context(browser, portal.url, locale=locale)
    page = context.new_page()
    kit.sign_in(page, admin)
    for address in ("/staff/people", f"/staff/people/offices/{office.id}", f"/staff/people/{officer.id}",
                    "/account", "/account/password", "/account/recovery-codes"):  # fmt: skip
        visit(page, address, locale)
    page.fill("#password", admin["password"])
    send(page, "/account/recovery-codes")
    assert page.locator("main li .code").count() == 8
    seen(page, "recovery-codes", locale)
    context.close()


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_an_invited_clerk_comes_in_by_the_link(portal: Portal, browser: Browser, locale: str):
    owner = portal.account("employer@")
    email = f"clerk.{locale}@employer.example"
    with portal.sessions() as session:
        account = find_account(session, owner["login"])
        assert account is not None
        actor = actor_for(session, account)
        subject = actor.subject(SubjectKind.EMPLOYER)
        assert subject is not None
        invite(
            session, actor, InviteClerk(SubjectKind.EMPLOYER, subject, "Deepak Sharma", email, (ClerkRight.JOB_ORDERS,))
        )
        session.commit()
    context = kit.context(browser, portal.url, locale=locale)
    page = context.new_page()
    page.goto("/dev/outbox")
    link = page.locator("section.card", has_text=email).locator("p").last.inner_text()
    path = "/invitations/" + link.split("/invitations/")[1].split()[0]
    page.goto(path)
    seen(page, "invitation", locale)
    page.fill("#password", "monsoon-terrace-9")
    page.fill("#again", "monsoon-terrace-9")
    send(page, "/invitations/")
    assert page.url.endswith("/sign-in")
    page.fill("#login", email)
    page.fill("#password", "monsoon-terrace-9")
    send(page, "/sign-in")
    visit(page, "/account", locale)
    context.clear_cookies(name="op-session")
    kit.sign_in(page, owner)
    visit(page, f"/people/employer/{subject}", locale)
    assert page.get_by_text("Deepak Sharma").count() >= 1
    context.close()


def test_a_long_menu_unfolds_by_keyboard_on_a_phone_and_lies_open_on_a_desk(portal: Portal, browser: Browser):
    context = kit.context(browser, portal.url, javascript=False)
    kit.enter(context, portal, portal.account("migrant")["login"])
    page = context.new_page()
    page.goto("/me")
    lines = page.locator("nav.nav li a")
    assert not lines.first.is_visible()
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    assert lines.first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav.nav') !== null")
    kit.assert_targets(page, "menu")
    page.set_viewport_size(kit.DESKTOP)  # type: ignore[arg-type]
    page.reload()
    assert not page.locator(".menu").is_visible()
    assert lines.first.is_visible()
    context.close()


# The name alone in its link, as lists of agencies show it: the link is a flex box, and the name a block in it.
NAMED = """(name) => {
  const list = document.createElement('ul'); list.className = 'tasks';
  list.innerHTML = '<li><span><a href="/"><bdi></bdi></a></span></li>';
  document.querySelector('main .wrap').append(list);
  const bdi = list.querySelector('bdi'); bdi.textContent = name;
  const text = document.createRange(); text.selectNodeContents(bdi);
  const lines = [...text.getClientRects()], box = list.querySelector('li').getBoundingClientRect();
  return lines.map(l => document.dir === 'rtl' ? Math.round(box.right - l.right) : Math.round(l.left - box.left));
}"""


URDU = "مچھا پچھرے انٹرنیشنل اوورسیز ایمپلائمنٹ سروسز پرائیویٹ لمیٹڈ"
LATIN = "Machhapuchhre International Overseas Employment Services Pvt. Ltd."


@pytest.mark.parametrize(("locale", "name"), [("ur", LATIN), ("en", URDU)])
def test_a_long_name_of_the_other_direction_begins_where_the_page_does(
    portal: Portal, browser: Browser, locale: str, name: str
):
    context = kit.context(browser, portal.url, locale=locale)
    page = context.new_page()
    page.goto("/winding-down")
    starts = page.evaluate(NAMED, name)
    assert len(starts) > 1
    assert all(abs(start) <= 1 for start in starts), starts
    context.close()
