"""Securities of the demo's licensed agencies, consistent with their licences: most in order, some with a story."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus, SecurityKind
from agencies.security import claims, demands, instruments, rules, watch
from agencies.security.models import (
    SecurityAccount,
    SecurityEntry,
    SecurityInstrument,
    SecurityVerification,
)
from agencies.security.status import EntryKind, InstrumentStatus
from core.actor import Actor
from core.bulk import BulkPeople
from core.files import store_upload
from core.ids import new_reference
from core.money import Money, exponent
from core.privacy import blind_index
from core.world import World
from law.country import deployment

# Days until a guarantee ends, by the place of the active agency: the first one is the demo's own.
ENDS_IN = {1: 45, 10: 5, 11: 20, 12: 58}
# Places of the agencies with a claim, an overdue demand, a top-up on its way.
CLAIM, OVERDUE, LODGED = 20, 30, 40


def confirm(session: Session, maker: Actor, checker: Actor, paper: SecurityInstrument, content: bytes) -> None:
    """The bank is asked and answers at once: for the profiles that walk the whole way by services.

    The caller lets the draws fall to ``maker``, who recorded the paper, and then to ``checker``.
    """
    reference = instruments.ask(session, maker, paper.id).reference
    instruments.answer(session, checker, paper.id, instruments.Answer(reference, True, content))


class _Books:
    """Rows of the ledger for many agencies at once."""

    def __init__(self, session: Session, world: World, content: bytes) -> None:
        self.people, self.world = BulkPeople(session), world
        self.maker, self.checker = world.staff["finance"], world.staff["finance.checker"]
        self.file = store_upload(session, world.actors["finance"], content, purpose="licence.security").id

    def paper(
        self, account: UUID, kind: SecurityKind, minor: int, booked: date, number: int, until: date | None
    ) -> UUID:
        bank = deployment().banks[number % len(deployment().banks)]
        code = f"{'BG' if kind is SecurityKind.GUARANTEE else 'FD'}-{100000 + number}"
        today = self.world.today
        status = InstrumentStatus.EXPIRED if until and until < today else InstrumentStatus.VERIFIED
        paper: UUID = self.people.add(
            SecurityInstrument, self.people.person(), {"bank_name_sealed": bank, "document_number_sealed": code},
            account_id=account, application_id=None, kind=kind, status=status, amount_minor=minor,
            currency=deployment().currency, document_index=blind_index("licence.security", f"{bank}:{code}"),
            file_id=self.file, guarantee_until=until, extends=False, recorded_by=self.maker, verified_by=self.checker,
        )  # fmt: skip
        self.people.add_plain(
            SecurityVerification, instrument_id=paper, reference=new_reference("BV"), channel="letter",
            asked_by=self.maker, confirmed=True, answer_id=self.file, answered_by=self.checker,
            answered_at=_noon(booked),
        )  # fmt: skip
        added = EntryKind.DEPOSIT if kind is SecurityKind.CASH else EntryKind.LODGED
        self._entry(account, paper, added, kind, minor, booked, self.maker, self.checker)
        if status is InstrumentStatus.EXPIRED and until is not None:
            self._entry(account, paper, EntryKind.EXPIRED, kind, -minor, until + timedelta(days=1), None, None)
        return paper

    def _entry(
        self, account: UUID, paper: UUID, kind: EntryKind, measure: SecurityKind, minor: int, booked: date,
        made_by: UUID | None, checked_by: UUID | None,
    ) -> None:  # fmt: skip
        self.people.add_plain(
            SecurityEntry, account_id=account, instrument_id=paper, kind=kind, measure=measure, amount_minor=minor,
            booked_on=booked, made_by=made_by, checked_by=checked_by,
        )  # fmt: skip


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def demo(session: Session, world: World, licences: list[Licence], content: bytes) -> None:
    """Accounts for all licences, then a few stories told through the services."""
    books, floor = _Books(session, world, content), rules.guarantee_floor(world.today).day
    session.add_all(
        accounts := [SecurityAccount(agency_id=x.agency_id, currency=deployment().currency) for x in licences]
    )
    session.flush()
    active = 0
    for number, (licence, account) in enumerate(zip(licences, accounts, strict=True)):
        active += licence.status is LicenceStatus.ACTIVE
        cash, guarantee = _amounts(session, licence, world.today)
        until = licence.valid_until + timedelta(days=int(deployment().standard("security_tail_days")) + 30)
        if floor and licence.status is LicenceStatus.ACTIVE:
            until = max(until, floor)
        if licence.status is LicenceStatus.ACTIVE and active in ENDS_IN:
            until = world.today + timedelta(days=ENDS_IN[active])
        if cash:
            books.paper(account.id, SecurityKind.CASH, cash, licence.issued_on, number, None)
        if guarantee:
            books.paper(account.id, SecurityKind.GUARANTEE, guarantee, licence.issued_on, number, until)
    books.people.flush()
    _stories(session, world, content)
    world.progress(f"{len(accounts)} securities")


def _amounts(session: Session, licence: Licence, today: date) -> tuple[int, int]:
    """What the law says of the class; a credible amount in cash where it says nothing."""
    needed = rules.required(session, licence, today)
    if needed.known and needed.total.minor:
        return needed.cash.minor, needed.guarantee.minor
    return 1_000_000 * 10 ** exponent(deployment().currency), 0


def _stories(session: Session, world: World, content: bytes) -> None:
    """An award that waits for its decision, one that was paid and never made good, a top-up that was sent in."""
    able = world.ids["agencies"]
    officer, approver = world.actors["licensing.officer"], world.actors["licensing.approver"]
    finance = world.actors["finance"]
    unit = 10 ** exponent(deployment().currency)
    amount = Money(640_000 * unit, deployment().currency)
    file = claims.File("Award 14, workers of one job order", amount, 8, content)
    claims.file_claim(session, officer, able[CLAIM], file)
    for place in (OVERDUE, LODGED):
        award = Money((300_000 if place == OVERDUE else 180_000) * unit, deployment().currency)
        claim = claims.file_claim(session, officer, able[place], claims.File("Award 9", award, 3, content))
        claims.grant(session, approver, claim.id, claims.Grant(award, "The award is final."))
        claims.pay(session, finance, claim.id)
    account = session.scalars(select(SecurityAccount).where(SecurityAccount.agency_id == able[OVERDUE])).one()
    for late in demands.waiting(session, account.id):
        late.due_on = world.today - timedelta(days=6)
    bank = deployment().banks[0]
    paper = instruments.Paper(SecurityKind.CASH, Money(180_000 * unit, amount.currency), bank, "TOP-UP-9", content)
    instruments.ask(session, finance, instruments.record_new(session, finance, able[LODGED], paper).id)
    session.flush()
    watch.nightly(session, len(able))
    # This one stands suspended now: nobody above may count it among those who can act.
    world.ids["agencies"] = [a for a in able if a != able[OVERDUE]]
