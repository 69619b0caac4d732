"""Pages of departure clearance: for the migrant, the officers and the airport."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask import Response as FlaskResponse
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from contracts.answer.places import country_name
from contracts.clearance import documents, parties, queries, services
from contracts.clearance.checklist import State, checklist
from contracts.clearance.forms import AppealForm, ApplyForm, CentreForm, DecisionForm, MedicalForm, PaperForm
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import CLEARANCE_TITLES, ENDED, ClearanceStatus, clearance_workflow
from contracts.clearance.watch import IN_USE, missing_grounds
from contracts.employment.models import EmploymentContract
from contracts.employment.queries import registered_contract
from contracts.employment.terms import read_terms
from contracts.employment.wording import officer_rows
from contracts.interests import interest_words
from contracts.job_orders.models import JobOrder
from contracts.orientation.queries import active_seat
from core.db import legal_today
from core.documents import qr_svg
from core.errors import NotVisible
from core.files import download
from core.i18n import _l, current_locale, format_datetime
from core.i18n import gettext as _
from core.permissions import Permission, SubjectKind
from core.reading import note_reading
from core.web import access, asked_picture, attempt, current_actor, db, flash_done, page, see_other, sent_file
from law.country import deployment
from law.topics import TOPICS
from migrants.registration.queries import basis_of, display_names, passport_facts
from migrants.registration.status import BASIS_TITLES

bp = Blueprint("clearance", __name__)
WORDS = {
    State.MET: (_l("done"), "good"),
    State.MISSING: (_l("missing"), "bad"),
    State.UNKNOWN: (_l("an officer decides"), "warn"),
}


@bp.get("/me/clearance")
@access(Permission.MIGRANT_OWN)
def mine() -> Response:
    return _mine(200)


def _mine(status: int, **given: Any) -> Response:
    own = current_actor().subject(SubjectKind.MIGRANT)
    if own is None:
        raise NotVisible
    clearance = services.own_clearance(db(), current_actor())
    checked = services.checked_papers(db(), clearance.id if clearance else None)
    papers = queries.papers_of(db(), clearance.id) if clearance else {}
    granted = (
        clearance is not None and clearance.status is ClearanceStatus.GRANTED and not missing_grounds(db(), clearance)
    )
    flight_on = clearance.flight_on if clearance else None
    contract, seat = registered_contract(db(), own), active_seat(db(), own)
    values = {"apply_form": ApplyForm(), "appeal_form": AppealForm(), **given}
    return page(
        "clearance/mine.html",
        status,
        clearance=clearance,
        title=CLEARANCE_TITLES[clearance.status] if clearance else None,
        tasks=[
            _task(c, papers, contract is not None, seat)
            for c in checklist(db(), own, checked, flight_on=flight_on).conditions
        ],
        open=clearance is None or clearance.status in services.OPEN,
        has_contract=contract is not None,
        answer=queries.last_reason(db(), clearance.id, clearance.status) if clearance else "",
        replaced=queries.replaced_one(db(), own),
        missing=missing_grounds(db(), clearance) if clearance and clearance.status in IN_USE else [],
        qr=qr_svg(documents.clearance_url(clearance), title=_("QR code of your clearance"))
        if granted and clearance
        else None,
        back_url=url_for("migrants.me"),
        **values,
    )


# Where the person does what a line asks for.
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "identity": ("migrants.me", {}),
    "passport": ("migrants.step", {"name": "passport"}),
    "contract": ("contracts.mine", {}),
    "orientation": ("orientation.mine", {}),
}
FIRST_A_CONTRACT = _l("You can send this once your contract is registered.")


def _task(condition: Any, papers: dict[str, Any], has_contract: bool, seat: Any) -> dict[str, Any]:
    """One line of the worker's list: a link only where something can be done now, else why not."""
    word, tone = WORDS[condition.state]
    task = {"title": condition.title, "url": "", "status": word, "tone": tone, "how": condition.why}
    if condition.state is State.MET:
        return task
    task["how"] = f"{condition.why} {condition.mend}".strip()
    if condition.code in PLACES:
        endpoint, values = PLACES[condition.code]
        task["url"] = url_for(endpoint, **values)
    if condition.code in {p.code for p in deployment().papers["clearance"]}:
        if not has_contract:
            return {**task, "status": _l("later"), "tone": "plain", "how": FIRST_A_CONTRACT}
        task["url"] = url_for("clearance.paper", code=condition.code)
        if condition.code in papers:
            task |= {"status": _l("sent, not looked at yet"), "tone": "wait"}
    if condition.code == "orientation" and seat:
        when = _("Your seat is on %(at)s. Be there from beginning to end.", at=format_datetime(seat[1].starts_at))
        task |= {"status": _l("seat booked"), "tone": "wait", "how": when}
    return task


@bp.get("/me/clearance/paper/<code>")
@access(Permission.MIGRANT_OWN)
def paper(code: str) -> Response:
    own = current_actor().subject(SubjectKind.MIGRANT)
    if own is not None and registered_contract(db(), own) is None:
        # Whoever comes by an old link loses no photo: the list says why.
        return see_other("clearance.mine")
    return _paper(code, _form_of(code)(), 200)


def _form_of(code: str) -> type[PaperForm]:
    return MedicalForm if code == parties.MEDICAL else PaperForm


def _paper(code: str, form: PaperForm, status: int) -> Response:
    found = next((p for p in deployment().papers["clearance"] if p.code == code), None)
    if found is None:
        raise NotVisible
    return page(
        "clearance/paper.html",
        status,
        code=code,
        name=found.name(current_locale()),
        form=form,
        back_url=url_for("clearance.mine"),
    )


@bp.post("/me/clearance/paper/<code>")
@access(Permission.MIGRANT_OWN)
def send_paper(code: str) -> Response:
    form = _form_of(code)(CombinedMultiDict([request.form, request.files]))
    centre = form.centre() if isinstance(form, MedicalForm) else None
    if not form.validate() or not attempt(
        form, services.add_paper, db(), current_actor(), code, form.file.content() or b"", centre
    ):
        return _paper(code, form, 422)
    flash_done(_l("Your paper is kept. An officer will look at it."))
    return see_other("clearance.mine")


@bp.post("/me/clearance/apply")
@access(Permission.MIGRANT_OWN)
def apply() -> Response:
    form = ApplyForm(request.form)
    if form.validate():
        attempt(form, _begin_and_apply, form)
    if form.errors or form.form_errors:
        return _mine(422, apply_form=form)
    flash_done(_l("You have applied. An officer will look at it."))
    return see_other("clearance.mine")


def _begin_and_apply(form: ApplyForm) -> Any:
    services.begin(db(), current_actor())
    return services.apply_for(db(), current_actor(), form.flight_on.data)


@bp.post("/me/clearance/appeal")
@access(Permission.MIGRANT_OWN)
def appeal() -> Response:
    form = AppealForm(request.form)
    if not form.validate() or not attempt(form, services.appeal, db(), current_actor(), form.reason.data):
        return _mine(422, appeal_form=form)
    return see_other("clearance.mine")


@bp.post("/me/clearance/begin-again")
@access(Permission.MIGRANT_OWN)
def begin_again() -> Response:
    form = AppealForm()
    if not attempt(form, services.begin_again, db(), current_actor()):
        return _mine(422, appeal_form=form)
    flash_done(_l("Mend what was wrong, then apply again below."))
    return see_other("clearance.mine")


@bp.get("/me/clearance/document")
@access(Permission.MIGRANT_OWN)
def document() -> Response:
    clearance = services.own_clearance(db(), current_actor())
    if clearance is None or clearance.status is not ClearanceStatus.GRANTED:
        raise NotVisible
    response = FlaskResponse(documents.clearance_pdf(db(), clearance), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{clearance.reference}.pdf"'
    return response


# --- officers ------------------------------------------------------------------------------------------------------


ACTS = {
    "follow_contract": _l("Made for another contract"),
    "begin": _l("Begun"),
    "check_paper": _l("A paper was found good"),
    "read": _l("Read by an officer"),
}


@bp.get("/staff/clearances/<uuid:clearance_id>")
@access(Permission.CLEARANCE_REVIEW)
def file(clearance_id: UUID) -> Response:
    return _file(clearance_id, DecisionForm(), 200)


def _file(clearance_id: UUID, form: DecisionForm, status: int, centre: CentreForm | None = None) -> Response:
    actor = current_actor()
    clearance = services.find(db(), actor, clearance_id)
    note_reading(actor, ("departure_clearance", clearance.id), purpose="review")
    contract = db().get_one(EmploymentContract, clearance.contract_id)
    tie = interest_words(db(), actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
    history = queries.history(db(), clearance.id)
    return page(
        "clearance/file.html",
        status,
        clearance=clearance,
        name=display_names(db(), [clearance.migrant_id])[clearance.migrant_id],
        title=CLEARANCE_TITLES[clearance.status],
        # What holds today is asked for the contract of today: it says nothing of a clearance that is over.
        conditions=()
        if clearance.status in ENDED
        else checklist(
            db(), clearance.migrant_id, services.checked_papers(db(), clearance.id), flight_on=clearance.flight_on
        ).conditions,
        words=WORDS,
        papers=queries.papers_of(db(), clearance.id),
        pictures=queries.pictures(db(), clearance.id),
        passport=passport_facts(db(), clearance.migrant_id, legal_today(db())),
        identity=basis_of(db(), clearance.migrant_id),
        basis_titles=BASIS_TITLES,
        rests_on=_rests_on,
        contract=contract.reference,
        stops=queries.earlier_stops(db(), clearance),
        terms=officer_rows(read_terms(contract.terms)),
        paper_names={p.code: p.name(current_locale()) for p in deployment().papers["clearance"]},
        tie=tie,
        arrows=[
            t for t in clearance_workflow.available(clearance.status, actor) if t.permission is not None and not tie
        ],
        titles={**{t.action: t.title for t in clearance_workflow.transitions.values()}, **ACTS},
        history=history,
        followed=any(e.action == "follow" for e in history)
        and clearance.status in (ClearanceStatus.APPLIED, ClearanceStatus.UNDER_REVIEW),
        form=form,
        **_compared(clearance, contract.job_order_id, centre),
        back_url=url_for("staff.home"),
    )


def _compared(clearance: DepartureClearance, job_order_id: UUID, form: CentreForm | None) -> dict[str, Any]:
    """The agent abroad and the health centre beside the barred ones, and the form for the centre."""
    paper = queries.papers_of(db(), clearance.id).get(parties.MEDICAL)
    named = {"centre_name": paper.centre_name, "centre_number": paper.centre_number} if paper else {}
    return {
        "agent": db().get_one(JobOrder, job_order_id).agent_abroad,
        "barred_agents": getattr(parties.agent_of(db(), job_order_id), "found", ()),
        "barred_centres": parties.compare_paper(db(), paper).found if paper else (),
        "centre_form": form or CentreForm(data=named),
        "country_name": country_name,
    }


def _rests_on(row: dict[str, Any] | None) -> str:
    """The law that a condition rests on: its citation, or what it is about; never the key of a row."""
    if not row:
        return ""
    if row.get("citation"):
        return str(row["citation"])
    topic = next((t for t in (row.get("topic"), str(row.get("row") or "").partition(".")[2]) if t in TOPICS), None)
    return str(TOPICS[topic].title) if topic else ""


@bp.post("/staff/clearances/<uuid:clearance_id>")
@access(Permission.CLEARANCE_REVIEW)
def decide(clearance_id: UUID) -> Response:
    form = DecisionForm(request.form)
    done = form.validate() and attempt(
        form, services.decide, db(), current_actor(), clearance_id, form.action.data, form.reason.data
    )
    if not done:
        return _file(clearance_id, form, 422)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")


@bp.get("/staff/clearances/<uuid:clearance_id>/papers/<code>")
@access(Permission.CLEARANCE_REVIEW)
def staff_paper(clearance_id: UUID, code: str) -> Response:
    clearance = services.find(db(), current_actor(), clearance_id)
    found = queries.papers_of(db(), clearance.id).get(code)
    if found is None:
        raise NotVisible
    picture = asked_picture()
    if picture in (None, 1):
        note_reading(current_actor(), ("departure_clearance", clearance.id), purpose="paper")
    return sent_file(download(db(), found.file_id, code, picture))


@bp.post("/staff/clearances/<uuid:clearance_id>/papers/<code>")
@access(Permission.CLEARANCE_REVIEW)
def check_paper(clearance_id: UUID, code: str) -> Response:
    form = CentreForm(request.form)
    done = form.validate() and attempt(
        form, services.check_paper, db(), current_actor(), clearance_id, code, form.centre()
    )
    if not done:
        return _file(clearance_id, DecisionForm(), 422, form)
    return see_other("clearance.file", clearance_id=clearance_id)
