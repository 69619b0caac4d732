"""From a recognised strip to a line of the zone: the grammar says where letters and where digits can stand."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from babel.core import Locale, get_global

from migrants.identity import mrz

_AS_DIGIT = str.maketrans("OQDILZSBG", "000112586")
_AS_LETTER = str.maketrans("01258", "OIZSB")
# Codes of Doc 9303 part 3, section 5, that ISO 3166-1 lacks.
_OTHER_CODES = frozenset({"D", "UNO", "UNA", "UNK", "XXA", "XXB", "XXC", "XXX", "XPO", "XOM", "EUE", "RKS", "UTO"})


def plain(text: str) -> str:
    """Zone characters only. The reader writes fillers as chevrons, quotes and brackets of many kinds."""
    upper = re.sub(r"[«《〈≤‹＜({\[]", "<", text.upper())
    return re.sub(r"[^A-Z0-9<]", "", upper)


def is_country(code: str) -> bool:
    """Whether a passport's three letters are a country's or one of the special codes."""
    bare = code.rstrip("<")
    return bare in _OTHER_CODES or bare in _three_letters()


@lru_cache
def _three_letters() -> frozenset[str]:
    """The ISO 3166-1 alpha-3 codes, by way of the territories that have a name."""
    named = Locale("en").territories
    aliases = get_global("territory_aliases")
    return frozenset(code for code, found in aliases.items() if len(code) == 3 and code.isalpha() and found[0] in named)


def names_line(text: str) -> str | None:
    """The first line at 44 signs, or None when it can't be one. Trailing fillers are free to mend, nothing else is."""
    line = plain(text)
    start = line.find("P")
    if not 0 <= start <= 2 or len(line) - start < 10:
        return None
    line = line[start:]
    # A run of fillers at the end is often read as K or C now and then.
    tail = re.search(r"<<[<KCS]*$", line)
    if tail:
        line = line[: tail.start()]
    line = line.rstrip("<")
    line = line[:2] + line[2:].translate(_AS_LETTER)
    if len(line) > mrz.LENGTH or not is_country(line[2:5]) or not line[5:6].isalpha():
        return None
    if re.search(r"<<<", line) or line.count("<<") > 1:
        return None
    return line.ljust(mrz.LENGTH, "<")


def numbers_line(text: str) -> str | None:
    """The second line at 44 signs when every check digit fits and the nationality exists; None otherwise."""
    line = plain(text)
    if len(line) < 30:
        return None
    if len(line) != mrz.LENGTH:
        # The run of fillers before the last check digits comes out longer or shorter than it is.
        head, tail = line[:28], line[28:]
        body, digits = tail[:-2].rstrip("<"), tail[-2:]
        if len(head) + len(body) + 2 > mrz.LENGTH:
            return None
        line = head + body.ljust(mrz.LENGTH - 30, "<") + digits
    signs = list(line)
    for place in (9, *range(13, 20), *range(21, 28), 43):
        signs[place] = signs[place].translate(_AS_DIGIT)
    for place in (10, 11, 12):
        signs[place] = signs[place].translate(_AS_LETTER)
    line = "".join(signs)
    if not is_country(line[10:13]) or line[20] not in "MFX<":
        return None
    return line if _checks("P<UTOX".ljust(mrz.LENGTH, "<"), line) else None


def together(names: str, numbers: str) -> bool:
    """Whether two lines make one zone."""
    return _checks(names, numbers)


def _checks(names: str, numbers: str) -> bool:
    try:
        mrz.parse(f"{names}\n{numbers}", today=datetime.now(UTC).date())
    except mrz.MrzError:
        return False
    return True
