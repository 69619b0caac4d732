"""Every page there is, looked at by axe and by measure: English, Nepali and Urdu; 320 and 360 px and desktop.

The pages come from the application's own list of addresses: a new one that nobody looks at fails a test.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from core.permissions import StaffRole
from core.web import session_cookie
from tests.journeys import kit, world, world_agencies
from tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.peopled]

# Addresses that answer no page of their own, each with the reason. Everything else is looked at.
NO_PAGES = {
    "a document, file or picture": {
        "licence.download_licence", "licence.download_paper", "licence.download_security", "clearance.document",
        "clearance.staff_paper", "exemptions.paper", "identity.photo", "orientation.certificate", "remittance.receipt", "staff.export",
        "remittance_office.reconciled_csv", "static_file", "branches.document", "branches.revoked_papers", "cases.photo",
        "proceedings.download_order", "proceedings.download_paper", "security.download_award", "security.download_bank",
        "security.download_release", "visits.photo", "visits.worker", "answer.poster", "licence.download_document",
        "proceedings.download_suspension", "winding_down.certificate", "accreditations.paper", "corrections.evidence",
        "owner_changes.paper",
        "licence_appeals.download_paper",
    },
    "for programs": {
        "answer.api", "answer.api_schema",
        "register.key_set", "register.api_licences", "register.data_dictionary_json", "register.whole_register",
        "register_log.consistency", "register_log.daily_totals", "register_log.entries", "register_log.export",
        "register_log.head", "register_log.heads", "register_log.proof", "register_log.status", "partner.about",
        "partner.register", "partner.orders", "partner.order", "health.alive", "health.ready",
    },
    "leads on to another address": {
        "winding_down.of_agency", "winding_files.of_agency", "languages.choose", "signin.home", "people.mine", "agency.home",
        "job_orders.new", "job_orders.edit", "contracts.new", "contracts.edit", "licensing.next_file",
    },
    "exists with an OpenID provider only: tests/portal/test_oidc.py": {"oidc.begin", "oidc.callback", "oidc.links"},
}  # fmt: skip
# Pages that stand between two others: looked at on the way by test_sign_up_pages and test_claim_pages.
ON_THE_WAY = {"agency.code", "agency.finish", "employer.code", "employer.finish", "claim.code", "claim.account"}
WHO = (
    "anybody", "anybody with a paper or a link", "a newcomer", "a worker with a worse contract", "a worker who may accept",
    "a worker whose contract was taken back", "a worker whose contract was sent back", "an employer whose time to recruit is over",
    "a worker who asked",
    "a worker who is asked", "a worker who may depart", "a worker who was refused", "a worker with a seat",
    "a worker with a certificate", "a worker who chooses a session", "a worker whose session was cancelled",
    "a clerk who is asked to become the owner", "a young person", "a sender", "an agency at its beginning",
    "an agency with job orders", "an agency near the end of its licence", "a refused applicant", "a refused applicant who has appealed",
    "an agency long before the end",
    "a finance officer with a renewal", "somebody with an account",
    "somebody whose address changes", "an owner who may object", "an officer who replaces an owner",
    "an officer who decides on an owner", "an employer", "a centre", "staff before the code",
    "staff who set up a telephone", "a labour officer", "a labour officer who accredits", "a mission officer",
    "a licensing officer", "a licensing approver", "a finance officer", "an identity approver", "a identity officer",
    "child protection", "a clearance approver", "a clearance officer", "an airport officer", "an inspector",
    "a remittance officer", "a remittance approver", "a staff administrator", "an auditor", "an agency with everything",
    "an appeal officer", "a licence inspector", "a licensing officer who has a tie", "a staff administrator of the department",
    "a case officer", "an employer with a proceeding", "an employer near the end of its accreditation", "an employer that is barred",
    "an agency whose licence has ended", "a worker whose passport is held", "an officer who winds down",
    "an agency that owes workers money", "a suspended agency", "a worker who was stopped", "a worker who was held",
    "a worker who was replaced", "an exemption officer",
)  # fmt: skip


def endpoint(app: Flask, address: str) -> str | None:
    try:
        path, _mark, query = address.partition("?")
        return str(app.url_map.bind("localhost").match(path, query_args=query)[0])
    except (HTTPException, RequestRedirect):
        return None


def test_no_page_is_left_out(app: Flask, seen: world.World):
    assert set(seen) == set(WHO)
    looked_at = {endpoint(app, address) for visit in seen.values() for address in visit.addresses} | ON_THE_WAY
    excused = set().union(*NO_PAGES.values())
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - excused - looked_at == set(), "nobody looks at these pages"
    assert excused - pages == set(), "excused, and no longer there"
    assert excused & looked_at == set(), "excused, and looked at"


def test_every_staff_role_is_looked_at(portal: Portal, seen: world.World):
    from core.accounts import UserAccount, actor_for

    with portal.sessions() as session:
        accounts = [session.get_one(UserAccount, v.account) for v in seen.values() if v.account and not v.pending]
        held = {r.role for account in accounts for r in actor_for(session, account).roles}
    assert held == set(StaffRole)


@pytest.fixture(scope="module", params=["en", "ne", "ur"])
def page(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[Page]:
    """One browser for each language; who is signed in changes by cookie."""
    context = kit.context(browser, portal.url, locale=request.param)
    opened_page = context.new_page()
    opened_page.locale = request.param  # type: ignore[attr-defined]
    yield opened_page
    context.close()


@pytest.mark.parametrize("who", WHO)
def test_a_page_is_well_in_every_language_and_width(portal: Portal, page: Page, seen: world.World, who: str):
    visit = seen[who]
    page.context.clear_cookies(name="op-session")
    if visit.account:
        kit.enter(page.context, portal, visit.account, pending_totp=visit.pending)
    for address in visit.addresses:
        look(page, address, who, public=visit.account is None)


def look(page: Page, address: str, who: str, *, public: bool = False) -> None:
    locale: str = page.locale  # type: ignore[attr-defined]
    page.set_viewport_size(kit.PHONE)  # type: ignore[arg-type]
    answer = page.goto(address)
    where = f"{address} as {who} in {locale}"
    assert answer is not None
    assert answer.status == (404 if address == "/no-such-page" else 200), f"{where}: {answer.status}"
    assert page.url.endswith(address), f"{where} leads to {page.url}"
    said = page.evaluate(kit.SAID)
    assert said["headings"] == 1, where
    twice = re.search(r".*[^.]\.\.(?!\.).*", said["main"])
    assert not twice, f"{where}: {twice[0]}"
    assert not re.search(r"[<>]|OpenPassage.*OpenPassage", said["title"]), f"{where}: {said['title']}"
    if public:
        # Whoever needs help finds it from every public page, under a title that tells nothing.
        assert said["help"] >= 1, where
    measure(page, where, locale)


def measure(page: Page, where: str, locale: str) -> None:
    """At a phone's width, narrower, and on a desktop. axe looks at the phone's page in Urdu, right to left, and, where it has
    elements of a look that is new there, at the desktop's in English; Nepali has the same elements, and its own words and
    script are measured."""
    assert page.evaluate("document.documentElement.lang") == locale, where
    kit.screenshot(page, f"{where}-360")
    kit.assert_well(page, f"{where} at 360px")
    said = kit.axe(page) if locale == "ur" else []
    assert not said, f"{where}: {said}"
    page.set_viewport_size({"width": 320, "height": 740})
    kit.assert_well(page, f"{where} at 320px", targets=False)
    page.set_viewport_size(kit.DESKTOP)  # type: ignore[arg-type]
    if locale == "ur":
        kit.assert_mirrored(page, where)
    kit.assert_well(page, f"{where} at 1280px")
    said = kit.axe(page, look_alone=True) if locale == "en" else []
    assert not said, f"{where} at 1280px: {said}"
    kit.screenshot(page, f"{where}-1280")


# Answers to a link that are no pages, and links that change what the walk stands on.
NOT_FOLLOWED = re.compile(r"^/(language|static|\.well-known|api)/")
UUID_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SAMPLES = 2
"""Links followed to each kind of page (one address, whatever record it names)."""


@pytest.mark.parametrize("who", WHO)
def test_no_link_leads_nowhere(portal: Portal, app: Flask, seen: world.World, who: str):
    """Whatever a page links to, its reader may open; a file counts as well."""
    visit, client = seen[who], app.test_client()
    host = portal.url.removeprefix("http://")
    if visit.account:
        token = kit.session_token(portal, visit.account, pending_totp=visit.pending)
        client.set_cookie(session_cookie(), token, domain=host.partition(":")[0])
    waiting = [address for address in visit.addresses if address != "/no-such-page"]
    known, taken = set(waiting), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, base_url=portal.url, follow_redirects=True)
        assert answer.status_code == 200, f"{who}: a link leads to {address}, which answers {answer.status_code}"
        if answer.mimetype != "text/html":
            continue
        for link in re.findall(r'<a [^>]*href="(/[^"#]*)', answer.text):
            target = unescape(link)
            kind = UUID_IN.sub("<id>", target.partition("?")[0])
            if target not in known and not NOT_FOLLOWED.match(target) and taken[kind] < SAMPLES:
                taken[kind] += 1
                known.add(target)
                waiting.append(target)


@pytest.mark.parametrize("who", ["agencies", "employers"])
def test_sign_up_pages(portal: Portal, page: Page, who: str):
    """The code, and what comes after it."""
    locale: str = page.locale  # type: ignore[attr-defined]
    email = f"{who}.{locale}@signup.example"
    page.context.clear_cookies(name="op-session")
    page.goto(f"/{who}/register")
    page.fill("#email", email)
    kit.follow(page.locator("main form button[type=submit]"))
    assert page.url.endswith(f"/{who}/register/code")
    measure(page, page.url, locale)
    page.fill("#code", kit.newest_code(portal.sessions, email))
    kit.follow(page.locator("main form button[type=submit]"))
    assert page.url.endswith(f"/{who}/register/{who.replace('agencies', 'agency').removesuffix('s')}")
    measure(page, page.url, locale)


def test_claim_pages(portal: Portal, page: Page, seen: world.World):
    """A licensee of the old register comes in: number and contact, the code, then the account."""
    locale: str = page.locale  # type: ignore[attr-defined]
    number = world_agencies.CLAIMS[locale]
    page.context.clear_cookies(name="op-session")
    page.goto("/agencies/claim")
    page.fill("#number", number)
    page.fill("#contact", world_agencies.contact(number))
    kit.follow(page.locator("main form button[type=submit]"))
    assert page.url.endswith("/agencies/claim/code")
    measure(page, page.url, locale)
    portal.drain()
    page.fill("#code", kit.newest_code(portal.sessions, world_agencies.contact(number)))
    kit.follow(page.locator("main form button[type=submit]"))
    assert page.url.endswith("/agencies/claim/account")
    measure(page, page.url, locale)


ZOOMED = {"width": 320, "height": 256}
"""What 400% zoom leaves of a screen of 1280 by 1024 (WCAG 1.4.10)."""


def test_at_400_percent_zoom_pages_reflow_and_nothing_is_lost(portal: Portal, browser: Browser, seen: world.World):
    """Whoever reads at 400% scrolls one way only, and every control is there, reachable and not covered."""
    context = kit.context(browser, portal.url, size=ZOOMED, locale="ne")
    page = context.new_page()
    for who in ("anybody", "a worker who may accept", "a labour officer", "a clearance approver"):
        context.clear_cookies(name="op-session")
        account = seen[who].account
        if account:
            kit.enter(context, portal, account)
        for address in seen[who].addresses:
            page.set_viewport_size(kit.DESKTOP)  # type: ignore[arg-type]
            page.goto(address)
            words = kit.visible_text(page)
            page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
            kit.assert_well(page, f"{address} at 400%")
            menu = page.locator(".menu summary")
            if menu.count():
                # Folded away as on a small telephone: all of it is there once it is opened.
                page.locator(".menu summary").click()
                words.insert(kit.visible_text(page).index(menu.inner_text()), menu.inner_text())
            assert kit.visible_text(page) == words, f"{address} shows less at 400%"
            assert page.evaluate(kit.COVERED) == [], f"{address} at 400%"
    context.close()


def test_a_public_page_weighs_little(portal: Portal, browser: Browser, seen: world.World):
    """Everything counted: at most 60 kB on the first visit, by a browser that knows nothing yet, and 15 kB on the second."""
    heaviest = {"first": 0, "second": 0}
    context = kit.context(browser, portal.url)
    page = context.new_page()
    for address in (*seen["anybody"].addresses, *seen["anybody with a paper or a link"].addresses):
        context.clear_cookies()
        page.context.new_cdp_session(page).send("Network.clearBrowserCache")
        first, second = weigh(page, address), weigh(page, address)
        assert 2_000 < first <= 60_000, f"{address}: {first} bytes at first"
        assert 0 < second <= 15_000, f"{address}: {second} bytes again"
        heaviest = {"first": max(first, heaviest["first"]), "second": max(second, heaviest["second"])}
    context.close()
    print(f"heaviest: {heaviest}")


def weigh(page: Page, address: str) -> int:
    """Bytes over the wire for one visit: headers and bodies of every answer that did not come from the cache."""
    total = 0

    def count(size: int) -> None:
        nonlocal total
        total += size

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: count(int(event["encodedDataLength"])))
    page.goto(address)
    # The browser tells of the last sizes just after it has loaded them.
    page.wait_for_timeout(50)
    session.detach()
    return total


def test_the_keyboard_alone_reaches_the_answer(portal: Portal, browser: Browser):
    context = kit.context(browser, portal.url)
    page = context.new_page()
    page.goto("/check")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(3):
        if page.evaluate("document.activeElement.id") == "q":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Alpha Overseas")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Alpha Overseas" in page.locator("main").inner_text()
    context.close()
