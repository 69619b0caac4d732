"""Pages of an accreditation's renewal and enlargement: of the employer, of the mission, of the officer who decides."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from contracts.employers import accreditation as services
from contracts.employers import accreditation_deciding as deciding
from contracts.employers import policies
from contracts.employers.accreditation_models import AccreditationPaper, AccreditationRequest
from contracts.employers.accreditation_queries import papers_of, requests_of, situation, terms_of, words_of
from contracts.employers.accreditation_status import (
    DECIDED,
    KIND_TITLES,
    REQUEST,
    REQUEST_TITLES,
    WRITTEN,
    RequestKind,
    RequestStatus,
)
from contracts.employers.forms import AnswerRequestForm, AskForm, GrantForm, with_papers
from contracts.employers.models import Employer
from contracts.employers.services import agency_ties
from contracts.forms import DecisionForm
from contracts.job_orders.services import taken
from core.errors import NotVisible
from core.files import download, pictures_of
from core.i18n import _l, current_locale
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, asked_picture, attempt, current_actor, db, flash_done, page, see_other, sent_file

bp = Blueprint("accreditations", __name__)
STAFF = (Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_ACCREDIT, Permission.AUDIT_READ)
WORDS = {"kinds": KIND_TITLES, "titles": REQUEST_TITLES}


@bp.get("/employer/accreditation")
@access(Permission.EMPLOYER_OWN)
def mine() -> Response:
    return _mine(200, None)


def _mine(status: int, form: Any) -> Response:
    employer = policies.find_own(db(), current_actor())
    found = situation(db(), employer.id)
    asked = found.open
    if form is None and asked is not None:
        form = with_papers(AnswerRequestForm, asked.kind)()
    earlier = [r for r in requests_of(db(), employer.id) if asked is None or r.id != asked.id]
    return page(
        "employers/accreditation.html",
        status,
        employer=employer,
        found=found,
        form=form,
        in_use=taken(db(), employer.id),
        terms=terms_of(db(), employer.id),
        written=words_of(db(), asked.id, *WRITTEN) if asked and asked.status is RequestStatus.RETURNED else "",
        earlier=[(r, words_of(db(), r.id, *DECIDED)) for r in earlier],
        papers=_papers(asked) if asked else [],
        accredited=employer.status in services.ACCREDITED,
        may_ask=current_actor().acts_for(SubjectKind.EMPLOYER, employer.id, ClerkRight.APPLY),
        back_url=url_for("employers.home"),
        **WORDS,
    )


def _papers(of: AccreditationRequest) -> list[dict[str, Any]]:
    """The papers of a request in words, each with its address and how many pictures show it."""
    names = {p.code: p.name(current_locale()) for p in services.papers_for(of.kind)}
    papers = papers_of(db(), of.id)
    pictures = pictures_of(db(), [p.file_id for p in papers])
    return [
        {
            "name": names.get(p.code, p.code),
            "url": url_for("accreditations.paper", paper_id=p.id),
            "pictures": pictures.get(p.file_id, 0),
        }
        for p in papers
    ]


@bp.get("/employer/accreditation/<any(renewal, enlargement):kind>")
@access(Permission.EMPLOYER_OWN)
def new(kind: str) -> Response:
    return _new(RequestKind(kind), None, 200)


def _sent() -> Any:
    return CombinedMultiDict([request.form, request.files])


def _form(kind: RequestKind, employer: Employer, *given: Any) -> Any:
    """Occupations are asked where an officer has limited them."""
    form = with_papers(AskForm, kind)(*given)
    now = situation(db(), employer.id).now
    if kind is RequestKind.RENEWAL or now is None or now.occupations is None:
        del form.occupations
    return form


def _new(kind: RequestKind, form: Any, status: int) -> Response:
    employer = policies.find_own(db(), current_actor(), right=ClerkRight.APPLY)
    found = situation(db(), employer.id)
    return page(
        "employers/accreditation_new.html",
        status,
        employer=employer,
        kind=kind,
        form=form or _form(kind, employer),
        found=found,
        in_use=taken(db(), employer.id),
        required=[f"paper_{p.code}" for p in services.papers_for(kind) if p.required],
        back_url=url_for("accreditations.mine"),
        **WORDS,
    )


@bp.post("/employer/accreditation/<any(renewal, enlargement):kind>")
@access(Permission.EMPLOYER_OWN)
def ask(kind: str) -> Response:
    wanted = RequestKind(kind)
    employer = policies.find_own(db(), current_actor(), right=ClerkRight.APPLY)
    form = _form(wanted, employer, _sent())
    if not (form.validate() and attempt(form, services.ask, db(), current_actor(), form.command(wanted))):
        return _new(wanted, form, 422)
    flash_done(_l("Sent. The mission looks at it first."))
    return see_other("accreditations.mine")


@bp.post("/employer/accreditation/<uuid:request_id>/answer")
@access(Permission.EMPLOYER_OWN)
def answer(request_id: UUID) -> Response:
    kind = _own(request_id).kind
    form = with_papers(AnswerRequestForm, kind)(_sent())
    if not (
        form.validate()
        and attempt(form, services.answer, db(), current_actor(), request_id, form.reason.data, form.papers())
    ):
        return _mine(422, form)
    flash_done(_l("Your answer is with the mission."))
    return see_other("accreditations.mine")


def _own(request_id: UUID) -> AccreditationRequest:
    employer = policies.find_own(db(), current_actor())
    found = db().get(AccreditationRequest, request_id)
    if found is None or found.employer_id != employer.id:
        raise NotVisible
    return found


@bp.post("/employer/accreditation/<uuid:request_id>/withdraw")
@access(Permission.EMPLOYER_OWN)
def withdraw(request_id: UUID) -> Response:
    services.withdraw(db(), current_actor(), request_id)
    flash_done(_l("Withdrawn."))
    return see_other("accreditations.mine")


@bp.get("/accreditation-papers/<uuid:paper_id>")
@access(Permission.EMPLOYER_OWN, *STAFF)
def paper(paper_id: UUID) -> Response:
    found = db().get(AccreditationPaper, paper_id)
    if found is None:
        raise NotVisible
    _request, employer = _readable(found.request_id)
    return sent_file(download(db(), found.file_id, f"{employer.reference}-{found.code}", asked_picture()))


# --- officers -----------------------------------------------------------------------------------------------------------


def _readable(request_id: UUID) -> tuple[AccreditationRequest, Employer]:
    asked = db().get(AccreditationRequest, request_id)
    if asked is None:
        raise NotVisible
    return asked, policies.find_to_read(db(), current_actor(), asked.employer_id)


@bp.get("/staff/accreditations/<uuid:request_id>")
@access(*STAFF)
def show(request_id: UUID) -> Response:
    return _show(request_id, 200)


def _show(request_id: UUID, status: int, tried: str = "", **given: Any) -> Response:
    asked, employer = _readable(request_id)
    actor = current_actor()
    found = situation(db(), employer.id)
    arrows = {t.action: t for t in REQUEST.available(asked.status, actor) if t.permission is not None}
    if not policies.is_mission_of(actor, employer):
        arrows = {a: t for a, t in arrows.items() if a not in ("see", "ask_more")}
    is_first = actor.account_id == asked.seen_by
    if is_first or not policies.may_accredit(actor, employer):
        arrows = {a: t for a, t in arrows.items() if a in ("see", "ask_more")}
    return page(
        "employers/accreditation_file.html",
        status,
        asked=asked,
        employer=employer,
        found=found,
        arrows=arrows,
        is_first=is_first and asked.status is RequestStatus.SEEN,
        papers=_papers(asked),
        ties=agency_ties(db(), employer),
        in_use=taken(db(), employer.id),
        terms=terms_of(db(), employer.id),
        answered=words_of(db(), asked.id, "answer"),
        seen=words_of(db(), asked.id, "see"),
        decided=words_of(db(), asked.id, *DECIDED),
        tried=tried,
        grant_form=given.get("grant_form") or _grant_form(asked.kind, data={"capacity": asked.capacity}),
        decision=given.get("decision") or DecisionForm(),
        back_url=url_for("employers.show", employer_id=employer.id),
        **WORDS,
    )


def _grant_form(kind: RequestKind, *given: Any, **values: Any) -> GrantForm:
    form = GrantForm(*given, **values)
    if kind is RequestKind.ENLARGEMENT:
        del form.ends_on
    return form


@bp.post("/staff/accreditations/<uuid:request_id>/look/<any(see, ask_more):action>")
@access(Permission.EMPLOYER_VERIFY)
def look(request_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    if not (
        form.validate() and attempt(form, deciding.look, db(), current_actor(), request_id, action, form.reason.data)
    ):
        return _show(request_id, 422, action, decision=form)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")


@bp.post("/staff/accreditations/<uuid:request_id>/grant")
@access(Permission.EMPLOYER_ACCREDIT)
def grant(request_id: UUID) -> Response:
    asked, _employer = _readable(request_id)
    form = _grant_form(asked.kind, request.form)
    if not (form.validate() and attempt(form, deciding.grant, db(), current_actor(), request_id, form.command())):
        return _show(request_id, 422, "grant", grant_form=form)
    flash_done(_l("Granted."))
    return see_other("staff.home")


@bp.post("/staff/accreditations/<uuid:request_id>/decide/<any(refuse, look_again):action>")
@access(Permission.EMPLOYER_ACCREDIT)
def decide(request_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    service = deciding.refuse if action == "refuse" else deciding.look_again
    if not (form.validate() and attempt(form, service, db(), current_actor(), request_id, form.reason.data)):
        return _show(request_id, 422, action, decision=form)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")
