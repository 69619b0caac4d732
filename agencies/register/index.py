"""The names of the register, laid out for searching: which agencies could be meant, then how well each name answers.

Built from the names alone. A suspension changes no name, so the index outlives most copies of the register; what is known
of one agency's names is kept when another's change.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from core.names import NameKind, Token, joined_sound, lookalike_keys, looks_alike, search_keys, tokens, visual_skeleton
from core.names.compare import AS_ONE, Covering, Scored, may_look_alike, telling

Positions = NDArray[np.int32]
Names = tuple[str, ...]
MOST, FORMS = 30, 2
# Agencies that share less than this part of what the best one shares are not looked at more closely.
PART = 0.5
WHOLE_SOUND = 55
NEARLY_WHOLE = 0.985


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which an agency is written, by its words; the same words in another script are the same form."""

    words: tuple[Token, ...]
    sounds: frozenset[str]
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one agency's names. ``faces``: a name for each different row of telling words."""

    names: Names
    forms: tuple[Form, ...]
    faces: tuple[tuple[str, tuple[Token, ...]], ...]
    looks: frozenset[str]
    joined: tuple[str, ...]
    keys: frozenset[str]
    sharp: frozenset[str]


@lru_cache(maxsize=30_000)
def known(names: Names) -> Known:
    """Cut the names into words and keys once; kept over copies of the register."""
    forms: dict[tuple[str, ...], Form] = {}
    faces: dict[tuple[str, ...], tuple[str, tuple[Token, ...]]] = {}
    seen: set[tuple[tuple[str, str, int], ...]] = set()
    keys: set[str] = set()
    looks = {name: visual_skeleton(name) for name in names}
    sharp = {f"v:{look}" for look in looks.values()}
    for name in names:
        words = _without_form(tokens(name, NameKind.ORGANISATION))
        spelt = tuple(w.latin for w in words)
        if spelt not in forms:
            forms[spelt] = Form(words, frozenset(w.sound for w in words), _marks(words))
        own = telling(words)
        faces.setdefault(tuple(w.latin for w in own), (name, own))
        # The same name with and without its company form, or in a sister script, has the same keys.
        heard = tuple(sorted({(w.sound, w.word_class, w.meaning) for w in words if w.word_class != "company"}))
        if heard not in seen:
            seen.add(heard)
            keys |= search_keys(name)
            sharp |= lookalike_keys(name)
    keys |= {f"p:{k[2 : 2 + n]}" for k in keys if k.startswith("s:") for n in range(2, len(k) - 2)}
    return Known(
        names,
        tuple(forms.values()),
        tuple(faces.values()),
        frozenset(looks.values()),
        tuple(dict.fromkeys(j for n in names if (j := joined_sound(n, NameKind.ORGANISATION)))),
        frozenset(keys),
        frozenset(sharp),
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """Two names that could be taken for each other, and why."""

    name: str
    theirs: str
    scored: Scored


class NameIndex:
    """Every agency's names by position, frozen."""

    def __init__(self, names: Sequence[Names]) -> None:
        self.names = tuple(names)
        self.agencies = tuple(known(n) for n in self.names)
        self.size = len(self.agencies)
        self._by_key = _postings(a.keys for a in self.agencies)
        self._by_sharp = _positions(a.sharp for a in self.agencies)
        self._by_look = _positions(a.looks for a in self.agencies)
        counts: dict[str, int] = defaultdict(int)
        for agency in self.agencies:
            for sound in {s for form in agency.forms for s in form.sounds}:
                counts[sound] += 1
        total = max(self.size, 2)
        self._rarity = {s: 0.3 + 0.7 * (1 - log(min(n, total)) / log(total)) for s, n in counts.items()}
        self._weighed: dict[int, tuple[tuple[Form, tuple[float, ...], float], ...]] = {}
        # Of two agencies that answer equally well, the one whose name says less besides comes first.
        self._rest = np.array([self._least(a) for a in self.agencies], dtype=np.float32)
        self._joined = [j for a in self.agencies for j in a.joined]
        self._joined_of = [p for p, a in enumerate(self.agencies) for _j in a.joined]
        self._alike: dict[int, tuple[int, ...]] = {}

    def rarity(self, token: Token) -> float:
        """How much a word tells in this register: a name of its own 1, one that half of them have about a third."""
        return self._rarity.get(token.sound, 1.0)

    def _least(self, agency: Known) -> float:
        return min((sum(t.weight for t in f.words) for f in agency.forms), default=0.0)

    def _weights(self, position: int) -> tuple[tuple[Form, tuple[float, ...], float], ...]:
        """The forms of one agency with how much each of their words tells; found once."""
        found = self._weighed.get(position)
        if found is None:
            weighed = []
            for form in self.agencies[position].forms:
                weights = tuple(t.weight * self.rarity(t) for t in form.words)
                weighed.append((form, weights, sum(weights)))
            found = self._weighed[position] = tuple(weighed)
        return found

    # --- searching ---------------------------------------------------------------------------------------------------

    def answers(self, query: str, *, least: float, sure: float) -> list[tuple[float, int]]:
        """How well agencies answer a name that a person typed: (0 to 1, position), best first, the few best ones.

        :param least: below this an agency is no answer.
        :param sure: from this on nothing more is tried for an agency.
        """
        words = _without_form(tokens(query, NameKind.ORGANISATION))
        if not words:
            return []
        asked = _Asked(self, query, words)
        scored = {p: asked.score(p, sure) for p in self._near(asked)}
        if asked.telling and max(scored.values(), default=0.0) < 0.72:
            scored |= {p: asked.score(p, sure) for p in self._by_whole_sound(asked.joined) if p not in scored}
        found = [(score, p) for p, score in scored.items() if score >= least]
        found.sort(key=lambda f: (-f[0], f[1]))
        return found

    def _near(self, asked: "_Asked") -> list[int]:
        """The positions that share most with the query, by what the shared words tell."""
        total = np.zeros(self.size, dtype=np.float32)
        for word in asked.words:
            if asked.telling and word.weight < 0.3:
                self._add(total, (f"c:{word.word_class}",), word.weight)
                continue
            part = np.zeros(self.size, dtype=np.float32)
            # From the least worth to the most: what comes later takes the place of what came before.
            if len(word.latin) >= 3:
                self._put(part, (f"p:{word.sound}",), 0.55)
            self._put(part, [f"d:{d}" for d in _one_missing(word.sound)], 0.6)
            if word.meaning >= 0:
                self._put(part, (f"m:{word.meaning}",), 0.85)
            self._put(part, (f"s:{word.sound}",), 1.0)
            if word.weight < 0.3:
                self._put(part, (f"c:{word.word_class}",), 1.0)
            total += part * np.float32(word.weight * self.rarity(word))
        if asked.joined and asked.telling:
            part = np.zeros(self.size, dtype=np.float32)
            self._put(part, [f"k:{d}" for d in _one_missing(asked.joined)], 0.8)
            self._put(part, (f"j:{asked.joined}",), 1.0)
            total += part * np.float32(sum(w.weight for w in asked.words if w.weight >= 0.3))
        for position in self._by_look.get(asked.looks, ()):
            total[position] += 10
        found = np.flatnonzero(total > PART * total.max(initial=0.0))
        if len(found) > MOST:
            worth = total[found] - self._rest[found] * np.float32(0.01)
            found = found[np.argpartition(-worth, MOST)[:MOST]]
        return [int(p) for p in found]

    def _put(self, part: NDArray[np.float32], keys: Iterable[str], value: float) -> None:
        for key in keys:
            posting = self._by_key.get(key)
            if posting is not None:
                part[posting] = value

    def _add(self, total: NDArray[np.float32], keys: Iterable[str], value: float) -> None:
        for key in keys:
            posting = self._by_key.get(key)
            if posting is not None:
                total[posting] += np.float32(value * 0.2)

    def _by_whole_sound(self, joined: str) -> set[int]:
        """For words too spoilt for any key: the whole register by sound."""
        if len(joined) < 3:
            return set()
        best = process.extract(joined, self._joined, scorer=fuzz.ratio, score_cutoff=WHOLE_SOUND, limit=MOST // 2)
        return {self._joined_of[place] for _text, _score, place in best}

    # --- look-alikes -------------------------------------------------------------------------------------------------

    def alike(self, position: int, threshold: int) -> tuple[int, ...]:
        """Other positions whose name could be taken for this one's, found once for each index."""
        found = self._alike.get(position)
        if found is None:
            found = tuple(p for p, _seen in self.alike_to(self.names[position], threshold) if p != position)
            self._alike[position] = found
        return found

    def alike_to(self, names: Names, threshold: int) -> list[tuple[int, Alike]]:
        """Positions whose name could be taken for one of these: few candidates by sharp keys, then the full look."""
        own = known(names)
        near = {p for key in own.sharp for p in self._by_sharp.get(key, ())}
        seen = ((p, names_alike(own, self.agencies[p], threshold)) for p in sorted(near))
        return [(p, alike) for p, alike in seen if alike is not None]


def _without_form(words: tuple[Token, ...]) -> tuple[Token, ...]:
    """A name without "Pvt. Ltd." and its kin, which tell nothing, unless it has nothing else."""
    return tuple(w for w in words if w.word_class != "company") or words


def names_alike(own: Known, other: Known, threshold: int) -> Alike | None:
    """The first two of their names that could be taken for each other, by the country's threshold."""
    for name in own.names:
        if visual_skeleton(name) in other.looks:
            twin = next(n for n in other.names if visual_skeleton(n) == visual_skeleton(name))
            return _full_look(name, twin, threshold)
    one_word_less = any(fuzz.ratio(a, b) >= AS_ONE for a in own.joined for b in other.joined)
    for name, words in own.faces:
        for theirs, others in other.faces:
            if may_look_alike(words, others) or (one_word_less and len(words) != len(others)):
                found = _full_look(name, theirs, threshold)
                if found is not None:
                    return found
    return None


def _full_look(name: str, theirs: str, threshold: int) -> Alike | None:
    scored = looks_alike(name, theirs)
    return Alike(name, theirs, scored) if scored is not None and scored.score >= threshold else None


class _Asked:
    """One query, and how well an agency answers it."""

    def __init__(self, index: NameIndex, query: str, words: tuple[Token, ...]) -> None:
        self.index, self.words = index, words
        self.telling = any(t.weight >= 0.3 for t in words)
        self.joined = joined_sound(query, NameKind.ORGANISATION)
        self.looks = visual_skeleton(query)
        self._marks = _marks(words)
        self._covering = Covering(words, [t.weight * index.rarity(t) for t in words])

    def score(self, position: int, sure: float) -> float:
        agency = self.index.agencies[position]
        if self.looks in agency.looks:
            return 0.995
        forms = self.index._weights(position)
        if len(forms) > FORMS:
            forms = tuple(sorted(forms, key=self._shared, reverse=True)[:FORMS])
        best = 0.0
        for form, weights, offered in forms:
            best = max(best, self._covering.of(form.words, weights, offered))
            if best >= NEARLY_WHOLE:
                break
        if best < sure and len(self.joined) >= 4:
            # Names written without, or with other, spaces.
            whole = max((fuzz.ratio(self.joined, j, score_cutoff=88) for j in agency.joined), default=0.0)
            best = max(best, whole / 100 * 0.92)
        return best

    def _shared(self, weighed: tuple[Form, tuple[float, ...], float]) -> tuple[int, int]:
        form = weighed[0]
        return len(self._marks & form.marks), -len(form.words)


def _marks(words: tuple[Token, ...]) -> frozenset[str]:
    """How the words are spelt and how they sound, each once, to count in one go what two names share."""
    return frozenset(f"~{w.sound}" for w in words) | {w.latin for w in words}


def _one_missing(sound: str) -> list[str]:
    return [sound, *(sound[:i] + sound[i + 1 :] for i in range(len(sound)))] if len(sound) >= 3 else [sound]


def _postings(keys: Iterable[frozenset[str]]) -> dict[str, Positions]:
    return {key: np.array(found, dtype=np.int32) for key, found in _positions(keys).items()}


def _positions(keys: Iterable[frozenset[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for position, own in enumerate(keys):
        for key in own:
            found[key].append(position)
    return dict(found)
