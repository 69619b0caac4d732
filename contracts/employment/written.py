"""In which language somebody typed, so that a screen reader reads it in the right voice."""

import unicodedata
from collections import Counter

SCRIPTS = {"en": "LATIN", "ne": "DEVANAGARI", "ur": "ARABIC"}


def language_of(words: str, page: str) -> str:
    """The language (BCP 47) of a text: the page's, unless most of its letters are of another language's script.

    >>> language_of("शुक्रबार पनि?", "en")
    'ne'
    """
    scripts = Counter(unicodedata.name(c, "").partition(" ")[0] for c in words if c.isalpha())
    if not scripts:
        return page
    script = scripts.most_common(1)[0][0]
    if SCRIPTS.get(page) == script:
        return page
    return next((code for code, own in SCRIPTS.items() if own == script), page)
