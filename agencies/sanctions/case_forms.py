"""Forms of proceedings: shape only."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wtforms.validators import Regexp

from agencies.registration.forms import IDENTIFIER_TITLES
from agencies.registration.status import IdentifierKind
from agencies.sanctions.appeals import Appeal
from agencies.sanctions.case_status import ORDER_TITLES, SOURCE_TITLES, CaseSource, CaseSubject, OrderKind
from agencies.sanctions.cases import Heard, Hearing, NewPaper, Report
from agencies.sanctions.orders import Decide
from agencies.sanctions.reviews import OnPaper
from core.db import legal_zone
from core.forms import (
    AmountField,
    CheckField,
    DateField,
    Form,
    NameField,
    NoteField,
    RadioField,
    SelectField,
    TextField,
    UploadField,
    latin_digits,
    optional,
    required,
)
from core.i18n import _l
from core.i18n import gettext as _

REASON = _l("Please give a reason.")
YES_NO = [("yes", _l("Yes")), ("no", _l("No"))]


class WithPaper(Form):
    """A form that may carry one paper; more are added one by one."""

    file = UploadField(_l("Photo or PDF of a paper"))

    def papers(self, title: str, *, shown: bool = False) -> tuple[NewPaper, ...]:
        content = self.file.content()
        return (NewPaper(title, content, shown),) if content else ()


class ReportForm(WithPaper):
    """Every field that some kind of subject needs; the page shows those of its kind."""

    reference = TextField(_l("Reference of the record"), [optional()])
    name = NameField(_l("Name"), [optional()])
    identifier_kind = SelectField(
        _l("Kind of identity paper"), [optional()], choices=[(k.value, title) for k, title in IDENTIFIER_TITLES.items()]
    )
    identifier = TextField(_l("Number of the paper"), [optional()])
    birth_date = DateField(_l("Birth date"), [optional()])
    country = TextField(_l("Country, as two letters"), [optional(), Regexp("^[A-Za-z]{2}$")], maximum=2)
    facts = NoteField(_l("What is said to have happened"), [required(_l("Write what is said to have happened."))])
    source = RadioField(
        _l("Who complains?"), [required(_l("Choose one."))], choices=[(k.value, t) for k, t in SOURCE_TITLES.items()]
    )
    office = SelectField(_l("Which office?"), [optional()])

    def command(self, kind: CaseSubject, **subject: Any) -> Report:
        chosen = self.identifier_kind.data
        return Report(
            kind=kind,
            facts=self.facts.data,
            source=CaseSource(self.source.data),
            complaining_office_id=UUID(self.office.data) if self.office.data else None,
            reference=self.reference.data or "",
            name=self.name.data or "",
            identifier_kind=IdentifierKind(chosen) if chosen else None,
            identifier=self.identifier.data or "",
            birth_date=self.birth_date.data,
            country=(self.country.data or "").upper() or None,
            papers=self.papers(_("Evidence")),
            **subject,
        )


class EvidenceForm(WithPaper):
    title = TextField(_l("What the paper is"), [required(_l("Write what the paper is."))], maximum=100)
    shown = CheckField(_l("The subject may read it"))

    def command(self) -> NewPaper:
        return NewPaper(self.title.data, self.file.content() or b"", bool(self.shown.data))


class NoticeForm(Form):
    notice = NoteField(_l("What the subject has to answer"), [required(_l("Write what the subject has to answer."))])
    reply_by = DateField(_l("Last day to answer"), [optional()])


class ReplyForm(WithPaper):
    words = NoteField(_l("Your answer"), [required(_l("Write the answer."))], maximum=10000)


class HearingForm(Form):
    day = DateField(_l("Day of the hearing"), [required(_l("Write the day."))])
    time = TextField(_l("Time"), [required(_l("Write the time."))], maximum=5)
    place = TextField(_l("Place"), [required(_l("Write where the hearing is."))])
    reason = NoteField(_l("Reason, when the hearing is moved"), [optional()])

    def validate_time(self, field: Any) -> None:
        field.data = latin_digits(field.data).replace(".", ":")
        Regexp("^([01]?[0-9]|2[0-3]):[0-5][0-9]$", message=_("Write the time like 10:30."))(self, field)

    def command(self) -> Hearing:
        hour, minute = (int(part) for part in self.time.data.split(":"))
        at = datetime.combine(self.day.data, time(hour, minute), ZoneInfo(legal_zone()))
        return Hearing(at, self.place.data)


class HeardForm(WithPaper):
    came = RadioField(_l("Did the subject come?"), [required(_l("Choose one."))], choices=YES_NO)
    minutes = NoteField(_l("What was said"), [required(_l("Write what was said."))], maximum=10000)
    reason = NoteField(_l("What you find, and what you recommend"), [required(REASON)])

    def command(self) -> Heard:
        papers = self.papers(_("Minutes of the hearing"))
        return Heard(self.minutes.data, self.came.data == "yes", self.reason.data, papers)


class OrderForm(Form):
    kind = RadioField(_l("Which order?"), [required(_l("Choose one."))])
    last_day = DateField(_l("Last day of a suspension or blacklisting"), [optional()])
    fine = AmountField(_l("Amount of a fine"), [optional()])
    fine_due_on = DateField(_l("To be paid by"), [optional()])
    reason = NoteField(_l("Reasons, as they will stand in the order"), [required(REASON)], maximum=5000)

    def offer(self, kinds: tuple[OrderKind, ...]) -> None:
        self.kind.choices = [(k.value, ORDER_TITLES[k]) for k in kinds]

    def command(self, currency: str) -> Decide:
        return Decide(
            OrderKind(self.kind.data),
            self.reason.data,
            self.last_day.data,
            self.fine.money(currency) if self.fine.data is not None else None,
            self.fine_due_on.data,
        )


class AppealForm(WithPaper):
    words = NoteField(_l("Why the order is wrong"), [required(_l("Write why the order is wrong."))], maximum=10000)
    ask_stay = CheckField(_l("I ask that the order does not work until the appeal is decided"))

    def command(self) -> Appeal:
        return Appeal(self.words.data, bool(self.ask_stay.data), self.papers(_("Appeal")))


class PaperAppealForm(AppealForm):
    """As an officer writes down what came on paper."""

    ask_stay = CheckField(_l("The paper asks that the order does not work until the appeal is decided"))
    received_on = DateField(
        _l("Day on which the paper came in"), [required(_l("Write the day on which the paper came in."))]
    )

    def command(self) -> Appeal:
        papers = self.papers(_("Appeal"))
        return Appeal(self.words.data, bool(self.ask_stay.data), papers, self.received_on.data)


class ReviewForm(Form):
    words = NoteField(
        _l("Why the suspension is wrong"), [required(_l("Write why the suspension is wrong."))], maximum=10000
    )


class PaperReviewForm(ReviewForm, WithPaper):
    """As an officer writes down what came on paper."""

    received_on = DateField(
        _l("Day on which the paper came in"), [required(_l("Write the day on which the paper came in."))]
    )

    def command(self) -> OnPaper:
        papers = self.papers(_("Request for a review"))
        return OnPaper(self.words.data, papers[0] if papers else None, self.received_on.data)


class LiftingForm(Form):
    public_reason = NoteField(
        _l("Reason, as everybody will read it"), [required(_l("Write the reason that everybody will read."))]
    )


class FineForm(Form):
    on = DateField(_l("Day"), [optional()])
    receipt = TextField(_l("Number of the receipt"), [required(_l("Write the number of the receipt."))], maximum=60)
