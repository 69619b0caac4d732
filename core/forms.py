"""Forms: shape only. One strict canonical input layer, our own translations, then ``.command()`` in each form.

CSRF is checked at the edge (``core.web``), before any form is read.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import nepali_datetime
import wtforms
from wtforms import validators
from wtforms.validators import ValidationError

from core.contact import normal_email, normal_phone
from core.errors import DomainError
from core.i18n import WTFormsTranslations, _l
from core.ids import parse_reference
from core.money import Money, exponent


def required(message: Any = None) -> validators.InputRequired:
    """Nobody goes on without this."""
    return validators.InputRequired(message or _l("Please fill this in."))


optional = validators.Optional

# WTForms' own sentences, so that our catalogues hold them (its packaged ones lack Nepali and Urdu).
_WTFORMS_SENTENCES = (
    _l("Not a valid choice."),
    _l("Not a valid choice: could not coerce."),
    _l("Invalid Choice: could not coerce."),
    _l("Choices cannot be None."),
    _l("Invalid input."),
    _l("Field must be equal to %(other_name)s."),
)


class Form(wtforms.Form):
    """Every form. Errors speak the person's language."""

    class Meta:
        def get_translations(self, form: wtforms.Form) -> WTFormsTranslations:
            return WTFormsTranslations()

    # What a service calls a field, where this form has another name for it.
    called: ClassVar[Mapping[str, str]] = {}

    def refuse(self, error: DomainError) -> None:
        """Show a refusal of the service at its field, or above the form when it has none."""
        field = self._fields.get(self.called.get(error.field, error.field)) if error.field else None
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


def canonical_text(text: str) -> str:
    """NFC, no control or direction-changing characters, single spaces, trimmed."""
    normal = unicodedata.normalize("NFC", text)
    # Zero-width joiners are letters' glue in Devanagari and Urdu and stay; other format characters go.
    kept = "".join(
        c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or c in "\u200c\u200d\n" else " "
        for c in normal
    )
    return "\n".join(re.sub(r"[^\S\n]+", " ", line).strip() for line in kept.split("\n")).strip()


def latin_digits(text: str) -> str:
    """Decimal digits of any script as Latin ones (superscripts and the like stay as they are)."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


class _Canonical(wtforms.StringField):
    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        # What is nothing once it is canonical (spaces, control characters) is nothing to "this field is required", too.
        self.raw_data = [canonical_text(v) for v in valuelist]
        super().process_formdata(self.raw_data)


def at_most(maximum: int) -> validators.Length:
    """No more than ``maximum`` characters."""
    return validators.Length(max=maximum, message=_l("Use at most %(max)d characters."))


class TextField(_Canonical):
    """One line of text. ``maximum`` characters, 200 unless told."""

    def __init__(self, label: Any = None, checks: Sequence[Any] = (), *, maximum: int = 200, **kw: Any) -> None:
        super().__init__(label, [*checks, at_most(maximum)], **kw)


class NoteField(_Canonical, wtforms.TextAreaField):
    """Several lines of text, such as a reason."""

    def __init__(self, label: Any = None, checks: Sequence[Any] = (), *, maximum: int = 2000, **kw: Any) -> None:
        super().__init__(label, [*checks, at_most(maximum)], **kw)


class NameField(TextField):
    """A name in any script, one part or many. Digits are refused."""

    def pre_validate(self, form: Any) -> None:
        if self.data and any(unicodedata.category(c) == "Nd" for c in self.data):
            raise ValidationError(_l("A name has no digits."))
        if self.data and not any(c.isalpha() for c in self.data):
            raise ValidationError(_l("Write the name in letters."))


class PhoneField(_Canonical):
    """A telephone number as written; ``data`` is E.164 once it is valid."""

    widget = wtforms.widgets.TelInput()

    def pre_validate(self, form: Any) -> None:
        if self.data:
            try:
                self.data = normal_phone(self.data)
            except DomainError as error:
                raise ValidationError(error.message) from None


class EmailField(_Canonical):
    """An e-mail address; ``data`` is its canonical form once it is valid."""

    widget = wtforms.widgets.EmailInput()

    def pre_validate(self, form: Any) -> None:
        if self.data:
            try:
                self.data = normal_email(self.data)
            except DomainError as error:
                raise ValidationError(error.message) from None


class SecretField(wtforms.PasswordField):
    """A password or PIN, never echoed."""


class DigitsField(_Canonical):
    """A whole number written with digits of any script; ``data`` is an int. No signs, exponents or underscores."""

    def __init__(
        self, label: Any = None, checks: Sequence[Any] = (), *, low: int = 0, high: int = 10**9, **kw: Any
    ) -> None:
        super().__init__(label, checks, **kw)
        self.low, self.high = low, high

    def pre_validate(self, form: Any) -> None:
        if self.data in (None, ""):
            self.data = None
            return
        text = latin_digits(str(self.data)).replace(" ", "").replace(",", "")
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise ValidationError(_l("Write a whole number in digits."))
        if not self.low <= int(text) <= self.high:
            raise ValidationError(
                _l("Write a number from %(low)s to %(high)s.", low=self.low, high=self.high),
            )
        self.data = int(text)

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


class AmountField(_Canonical):
    """An amount as people write it (``1,234.50``, native digits); ``data`` is a Decimal, exact."""

    def pre_validate(self, form: Any) -> None:
        if self.data in (None, ""):
            self.data = None
            return
        self.data = parse_decimal(str(self.data))

    def money(self, currency: str) -> Money:
        """The amount in a currency.

        :raises DomainError: when it has more decimals than the currency.
        """
        return Money.from_decimal(self.data, currency)

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


def parse_decimal(text: str) -> Decimal:
    """An exact amount from what a person typed.

    :raises ValidationError: when it isn't digits with at most one decimal point.
    """
    plain = latin_digits(text).replace("٫", ".").replace("٬", ",").replace(" ", "")
    grouped = re.fullmatch(r"[0-9]{1,3}(,[0-9]{2,3})*(\.[0-9]{1,3})?|[0-9]+(\.[0-9]{1,3})?", plain)
    bare = plain.replace(",", "")
    # Fifteen digits in the smallest unit of a currency with three decimals still fit the books (64 bits).
    if not grouped or len(bare.partition(".")[0]) > 15:
        raise ValidationError(_l("Write the amount in digits, such as 1500 or 1500.50."))
    return Decimal(bare)


def parse_amount(text: str, currency: str) -> Money:
    """Money from what a person typed.

    :raises DomainError: when it isn't an amount of that currency.
    """
    exponent(currency)
    try:
        return Money.from_decimal(parse_decimal(text), currency)
    except ValidationError as error:
        raise DomainError(str(error), field="amount") from None


class DateField(_Canonical):
    """A day, typed as day, month, year or year, month, day, in the Gregorian calendar or Bikram Sambat, digits of any script.

    It is read as Bikram Sambat only when the companion field ``calendar_field`` says ``BS``. ``data`` is a ``date``.
    """

    def __init__(
        self, label: Any = None, checks: Sequence[Any] = (), *, calendar_field: str | None = None, **kw: Any
    ) -> None:
        super().__init__(label, checks, **kw)
        self.calendar_field = calendar_field

    def pre_validate(self, form: Any) -> None:
        if self.data in (None, "") or isinstance(self.data, date):
            self.data = self.data or None
            return
        calendar = form[self.calendar_field].data if self.calendar_field else "AD"
        self.data = parse_day(str(self.data), calendar or "AD")

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, date) else (self.data or "")


def parse_day(text: str, calendar: str = "AD") -> date:
    """A day from ``15-1-2058``, ``15.1.2058``, ``2058-01-15``, ``2058/1/15`` or ``2058 1 15``, in ``AD`` or ``BS``.

    The year has four digits and stands first or last; so no two orders are mixed up. The month is never first.

    :raises ValidationError: when there is no such day.
    """
    parts = re.findall(r"[0-9]+", latin_digits(text))
    if len(parts) == 3 and len(parts[2]) == 4:
        parts.reverse()
    if [len(p) for p in parts] not in ([4, m, d] for m in (1, 2) for d in (1, 2)):
        raise ValidationError(_l("Write day, month and year in digits, such as 23-5-1998."))
    year, month, day = (int(p) for p in parts)
    try:
        if calendar == "BS":
            found: date = nepali_datetime.date(year, month, day).to_datetime_date()
            return found
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise ValidationError(_l("There is no such day. Check the month and the day.")) from None


class CodeField(_Canonical):
    """A six-digit code as typed, spaces and native digits allowed; ``data`` is six Latin digits."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            text = re.sub(r"[\s-]", "", latin_digits(self.data))
            if not re.fullmatch(r"[0-9]{6}", text):
                raise ValidationError(_l("The code has six digits."))
            self.data = text


class ReferenceField(_Canonical):
    """A reference with its check character; ``data`` is the canonical form."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            found = parse_reference(self.data)
            if found is None:
                raise ValidationError(
                    _l("This can’t be a reference: a letter or digit is wrong or missing. Compare each one.")
                )
            self.data = found


class UploadField(wtforms.FileField):
    """An uploaded file; ``content()`` gives its bytes, or None when nothing was chosen."""

    def content(self) -> bytes | None:
        if not self.data or isinstance(self.data, str):
            return None
        data: bytes = self.data.read()
        return data or None


def _options(choices: Any) -> Any:
    """``(value, label)`` pairs as the records that WTForms 3.3 wants: it warns at tuples."""
    if choices is None:
        return None
    if callable(choices):
        return lambda: _options(choices())
    return [wtforms.SelectChoice(*c) if isinstance(c, (tuple, list)) else c for c in choices]


class _Pairs:
    """Takes pairs as choices, at the start and later."""

    def __init__(self, label: Any = None, checks: Sequence[Any] = (), *, choices: Any = None, **kw: Any) -> None:
        super().__init__(label, checks, choices=_options(choices), **kw)  # type: ignore[call-arg]  # the field's own

    @property
    def choices(self) -> Any:
        return wtforms.SelectField.choices.fget(self)

    @choices.setter
    def choices(self, choices: Any) -> None:
        wtforms.SelectField.choices.fset(self, _options(choices))


class SelectField(_Pairs, wtforms.SelectField):
    """One of several; choices are ``(value, label)`` pairs, possibly given as a callable for the request's language."""


class RadioField(_Pairs, wtforms.RadioField):
    """One of few, shown as large targets."""


class CheckField(wtforms.BooleanField):
    """A tick box."""


class HiddenField(wtforms.HiddenField):
    """A value carried along."""
