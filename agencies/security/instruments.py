"""Bank papers: sent by the agency or recorded by an officer, confirmed by the bank, then counted.

A paper counts from the day on which a second finance officer has recorded the bank's own answer. Whoever recorded the paper
can't record the answer.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.status import SecurityKind
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.registration.services import normal_identifier
from agencies.security import demands, ledger, policies, rules
from agencies.security.bank.letter import verifier
from agencies.security.bank.port import Question
from agencies.security.drawing import PAPERS, SecurityStage
from agencies.security.ledger import Officers
from agencies.security.models import SecurityAccount, SecurityInstrument, SecurityVerification
from agencies.security.status import INSTRUMENT, STANDING, EntryKind, InstrumentStatus
from core import audit
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, TooLate
from core.files import keep, store_upload
from core.i18n import _l
from core.ids import new_reference, parse_reference
from core.money import Money
from core.permissions import ClerkRight, Permission
from core.privacy import blind_index, new_person

_RECORD = Permission.SECURITY_RECORD


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a bank paper. ``replaces`` names one that is here; ``extends``: it is the same one, made longer."""

    kind: SecurityKind
    amount: Money
    bank_name: str
    document_number: str
    content: bytes
    guarantee_until: date | None = None
    replaces: UUID | None = None
    extends: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer with its own paper; ``reference`` is the one that the question carried."""

    reference: str
    confirmed: bool
    content: bytes


def lodge(session: Session, actor: Actor, agency_id: UUID, paper: Paper) -> SecurityInstrument:
    """The agency sends in a paper: a top-up, or one in place of a guarantee that ends.

    :raises DomainError: when the paper is known already, or can't do what it is for.
    """
    agency = agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    made = _enter(session, actor, ledger.account_of(session, agency.id), paper, InstrumentStatus.LODGED)
    made.lodged_by = actor.require_account()
    session.flush()
    return _noted(session, actor, made, "lodge")


def record_new(session: Session, actor: Actor, agency_id: UUID, paper: Paper) -> SecurityInstrument:
    """A finance officer records a paper that was handed in at the counter."""
    agency = policies.officer(session, actor, agency_id, _RECORD)
    return keep_recorded(session, actor, agency, paper)


def keep_recorded(
    session: Session, actor: Actor, agency: Agency, paper: Paper, *, application_id: UUID | None = None
) -> SecurityInstrument:
    """The same for a caller that has asked its own policy and holds the agency's lock."""
    made = _enter(session, actor, ledger.account_of(session, agency.id), paper, InstrumentStatus.RECORDED)
    made.application_id, made.recorded_by = application_id, actor.require_account()
    session.flush()
    return _noted(session, actor, made, "record_new")


def _enter(
    session: Session, actor: Actor, account: SecurityAccount, paper: Paper, status: InstrumentStatus
) -> SecurityInstrument:
    _check(session, account, paper)
    number = f"{normal_identifier(paper.bank_name)}:{normal_identifier(paper.document_number)}"
    index = blind_index("licence.security", number)
    known = select(SecurityInstrument.id).where(
        SecurityInstrument.document_index == index, SecurityInstrument.status != InstrumentStatus.RETURNED
    )
    if session.scalar(known):
        raise DomainError(_l("This bank paper was recorded before."), field="document_number")
    key = new_person(session).id
    stored = store_upload(session, actor, paper.content, purpose="licence.security", person_key_id=key)
    made = SecurityInstrument(
        person_key_id=key,
        account_id=account.id,
        status=status,
        kind=paper.kind,
        amount_minor=paper.amount.minor,
        currency=paper.amount.currency,
        document_index=index,
        file_id=stored.id,
        guarantee_until=paper.guarantee_until if paper.kind is SecurityKind.GUARANTEE else None,
        replaces_id=paper.replaces,
        extends=paper.extends and paper.replaces is not None,
        recorded_by=actor.require_account() if status is InstrumentStatus.RECORDED else None,
    )
    made.bank_name, made.document_number = paper.bank_name, paper.document_number
    session.add(made)
    session.flush()
    return made


def _check(session: Session, account: SecurityAccount, paper: Paper) -> None:
    if paper.amount.currency != account.currency or paper.amount.minor <= 0:
        raise DomainError(_l("Write the amount that the bank paper shows."), field="amount")
    if paper.kind is SecurityKind.GUARANTEE:
        today = legal_today(session)
        floor = rules.guarantee_floor(today)
        if paper.guarantee_until is None or paper.guarantee_until <= today:
            raise DomainError(_l("Write a last day of the guarantee that lies ahead."), field="guarantee_until")
        if floor.day and floor.certain and not paper.extends and paper.guarantee_until < floor.day:
            raise DomainError(
                _l("By the law a guarantee that is given today must stand until %(day)s.", day=floor.day.isoformat()),
                field="guarantee_until",
            )
    if paper.replaces is None:
        return
    before = session.get(SecurityInstrument, paper.replaces)
    if before is None or before.account_id != account.id or before.kind is not SecurityKind.GUARANTEE:
        raise DomainError(_l("Choose one of the guarantees of this agency."), field="replaces")
    if paper.kind is not SecurityKind.GUARANTEE and paper.extends:
        raise DomainError(_l("Only a guarantee can be made longer."), field="replaces")
    if before.status not in STANDING:
        raise DomainError(_l("This guarantee does not stand any more: send the paper as a new one."), field="replaces")
    if (
        paper.extends
        and before.guarantee_until
        and (paper.guarantee_until or before.guarantee_until) <= before.guarantee_until
    ):
        raise DomainError(_l("The longer guarantee must end later than the one it extends."), field="guarantee_until")


def _noted(session: Session, actor: Actor, made: SecurityInstrument, action: str) -> SecurityInstrument:
    audit.record(
        session,
        actor,
        subject=("security_instrument", made.id),
        action=action,
        evidence={
            "account_id": made.account_id,
            "kind": made.kind,
            "amount_minor": made.amount_minor,
            "currency": made.currency,
            "until": made.guarantee_until,
            "file_id": made.file_id,
            "replaces_id": made.replaces_id,
            "law": rules.guarantee_floor(legal_today(session)).evidence if made.guarantee_until else None,
        },
        to_status=str(made.status),
    )
    PAPERS.settle(session, made)
    return made


def record(session: Session, actor: Actor, instrument_id: UUID) -> SecurityInstrument:
    """A finance officer has looked at a paper that the agency sent: it is in order."""
    made, _agency = policies.locked(session, actor, PAPERS, instrument_id)
    PAPERS.require(session, actor, made, SecurityStage.PAPER)
    made.recorded_by = actor.require_account()
    INSTRUMENT.apply(session, made, "record", actor=actor)
    return made


def return_paper(session: Session, actor: Actor, instrument_id: UUID, reason: str) -> SecurityInstrument:
    """Send a paper back to the agency, with what is wrong with it."""
    made, agency = policies.locked(session, actor, PAPERS, instrument_id)
    PAPERS.require(session, actor, made, SecurityStage.PAPER)
    INSTRUMENT.apply(session, made, "return", actor=actor, reason=reason)
    made.returned_why = reason
    session.flush()
    demands.tell(session, agency.id)
    return made


def ask(session: Session, actor: Actor, instrument_id: UUID) -> SecurityVerification:
    """Put the question to the bank, under a reference that is used once. A paper of the old register, which nobody here has
    recorded, is taken up by the officer who asks."""
    made, agency = policies.locked(session, actor, PAPERS, instrument_id)
    PAPERS.require(session, actor, made, SecurityStage.PAPER)
    made.recorded_by = made.recorded_by or actor.require_account()
    question = SecurityVerification(
        instrument_id=made.id, reference=new_reference("BV"), channel="", asked_by=actor.require_account()
    )
    INSTRUMENT.apply(session, made, "ask", actor=actor, evidence={"reference": question.reference})
    asked = verifier().ask(
        Question(
            reference=question.reference,
            kind=str(made.kind),
            bank_name=made.bank_name or "",
            document_number=made.document_number or "",
            holder=agency.name,
            amount=Money(made.amount_minor, made.currency),
            until=made.guarantee_until,
            asked_on=legal_today(session),
        )
    )
    question.channel = asked.channel
    if asked.document is not None:
        question.letter_id = keep(
            session, actor, asked.document, media_type="application/pdf", purpose="security.letter",
            person_key_id=made.person_key_id,
        ).id  # fmt: skip
    session.add(question)
    session.flush()
    return question


def open_question(session: Session, instrument_id: UUID) -> SecurityVerification | None:
    query = select(SecurityVerification).where(
        SecurityVerification.instrument_id == instrument_id, SecurityVerification.answered_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def answer(session: Session, actor: Actor, instrument_id: UUID, command: Answer) -> SecurityInstrument:
    """A second finance officer records what the bank answered, with the bank's paper. A confirmed paper counts at once.

    :raises Denied: for the officer who recorded the paper.
    :raises DomainError: when the answer does not carry the reference of the open question.
    """
    made, agency = policies.locked(session, actor, PAPERS, instrument_id)
    if made.recorded_by == actor.account_id:
        raise Denied(_l("You recorded this paper. Another finance officer must record the bank’s answer."))
    PAPERS.require(session, actor, made, SecurityStage.ANSWER)
    question = open_question(session, made.id)
    if question is None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if parse_reference(command.reference) != question.reference:
        raise DomainError(_l("The bank’s answer must carry the reference of our question."), field="reference")
    stored = store_upload(session, actor, command.content, purpose="security.answer", person_key_id=made.person_key_id)
    question.confirmed, question.answer_id = command.confirmed, stored.id
    question.answered_by, question.answered_at = actor.require_account(), db_now(session)
    made.verified_by = actor.require_account() if command.confirmed else None
    evidence = {"reference": question.reference, "sha256": stored.sha256}
    action = "confirm" if command.confirmed else "deny"
    INSTRUMENT.apply(session, made, action, actor=actor, evidence=evidence)
    if command.confirmed:
        _count(session, actor, agency, made)
    demands.tell(session, agency.id)
    return made


def _count(session: Session, actor: Actor, agency: Agency, made: SecurityInstrument) -> None:
    """From now on the paper counts: first in the place of the one it replaces, then towards open demands."""
    officers = Officers(made.recorded_by, actor.require_account())
    carried = _take_out(session, actor, made, officers)
    rest = made.amount_minor - carried
    own = EntryKind.DEPOSIT if made.kind is SecurityKind.CASH else EntryKind.LODGED
    for demand, part in demands.share(session, made.account_id, rest):
        ledger.post(session, made, EntryKind.TOP_UP, part, officers, demand_id=demand.id)
        rest -= part
    if carried + rest:
        ledger.post(session, made, own, carried + rest, officers)
    demands.settle(session, agency, made.account_id)


def _take_out(session: Session, actor: Actor, made: SecurityInstrument, officers: Officers) -> int:
    """End the paper that this one replaces; gives how much of the new one only keeps the old cover up."""
    if made.replaces_id is None:
        return 0
    before = session.get_one(SecurityInstrument, made.replaces_id, populate_existing=True)
    worth = ledger.left(session, before.id)
    if before.status not in STANDING or worth == 0:
        return 0
    kind = EntryKind.EXTENDED if made.extends else EntryKind.REPLACED
    ledger.post(session, before, kind, -worth, officers)
    INSTRUMENT.apply(session, before, "replace", actor=actor, evidence={"by": made.id})
    return min(worth, made.amount_minor)
