"""Forms of registering: one question on a page."""

from datetime import UTC, date, datetime
from typing import ClassVar

from wtforms.validators import AnyOf, ValidationError

from core.forms import (
    CheckField,
    CodeField,
    DateField,
    Form,
    NameField,
    NoteField,
    PhoneField,
    RadioField,
    ReferenceField,
    SecretField,
    SelectField,
    TextField,
    UploadField,
    required,
)
from core.i18n import _l
from law.country import deployment
from migrants.registration.protecting import Protect
from migrants.registration.services import Begin, Details, PassportDetails
from migrants.registration.status import SEX_TITLES


class BeginForm(Form):
    called: ClassVar[dict[str, str]] = {"password": "secret"}
    name = NameField(_l("Your name"), [required()])
    secret = SecretField(_l("Choose a password or a long PIN"), [required()])
    consent = CheckField(_l("I agree that the ministry keeps my details to protect me."))

    def command(self, language: str) -> Begin:
        return Begin(self.name.data, self.secret.data, language, bool(self.consent.data))


class NameForm(Form):
    full_name = NameField(_l("What is your full name?"), [required()])
    latin_name = NameField(_l("Your name in Latin letters, as in the passport"))

    def command(self) -> Details:
        return Details(full_name=self.full_name.data, latin_name=self.latin_name.data or None)


def _calendars() -> list[tuple[str, object]]:
    """The calendars in which people of this country know their birthday."""
    titles = {"BS": _l("Bikram Sambat"), "AD": _l("Gregorian (AD)")}
    return [(code, titles[code]) for code in deployment().calendars]


class BirthForm(Form):
    calendar = RadioField(_l("Calendar"), [required()], choices=_calendars, default="AD")
    day = DateField(_l("When were you born?"), [required()], calendar_field="calendar")

    def validate_day(self, field: DateField) -> None:
        """A year to come, typed under AD, is mostly one of Bikram Sambat: the two are 57 years apart."""
        day = field.data
        if isinstance(day, date) and day.year > datetime.now(UTC).year and "BS" in deployment().calendars:
            raise ValidationError(
                _l("This looks like a year of Bikram Sambat. Choose that calendar above, and save again.")
            )

    def command(self) -> Details:
        return Details(birth_date=self.day.data)


class SexForm(Form):
    sex = RadioField(
        _l("What does your passport say?"),
        [required()],
        choices=list(SEX_TITLES.items()),
    )

    def command(self) -> Details:
        return Details(sex=self.sex.data)


class ParentsForm(Form):
    father_name = NameField(_l("Your father's name"))
    mother_name = NameField(_l("Your mother's name"))

    def command(self) -> Details:
        return Details(father_name=self.father_name.data or None, mother_name=self.mother_name.data or None)


class PlaceForm(Form):
    lives_in = SelectField(_l("Where are you now?"), [required()])

    def command(self) -> Details:
        return Details(lives_in=self.lives_in.data)


class OfficeForm(Form):
    office = SelectField(_l("Which labour office is nearest to your home?"), [required()])

    def command(self) -> Details:
        return Details(office=self.office.data)


class PassportForm(Form):
    document_number = TextField(_l("Passport number"), [required()], maximum=20)
    mrz = NoteField(_l("The two lines at the bottom of the photo page"), maximum=120)

    def command(self) -> PassportDetails:
        return PassportDetails(self.document_number.data, self.mrz.data or None)


class PhotoForm(Form):
    photo = UploadField(_l("Photo of the passport's page with your picture"))


class PhoneForm(Form):
    phone = PhoneField(_l("Your telephone number"), [required()])


class PhoneCodeForm(Form):
    code = CodeField(_l("The code that was sent to you"), [required()])


class DecisionForm(Form):
    action = SelectField(_l("Decision"), validate_choice=False)
    reason = NoteField(_l("Reason"), [required()])


class ProtectForm(DecisionForm):
    """A step of child protection: beside the reason, who helps from now on, or the day to look again."""

    body = TextField(_l("Which body helps from now on?"), maximum=200)
    contact = TextField(_l("How does the person reach it?"), maximum=200)
    until = DateField(_l("On which day is it looked at again?"))

    def command(self) -> Protect:
        return Protect(
            self.action.data, self.reason.data, self.body.data or "", self.contact.data or "", self.until.data or None
        )


class PurposeForm(Form):
    purpose = SelectField(
        _l("Why do you open this file?"), [required(), AnyOf(["review", "request", "complaint"])], validate_choice=False
    )


class RecoveryForm(Form):
    reason = NoteField(_l("Which documents did you see?"), [required()])


class NewSecretForm(Form):
    called: ClassVar[dict[str, str]] = {"password": "secret"}
    reference = ReferenceField(_l("Your reference"), [required()])
    code = TextField(_l("The code on the paper from the office"), [required()], maximum=40)
    secret = SecretField(_l("Choose a password or a long PIN"), [required()])


class StopForm(Form):
    """The password again, and with a confirmed telephone the code."""

    secret = SecretField(_l("Your password or PIN"), [required()])
    code = CodeField(_l("The code that was sent to you"))
