"""Countries that may be asked about: any of ISO 3166-1, since the one that somebody is offered may be closed."""

from functools import lru_cache

from babel import Locale

from core.i18n import current_locale, languages
from law import cases, engine
from law.country import deployment


@lru_cache
def _names(babel: str) -> dict[str, str]:
    return {code: name for code, name in Locale.parse(babel).territories.items() if len(code) == 2 and code.isalpha()}


def is_country(code: str) -> bool:
    return deployment().destination(code) is not None or code in cases.countries()


def country_name(code: str) -> str:
    """In the current language; the code itself where nobody has a name for it."""
    if deployment().destination(code) is not None:
        return deployment().destination_name(code)
    return _names(languages()[current_locale()].babel).get(code) or _names("en").get(code, code)


def countries() -> list[tuple[str, str]]:
    """Code and name of the country's destinations and of every country that its law closes, by name."""
    codes = {d.code for d in deployment().destinations}
    codes |= {
        row.when["destination"] for row in engine.law().by_topic.get("destination_ban", []) if "destination" in row.when
    }
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])
