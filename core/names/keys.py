"""How a name is cut into words, what each word sounds like, and the keys under which a name is found again."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from core.names.confusables import fold_confusables, visual_skeleton
from core.names.scripts import to_latin
from core.names.words import (
    NO_LEGAL_FORM,
    ORGANISATION_CLASSES,
    PERSON_CLASSES,
    PERSON_VARIANTS,
    PLACEHOLDERS,
    TRANSLATED,
    WordClass,
)
from core.names.words_bengali_sinhala import CLASS_PHRASES, CLASS_WORDS, MEANING_WORDS


class NameKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name: its Latin form, its sound, its class of low weight and its meaning, if it has them."""

    latin: str
    sound: str
    weight: float = 1.0
    word_class: str = ""
    meaning: int = -1


# Order matters: longer spellings first. Capitals are sounds already decided.
_SOUNDS = {
    "ksh": "KS",
    "kch": "KS",
    "x": "KS",
    "chh": "C",
    "tch": "C",
    "ch": "C",
    "sh": "S",
    "kh": "K",
    "gh": "G",
    "jh": "J",
    "zh": "J",
    "th": "T",
    "dh": "D",
    "ph": "P",
    "bh": "B",
    "rh": "R",
    "gny": "G",
    "gy": "G",
    "ck": "K",
    "q": "K",
    "f": "P",
    "v": "B",
    "w": "B",
    "z": "J",
}


@lru_cache(maxsize=50_000)
def sound_of(latin: str) -> str:
    """The consonants of a Latin word as South Asian spellings share them; a first vowel is kept as ``a``.

    >>> sound_of("shrestha") == sound_of("sresth")
    True
    """
    word = re.sub(r"[^a-z0-9]", "", latin.lower())
    if not word:
        return ""
    word = re.sub(r"jn(?=[aeiouy])", "G", word)
    for spelling, sound in _SOUNDS.items():
        word = word.replace(spelling, sound)
    word = re.sub(r"c(?=[eiy])", "S", word).replace("c", "K").upper()
    # A nasal is written n or m before a lip sound: Ambika and Anbika.
    word = re.sub(r"N(?=[PB])", "M", word)
    first, rest = word[0], re.sub(r"[AEIOUYH]", "", word[1:])
    head = "A" if first in "AEIOU" else first
    return re.sub(r"(\D)\1+", r"\1", head + rest).lower()


def plain_words(text: str) -> list[str]:
    """The words of a name in lower-case Latin letters, look-alike letters folded, dots of abbreviations closed up."""
    text = fold_confusables(unicodedata.normalize("NFKC", text))
    text = re.sub(r"(?i)\bp[\s.]*v[\s.]*t\b", "pvt", text)
    text = re.sub(r"(?i)(?<!\w)\(?p\)?[\s.]*(?=(ltd|limited)\b)", "pvt ", text)
    text = re.sub(r"[‌‍'’`´\"]", "", text)
    latin = to_latin(text.replace("/", " ")).lower()
    latin = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", latin)
    return [w for w in re.split(r"[^a-z0-9]+", latin) if w]


@lru_cache
def _form_words() -> frozenset[str]:
    """The words of legal forms, "pvt" and its kin, as :func:`plain_words` gives them."""
    company = next(c for c in ORGANISATION_CLASSES if c.name == "company")
    words = {w for word in company.words + CLASS_WORDS["company"] for w in plain_words(word)}
    return frozenset(words - {w for word in NO_LEGAL_FORM for w in plain_words(word)})


@lru_cache(maxsize=20_000)
def without_legal_form(name: str) -> str:
    """An organisation's name as people say it, without the legal form at its end; its first word always stays.

    >>> without_legal_form("Alpha Overseas Pvt. Ltd."), without_legal_form("Alpha Group (P) Ltd")
    ('Alpha Overseas', 'Alpha Group')
    """
    words = name.split()
    end = len(words)
    while end > 1:
        # A lone "P." stands for "private" before "Ltd." only.
        known = _form_words() | ({"p"} if end < len(words) else set())
        if not all(w in known for w in plain_words(words[end - 1])):
            break
        end -= 1
    return " ".join(words[:end])


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that stand for one word of a class; ``sounds`` is empty where the sound tells too little."""

    words: tuple[str, ...]
    sounds: tuple[str, ...]
    word: str


@dataclass(frozen=True, slots=True)
class _Classes:
    """``phrases`` by their first word and by the sound of it."""

    by_word: dict[str, WordClass]
    by_sound: dict[str, WordClass]
    phrases: dict[str, tuple["_Phrase", ...]]
    meanings: dict[str, int]
    meaning_sounds: dict[str, int]


@lru_cache
def _classes(kind: NameKind) -> _Classes:
    classes = PERSON_CLASSES if kind is NameKind.PERSON else ORGANISATION_CLASSES
    groups = PERSON_VARIANTS if kind is NameKind.PERSON else TRANSLATED
    organisation = kind is NameKind.ORGANISATION
    by_word: dict[str, WordClass] = {}
    by_sound: dict[str, WordClass] = {}
    phrases: list[tuple[tuple[str, ...], str]] = []
    for word_class in classes:
        for word in word_class.words + (CLASS_WORDS.get(word_class.name, ()) if organisation else ()):
            latin = "".join(plain_words(word))
            by_word.setdefault(latin, word_class)
            if len(sound_of(latin)) >= 4 and organisation:
                by_sound.setdefault(sound_of(latin), word_class)
        known = word_class.phrases + (CLASS_PHRASES.get(word_class.name, ()) if organisation else ())
        phrases += [(tuple(plain_words(p)), "".join(plain_words(word_class.words[0]))) for p in known]
    meanings: dict[str, int] = {}
    meaning_sounds: dict[str, int] = {}
    for number, group in enumerate(groups):
        for word in group + (MEANING_WORDS.get(group[0], ()) if organisation else ()):
            latin = "".join(plain_words(word))
            meanings.setdefault(latin, number)
            if len(sound_of(latin)) >= 4:
                meaning_sounds.setdefault(sound_of(latin), number)
    return _Classes(by_word, by_sound, _by_first_word(phrases), meanings, meaning_sounds)


def _by_first_word(phrases: list[tuple[tuple[str, ...], str]]) -> dict[str, tuple[_Phrase, ...]]:
    found: dict[str, tuple[_Phrase, ...]] = {}
    for words, word in phrases:
        sounds = tuple(sound_of(w) for w in words)
        phrase = _Phrase(words, sounds if len("".join(sounds)) >= 5 else (), word)
        for key in {f"={words[0]}", *phrase.sounds[:1]}:
            found[key] = (*found.get(key, ()), phrase)
    return found


@lru_cache(maxsize=50_000)
def _token(word: str, kind: NameKind) -> Token:
    tables = _classes(kind)
    sound = sound_of(word)
    meaning = tables.meanings.get(word, tables.meaning_sounds.get(sound, -1))
    found = tables.by_word.get(word)
    if found is None and meaning == -1:
        found = tables.by_sound.get(sound) or _misspelt(sound, tables)
    if found is not None:
        return Token(word, sound, found.weight, found.name, meaning)
    weight = 0.5 if len(word) == 1 else 1.0
    return Token(word, sound, weight, "", meaning)


def _misspelt(sound: str, tables: _Classes) -> WordClass | None:
    """A trade word with one wrong sound; only long ones, so that a proper name does not lose its weight."""
    if len(sound) < 6:
        return None
    near = [s for s in tables.by_sound if len(s) >= 6 and Levenshtein.distance(s, sound, score_cutoff=1) <= 1]
    return tables.by_sound[near[0]] if near else None


@lru_cache(maxsize=50_000)
def tokens(text: str, kind: NameKind = NameKind.PERSON) -> tuple[Token, ...]:
    """The words of a name in order, with their weights. Placeholders such as FNU or XXX are left out."""
    words = plain_words(text)
    if kind is NameKind.PERSON:
        words = [w for w in words if w not in PLACEHOLDERS]
    return tuple(_token(w, kind) for w in _merged(words, _classes(kind).phrases))


def _merged(words: list[str], phrases: dict[str, tuple[_Phrase, ...]]) -> list[str]:
    """The words with each phrase as its one word."""
    out: list[str] = []
    i = 0
    while i < len(words):
        for phrase in (*phrases.get(f"={words[i]}", ()), *phrases.get(sound_of(words[i]), ())):
            part = words[i : i + len(phrase.words)]
            if tuple(part) == phrase.words or tuple(sound_of(w) for w in part) == phrase.sounds:
                out.append(phrase.word)
                i += len(part)
                break
        else:
            out.append(words[i])
            i += 1
    return out


def joined_sound(text: str, kind: NameKind = NameKind.PERSON) -> str:
    """The sound of the telling words run together, so that "Ram Bahadur" and "Rambahadur" meet."""
    parts = [t.latin for t in tokens(text, kind) if t.weight >= 0.3] or [t.latin for t in tokens(text, kind)]
    return sound_of("".join(parts))


def search_keys(text: str, kind: NameKind = NameKind.ORGANISATION) -> frozenset[str]:
    """Keys for an inverted index: each word's sound, meaning and class, and sounds with one letter left out."""
    keys: set[str] = set()
    found = tokens(text, kind)
    # Trade words would fetch half the register; they count only where a name has nothing else.
    least = 0.3 if any(t.weight >= 0.3 for t in found) else 0.1
    for token in found:
        if token.word_class:
            keys.add(f"c:{token.word_class}")
        if token.meaning >= 0:
            keys.add(f"m:{token.meaning}")
        if token.weight >= least and token.sound:
            keys.add(f"s:{token.sound}")
            keys |= {f"d:{d}" for d in _one_missing(token.sound)}
    joined = joined_sound(text, kind)
    if joined:
        keys.add(f"j:{joined}")
        keys |= {f"k:{d}" for d in _one_missing(joined)}
    return frozenset(keys)


def _one_missing(sound: str) -> set[str]:
    """The sound and the sound with any one letter left out: two of them meet when one letter differs."""
    if len(sound) < 3:
        return {sound}
    return {sound} | {sound[:i] + sound[i + 1 :] for i in range(len(sound))}


def lookalike_keys(text: str) -> frozenset[str]:
    """Few, sharp keys: two organisations whose names could be taken for each other nearly always share one.

    The sounds of all telling words together (one of them with a letter missing), the run-together sound, the shape.
    """
    words = tokens(text, NameKind.ORGANISATION)
    telling = [t for t in words if t.weight >= 0.5] or [t for t in words if t.weight >= 0.1]
    sounds = tuple(sorted(t.sound for t in telling))
    return _sharp_keys(sounds, joined_sound(text, NameKind.ORGANISATION)) | {f"v:{visual_skeleton(text)}"}


@lru_cache(maxsize=20_000)
def _sharp_keys(sounds: tuple[str, ...], joined: str) -> frozenset[str]:
    keys = {f"j:{variant}" for variant in _one_missing(joined)}
    for i, sound in enumerate(sounds):
        others = "+".join(sounds[:i] + sounds[i + 1 :])
        keys |= {f"t:{others}|{variant}" for variant in _one_missing(sound)}
    return frozenset(keys)


def person_keys(name: str) -> list[str]:
    """Blocking keys of a person's name, at most 24: two spellings of one name share at least one of them nearly always.

    They carry the sound of a name: store them only as keyed hashes (:func:`core.privacy.blind_index`).
    """
    found = [t for t in tokens(name, NameKind.PERSON) if t.sound]
    telling = [t for t in found if t.weight >= 0.5] or found
    sounds = sorted({_key_sound(t) for t in telling})
    keys = [f"n:{s}" for s in sounds]
    keys += [f"p:{a}+{b}" for a, b in combinations(sounds, 2)]
    everything = sorted({_key_sound(t) for t in found})
    if everything != sounds:
        keys.append("a:" + "+".join(everything))
    joined = joined_sound(name, NameKind.PERSON)
    if joined:
        keys.append(f"j:{joined}")
    for sound in sorted(sounds, key=len, reverse=True)[:2]:
        if len(sound) >= 4:
            keys += [f"d:{d}" for d in sorted(_one_missing(sound))]
    return list(dict.fromkeys(keys))[:24]


def _key_sound(token: Token) -> str:
    return f"={token.meaning}" if token.meaning >= 0 else token.sound
