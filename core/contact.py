"""Telephones and e-mail addresses as people write them, in one canonical form."""

import re
import unicodedata

import phonenumbers

from core.errors import DomainError
from core.i18n import _l

_region = "NP"


def set_region(country: str) -> None:
    """The country whose national numbers are meant when no country code is given (ISO 3166-1 alpha-2)."""
    global _region
    _region = country.upper()


def normal_phone(text: str) -> str:
    """E.164. Reads digits of any script, spaces, dashes and national numbers.

    :raises DomainError: when it can't be a telephone number.
    """
    try:
        parsed = phonenumbers.parse(unicodedata.normalize("NFKC", text.strip()), _region)
    except phonenumbers.NumberParseException:
        raise DomainError(_l("This does not look like a telephone number. Check the digits."), field="phone") from None
    if not phonenumbers.is_possible_number(parsed):
        raise DomainError(_l("This does not look like a telephone number. Check the digits."), field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normal_email(text: str) -> str:
    """Trimmed and in lower case.

    :raises DomainError: when it can't be an e-mail address.
    """
    email = unicodedata.normalize("NFKC", text).strip().lower()
    if len(email) > 254 or not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+", email):
        raise DomainError(_l("This does not look like an e-mail address."), field="email")
    return email
