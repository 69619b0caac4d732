"""A migrant's own steps: take an offer, choose who receives, confirm, pay, cancel, dispute."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import codes
from core.accounts import UserAccount
from core.actor import SYSTEM, Actor
from core.audit import canonical
from core.db import db_now
from core.errors import DomainError, NotVisible, TooLate
from core.i18n import _l
from core.jobs import enqueue
from core.money import Money
from core.permissions import SubjectKind
from core.privacy import new_person
from core.throttle import hit
from law.country import deployment
from migrants.registration.models import Migrant
from migrants.registration.status import MigrantStatus
from remittance.funding.reference import new_reference
from remittance.orders import policies
from remittance.orders.models import Beneficiary, Remittance
from remittance.orders.screening import screening_list
from remittance.orders.status import RemittanceStatus, remittance_workflow
from remittance.quotes.services import Quote, converted, quotes
from remittance.quotes.status import PayIn
from remittance.quotes.tariffs import banks, standards

OPEN_LIMIT = 10
PURPOSE = "remittance"
# Who registered and may have a record that is set aside: no new orders in its name.
_CLOSED = frozenset({MigrantStatus.SUSPENDED, MigrantStatus.MERGED, MigrantStatus.CLOSED, MigrantStatus.PROTECTION})


@dataclass(frozen=True, slots=True)
class TakeOffer:
    """The offer that was on the screen: ``receives_minor`` and ``pays_minor`` must still be what it costs now."""

    country: str
    amount: Money
    pay_in: PayIn
    pays_minor: int
    receives_minor: int


@dataclass(frozen=True, slots=True)
class NewBeneficiary:
    full_name: str
    bank: str
    account_number: str
    town: str


def own_migrant(session: Session, actor: Actor) -> Migrant:
    """The record of the migrant who acts.

    :raises NotVisible: for everybody else.
    """
    subject = actor.subject(SubjectKind.MIGRANT)
    found = session.get(Migrant, subject) if subject else None
    if found is None:
        raise NotVisible
    return found


def own_remittance(session: Session, actor: Actor, remittance_id: UUID, *, lock: bool = False) -> Remittance:
    """One of the migrant's own remittances.

    :raises NotVisible: for anybody else's.
    """
    query = select(Remittance).where(Remittance.id == remittance_id)
    found = session.scalars(
        query.with_for_update().execution_options(populate_existing=True) if lock else query
    ).one_or_none()
    if found is None or not policies.is_own(actor, found.migrant_id):
        raise NotVisible
    return found


def find_offer(session: Session, country: str, amount: Money, pay_in: PayIn) -> Quote:
    """The offer of one way to pay in.

    :raises DomainError: when there is none there, or it would cost too much.
    """
    found = next((q for q in quotes(session, country, amount) if q.pay_in is pay_in), None)
    if found is None:
        raise DomainError(_l("This way to pay is not offered there."))
    if found.refused:
        raise DomainError(_l("This way costs more than 5% and is not offered. Choose the bank transfer."))
    return found


def take_offer(session: Session, actor: Actor, command: TakeOffer) -> Remittance:
    """Take an offer: its price stands for the service standard's minutes.

    :raises DomainError: when the price has changed since it was shown.
    """
    migrant = own_migrant(session, actor)
    session.execute(select(Migrant.id).where(Migrant.id == migrant.id).with_for_update())
    if migrant.status in _CLOSED:
        raise DomainError(_l("Your registration is closed or suspended. Please talk to an office first."))
    still_open = session.scalar(
        select(func.count())
        .select_from(Remittance)
        .where(
            Remittance.migrant_id == migrant.id,
            Remittance.status.in_([RemittanceStatus.QUOTED, RemittanceStatus.RECIPIENT_CHECKED]),
        )
    )
    if (still_open or 0) >= OPEN_LIMIT:
        raise DomainError(_l("You have many open offers. Finish or cancel one first."))
    quote = find_offer(session, command.country, command.amount, command.pay_in)
    price = quote.price
    if (price.pays.minor, price.receives.minor) != (command.pays_minor, command.receives_minor):
        raise DomainError(_l("The price has changed since you saw it. Please look at the new one."))
    remittance = Remittance(
        migrant_id=migrant.id,
        status=RemittanceStatus.QUOTED,
        country=quote.country,
        pay_in=quote.pay_in,
        rate_id=quote.rate_id,
        currency=price.amount.currency,
        amount_minor=price.amount.minor,
        service_fee_minor=price.service_fee.minor,
        pay_in_fee_minor=price.pay_in_fee.minor,
        margin_minor=price.margin.minor,
        cost_bp=price.cost_bp,
        receive_currency=price.receives.currency,
        receive_minor=price.receives.minor,
        arrival_hours=quote.arrival_hours,
        quote_expires_at=db_now(session) + timedelta(minutes=deployment().standard("quote_minutes")),
    )
    session.add(remittance)
    session.flush()
    return remittance


def add_beneficiary(session: Session, actor: Actor, command: NewBeneficiary) -> Beneficiary:
    """Add somebody who may receive money."""
    migrant = own_migrant(session, actor)
    if command.bank not in banks():
        raise DomainError(_l("Choose a bank of the list."), field="bank")
    many = session.scalar(
        select(func.count())
        .select_from(Beneficiary)
        .where(Beneficiary.migrant_id == migrant.id, Beneficiary.removed_at.is_(None))
    )
    if (many or 0) >= 20:
        raise DomainError(_l("You have 20 people on your list. Remove one first."))
    made = Beneficiary(person_key_id=new_person(session).id, migrant_id=migrant.id, bank=command.bank)
    made.full_name = command.full_name
    made.account_number = command.account_number
    made.town = command.town
    session.add(made)
    session.flush()
    return made


def own_beneficiary(session: Session, actor: Actor, beneficiary_id: UUID) -> Beneficiary:
    found = session.get(Beneficiary, beneficiary_id)
    if found is None or found.removed_at is not None or not policies.is_own(actor, found.migrant_id):
        raise NotVisible
    return found


def remove_beneficiary(session: Session, actor: Actor, beneficiary_id: UUID) -> None:
    """Take somebody off the list; remittances already sent keep their record."""
    own_beneficiary(session, actor, beneficiary_id).removed_at = db_now(session)


def choose_recipient(session: Session, actor: Actor, remittance_id: UUID, beneficiary_id: UUID) -> Remittance:
    remittance = own_remittance(session, actor, remittance_id, lock=True)
    beneficiary = own_beneficiary(session, actor, beneficiary_id)
    _still_offered(session, remittance)
    remittance_workflow.apply(session, remittance, "choose_recipient", actor=actor)
    remittance.beneficiary_id = beneficiary.id
    return remittance


def _still_offered(session: Session, remittance: Remittance) -> None:
    if remittance.quote_expires_at <= db_now(session):
        raise TooLate(_l("This offer has run out. Please start again: you will see today’s price."))


def order_hash(session: Session, remittance: Remittance) -> bytes:
    """What the sender confirms, to the last digit: amounts, recipient, account."""
    beneficiary = session.get(Beneficiary, remittance.beneficiary_id) if remittance.beneficiary_id else None
    if beneficiary is None:
        raise TooLate(_l("Choose first who receives the money."))
    facts = [
        remittance.id, remittance.currency, remittance.amount_minor, remittance.fee.minor, remittance.receive_currency,
        remittance.receive_minor, remittance.pay_in, beneficiary.id, beneficiary.full_name, beneficiary.bank,
        beneficiary.account_number,
    ]  # fmt: skip
    return sha256(canonical(facts).encode()).digest()


def send_code(session: Session, actor: Actor, remittance_id: UUID) -> Remittance:
    """Send the code that, with the password, confirms exactly this order."""
    remittance = own_remittance(session, actor, remittance_id)
    _still_offered(session, remittance)
    account = session.get_one(UserAccount, actor.require_account())
    hit("remittance-code", str(account.id), limit=10, seconds=3600)
    codes.issue_code(session, account, PURPOSE, bound=order_hash(session, remittance))
    return remittance


def authorise(session: Session, actor: Actor, remittance_id: UUID, *, secret: str, code: str) -> Remittance:
    """Confirm an order with password and code, then screen it. The same confirmation twice changes nothing."""
    remittance = own_remittance(session, actor, remittance_id, lock=True)
    _still_offered(session, remittance)
    bound = order_hash(session, remittance)
    codes.step_up(session, actor, PURPOSE, bound=bound, secret=secret, code=code)
    remittance_workflow.apply(session, remittance, "authorise", actor=actor, evidence={"order": bound.hex()})
    hours = standards()["pay_hours"][remittance.pay_in]
    remittance.pay_by = db_now(session) + timedelta(hours=hours)
    if remittance.pay_in is PayIn.BANK:
        remittance.pay_reference = new_reference()
    screen(session, remittance)
    return remittance


def screen(session: Session, remittance: Remittance) -> None:
    """Compare sender and recipient with the list; whatever is found, or not known for certain, goes to an officer."""
    found = screening_list()
    migrant = session.get_one(Migrant, remittance.migrant_id)
    beneficiary = session.get_one(Beneficiary, remittance.beneficiary_id)
    reasons: list[dict[str, object]] = []
    for who, name in (("sender", migrant.latin_name or migrant.full_name), ("recipient", beneficiary.full_name)):
        if not name:
            reasons.append({"code": "no_name", "who": who})
            continue
        reasons += [{"code": "listed", "who": who, "entry": m.entry, "score": m.score} for m in found.like(name)]
    reasons += _limits(session, remittance, migrant)
    remittance.screening = reasons
    evidence = {"list": found.origin, "dated_on": found.dated_on, "reasons": [r["code"] for r in reasons]}
    action = "hold_for_review" if reasons else "screen"
    remittance_workflow.apply(session, remittance, action, actor=SYSTEM, evidence=evidence)


def _limits(session: Session, remittance: Remittance, migrant: Migrant) -> list[dict[str, object]]:
    """Standards that ask for an officer. None was seen in the law of the country, so none refuses."""
    rules = standards()
    level = migrant.level if migrant.status is MigrantStatus.VERIFIED else 0
    worth = converted(session, remittance.amount, "USD")
    since = db_now(session) - timedelta(days=1)
    others = session.scalars(
        select(Remittance).where(
            Remittance.migrant_id == migrant.id,
            Remittance.id != remittance.id,
            Remittance.created_at > since,
            Remittance.pay_by.is_not(None),
            Remittance.status.not_in([RemittanceStatus.EXPIRED, RemittanceStatus.CANCELLED, RemittanceStatus.REFUSED]),
        )
    )
    # Counted over a day, so that splitting an amount changes nothing.
    worth += sum(converted(session, other.amount, "USD") for other in others)
    found: list[dict[str, object]] = []
    if level < rules["unverified"]["identity_level"]:
        found.append({"code": "unverified"})
    travel = rules["travel_rule"]
    if worth > travel["amount_minor"] and (level < travel["identity_level"] or not migrant.birth_date):
        found.append({"code": "travel_rule"})
    if worth > rules["largest"]["amount_minor"]:
        found.append({"code": "large"})
    return found


def cancel(session: Session, actor: Actor, remittance_id: UUID) -> Remittance:
    """Cancel before anything was paid."""
    remittance = own_remittance(session, actor, remittance_id, lock=True)
    remittance_workflow.apply(session, remittance, "cancel", actor=actor)
    return remittance


def dispute(session: Session, actor: Actor, remittance_id: UUID, *, reason: str) -> Remittance:
    """The sender says that something is wrong: an officer looks into it."""
    remittance = own_remittance(session, actor, remittance_id, lock=True)
    remittance_workflow.apply(session, remittance, "dispute", actor=actor, reason=reason)
    return remittance


def fund(session: Session, remittance: Remittance, paid: Money) -> bool:
    """Money came for a locked remittance: go on when it is exactly what was asked, in time; else an officer looks.

    Gives whether it goes on.
    """
    remittance.paid_minor += paid.minor
    remittance.paid_at = db_now(session)
    waits = remittance.status is RemittanceStatus.SCREENED
    if waits and remittance.paid_minor == remittance.pays.minor:
        remittance_workflow.apply(session, remittance, "fund", actor=SYSTEM)
        enqueue(session, "remittance.pay_out", queueing_lock="remittance.pay_out")
        return True
    if remittance_workflow.allows(remittance.status, "hold_money"):
        why = "amount" if waits else "late"
        remittance_workflow.apply(session, remittance, "hold_money", actor=SYSTEM, evidence={"why": why})
    return False
