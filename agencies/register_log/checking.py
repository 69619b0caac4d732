"""Is the log whole? Everything that can be asked without the database: leaves, heads, and heads saved elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from agencies.register_log.heads import Head
from agencies.register_log.leaf import FIRST_LINK, Leaf, read
from core.audit import Finding
from core.merkle import Tree, leaf_hash

CLOCKS = timedelta(seconds=1)
# The legal day may be the one before or after UTC's; anything further was dated back.
ZONES = timedelta(days=1)


@dataclass
class Checked:
    """What was found in a log. ``leaves`` are those that could be read, None where one could not."""

    tree: Tree = field(default_factory=Tree)
    leaves: list[Leaf | None] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.findings.append(Finding(text))

    @property
    def intact(self) -> bool:
        return not self.findings

    @property
    def imported(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf is not None and leaf.imported]


def check(texts: Sequence[str], heads: Sequence[Head], saved: Sequence[Head] = ()) -> Checked:
    """Check leaves against themselves, the log's heads against the leaves, and saved heads against both."""
    found = Checked()
    previous = FIRST_LINK
    for position, text in enumerate(texts):
        digest = leaf_hash(text.encode())
        found.tree.add(digest)
        found.leaves.append(_leaf(found, position, text, previous))
        previous = digest.hex()
    _heads(found, heads)
    _times(found, heads)
    _story(found)
    for head in saved:
        _saved(found, heads, head, saved)
    return found


def _leaf(found: Checked, position: int, text: str, previous: str) -> Leaf | None:
    try:
        leaf = read(text)
    except ValueError:
        found.say(f"Entry {position} is not a leaf of this log: it was changed.")
        return None
    if leaf.index != position:
        found.say(f"Entry {leaf.index} stands at place {position}: entries were deleted, added or moved before it.")
    elif leaf.previous != previous:
        found.say(f"Entry {position} is not linked to the entry before it: entry {position - 1} was changed.")
    _dates(found, position, leaf)
    return leaf


def _dates(found: Checked, position: int, leaf: Leaf) -> None:
    """An effect before the day of recording is back-dated, unless marked as taken over or counted from a last day."""
    if leaf.imported or leaf.day >= leaf.recorded.date() - ZONES:
        return
    ended = leaf.event == "expired" or leaf.event.endswith("_lapsed")
    if ended and leaf.until is not None and leaf.day == leaf.until + timedelta(days=1):
        return
    found.say(
        f"Entry {position} is back-dated: {_what(leaf)} is to count from {leaf.day}, but was recorded on "
        f"{leaf.recorded.date()}."
    )


def _what(leaf: Leaf) -> str:
    return f"{leaf.event} ({leaf.licence or leaf.order or leaf.agency})"


def _heads(found: Checked, heads: Sequence[Head]) -> None:
    size = found.tree.size
    for position, head in enumerate(heads, start=1):
        where = f"head {head.number}"
        if not head.signed:
            found.say(f"The signature of {where} is wrong: it was not made with a key of this register.")
        if head.number != position:
            found.say(f"Head {position} is missing: {where} stands in its place.")
        if head.size > size:
            found.say(f"The tail was cut: {where} covers {head.size} entries, the log has {size}.")
        elif found.tree.root(head.size) != head.root:
            found.say(f"The entries under {where} are not the ones that were sealed.")
    for before, after in pairwise(heads):
        if after.size < before.size:
            found.say(f"Head {after.number} covers fewer entries than head {before.number}: the log shrank.")
    if size > (heads[-1].size if heads else 0):
        first = heads[-1].size if heads else 0
        found.say(f"Entries {first} to {size - 1} stand under no head: they were added without a seal.")


def _times(found: Checked, heads: Sequence[Head]) -> None:
    """No entry is older than what was still being written at the seal before its own, and none is younger than its seal."""
    before: Head | None = None
    for head in heads:
        start = before.size if before else 0
        for position in range(start, min(head.size, len(found.leaves))):
            leaf = found.leaves[position]
            if leaf is None:
                continue
            if before is not None and leaf.recorded < before.floor - CLOCKS:
                found.say(
                    f"Entry {position} is back-dated: it says that it was recorded at {leaf.recorded:%Y-%m-%d %H:%M:%S}, "
                    f"but head {before.number} was sealed without it."
                )
            if leaf.recorded > head.at + CLOCKS:
                found.say(f"Entry {position} carries a time after its seal, head {head.number}.")
        before = head


def _story(found: Checked) -> None:
    """A licence is issued once and first; an order is made before anything else happens to it."""
    issued: dict[str, int] = {}
    orders: set[str] = set()
    for position, leaf in enumerate(found.leaves):
        if leaf is None:
            continue
        if leaf.licence is not None:
            if leaf.event == "issued" and leaf.licence in issued:
                found.say(f"Entry {position} issues {leaf.licence} again: entry {issued[leaf.licence]} did already.")
            elif leaf.event != "issued" and leaf.licence not in issued:
                found.say(f"Entry {position} speaks of {leaf.licence}, whose issue is not in the log.")
            issued.setdefault(leaf.licence, position)
        elif leaf.order is not None:
            if not leaf.event.endswith("_ordered") and leaf.order not in orders and not leaf.imported:
                found.say(f"Entry {position} speaks of order {leaf.order}, which is not in the log.")
            orders.add(leaf.order)


def _saved(found: Checked, heads: Sequence[Head], head: Head, saved: Sequence[Head]) -> None:
    """Compare one head that was kept elsewhere with the log as it is now."""
    size = found.tree.size
    where = f"the saved head {head.number} of {head.at:%Y-%m-%d %H:%M}"
    if not head.signed:
        found.say(f"The signature of {where} is wrong: it was not made with a key of this register.")
    if head.size > size:
        found.say(f"The tail was cut: {where} covers {head.size} entries, the log has {size}.")
        return
    if found.tree.root(head.size) != head.root:
        known = [h.size for h in saved if h.size < head.size and found.tree.root(h.size) == h.root]
        first = max(known, default=0)
        found.say(
            f"History was rewritten: among the entries {first} to {head.size - 1} are others than those under {where}."
        )
        return
    if head.number > len(heads):
        found.say(f"The log's own list of heads lacks {where}.")
    elif heads[head.number - 1].root != head.root:
        found.say(f"The log shows another head {head.number} than {where}: it tells different people different things.")


def imported_days(leaves: Sequence[Leaf]) -> list[tuple[date, int]]:
    """How many imported entries were recorded on which day, so that a late one is seen."""
    days: dict[date, int] = {}
    for leaf in leaves:
        days[leaf.recorded.date()] = days.get(leaf.recorded.date(), 0) + 1
    return sorted(days.items())
