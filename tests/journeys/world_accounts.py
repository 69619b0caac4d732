"""People and their accounts: a new address that waits, a number that waits for its code."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.accounts import actor_for
from core.messages import OutgoingMessage
from portal.contacts import services as contacts
from portal.contacts.status import ContactKind
from tests.agencies import factories as make

if TYPE_CHECKING:
    from tests.journeys.world import Maker


def build(maker: "Maker") -> None:
    """Every part, in the maker's transaction."""
    _contacts(maker)


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
