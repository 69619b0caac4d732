"""Made-up winding down: one agency whose day has passed, with three passports on its list, one that is closed, and one that
was closed with an award unpaid."""

import io
from datetime import date, timedelta

from PIL import Image
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies import seed_desk
from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.security import claims, ledger
from agencies.security.models import SecurityClaim
from agencies.security.rules import claims_until
from agencies.winding_down import closing, custody, opening, owed
from agencies.winding_down.custody import Document
from agencies.winding_down.models import WindingDown
from agencies.winding_down.owed import Debt
from agencies.winding_down.status import DocumentKind, Outcome, OwedFor
from core.accounts import NewAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.money import Money, exponent
from core.permissions import SubjectKind
from core.world import World
from law.country import deployment

DECLARED = (("Bishnu Maya Rai", "PD1000001"), ("Santosh Chaudhary", "PD1000002"))


def demo(session: Session, world: World, worker: Actor) -> None:
    """``worker`` names the third passport; where no licence fits, nothing is made."""
    days = int(deployment().standard("winding_return_days"))
    overdue, done = (_licence(session, world.today, days, past_claims=past) for past in (False, True))
    if overdue is not None:
        _overdue(session, overdue, worker, world.actors["licensing.officer"])
    if done is not None:
        _closed(session, done, world)
    unpaid = _licence(session, world.today, days, past_claims=True)
    if unpaid is not None:
        with seed_desk.preferring(world):
            _unpaid(session, unpaid, worker, world)
    world.progress("winding down")


def _licence(session: Session, today: date, days: int, *, past_claims: bool) -> Licence | None:
    """An expired licence whose time to give back has passed, and whose time for claims has passed or not."""
    taken = exists().where(WindingDown.agency_id == Licence.agency_id)
    found = session.scalars(
        select(Licence)
        .where(~taken, Licence.status == LicenceStatus.EXPIRED, Licence.valid_until < today - timedelta(days=days))
        .where(Licence.imported_record_id.is_(None))
        .order_by(Licence.valid_until.desc(), Licence.id)
        .limit(500)
    ).all()
    return next((r for r in found if (claims_until(r.valid_until) < today) is past_claims), None)


def _owner(session: Session, licence: Licence, name: str) -> Actor:
    account = create_account(session, NewAccount(display_name=name))
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=licence.agency_id, is_owner=True)
    return actor_for(session, account)


def _overdue(session: Session, licence: Licence, worker: Actor, officer: Actor) -> None:
    owner = _owner(session, licence, "Rajan Shakya")
    file = opening.open_file(session, licence, licence.valid_until)
    first, _second = (
        custody.declare_item(session, owner, file.id, Document(DocumentKind.PASSPORT, number, name))
        for name, number in DECLARED
    )
    custody.declare(session, owner, file.id)
    custody.answer(session, owner, first.id, "say_returned")
    custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    owed.claim_debt(session, worker, file.id, Debt(OwedFor.FEE, _amount(12_000)))
    noted = owed.note_debt(session, officer, file.id, Debt(OwedFor.COSTS, _amount(4_500), "Santosh Chaudhary"))
    owed.see_paid(session, officer, noted.id, "Receipt seen, and the worker says so on the telephone.")


def _amount(units: int) -> Money:
    currency = deployment().currency
    return Money(units * 10 ** exponent(currency), currency)


def _closed(session: Session, licence: Licence, world: World) -> None:
    officer, approver = world.actors["licensing.officer"], world.actors["licensing.approver"]
    owner = _owner(session, licence, "Kumari Lama")
    file = opening.open_file(session, licence, licence.valid_until)
    item = custody.declare_item(session, owner, file.id, Document(DocumentKind.PASSPORT, "PD1000009", "Mina Gurung"))
    custody.declare(session, owner, file.id)
    custody.decide(session, officer, item.id, "see_returned", "The worker showed it at the counter.")
    if closing.hindrances(session, file):
        return
    closing.propose(session, officer, file.id, Outcome.RELEASE, "Everything is back.")
    closing.decide(session, approver, file.id, "close", "Papers compared.")


def _unpaid(session: Session, licence: Licence, worker: Actor, world: World) -> None:
    """An award that nothing is left for: granted, and the file closed with it unpaid."""
    officer, approver = world.actors["licensing.officer"], world.actors["licensing.approver"]
    owner = _owner(session, licence, "Prem Thapa")
    file = opening.open_file(session, licence, licence.valid_until)
    # More than the security holds: all of it is paid out, and this much is left over.
    held = ledger.held(session, licence.agency_id).total
    award = held + _amount(85_000)
    item = owed.claim_debt(session, worker, file.id, Debt(OwedFor.AWARD, award))
    custody.declare(session, owner, file.id)
    owed.claim(session, officer, item.id, "The award of the labour office was seen.", _paper())
    filed = session.scalars(select(SecurityClaim).where(SecurityClaim.id == item.claim_id)).one()
    claims.grant(session, approver, filed.id, claims.Grant(award, "The award is final."))
    if held.minor:
        claims.pay(session, world.actors["finance"], filed.id)
    if closing.hindrances(session, file):
        return
    closing.propose(session, officer, file.id, Outcome.SHORTFALL, "The bank confirms that nothing is left.")
    closing.decide(session, approver, file.id, "close", "Nothing is left to pay from; the award stays owed.")


def _paper() -> bytes:
    """A made-up photo of an award."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (236, 232, 220)).save(out, "PNG")
    return out.getvalue()
