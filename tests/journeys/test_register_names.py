"""An agency's trade name, from the proposal to the public check; the officer who is asked sees what it looks like."""

from collections.abc import Callable

import pytest

from core.accounts import add_membership
from core.permissions import SubjectKind
from tests.agencies import factories as make
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff
from tests.journeys.person import Person

pytestmark = pytest.mark.browser


def owned(portal: Portal, name: str) -> tuple[str, str]:
    """A licensed agency with an owner. Gives the owner's login and the agency's page."""
    with portal.sessions() as session:
        agency, _licence = make.licensed(session, name)
        account = make.account(session)
        add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
        session.commit()
        assert account.email
        return account.email, f"/agencies/{agency.id}"


def test_a_trade_name_goes_through_two_desks_into_the_public_check(
    portal: Portal, somebody: Callable[..., Person], request: pytest.FixtureRequest
):
    # Each walk has names of its own: the second would look like the first one's.
    phone = "phone" in request.node.name
    known, alike = ("Dolpo", "Dollpo") if phone else ("Mustang", "Musttang")
    with portal.sessions() as session:
        make.licensed(session, f"{known} Recruitment Pvt. Ltd.")
        session.commit()
    login, home = owned(portal, "Kanjiroba Overseas Pvt. Ltd." if phone else "Sisne Overseas Pvt. Ltd.")
    owner = somebody({"login": login})
    owner.go(home)
    owner.open("Further names in the register")
    owner.well()
    owner.press("Propose a name")
    owner.page.check("main [name=use][value=trade]")
    owner.page.check("main [name=script][value=Latn]")
    owner.fill(text=f"{alike} Overseas")
    owner.send()
    owner.sees("Waits for an officer")
    owner.well()

    public = somebody()
    public.go(f"/check?q={alike}+Overseas")
    assert "Other and earlier names" not in public.page.locator("main").inner_text()

    number = 801 if phone else 802
    approver = somebody(staff(portal, "licensing_approver", number=number))
    approver.go("/staff")
    approver.sees("Names that look like another agency’s")
    open_name(approver, home, f"{alike} Overseas")
    approver.sees(f"{known} Recruitment Pvt. Ltd.")
    approver.well()
    approver.fill(reason="Another town, another trade; the sign was seen.")
    approver.press("It can’t be mistaken: let it go on")

    officer = somebody(staff(portal, "licensing_officer", number=number))
    open_name(officer, home, f"{alike} Overseas")
    officer.fill(reason="It stands on the sign.")
    officer.press("Put it in the register")
    officer.sees("In the register")

    public.go(f"/check?q={alike}+Overseas")
    public.sees("Other and earlier names")
    public.sees(f"{alike} Overseas")
    public.well()

    owner.go(f"{home}/names")
    owner.unfold("Withdraw it")
    kit.follow(owner.page.locator("main form[action$='/withdraw'] button"))
    owner.sees("Withdrawn")
    public.go(f"/check?q={alike}+Overseas")
    assert "Other and earlier names" not in public.page.locator("main").inner_text()


def open_name(officer: Person, home: str, name: str) -> None:
    """By the agency's page and the list of its names."""
    officer.go(f"/licensing{home}")
    officer.open("Names in the register")
    officer.well()
    officer.open(name)
    officer.well()
