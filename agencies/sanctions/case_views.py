"""Pages of officers about proceedings: the list, a report, one proceeding on one screen, liftings, fines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.licensing.forms import ReasonForm
from agencies.registration import policies as agency_policies
from agencies.registration.models import AgencyDirector
from agencies.sanctions import appeals, case_queries, cases, documents, fines, liftings, orders, reviews
from agencies.sanctions import case_policies as policies
from agencies.sanctions.case_forms import (
    AppealForm,
    EvidenceForm,
    FineForm,
    HeardForm,
    HearingForm,
    LiftingForm,
    NoticeForm,
    OrderForm,
    PaperAppealForm,
    PaperReviewForm,
    ReplyForm,
    ReportForm,
)
from agencies.sanctions.case_models import SanctionBar, SanctionFine, SanctionLifting
from agencies.sanctions.case_screen import ACTION_TITLES, HISTORY_TITLES, fine_rows, screen
from agencies.sanctions.case_status import (
    CASE_TITLES,
    FINE_TITLES,
    KINDS_FOR,
    LIFTING_TITLES,
    ORDER_TITLES,
    SOURCE_TITLES,
    SUBJECT_TITLES,
    CaseStatus,
    CaseSubject,
)
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import REVIEW_TITLES
from agencies.sanctions.steps import LIFTINGS
from core.accounts import account_names
from core.db import legal_today
from core.errors import NotVisible
from core.forms import Form
from core.i18n import current_locale
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import (
    access,
    asked_picture,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    see_other,
    sent_file,
    signed_in,
)
from law.country import deployment

blueprint = Blueprint("proceedings", __name__, url_prefix="/licensing")
P = Permission
RUNNING = tuple(s for s in CaseStatus if s not in (CaseStatus.DROPPED, CaseStatus.EXPIRED, CaseStatus.REMOVED))
# The subjects that are reported without an agency's page.
OTHERS = {k.value.replace("_", "-"): k for k in CaseSubject if k is not CaseSubject.AGENCY}


@blueprint.get("/proceedings")
@access(*policies.SIGHT)
def index() -> ResponseReturnValue:
    """Every proceeding in reach that is not over, the nearest day first, and where a new one begins."""
    actor = current_actor()
    seen_by = next(p for p in policies.SIGHT if actor.can(p))
    found = case_queries.waiting(actor, seen_by, *RUNNING)
    rows = db().execute(found.order_by("due_on").limit(100)).all()
    return page(
        "sanctions/index.html", rows=rows, titles=CASE_TITLES, subjects=SUBJECT_TITLES, others=OTHERS,
        may_report=actor.can(P.SANCTION_PROPOSE), today=legal_today(db()),
    )  # fmt: skip


# --- reports ------------------------------------------------------------------------------------------------------------


def _report(kind: CaseSubject, name: str, **subject: Any) -> ResponseReturnValue:
    form = ReportForm(CombinedMultiDict([request.form, request.files]))
    form.office.choices = [("", "–"), *case_queries.office_choices(db(), current_locale())]
    if request.method == "POST" and form.validate():
        case = attempt(form, lambda: cases.report(db(), current_actor(), form.command(kind, **subject)))
        if case:
            flash_done(_("Reported. Another officer screens it."))
            return see_other("proceedings.show", case_id=case.id)
    by_record = kind in (CaseSubject.EMPLOYER, CaseSubject.ORIENTATION_CENTRE)
    return page(
        "sanctions/report.html", 422 if request.method == "POST" else 200, form=form, kind=kind, name=name,
        title=SUBJECT_TITLES[kind], named=bool(subject), by_record=by_record,
    )  # fmt: skip


@blueprint.route("/agencies/<uuid:agency_id>/report", methods=["GET", "POST"])
@access(P.SANCTION_PROPOSE)
def report_agency(agency_id: UUID) -> ResponseReturnValue:
    agency = agency_policies.find(db(), current_actor(), agency_id)
    return _report(CaseSubject.AGENCY, agency.name, agency_id=agency.id)


@blueprint.route("/directors/<uuid:director_id>/report", methods=["GET", "POST"])
@access(P.SANCTION_PROPOSE)
def report_director(director_id: UUID) -> ResponseReturnValue:
    director = db().get(AgencyDirector, director_id)
    if director is None:
        raise NotVisible
    agency_policies.find(db(), current_actor(), director.agency_id)
    return _report(CaseSubject.DIRECTOR, director.name or "", director_id=director.id)


@blueprint.route("/proceedings/new/<kind>", methods=["GET", "POST"])
@access(P.SANCTION_PROPOSE)
def report_other(kind: str) -> ResponseReturnValue:
    if kind not in OTHERS:
        raise NotVisible
    return _report(OTHERS[kind], "")


# --- one proceeding -----------------------------------------------------------------------------------------------------

Run = Callable[[UUID, Any], Any]


def _reason(service: Callable[..., Any], **more: Any) -> Run:
    return lambda case_id, form: service(db(), current_actor(), case_id, form.reason.data, **more)


def _outcome(outcome: str) -> Run:
    return lambda case_id, form: appeals.decide(db(), current_actor(), case_id, outcome, form.reason.data)


def _words(service: Callable[..., Any]) -> Run:
    return lambda case_id, form: service(db(), current_actor(), case_id, form.words.data, form.papers(_("Answer")))


def _vary(case_id: UUID, form: Any) -> Any:
    milder = form.command(deployment().currency)
    return appeals.decide(db(), current_actor(), case_id, "vary", form.reason.data, milder)


def _notify(case_id: UUID, form: Any) -> Any:
    return cases.notify(db(), current_actor(), case_id, form.notice.data, form.reply_by.data)


def _schedule(case_id: UUID, form: Any) -> Any:
    return cases.schedule(db(), current_actor(), case_id, form.command(), form.reason.data or "")


def _command(service: Callable[..., Any], *args: Any) -> Run:
    return lambda case_id, form: service(db(), current_actor(), case_id, form.command(*args))


def _handlers() -> dict[str, tuple[type[Form], Run]]:
    """Each step's form and service; the service checks who, when and why."""
    return {
        "screen": (ReasonForm, _reason(cases.screen)),
        "drop": (ReasonForm, _reason(cases.screen, take_up=False)),
        "notify": (NoticeForm, _notify),
        "record_reply": (ReplyForm, _words(cases.record_reply)),
        "schedule": (HearingForm, _schedule),
        "reschedule": (HearingForm, _schedule),
        "hear": (HeardForm, _command(cases.hear)),
        "send_back": (ReasonForm, _reason(cases.send_back)),
        "dismiss": (ReasonForm, _reason(orders.dismiss)),
        "order": (OrderForm, _command(orders.order, deployment().currency)),
        "record_appeal": (PaperAppealForm, _command(appeals.record)),
        "record_review": (PaperReviewForm, _command(reviews.record)),
        "stay": (ReasonForm, _reason(appeals.decide_stay, grant=True)),
        "refuse_stay": (ReasonForm, _reason(appeals.decide_stay, grant=False)),
        "end_stay": (ReasonForm, _reason(appeals.end_stay)),
        "uphold": (ReasonForm, _outcome("uphold")),
        "vary": (OrderForm, _vary),
        "reverse": (ReasonForm, _outcome("reverse")),
        "evidence": (EvidenceForm, _command(cases.add_evidence)),
    }


def _prefix(action: str) -> str:
    """Several forms stand on one page: each one's fields have names of their own. A reason alone needs none."""
    return "" if _handlers()[action][0] is ReasonForm else f"{action.replace('_', '-')}-"


@blueprint.get("/proceedings/<uuid:case_id>")
@access(*policies.SIGHT)
def show(case_id: UUID) -> ResponseReturnValue:
    return _page(case_id, None, "", 200)


def _page(case_id: UUID, refused: Form | None, action: str, status: int) -> Response:
    seen = screen(db(), current_actor(), case_id)
    today = legal_today(db())
    forms: dict[str, Form] = {}
    for name in (*seen.actions, "evidence"):
        kind = _handlers()[name][0]
        form = refused if refused is not None and name == action else kind(prefix=_prefix(name))
        if isinstance(form, OrderForm):
            form.offer(KINDS_FOR[seen.case.subject_kind])
        forms[name] = form
    return page(
        "sanctions/case.html", status, s=seen, forms=forms, refused=refused, action_titles=ACTION_TITLES, history_titles=HISTORY_TITLES,
        case_titles=CASE_TITLES, subjects=SUBJECT_TITLES, sources=SOURCE_TITLES, orders=ORDER_TITLES,
        fines=fine_rows(seen.fines), fine_titles=FINE_TITLES, fine_form=FineForm(), today=today,
        reply_until=cases.reply_until(db()), blacklist_until=orders.blacklist_until(today),
        fine_until=today + timedelta(days=int(deployment().standard("fine_due_days"))),
        review=reviews.of_case(db(), seen.case)[1], review_titles=REVIEW_TITLES,
    )  # fmt: skip


@blueprint.post("/proceedings/<uuid:case_id>/<action>")
@access(P.SANCTION_PROPOSE, P.SANCTION_DECIDE, P.SANCTION_APPEAL)
def step(case_id: UUID, action: str) -> ResponseReturnValue:
    """One step of one proceeding."""
    action = action.replace("-", "_")
    kind, run = _handlers().get(action, (None, None))
    if kind is None or run is None:
        raise NotVisible
    case = policies.find(db(), current_actor(), case_id)
    form = kind(CombinedMultiDict([request.form, request.files]), prefix=_prefix(action))
    if isinstance(form, OrderForm):
        form.offer(KINDS_FOR[case.subject_kind])
    if not (form.validate() and attempt(form, run, case_id, form)):
        return _page(case_id, form, action, 422)
    flash_done(_("Done."))
    return see_other("proceedings.show", case_id=case_id)


@blueprint.get("/proceedings/<uuid:case_id>/order")
@signed_in
def download_order(case_id: UUID) -> ResponseReturnValue:
    return sent_file(documents.download_order(db(), current_actor(), case_id))


@blueprint.get("/suspensions/<uuid:sanction_id>/order")
@signed_in
def download_suspension(sanction_id: UUID) -> ResponseReturnValue:
    return sent_file(documents.download_suspension(db(), current_actor(), sanction_id))


@blueprint.get("/proceedings/papers/<uuid:paper_id>")
@signed_in
def download_paper(paper_id: UUID) -> ResponseReturnValue:
    return sent_file(documents.download_paper(db(), current_actor(), paper_id, asked_picture()))


@blueprint.post("/fines/<uuid:fine_id>/<any('pay', 'pay-back'):action>")
@access(P.SECURITY_RECORD)
def fine(fine_id: UUID, action: str) -> ResponseReturnValue:
    """Finance writes down what came in, or went back."""
    found = db().get(SanctionFine, fine_id)
    if found is None:
        raise NotVisible
    case_id, form = found.case_id, FineForm(request.form)
    done = form.validate() and attempt(
        form, fines.record, db(), current_actor(), fine_id, action.replace("-", "_"), on=form.on.data,
        receipt=form.receipt.data,
    )  # fmt: skip
    if not done:
        return _page(case_id, form, "", 422)
    flash_done(_("Written down."))
    return see_other("proceedings.show", case_id=case_id)


# --- liftings -------------------------------------------------------------------------------------------------------------


@blueprint.route("/blacklistings/<uuid:target_id>/lifting", methods=["GET", "POST"])
@access(P.SANCTION_PROPOSE)
def propose_lifting(target_id: UUID) -> ResponseReturnValue:
    form = LiftingForm(request.form)
    name = _listed_name(target_id)
    if request.method == "POST" and form.validate():
        made = attempt(form, liftings.propose, db(), current_actor(), target_id, form.public_reason.data)
        if made:
            flash_done(_("Proposed. Two other officers decide."))
            return see_other("proceedings.lifting", lifting_id=made.id)
    return page("sanctions/lifting_new.html", 422 if request.method == "POST" else 200, form=form, name=name)


def _listed_name(target_id: UUID) -> str:
    """The name of who is blacklisted, for an officer who reaches it."""
    actor, sanction = current_actor(), db().get(Sanction, target_id)
    if sanction is not None:
        return agency_policies.find(db(), actor, sanction.agency_id).name
    bar = db().get(SanctionBar, target_id)
    if bar is None:
        raise NotVisible
    return documents.subject_name(db(), policies.find(db(), actor, bar.case_id))


@blueprint.get("/liftings/<uuid:lifting_id>")
@access(P.SANCTION_PROPOSE, P.SANCTION_DECIDE, P.AUDIT_READ)
def lifting(lifting_id: UUID) -> ResponseReturnValue:
    return _lifting_page(lifting_id, ReasonForm(), 200)


def _lifting_page(lifting_id: UUID, form: Form, status: int) -> Response:
    found = db().get(SanctionLifting, lifting_id)
    if found is None:
        raise NotVisible
    target_id = found.sanction_id or found.bar_id
    assert target_id is not None
    actor = current_actor()
    passed = LIFTINGS.has_passed_to(db(), actor, lifting_id)
    name = documents.listed_name(db(), found) if passed else _listed_name(target_id)
    who = {i for i in (found.proposed_by, found.first_by, found.second_by, found.refused_by) if i}
    record = db().get(Sanction, target_id) or db().get(SanctionBar, target_id)
    made = record is not None and liftings.made_by(db(), record, actor.require_account())
    return page(
        "sanctions/lifting.html", status, lifting=found, name=name, titles=LIFTING_TITLES,
        people=account_names(db(), who), form=form, made=made,
        held=LIFTINGS.holders(db(), actor, [found]).get(found.id),
    )  # fmt: skip


@blueprint.post("/liftings/<uuid:lifting_id>/<any(agree, refuse):action>")
@access(P.SANCTION_DECIDE)
def decide_lifting(lifting_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    service = liftings.agree if action == "agree" else liftings.refuse
    if not (form.validate() and attempt(form, service, db(), current_actor(), lifting_id, form.reason.data)):
        return _lifting_page(lifting_id, form, 422)
    flash_done(_("Done."))
    return see_other("proceedings.lifting", lifting_id=lifting_id)


# --- the agency's own page ------------------------------------------------------------------------------------------------

own = Blueprint("own_proceedings", __name__, url_prefix="/proceedings")
SUBJECTS = (P.AGENCY_OWN, P.EMPLOYER_OWN, P.CENTRE_OWN)


@own.get("/<uuid:case_id>")
@access(*SUBJECTS)
def mine(case_id: UUID) -> ResponseReturnValue:
    return _own_page(case_id, None, 200)


def _own_page(case_id: UUID, refused: Form | None, status: int) -> Response:
    case = policies.find(db(), current_actor(), case_id)
    if not policies.is_own(current_actor(), case):
        raise NotVisible
    order = case_queries.order_of(db(), case.id)
    reply = refused if isinstance(refused, ReplyForm) else ReplyForm()
    appeal = refused if isinstance(refused, AppealForm) else AppealForm()
    return page(
        "sanctions/own.html", status, case=case, order=order, refused=refused, reply_form=reply, appeal_form=appeal,
        papers=case_queries.papers_of(db(), case.id, shown=True), titles=CASE_TITLES, orders=ORDER_TITLES,
        fines=fine_rows(case_queries.fines_of(db(), case.id)), fine_titles=FINE_TITLES, today=legal_today(db()),
        review=reviews.of_case(db(), case)[1], reviewable=reviews.may_ask(db(), case), review_titles=REVIEW_TITLES,
    )  # fmt: skip


@own.post("/<uuid:case_id>/reply")
@access(*SUBJECTS)
def reply(case_id: UUID) -> ResponseReturnValue:
    form = ReplyForm(CombinedMultiDict([request.form, request.files]))
    papers = form.papers(_("Answer"))
    done = form.validate() and attempt(form, cases.reply, db(), current_actor(), case_id, form.words.data, papers)
    if not done:
        return _own_page(case_id, form, 422)
    flash_done(_("Your answer was sent."))
    return see_other("own_proceedings.mine", case_id=case_id)


@own.post("/<uuid:case_id>/appeal")
@access(*SUBJECTS)
def appeal(case_id: UUID) -> ResponseReturnValue:
    form = AppealForm(CombinedMultiDict([request.form, request.files]))
    if not (form.validate() and attempt(form, appeals.lodge, db(), current_actor(), case_id, form.command())):
        return _own_page(case_id, form, 422)
    flash_done(_("Your appeal was sent. Other officers decide."))
    return see_other("own_proceedings.mine", case_id=case_id)
