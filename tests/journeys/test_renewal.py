"""A licence is renewed, through the pages of everybody who has a hand in it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agencies.licensing.models import Licence
from core.accounts import UserAccount
from core.db import legal_today
from tests.agencies.renewal import renewals
from tests.journeys.conftest import Portal, at_a_desk, staff, steps_fall_to
from tests.journeys.person import Person
from tests.journeys.test_licence import Walk, confirm_at_the_bank, decide, status_of, walk

__all__ = ["walk"]
pytestmark = pytest.mark.browser
NAMES = ("Gosaikunda Overseas Pvt. Ltd.", "Rupina La Manpower Pvt. Ltd.")


def owner_of(walk: Walk) -> tuple[Person, str, str]:
    """An agency whose licence ends in two months. Gives its owner, the page of the agency, the licence's number."""
    with walk.portal.sessions() as session:
        agency, licence, actor = renewals.near_its_end(
            session, NAMES[walk.number - 1], number=f"27-01-70-880{walk.number}"
        )
        login = session.get_one(UserAccount, actor.account_id).email
        session.commit()
        return walk.somebody({"login": login}), f"/agencies/{agency.id}", licence.number


def ask(walk: Walk, owner: Person, home: str) -> str:
    """The agency looks at the tests, gives its papers and sends the request. Gives the address of the request."""
    owner.go(home)
    owner.well()
    owner.press("Look at the renewal")
    owner.well()
    owner.sees("In the weakest year 0 workers departed; 100 are asked for.")
    owner.sees("In time")
    owner.press("Ask for the renewal")
    owner.well()
    request = owner.page.url
    for code in ("tax", "premises", "police"):
        walk.give_paper(owner, request, code)
    owner.go(request)
    owner.press("Send the request")
    owner.well()
    return request


def renew(walk: Walk, request: str, until: str) -> None:
    """Three officers: one reviews, one sets the last day, finance takes the receipt and the security."""
    page = f"/licensing/applications/{request.rsplit('/', 1)[1]}"
    reviewer = walk.drawn(request, "reviewer_id")
    reviewer.go(page)
    reviewer.well()
    reviewer.sees("Renewal of the licence of")
    reviewer.sees("look at this")
    decide(reviewer, "recommend", finding="Papers complete.", waiver="The office was visited in spring.")
    approver = walk.drawn(request, "approver_id")
    approver.go(page)
    approver.well()
    decide(
        approver, "approve", cash="5000000", guarantee="15000000", valid_until=until,
        valid_until_reason="Two years, as before.", reason="Few departures, but the year was a bad one for all.",
    )  # fmt: skip
    finance = walk.officer("finance_officer")
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    finance.go(page)
    finance.well()
    with walk.portal.sessions() as session:
        today = legal_today(session).isoformat()
    decide(finance, "fee", fee="5000", receipt=f"F-{walk.number}", paid_on=today)
    finance.well()
    form = finance.page.locator("main form[action$='/security']")
    form.locator("[name=kind][value=cash]").check()
    form.locator("[name=file]").set_input_files(walk.paper)
    decide(finance, "security", amount="20000000", bank_name="Nabil", document_number=f"renewal-{walk.number}")
    confirm_at_the_bank(walk, finance)
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    finance.go(page)
    decide(finance, "issue")
    finance.well()
    finance.sees("Receipt of the fee")


@at_a_desk
def test_an_agency_has_its_licence_renewed(walk: Walk, somebody: Callable[..., Person], portal: Portal):
    for role in ("licensing_officer", "licensing_approver"):
        staff(portal, role, number=walk.number)
    owner, home, number = owner_of(walk)
    request = ask(walk, owner, home)
    public = somebody()
    assert "licensed" in status_of(public, number).lower()
    with portal.sessions() as session:
        until = legal_today(session) + timedelta(days=790)
    renew(walk, request, until.isoformat())

    with portal.sessions() as session:
        licence = session.query(Licence).filter_by(number=number).one()
        assert licence.valid_until == until
    owner.go(home)
    owner.well()
    owner.sees(number)
    with owner.page.expect_download() as download:
        owner.page.get_by_role("link", name="Download the licence").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    assert str(until.year) in status_of(public, number)
