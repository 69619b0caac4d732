"""The log in words for people, and as data for programs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agencies.licensing.status import STANDING_TITLES
from agencies.register.presentation import TONES
from agencies.register_log.comparison import Compared, Disagreement
from agencies.register_log.leaf import Leaf, instant
from agencies.register_log.models import RegisterHead, RegisterLeaf
from agencies.register_log.port import Wrong
from agencies.register_log.queries import History
from agencies.register_log.standing import OnDay, on_day
from agencies.register_log.totals import COUNTED_TITLES, Counted, Day
from core.i18n import _l
from core.signing import key_id

EVENT_TITLES: dict[str, Any] = {
    "issued": _l("Licence issued"),
    "renewed": _l("Licence renewed"),
    "changed": _l("Licence changed"),
    "suspended": _l("Licence suspended"),
    "reinstated": _l("Licence back in force"),
    "expired": _l("Licence expired"),
    "cancelled": _l("Licence cancelled"),
    "surrendered": _l("Licence given up by the agency"),
    "deleted": _l("Taken out of the register"),
    "closed": _l("Winding down closed: everything is settled"),
    "closed_unpaid": _l("Winding down closed: money stays unpaid to workers"),
    "paid_up": _l("Paid after the winding down: nothing is owed any more"),
}
KIND_TITLES: dict[str, Any] = {
    "suspension": _l("Order to suspend"),
    "extension": _l("Order for a longer suspension"),
    "cancellation": _l("Order to cancel"),
    "blacklisting": _l("Order to blacklist"),
    "winding_down": _l("File of the winding down"),
}
VERB_TITLES: dict[str, Any] = {
    "ordered": _l("made"),
    "extended": _l("made longer"),
    "changed": _l("changed"),
    "lifted": _l("lifted"),
    "lapsed": _l("lapsed after its last day"),
    "reversed": _l("reversed"),
    "resumed": _l("in force again"),
    "deleted": _l("taken out of the register"),
}
PLACE_TITLES: dict[str, Any] = {
    "folder": _l("A folder that somebody else holds"),
    "timestamp": _l("A time stamp authority"),
}

WRONG_TITLES: dict[Wrong, Any] = {
    Wrong.UNREACHABLE: _l("could not be asked"),
    Wrong.UNREADABLE: _l("holds something that is no seal"),
    Wrong.SIGNATURE: _l("holds a seal that was not signed by this register"),
    Wrong.STAMP: _l("holds a time stamp that proves no seal of this number"),
    Wrong.GONE: _l("lost a seal that was left there"),
    Wrong.FORK: _l("holds another seal than was shown elsewhere: two histories"),
    Wrong.HISTORY: _l("holds a seal of other entries than the log has now: it was rewritten"),
    Wrong.SHRUNK: _l("holds a seal over more entries than there are: the log shrank"),
    Wrong.UNKNOWN: _l("holds a seal that the log does not list"),
    Wrong.DAYS: _l("has no seal of some days"),
}


def disagreement_rows(compared: Compared | None) -> list[tuple[Any, Any, Disagreement]]:
    """Each finding with its keeper and what is wrong, in words."""
    found = compared.found if compared else []
    return [(PLACE_TITLES.get(d.place, d.place), WRONG_TITLES[d.wrong], d) for d in found]


def event_title(leaf: Leaf) -> str:
    """What happened, in words; a word that later rules bring is shown as it is."""
    if leaf.event in EVENT_TITLES:
        return str(EVENT_TITLES[leaf.event])
    kind, _stroke, verb = leaf.event.rpartition("_")
    return f"{KIND_TITLES.get(kind, kind.replace('_', ' '))}: {VERB_TITLES.get(verb, verb)}"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One leaf as the page shows it. ``index`` None: it waits for the seal."""

    title: str
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The history of one agency and its standing on the day that was asked for."""

    found: History
    on: date
    answer: OnDay
    title: Any
    tone: str
    because: EventRow | None
    later: tuple[EventRow, ...]
    rows: tuple[EventRow, ...]


def history_page(found: History, on: date) -> HistoryPage:
    answer = on_day(found.leaves, on)
    return HistoryPage(
        found,
        on,
        answer,
        STANDING_TITLES[answer.standing],
        TONES[answer.standing],
        _row(answer.because) if answer.because else None,
        tuple(_row(leaf) for leaf in answer.later),
        tuple(_row(leaf) for leaf in found.leaves),
    )


def _row(leaf: Leaf) -> EventRow:
    return EventRow(event_title(leaf), leaf)


# --- data --------------------------------------------------------------------------------------------------------------


def head_data(head: RegisterHead) -> dict[str, Any]:
    """A signed head: what the signature is over, once more in plain sight."""
    return {
        "number": head.number,
        "size": head.size,
        "root": head.root.hex(),
        "at": instant(head.at),
        "key": key_id(head.token),
        "jws": head.token,
    }


def entry_data(leaf: RegisterLeaf) -> dict[str, Any]:
    """``leaf`` is the exact text: SHA-256 over a zero byte and its UTF-8 bytes is ``hash``."""
    return {"index": leaf.index, "hash": leaf.hash.hex(), "leaf": leaf.body}


def leaf_data(leaf: Leaf) -> dict[str, Any]:
    """A leaf in an answer about a standing; ``index`` is null while it waits for the seal."""
    return {
        "index": leaf.index,
        "event": leaf.event,
        "licence": leaf.licence,
        "order": leaf.order,
        "status": leaf.status,
        "until": leaf.until.isoformat() if leaf.until else None,
        "day": leaf.day.isoformat(),
        "recorded": instant(leaf.recorded),
        "imported": leaf.imported,
    }


def status_data(found: History, on: date) -> dict[str, Any]:
    """The standing on a day with the leaf and the order that it rests on, and what came later of that order."""
    answer = on_day(found.leaves, on)
    return {
        "number": found.number,
        "agency": found.agency,
        "on": on.isoformat(),
        "status": str(answer.standing),
        "valid_until": answer.until.isoformat() if answer.until else None,
        "order": answer.because.order if answer.because else None,
        "because": leaf_data(answer.because) if answer.because else None,
        "later": [leaf_data(leaf) for leaf in answer.later],
    }


def day_data(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "approved": day.approved,
        "log": {str(c): day.log[c] for c in Counted},
        "audit": {str(c): day.audit[c] for c in Counted},
        "imported": day.imported,
        "same": not day.differences,
    }


def difference_rows(days: list[Day]) -> list[tuple[date, Any, int, int]]:
    """What log and audit log do not count alike: day, what, in the log, in the audit log."""
    return [(day.day, COUNTED_TITLES[c], log, audit) for day in days for c, log, audit in day.differences]
