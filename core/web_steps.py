"""A long form, a few questions a page: answers are kept from page to page, and looked through before they are sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core import drafts
from core.errors import NotVisible
from core.forms import CheckField, Form, RadioField, SelectField
from core.i18n import gettext as _
from core.web import attempt, current_actor, db, page

CHECK = "check"


@dataclass(frozen=True, slots=True)
class Step:
    """One page: a title and the fields that it asks for."""

    code: str
    title: Any
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One filling-in of a form about one thing.

    ``url`` gives the address of a step; ``subject`` tells drafts of the same form apart; ``defaults`` are the values of
    fields that nobody has answered yet; ``options`` say how a field is shown (see the macro ``kit.field``); ``finish``
    does the work with the whole valid form and gives the answer, or None when the form holds a refusal. ``check`` looks at a
    valid page before it is kept, and refuses with a ``DomainError``; ``units`` stand behind the answers that are looked through.
    """

    name: str
    subject: str
    form: type[Form]
    steps: tuple[Step, ...]
    heading: Any
    submit: Any
    url: Callable[[str], str]
    finish: Callable[[Any], Response | None]
    back_url: str
    intro: Any = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    check: Callable[[Any], None] | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> Response:
        """To the first page that is not answered, or to the look-through."""
        return redirect(self._next(), 303)

    def show(self, code: str) -> Response:
        if code == CHECK:
            return self._check()
        step = self._step(code)
        return self._page(step, self._part(step, self._raw(), checked=False), 200)

    def send(self, code: str) -> Response:
        """Keep the answers of a page and go on; on the last page, send it all."""
        if code == CHECK:
            return self._finish()
        step = self._step(code)
        given = {name: request.form.getlist(name) for name in step.fields}
        form = self._part(step, self._raw() | given, checked=True)
        if not form.errors and self.check is not None:
            attempt(form, self.check, form)
        if form.errors or form.form_errors:
            return self._page(step, form, 422)
        drafts.keep(db(), current_actor(), self.name, self.subject, given)
        return redirect(self._next(), 303)

    def _step(self, code: str) -> Step:
        found = next((s for s in self.steps if s.code == code), None)
        if found is None:
            raise NotVisible
        return found

    def _raw(self) -> drafts.Answers:
        """Every answer as it would be typed: the defaults, and over them what was given."""
        made = self.form(data=dict(self.defaults))
        raw = {name: _typed(made[name]) for name in self.defaults if name in made}
        return raw | drafts.answers_of(db(), current_actor(), self.name, self.subject)

    def _whole(self) -> Form:
        form = self.form(MultiDict(self._raw()))
        form.validate()
        return form

    def _part(self, step: Step, raw: drafts.Answers, *, checked: bool) -> Form:
        """The form with the fields of one step alone. Before they were sent, nothing is said to be wrong."""
        form = self.form(MultiDict(raw))
        for name in [name for name in form._fields if name not in step.fields]:
            del form[name]
        if checked:
            form.validate()
        return form

    def _next(self) -> str:
        errors = self._whole().errors
        open_step = next((s for s in self.steps if any(name in errors for name in s.fields)), None)
        return self.url(open_step.code if open_step else CHECK)

    def _page(self, step: Step, form: Form, status: int) -> Response:
        place = self.steps.index(step)
        back = self.url(self.steps[place - 1].code) if place else self.back_url
        return page(
            "steps/step.html",
            status,
            task=self,
            step=step,
            form=form,
            place=place + 1,
            of=len(self.steps),
            back_url=back,
        )

    def _check(self, form: Form | None = None, status: int = 200) -> Response:
        form = form or self._whole()
        shown = [(s, [(form[n], self._answer(form[n])) for n in s.fields]) for s in self.steps]
        return page("steps/check.html", status, task=self, shown=shown, form=form, back_url=self.back_url)

    def _answer(self, made: Any) -> str:
        unit = self.units.get(made.name)
        return f"{unit} {in_words(made)}" if unit and made.data is not None else in_words(made)

    def _finish(self) -> Response:
        form = self._whole()
        if form.errors:
            return redirect(self._next(), 303)
        answer = self.finish(form)
        if answer is None:
            return self._check(form, 422)
        drafts.forget(db(), current_actor(), self.name, self.subject)
        return answer


def _typed(made: Any) -> list[str]:
    if isinstance(made, CheckField):
        return ["y"] if made.data else []
    if isinstance(made, SelectField):
        return [str(made.data)] if made.data else []
    return [made._value()]


def in_words(made: Any) -> str:
    """An answer as its page shows it: the label of a choice, yes or no of a box, what was typed elsewhere."""
    if isinstance(made, CheckField):
        return _("yes") if made.data else _("no")
    if isinstance(made, (RadioField, SelectField)):
        return str(next((c[1] for c in made.iter_choices() if c[2]), ""))
    return str(made.data if made.data is not None else "")
