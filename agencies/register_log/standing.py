"""What the log says of an agency: the standing on any day, counted from its leaves alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from agencies.licensing.queries import standing_on
from agencies.licensing.status import LicenceStatus, Standing
from agencies.register_log.leaf import Leaf
from agencies.sanctions.status import SanctionKind, SanctionStatus

GONE = "deleted"
# How a winding down ended: it changes nothing in how the agency stands, and the leaf before it says why it does.
CLOSINGS = frozenset({"closed", "closed_unpaid", "paid_up"})


@dataclass
class Told:
    """What leaves have told so far of one agency: its licences and its orders, each by the leaf that speaks of it last."""

    licences: dict[str, Leaf] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    orders: dict[str, Leaf] = field(default_factory=dict)

    def take(self, leaf: Leaf) -> None:
        """Hear one more leaf."""
        if leaf.event in CLOSINGS:
            return
        if leaf.licence is None:
            if leaf.order is not None:
                self.orders[leaf.order] = leaf
            return
        self.licences[leaf.licence] = leaf
        if leaf.event == "issued":
            self.issued.append(leaf.licence)

    def licence(self) -> Leaf | None:
        """What was told last of the newest licence."""
        for number in reversed(self.issued):
            if self.licences[number].status != GONE:
                return self.licences[number]
        return None

    def blacklisting(self) -> Leaf | None:
        """The order that keeps the agency on the blacklist, if one does."""
        for leaf in self.orders.values():
            if leaf.order_kind == SanctionKind.BLACKLISTING and leaf.status == SanctionStatus.IN_FORCE:
                return leaf
        return None


@dataclass(frozen=True, slots=True)
class OnDay:
    """The standing on a day, the leaf that it rests on, and what was decided later about the order behind it."""

    standing: Standing
    because: Leaf | None
    until: date | None
    later: tuple[Leaf, ...]


def in_effect(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Leaves by the day on which they take effect; those of one day as they stand in the log, unsealed ones last."""
    return sorted(leaves, key=lambda leaf: (leaf.day, leaf.index is None, leaf.index or 0, leaf.recorded))


def on_day(leaves: Iterable[Leaf], on: date) -> OnDay:
    """How the agency of these leaves stood on a day."""
    ordered = in_effect(leaves)
    told = Told()
    for leaf in ordered:
        if leaf.day <= on:
            told.take(leaf)
    licence, listed = told.licence(), told.blacklisting()
    standing = _standing(licence, listed, on)
    because = listed or licence
    order = because.order if because else None
    later = tuple(leaf for leaf in ordered if order and leaf.order == order and leaf.day > on)
    return OnDay(standing, because, licence.until if licence else None, later)


def _standing(licence: Leaf | None, listed: Leaf | None, on: date) -> Standing:
    try:
        status = LicenceStatus(licence.status) if licence else None
    except ValueError:
        # A state that this rule does not know is no leave to recruit.
        status = None
    until = licence.until if licence else None
    return standing_on(on, is_blacklisted=listed is not None, status=status, valid_until=until)
