"""Suspending at once, before a hearing: one officer proposes, another orders, and a proceeding begins with it.

A licence is cancelled, and somebody blacklisted, by an order after a hearing alone (``cases``, ``orders``).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.licensing.services import open_licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.sanctions import case_policies, cases
from agencies.sanctions.case_ends import end_case
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import OPEN, CaseStatus
from agencies.sanctions.documents import keep_suspension
from agencies.sanctions.effects import cancellable, list_directors
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from agencies.sanctions.steps import SANCTIONS, SanctionStage
from agencies.sanctions.suspension import TIMED, check_last_day, end_extensions, give_back, in_force
from core import audit
from core.accounts import Office
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Propose:
    """``last_day`` is asked for with a suspension and its extension: it lapses by itself after that day.
    ``show_cause_day``: by when the agency has to answer a suspension; the ministry's standard when it is left out.
    ``complaining_office_id``: the unit of the ministry that complains, whose officers then do not decide."""

    kind: SanctionKind
    reason: str
    last_day: date | None = None
    show_cause_day: date | None = None
    complaining_office_id: UUID | None = None


def _locked_agency(session: Session, actor: Actor, agency_id: UUID, permission: Permission) -> Agency:
    agency = agency_policies.find(session, actor, agency_id, lock=True)
    actor.require(permission, agency.office_id)
    agency_policies.refuse_conflict(session, actor, agency.id)
    return agency


def propose(session: Session, actor: Actor, agency_id: UUID, command: Propose) -> Sanction:
    """Propose a step against an agency. Nothing changes for the agency until another officer orders it.

    :raises DomainError: when it makes no sense for this agency, or the same step is proposed already.
    """
    agency = _locked_agency(session, actor, agency_id, Permission.SANCTION_PROPOSE)
    if not command.reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    _refuse_without_hearing(command)
    _refuse_senseless(session, agency.id, command.kind)
    law = check_last_day(session, agency.id, command.kind, command.last_day)
    if command.complaining_office_id is not None and session.get(Office, command.complaining_office_id) is None:
        raise DomainError(_l("Choose the office that complains."), field="office")
    sanction = Sanction(
        agency_id=agency.id,
        kind=command.kind,
        reason=command.reason,
        last_day=command.last_day if command.kind in TIMED else None,
        show_cause_day=command.show_cause_day if command.kind is SanctionKind.SUSPENSION else None,
        proposed_by=actor.require_account(),
        complaining_office_id=command.complaining_office_id,
    )
    session.add(sanction)
    session.flush()
    audit.record(
        session,
        actor,
        subject=("sanction", sanction.id),
        action="propose",
        reason=command.reason,
        evidence={"agency_id": agency.id, "kind": command.kind, "office": command.complaining_office_id, **law},
        to_status=SanctionStatus.PROPOSED,
    )
    SANCTIONS.settle(session, sanction)
    return sanction


def _refuse_without_hearing(command: Propose) -> None:
    if command.kind not in TIMED:
        raise DomainError(
            _l("This needs notice, reply and hearing first: report the agency, and a proceeding begins."), field="kind"
        )
    if command.show_cause_day and command.last_day and command.show_cause_day > command.last_day:
        raise DomainError(_l("The agency must be asked before the suspension ends."), field="show_cause_day")


def _refuse_senseless(session: Session, agency_id: UUID, kind: SanctionKind) -> None:
    waiting = exists().where(
        Sanction.agency_id == agency_id, Sanction.kind == kind, Sanction.status == SanctionStatus.PROPOSED
    )
    if session.scalar(select(waiting)):
        raise DomainError(_l("This is proposed already and waits for a decision."), field="kind")
    licence = open_licence(session, agency_id)
    if kind is SanctionKind.SUSPENSION and (licence is None or licence.status is not LicenceStatus.ACTIVE):
        raise DomainError(_l("There is no active licence to suspend."), field="kind")
    if kind is SanctionKind.EXTENSION:
        _check_extension(session, agency_id)


def _check_extension(session: Session, agency_id: UUID) -> Sanction:
    """Only a running suspension is made longer, and only once its hearing is set: waiting alone is no reason."""
    running = in_force(session, agency_id)
    if running is None or running.cause is not None:
        raise TooLate(_l("There is no suspension to make longer."), field="kind")
    case = session.get(SanctionCase, running.case_id) if running.case_id else None
    if case is None or case.status not in OPEN or case.hearing_at is None:
        raise DomainError(_l("Set the hearing first. A suspension is made longer only for a hearing."), field="kind")
    return running


def _locked(session: Session, actor: Actor, sanction_id: UUID) -> tuple[Sanction, Agency]:
    agency_id = session.scalar(select(Sanction.agency_id).where(Sanction.id == sanction_id))
    if agency_id is None:
        raise NotVisible
    agency = _locked_agency(session, actor, agency_id, Permission.SANCTION_DECIDE)
    sanction = session.scalars(
        select(Sanction).where(Sanction.id == sanction_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return sanction, agency


def _drawn(session: Session, actor: Actor, sanction_id: UUID) -> tuple[Sanction, Agency]:
    """A proposal, locked, for the officer for whom the decision was drawn.

    :raises Denied: for everybody else, the proposer and the office that complains among them.
    :raises TooLate: when it was decided already.
    """
    agency = SANCTIONS.find_agency(session, actor, sanction_id, lock=True)
    actor.require(Permission.SANCTION_DECIDE)
    agency_policies.refuse_conflict(session, actor, agency.id)
    sanction = session.get_one(Sanction, sanction_id, with_for_update=True, populate_existing=True)
    _refuse_proposer(actor, sanction)
    _refuse_unit(session, actor, sanction)
    SANCTIONS.require(session, actor, sanction, SanctionStage.DECISION)
    return sanction, agency


def _refuse_proposer(actor: Actor, sanction: Sanction) -> None:
    if sanction.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))


def _refuse_unit(session: Session, actor: Actor, sanction: Sanction) -> None:
    """
    :raises Denied: for an officer of the office that complains, here or in the proceeding that runs already.
    """
    case_policies.refuse_unit(actor, sanction)
    running = select(SanctionCase).where(SanctionCase.agency_id == sanction.agency_id, SanctionCase.status.in_(OPEN))
    for case in session.scalars(running):
        case_policies.refuse_unit(actor, case)


def order(session: Session, actor: Actor, sanction_id: UUID, reason: str) -> Sanction:
    """The second officer orders it: the licence, the register and the blacklist change at once."""
    sanction, agency = _drawn(session, actor, sanction_id)
    law = check_last_day(session, agency.id, sanction.kind, sanction.last_day)
    if sanction.kind in TIMED and SANCTION.allows(sanction.status, "order") and reason.strip():
        law = {**law, "document_sha256": keep_suspension(session, actor, sanction, law)}
    SANCTION.apply(session, sanction, "order", actor=actor, reason=reason, evidence=law)
    _note_decision(session, actor, sanction, reason)
    if agency.listed_at is None:
        agency.listed_at = db_now(session)
    evidence = {"sanction_id": sanction.id}
    licence = open_licence(session, agency.id)
    if sanction.kind is SanctionKind.SUSPENSION:
        if licence is None or licence.status is not LicenceStatus.ACTIVE:
            raise TooLate(_l("There is no active licence to suspend."))
        LICENCE.apply(session, licence, "suspend", actor=actor, reason=reason, evidence=evidence)
        cases.open_with_suspension(session, actor, agency, sanction)
    elif sanction.kind is SanctionKind.EXTENSION:
        _extend(session, sanction)
    else:
        licence = cancellable(session, agency.id)
        if licence is None and sanction.kind is SanctionKind.CANCELLATION:
            raise TooLate(_l("There is no licence to cancel."))
        if licence is not None:
            LICENCE.apply(session, licence, "cancel", actor=actor, reason=reason, evidence=evidence)
        if sanction.kind is SanctionKind.BLACKLISTING:
            list_directors(session, sanction)
    session.flush()
    return sanction


def _extend(session: Session, extension: Sanction) -> None:
    running = _check_extension(session, extension.agency_id)
    running.last_day = extension.last_day


def _note_decision(session: Session, actor: Actor, sanction: Sanction, reason: str) -> None:
    sanction.decided_by, sanction.decided_at = actor.require_account(), db_now(session)
    sanction.decision_reason = reason
    session.flush()


def reject(session: Session, actor: Actor, sanction_id: UUID, reason: str) -> Sanction:
    """The second officer does not follow the proposal."""
    sanction, _agency = _drawn(session, actor, sanction_id)
    SANCTION.apply(session, sanction, "reject", actor=actor, reason=reason)
    _note_decision(session, actor, sanction, reason)
    return sanction


def lift(session: Session, actor: Actor, sanction_id: UUID, reason: str) -> Sanction:
    """End a sanction. A suspended licence comes back, unless its last day has passed or another suspension holds.

    A cancelled licence stays cancelled: the agency applies anew.
    """
    sanction, agency = _locked(session, actor, sanction_id)
    if actor.account_id in (sanction.proposed_by, sanction.decided_by):
        raise Denied(_l("You proposed or ordered this. Another officer must lift it."))
    _refuse_unit(session, actor, sanction)
    if sanction.kind is SanctionKind.CANCELLATION:
        raise DomainError(_l("A cancelled licence does not come back. The agency can apply for a new one."))
    if sanction.kind is SanctionKind.EXTENSION:
        raise DomainError(_l("Lift the suspension itself."))
    if sanction.kind is SanctionKind.BLACKLISTING:
        raise DomainError(_l("Lifting a blacklisting needs three officers. Propose it with a public reason."))
    _refuse_on_appeal(session, actor, sanction)
    SANCTION.apply(session, sanction, "lift", actor=actor, reason=reason)
    sanction.lifted_by, sanction.lifted_on = actor.require_account(), legal_today(session)
    if sanction.kind is SanctionKind.SUSPENSION:
        end_extensions(session, actor, agency.id, reason)
        give_back(session, actor, sanction, reason)
        end_case(session, sanction.case_id, "remove", actor=actor, reason=reason)
    session.flush()
    return sanction


def _refuse_on_appeal(session: Session, actor: Actor, sanction: Sanction) -> None:
    """An order is lifted by somebody who did not make it, and not over the head of those who hear its appeal."""
    case = session.get(SanctionCase, sanction.case_id) if sanction.case_id else None
    if case is None:
        return
    if case.status in (CaseStatus.APPEALED, CaseStatus.STAYED):
        raise TooLate(_l("An appeal is open. It decides what becomes of the order."))
    if case.status not in OPEN:
        case_policies.refuse_maker(session, actor, case)


ACTIONS = {"order": order, "reject": reject, "lift": lift}
