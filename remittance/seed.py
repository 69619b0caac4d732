"""Made-up remittances in every state, with books that balance."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.bulk import BulkPeople
from core.db import db_now, legal_today
from core.errors import DomainError
from core.ids import new_reference
from core.money import Money, exponent
from core.world import World
from law.country import deployment
from law.seed_data import seed_data, seed_file
from migrants.registration.models import Migrant
from migrants.registration.status import MigrantStatus
from remittance import seed_work
from remittance.funding.reference import new_reference as new_pay_reference
from remittance.ledger.services import (
    BANK,
    CARD,
    FLOAT,
    OWED,
    OWN_FUNDS,
    PROVIDER_FEES,
    Posting,
    credit,
    debit,
    post_many,
)
from remittance.orders import books
from remittance.orders.models import Beneficiary, PayoutBatch, Remittance
from remittance.orders.status import RemittanceStatus as S
from remittance.quotes.services import Quote, converted, load_rates, quotes
from remittance.quotes.status import PayIn
from remittance.quotes.tariffs import banks, service_row, standards

COUNT = 2_400
# How the remittances of a year look at one moment: (state, share of 1,000).
SPREAD = (
    (S.PAID_OUT, 860), (S.IN_TRANSFER, 30), (S.SCREENED, 20), (S.SCREENING_REVIEW, 8), (S.FAILED, 12), (S.PAYOUT_UNKNOWN, 2),
    (S.EXPIRED, 30), (S.CANCELLED, 20), (S.HELD, 4), (S.QUOTED, 8), (S.RECIPIENT_CHECKED, 4), (S.DISPUTED, 2),
)  # fmt: skip
FAILURES = ("AC04", "AC04", "AC01", "BE01", "AC06", "RC04")
_HAS_PAID = {S.PAID_OUT, S.IN_TRANSFER, S.FAILED, S.PAYOUT_UNKNOWN, S.DISPUTED, S.HELD}
_WAS_SENT = {S.PAID_OUT, S.IN_TRANSFER, S.FAILED, S.PAYOUT_UNKNOWN, S.DISPUTED}


def demo(session: Session, world: World, count: int = COUNT) -> None:
    """Some thousand remittances over all corridors."""
    load_rates(session, seed_file("rates"), fresh=True)
    pool: list[UUID] = list(world.ids.get("migrants", [])) or list(
        session.scalars(
            select(Migrant.id).where(Migrant.status == MigrantStatus.VERIFIED).order_by(Migrant.id).limit(2000)
        )
    )
    if not pool:
        return
    rng = world.rng
    own = world.ids.get("demo_migrant", [])
    states = [state for state, share in SPREAD for _ in range(share * count // 1000)]
    rng.shuffle(states)
    # A family's sender sends again: fewer senders than remittances, one recipient each.
    senders = [*own, *rng.sample(pool, min(len(pool), max(1, count // 4)))]
    people = BulkPeople(session)
    recipients = {sender: _recipient(people, rng, sender) for sender in senders}
    people.flush()
    offers = _offers(session, rng)
    now = db_now(session)
    large = _large_offers(session, rng, offers)
    made = [
        _one(
            now, rng, s, rng.choice(senders), recipients=recipients, offers=large if s is S.SCREENING_REVIEW else offers
        )
        for s in states
    ]
    _write(session, made)
    seed_work.demo(session, world, made)
    world.ids["remittances"] = [r.id for r in made]
    world.progress(f"{len(made)} remittances")


def adversarial(session: Session, world: World) -> None:
    """A few for each of the first migrants: in several states, so that each wrong step can be tried."""
    load_rates(session, seed_file("rates"), fresh=True)
    rng = world.rng
    people = BulkPeople(session)
    senders: list[UUID] = list(world.ids.get("migrants", []))[:4]
    recipients = {sender: _recipient(people, rng, sender) for sender in senders}
    people.flush()
    offers = _offers(session, rng)
    wanted = (S.QUOTED, S.RECIPIENT_CHECKED, S.SCREENED, S.HELD, S.FAILED, S.PAID_OUT)
    now = db_now(session)
    made = [_one(now, rng, s, sender, recipients=recipients, offers=offers) for sender in senders for s in wanted]
    _write(session, made)
    world.found["remittances"] = [
        {"id": str(r.id), "reference": r.reference, "status": r.status, "migrant": str(r.migrant_id)} for r in made
    ]
    world.found["beneficiaries"] = [{"id": str(b), "migrant": str(m)} for m, b in recipients.items()]


def _recipient(people: BulkPeople, rng: Random, sender: UUID) -> UUID:
    person, names = people.person(), seed_data("agencies")
    return people.add(
        Beneficiary,
        person,
        {
            "full_name_sealed": f"{rng.choice(names['given'])} {rng.choice(names['family'])}",
            "account_number_sealed": "".join(rng.choice("123456789") for _ in range(14)),
            "town_sealed": rng.choice(names["towns"]),
        },
        migrant_id=sender,
        bank=rng.choice(banks()),
    )


def _offers(session: Session, rng: Random) -> list[Quote]:
    """A few hundred prices, each as the pages would have shown it."""
    home = deployment()
    found: list[Quote] = []
    served = {c: m for c, m in home.destination_currencies.items() if service_row(c, legal_today(session))}
    for country, currency in served.items():
        # About 150 to 900 dollars, in round figures as people send them.
        steps = {"KWD": (50, 280, 5), "OMR": (60, 340, 5), "BHD": (60, 330, 5), "KRW": (200_000, 1_200_000, 10_000)}
        low, high, step = steps.get(currency, (500, 3_300, 50))
        for _ in range(20):
            amount = Money(rng.randrange(low, high, step) * 10 ** exponent(currency), currency)
            found += [q for q in quotes(session, country, amount) if not q.refused]
    return found


def _large_offers(session: Session, rng: Random, offers: list[Quote]) -> list[Quote]:
    """Prices of amounts above the standard from which an officer looks; the others where one order may not send so much."""
    found: list[Quote] = []
    for country, currency in {q.country: q.price.amount.currency for q in offers}.items():
        whole = 10 ** exponent(currency)
        for thousands in (6, 7, 9):
            worth = converted(session, Money(thousands * 1000_00, "USD"), currency)
            try:
                found += quotes(session, country, Money(int(worth / whole) // 10 * 10 * whole, currency))
            except DomainError:
                continue
    return [q for q in found if not q.refused] or offers


def _one(
    now: datetime, rng: Random, state: S, sender: UUID, *, recipients: dict[UUID, UUID], offers: list[Quote]
) -> Remittance:
    quote = rng.choice(offers)
    price = quote.price
    fresh = state in (S.QUOTED, S.RECIPIENT_CHECKED, S.SCREENED, S.SCREENING_REVIEW, S.IN_TRANSFER, S.HELD)
    begun = now - timedelta(
        hours=rng.randint(8, 20) if fresh else rng.randint(80, 24 * 300), minutes=rng.randint(0, 59)
    )
    authorised = state not in (S.QUOTED, S.RECIPIENT_CHECKED, S.EXPIRED, S.CANCELLED)
    values: dict[str, Any] = {}
    if authorised:
        values["pay_by"] = begun + timedelta(hours=standards()["pay_hours"][quote.pay_in])
        if quote.pay_in is PayIn.BANK:
            values["pay_reference"] = new_pay_reference()
    if state in _HAS_PAID:
        values |= {"paid_minor": price.pays.minor, "paid_at": begun + timedelta(hours=5)}
        if state is S.HELD:
            values["paid_minor"] -= 100 if price.pays.minor > 200 else 1
        if quote.pay_in is PayIn.CARD:
            values["payment_id"] = f"pi_seed{new_reference('PI')[3:].replace('-', '')}"
    if state in _WAS_SENT:
        values["sent_at"] = begun + timedelta(hours=6)
    if state in (S.PAID_OUT, S.DISPUTED):
        values["paid_out_at"] = begun + timedelta(hours=20)
    if state is S.FAILED:
        values["failure_code"] = rng.choice(FAILURES)
    if state is S.SCREENING_REVIEW:
        values["screening"] = [{"code": "large"}]
    return Remittance(
        migrant_id=sender,
        created_at=begun,
        status=state,
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
        quote_expires_at=begun + timedelta(minutes=deployment().standard("quote_minutes")),
        beneficiary_id=None if state is S.QUOTED else recipients[sender],
        **values,
    )


def _write(session: Session, made: list[Remittance]) -> None:
    """Rows in bulk, one batch a day, and what each step posted."""
    session.flush()
    by_day: dict[Any, list[Remittance]] = {}
    for remittance in made:
        if remittance.sent_at is not None:
            by_day.setdefault(remittance.sent_at.date(), []).append(remittance)
    for day, rows in sorted(by_day.items()):
        batch = PayoutBatch(
            reference=new_reference("PB"),
            currency=deployment().currency,
            total_minor=sum(r.receive_minor for r in rows),
            count=len(rows),
            execute_on=day,
            written_at=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=23),
        )
        session.add(batch)
        for remittance in rows:
            remittance.batch_id = batch.id
    session.flush()
    session.add_all(made)
    session.flush()
    total = sum(r.receive_minor for r in made)
    float_ = Money(total + 50_000_000_00, deployment().currency)
    postings = [Posting("seed:float", "float", None, [debit(FLOAT, float_), credit(OWN_FUNDS, float_)])]
    for remittance in sorted(made, key=lambda r: r.created_at):
        postings += _postings(remittance)
    post_many(session, postings)


def _postings(r: Remittance) -> list[Posting]:
    found: list[Posting] = []
    if r.paid_minor:
        by_card = r.pay_in is PayIn.CARD
        place = CARD if by_card else BANK
        legs = [debit(place, r.paid), credit(OWED, r.paid)]
        if by_card:
            fee = Money(r.pay_in_fee_minor, r.currency)
            legs += [debit(PROVIDER_FEES, fee), credit(CARD, fee)]
        found.append(Posting(f"seed:in:{r.id}", "funded", r.id, legs))
    if r.sent_at is not None:
        found.append(Posting(f"seed:sent:{r.id}", "sent", r.id, books.sent_legs(r)))
    if r.paid_out_at is not None:
        found.append(Posting(f"paid_out:{r.id}", "paid_out", r.id, books.paid_out_legs(r)))
    if r.status is S.FAILED:
        found.append(Posting(f"seed:failed:{r.id}", "failed", r.id, books.failed_legs(r)))
    return found
