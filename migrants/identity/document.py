"""Level 1: the passport's machine-readable zone against what the person typed, and against its photo when there is one."""

from babel.core import get_global

from core.names import LIKELY, compare_persons
from migrants.identity import mrz
from migrants.identity.port import Claim, Outcome, Reason
from migrants.registration.status import CheckVerdict


class DocumentVerifier:
    """Every check digit, every field, and the name by sound and spelling. Anything that does not fit goes to an officer."""

    name = "document"

    def check(self, claim: Claim) -> Outcome:
        if claim.mrz is None:
            return Outcome(CheckVerdict.UNKNOWN, 0, (Reason("mrz_missing", False),))
        try:
            read = mrz.parse(claim.mrz, today=claim.today)
        except mrz.MrzError:
            return Outcome(CheckVerdict.MISMATCH, 0, (Reason("mrz_invalid", False),))
        zone_name = f"{read.secondary_identifier} {read.primary_identifier}".strip()
        reasons = [
            Reason("check_digits", True),
            Reason("document_number", read.document_number == claim.document_number),
            Reason("birth_date", read.birth_date == claim.birth_date),
            Reason("sex", not read.sex or read.sex == claim.sex),
            Reason("name", compare_persons(zone_name, claim.latin_name).score >= LIKELY),
            # A passport of another country may be right, but an officer looks at it: dual nationality, mistyped line.
            Reason("nationality", claim.nationality in ("", alpha_2(read.nationality))),
            Reason("not_expired", read.expiry_date >= claim.today),
        ]
        if claim.photo_mrz is not None:
            reasons.append(Reason("photo", _same_zone(claim.photo_mrz, claim.mrz)))
        if claim.photo_page is not None:
            # Lines are drawn in a minute: a picture without portrait and data is looked at by an officer.
            reasons.append(Reason("photo_page", claim.photo_page))
        good = all(reason.fits for reason in reasons)
        score = 100 * sum(reason.fits for reason in reasons) // len(reasons)
        return Outcome(CheckVerdict.MATCH if good else CheckVerdict.MISMATCH, score, tuple(reasons))


def alpha_2(code: str) -> str:
    """The ISO 3166-1 two letters of a passport's three; empty for codes that are no country's."""
    return str((get_global("territory_aliases").get(code) or [""])[0])


def _same_zone(one: str, other: str) -> bool:
    """Whether photo and typing say the same: the numbers sign by sign (check digits would not see K for < or L for 1),
    the names by likeness, since a reader drops a thin letter now and then."""
    try:
        first, second = mrz.clean_lines(one), mrz.clean_lines(other)
    except mrz.MrzError:
        return False
    names = (zone[0][5:].replace("<", " ").strip() for zone in (first, second))
    return first[1] == second[1] and compare_persons(*names).score >= LIKELY
