"""Pages of corrections: of the employer's owner, and of the mission."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from contracts.employers import corrections as services
from contracts.employers import policies
from contracts.employers.correction_forms import DetailsForm, signatory_form
from contracts.employers.correction_models import EmployerCorrection
from contracts.employers.correction_queries import corrections_of, side_by_side
from contracts.employers.correction_status import CORRECTION, CORRECTION_KINDS, CORRECTION_TITLES, CorrectionKind
from contracts.employers.models import Employer
from contracts.employers.signatory import hindrance, people
from contracts.employers.words import last_words
from contracts.forms import DecisionForm
from core.accounts import account_names
from core.db import legal_today
from core.errors import NotVisible
from core.files import download, pictures_of
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from core.web import access, asked_picture, attempt, current_actor, db, flash_done, page, see_other, sent_file

bp = Blueprint("corrections", __name__)
STAFF = (Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_ACCREDIT, Permission.AUDIT_READ)
WORDS = {"kinds": CORRECTION_KINDS, "titles": CORRECTION_TITLES}


@bp.get("/employer/corrections")
@access(Permission.EMPLOYER_OWN)
def mine() -> Response:
    employer = policies.find_own(db(), current_actor())
    rows = corrections_of(db(), employer.id)
    return page(
        "employers/corrections.html",
        employer=employer,
        rows=[(r, last_words(db(), r.id, "accept", "refuse", kind=CORRECTION.name)) for r in rows],
        waiting={r.kind for r in rows if r.status == "proposed"},
        today=legal_today(db()),
        hindrance=hindrance(db(), employer),
        owns=_owns(employer),
        back_url=url_for("employers.home"),
        **WORDS,
    )


def _owns(employer: Employer) -> bool:
    return current_actor().owns(SubjectKind.EMPLOYER, employer.id)


@bp.get("/employer/corrections/<any(details, signatory):kind>")
@access(Permission.EMPLOYER_OWN)
def new(kind: str) -> Response:
    return _new(kind, None, 200)


def _form(kind: str, employer: Employer, *given: Any) -> Any:
    """The form as it stands now, or as it was sent."""
    if kind == CorrectionKind.DETAILS:
        return DetailsForm(*given, data={n: getattr(employer, n) for n in services.DETAILS})
    known = people(db(), employer.id)
    names = account_names(db(), [p.id for p in known])
    stands = {
        "person": str(employer.signatory_account_id), "signatory_name": employer.signatory_name,
        "title": employer.signatory_title, "phone": employer.signatory_phone,
    }  # fmt: skip
    return signatory_form([(str(p.id), names[p.id]) for p in known], *given, data=stands)


def _new(kind: str, form: Any, status: int) -> Response:
    employer = policies.find_own(db(), current_actor())
    if not _owns(employer):
        raise NotVisible
    return page(
        "employers/correction_new.html",
        status,
        employer=employer,
        kind=CorrectionKind(kind),
        form=form or _form(kind, employer),
        back_url=url_for("corrections.mine"),
        **WORDS,
    )


@bp.post("/employer/corrections/<any(details, signatory):kind>")
@access(Permission.EMPLOYER_OWN)
def propose(kind: str) -> Response:
    employer = policies.find_own(db(), current_actor())
    form = _form(kind, employer, CombinedMultiDict([request.form, request.files]))
    service = services.propose_details if kind == CorrectionKind.DETAILS else services.propose_signatory
    if not (form.validate() and attempt(form, service, db(), current_actor(), form.command())):
        return _new(kind, form, 422)
    flash_done(_l("Sent. The mission decides."))
    return see_other("corrections.mine")


@bp.post("/employer/corrections/<uuid:correction_id>/withdraw")
@access(Permission.EMPLOYER_OWN)
def withdraw(correction_id: UUID) -> Response:
    services.withdraw(db(), current_actor(), correction_id)
    flash_done(_l("Withdrawn."))
    return see_other("corrections.mine")


def _readable(correction_id: UUID) -> tuple[EmployerCorrection, Employer]:
    made = db().get(EmployerCorrection, correction_id)
    if made is None:
        raise NotVisible
    return made, policies.find_to_read(db(), current_actor(), made.employer_id)


@bp.get("/employer-evidence/<uuid:correction_id>")
@access(Permission.EMPLOYER_OWN, *STAFF)
def evidence(correction_id: UUID) -> Response:
    made, _employer = _readable(correction_id)
    return sent_file(download(db(), made.evidence_id, made.reference, asked_picture()))


@bp.get("/staff/corrections/<uuid:correction_id>")
@access(*STAFF)
def show(correction_id: UUID) -> Response:
    return _show(correction_id, DecisionForm(), "", 200)


def _show(correction_id: UUID, form: DecisionForm, tried: str, status: int) -> Response:
    made, employer = _readable(correction_id)
    is_mission = policies.is_mission_of(current_actor(), employer)
    arrows = [t for t in CORRECTION.available(made.status, current_actor()) if t.permission is not None]
    return page(
        "employers/correction_file.html",
        status,
        made=made,
        employer=employer,
        sides=side_by_side(db(), made, employer),
        ties=services.ties(db(), made) if is_mission else [],
        arrows=arrows if is_mission else [],
        pictures=pictures_of(db(), [made.evidence_id]).get(made.evidence_id, 0),
        decided=last_words(db(), made.id, "accept", "refuse", kind=CORRECTION.name),
        today=legal_today(db()),
        form=form,
        tried=tried,
        back_url=url_for("employers.show", employer_id=employer.id),
        **WORDS,
    )


@bp.post("/staff/corrections/<uuid:correction_id>/<any(accept, refuse):action>")
@access(Permission.EMPLOYER_VERIFY)
def decide(correction_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    if not (
        form.validate()
        and attempt(form, services.decide, db(), current_actor(), correction_id, action, form.reason.data)
    ):
        return _show(correction_id, form, action, 422)
    flash_done(_l("Your decision is written down, and the employer is told."))
    return see_other("staff.home")
