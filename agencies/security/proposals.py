"""What needs two officers: giving the security back, forfeiting it, correcting an entry by its opposite."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.licensing.status import LicenceStatus
from agencies.registration.models import Agency
from agencies.security import demands, ledger, policies, rules
from agencies.security.drawing import PROPOSALS, SecurityStage
from agencies.security.ledger import Officers
from agencies.security.models import (
    SecurityClaim,
    SecurityDemand,
    SecurityEntry,
    SecurityInstrument,
    SecurityProposal,
)
from agencies.security.status import (
    ADDING,
    CLAIM,
    DEMAND,
    INSTRUMENT,
    OPEN_CLAIMS,
    PROPOSAL,
    STANDING,
    WAITING,
    DemandStatus,
    EntryKind,
    ProposalKind,
    ProposalStatus,
)
from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import Outcome, WindingStatus
from core import audit
from core.actor import SYSTEM, Actor
from core.audit import AuditEvent
from core.db import db_now, legal_day, legal_today
from core.documents import render_pdf
from core.errors import Denied, DomainError
from core.files import keep
from core.i18n import _l
from core.money import Money, plain_amount
from core.permissions import Permission
from law.country import deployment
from law.engine import Applied, applies

# A correction of these would leave the paper that took the other's place without its ground.
FIXED = frozenset({EntryKind.EXTENDED, EntryKind.REPLACED, EntryKind.EXPIRED, EntryKind.CORRECTION})


def ended_on(session: Session, agency_id: UUID) -> date | None:
    """The day on which the newest licence ended; None while one is in force, or when there never was one."""
    licence = rules.newest_licence(session, agency_id)
    if licence is None or licence.status in rules.OPEN:
        return None
    if licence.status is LicenceStatus.EXPIRED:
        return licence.valid_until
    at = session.scalar(
        select(AuditEvent.at)
        .where(AuditEvent.subject_kind == "licence", AuditEvent.subject_id == licence.id)
        .where(AuditEvent.action.in_(("surrender", "cancel")))
        .order_by(AuditEvent.at.desc())
        .limit(1)
    )
    return legal_day(at) if at else licence.valid_until


def may_release(session: Session, agency_id: UUID) -> list[Any]:
    """Every reason why the security can't be given back today, as sentences; empty when it can."""
    account = ledger.find_account(session, agency_id)
    if account is None or ledger.held(session, agency_id).total.minor == 0:
        return [_l("Nothing is held.")]
    ended, reasons = ended_on(session, agency_id), []
    if ended is None:
        reasons.append(_l("The licence has not ended."))
    elif legal_today(session) <= rules.claims_until(ended):
        day = rules.claims_until(ended).isoformat()
        reasons.append(_l("Claims are taken until %(day)s.", day=day))
    if ended is not None:
        reasons += _not_wound_down(session, agency_id)
    claims = exists().where(SecurityClaim.account_id == account.id, SecurityClaim.status.in_(OPEN_CLAIMS))
    if session.scalar(select(claims)):
        reasons.append(_l("A claim is open, or an award is still owed."))
    return reasons


def _not_wound_down(session: Session, agency_id: UUID) -> list[Any]:
    """Why the winding down of the newest licence does not let the security go; empty when it was closed for that."""
    licence = rules.newest_licence(session, agency_id)
    file = session.scalars(
        select(WindingDown).where(WindingDown.licence_id == (licence.id if licence else None))
    ).one_or_none()
    if file is None or file.status is not WindingStatus.CLOSED:
        return [_l("The winding down of this agency is not closed.")]
    if file.outcome is Outcome.FORFEIT:
        return [_l("The winding down was closed with the security to be forfeited.")]
    return []


def _refuse_unready(session: Session, agency: Agency, kind: ProposalKind, entry: SecurityEntry | None) -> None:
    if kind is ProposalKind.RELEASE and (reasons := may_release(session, agency.id)):
        raise DomainError(reasons[0])
    if kind is ProposalKind.FORFEITURE and ledger.held(session, agency.id).total.minor == 0:
        raise DomainError(_l("Nothing is held."))
    if entry is not None:
        known = exists().where(SecurityEntry.reverses_id == entry.id)
        if entry.kind in FIXED or session.scalar(select(known)):
            raise DomainError(_l("This entry can’t be corrected."))


def propose(
    session: Session, actor: Actor, agency_id: UUID, kind: ProposalKind, reason: str, *, entry_id: UUID | None = None
) -> SecurityProposal:
    """A finance officer proposes; nothing moves until another officer does it.

    :raises DomainError: when it can't be done today, or something is proposed already.
    """
    agency = policies.officer(session, actor, agency_id, Permission.SECURITY_RECORD)
    account = ledger.account_of(session, agency.id)
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    entry = None
    if kind is ProposalKind.CORRECTION:
        entry = session.get(SecurityEntry, entry_id) if entry_id else None
        if entry is None or entry.account_id != account.id:
            raise DomainError(_l("Choose one of the entries."))
    _refuse_unready(session, agency, kind, entry)
    open_one = exists().where(
        SecurityProposal.account_id == account.id, SecurityProposal.status == ProposalStatus.PROPOSED
    )
    if session.scalar(select(open_one)):
        raise DomainError(_l("Something is proposed already and waits for another officer."))
    made = SecurityProposal(
        account_id=account.id,
        kind=kind,
        reason=reason,
        entry_id=entry.id if entry else None,
        proposed_by=actor.require_account(),
    )
    session.add(made)
    session.flush()
    audit.record(
        session, actor, subject=("security_proposal", made.id), action="propose", reason=reason,
        evidence={"account_id": account.id, "kind": kind, "entry_id": made.entry_id}, to_status=made.status,
    )  # fmt: skip
    PROPOSALS.settle(session, made)
    return made


def decide(session: Session, actor: Actor, proposal_id: UUID, action: str, reason: str) -> SecurityProposal:
    """``accept`` or ``reject``, by another officer than the one who proposed it."""
    made, agency = policies.locked(session, actor, PROPOSALS, proposal_id)
    if made.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))
    forfeits = made.kind is ProposalKind.FORFEITURE
    PROPOSALS.require(session, actor, made, SecurityStage.FORFEITURE if forfeits else SecurityStage.DECISION)
    made.decided_by, made.decided_at, made.decision_reason = actor.require_account(), db_now(session), reason
    evidence: dict[str, Any] = {"kind": made.kind}
    if action == "accept" and made.status is ProposalStatus.PROPOSED:
        entry = session.get(SecurityEntry, made.entry_id) if made.entry_id else None
        _refuse_unready(session, agency, made.kind, entry)
        evidence |= _carry_out(session, actor, agency, made, entry)
    PROPOSAL.apply(session, made, action, actor=actor, reason=reason, evidence=evidence)
    return made


def _carry_out(
    session: Session, actor: Actor, agency: Agency, made: SecurityProposal, entry: SecurityEntry | None
) -> dict[str, Any]:
    officers = Officers(made.proposed_by, actor.require_account())
    if entry is not None:
        return _correct(session, actor, agency, entry, officers)
    kind = EntryKind.RELEASE if made.kind is ProposalKind.RELEASE else EntryKind.FORFEITURE
    law = applies("security.forfeiture", on=legal_today(session)) if kind is EntryKind.FORFEITURE else None
    papers = _empty(session, actor, made.account_id, kind, officers)
    for dropped in demands.waiting(session, made.account_id):
        demands.withdraw(session, SYSTEM, dropped, "the account was closed")
    if kind is EntryKind.RELEASE:
        made.letter_id = _letter(session, actor, agency, papers)
    demands.tell(session, agency.id)
    row = law.row.as_evidence() if isinstance(law, Applied) else None
    return {"papers": [{"id": p.id, "minor": minor} for p, minor in papers], "law": row}


def _empty(
    session: Session, actor: Actor, account_id: UUID, kind: EntryKind, officers: Officers
) -> list[tuple[SecurityInstrument, int]]:
    worth = ledger.left_of_each(session, account_id)
    papers = session.scalars(
        select(SecurityInstrument)
        .where(SecurityInstrument.account_id == account_id, SecurityInstrument.status.in_(STANDING))
        .order_by(SecurityInstrument.id)
        .execution_options(populate_existing=True)
    ).all()
    emptied = [(p, worth[p.id]) for p in papers if worth.get(p.id, 0) > 0]
    for paper, minor in emptied:
        ledger.post(session, paper, kind, -minor, officers)
        INSTRUMENT.apply(session, paper, "release" if kind is EntryKind.RELEASE else "forfeit", actor=actor)
    return emptied


def _letter(session: Session, actor: Actor, agency: Agency, papers: list[tuple[SecurityInstrument, int]]) -> UUID:
    rows = [
        {
            "bank": p.bank_name or "",
            "number": p.document_number or "",
            "amount": f"{p.currency} {plain_amount(Money(minor, p.currency))}",
        }
        for p, minor in papers
    ]
    data = {
        "ministry": deployment().ministry,
        "holder": agency.name,
        "reference": agency.reference,
        "decided_on": legal_today(session).isoformat(),
        "papers": rows,
    }
    document = render_pdf("security_release.typ", data)
    return keep(
        session, actor, document, media_type="application/pdf", purpose="security.release",
        person_key_id=agency.person_key_id,
    ).id  # fmt: skip


def _correct(
    session: Session, actor: Actor, agency: Agency, entry: SecurityEntry, officers: Officers
) -> dict[str, Any]:
    """The exact opposite of an entry, and what hung on it is as if it had not been."""
    paper = session.get_one(SecurityInstrument, entry.instrument_id, populate_existing=True)
    if entry.amount_minor < 0 and paper.guarantee_until and paper.guarantee_until < legal_today(session):
        raise DomainError(_l("The guarantee has ended meanwhile: this entry can’t be corrected."))
    made = ledger.post(
        session, paper, EntryKind.CORRECTION, -entry.amount_minor, officers,
        claim_id=entry.claim_id, demand_id=entry.demand_id, reverses_id=entry.id,
    )  # fmt: skip
    if INSTRUMENT.allows(paper.status, "restore") and entry.amount_minor < 0:
        INSTRUMENT.apply(session, paper, "restore", actor=actor, evidence={"entry_id": made.id})
    if entry.kind is EntryKind.DRAW and entry.claim_id is not None:
        claim = session.get_one(SecurityClaim, entry.claim_id, populate_existing=True)
        if CLAIM.allows(claim.status, "owe_again"):
            CLAIM.apply(session, claim, "owe_again", actor=SYSTEM, evidence={"entry_id": made.id})
        _drop_demand_of(session, actor, entry)
    if entry.kind in ADDING and entry.demand_id is not None:
        demand = session.get_one(SecurityDemand, entry.demand_id, populate_existing=True)
        if demand.status is DemandStatus.MET:
            DEMAND.apply(session, demand, "reopen", actor=SYSTEM, evidence={"entry_id": made.id})
    demands.tell(session, agency.id)
    return {"entry_id": entry.id, "correction_id": made.id}


def _drop_demand_of(session: Session, actor: Actor, entry: SecurityEntry) -> None:
    """The demand that a taken-back payment opened, when nothing was brought towards it yet."""
    for demand in session.scalars(
        select(SecurityDemand).where(SecurityDemand.claim_id == entry.claim_id, SecurityDemand.status.in_(WAITING))
    ):
        if demand.amount_minor == -entry.amount_minor and ledger.toward_demand(session, demand.id) == 0:
            demands.withdraw(session, actor, demand, "the payment was taken back")
            return
