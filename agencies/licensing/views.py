"""Pages of an agency for its licence: home, application as a task list, papers, document."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.licensing import appeals, checklist, documents, downloads, policies, queries, rules, services
from agencies.licensing.forms import ClassForm, PaperForm, ReasonForm
from agencies.licensing.status import (
    APPEAL_TITLES,
    APPLICANT_TITLES,
    FINAL,
    OWN_PARTY_TITLES,
    PAPER_TITLES,
    ApplicationStatus,
    Procedure,
)
from agencies.registration import policies as agency_policies
from agencies.registration.waiting import waiting_for
from agencies.renewal import queries as renewals
from agencies.renewal import testing
from agencies.renewal.status import VERDICT_TITLES, Occasion
from agencies.sanctions.case_queries import cases_of
from agencies.sanctions.case_status import CASE_TITLES
from agencies.sanctions.queries import sanctions_of
from agencies.sanctions.status import KIND_TITLES, SANCTION_TITLES
from agencies.security.queries import home as security_home
from core.db import legal_today
from core.errors import NotVisible
from core.i18n import format_money
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
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
    typed,
)
from law.country import deployment

blueprint = Blueprint("licence", __name__)


@access(Permission.AGENCY_OWN)
def show(agency_id: UUID) -> ResponseReturnValue:
    """An agency's home: how it stands, what to do next, who may act."""
    agency = agency_policies.find_own(db(), current_actor(), agency_id)
    application = queries.newest_application(db(), agency_id)
    return page(
        "agencies/home.html",
        agency=agency,
        standing=queries.licence_for(db(), agency_id, legal_today(db())),
        licence=queries.newest_licence(db(), agency_id),
        application=application,
        finished=application is None or application.status in FINAL,
        titles=APPLICANT_TITLES,
        parties=OWN_PARTY_TITLES,
        today=legal_today(db()),
        waiting=waiting_for(db(), current_actor(), agency_id),
        may_apply=current_actor().acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.APPLY),
        is_owner=current_actor().owns(SubjectKind.AGENCY, agency_id),
        renewal=renewals.home(db(), agency_id),
        security=security_home(db(), agency_id),
        proceedings=cases_of(db(), agency_id, served=True),
        case_titles=CASE_TITLES,
        suspensions=[s for s in sanctions_of(db(), agency_id) if s.has_order],
        kind_titles=KIND_TITLES,
        sanction_titles=SANCTION_TITLES,
    )


@blueprint.post("/agencies/<uuid:agency_id>/applications")
@access(Permission.AGENCY_OWN)
def start(agency_id: UUID) -> ResponseReturnValue:
    application = services.start_application(db(), current_actor(), agency_id)
    return see_other("licence.application", application_id=application.id)


@blueprint.post("/agencies/<uuid:agency_id>/surrender")
@access(Permission.AGENCY_OWN)
def surrender(agency_id: UUID) -> ResponseReturnValue:
    services.surrender(db(), current_actor(), agency_id, typed("reason"))
    flash_done(_("The licence was given up."))
    return see_other("agency.show", agency_id=agency_id)


def _own(application_id: UUID) -> policies.Held:
    """The application, for the agency's own people alone."""
    held = policies.find(db(), current_actor(), application_id)
    if not current_actor().acts_for(SubjectKind.AGENCY, held.agency.id):
        raise NotVisible
    return held


@blueprint.get("/licences/applications/<uuid:application_id>")
@access(Permission.AGENCY_OWN)
def application(application_id: UUID) -> ResponseReturnValue:
    return _application_page(_own(application_id), ReasonForm(), 200)


def _application_page(held: policies.Held, form: ReasonForm, status: int) -> Response:
    found = held.application
    editable = found.status in services.EDITABLE
    is_renewal = found.procedure is Procedure.RENEWAL
    return page(
        "agencies/application.html",
        status,
        agency=held.agency,
        application=found,
        form=form,
        title=APPLICANT_TITLES[found.status],
        parties=OWN_PARTY_TITLES,
        today=legal_today(db()),
        editable=editable,
        changeable=found.status in services.CHANGEABLE and not editable,
        tasks=checklist.tasks(db(), found, held.agency) if editable else [],
        defects=checklist.defects(db(), found.id, found.round) if found.status is ApplicationStatus.RETURNED else [],
        paper_titles={p.code: p.title for p in rules.papers(found.procedure)},
        tests=testing.tests_of(db(), found, for_officer=False) if is_renewal and found.status not in FINAL else [],
        sent=renewals.kept(db(), found.id, Occasion.SENT) if is_renewal else {},
        verdict_titles=VERDICT_TITLES,
        security=queries.asked_security(found),
        documents=documents.documents_of(db(), found.id),
        document_titles=PAPER_TITLES,
        appeal=appeals.appeal_of(db(), found),
        appeal_titles=APPEAL_TITLES,
        no_appeal=appeals.hindrance(db(), found) if found.status is ApplicationStatus.REFUSED else None,
        ministry=deployment().ministry_name,
        may_withdraw=found.status not in FINAL,
    )


@blueprint.get("/licences/applications/<uuid:application_id>/class")
@access(Permission.AGENCY_OWN)
def licence_class(application_id: UUID) -> ResponseReturnValue:
    held = _own(application_id)
    return _class_page(held, _class_form(None, held.application.licence_class), 200)


def _class_form(values: object, chosen: str | None = None) -> ClassForm:
    form = ClassForm(values, licence_class=chosen)
    form.licence_class.choices = [(c.code, _class_words(c)) for c in rules.classes(legal_today(db()))]
    return form


def _class_words(terms: rules.ClassTerms) -> str:
    if not terms.workers:
        return terms.title
    if terms.whole_term:
        return _("%(name)s: %(workers)s workers in its whole term", name=terms.title, workers=terms.workers)
    return _("%(name)s: %(workers)s workers a year", name=terms.title, workers=terms.workers)


def _class_page(held: policies.Held, form: ClassForm, status: int) -> Response:
    terms = rules.classes(legal_today(db()))
    return page(
        "agencies/class.html", status, application=held.application, form=form, terms=terms, format_money=format_money
    )


@blueprint.post("/licences/applications/<uuid:application_id>/class")
@access(Permission.AGENCY_OWN)
def send_class(application_id: UUID) -> ResponseReturnValue:
    held = _own(application_id)
    form = _class_form(request.form)
    done = form.validate() and attempt(
        form, services.choose_class, db(), current_actor(), application_id, form.command()
    )
    if not done:
        return _class_page(held, form, 422)
    return see_other("licence.application", application_id=application_id)


@blueprint.get("/licences/applications/<uuid:application_id>/papers/<code>")
@access(Permission.AGENCY_OWN)
def paper(application_id: UUID, code: str) -> ResponseReturnValue:
    return _paper_page(_own(application_id), code, PaperForm(), 200)


def _paper_page(held: policies.Held, code: str, form: PaperForm, status: int) -> Response:
    rule = next((p for p in rules.papers(held.application.procedure) if p.code == code), None)
    if rule is None:
        raise NotVisible
    given = queries.papers_of(db(), held.application.id).get(code)
    return page("agencies/paper.html", status, application=held.application, rule=rule, given=given, form=form)


@blueprint.post("/licences/applications/<uuid:application_id>/papers/<code>")
@access(Permission.AGENCY_OWN)
def send_paper(application_id: UUID, code: str) -> ResponseReturnValue:
    held = _own(application_id)
    form = PaperForm(request.files)
    done = form.validate() and attempt(
        form, services.attach_paper, db(), current_actor(), application_id, form.command(code)
    )
    if not done:
        return _paper_page(held, code, form, 422)
    flash_done(_("The paper was uploaded."))
    return see_other("licence.application", application_id=application_id)


@blueprint.post("/licences/applications/<uuid:application_id>/defects/<uuid:defect_id>")
@access(Permission.AGENCY_OWN)
def mend(application_id: UUID, defect_id: UUID) -> ResponseReturnValue:
    services.mend_defect(db(), current_actor(), application_id, defect_id)
    return see_other("licence.application", application_id=application_id)


@blueprint.post("/licences/applications/<uuid:application_id>/<any(submit, withdraw):action>")
@access(Permission.AGENCY_OWN)
def act(application_id: UUID, action: str) -> ResponseReturnValue:
    held = _own(application_id)
    form = ReasonForm()
    service = services.submit if action == "submit" else services.withdraw
    if not attempt(form, service, db(), current_actor(), application_id):
        return _application_page(_own(application_id), form, 422)
    flash_done(_("Your application was sent.") if action == "submit" else _("Your application was withdrawn."))
    return see_other("agency.show", agency_id=held.agency.id)


@blueprint.get("/licences/papers/<uuid:paper_id>")
@signed_in
def download_paper(paper_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.paper(db(), current_actor(), paper_id, asked_picture()))


@blueprint.get("/licences/documents/<uuid:document_id>")
@signed_in
def download_document(document_id: UUID) -> ResponseReturnValue:
    return sent_file(documents.download_document(db(), current_actor(), document_id))


@blueprint.get("/licences/securities/<uuid:security_id>")
@signed_in
def download_security(security_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.security(db(), current_actor(), security_id, asked_picture()))


@blueprint.get("/licences/<uuid:licence_id>/document")
@signed_in
def download_licence(licence_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.licence(db(), current_actor(), licence_id))


def install(agency_blueprint: Blueprint) -> None:
    """The agency's home needs licences, so it lives here but has an agency's address."""
    agency_blueprint.add_url_rule("/<uuid:agency_id>", "show", show)
