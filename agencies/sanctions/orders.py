"""The order after a hearing, or the dismissal; decided by somebody who took no step before and is not of the complaining
office."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.licensing.services import open_licence
from agencies.sanctions import case_policies as policies
from agencies.sanctions.case_models import SanctionCase, SanctionOrder
from agencies.sanctions.case_status import CASE, KINDS_FOR, CaseStatus, OrderKind
from agencies.sanctions.documents import keep_order
from agencies.sanctions.effects import Effect, cancellable, end_interim, put_in_force
from agencies.sanctions.queries import is_blacklisted
from agencies.sanctions.telling import tell
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.money import Money
from core.permissions import Permission
from law.country import deployment
from law.engine import Applied, applies

ENDING = (OrderKind.SUSPEND, OrderKind.BLACKLIST)


@dataclass(frozen=True, slots=True)
class Decide:
    """``last_day`` for a suspension and a blacklisting, ``fine`` with its day for a fine."""

    kind: OrderKind
    reason: str
    last_day: date | None = None
    fine: Money | None = None
    fine_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class AppealTime:
    """The last day to appeal, and whether the law was seen to say so: only then a later appeal is refused."""

    until: date
    certain: bool
    evidence: dict[str, Any]


def appeal_time(today: date) -> AppealTime:
    """Days to appeal from the law file; the ministry's standard where it names none."""
    found = applies("appeal.days", on=today)
    if isinstance(found, Applied):
        return AppealTime(today + timedelta(days=int(found.value)), found.may_refuse, found.row.as_evidence())
    days = int(deployment().standard("appeal_days"))
    return AppealTime(today + timedelta(days=days), False, {**found.as_evidence(), "policy": "appeal_days"})


def blacklist_until(today: date) -> date:
    """The last day of a blacklisting that the form proposes."""
    return today + timedelta(days=int(deployment().standard("blacklist_days")))


def check_effect(session: Session, case: SanctionCase, command: Decide) -> dict[str, Any]:
    """Refuse an order that says too little, or makes no sense for this subject; gives the law as evidence.

    :raises DomainError: with the field.
    """
    today = legal_today(session)
    if command.kind not in KINDS_FOR[case.subject_kind]:
        raise DomainError(_l("This subject has no licence to cancel."), field="kind")
    if command.kind in ENDING and command.last_day is None:
        raise DomainError(_l("Write the last day. The order ends by itself after it."), field="last_day")
    if command.last_day is not None and command.last_day <= today:
        raise DomainError(_l("This day has passed."), field="last_day")
    evidence: dict[str, Any] = {}
    if command.kind is OrderKind.FINE:
        evidence["fine"] = _check_fine(command, today)
    if case.agency_id is not None:
        _check_licence(session, case, command.kind)
    return evidence


def _check_fine(command: Decide, today: date) -> dict[str, Any]:
    """The range of the law, in whole units of its currency: what was seen in the law refuses, the rest is noted."""
    if command.fine is None or command.fine.minor <= 0:
        raise DomainError(_l("Write the amount of the fine."), field="fine")
    if command.fine_due_on is None or command.fine_due_on <= today:
        raise DomainError(_l("Write the day by which to pay."), field="fine_due_on")
    found = applies("fine", on=today)
    if not isinstance(found, Applied):
        return found.as_evidence()
    low, high = found.row.money("from"), found.row.money("to")
    amount = command.fine
    outside = amount.currency != (found.row.currency or deployment().currency) or not (
        (low is None or low.minor <= amount.minor) and (high is None or amount.minor <= high.minor)
    )
    if outside and found.may_refuse:
        raise DomainError(_l("The law does not allow a fine of this amount."), field="fine")
    return {**found.row.as_evidence(), "outside_unverified_range": outside}


def _check_licence(session: Session, case: SanctionCase, kind: OrderKind) -> None:
    if kind is OrderKind.SUSPEND and open_licence(session, case.agency_id) is None:  # type: ignore[arg-type]
        raise TooLate(_l("There is no active licence to suspend."))
    if kind is OrderKind.CANCEL and cancellable(session, case.agency_id) is None:
        raise TooLate(_l("There is no licence to cancel."))
    if kind is OrderKind.BLACKLIST and is_blacklisted(session, case.agency_id):  # type: ignore[arg-type]
        raise TooLate(_l("This agency is on the blacklist already."))


def order(session: Session, actor: Actor, case_id: UUID, command: Decide) -> SanctionOrder:
    """Make the order: in writing, with its reasons, the law and how to appeal; it works at once.

    :raises Denied: for whoever prepared the proceeding, and for the complaining office.
    """
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_DECIDE)
    policies.refuse_maker(session, actor, case)
    policies.require_drawn(session, actor, case, Permission.SANCTION_DECIDE)
    if case.status is not CaseStatus.DECISION or case.heard_by is None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if not command.reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    law = check_effect(session, case, command)
    today = legal_today(session)
    appeal = appeal_time(today)
    made = SanctionOrder(
        case_id=case.id, kind=command.kind, reason=command.reason, last_day=command.last_day, prepared_by=case.heard_by,
        ordered_by=actor.require_account(), ordered_on=today, appeal_until=appeal.until,
        appeal_limit_certain=appeal.certain, law={**law, "appeal": appeal.evidence},
    )  # fmt: skip
    if command.kind is OrderKind.FINE and command.fine is not None:
        made.fine_minor, made.fine_currency = command.fine.minor, command.fine.currency
        made.fine_due_on = command.fine_due_on
    session.add(made)
    session.flush()
    digest = keep_order(session, actor, case, made)
    case.due_on = appeal.until
    evidence = {"order_id": made.id, "kind": command.kind, "law": made.law, "document_sha256": digest}
    CASE.apply(session, case, "order", actor=actor, reason=command.reason, evidence=evidence)
    put_in_force(session, actor, case, _effect(command, case.heard_by))
    tell(session, case)
    return made


def _effect(command: Decide, prepared_by: UUID) -> Effect:
    fined = command.kind is OrderKind.FINE
    return Effect(
        kind=command.kind,
        reason=command.reason,
        prepared_by=prepared_by,
        last_day=command.last_day if command.kind in ENDING else None,
        fine=command.fine if fined else None,
        fine_due_on=command.fine_due_on if fined else None,
    )


def dismiss(session: Session, actor: Actor, case_id: UUID, reason: str) -> SanctionCase:
    """Nothing is proved, or nothing has to follow. An interim suspension ends with it."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_DECIDE)
    policies.refuse_maker(session, actor, case)
    policies.require_drawn(session, actor, case, Permission.SANCTION_DECIDE)
    CASE.apply(session, case, "dismiss", actor=actor, reason=reason)
    end_interim(session, actor, case, reason)
    tell(session, case)
    return case
