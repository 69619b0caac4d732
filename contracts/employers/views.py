"""Pages of employers and of the officers who verify and accredit them."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from agencies.registration.queries import agency_names
from agencies.sanctions.case_queries import served_on
from agencies.sanctions.case_status import CASE_TITLES, CaseSubject
from contracts.employers import policies, services, signup
from contracts.employers.accreditation_queries import situation, terms_of
from contracts.employers.bar_queries import bar_on, bars_of
from contracts.employers.correction_queries import corrections_of
from contracts.employers.correction_status import CORRECTION_KINDS, CORRECTION_TITLES
from contracts.employers.signatory import hindrance
from contracts.employers.status import BARRED_TITLE, EMPLOYER_TITLES, UNCLEAR, employer_workflow
from contracts.employers.words import last_words
from contracts.employment.question_queries import of_party
from contracts.employment.question_status import Answerer
from contracts.forms import AccreditForm, AnswerForm, DecisionForm, EmployerForm, EmployerSignUpForm, SeenForm
from contracts.interests import interest_words
from contracts.job_orders.queries import of_employer
from contracts.job_orders.services import taken
from contracts.job_orders.status import JOB_ORDER_TITLES
from core.db import legal_today
from core.i18n import _l
from core.permissions import Permission
from core.web import (
    access,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    public,
    see_other,
    signed_in,
    with_session_cookie,
)
from core.web_signup import SignUpPages

bp = Blueprint("employers", __name__)
registering = Blueprint("employer", __name__, url_prefix="/employers")
SIGN_UP = SignUpPages(
    "employer",
    _l("Register an employer"),
    _l(
        "For companies abroad that hire. Use an address of your own: if an agency controls it, the mission cannot verify you."
    ),
    finish="employer.finish",
    new="employer.new",
)
SIGN_UP.install(registering)


@registering.get("/register/employer")
@public
def finish() -> Response:
    if SIGN_UP.proved() is None:
        return see_other("employer.register")
    return page("contracts/employer_new.html", form=EmployerSignUpForm(), action=url_for("employer.send_finish"))


@registering.post("/register/employer")
@public
def send_finish() -> Response:
    account_id = SIGN_UP.proved()
    if account_id is None:
        return see_other("employer.register")
    form = EmployerSignUpForm(request.form)
    agent = request.headers.get("User-Agent", "")
    made = form.validate() and attempt(form, signup.finish, db(), account_id, form.sign_up(), agent=agent)
    if not made:
        return page("contracts/employer_new.html", 422, form=form, action=url_for("employer.send_finish"))
    cookie.clear()
    return with_session_cookie(see_other("employers.home"), made[1])


@registering.get("/new")
@signed_in
def new() -> Response:
    """A person with an account registers an employer."""
    return page("contracts/employer_new.html", form=EmployerForm(), action=url_for("employer.send_new"))


@registering.post("/new")
@signed_in
def send_new() -> Response:
    form = EmployerForm(request.form)
    if not form.validate() or not attempt(form, services.register, db(), current_actor(), form.command()):
        return page("contracts/employer_new.html", 422, form=form, action=url_for("employer.send_new"))
    return see_other("employers.home")


@bp.get("/employer")
@access(Permission.EMPLOYER_OWN)
def home() -> Response:
    return _home(AnswerForm(), 200)


def _home(form: AnswerForm, status: int) -> Response:
    employer = policies.find_own(db(), current_actor())
    orders = of_employer(db(), employer.id)
    agencies = agency_names(db(), [o.agency_id for o in orders])
    bar = bar_on(db(), employer.id, legal_today(db()))
    title = BARRED_TITLE if bar else EMPLOYER_TITLES[employer.status]
    return page(
        "contracts/employer_home.html",
        status,
        answer_form=form,
        asked=last_words(db(), employer.id, *services.DOUBTS) if employer.status in UNCLEAR else "",
        employer=employer,
        found=situation(db(), employer.id),
        hindrance=hindrance(db(), employer),
        orders=orders,
        agencies=agencies,
        title=title,
        bar=bar,
        bars=bars_of(db(), employer.id),
        titles=JOB_ORDER_TITLES,
        waiting=of_party(db(), current_actor(), Answerer.EMPLOYER, employer.id),
        today=legal_today(db()),
        proceedings=served_on(db(), CaseSubject.EMPLOYER, employer.id),
        case_titles=CASE_TITLES,
    )


@bp.post("/employer/answer")
@access(Permission.EMPLOYER_OWN)
def answer() -> Response:
    form = AnswerForm(request.form)
    if not form.validate() or not attempt(form, services.answer_mission, db(), current_actor(), form.reason.data):
        return _home(form, 422)
    flash_done(_l("Your answer is with the mission."))
    return see_other("employers.home")


@bp.get("/staff/employers/<uuid:employer_id>")
@access(Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_ACCREDIT, Permission.AUDIT_READ)
def show(employer_id: UUID) -> Response:
    return _show(employer_id, 200)


def _show(employer_id: UUID, status: int, **given: object) -> Response:
    employer = policies.find_to_read(db(), current_actor(), employer_id)
    tie = interest_words(db(), current_actor(), employer_id=employer.id)
    bar = bar_on(db(), employer.id, legal_today(db()))
    forms: dict[str, object] = {
        "seen": SeenForm(),
        "accredit_form": AccreditForm(),
        "decision": DecisionForm(),
        "tried": "",
        **given,
    }
    return page(
        "contracts/employer.html",
        status,
        employer=employer,
        found=situation(db(), employer.id),
        terms=terms_of(db(), employer.id),
        corrections=corrections_of(db(), employer.id),
        correction_words=(CORRECTION_KINDS, CORRECTION_TITLES),
        hindrance=hindrance(db(), employer),
        in_use=taken(db(), employer.id),
        ties=services.agency_ties(db(), employer),
        title=BARRED_TITLE if bar else EMPLOYER_TITLES[employer.status],
        bar=bar,
        tie=tie,
        arrows={}
        if tie
        else {t.action: t.title for t in employer_workflow.available(employer.status, current_actor())},
        is_mission=policies.is_mission_of(current_actor(), employer),
        answered=last_words(db(), employer.id, "answer"),
        doubted=last_words(db(), employer.id, *services.DOUBTS),
        back_url=url_for("staff.home"),
        **forms,
    )


@bp.post("/staff/employers/<uuid:employer_id>/verify")
@access(Permission.EMPLOYER_VERIFY)
def verify(employer_id: UUID) -> Response:
    form = SeenForm(request.form)
    if not form.validate() or not attempt(form, services.verify, db(), current_actor(), employer_id, form.reason.data):
        return _show(employer_id, 422, seen=form)
    flash_done(_l("The employer is verified."))
    return see_other("staff.home")


@bp.post("/staff/employers/<uuid:employer_id>/doubt/<action>")
@access(Permission.EMPLOYER_VERIFY)
def doubt(employer_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    if not form.validate() or not attempt(
        form, services.doubt, db(), current_actor(), employer_id, action, form.reason.data
    ):
        return _show(employer_id, 422, decision=form, tried=action)
    flash_done(_l("Your decision is written down, and the employer is told."))
    return see_other("staff.home")


@bp.post("/staff/employers/<uuid:employer_id>/accredit")
@access(Permission.EMPLOYER_ACCREDIT)
def accredit(employer_id: UUID) -> Response:
    form = AccreditForm(request.form)
    if not form.validate() or not attempt(form, services.accredit, db(), current_actor(), employer_id, form.command()):
        return _show(employer_id, 422, accredit_form=form)
    flash_done(_l("The employer is accredited."))
    return see_other("staff.home")


@bp.post("/staff/employers/<uuid:employer_id>/<action>")
@access(Permission.EMPLOYER_ACCREDIT)
def sanction(employer_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    if not form.validate() or not attempt(
        form, services.sanction, db(), current_actor(), employer_id, action, form.reason.data
    ):
        return _show(employer_id, 422, decision=form)
    flash_done(_l("Your decision is written down."))
    return see_other("employers.show", employer_id=employer_id)
