"""Letters of different scripts that look alike, after the skeleton idea of Unicode Technical Standard 39.

A small table of our own: the Greek, Cyrillic, full-width and digit look-alikes that pass for Latin letters in a name
on a signboard or a phone. Two names with one skeleton can't be told apart by eye.
"""

import re
import unicodedata
from functools import lru_cache

# fmt: off
_LOOKS_LIKE = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m",
    "н": "h", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y",
    "ү": "y", "ь": "b", "з": "3", "б": "6", "я": "r", "и": "u", "э": "e",
    # Greek
    "α": "a", "β": "b", "ϲ": "c", "δ": "d", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o", "ρ": "p", "σ": "o",
    "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ζ": "z", "λ": "l",
    # Latin letters outside ASCII that stay themselves under decomposition
    "ı": "i", "ȷ": "j", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ƅ": "b", "ʀ": "r", "ꜱ": "s",
    "ᴀ": "a", "ᴇ": "e", "ᴏ": "o", "ʟ": "l", "ɴ": "n", "ᴍ": "m", "ᴋ": "k", "ᴛ": "t", "ᴜ": "u", "ß": "b", "æ": "ae", "œ": "oe",
    # signs
    "|": "l", "!": "i", "@": "a", "$": "s", "€": "e",
}
# Capitals whose shape differs from their small letter.
_CAPITALS = {"В": "b", "Н": "h", "Р": "p", "С": "c", "У": "y", "Х": "x", "Η": "h", "Ρ": "p", "Υ": "y", "Χ": "x", "Ν": "n", "Μ": "m",
             "Β": "b", "Ζ": "z", "І": "i", "Λ": "a", "Σ": "e", "П": "n", "Д": "d", "З": "3", "И": "n", "Я": "r", "Ι": "i", "Ⅰ": "i"}
_DIGITS = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "6": "b", "7": "t", "8": "b", "9": "g"}
# Blocks that hold every letter which Unicode names Greek or Cyrillic: most names have none, and need no closer look.
_GREEK_OR_CYRILLIC = re.compile(
    "[\u0370-\u052f\u1c80-\u1c8f\u1d00-\u1dbf\u1f00-\u1fff\u2de0-\u2dff\ua640-\ua69f\uab30-\uab6f\U00010140-\U0001018f"
    "\U0001d200-\U0001d24f\U0001e030-\U0001e08f]"
)
_RUNS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))
# fmt: on


def fold_confusables(text: str) -> str:
    """Look-alike letters inside Latin words as the Latin letters they pass for; everything else unchanged.

    Only words that mix scripts, or that are made of look-alikes alone, are touched: a name honestly written in another
    script stays as it is.

    >>> fold_confusables("Hіmalayan 0verseas")  # a Cyrillic letter and a zero
    'Himalayan Overseas'
    """
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\S+", lambda match: _fold_word(match[0]), text)


@lru_cache(maxsize=50_000)
def _fold_word(word: str) -> str:
    if word.isascii() and word.isalpha():
        return word
    letters = [c for c in word if c.isalnum() or c in _LOOKS_LIKE]
    foreign = [c for c in letters if not c.isascii()]
    if any(_shape(c) is None and not _plain_latin(c) for c in foreign):
        return word
    has_letter = any(c.isalpha() for c in letters)
    out = []
    for i, c in enumerate(word):
        if c.isascii() and (c.isalpha() or not has_letter):
            out.append(c)
        elif c in _DIGITS:
            out.append(_digit_in_word(word, i))
        elif c in "|!@$" and not (word[i - 1 : i].isalpha() and word[i + 1 : i + 2].isalpha()):
            out.append(c)
        else:
            shape = _shape(c)
            out.append((shape.upper() if c.isupper() else shape) if shape else _plain_latin(c) or c)
    return "".join(out)


def _digit_in_word(word: str, i: int) -> str:
    """A digit passes for a letter only among letters; "24x7" and "A1" at the end keep theirs."""
    before, after = word[i - 1 : i] if i else "", word[i + 1 : i + 2]
    if after.isalpha() and (before.isalpha() or i == 0) and sum(c.isalpha() for c in word) >= 3:
        shape = _DIGITS.get(word[i], word[i])
        shape = "i" if shape == "l" else shape
        return shape.upper() if i == 0 and word[1:2].isalpha() else shape
    return word[i]


def _shape(c: str) -> str | None:
    return _CAPITALS.get(c) or _LOOKS_LIKE.get(c) or _LOOKS_LIKE.get(c.lower())


def _plain_latin(c: str) -> str | None:
    base = unicodedata.normalize("NFKD", c)[0]
    return base if base.isascii() and base.isalpha() else None


@lru_cache(maxsize=20_000)
def visual_skeleton(text: str) -> str:
    """What a name looks like at a glance: equal for two names that the eye confuses."""
    words = [_shape_of_word(word) for word in fold_confusables(text).split()]
    latin = any(has_latin for _shape, _plain, has_latin in words)
    return "".join(shape if latin else plain for shape, plain, _has_latin in words)


@lru_cache(maxsize=50_000)
def _shape_of_word(word: str) -> tuple[str, str, bool]:
    """The shape of a folded word with its digits read as letters and with digits left; whether it has Latin letters."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    letters = "".join(_DIGITS.get(c, c) for c in plain)
    return _shape_of(letters), _shape_of(plain), re.search(r"[a-z]", plain) is not None


def _shape_of(plain: str) -> str:
    for run, shape in _RUNS:
        plain = plain.replace(run, shape)
    plain = plain.replace("i", "l").replace("j", "l")
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c).startswith("M"))


def mixes_scripts(text: str) -> bool:
    """Whether a word of the name mixes Latin letters with look-alikes of another script."""
    if not _GREEK_OR_CYRILLIC.search(text):
        return False
    for word in text.split():
        letters = [c for c in word if c.isalpha()]
        latin = [c for c in letters if "LATIN" in unicodedata.name(c, "")]
        others = [c for c in letters if "CYRILLIC" in unicodedata.name(c, "") or "GREEK" in unicodedata.name(c, "")]
        if others and (latin or all(_shape(c) for c in others)):
            return True
    return False
