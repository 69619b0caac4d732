"""The officer's comparison: what was typed beside what the zone says, and reasons in words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.i18n import _l
from core.names import LIKELY, compare_persons
from migrants.identity import mrz
from migrants.registration.queries import IdentityFile
from migrants.registration.status import SEX_TITLES


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, twice."""

    label: Any
    typed: str
    zone: str
    fits: bool


REASONS = {
    "mrz_missing": _l("the two lines were not typed"),
    "mrz_invalid": _l("the two lines have a wrong check digit"),
    "check_digits": _l("all check digits"),
    "document_number": _l("passport number"),
    "birth_date": _l("birth date"),
    "sex": _l("sex"),
    "name": _l("name"),
    "nationality": _l("nationality"),
    "phone_confirmed": _l("telephone confirmed"),
    "not_expired": _l("the passport is valid"),
    "photo": _l("the photo says the same"),
    "photo_page": _l("the photo shows a portrait and the data above the lines"),
    "under_age": _l("under the age to register alone"),
    "same_passport": _l("the same passport number"),
    "same_national_id": _l("the same national number"),
    "same_birth_date": _l("the same birth date"),
    "like_name": _l("names sound or look alike"),
    "father_same": _l("the father's name is alike"),
    "father_differs": _l("the father's name differs"),
    "mother_same": _l("the mother's name is alike"),
    "mother_differs": _l("the mother's name differs"),
}


def reason_words(code: str) -> Any:
    """A reason's code in the officer's language."""
    return REASONS.get(code, code)


def _sex(code: str | None) -> str:
    return str(SEX_TITLES.get(code or "", "–"))


def compare(file: IdentityFile) -> list[Row]:
    """Typed data and zone, field by field; empty when there is no zone that can be read."""
    migrant, passport = file.migrant, file.passport
    if passport is None or not passport.mrz:
        return []
    try:
        read = mrz.parse(passport.mrz, today=date.today())  # noqa: DTZ011 -- only resolves centuries of two-digit years
    except mrz.MrzError:
        return []
    zone_name = f"{read.secondary_identifier} {read.primary_identifier}".strip()
    latin = migrant.latin_name or ""
    return [
        Row(_l("Name"), latin, zone_name, compare_persons(zone_name, latin).score >= LIKELY),
        Row(
            _l("Birth date"),
            migrant.birth_date or "",
            read.birth_date.isoformat(),
            migrant.birth_date == read.birth_date.isoformat(),
        ),
        Row(
            _l("Sex"),
            _sex(migrant.sex),
            _sex(read.sex),
            not read.sex or read.sex == migrant.sex,
        ),
        Row(
            _l("Passport number"),
            passport.document_number or "",
            read.document_number,
            passport.document_number == read.document_number,
        ),
        Row(_l("Valid until"), "", read.expiry_date.isoformat(), passport.expires_on == read.expiry_date),
        Row(_l("Issued by"), "", read.issuing_state, True),
    ]
