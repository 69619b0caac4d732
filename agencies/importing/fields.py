"""The fields of each kind of file: what they hold, which are needed, which are personal, which touch a standing."""

from dataclasses import dataclass
from enum import StrEnum

from agencies.importing.status import ImportKind
from agencies.licensing.status import LicenceStatus, SecurityKind
from agencies.registration.status import IdentifierKind
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.i18n import _l


class Shape(StrEnum):
    TEXT = "text"
    KEY = "key"
    DAY = "day"
    PHONE = "phone"
    EMAIL = "email"
    AMOUNT = "amount"
    CURRENCY = "currency"
    WORD = "word"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Field:
    """``words`` are the values that a ``WORD`` may have; ``standing`` is what an agency may or may not do by it."""

    name: str
    shape: Shape = Shape.TEXT
    needed: bool = False
    personal: bool = False
    standing: bool = False
    words: tuple[str, ...] = ()


def _words(kind: type[StrEnum], *but: StrEnum) -> tuple[str, ...]:
    return tuple(m.value for m in kind if m not in but)


KEY = Field("source_key", Shape.KEY, needed=True)
AGENCY_KEY = Field("agency_key", Shape.KEY, needed=True)
FIELDS: dict[ImportKind, tuple[Field, ...]] = {
    ImportKind.AGENCIES: (
        KEY,
        Field("name", needed=True),
        Field("name_local"),
        Field("company_number", Shape.ACCOUNT),
        Field("district"),
        Field("address"),
        Field("office"),
        Field("phone", Shape.PHONE, personal=True),
        Field("email", Shape.EMAIL, personal=True),
        Field("bank_name", personal=True),
        Field("bank_account", Shape.ACCOUNT, personal=True),
    ),
    ImportKind.LICENCES: (
        KEY,
        AGENCY_KEY,
        Field("number", needed=True, standing=True),
        Field("licence_class", needed=True, standing=True),
        Field("status", Shape.WORD, needed=True, standing=True, words=_words(LicenceStatus)),
        Field("issued_on", Shape.DAY, needed=True, standing=True),
        Field("valid_until", Shape.DAY, needed=True, standing=True),
    ),
    ImportKind.DIRECTORS: (
        KEY,
        AGENCY_KEY,
        Field("name", needed=True, personal=True),
        Field("identifier_kind", Shape.WORD, needed=True, words=_words(IdentifierKind)),
        Field("identifier", needed=True, personal=True),
        Field("birth_date", Shape.DAY, needed=True, personal=True),
        Field("phone", Shape.PHONE, personal=True),
        Field("email", Shape.EMAIL, personal=True),
    ),
    ImportKind.SANCTIONS: (
        KEY,
        AGENCY_KEY,
        Field("kind", Shape.WORD, needed=True, standing=True, words=_words(SanctionKind, SanctionKind.EXTENSION)),
        Field(
            "status", Shape.WORD, needed=True, standing=True,
            words=(SanctionStatus.IN_FORCE.value, SanctionStatus.LIFTED.value),
        ),
        Field("ordered_on", Shape.DAY, needed=True),
        Field("last_day", Shape.DAY, standing=True),
        Field("reason", needed=True, personal=True),
    ),
    ImportKind.SECURITIES: (
        KEY,
        AGENCY_KEY,
        Field("kind", Shape.WORD, needed=True, words=_words(SecurityKind)),
        Field("amount", Shape.AMOUNT, needed=True),
        Field("currency", Shape.CURRENCY),
        Field("bank_name", needed=True, personal=True),
        Field("document_number", needed=True, personal=True),
        Field("guarantee_until", Shape.DAY),
    ),
}  # fmt: skip
TITLES = {
    "source_key": _l("Key in the old register"),
    "agency_key": _l("Agency’s key in the old register"),
    "name": _l("Name"),
    "name_local": _l("In the country's own script"),
    "company_number": _l("Company registration number"),
    "district": _l("District"),
    "address": _l("Address"),
    "office": _l("Office"),
    "phone": _l("Telephone"),
    "email": _l("E-mail"),
    "bank_name": _l("Bank"),
    "bank_account": _l("Bank account"),
    "number": _l("Licence number"),
    "licence_class": _l("Licence class"),
    "status": _l("Status"),
    "issued_on": _l("Issued on"),
    "valid_until": _l("Valid until"),
    "identifier_kind": _l("Kind of identity paper"),
    "identifier": _l("Number of the identity paper"),
    "birth_date": _l("Birth date"),
    "kind": _l("Kind"),
    "ordered_on": _l("Ordered on"),
    "last_day": _l("Last day"),
    "reason": _l("Reason"),
    "amount": _l("Amount"),
    "currency": _l("Currency"),
    "document_number": _l("Number of the bank paper"),
    "guarantee_until": _l("Guarantee ends on"),
}


def field(kind: ImportKind, name: str) -> Field:
    return next(f for f in FIELDS[kind] if f.name == name)


def personal_names(kind: ImportKind) -> frozenset[str]:
    return frozenset(f.name for f in FIELDS[kind] if f.personal)


def standing_names(kind: ImportKind) -> frozenset[str]:
    return frozenset(f.name for f in FIELDS[kind] if f.standing)
