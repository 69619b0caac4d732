"""Securities as pages and other packages read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import SecurityKind
from agencies.registration.models import Agency
from agencies.security import ledger, rules, tranches
from agencies.security.ledger import Held
from agencies.security.models import (
    SecurityAccount,
    SecurityAlarm,
    SecurityClaim,
    SecurityDemand,
    SecurityEntry,
    SecurityInstrument,
    SecurityProposal,
    SecurityVerification,
)
from agencies.security.status import (
    OWED_CLAIMS,
    STANDING,
    WAITING,
    ClaimStatus,
    DemandCause,
    DemandStatus,
    EntryKind,
    InstrumentStatus,
    ProposalKind,
    ProposalStatus,
)
from core.db import legal_today
from core.files import pictures_of
from core.listing import AnySelect
from core.money import Money
from core.privacy import preload_keys

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many workers the agency may send in a year, or in the ``whole_term``. ``limit`` None: without end where ``known``,
    else not known.

    ``since`` is the first day of the licence year, or of the term; ``certain`` says whether the law's row may refuse.
    ``lots`` are the lots of places that its security pays for, where the class can buy some.
    """

    licence_class: str
    limit: int | None
    known: bool
    certain: bool
    since: date
    evidence: dict[str, Any]
    whole_term: bool = False
    lots: tranches.Bought | None = None

    def passed_by(self, workers: int) -> bool:
        """Whether so many workers since then are more than the class allows."""
        return self.limit is not None and workers > self.limit

    def missing_for(self, workers: int) -> Money | None:
        """The security to bring for so many workers in all; None where the class buys no lots."""
        return None if self.lots is None or self.limit is None else self.lots.missing_for(workers - self.limit)


def capacity(session: Session, agency_id: UUID, on: date, *, lock: bool = False) -> Capacity | None:
    """The worker limit of the agency's class on a day, raised by a security that suffices for a higher class.

    Asked then and there by whoever is about to add workers; None without a licence.

    :param lock: hold the agency until the caller's transaction ends, so that two additions are counted one after the other.
    """
    if lock:
        session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
    licence = rules.newest_licence(session, agency_id)
    if licence is None:
        return None
    held = ledger.held(session, agency_id)
    found = rules.worker_limit(licence.licence_class, held.cash, held.total, on)
    since = tranches.counted_since(session, licence, found, on)
    tranche = tranches.tranche_of(found.licence_class, on) if found.limit is not None else None
    if tranche is None or found.limit is None:
        return Capacity(
            found.licence_class, found.limit, found.known, found.certain, since, found.evidence, found.whole_term
        )
    lots = tranches.bought(tranche, rules.required(session, licence, on), held.total)
    return Capacity(
        found.licence_class, found.limit + lots.lots * tranche.workers, True, found.certain and tranche.certain, since,
        {**found.evidence, "tranche": tranche.evidence, "lots": lots.lots}, found.whole_term, lots,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A bank paper with what it is worth today. ``question`` is the open one, ``letter_id`` its letter."""

    id: UUID
    kind: SecurityKind
    status: InstrumentStatus
    amount: Money
    left: Money
    bank_name: str
    document_number: str
    until: date | None
    lodged_at: datetime
    recorded_by: UUID | None
    verified_by: UUID | None
    returned_why: str | None
    reference: str | None
    letter_id: UUID | None
    answer_id: UUID | None
    has_file: bool
    pictures: int
    answer_pictures: int

    @property
    def label(self) -> str:
        return f"{self.bank_name} {self.document_number}"


@dataclass(frozen=True, slots=True)
class EntryRow:
    id: UUID
    booked_on: date
    kind: EntryKind
    measure: SecurityKind
    amount: Money
    balance: Money
    made_by: UUID | None
    checked_by: UUID | None
    corrected: bool
    reverses: bool


@dataclass(frozen=True, slots=True)
class DemandRow:
    id: UUID
    reference: str
    status: DemandStatus
    cause: DemandCause
    amount: Money
    missing: Money
    due_on: date
    show_cause_by: date | None
    suspended: bool


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """``first``: the one that is to be paid next."""

    id: UUID
    reference: str
    status: ClaimStatus
    award: str
    amount: Money
    granted: Money | None
    owed: Money
    beneficiaries: int
    filed_by: UUID
    filed_at: datetime
    decided_by: UUID | None
    decision_reason: str | None
    payees: str | None
    first: bool
    pictures: int


@dataclass(frozen=True, slots=True)
class ProposalRow:
    id: UUID
    kind: ProposalKind
    status: ProposalStatus
    reason: str
    entry_id: UUID | None
    proposed_by: UUID
    decided_by: UUID | None
    decision_reason: str | None
    letter_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AlarmRow:
    at: datetime
    days: int
    about_demand: bool


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one agency's security."""

    account_id: UUID | None
    held: Held
    required: rules.Required
    licence: Licence | None
    papers: list[PaperRow]
    entries: list[EntryRow]
    demands: list[DemandRow]
    claims: list[ClaimRow]
    proposals: list[ProposalRow]
    alarms: list[AlarmRow]
    tranche: tranches.Tranche | None = None

    @property
    def short(self) -> Money:
        """What is missing today of what is asked for."""
        missing = max(
            0, self.required.total.minor - self.held.total.minor, self.required.cash.minor - self.held.cash.minor
        )
        return Money(missing if self.required.known else 0, self.held.cash.currency)

    @property
    def people(self) -> set[UUID]:
        """Every officer who is named on the page."""
        found = {i for p in self.papers for i in (p.recorded_by, p.verified_by)}
        found |= {i for e in self.entries for i in (e.made_by, e.checked_by)}
        found |= {i for c in self.claims for i in (c.filed_by, c.decided_by)}
        found |= {i for p in self.proposals for i in (p.proposed_by, p.decided_by)}
        return {i for i in found if i}


def file_of(session: Session, agency_id: UUID, *, payees: bool = False) -> File:
    """The security of one agency; the caller has asked the policy.

    :param payees: open the sealed names of those whom awards are for; for officers only.
    """
    account, licence = ledger.find_account(session, agency_id), rules.newest_licence(session, agency_id)
    held = ledger.held(session, agency_id)
    today = legal_today(session)
    needed = tranches.required_today(session, licence, today)
    if licence is None:
        needed = rules.asked_before_licence(session, agency_id) or needed
    tranche = tranches.tranche_of(licence.licence_class, today) if licence else None
    if account is None:
        return File(None, held, needed, licence, [], [], [], [], [], [], tranche)
    return File(
        account.id, held, needed, licence, _papers(session, account.id), _entries(session, account),
        _demands(session, account.id), _claims(session, account.id, payees), _proposals(session, account.id),
        _alarms(session, account.id), tranche,
    )  # fmt: skip


def _papers(session: Session, account_id: UUID) -> list[PaperRow]:
    rows = session.scalars(
        select(SecurityInstrument)
        .where(SecurityInstrument.account_id == account_id)
        .order_by(SecurityInstrument.created_at.desc(), SecurityInstrument.id.desc())
        .limit(SHOWN)
    ).all()
    preload_keys(session, [r.person_key_id for r in rows])
    worth = ledger.left_of_each(session, account_id)
    asked: dict[UUID, SecurityVerification] = {}
    for question in session.scalars(
        select(SecurityVerification)
        .where(SecurityVerification.instrument_id.in_([r.id for r in rows]))
        .order_by(SecurityVerification.created_at)
    ):
        asked[question.instrument_id] = question
    shown = pictures_of(session, [*(r.file_id for r in rows), *(q.answer_id for q in asked.values())])
    return [_paper(r, worth.get(r.id, 0), asked.get(r.id), shown) for r in rows]


def _paper(
    r: SecurityInstrument, worth: int, asked: SecurityVerification | None, shown: dict[UUID | None, int]
) -> PaperRow:
    return PaperRow(
        r.id, r.kind, r.status, Money(r.amount_minor, r.currency), Money(worth, r.currency), r.bank_name or "",
        r.document_number or "", r.guarantee_until, r.created_at, r.recorded_by, r.verified_by, r.returned_why,
        asked.reference if asked else None, asked.letter_id if asked else None, asked.answer_id if asked else None,
        r.file_id is not None, shown.get(r.file_id, 0), shown.get(asked.answer_id, 0) if asked else 0,
    )  # fmt: skip


def _entries(session: Session, account: SecurityAccount) -> list[EntryRow]:
    """Newest first, each with the balance after it."""
    balance = func.sum(SecurityEntry.amount_minor).over(order_by=(SecurityEntry.created_at, SecurityEntry.id))
    rows = session.execute(
        select(SecurityEntry, balance.label("balance"))
        .where(SecurityEntry.account_id == account.id)
        .order_by(SecurityEntry.created_at.desc(), SecurityEntry.id.desc())
        .limit(SHOWN)
    ).all()
    against = {e.reverses_id for e, _balance in rows}
    return [
        EntryRow(
            e.id, e.booked_on, e.kind, e.measure, Money(e.amount_minor, account.currency),
            Money(int(after), account.currency), e.made_by, e.checked_by, e.id in against, e.reverses_id is not None,
        )
        for e, after in rows
    ]  # fmt: skip


def _demands(session: Session, account_id: UUID) -> list[DemandRow]:
    rows = session.scalars(
        select(SecurityDemand)
        .where(SecurityDemand.account_id == account_id)
        .order_by(SecurityDemand.due_on.desc(), SecurityDemand.id.desc())
        .limit(SHOWN)
    ).all()
    return [
        DemandRow(
            d.id, d.reference, d.status, d.cause, Money(d.amount_minor, d.currency),
            Money(max(0, d.amount_minor - ledger.toward_demand(session, d.id)), d.currency)
            if d.status in WAITING else Money(0, d.currency),
            d.due_on, d.show_cause_by, d.sanction_id is not None and d.status is DemandStatus.OVERDUE,
        )
        for d in rows
    ]  # fmt: skip


def _claims(session: Session, account_id: UUID, payees: bool) -> list[ClaimRow]:
    rows = session.scalars(
        select(SecurityClaim)
        .where(SecurityClaim.account_id == account_id)
        .order_by(SecurityClaim.decided_at.nulls_last(), SecurityClaim.created_at, SecurityClaim.id)
        .limit(SHOWN)
    ).all()
    preload_keys(session, [r.person_key_id for r in rows] if payees else [])
    shown = pictures_of(session, [r.file_id for r in rows])
    first = next((r.id for r in rows if r.status in OWED_CLAIMS), None)
    return [
        ClaimRow(
            c.id, c.reference, c.status, c.award, Money(c.amount_minor, c.currency),
            Money(c.granted_minor, c.currency) if c.granted_minor else None,
            Money((c.granted_minor or 0) - c.settled_minor - ledger.paid_of_claim(session, c.id), c.currency)
            if c.status in OWED_CLAIMS else Money(0, c.currency),
            c.beneficiaries, c.filed_by, c.created_at, c.decided_by, c.decision_reason,
            c.payees if payees else None, c.id == first, shown.get(c.file_id, 0),
        )
        for c in rows
    ]  # fmt: skip


def _proposals(session: Session, account_id: UUID) -> list[ProposalRow]:
    rows = session.scalars(
        select(SecurityProposal)
        .where(SecurityProposal.account_id == account_id)
        .order_by(SecurityProposal.created_at.desc(), SecurityProposal.id.desc())
        .limit(20)
    )
    return [
        ProposalRow(
            p.id, p.kind, p.status, p.reason, p.entry_id, p.proposed_by, p.decided_by, p.decision_reason, p.letter_id,
            p.created_at,
        )
        for p in rows
    ]  # fmt: skip


def _alarms(session: Session, account_id: UUID) -> list[AlarmRow]:
    rows = session.scalars(
        select(SecurityAlarm)
        .where(SecurityAlarm.account_id == account_id)
        .order_by(SecurityAlarm.created_at.desc(), SecurityAlarm.days)
        .limit(20)
    )
    return [AlarmRow(a.created_at, a.days, a.demand_id is not None) for a in rows]


@dataclass(frozen=True, slots=True)
class Home:
    """What the agency's home says of its security: what to do first, if anything."""

    overdue: list[DemandRow]
    open: list[DemandRow]
    ending: list[date]

    @property
    def calm(self) -> bool:
        return not (self.overdue or self.open or self.ending)


def home(session: Session, agency_id: UUID) -> Home:
    """Demands that are not met, and guarantees that end soon; few queries, since every visit asks."""
    account = ledger.find_account(session, agency_id)
    if account is None:
        return Home([], [], [])
    waiting = [d for d in _demands(session, account.id) if d.status in WAITING]
    ending = session.scalars(
        select(SecurityInstrument.guarantee_until)
        .where(SecurityInstrument.account_id == account.id, SecurityInstrument.status == InstrumentStatus.EXPIRING)
        .order_by(SecurityInstrument.guarantee_until)
        .limit(10)
    ).all()
    return Home(
        [d for d in waiting if d.status is DemandStatus.OVERDUE],
        [d for d in waiting if d.status is DemandStatus.OPEN],
        [day for day in ending if day],
    )


# --- what waits for officers; each query gives id, reference or words, agency, and by what it is ordered ----------------


def _of(agencies: ColumnElement[bool], kind: Any, *columns: Any) -> AnySelect:
    return (
        select(
            kind.id, kind.created_at, SecurityAccount.agency_id, Agency.name.label("agency_name"),
            Agency.reference.label("agency_reference"), *columns,
        )
        .join(SecurityAccount, SecurityAccount.id == kind.account_id)
        .join(Agency, Agency.id == SecurityAccount.agency_id)
        .where(agencies)
    )  # fmt: skip


# Papers that an officer has to look at, to ask the bank about, or to note the answer for.
TO_DEAL_WITH = (InstrumentStatus.LODGED, InstrumentStatus.RECORDED, InstrumentStatus.VERIFICATION_ASKED)


def papers_to_deal_with(where: ColumnElement[bool]) -> AnySelect:
    rows = _of(where, SecurityInstrument, SecurityInstrument.status)
    return rows.where(SecurityInstrument.status.in_(TO_DEAL_WITH))


def papers_ending(agencies: ColumnElement[bool]) -> AnySelect:
    """Guarantees that end soon and that no newer paper replaces yet."""
    rows = _of(agencies, SecurityInstrument, SecurityInstrument.guarantee_until)
    return rows.where(SecurityInstrument.status == InstrumentStatus.EXPIRING)


def claims(where: ColumnElement[bool]) -> AnySelect:
    return _of(where, SecurityClaim, SecurityClaim.reference, SecurityClaim.decided_at)


def awards_to_pay(where: ColumnElement[bool]) -> AnySelect:
    """Granted claims that are owed, where something is left of the security to pay them with."""
    left = (
        select(func.coalesce(func.sum(SecurityEntry.amount_minor), 0))
        .join(SecurityInstrument, SecurityInstrument.id == SecurityEntry.instrument_id)
        .where(SecurityEntry.account_id == SecurityClaim.account_id, SecurityInstrument.status.in_(STANDING))
        .scalar_subquery()
    )
    payable = or_(left > 0, SecurityClaim.status == ClaimStatus.GRANTED)
    return claims(where).where(SecurityClaim.status.in_(OWED_CLAIMS), payable)


def demands_overdue(agencies: ColumnElement[bool]) -> AnySelect:
    rows = _of(agencies, SecurityDemand, SecurityDemand.reference, SecurityDemand.due_on)
    return rows.where(SecurityDemand.status == DemandStatus.OVERDUE)


def proposals(where: ColumnElement[bool]) -> AnySelect:
    return _of(where, SecurityProposal, SecurityProposal.kind)
