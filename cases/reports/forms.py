"""Forms of reports: shape only. Nothing but the words is asked for in earnest."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import wtforms
from wtforms.validators import Regexp

from cases.reports.alerts import Alert
from cases.reports.officers import Sort
from cases.reports.services import Send
from cases.reports.status import CATEGORY_TITLES, INDICATOR_TITLES, SHARE_TITLES, Category, Indicator, Share
from core.db import legal_zone
from core.forms import (
    DateField,
    Form,
    NoteField,
    RadioField,
    SelectField,
    TextField,
    UploadField,
    latin_digits,
    required,
)
from core.i18n import _l
from core.i18n import gettext as _
from law.country import deployment

WORDS = 4000
# Spaces alone are no words.
written = wtforms.validators.DataRequired


def _destinations() -> list[tuple[str, str]]:
    named = [(d.code, deployment().destination_name(d.code)) for d in deployment().destinations]
    return [("", str(_l("Not known, or another country"))), *named]


class EmptyField(TextField):
    """A trap: no person sees it, a machine fills it in."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            raise wtforms.validators.ValidationError(_l("Leave this field empty."))


class ReportForm(Form):
    danger = RadioField(
        _l("Is somebody in danger now?"),
        [required(_l("Choose one."))],
        choices=[("no", _l("No")), ("yes", _l("Yes"))],
    )
    words = NoteField(_l("In your own words"), [written(_l("Write what happened."))], maximum=WORDS)
    name = TextField(_l("Name of the person or agency"))
    phone = TextField(_l("Their telephone number"), maximum=40)
    place = TextField(_l("Where you met them, or their office"))
    asked = NoteField(_l("What did they ask for, or what did you pay or give?"), maximum=500)
    when = TextField(_l("When was it, about?"), maximum=100)
    destination = SelectField(_l("For work in which country?"), choices=_destinations, default="")
    share = RadioField(
        _l("What may the office that licenses agencies be told?"),
        [required(_l("Choose one."))],
        choices=[(s.value, title) for s, title in SHARE_TITLES.items()],
    )
    photos = UploadField(_l("Photos, if you have any"), render_kw={"multiple": True})
    website = EmptyField(_l("Leave this field empty."))

    def command(self, photos: tuple[bytes, ...]) -> Send:
        return Send(
            words=self.words.data,
            in_danger=self.danger.data == "yes",
            share=Share(self.share.data),
            name=self.name.data or "",
            phone=self.phone.data or "",
            place=self.place.data or "",
            asked=self.asked.data or "",
            when=self.when.data or "",
            destination=self.destination.data or "",
            photos=photos,
        )


class CodenameForm(Form):
    codename = TextField(_l("Your codename"), [written(_l("Write your codename: seven words."))])


class AddForm(Form):
    words = NoteField(_l("What do you want to add?"), [written(_l("Write what you want to add."))], maximum=WORDS)


class SortForm(Form):
    category = RadioField(
        _l("What is it?"),
        [required(_l("Choose one."))],
        choices=[(c.value, title) for c, title in CATEGORY_TITLES.items()],
    )
    indicators = wtforms.SelectMultipleField(
        _l("Signs of forced labour"),
        choices=[wtforms.SelectChoice(i.value, title) for i, title in INDICATOR_TITLES.items()],
        widget=wtforms.widgets.ListWidget(prefix_label=False),
        option_widget=wtforms.widgets.CheckboxInput(),
    )
    licence_number = TextField(_l("Licence number of the agency, if it has one"), maximum=60)

    def command(self) -> Sort:
        return Sort(
            Category(self.category.data),
            tuple(Indicator(i) for i in self.indicators.data or []),
            self.licence_number.data or "",
        )


class WordsForm(Form):
    words = NoteField(_l("What you write"), [written(_l("Write something first."))], maximum=WORDS)


class OutcomeForm(Form):
    reason = NoteField(_l("What was done, or why nothing"), maximum=2000)


class AlertForm(Form):
    whom = TextField(_l("Who was alerted?"), [written(_l("Write who was alerted."))], maximum=200)
    day = DateField(_l("On which day?"), [required(_l("Write the day."))])
    time = TextField(_l("At what time?"), [required(_l("Write the time."))], maximum=5)
    outcome = NoteField(_l("What did they say or do?"), maximum=2000)

    def validate_time(self, field: Any) -> None:
        field.data = latin_digits(field.data).replace(".", ":")
        Regexp("^([01]?[0-9]|2[0-3]):[0-5][0-9]$", message=_("Write the time like 10:30."))(self, field)

    def command(self) -> Alert:
        hour, minute = (int(part) for part in self.time.data.split(":"))
        at = datetime.combine(self.day.data, time(hour, minute), ZoneInfo(legal_zone()))
        return Alert(self.whom.data, at, self.outcome.data or "")


def alert_form(now: datetime) -> AlertForm:
    """The form as it is first shown: now, by the legal clock."""
    here = now.astimezone(ZoneInfo(legal_zone()))
    return AlertForm(data={"day": here.date(), "time": f"{here:%H:%M}"})
