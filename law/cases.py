"""What a case can be: the values that a row's ``when`` may ask for. A value that no case ever has would never apply."""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from law.country import country_package

KEYS = ("destination", "occupation", "sex", "route", "licence_class")
# As a passport says it, and how a person finds work.
SEXES = ("F", "M", "X")
ROUTES = ("agency", "direct")

# What Unicode lists beside the countries of ISO 3166-1: groups, codes reserved for parts of countries, codes of none.
_NO_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)  # fmt: skip


@lru_cache
def countries() -> frozenset[str]:
    """The alpha-2 codes of ISO 3166-1."""
    two = {str(code) for code in Locale("en").territories if len(str(code)) == 2 and str(code).isalpha()}
    return frozenset(two - _NO_COUNTRIES)


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known in one country: the work that a contract there can name (ISCO-08), and its licence classes."""

    occupations: frozenset[str]
    licence_classes: frozenset[str]

    def fault(self, key: str, wanted: str) -> str | None:
        """What is wrong with a value that only this country can judge, as the end of a sentence."""
        if key == "occupation" and wanted not in self.occupations:
            return f"speaks of the occupation {wanted!r}, which is no ISCO-08 code in the occupations of this country"
        if key == "licence_class" and wanted not in self.licence_classes:
            return f"speaks of the licence class {wanted!r}, which is not in this country's country.json"
        return None


@lru_cache
def cases_of(country: str) -> Cases:
    """The cases of one country's package."""
    package = country_package(country)
    return Cases(frozenset(o.code for o in package.occupations), frozenset(package.licence_classes))


def fault(key: str, wanted: object) -> str | None:
    """What is wrong with a value in any country, as the end of a sentence; None when nothing is."""
    if not isinstance(wanted, str):
        # A list would never equal a case's word.
        return f"has {wanted!r} as {key}: {key} must be one text; write one row for each value"
    if key == "destination" and wanted not in countries():
        return f"speaks of the destination {wanted!r}, which is no country of ISO 3166-1 (two capital letters)"
    if key == "sex" and wanted not in SEXES:
        return f"speaks of the sex {wanted!r}; it must be {', '.join(SEXES)}"
    if key == "route" and wanted not in ROUTES:
        return f"speaks of the route {wanted!r}; it must be {' or '.join(ROUTES)}"
    return None
