"""Codenames: seven everyday words in the reporter's own script, made of chance, kept as a keyed Argon2id hash alone.

Each language has a list of 512 words of its own (``words_lists/<code>.txt``, ours): 512^7 is 2^63 codenames. The words of one
place in the lists are one word to us, so a codename is the same in every language, and opens in any, even mixed. Typed
words are compared without what people spell differently: capital letters, long and short vowels, letters that sound
alike, joiners, digits and stops between them. Of an English word only the first four letters count; a word in another
script may be one letter off; spaces may be missing or too many.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from rapidfuzz.distance import DamerauLevenshtein

from core import settings
from core.privacy import derived_key

LENGTH = 7
TELLING = 4
DEFAULT = "en"
FOLDER = Path(__file__).with_name("words_lists")


def words_of(language: str) -> tuple[str, ...]:
    """The list of a language, by place."""
    return tuple((FOLDER / f"{language}.txt").read_text(encoding="utf-8").split())


LISTS = {path.stem: words_of(path.stem) for path in sorted(FOLDER.glob("*.txt"))}
WORDS = LISTS[DEFAULT]

# Letters that are heard, or typed, as one: what is written on paper once is not typed the same way weeks later.
_SAME = {
    "ईइ": "इ", "ऊउ": "उ", "ीि": "ि", "ूु": "ु", "शषस": "स", "वब": "ब", "णन": "न", "ॠऋ": "ऋ",
    "آأإٱا": "ا", "يىئۓےی": "ی", "كک": "ک", "ةۃھہۂه": "ه", "ؤو": "و", "ثصس": "س", "ذضظز": "ز", "طت": "ت",
    "حه": "ه", "قک": "ک", "ںن": "ن",
}  # fmt: skip
_FOLD = {ord(letter): one for letters, one in _SAME.items() for letter in letters}
_BETWEEN = re.compile(r"[\s\d.,;:।۔،–—_/|()*-]+")
_LONGEST = 16
# Nasal signs and the sign of a consonant without vowel: left out as often as written.
_SILENT = dict.fromkeys(map(ord, "ँं़्ءٔ"))


def whole(word: str) -> str:
    """A word without what people spell differently; empty for what has no letter."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).casefold())
    return "".join(c for c in plain.translate(_FOLD).translate(_SILENT) if unicodedata.category(c)[0] in "LM")


def fold(word: str) -> str:
    """A word as it is compared: of a word in Latin letters the first four."""
    plain = whole(word)
    return plain[:TELLING] if plain.isascii() else plain


@lru_cache
def _places(form: Callable[[str], str]) -> dict[str, int]:
    """The place of every word in this form, of all languages: their scripts keep them apart."""
    return {form(word): place for words in LISTS.values() for place, word in enumerate(words)}


def codename_of(secret: bytes, language: str = DEFAULT) -> str:
    """The codename that belongs to a draft's own secret (16 random bytes), in the words of a language that has a list."""
    number = int.from_bytes(hmac.new(derived_key("report-words"), secret, sha256).digest(), "big")
    words = LISTS[language_of(language)]
    chosen = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(words))
        chosen.append(words[place])
    return " ".join(chosen)


def language_of(language: str) -> str:
    """The language in which codenames are given to who reads this one."""
    return language if language in LISTS else DEFAULT


def read_codename(text: str) -> str:
    """A codename as a person typed it, in any language, in its one form (English words); what is none stays as typed."""
    places = _read(text[:2000])
    return " ".join(WORDS[place] for place in places) if places is not None else text[:200]


def _read(text: str) -> list[int] | None:
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    typed = [word for word in _BETWEEN.split(plain) if whole(word)]
    if len(typed) == LENGTH:
        found = [place for word in typed if (place := _place(fold(word))) is not None]
        if len(found) == LENGTH:
            return found
    return _cut("".join(whole(word) for word in typed))


def _place(word: str) -> int | None:
    """The place of a folded word, or of the only one that is a letter off."""
    known = _places(fold)
    if word in known or word.isascii():
        return known.get(word)
    near = {p for w, p in known.items() if DamerauLevenshtein.distance(word, w, score_cutoff=1) <= 1}
    return near.pop() if len(near) == 1 else None


def _cut(joined: str) -> list[int] | None:
    """Seven words written without spaces, or with spaces inside them, if there is one way only to cut them."""
    if len(joined) > _LONGEST * LENGTH:
        return None
    known = _places(whole)
    # By how much of the text is cut, and into how many words: two ways at most, since two are already too many.
    ways: list[dict[int, list[list[int]]]] = [{0: [[]]}, *({} for _ in joined)]
    for start, reached in enumerate(ways):
        for end in range(start + 1, min(len(joined), start + _LONGEST) + 1):
            place = known.get(joined[start:end])
            if place is None:
                continue
            for count, rows in reached.items():
                longer = ways[end].setdefault(count + 1, [])
                longer.extend([*row, place] for row in rows[: 2 - len(longer)])
    found = ways[-1].get(LENGTH, [])
    return found[0] if len(found) == 1 else None


def codename_index(codename: str) -> bytes:
    """What is kept of a codename: Argon2id under the deployment's own salt, then a keyed hash (32 bytes).

    It takes as long for every text, whether it is somebody's codename or not.
    """
    light = settings.current().testing
    slow = hash_secret_raw(
        read_codename(codename).encode(),
        derived_key("report-codename-salt")[:16],
        time_cost=1 if light else 3,
        memory_cost=8 if light else 65536,
        parallelism=1 if light else 4,
        hash_len=32,
        type=Type.ID,
    )
    return hmac.new(derived_key("report-codename"), slow, sha256).digest()
