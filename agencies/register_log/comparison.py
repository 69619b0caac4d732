"""Do the keepers of heads agree with each other, and with this log? Who does not is named, and what is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.register_log.heads import Head, read_head
from agencies.register_log.models import RegisterAnchor, RegisterHead, RegisterLeaf
from agencies.register_log.port import Anchor, AnchorFailed, Held, Noted, Wrong
from core import audit
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.db import db_now
from core.merkle import Tree

SUBJECT, ACTION = "register_log", "compare"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is wrong at one keeper: with one head (``number``), or in the days ``day`` to ``until``."""

    place: str
    wrong: Wrong
    number: int | None = None
    day: date | None = None
    until: date | None = None


@dataclass
class Compared:
    """How many heads each keeper holds, and everything that does not fit."""

    held: dict[str, int] = field(default_factory=dict)
    found: list[Disagreement] = field(default_factory=list)

    def say(self, *args: Any) -> None:
        said = Disagreement(*args)
        if said not in self.found:
            self.found.append(said)

    @property
    def agree(self) -> bool:
        return not self.found


def compare(session: Session, keepers: Iterable[Anchor]) -> Compared:
    """Read every keeper's heads; check signatures, that they are the beginning of this log and of each other, and days."""
    tree = Tree(session.scalars(select(RegisterLeaf.hash).order_by(RegisterLeaf.index)))
    own = {row.number: row.token for row in session.execute(select(RegisterHead.number, RegisterHead.token))}
    tokens: dict[int, set[str]] = defaultdict(set)
    for number, token in own.items():
        tokens[number].add(token)
    result, seen = Compared(), {}
    # Who holds heads whole comes first: a time stamp proves one of the heads that somebody shows.
    for keeper in sorted(keepers, key=lambda k: k.only_hashes):
        held = _read(session, keeper, tokens, result)
        for one in held:
            if one.token is not None:
                tokens[one.number].add(one.token)
        seen[keeper.name] = _heads(keeper.name, held, own, tree, result)
        result.held[keeper.name] = len(seen[keeper.name])
    _forks(seen, result)
    yesterday = db_now(session).astimezone(UTC).date() - timedelta(days=1)
    for name, heads in seen.items():
        _days(name, {day for _head, day in heads}, yesterday, result)
    return result


def _read(session: Session, keeper: Anchor, tokens: Mapping[int, set[str]], result: Compared) -> Sequence[Held]:
    rows = session.execute(
        select(RegisterAnchor.head_number, RegisterAnchor.at, RegisterAnchor.receipt)
        .where(RegisterAnchor.place == keeper.name)
        .order_by(RegisterAnchor.head_number)
    )
    noted = [Noted(number, at.astimezone(UTC).date(), receipt) for number, at, receipt in rows]
    try:
        return keeper.kept(noted, tokens)
    except AnchorFailed:
        result.say(keeper.name, Wrong.UNREACHABLE)
        return ()


def _heads(
    place: str, held: Sequence[Held], own: Mapping[int, str], tree: Tree, result: Compared
) -> list[tuple[Head, date]]:
    """The signed heads of one keeper with their days; what does not fit this log is said."""
    good: list[tuple[Head, date]] = []
    for one in held:
        if one.wrong is not None or one.token is None:
            result.say(place, one.wrong or Wrong.UNREADABLE, one.number, one.day)
            continue
        try:
            head = read_head(one.token)
        except ValueError:
            result.say(place, Wrong.UNREADABLE, one.number)
            continue
        if not head.signed:
            result.say(place, Wrong.SIGNATURE, one.number)
            continue
        if head.number != one.number:
            result.say(place, Wrong.UNREADABLE, one.number)
            continue
        good.append((head, one.day or head.at.astimezone(UTC).date()))
        _against_log(place, head, own, tree, result)
    before = 0
    for head, _day in sorted(good, key=lambda g: g[0].number):
        if head.size < before:
            result.say(place, Wrong.SHRUNK, head.number)
        before = max(before, head.size)
    return good


def _against_log(place: str, head: Head, own: Mapping[int, str], tree: Tree, result: Compared) -> None:
    """A head that somebody kept is the beginning of the log as it is now, and one of the log's own heads."""
    if head.size > tree.size:
        result.say(place, Wrong.SHRUNK, head.number)
    elif tree.root(head.size) != head.root:
        result.say(place, Wrong.HISTORY, head.number)
    mine = own.get(head.number)
    if mine is None:
        result.say(place, Wrong.UNKNOWN, head.number)
    elif mine != head.token:
        result.say(place, Wrong.FORK, head.number)


def _forks(seen: Mapping[str, Sequence[tuple[Head, date]]], result: Compared) -> None:
    """One size has one root: two signed heads of the same size that differ are two histories."""
    roots: dict[int, dict[bytes, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for place, heads in seen.items():
        for head, _day in heads:
            roots[head.size][head.root].append((place, head.number))
    for versions in roots.values():
        if len(versions) > 1:
            for place, number in (p for places in versions.values() for p in places):
                result.say(place, Wrong.FORK, number)


def _days(place: str, days: set[date], yesterday: date, result: Compared) -> None:
    """Every day since a keeper's first head has one; days on end are said as one."""
    first, missing = min(days, default=None), []
    while first is not None and first <= yesterday:
        if first not in days:
            missing.append(first)
        first += timedelta(days=1)
    while missing:
        start = end = missing.pop(0)
        while missing and missing[0] == end + timedelta(days=1):
            end = missing.pop(0)
        result.say(place, Wrong.DAYS, None, start, end)


# --- what was found last ----------------------------------------------------------------------------------------------


def note(session: Session, compared: Compared) -> None:
    """The result stands in the audit log, where nobody takes it back."""
    found = [
        {"place": d.place, "wrong": d.wrong, "number": d.number, "day": d.day, "until": d.until} for d in compared.found
    ]
    audit.record(
        session, SYSTEM, subject=(SUBJECT, None), action=ACTION, evidence={"held": compared.held, "found": found}
    )


@dataclass(frozen=True, slots=True)
class LastCompared:
    """The newest comparison that the log knows."""

    at: Any
    compared: Compared


def last(session: Session) -> LastCompared | None:
    row = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == SUBJECT, AuditEvent.action == ACTION)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    found = [
        Disagreement(d["place"], Wrong(d["wrong"]), d["number"], _date(d["day"]), _date(d["until"]))
        for d in row.evidence["found"]
    ]
    return LastCompared(row.at, Compared(dict(row.evidence["held"]), found))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
