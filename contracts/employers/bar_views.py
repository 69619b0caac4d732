"""Pages of a bar: of the officers, and the employer's answer."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from contracts.employers import bars as services
from contracts.employers import policies
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_queries import bars_of
from contracts.employers.bar_status import BAR_KINDS, BAR_TITLES, EMPLOYER_BAR, OPEN, BarStatus
from contracts.employers.models import Employer
from contracts.employers.words import last_words
from contracts.forms import DecisionForm
from core.accounts import account_names
from core.db import legal_today
from core.errors import NotVisible
from core.forms import DateField, Form, NoteField, required
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

bp = Blueprint("employer_bars", __name__)
STAFF = (Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_ACCREDIT, Permission.AUDIT_READ)
WORDS = {"kinds": BAR_KINDS, "titles": BAR_TITLES}


class BarForm(Form):
    last_day = DateField(_l("Last day of the bar"), [required()])
    reason = NoteField(_l("Reason, which the employer reads"), [required()])

    def command(self) -> services.Bar:
        return services.Bar(self.last_day.data, self.reason.data)


class BarAnswerForm(Form):
    reason = NoteField(_l("What you say about it"), [required()])


@bp.get("/staff/employer-bars/of/<uuid:employer_id>")
@access(*STAFF)
def listed(employer_id: UUID) -> Response:
    return _listed(employer_id, 200)


def _listed(
    employer_id: UUID, status: int, *, tried: str = "", bar_id: UUID | None = None, form: Form | None = None
) -> Response:
    actor = current_actor()
    employer = policies.find_to_read(db(), actor, employer_id)
    may = policies.may_accredit(actor, employer)
    rows = bars_of(db(), employer.id)
    people = {i for r in rows for i in (r.proposed_by, r.decided_by, r.lifted_by) if i}
    return page(
        "employers/bars.html",
        status,
        employer=employer,
        rows=[
            (r, last_words(db(), r.id, "order", "reject", "lift", kind=EMPLOYER_BAR.name), _arrows(r, may))
            for r in rows
        ],
        names=account_names(db(), people),
        may=may,
        today=legal_today(db()),
        latest=services.latest_interim(legal_today(db())),
        tried=tried,
        tried_bar=bar_id,
        at_once=form if tried == "at-once" else BarForm(),
        longer=form if tried == "longer" else BarForm(),
        decision=form if bar_id else DecisionForm(),
        back_url=url_for("employers.show", employer_id=employer.id),
        **WORDS,
    )


def _arrows(bar: EmployerBar, may: bool) -> list[tuple[str, object, str]]:
    """What this officer may do with a bar: action, words, tone."""
    actor = current_actor()
    if not may or actor.account_id in (bar.proposed_by, bar.decided_by):
        return []
    return [(t.action, t.title, t.tone) for t in EMPLOYER_BAR.available(bar.status, actor) if t.permission is not None]


@bp.post("/staff/employer-bars/of/<uuid:employer_id>/<any('at-once', longer):which>")
@access(Permission.EMPLOYER_ACCREDIT)
def make(employer_id: UUID, which: str) -> Response:
    form = BarForm(request.form)
    service = services.bar_at_once if which == "at-once" else services.propose
    if not (form.validate() and attempt(form, service, db(), current_actor(), employer_id, form.command())):
        return _listed(employer_id, 422, tried=which, form=form)
    flash_done(_l("Your decision is written down, and the employer is told."))
    return see_other("employer_bars.listed", employer_id=employer_id)


@bp.post("/staff/employer-bars/<uuid:bar_id>/<any(order, reject, lift):action>")
@access(Permission.EMPLOYER_ACCREDIT)
def decide(bar_id: UUID, action: str) -> Response:
    _bar, employer = services.find_bar(db(), current_actor(), bar_id)
    employer_id = employer.id
    form = DecisionForm(request.form)
    if not (
        form.validate() and attempt(form, services.decide, db(), current_actor(), bar_id, action, form.reason.data)
    ):
        return _listed(employer_id, 422, tried=action, bar_id=bar_id, form=form)
    flash_done(_l("Your decision is written down, and the employer is told."))
    return see_other("employer_bars.listed", employer_id=employer_id)


# --- the employer -------------------------------------------------------------------------------------------------------


@bp.get("/employer/bar")
@access(Permission.EMPLOYER_OWN)
def mine() -> Response:
    return _mine(200, BarAnswerForm(), None)


def _mine(status: int, form: Form, tried: UUID | None) -> Response:
    employer = _own()
    rows = [
        (r, last_words(db(), r.id, "order", "reject", "lift", kind=EMPLOYER_BAR.name))
        for r in bars_of(db(), employer.id)
    ]
    return page(
        "employers/bar_own.html",
        status,
        employer=employer,
        rows=rows,
        open_states=OPEN,
        in_force=BarStatus.IN_FORCE,
        today=legal_today(db()),
        owns=current_actor().owns(SubjectKind.EMPLOYER, employer.id),
        form=form,
        tried=tried,
        back_url=url_for("employers.home"),
        **WORDS,
    )


def _own() -> Employer:
    return policies.find_own(db(), current_actor())


@bp.post("/employer/bar/<uuid:bar_id>/answer")
@access(Permission.EMPLOYER_OWN)
def answer(bar_id: UUID) -> Response:
    if bar_id not in {b.id for b in bars_of(db(), _own().id)}:
        raise NotVisible
    form = BarAnswerForm(request.form)
    if not (form.validate() and attempt(form, services.answer, db(), current_actor(), bar_id, form.reason.data)):
        return _mine(422, form, bar_id)
    flash_done(_l("Your answer is with the office."))
    return see_other("employer_bars.mine")
