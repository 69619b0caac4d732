"""Searching the register: by name in any script with spelling mistakes, or by licence number as people write it."""

from dataclasses import dataclass
from datetime import date

from agencies.licensing.numbers import matches, number_key, parse_number
from agencies.licensing.status import Standing
from agencies.register.snapshot import Entry, Register, alike_names
from core.names import mixes_scripts, visual_skeleton, without_legal_form

FOUND, SHOWN = 0.93, 0.55
MAXIMUM_QUERY = 120


@dataclass(frozen=True, slots=True)
class Hit:
    """One agency in the answer. ``lookalike_of`` is the licensed agency that this unlicensed one could be taken for."""

    entry: Entry
    standing: Standing
    score: float
    lookalike_of: Entry | None = None
    similar: Entry | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``exact`` is the agency that was surely meant, if any. ``imitated`` is a licensed agency that a name which
    stands in no register could be taken for."""

    query: str
    hits: tuple[Hit, ...]
    exact: Hit | None = None
    by_number: bool = False
    imitated: Entry | None = None
    mixed_letters: bool = False


def search(register: Register, query: str, on: date) -> Answer:
    """Everything that the query may mean, best first. What was surely meant leads; else a licensed agency stands before
    the one that looks like it."""
    query = " ".join(query.split())[:MAXIMUM_QUERY]
    if not query:
        return Answer(query, ())
    number = parse_number(query) if any(c.isdigit() for c in query) else None
    old = register.by_old_number.get(number_key(query), []) if register.by_old_number else []
    if number is not None or old:
        found = [register.entries[p] for p in register.by_serial.get(number.serial, ())] if number else []
        found = [e for e in found if number and matches(number, e.serial or 0, e.number or "")]
        hits = [_hit(register, e, 1.0, on) for e in found + [register.entries[p] for p in dict.fromkeys(old)]]
        hits.sort(key=lambda h: h.entry.issued_on or date.min, reverse=True)
        return Answer(query, tuple(hits), hits[0] if len(hits) == 1 else None, by_number=True)
    scored = [(s, register.entries[p]) for s, p in register.index.answers(query, least=SHOWN, sure=FOUND)]
    hits = _real_first([_hit(register, e, s, on) for s, e in scored])
    exact = _meant(register, hits, query)
    if exact is not None:
        # What was surely meant is answered first, as it stands; the one that it could be taken for comes after it.
        hits = [exact, *(h for h in hits if h is not exact)]
    return Answer(
        query,
        tuple(hits),
        exact,
        imitated=None if exact else _imitated(register, query, scored, on),
        mixed_letters=mixes_scripts(query),
    )


def listing(register: Register, on: date, *, offset: int, limit: int) -> list[Hit]:
    """A part of the whole register by name; only what is shown is compared with the others."""
    return [_hit(register, entry, 1.0, on) for entry in register.entries[offset : offset + limit]]


def _hit(register: Register, entry: Entry, score: float, on: date) -> Hit:
    standing = entry.standing(on)
    licensed = [
        register.entries[p] for p in register.alike(entry) if register.entries[p].standing(on) is Standing.LICENSED
    ]
    # The oldest licence is the original; later ones with a like name are the ones to be told apart.
    licensed.sort(key=lambda e: e.serial or 0)
    original = licensed[0] if licensed else None
    if standing is Standing.LICENSED:
        return Hit(entry, standing, score, similar=original)
    return Hit(entry, standing, score, lookalike_of=original)


def _real_first(hits: list[Hit]) -> list[Hit]:
    """Whoever is imitated stands before the imitator, found by the query or not."""
    ordered: list[Hit] = []
    placed: set[int] = set()
    by_position = {h.entry.position: h for h in hits}
    for hit in hits:
        real = hit.lookalike_of
        if real is not None and real.position not in placed:
            ordered.append(by_position.get(real.position) or Hit(real, Standing.LICENSED, hit.score))
            placed.add(real.position)
        if hit.entry.position not in placed:
            ordered.append(hit)
            placed.add(hit.entry.position)
    return ordered


def _meant(register: Register, hits: list[Hit], query: str) -> Hit | None:
    """The one agency that was surely meant: its name stands in the query as it is written in the register, with or without
    its legal form, or as the register would be read in another script, and no other comes as close."""
    sure = [h for h in hits if h.score >= FOUND]
    if not sure:
        return None
    looks = visual_skeleton(query)
    same = [h for h in sure if looks in register.index.agencies[h.entry.position].looks]
    same = same or [h for h in sure if looks in _said(register.index.names[h.entry.position])]
    if len(same) == 1:
        return same[0]
    sure.sort(key=lambda h: (-h.score, h.lookalike_of is not None))
    if sure[0].lookalike_of is not None:
        # Closer to an imitator than to the agency that it imitates: nobody can know which one is meant.
        return None
    others = [h for h in sure[1:] if h.lookalike_of is not sure[0].entry]
    return sure[0] if not others or sure[0].score - others[0].score >= 0.02 else None


def _said(names: tuple[str, ...]) -> set[str]:
    """How an agency's names look when people leave the legal form out."""
    return {visual_skeleton(without_legal_form(name)) for name in names}


def _imitated(register: Register, query: str, scored: list[tuple[float, Entry]], on: date) -> Entry | None:
    """A licensed agency that a name which is in no register could be taken for."""
    near = [register.entries[p] for p in register.alike_to(query)] + [e for _s, e in scored[:10]]
    licensed = [e for e in near if e.standing(on) is Standing.LICENSED]
    return next((e for e in licensed if alike_names(e, query)), None)
