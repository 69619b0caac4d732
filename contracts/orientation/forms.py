"""Forms of orientation."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from contracts.orientation.services import NewSession
from core.db import legal_zone
from core.forms import (
    DateField,
    DigitsField,
    Form,
    NameField,
    NoteField,
    SelectField,
    TextField,
    latin_digits,
    required,
)
from core.i18n import _l, languages


def _languages() -> list[tuple[str, str]]:
    return [(code, language.name) for code, language in languages().items()]


class SessionForm(Form):
    day = DateField(_l("First day"), [required()])
    start = TextField(_l("Begins at"), [required()], maximum=5)
    last_day = DateField(_l("Last day"), [required()])
    end = TextField(_l("Ends at"), [required()], maximum=5)
    place = TextField(_l("Place"), [required()])
    language = SelectField(_l("Language"), [required()], choices=_languages)
    trainer = NameField(_l("Trainer"), [required()])
    capacity = DigitsField(_l("Seats"), [required()], low=1, high=500)

    def validate_start(self, field: TextField) -> None:
        clock(field.data)

    def validate_end(self, field: TextField) -> None:
        clock(field.data)

    def command(self) -> NewSession:
        return NewSession(
            instant(self.day.data, self.start.data), instant(self.last_day.data, self.end.data), self.place.data,
            self.language.data, self.trainer.data, self.capacity.data,
        )  # fmt: skip


def clock(text: str) -> time:
    """A time of day such as 9:30.

    :raises ValidationError: when it is none.
    """
    from wtforms.validators import ValidationError

    match = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", latin_digits(text or ""))
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValidationError(_l("Write the time as hours and minutes, such as 09:30."))
    return time(int(match[1]), int(match[2]))


def instant(day: date, text: str) -> datetime:
    """The instant of a local time, in UTC."""
    return datetime.combine(day, clock(text), ZoneInfo(legal_zone())).astimezone(UTC)


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required()], maximum=1000)


class FindingForm(Form):
    """What an inspector found; the scans that were ticked stand beside it by hand."""

    finding = NoteField(_l("What you found"), [required()], maximum=1000)


class CodeForm(Form):
    code = TextField(_l("Code of the person"), [required()], maximum=20)
