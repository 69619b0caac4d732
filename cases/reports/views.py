"""Reporting a recruiter without a name: no account, no cookie, no JavaScript, one question a page.

Answers travel from page to page in a sealed draft; nothing is kept before the last one is sent.
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cases.reports import services
from cases.reports.draft import Draft, new_draft, open_draft, open_key, seal_draft, seal_key
from cases.reports.forms import AddForm, CodenameForm, ReportForm
from cases.reports.patience import PATIENCE
from cases.reports.status import STATUS_TITLES
from cases.reports.words import language_of, read_codename
from core.errors import NotVisible
from core.i18n import _l, current_locale, languages
from core.web import anonymous, attempt, db, page
from core.web_steps import CHECK, Step, in_words
from law.country import deployment

blueprint = Blueprint("reports", __name__)
STEPS = (
    Step("danger", _l("Is somebody in danger now?"), ("danger",)),
    Step("words", _l("What happened?"), ("words",)),
    Step("who", _l("Who is it?"), ("name", "phone", "place")),
    Step("paid", _l("What did they ask for?"), ("asked", "when", "destination")),
    Step("share", _l("What may the office that licenses agencies be told?"), ("share",)),
)
CODES = [step.code for step in STEPS] + [CHECK]


def _neutral(template: str, status: int = 200, /, **context: object) -> Response:
    return page(template, status, exit_url=deployment().standard("report_exit_url"), **context)


def _limit(bucket: str, standard: str) -> None:
    PATIENCE.hit(bucket, request.remote_addr or "", limit=deployment().standard(standard))


@blueprint.get("/report")
@anonymous
def begin() -> ResponseReturnValue:
    return _question(new_draft(), STEPS[0], 200)


def _question(draft: Draft, step: Step, status: int, form: ReportForm | None = None) -> Response:
    return _neutral(
        "cases/question.html",
        status,
        step=step,
        form=form or _part(draft, step),
        draft=seal_draft(draft),
        place=STEPS.index(step) + 1,
        of=len(STEPS),
        urgent=draft.answers.get("danger") == ["yes"],
    )


def _part(draft: Draft, step: Step, *, checked: bool = False) -> ReportForm:
    form = ReportForm(MultiDict(draft.answers) if set(step.fields) & set(draft.answers) else None)
    for name in [name for name in form._fields if name not in step.fields]:
        del form[name]
    if checked:
        form.validate()
    return form


@blueprint.post("/report")
@anonymous
def step() -> ResponseReturnValue:
    """Take a page's answers and show the next page, or, from the last, keep the report."""
    draft = open_draft(request.form.get("draft", ""))
    code, wish = request.form.get("step", ""), request.form.get("go", "")
    if draft is None or code not in CODES:
        return _neutral("cases/stale.html", 422)
    if code == CHECK:
        # The last page sends, or goes to the page that is to be changed.
        changed = next((s for s in STEPS if s.code == wish), None)
        return _question(draft, changed, 200) if changed else _send(draft)
    place = CODES.index(code)
    current = STEPS[place]
    given = draft.with_answers({name: request.form.getlist(name)[:1] for name in current.fields})
    if wish == "back" and place:
        return _question(given, STEPS[place - 1], 200)
    form = _part(given, current, checked=True)
    if form.errors:
        return _question(given, current, 422, form)
    return _question(given, STEPS[place + 1], 200) if place + 1 < len(STEPS) else _check(given, 200)


def _whole(draft: Draft) -> ReportForm:
    form = ReportForm(MultiDict({**draft.answers, "website": request.form.getlist("website")}))
    form.validate()
    return form


def _check(draft: Draft, status: int, form: ReportForm | None = None, *, hasty: bool = False) -> Response:
    form = form or _whole(draft)
    shown = [(s, [(form[n].label.text, in_words(form[n])) for n in s.fields]) for s in STEPS]
    return _neutral(
        "cases/check.html",
        status,
        form=form,
        shown=shown,
        draft=seal_draft(draft),
        hasty=hasty,
        photos=services.photos_at_most(),
    )


def _send(draft: Draft) -> Response:
    form = _whole(draft)
    missing = next((s for s in STEPS if any(name in form.errors for name in s.fields)), None)
    if missing is not None:
        return _question(draft, missing, 422, _part(draft, missing, checked=True))
    if form.errors or draft.hasty:
        return _check(draft, 422, form, hasty=draft.hasty)
    _limit("report", "reports_per_day")
    photos = tuple(data for file in request.files.getlist("photos") if (data := file.read()))
    codename = attempt(form, services.send, db(), draft.secret, form.command(photos))
    if codename is None:
        return _check(draft, 422, form)
    language = languages()[language_of(current_locale())]
    danger = form.danger.data == "yes"
    return _neutral("cases/codename.html", codename=codename, language=language, in_danger=danger)


# --- coming back ------------------------------------------------------------------------------------------------------


@blueprint.get("/report/follow-up")
@anonymous
def follow() -> ResponseReturnValue:
    return _neutral("cases/follow.html", form=CodenameForm(), unknown=False)


@blueprint.post("/report/follow-up")
@anonymous
def open_thread() -> ResponseReturnValue:
    """The answers under a codename; the same words for every codename that is nobody's."""
    _limit("codename", "report_codes_per_day")
    form = CodenameForm(request.form)
    if not form.validate():
        return _neutral("cases/follow.html", 422, form=form, unknown=False)
    return _thread(read_codename(form.codename.data), AddForm(), 200)


def _thread(codename: str, form: AddForm, status: int, *, added: bool = False) -> Response:
    try:
        found = services.thread(db(), codename)
    except NotVisible:
        return _neutral("cases/follow.html", 422, form=CodenameForm(), unknown=True)
    return _neutral(
        "cases/thread.html",
        status,
        thread=found,
        title=STATUS_TITLES[found.status],
        form=form,
        key=seal_key(codename),
        added=added,
    )


@blueprint.post("/report/follow-up/message")
@anonymous
def add() -> ResponseReturnValue:
    """The reporter adds something."""
    _limit("codename", "report_codes_per_day")
    codename = open_key(request.form.get("key", ""))
    if codename is None:
        return _neutral("cases/follow.html", 422, form=CodenameForm(), unknown=False)
    form = AddForm(request.form)
    done = form.validate() and attempt(form, _added, codename, form.words.data)
    return _thread(codename, AddForm() if done else form, 200 if done else 422, added=bool(done))


def _added(codename: str, words: str) -> bool:
    services.add(db(), codename, words)
    return True
