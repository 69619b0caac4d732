"""The answers of the licence check in words: what a standing means for the person who asks."""

from dataclasses import dataclass
from typing import Any

from agencies.licensing.status import STANDING_TITLES, Standing
from agencies.register.search import Answer, Hit
from agencies.register.snapshot import Entry
from core.i18n import _l

# Below this the best hit is not what was meant: the page says "not found" before it shows anything.
NEAR = 0.72
TONES = {
    Standing.LICENSED: "good",
    Standing.SUSPENDED: "warn",
    Standing.EXPIRED: "bad",
    Standing.BLACKLISTED: "bad",
    Standing.CANCELLED: "bad",
    Standing.SURRENDERED: "bad",
    Standing.NOT_LICENSED: "bad",
}
MEANINGS = {
    Standing.LICENSED: _l(
        "This agency may recruit people for work abroad. Still compare the licence number with the agency’s papers, and "
        "ask for a receipt for everything that you pay."
    ),
    Standing.SUSPENDED: _l(
        "This agency may not recruit anybody now. Do not pay it, do not give it your passport, and do not sign anything "
        "new. If you have signed already, ask the labour office what happens next."
    ),
    Standing.EXPIRED: _l(
        "The licence of this agency has run out. It may not recruit anybody. Do not pay it and do not give it your passport."
    ),
    Standing.BLACKLISTED: _l(
        "This agency is barred from recruiting because of what it did. Stay away from it. If it has your money or your "
        "passport, tell the labour office."
    ),
    Standing.CANCELLED: _l(
        "The licence of this agency was taken away. It may not recruit anybody. If it has your money or your passport, "
        "tell the labour office."
    ),
    Standing.SURRENDERED: _l("This agency has stopped. It may not recruit anybody."),
    Standing.NOT_LICENSED: _l(
        "This agency has no licence. Whoever recruits without a licence breaks the law. Do not pay and do not give your "
        "passport."
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One agency as the page shows it."""

    entry: Entry
    standing: Standing
    title: Any
    tone: str
    meaning: Any
    lookalike_of: Entry | None
    similar: Entry | None


@dataclass(frozen=True, slots=True)
class CheckPage:
    """``state``: empty, one, several or none; ``others`` come below the first answer."""

    query: str
    state: str
    first: Shown | None
    others: tuple[Shown, ...]
    imitated: Entry | None
    copies: tuple[Shown, ...]
    mixed_letters: bool
    by_number: bool


def shown(hit: Hit) -> Shown:
    return Shown(
        hit.entry,
        hit.standing,
        STANDING_TITLES[hit.standing],
        TONES[hit.standing],
        MEANINGS[hit.standing],
        hit.lookalike_of,
        hit.similar,
    )


def check_page(answer: Answer, *, most: int = 12) -> CheckPage:
    """An answer as the page shows it: the one that was surely meant first and large."""
    first = shown(answer.exact) if answer.exact else None
    rest = [h for h in answer.hits if answer.exact is None or h.entry is not answer.exact.entry][:most]
    near = bool(answer.hits) and max(h.score for h in answer.hits) >= NEAR
    state = "empty" if not answer.query else "one" if first else "several" if near else "none"
    copies = tuple(shown(h) for h in rest if first and h.lookalike_of is first.entry)
    return CheckPage(
        answer.query,
        state,
        first,
        tuple(shown(h) for h in rest),
        answer.imitated,
        copies,
        answer.mixed_letters,
        answer.by_number,
    )


def api_row(hit: Hit) -> dict[str, Any]:
    """One result of the API. ``lookalike_of`` is the number of the licensed agency that this one could be taken for."""
    entry, real = hit.entry, hit.lookalike_of
    return {
        "name": entry.name,
        "name_local": entry.name_local or None,
        "licence_number": entry.number,
        "licence_class": entry.licence_class,
        "status": str(hit.standing),
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else None,
        "district": entry.district or None,
        "lookalike_of": real.number if real else None,
        "lookalike_of_name": real.name if real else None,
        "from_old_register": entry.imported,
        "winding_down": closing_data(entry),
    }


def closing_data(entry: Entry) -> dict[str, Any] | None:
    """How the winding down ended: null until it is closed; amounts in minor units of ``currency``."""
    if entry.closing is None:
        return None
    unpaid = entry.closing.unpaid
    return {
        "closed_on": entry.closing.on.isoformat(),
        "settled": unpaid is None,
        "unpaid_awards": entry.closing.count,
        "unpaid_minor": unpaid.minor if unpaid else 0,
        "currency": unpaid.currency if unpaid else None,
    }
