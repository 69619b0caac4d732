"""Comparing two names, word by word, with reasons that a person can check."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, LCSseq, Levenshtein

from core.i18n import gettext as _
from core.names.confusables import mixes_scripts, visual_skeleton
from core.names.keys import NameKind, Token, joined_sound, tokens

SAME, SOUNDS_ALIKE, SPELT_ALIKE, TRANSLATED, SAME_KIND_OF_WORD, INITIAL, BEGINS = (
    "same", "sounds_alike", "spelt_alike", "translated", "same_kind_of_word", "initial", "begins",
)  # fmt: skip
ONLY_IN_ONE, RUN_TOGETHER, LOOK_ALIKE_LETTERS, EMPTY = "only_in_one", "run_together", "look_alike_letters", "empty"
LIKELY, POSSIBLE = 90, 78
NEARLY, AS_ONE = 0.82, 95


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing seen. ``code`` may go to the audit log; the words of the name may not."""

    code: str
    left: str = ""
    right: str = ""

    def __str__(self) -> str:
        values = {"left": self.left, "right": self.right}
        match self.code:
            case "same":
                return _("“%(left)s” is in both names.", **values)
            case "sounds_alike":
                return _("“%(left)s” and “%(right)s” sound alike.", **values)
            case "spelt_alike":
                return _("“%(left)s” and “%(right)s” are spelt nearly alike.", **values)
            case "translated":
                return _("“%(left)s” and “%(right)s” mean the same or are two forms of one name.", **values)
            case "same_kind_of_word":
                return _("“%(left)s” and “%(right)s” are the same common word.", **values)
            case "initial":
                return _("“%(left)s” may be short for “%(right)s”.", **values)
            case "begins":
                return _("“%(right)s” begins with “%(left)s”.", **values)
            case "only_in_one":
                return _("“%(left)s” is in one name only.", **values)
            case "run_together":
                return _("The names are alike when written without spaces.")
            case "look_alike_letters":
                return _("The names look the same to the eye, but some letters differ.")
        return _("There is no name to compare.")


@dataclass(frozen=True, slots=True)
class Scored:
    """``score`` from 0 to 100 and what it rests on."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Reason codes without any word of the names: these may be written to the audit log."""
        return tuple(dict.fromkeys(r.code for r in self.reasons))


# Two words that are less alike than this are two words.
ALIKE = 0.68


@dataclass(frozen=True, slots=True)
class Pair:
    left: Token
    right: Token
    similarity: float
    code: str


@lru_cache(maxsize=200_000)
def similarity(left: Token, right: Token) -> tuple[float, str]:
    """How alike two words are (0 to 1), and why."""
    return _similarity(left, right)


def _similarity(left: Token, right: Token) -> tuple[float, str]:
    if left.latin == right.latin:
        return 1.0, SAME
    if left.word_class and left.word_class == right.word_class:
        return 0.98, SAME_KIND_OF_WORD
    if len(left.latin) == 1 or len(right.latin) == 1:
        same = left.latin[0] == right.latin[0] or left.sound[:1] == right.sound[:1]
        return (0.7, INITIAL) if same else (0.0, "")
    if left.sound == right.sound and left.sound:
        certain = 0.9 if len(left.sound) >= 3 else 0.72
        return certain + (0.99 - certain) * JaroWinkler.similarity(left.latin, right.latin), SOUNDS_ALIKE
    sound = fuzz.ratio(left.sound, right.sound) / 100
    same_meaning = left.meaning >= 0 and left.meaning == right.meaning
    begins = len(left.latin) >= 3 and right.latin.startswith(left.latin)
    if 0.45 + 0.55 * sound < ALIKE and not same_meaning and not begins:
        return 0.0, ""  # spelt as alike as can be, they would still be two words: most pairs end here
    together = 0.45 * JaroWinkler.similarity(left.latin, right.latin) + 0.55 * sound
    if sound < 0.8 and max(len(left.sound), len(right.sound)) <= 3:
        together *= 0.85  # one consonant of three is another name: Sunita and Sunil
    if same_meaning:
        return max(0.85, together), TRANSLATED
    if begins and together < 0.86:
        return 0.86, BEGINS
    return (together, SPELT_ALIKE) if together >= ALIKE else (0.0, "")


def align(left: Sequence[Token], right: Sequence[Token]) -> list[Pair]:
    """The best word-by-word pairing; each word is used once."""
    found: list[tuple[float, int, int, str]] = []
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            alike, code = similarity(a, b)
            if alike > 0:
                found.append((alike, i, j, code))
    # Telling words choose first, then words that stand in the same place.
    found.sort(key=lambda f: (-f[0], -min(left[f[1]].weight, right[f[2]].weight), abs(f[1] - f[2])))
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs = []
    for alike, i, j, code in found:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append(Pair(left[i], right[j], alike, code))
    return pairs


def compare_persons(left: str, right: str) -> Scored:
    """Whether two written names may be one person's, 0 to 100. Order, script, titles and one-part names do not matter.

    90 and more is a likely match, 78 and more a possible one. A name alone proves nothing: compare birth date,
    parents and papers too.
    """
    return _compare(left, right, NameKind.PERSON, extra=0.5)


def compare_organisations(left: str, right: str) -> Scored:
    """Whether two names may mean one organisation, 0 to 100; company forms and trade words weigh little."""
    return _compare(left, right, NameKind.ORGANISATION, extra=1.0)


def _compare(left: str, right: str, kind: NameKind, *, extra: float) -> Scored:
    a, b = tokens(left, kind), tokens(right, kind)
    if not a or not b:
        return Scored(0, (Reason(EMPTY),))
    pairs = align(a, b)
    left_over = [*_without(a, [p.left for p in pairs]), *_without(b, [p.right for p in pairs])]
    one_sided = len(pairs) == min(len(a), len(b))
    agreed = sum(p.similarity * (p.left.weight + p.right.weight) for p in pairs)
    total = sum(p.left.weight + p.right.weight for p in pairs)
    # A part left out is weaker evidence against than a part that differs.
    total += sum(t.weight for t in left_over) * (extra if one_sided else 1.0)
    score = agreed / total if total else 0.0
    reasons = [Reason(p.code, p.left.latin, p.right.latin) for p in pairs]
    reasons += [Reason(ONLY_IN_ONE, t.latin) for t in left_over]
    whole = fuzz.ratio(joined_sound(left, kind), joined_sound(right, kind)) / 100
    if len(a) != len(b) and whole >= 0.9 and whole * 0.95 > score and len(joined_sound(left, kind)) >= 5:
        score = whole * 0.95
        reasons.insert(0, Reason(RUN_TOGETHER))
    if _letters(left) != _letters(right) and visual_skeleton(left) == visual_skeleton(right):
        score = max(score, 0.97)
        reasons.insert(0, Reason(LOOK_ALIKE_LETTERS))
    return Scored(round(100 * min(score, 1.0)), tuple(reasons))


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _without(all_tokens: Sequence[Token], used: Sequence[Token]) -> list[Token]:
    rest = list(all_tokens)
    for token in used:
        rest.remove(token)
    return rest


def coverage(
    query: Sequence[Token], name: Sequence[Token], *, rarity: Callable[[Token], float]
) -> tuple[float, list[Pair]]:
    """How well ``name`` answers ``query`` (0 to 1): how much of the query is found, then how little is left over."""
    pairs = align(query, name)
    weights = [t.weight * rarity(t) for t in query]
    wanted = sum(weights) or 1.0
    found = sum(p.similarity * p.left.weight * rarity(p.left) for p in pairs)
    offered = sum(t.weight * rarity(t) for t in name) or 1.0
    used = sum(p.similarity * p.right.weight * rarity(p.right) for p in pairs)
    return 0.78 * min(found / wanted, 1.0) + 0.22 * min(used / offered, 1.0), pairs


def telling(words: Sequence[Token]) -> tuple[Token, ...]:
    """The words that tell one organisation from another; of a name that has only trade words, those."""
    return tuple(t for t in words if t.weight >= 0.5) or tuple(t for t in words if t.weight >= 0.1)


def may_look_alike(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """A quick look at the telling words of two names, before :func:`looks_alike`: False is certain, for the words."""
    if len(left) != len(right):
        return False
    return all(any(_nearly(a, b, *_similarity(a, b)) for b in right) for a in left)


def _nearly(left: Token, right: Token, alike: float, code: str) -> bool:
    """Whether a hurried reader could take one word for the other. The consonants alone are not enough: Rupaso is not Rapis."""
    if alike < NEARLY or code in (BEGINS, INITIAL, TRANSLATED):
        return False
    if code == SPELT_ALIKE and Levenshtein.distance(left.latin, right.latin, score_cutoff=2) > 2:
        return False
    short = min(len(left.sound), len(right.sound)) < 3
    return code not in (SOUNDS_ALIKE, SPELT_ALIKE) or not _vowels_differ(left.latin, right.latin, short=short)


_VOWEL_RUNS = (("ai", "e"), ("au", "o"), ("ee", "i"), ("oo", "u"), ("ou", "u"))


@lru_cache(maxsize=50_000)
def _vowels(latin: str) -> str:
    """The vowels of a word in three classes; those that scripts and habits exchange are one."""
    for run, one in _VOWEL_RUNS:
        latin = latin.replace(run, one)
    return re.sub(r"(.)\1+", r"\1", "".join(_VOWEL_CLASS.get(c, " ") for c in latin)).replace(" ", "")


_VOWEL_CLASS = {"a": "a", "e": "i", "i": "i", "y": "i", "o": "u", "u": "u"}


def _vowels_differ(left: str, right: str, *, short: bool = False) -> bool:
    """Whether the written vowels contradict each other. Those that one script leaves out contradict nothing; where there
    are few consonants, the vowels have to be the same."""
    fewer, more = sorted((_vowels(left), _vowels(right)), key=len)
    if short and fewer != more and 2 * len(fewer) > len(more):
        return True
    return len(fewer) - LCSseq.similarity(fewer, more) > (1 if len(fewer) >= 3 else 0)


def looks_alike(name: str, original: str) -> Scored | None:
    """The look-alike decision: could a hurried reader take ``name`` for ``original``?

    Yes when the letters look the same, or when every telling word of the one is found, nearly the same, in the other,
    whatever trade words and ornaments ("New", "Pvt. Ltd.", "Manpower") stand around them. None when not.
    """
    if visual_skeleton(name) == visual_skeleton(original):
        code = LOOK_ALIKE_LETTERS if _letters(name) != _letters(original) or mixes_scripts(name) else SAME
        return Scored(100, (Reason(code, name, original),))
    a, b = tokens(name, NameKind.ORGANISATION), tokens(original, NameKind.ORGANISATION)
    left = [t for t in a if t.weight >= 0.5]
    right = [t for t in b if t.weight >= 0.5]
    if not left and not right:
        left, right = [t for t in a if t.weight >= 0.1], [t for t in b if t.weight >= 0.1]
        if {t.word_class for t in left} != {t.word_class for t in right}:
            return None
    joined = fuzz.ratio(joined_sound(name, NameKind.ORGANISATION), joined_sound(original, NameKind.ORGANISATION))
    if len(left) != len(right):
        ours, theirs = "".join(t.latin for t in left), "".join(t.latin for t in right)
        run_together = joined >= AS_ONE and ours[:1] == theirs[:1] and not _vowels_differ(ours, theirs)
        return Scored(round(joined), (Reason(RUN_TOGETHER),)) if run_together and left and right else None
    pairs = align(left, right)
    if len(pairs) != len(left) or not all(_nearly(p.left, p.right, p.similarity, p.code) for p in pairs):
        return None
    whole = compare_organisations(name, original)
    return Scored(max(whole.score, LIKELY), tuple(Reason(p.code, p.left.latin, p.right.latin) for p in pairs))


class Covering:
    """:func:`coverage` of many names by one query, with what was found out about each word kept for the next name.

    :param query: the query's words.
    :param weights: how much each of them tells here (weight times rarity).
    """

    def __init__(self, query: Sequence[Token], weights: Sequence[float]) -> None:
        self.query, self.weights = query, weights
        self.wanted = sum(weights) or 1.0
        self._known: dict[int, tuple[tuple[int, float, float], ...]] = {}

    def _alike(self, token: Token) -> tuple[tuple[int, float, float], ...]:
        """The query's words that are like this one: place, similarity, the lesser weight."""
        found = []
        for i, word in enumerate(self.query):
            if abs(len(word.sound) - len(token.sound)) > 3 and not token.latin.startswith(word.latin):
                continue
            alike = _similarity(word, token)[0]
            if alike > 0:
                found.append((i, alike, min(word.weight, token.weight)))
        return tuple(found)

    def of(self, name: Sequence[Token], weights: Sequence[float], offered: float) -> float:
        """How well ``name`` answers the query, 0 to 1. The tokens of ``name`` must outlive this object."""
        pairs = []
        for j, token in enumerate(name):
            alike = self._known.get(id(token))
            if alike is None:
                alike = self._known[id(token)] = self._alike(token)
            for i, s, weight in alike:
                pairs.append((-s, -weight, abs(i - j), i, j))
        if len(pairs) > 1:
            pairs.sort()
        found = used = 0.0
        left = right = 0
        for s, _weight, _distance, i, j in pairs:
            if not (left >> i & 1 or right >> j & 1):
                left |= 1 << i
                right |= 1 << j
                found -= s * self.weights[i]
                used -= s * weights[j]
        return 0.78 * min(found / self.wanted, 1.0) + 0.22 * min(used / (offered or 1.0), 1.0)
