"""What an officer sees of one application: the evidence beside the decision, and only the decisions that are theirs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.insider import assignment, matches, risk
from agencies.insider.matches import ListedRow
from agencies.insider.queries import DrawRow, draws_of, duty_draws
from agencies.insider.status import POINTER, STAGE_PERMISSION
from agencies.licensing import checklist, documents, fees, phrases, policies, queries, rules, securing, visiting
from agencies.licensing.appeals import appeal_of
from agencies.licensing.finance import FINANCE
from agencies.licensing.forms import ITEM_TITLES
from agencies.licensing.models import LicenceApplication, LicenceFee
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.securing import SecurityState
from agencies.licensing.status import APPLICATION, ApplicationStatus
from agencies.register import snapshot
from agencies.register.namesakes import Side, side_by_side
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.registration.queries import directors
from agencies.renewal import queries as renewals
from agencies.sanctions.queries import sanctions_of
from agencies.winding_down.debts import UnpaidBehind, unpaid_behind
from core.accounts import account_names
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied
from core.i18n import _l, current_locale
from core.money import Money

ACTION_TITLES: dict[str, Any] = {t.action: t.title for t in APPLICATION.transitions.values()}
# What was done, in the past: a button's words would read as if it were still to do.
HISTORY_TITLES: dict[str, Any] = {
    "submit": _l("Application sent"),
    "stop": _l("Stopped for a check"),
    "resubmit": _l("Sent again after it was mended"),
    "resubmit_visit": _l("Sent again after it was mended"),
    "stop_again": _l("Stopped for a check"),
    "withdraw": _l("Withdrawn"),
    "release": _l("Compared and let go on"),
    "refuse_stopped": _l("Compared and refused"),
    "reverse": _l("Appeal granted: looked at again"),
    "reverse_stopped": _l("Appeal granted: compared again"),
    "take": _l("Review begun"),
    "give_back": _l("Given back: another officer was drawn"),
    "return": _l("Sent back to be mended"),
    "ask_visit": _l("Papers found in order: an inspector was sent"),
    "recommend": _l("Found ready for the decision"),
    "report": _l("Report of the visit handed in"),
    "return_visit": _l("Sent back to be mended"),
    "send_back": _l("Sent back to the reviewer"),
    "approve": _l("Approved"),
    "approve_first": _l("Approved; a second approver was asked"),
    "confirm": _l("A second approver agreed"),
    "disagree": _l("A second approver disagreed: back to the reviewer"),
    "void": _l("The facts have changed: reviewed again"),
    "refuse": _l("Refused"),
    "issue": _l("Licence issued"),
    "record_security": _l("Security recorded"),
    "record_fee": _l("Receipt of the fee recorded"),
    "assign": _l("An officer was drawn at random"),
    "pass_on": _l("Somebody else has to act now"),
}


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything on the officer's page. ``actions`` are the ones that this officer may take now; ``hindrance`` says why
    there are none where the officer's role would have some; ``step`` whose turn it is after the approval."""

    application: LicenceApplication
    agency: Agency
    title: Any
    step: Any
    actions: tuple[str, ...]
    hindrance: Any
    directors: list[Any]
    papers: list[tuple[rules.PaperRule, queries.PaperRow | None]]
    items: dict[str, Any]
    terms: rules.ClassTerms | None
    validity: dict[str, Any] | None
    matches: list[queries.MatchRow]
    shared: list[ListedRow]
    unpaid: list[UnpaidBehind]
    visits: list[visiting.VisitRow]
    checklist: dict[str, str]
    visit_asked: bool
    risk: risk.Risk
    draws: list[DrawRow]
    phrases: dict[str, list[str]]
    securities: list[queries.SecurityRow]
    security: SecurityState | None
    renewal: renewals.Seen | None
    fee: Money | None
    fee_certain: bool
    fee_paid: LicenceFee | None
    defects: list[Any]
    sanctions: list[Any]
    history: list[queries.HistoryRow]
    lookalikes: list[str]
    namesakes: list[Side]
    people: dict[UUID, str]
    documents: list[documents.DocumentRow]
    appeal: LicenceAppeal | None


def screen(session: Session, actor: Actor, application_id: UUID) -> Screen:
    """
    :raises NotVisible: when the officer does not reach the agency's office.
    """
    held = policies.find(session, actor, application_id)
    application, agency = held.application, held.agency
    actions, hindrance = allowed(session, actor, held)
    given = queries.papers_of(session, application.id)
    asked = rules.papers(application.procedure)
    today = legal_today(session)
    security = securing.security_state(session, application)
    visits = visiting.visits_of(session, application.id, with_places=visiting.may_read_places(actor))
    fee, found = fees.asked(session, application)
    who = {i for i in (application.reviewer_id, application.decided_by, *(v.inspector_id for v in visits)) if i}
    return Screen(
        application=application,
        agency=agency,
        title=securing.title_of(session, application, security),
        step=securing.whose_step(session, application, security),
        actions=actions,
        hindrance=hindrance,
        directors=directors(session, agency.id),
        papers=[(p, given.get(p.code)) for p in asked],
        items={**{p.code: p.title for p in asked}, **ITEM_TITLES},
        terms=rules.class_terms(application.licence_class or "", today),
        validity=rules.validity_known(today),
        matches=queries.matches_of(session, application.id),
        shared=matches.rows_of(session, application.id),
        unpaid=unpaid_behind(session, agency.id),
        visits=visits,
        checklist={c.code: c.name(current_locale()) for c in rules.visit_checklist()},
        visit_asked=rules.visit_required() and not visits,
        risk=risk.assess(session, application, agency),
        draws=_draws(session, application.id),
        phrases=phrases.by_item(session, agency.office_id),
        securities=queries.securities_of(session, application.id),
        security=security,
        renewal=renewals.seen(session, application),
        fee=fee,
        fee_certain=found.may_refuse,
        fee_paid=fees.paid(session, application.id),
        defects=checklist.defects(session, application.id),
        sanctions=sanctions_of(session, agency.id),
        history=[
            h for h in queries.history(session, "licence_application", application.id) if h.action in HISTORY_TITLES
        ],
        lookalikes=lookalikes(session, agency),
        namesakes=side_by_side(session, application.id),
        people=account_names(session, who),
        documents=documents.documents_of(session, application.id),
        appeal=appeal_of(session, application),
    )


def _draws(session: Session, application_id: UUID) -> list[DrawRow]:
    """Every draw of its stages and of the finance step, newest first."""
    locale = current_locale()
    own = draws_of(session, application_id, locale)
    money = duty_draws(session, FINANCE.name, application_id, FINANCE.titles, locale)
    return sorted((*own, *money), key=lambda d: d.at, reverse=True)


# Done by the portal, or on a page of its own.
NO_BUTTON = frozenset({"approve_first", "report", "return_visit"})


def allowed(session: Session, actor: Actor, held: policies.Held) -> tuple[tuple[str, ...], Any]:
    """Actions of this officer on this application, and the sentence that says why there are none."""
    application = held.application
    stage = assignment.STAGE_OF.get(application.status)
    finance = FINANCE.holders(session, actor, [application]).get(application.id)
    mine = finance is not None and finance.mine
    states = [application.status]
    if application.status is ApplicationStatus.SUBMITTED:
        # The first thing that the reviewer does begins the review.
        states.append(ApplicationStatus.IN_REVIEW)
    possible = [
        t.action
        for state in states
        for t in APPLICATION.available(state, actor)
        if t.permission is not None
        and t.action not in NO_BUTTON
        and (stage is not None or mine or actor.can(t.permission, held.agency.office_id))
    ]
    if application.status is ApplicationStatus.SUBMITTED:
        possible = [a for a in possible if a != "give_back"]
    if not possible or (stage is not None and not actor.can(STAGE_PERMISSION[stage])):
        return (), None
    try:
        agency_policies.refuse_conflict(session, actor, held.agency.id)
        policies.refuse_other_hand(session, actor, application, stage)
    except Denied as error:
        return (), error.message
    if stage is not None:
        drawn = getattr(application, POINTER[stage])
        if drawn is None:
            return (), _l("No officer could be drawn yet: everybody is away or has a tie to the agency.")
        if drawn != actor.account_id:
            return (), _l("This application was drawn for another officer.")
    if finance is not None and not mine:
        return (), finance.words
    return tuple(possible), None


def lookalikes(session: Session, agency: Agency) -> list[str]:
    """Agencies of the register whose name could be taken for this one's."""
    register, _today = snapshot.current(session)
    found = [register.entries[p] for p in register.alike_to(agency.name, agency.name_local or "")]
    return sorted(e.name for e in found if e.agency_id != agency.id)[:10]
