"""Forms about an employer's accreditation: shape only."""

from datetime import date
from typing import Any

import wtforms

from contracts.employers.accreditation import Ask, papers_for
from contracts.employers.accreditation_deciding import Grant
from contracts.employers.accreditation_status import RequestKind
from core.forms import CheckField, DateField, DigitsField, Form, NoteField, UploadField, required
from core.i18n import _l, current_locale
from law.country import deployment


def _occupations() -> list[wtforms.SelectChoice]:
    named = ((o.code, f"{o.name(current_locale())} ({o.code})") for o in deployment().occupations)
    return [wtforms.SelectChoice(code, title) for code, title in named]


class OccupationsField(wtforms.SelectMultipleField):
    """Occupations of the country's list, each with a box."""

    widget = wtforms.widgets.ListWidget(prefix_label=False)
    option_widget = wtforms.widgets.CheckboxInput()

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, choices=_occupations, **kw)


class WithPapers(Form):
    """A form with one upload for each paper of a procedure: ``paper_trade_licence`` and its kin."""

    @property
    def uploads(self) -> list[Any]:
        return [f for f in self if f.name.startswith("paper_")]

    def papers(self) -> tuple[tuple[str, bytes], ...]:
        given = ((f.name.removeprefix("paper_"), f.content()) for f in self.uploads)
        return tuple((code, content) for code, content in given if content)


class AskForm(WithPapers):
    capacity = DigitsField(_l("How many workers at a time, in all"), [required()], low=1, high=10_000)
    occupations = OccupationsField(_l("Further occupations"))
    why = NoteField(_l("What the workers are needed for"), [required()])

    def command(self, kind: RequestKind) -> Ask:
        occupations = tuple(self.occupations.data or ()) if "occupations" in self else ()
        return Ask(kind, self.capacity.data, occupations, self.why.data, self.papers())


class AnswerRequestForm(WithPapers):
    reason = NoteField(_l("Your answer to the mission"), [required()])


def with_papers(form: type[WithPapers], kind: RequestKind) -> type[Any]:
    """The form with the uploads that the country asks for."""
    uploads = {f"paper_{p.code}": UploadField(p.name(current_locale())) for p in papers_for(kind)}
    return type(form.__name__, (form,), uploads)


class GrantForm(Form):
    capacity = DigitsField(_l("How many workers at a time, in all"), [required()], low=1, high=10_000)
    ends_on = DateField(_l("Last day"))
    reason = NoteField(_l("Reason"), [required()])
    fewer = CheckField(_l("I mean to grant fewer places than are in use"))

    def command(self) -> Grant:
        ends: date | None = self.ends_on.data or None if "ends_on" in self else None
        return Grant(self.capacity.data, ends, self.reason.data, bool(self.fewer.data))
