"""Preparing, applying for, deciding and using a departure clearance."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts import quota
from contracts.clearance import parties
from contracts.clearance.checklist import Checklist, checklist
from contracts.clearance.law_conditions import last_days
from contracts.clearance.models import ClearancePaper, DepartureClearance
from contracts.clearance.replacing import follow_registered, look_again
from contracts.clearance.status import ENDED, IN_FORCE, ClearanceStatus, clearance_workflow
from contracts.clearance.watch import missing_grounds
from contracts.employment.models import EmploymentContract
from contracts.employment.queries import registered_contract
from contracts.employment.status import Place
from contracts.interests import refuse_interest
from core import audit
from core.actor import SYSTEM, Actor
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from core.signing import sign_token
from law.country import deployment, due_after
from migrants.registration.models import Migrant
from migrants.registration.telling import tell_of_change

TOKEN_TYPE = "departure-clearance"  # noqa: S105 -- a document type
OPEN = (ClearanceStatus.COLLECTING, ClearanceStatus.QUERIED)


def _own_migrant(actor: Actor) -> UUID:
    own = actor.subject(SubjectKind.MIGRANT)
    if own is None:
        raise NotVisible
    return own


def own_clearance(session: Session, actor: Actor, *, lock: bool = False) -> DepartureClearance | None:
    """The migrant's clearance in hand; None before it was begun."""
    query = select(DepartureClearance).where(
        DepartureClearance.migrant_id == _own_migrant(actor), DepartureClearance.status.not_in(ENDED)
    )
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def begin(session: Session, actor: Actor) -> DepartureClearance:
    """Begin to collect what a clearance needs; there must be a registered contract.

    :raises DomainError: when there is none yet.
    """
    migrant_id = _own_migrant(actor)
    follow_registered(session, actor, migrant_id)
    found = own_clearance(session, actor, lock=True)
    if found is not None:
        return found
    contract = registered_contract(session, migrant_id)
    if contract is None:
        raise DomainError(_l("First you need a registered contract."))
    made = DepartureClearance(
        migrant_id=migrant_id,
        contract_id=contract.contract_id,
        job_order_id=contract.job_order_id,
        office_id=contract.office_id,
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return session.scalars(
            select(DepartureClearance).where(
                DepartureClearance.migrant_id == migrant_id, DepartureClearance.status.not_in(ENDED)
            )
        ).one()
    audit.record(session, actor, subject=("departure_clearance", made.id), action="begin")
    return made


def checked_papers(session: Session, clearance_id: UUID | None) -> frozenset[str]:
    """Papers that an officer has looked at."""
    if clearance_id is None:
        return frozenset()
    query = select(ClearancePaper.code).where(
        ClearancePaper.clearance_id == clearance_id, ClearancePaper.checked_at.is_not(None)
    )
    return frozenset(session.scalars(query))


def add_paper(
    session: Session, actor: Actor, code: str, data: bytes, centre: parties.Centre | None = None
) -> ClearancePaper:
    """The migrant gives a paper; a new one takes the place of the old and must be looked at again."""
    if code not in {p.code for p in deployment().papers["clearance"]}:
        raise NotVisible
    clearance = own_clearance(session, actor, lock=True) or begin(session, actor)
    if clearance.status not in OPEN:
        raise DomainError(_l("You have applied already. Wait for the officer's answer."))
    key = session.scalars(select(Migrant.person_key_id).where(Migrant.id == clearance.migrant_id)).one()
    stored = store_upload(session, actor, data, purpose=f"clearance {code}", person_key_id=key)
    paper = session.scalars(
        select(ClearancePaper)
        .where(ClearancePaper.clearance_id == clearance.id, ClearancePaper.code == code)
        .with_for_update()
    ).one_or_none()
    if paper is None:
        paper = ClearancePaper(clearance_id=clearance.id, code=code, file_id=stored.id)
        session.add(paper)
    paper.file_id, paper.checked_by, paper.checked_at = stored.id, None, None
    parties.note_centre(session, paper, centre)
    session.flush()
    return paper


def apply_for(session: Session, actor: Actor, flight_on: date | None) -> DepartureClearance:
    """Apply: every hard condition must hold; what is soft is for the officer.

    :raises DomainError: naming what is missing first.
    """
    follow_registered(session, actor, _own_migrant(actor))
    clearance = own_clearance(session, actor, lock=True)
    if clearance is None:
        raise DomainError(_l("First you need a registered contract."))
    if flight_on is not None and flight_on < legal_today(session):
        raise DomainError(_l("The day of the flight has passed."), field="flight_on")
    found = checklist(session, clearance.migrant_id, checked_papers(session, clearance.id), flight_on=flight_on)
    _refuse_hard(found)
    clearance.flight_on, clearance.applied_at = flight_on, db_now(session)
    clearance.due_on = due_after(legal_today(session), "clearance_review_days")
    clearance_workflow.apply(session, clearance, "apply", actor=actor, evidence=_evidence(found))
    return clearance


def begin_again(session: Session, actor: Actor) -> DepartureClearance:
    """After a refusal the worker mends what was wrong, and applies anew. The papers stay; each has to be looked at again.

    :raises DomainError: when there is no clearance that was refused.
    """
    clearance = own_clearance(session, actor, lock=True)
    if clearance is None:
        raise DomainError(_l("First you need a registered contract."))
    clearance_workflow.apply(session, clearance, "begin_again", actor=actor)
    clearance.reviewed_by = clearance.applied_at = clearance.flight_on = clearance.due_on = None
    look_again(session, clearance)
    return clearance


def _refuse_hard(found: Checklist) -> None:
    if found.hard_open:
        raise DomainError(_l("Still missing: %(what)s.", what=", ".join(str(c.title) for c in found.hard_open)))


def _evidence(found: Checklist) -> dict[str, object]:
    return {"conditions": [c.as_evidence() for c in found.conditions]}


def appeal(session: Session, actor: Actor, reason: str) -> DepartureClearance:
    """The worker has standing: a refusal is looked at again, by others."""
    clearance = own_clearance(session, actor, lock=True)
    if clearance is None:
        raise NotVisible
    clearance_workflow.apply(session, clearance, "appeal", actor=actor, reason=reason)
    clearance.reviewed_by = clearance.granted_by = None
    return clearance


# --- officers ------------------------------------------------------------------------------------------------------


def find(session: Session, actor: Actor, clearance_id: UUID, *, lock: bool = False) -> DepartureClearance:
    """A clearance of the officer's area that is not the officer's own.

    :raises NotVisible: for every other.
    """
    found = session.get(DepartureClearance, clearance_id, with_for_update=lock, populate_existing=lock)
    own = found is not None and found.migrant_id in actor.subjects(SubjectKind.MIGRANT)
    if found is None or own or found.status is ClearanceStatus.COLLECTING:
        raise NotVisible
    if not actor.can(Permission.CLEARANCE_REVIEW, found.office_id):
        raise NotVisible
    return found


def _refuse_interest(session: Session, actor: Actor, clearance: DepartureClearance) -> None:
    contract = session.get_one(EmploymentContract, clearance.contract_id)
    refuse_interest(session, actor, employer_id=contract.employer_id, agency_id=contract.agency_id)


def check_paper(
    session: Session, actor: Actor, clearance_id: UUID, code: str, centre: parties.Centre | None = None
) -> ClearancePaper:
    """An officer has looked at a paper and found it good; of a medical certificate the officer reads the health centre.

    :raises DomainError: when that centre is barred.
    """
    clearance = find(session, actor, clearance_id, lock=True)
    _refuse_interest(session, actor, clearance)
    paper = session.scalars(
        select(ClearancePaper)
        .where(ClearancePaper.clearance_id == clearance.id, ClearancePaper.code == code)
        .with_for_update()
    ).one_or_none()
    if paper is None or clearance.status not in (ClearanceStatus.APPLIED, ClearanceStatus.UNDER_REVIEW):
        raise NotVisible
    seen: dict[str, object] = {"paper": code, "file": paper.file_id}
    if code == parties.MEDICAL:
        parties.note_centre(session, paper, centre)
        seen |= parties.refuse_barred(session, paper)
    paper.checked_by, paper.checked_at = actor.account_id, db_now(session)
    audit.record(
        session,
        actor,
        subject=("departure_clearance", clearance.id),
        action="check_paper",
        evidence=seen,
    )
    return paper


def decide(session: Session, actor: Actor, clearance_id: UUID, action: str, reason: str) -> DepartureClearance:
    """Review, query, grant, refuse or revoke.

    :raises DomainError: when a hard condition does not hold at this moment.
    :raises Denied: to the officer who reviewed, when granting or refusing.
    """
    if action not in ("review", "query", "grant", "refuse", "revoke", "let_go"):
        raise NotVisible
    clearance = find(session, actor, clearance_id, lock=True)
    _refuse_interest(session, actor, clearance)
    if action in ("grant", "refuse") and clearance.reviewed_by == actor.account_id:
        raise Denied(_l("Another officer has to decide this."))
    if action in ("review", "grant", "refuse") and _decided_before_appeal(session, actor, clearance):
        raise Denied(_l("You took part before the appeal. Other officers look at it now."))
    # Licence, contract and papers are asked now and held until this transaction ends.
    found = checklist(
        session, clearance.migrant_id, checked_papers(session, clearance.id), flight_on=clearance.flight_on,
        lock=action == "grant",
    )  # fmt: skip
    if action == "grant":
        _refuse_hard(found)
    if action == "let_go" and missing_grounds(session, clearance, lock=True):
        raise DomainError(_l("Something it stands on has fallen away: it can't be in force now."))
    if action == "grant":
        _take_place(session, actor, clearance)
    clearance_workflow.apply(
        session, clearance, action, actor=actor, reason=reason, office_id=clearance.office_id, evidence=_evidence(found)
    )
    if action == "review":
        clearance.reviewed_by = actor.account_id
    if action == "revoke":
        quota.give_up_clearance(session, clearance.contract_id)
    if action in ("grant", "refuse", "let_go"):
        clearance.due_on = None
    tell_of_change(session, clearance.migrant_id)
    return clearance


def _decided_before_appeal(session: Session, actor: Actor, clearance: DepartureClearance) -> bool:
    """Whether this officer reviewed or refused it before the worker appealed."""
    events = select(AuditEvent.at).where(
        AuditEvent.subject_kind == "departure_clearance", AuditEvent.subject_id == clearance.id
    )
    newest = events.order_by(AuditEvent.at.desc()).limit(1)
    again = session.scalar(newest.where(AuditEvent.action == "begin_again"))
    appeals = newest.where(AuditEvent.action == "appeal")
    # What was appealed before the worker applied anew is over.
    appealed = (appeals.where(AuditEvent.at > again) if again else appeals).scalar_subquery()
    earlier = events.where(
        AuditEvent.actor_account_id == actor.account_id,
        AuditEvent.action.in_(("review", "refuse")),
        AuditEvent.at < appealed,
    )
    return session.scalar(earlier.limit(1)) is not None


def _take_place(session: Session, actor: Actor, clearance: DepartureClearance) -> None:
    """The quota's place is taken in the granting transaction; the record is complete before its status says so."""
    if not clearance_workflow.allows(clearance.status, "grant"):
        return
    now = registered_contract(session, clearance.migrant_id)
    if now is not None and now.contract_id != clearance.contract_id:
        raise TooLate(
            _l("The worker has another contract since. Ask for more: the worker applies again, for that one.")
        )
    contract = quota.locked_contract(session, clearance.contract_id)
    if contract.place is not Place.CONTRACTED:
        raise TooLate(_l("No place is left in this job order."))
    quota.move(session, contract, Place.CLEARED)
    clearance.granted_by, clearance.granted_at = actor.account_id, db_now(session)
    clearance.valid_until = _valid_until(session, clearance)


def _valid_until(session: Session, clearance: DepartureClearance) -> date:
    """As long as the service standard says, and no day longer than the law's highest age or an exemption holds."""
    today = legal_today(session)
    standard = today + timedelta(days=deployment().standard("clearance_days"))
    return min([standard, *last_days(session, clearance.migrant_id, today, max(clearance.flight_on or today, today))])


def token(clearance: DepartureClearance) -> str:
    """The signed QR: reference, days and nothing of the person."""
    claims = {"did": str(clearance.id), "ref": clearance.reference, "exp_day": clearance.valid_until}
    return sign_token(claims, typ=TOKEN_TYPE)


def expire_due(session: Session) -> int:
    """Clearances past their last day run out, and their place goes back to the job order."""
    due = session.scalars(
        select(DepartureClearance)
        .where(
            DepartureClearance.status.in_(IN_FORCE),
            DepartureClearance.valid_until < legal_today(session),
        )
        .with_for_update(skip_locked=True)
        .limit(500)
    ).all()
    for clearance in due:
        clearance_workflow.apply(session, clearance, "expire", actor=SYSTEM)
        quota.give_up_clearance(session, clearance.contract_id)
    return len(due)
