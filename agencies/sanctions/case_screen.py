"""What an officer sees of one proceeding: evidence, what happened, and the steps that are this officer's now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.insider.queries import DrawRow, duty_draws
from agencies.registration import policies as agency_policies
from agencies.sanctions import case_policies as policies
from agencies.sanctions import case_queries as queries
from agencies.sanctions import reviews
from agencies.sanctions.case_models import SanctionCase, SanctionFine, SanctionOrder, SanctionPaper
from agencies.sanctions.case_status import CASE, OPEN, STAGE_TITLES, CaseStatus, FineStatus
from agencies.sanctions.documents import subject_name
from core.accounts import account_names
from core.actor import Actor
from core.errors import Denied
from core.files import pictures_of
from core.i18n import _l
from core.money import Money
from core.permissions import Permission

# What was done, in the past: a button's words would read as if it were still to do.
HISTORY_TITLES: dict[str, Any] = {
    "screen": _l("Taken up"),
    "drop": _l("Not taken up"),
    "suspend": _l("Notice with an interim suspension"),
    "notify": _l("Notice served"),
    "reply": _l("Answer received"),
    "no_reply": _l("The time to reply is over"),
    "reply_late": _l("Answer received after the day"),
    "schedule": _l("Hearing set"),
    "reschedule": _l("Hearing moved"),
    "hear": _l("Hearing written down"),
    "send_back": _l("Sent back for another hearing"),
    "dismiss": _l("Dismissed"),
    "order": _l("Order made"),
    "appeal": _l("Appeal received"),
    "stay": _l("Stay granted"),
    "refuse_stay": _l("Stay refused"),
    "end_stay": _l("Stay ended"),
    "uphold": _l("Order upheld"),
    "vary": _l("Changed to something milder"),
    "reverse": _l("Order reversed"),
    "expire": _l("Ended by time"),
    "remove": _l("Lifted"),
    "report": _l("Reported"),
    "add_paper": _l("Paper added"),
}
ACTION_TITLES: dict[str, Any] = {
    **{t.action: t.title for t in CASE.transitions.values()},
    "record_reply": _l("Write down an answer that came on paper"),
    "record_appeal": _l("Write down an appeal that came on paper"),
    "record_review": _l("Write down a request to review the suspension that came on paper"),
}
DECIDER = frozenset({"send_back", "dismiss", "order"})
ON_APPEAL = frozenset({"stay", "refuse_stay", "end_stay", "uphold", "vary", "reverse"})


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """Everything on the officer's page. ``actions`` are the steps that this officer may take now; ``hindrance`` says why
    there are none where the officer's role would have some."""

    case: SanctionCase
    name: str
    complaining_office: str
    papers: list[SanctionPaper]
    pictures: dict[UUID | None, int]
    order: SanctionOrder | None
    fine: Money | None
    fines: list[SanctionFine]
    history: list[Any]
    actions: tuple[str, ...]
    hindrance: Any
    people: dict[UUID, str]
    may_add: bool
    may_record_money: bool
    draws: list[DrawRow]


def screen(session: Session, actor: Actor, case_id: UUID) -> CaseScreen:
    """
    :raises NotVisible: when the officer does not reach the proceeding's office.
    """
    case = policies.find(session, actor, case_id)
    order, papers = queries.order_of(session, case.id), queries.papers_of(session, case.id)
    actions, hindrance = allowed(session, actor, case, order)
    who = {case.reported_by, case.screened_by, case.notified_by, case.heard_by}
    if order is not None:
        who |= {order.ordered_by, order.stay_decided_by, order.appeal_decided_by}
    fine = Money(order.fine_minor, order.fine_currency) if order and order.fine_minor and order.fine_currency else None
    return CaseScreen(
        case=case,
        name=subject_name(session, case),
        complaining_office=queries.office_name(session, case.complaining_office_id, actor.locale),
        papers=papers,
        pictures=pictures_of(session, [p.file_id for p in papers]),
        order=order,
        fine=fine,
        fines=queries.fines_of(session, case.id),
        history=[h for h in queries.steps(session, case.id) if h.action in HISTORY_TITLES],
        actions=actions,
        hindrance=hindrance,
        people=account_names(session, {i for i in who if i}),
        may_add=actor.can(Permission.SANCTION_PROPOSE, case.office_id) and case.status in OPEN | {CaseStatus.REPORTED},
        may_record_money=actor.can(Permission.SECURITY_RECORD, case.office_id),
        draws=duty_draws(session, CASE.name, case.id, STAGE_TITLES, actor.locale),
    )


def allowed(
    session: Session, actor: Actor, case: SanctionCase, order: SanctionOrder | None
) -> tuple[tuple[str, ...], Any]:
    """Steps of this officer on this proceeding, and the sentence that says why there are none."""
    place = policies.place_of(session, actor, case)
    possible = [
        t.action
        for t in CASE.available(case.status, actor)
        if t.permission is not None and actor.can(t.permission, place)
    ]
    if actor.can(Permission.SANCTION_PROPOSE, case.office_id):
        if case.status is CaseStatus.NOTICE or (case.status is CaseStatus.REPLY and case.reply is None):
            possible.append("record_reply")
        if case.status is CaseStatus.ORDERED:
            possible.append("record_appeal")
        if reviews.may_ask(session, case) is not None:
            possible.append("record_review")
    unasked = order is None or not order.stay_asked or order.stay_decided_by is not None
    if unasked:
        possible = [a for a in possible if a not in ("stay", "refuse_stay")]
    if not possible:
        return (), None
    try:
        if case.agency_id is not None:
            agency_policies.refuse_conflict(session, actor, case.agency_id)
        if case.status is CaseStatus.REPORTED and case.reported_by == actor.account_id:
            return (), _l("You made this report. Another officer must screen it.")
        if DECIDER & set(possible):
            policies.refuse_maker(session, actor, case)
        if ON_APPEAL & set(possible):
            policies.refuse_first_instance(session, actor, case)
    except Denied as error:
        return (), error.message
    try:
        for permission in {t.permission for t in CASE.available(case.status, actor) if t.action in possible}:
            if permission is not None:
                policies.require_drawn(session, actor, case, permission)
    except Denied as error:
        return tuple(a for a in possible if a.startswith("record_")), error.message
    return tuple(possible), None


def fine_rows(fines: list[SanctionFine]) -> list[tuple[SanctionFine, Money, str | None]]:
    """Each fine with its amount and what finance may do with it."""
    acts = {FineStatus.DUE: "pay", FineStatus.STAYED: "pay", FineStatus.TO_PAY_BACK: "pay_back"}
    return [(f, Money(f.amount_minor, f.currency), acts.get(f.status)) for f in fines]
