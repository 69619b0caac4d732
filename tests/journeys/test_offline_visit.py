"""An inspector fills in the form of a visit where there is no connection, in a real browser with its service worker.

What the device keeps is one officer's: another sees nothing of it, nor does whoever comes after the sign-out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from agencies.licensing import decisions
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import ApplicationStatus
from agencies.licensing.visit_models import LicenceVisit
from core.accounts import StaffPosting, actor_for, end_posting, end_sessions, find_account
from core.db import legal_today
from core.permissions import StaffRole
from core.web import session_cookie
from tests.agencies import factories as make
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff
from tests.journeys.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("somebody", [(kit.PHONE, True)], indirect=True, ids=["phone"]),
]
NAMES = ("Rara Lake", "Phoksundo Trail", "Tilicho High", "Gosaikunda Way", "Begnas Quiet")
WORDS = "Three rooms behind the bazaar; no telephone mast in the valley."
made: list[str] = []


@dataclass
class Visit:
    """A visit that falls to the first inspector; the second may be anybody of the same office."""

    portal: Portal
    application: LicenceApplication
    inspector: dict[str, Any]
    other: dict[str, Any]

    @property
    def page(self) -> str:
        return f"/licensing/visits/{self.application.id}"

    def open(self, person: Person) -> None:
        """As at the office, with a connection: the device keeps the form from then on."""
        person.go(self.page)
        person.page.wait_for_selector("form[data-opens-offline=yes]")

    def reports(self) -> int:
        with self.portal.sessions() as session:
            return len(
                session.scalars(select(LicenceVisit).where(LicenceVisit.application_id == self.application.id)).all()
            )


@pytest.fixture
def visit(portal: Portal) -> Visit:
    name = NAMES[len(made)]
    made.append(name)
    inspectors = [staff(portal, "licence_inspector", number=number) for number in (701, 702)]
    with portal.sessions() as session:
        accounts = [find_account(session, i["login"]) for i in inspectors]
        reviewing, officer = make.officer(session, StaffRole.LICENSING_OFFICER)
        assert accounts[0]
        with make.drawn_for(officer, actor_for(session, accounts[0])):
            application, _agency, _owner = make.submitted(
                session, name=f"{name} Overseas Pvt. Ltd.", directors=[
                    make.director(f"27-01-70-88{len(made)}1", name=f"{name.split()[0]} Thapa", phone=f"+977984177880{len(made)}")
                ],
            )  # fmt: skip
            decisions.ask_visit(session, officer, application.id, "Papers complete.")
        # This officer has no sign-in: nothing is to be drawn for them later.
        for posting in session.scalars(select(StaffPosting).where(StaffPosting.account_id == reviewing.id)).all():
            end_posting(session, posting)
        session.commit()
        session.refresh(application)
        session.expunge(application)
    return Visit(portal, application, *inspectors)


def write(page: Page) -> None:
    """Every line of the checklist is yes but the first, which gets words; then the finding."""
    for answer in page.locator("[type=radio][value=yes]").all():
        answer.check()
    page.locator("[type=radio][value=no]").first.check()
    page.locator("textarea[name^=saw-]").first.fill("The sign hangs inside.")
    page.fill("[name=finding]", WORDS)


def drafts(page: Page) -> list[str]:
    found: list[str] = page.evaluate("() => Object.keys(localStorage).filter(k => k.startsWith('visit:'))")
    return found


def kept_pages(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "async () => (await (await caches.open('visits')).keys()).map(r => new URL(r.url).pathname)"
        ".filter(p => p.startsWith('/licensing'))"
    )
    return found


def assert_written(page: Page) -> None:
    assert page.input_value("[name=finding]") == WORDS
    assert page.locator("[type=radio][value=no]").first.is_checked()
    assert page.locator("[type=radio][value=yes]:checked").count() > 2
    assert page.input_value("textarea[name^=saw-] >> nth=0") == "The sign hangs inside."


def test_a_report_is_written_without_a_connection_and_handed_in_later(
    visit: Visit, somebody: Callable[..., Person], tmp_path: Path
):
    paper = tmp_path / "front.png"
    paper.write_bytes(make.photo())
    inspector = somebody(visit.inspector)
    visit.open(inspector)
    inspector.context.set_offline(True)
    inspector.page.reload()
    assert inspector.page.locator("h1").inner_text().startswith("Visit to")
    # The styles are kept, too: the page looks as it does with a connection.
    inspector.well()
    write(inspector.page)
    inspector.page.locator("main form[data-visit] button[type=submit]").press("Enter")
    inspector.page.wait_for_selector("#visit-offline:not([hidden])")
    assert visit.reports() == 0
    kit.screenshot(inspector.page, "offline-visit-refused")

    inspector.page.close()
    inspector.page = inspector.context.new_page()
    inspector.page.goto(visit.page)
    assert_written(inspector.page)
    inspector.context.set_offline(False)
    with visit.portal.sessions() as session:
        today = legal_today(session).isoformat()
    inspector.fill(visited_on=today)
    inspector.page.set_input_files("[name=photos] >> nth=0", paper)
    kit.follow(inspector.page.locator("main form[data-visit] button[type=submit]"))
    inspector.refuses_nothing("handing in")
    inspector.sees("The report was handed in.")
    assert visit.reports() == 1
    with visit.portal.sessions() as session:
        assert make.reload(session, visit.application).status is ApplicationStatus.DECISION
        kept = session.scalars(select(LicenceVisit).where(LicenceVisit.application_id == visit.application.id)).one()
        assert kept.finding == WORDS
    assert drafts(inspector.page) == []
    inspector.page.wait_for_function(
        "async () => (await (await caches.open('visits')).keys()).every(r => !r.url.includes('/licensing'))"
    )
    inspector.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_(FAILED|INTERNET_DISCONNECTED)"):
        inspector.page.goto(visit.page)


def test_a_draft_outlives_a_session_that_ended_on_the_way(visit: Visit, somebody: Callable[..., Person]):
    inspector = somebody(visit.inspector)
    visit.open(inspector)
    inspector.context.set_offline(True)
    inspector.page.reload()
    write(inspector.page)
    with visit.portal.sessions() as session:
        account = find_account(session, visit.inspector["login"])
        assert account
        end_sessions(session, account.id, why="test")
        session.commit()
    inspector.context.set_offline(False)
    inspector.page.goto(visit.page)
    assert "/sign-in" in inspector.page.url
    # With a connection, whoever is not signed in gets no kept page, and it is gone when the connection is.
    assert kept_pages(inspector.page) == []
    inspector.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_(FAILED|INTERNET_DISCONNECTED)"):
        inspector.page.goto(visit.page)
    inspector.context.set_offline(False)
    kit.enter(inspector.context, visit.portal, visit.inspector["login"])
    visit.open(inspector)
    assert_written(inspector.page)


def test_another_officer_on_the_same_device_sees_nothing_of_it(visit: Visit, somebody: Callable[..., Person]):
    first = somebody(visit.inspector)
    visit.open(first)
    write(first.page)
    assert len(drafts(first.page)) == 1
    assert str(visit.application.inspector_id) not in drafts(first.page)[0]
    assert kept_pages(first.page) == [visit.page]
    # No sign-out between: the visit is the second one's now, on the same device.
    first.context.clear_cookies(name=session_cookie())
    kit.enter(first.context, visit.portal, visit.other["login"])
    with visit.portal.sessions() as session:
        other = find_account(session, visit.other["login"])
        assert other
        make.reload(session, visit.application).inspector_id = other.id
        session.commit()
    visit.open(first)
    assert first.page.input_value("[name=finding]") == ""
    assert first.page.locator("[type=radio]:checked").count() == 0
    assert drafts(first.page) == []
    # From now on the device is the second one's: what they write goes when the first one comes back.
    write(first.page)
    assert len(drafts(first.page)) == 1
    first.context.clear_cookies(name=session_cookie())
    kit.enter(first.context, visit.portal, visit.inspector["login"])
    first.go("/staff")
    assert drafts(first.page) == []


def test_a_page_kept_for_one_officer_is_not_answered_to_the_next(visit: Visit, somebody: Callable[..., Person]):
    first = somebody(visit.inspector)
    visit.open(first)
    write(first.page)
    first.context.clear_cookies(name=session_cookie())
    kit.enter(first.context, visit.portal, visit.other["login"])
    first.go("/staff")
    assert drafts(first.page) == []
    assert kept_pages(first.page) == []
    answer = first.page.goto(visit.page)
    assert answer is not None
    assert answer.status == 404
    first.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_(FAILED|INTERNET_DISCONNECTED)"):
        first.page.goto(visit.page)


def test_signing_out_empties_the_device(visit: Visit, somebody: Callable[..., Person]):
    inspector = somebody(visit.inspector)
    visit.open(inspector)
    write(inspector.page)
    inspector.press("Sign out")
    assert drafts(inspector.page) == []
    assert kept_pages(inspector.page) == []
    inspector.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_(FAILED|INTERNET_DISCONNECTED)"):
        inspector.page.goto(visit.page)
