"""People and their accounts: a new address that waits, a number that waits for its code."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from agencies.registration.status import IdentifierKind
from core.accounts import actor_for
from core.ids import new_id
from core.messages import OutgoingMessage
from core.permissions import StaffRole, SubjectKind
from portal.contacts import services as contacts
from portal.contacts.status import ContactKind
from portal.owners import services as owners
from portal.owners.commands import NewOwner, Propose
from portal.owners.status import Ground
from tests.agencies import factories as make

if TYPE_CHECKING:
    from tests.journeys.world import Maker


def build(maker: "Maker") -> None:
    """Every part, in the maker's transaction."""
    _contacts(maker)
    _owners(maker)


def _contacts(maker: "Maker") -> None:
    session = maker.session
    account = make.account(session, email="before@people.example")
    actor = actor_for(session, account)
    for kind, new in ((ContactKind.EMAIL, "afterwards@people.example"), (ContactKind.PHONE, "+9779841777010")):
        contacts.ask(session, actor, contacts.Ask(kind, new, make.PASSWORD))
    sent = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(5))
    body = next(m.body for m in sent if m.address == "afterwards@people.example")
    contacts.confirm(session, actor, ContactKind.EMAIL, (body or "")[:6])
    pages = ("/account", "/account/contact/email", "/account/contact/phone", "/account/contact/phone/code")
    maker.see("somebody whose address changes", account.id, pages)


def _owners(maker: "Maker") -> None:
    """An agency whose owner may object, one whose heir is invited, and the officer who decides on a third."""
    session = maker.session
    person = NewOwner(
        "Sita Shrestha", "sita@heir.example", IdentifierKind.CITIZENSHIP, "44-01-70-5555", date(1990, 2, 3)
    )
    propose = Propose(
        SubjectKind.AGENCY, new_id(), Ground.COURT_ORDER, "Order of the court, seen", person=person, file=make.photo()
    )
    proposer, decider = maker.staff(StaffRole.LICENSING_OFFICER), maker.staff(StaffRole.LICENSING_APPROVER)
    pages = []
    for number, name in enumerate(
        ("Kuri Overseas Pvt. Ltd.", "Pathibhara Overseas Pvt. Ltd.", "Singalila Overseas Pvt. Ltd.")
    ):
        made, account, _actor = make.agency(session, name=name, native="")
        if number == 0:
            maker.see("an officer who replaces an owner", proposer, (f"/staff/owners/agency/{made.id}",))
            continue
        with make.drawn_for(decider):
            change = owners.propose(session, proposer, replace(propose, subject_id=made.id))
        if number == 1:
            owners.decide(session, decider, change.id, agree=True, reason="The order is genuine")
            maker.see("an owner who may object", account.id, (f"/people/agency/{made.id}/owner",))
        pages.append(f"/staff/owners/{change.id}")
    maker.see("an officer who decides on an owner", decider, ("/staff", *pages))
