"""The appeal against an order: to officers who took no step before, with a stay where it is asked for and granted."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions import case_policies as policies
from agencies.sanctions import drawing
from agencies.sanctions.case_ends import end_case
from agencies.sanctions.case_models import SanctionCase, SanctionOrder
from agencies.sanctions.case_status import CASE, SEVERITY, CaseStatus, OrderKind, PaperStep
from agencies.sanctions.cases import NewPaper, add_papers
from agencies.sanctions.effects import Effect, pause, put_in_force, resume, undo
from agencies.sanctions.orders import Decide, check_effect
from agencies.sanctions.telling import tell
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.money import Money
from core.permissions import Permission
from law.country import deployment, due_after
from law.engine import Applied, applies

OUTCOMES = ("uphold", "vary", "reverse")
PAPER_MISSING = _l("Add a photo or PDF of the paper that came in.")


@dataclass(frozen=True, slots=True)
class Appeal:
    """``received_on``: the day on which a paper came in; today when the agency appeals on its own page."""

    words: str
    ask_stay: bool = False
    papers: tuple[NewPaper, ...] = ()
    received_on: date | None = None


def order_of(session: Session, case: SanctionCase) -> SanctionOrder:
    """The order of a proceeding, locked."""
    found = session.scalars(
        select(SanctionOrder)
        .where(SanctionOrder.case_id == case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise TooLate(_l("There is no order yet."))
    return found


def lodge(session: Session, actor: Actor, case_id: UUID, command: Appeal) -> SanctionCase:
    """The agency appeals on its own page.

    :raises DomainError: after the last day that the law was seen to name; one that it does not name lets the appeal
        through, marked as late.
    """
    case = policies.find_own(session, actor, case_id, lock=True)
    return _lodge(session, actor, case, command, legal_today(session))


def record(session: Session, actor: Actor, case_id: UUID, command: Appeal) -> SanctionCase:
    """An officer writes down an appeal that came on paper, with the paper and the day on which it came.

    :raises DomainError: without the paper, or with a day on which it can't have come.
    """
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    order = order_of(session, case)
    received = day_of_receipt(session, command.received_on, order.ordered_on)
    if not command.papers:
        raise DomainError(PAPER_MISSING, field="file")
    _lodge(session, actor, case, command, received)
    order.appeal_received_on = received
    session.flush()
    tell(session, case)
    return case


def day_of_receipt(session: Session, received_on: date | None, earliest: date) -> date:
    """The day on which a paper came in; today when none is written. The days of an appeal count from it.

    :raises DomainError: when it lies before what the paper answers, or is still to come.
    """
    today = legal_today(session)
    received = received_on or today
    if not earliest <= received <= today:
        raise DomainError(_l("Write the day on which the paper came in."), field="received_on")
    return received


def _lodge(session: Session, actor: Actor, case: SanctionCase, command: Appeal, received: date) -> SanctionCase:
    if not command.words.strip():
        raise DomainError(_l("Write why the order is wrong."), field="words")
    order = order_of(session, case)
    late = received > order.appeal_until
    if late and order.appeal_limit_certain:
        raise TooLate(_l("The time to appeal is over. Ask the ministry in writing to hear it all the same."))
    evidence = {"received_on": received, "late": late, "stay_asked": command.ask_stay, "law": order.law.get("appeal")}
    CASE.apply(session, case, "appeal", actor=actor, evidence=evidence)
    order.appeal, order.appealed_by, order.appealed_at = command.words, actor.require_account(), db_now(session)
    order.appeal_late, order.stay_asked = late, command.ask_stay
    case.due_on = due_after(received, "stay_days") if command.ask_stay else decide_by(received)
    session.flush()
    add_papers(session, actor, case, PaperStep.APPEAL, command.papers)
    drawing.settle(session, case)
    return case


def decide_by(received: date) -> date:
    """The last day for an appeal that came on this day: the law's row, else the ministry's standard."""
    found = applies("appeal.decide_days", on=received)
    days = found.value if isinstance(found, Applied) else deployment().standard("appeal_decide_days")
    return received + timedelta(days=int(days))


def _on_appeal(session: Session, actor: Actor, case_id: UUID) -> tuple[SanctionCase, SanctionOrder]:
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_APPEAL)
    policies.refuse_first_instance(session, actor, case)
    policies.require_drawn(session, actor, case, Permission.SANCTION_APPEAL)
    return case, order_of(session, case)


def decide_stay(session: Session, actor: Actor, case_id: UUID, reason: str, *, grant: bool) -> SanctionCase:
    """Answer the request to stay the order; what is stayed does not work until the appeal is decided."""
    case, order = _on_appeal(session, actor, case_id)
    if not order.stay_asked or order.stay_decided_by is not None:
        raise TooLate(_l("No stay is asked for, or it is answered already."))
    CASE.apply(session, case, "stay" if grant else "refuse_stay", actor=actor, reason=reason)
    order.stay_decided_by, order.stay_granted, order.stay_reason = actor.require_account(), grant, reason
    case.due_on = decide_by(legal_today(session))
    if grant:
        pause(session, actor, case, reason)
    tell(session, case)
    return case


def end_stay(session: Session, actor: Actor, case_id: UUID, reason: str) -> SanctionCase:
    """The order works again before the appeal is decided."""
    case, order = _on_appeal(session, actor, case_id)
    CASE.apply(session, case, "end_stay", actor=actor, reason=reason)
    order.stay_granted = False
    resume(session, actor, case, reason)
    tell(session, case)
    return case


def decide(
    session: Session, actor: Actor, case_id: UUID, outcome: str, reason: str, milder: Decide | None = None
) -> SanctionCase:
    """Uphold, change to something milder, or reverse.

    :raises Denied: for whoever took any step before the appeal, and for the complaining office.
    :raises DomainError: when a change would not be milder.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"an appeal is not decided by {outcome}")
    case, order = _on_appeal(session, actor, case_id)
    was_stayed = case.status is CaseStatus.STAYED
    evidence: dict[str, Any] = {"order_id": order.id, "late": order.appeal_late}
    if outcome == "vary":
        if milder is None:
            raise DomainError(_l("Choose what the order becomes."), field="kind")
        _check_milder(order, milder)
        evidence["becomes"] = milder.kind
    CASE.apply(session, case, outcome, actor=actor, reason=reason, evidence=evidence)
    order.appeal_decided_by, order.appeal_decided_on = actor.require_account(), legal_today(session)
    order.appeal_reason = reason
    if outcome == "vary" and milder is not None:
        order.varied_kind, order.varied_last_day = milder.kind, milder.last_day
        order.varied_fine_minor = milder.fine.minor if milder.fine and milder.kind is OrderKind.FINE else None
    if outcome == "uphold":
        if was_stayed:
            resume(session, actor, case, reason)
    else:
        undo(session, actor, case, reason, action=outcome)
    if outcome == "vary" and milder is not None:
        check_effect(session, case, milder)
        put_in_force(session, actor, case, _effect_of(order, milder, reason))
    if outcome != "reverse" and (milder or order).kind not in (OrderKind.WARN, OrderKind.FINE):
        end_case(session, case.id, "expire", reason="ended while the appeal was open")
    session.flush()
    tell(session, case)
    return case


def _check_milder(order: SanctionOrder, milder: Decide) -> None:
    if SEVERITY[milder.kind] < SEVERITY[order.kind]:
        return
    earlier = (
        milder.kind is order.kind
        and milder.last_day is not None
        and order.last_day is not None
        and milder.last_day < order.last_day
    )
    less = (
        milder.kind is order.kind is OrderKind.FINE
        and milder.fine is not None
        and milder.fine.currency == order.fine_currency
        and milder.fine.minor < (order.fine_minor or 0)
    )
    if not (earlier or less):
        raise DomainError(_l("An appeal can make the order milder, not harder."), field="kind")


def _effect_of(order: SanctionOrder, milder: Decide, reason: str) -> Effect:
    fined = milder.kind is OrderKind.FINE
    fine: Money | None = milder.fine if fined else None
    return Effect(
        kind=milder.kind,
        reason=reason,
        prepared_by=order.ordered_by,
        last_day=milder.last_day if milder.kind in (OrderKind.SUSPEND, OrderKind.BLACKLIST) else None,
        fine=fine,
        fine_due_on=milder.fine_due_on if fined else None,
    )
