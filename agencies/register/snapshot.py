"""The public register in memory: rebuilt when the database says that something changed.

Every process keeps its own copy and asks for the register's version with one small query a request. The copy holds
nothing personal: names of agencies, districts, licence numbers, dates.
"""

import threading
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.numbers import number_key
from agencies.licensing.queries import standing_on
from agencies.licensing.status import LicenceStatus, Standing
from agencies.register.index import Alike, NameIndex, known, names_alike
from agencies.register.models import RegisterName
from agencies.registration.models import Agency
from agencies.sanctions.queries import blacklisted
from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import WindingStatus
from core.db import legal_zone
from core.money import Money
from law.country import deployment


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a winding down: when the file was closed, and what stayed unpaid of how many awards to workers.

    ``unpaid`` is None when everything was settled.
    """

    on: date
    count: int = 0
    unpaid: Money | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One agency as the public may know it. ``others``: its further names, in other scripts or earlier ones."""

    position: int
    agency_id: UUID
    name: str
    name_local: str
    district: str
    number: str | None
    serial: int | None
    licence_class: str | None
    issued_on: date | None
    valid_until: date | None
    status: LicenceStatus | None
    blacklisted: bool
    others: tuple[str, ...] = ()
    imported: bool = False
    closing: Closing | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the first one first."""
        return tuple(n for n in (self.name, self.name_local, *self.others) if n)

    def standing(self, on: date) -> Standing:
        """Counted against the day, so that an expired licence shows as expired before the nightly job."""
        return standing_on(on, is_blacklisted=self.blacklisted, status=self.status, valid_until=self.valid_until)


def by_name(name: str, agency_id: UUID) -> tuple[str, str, UUID]:
    """The order of the register: the same in every database, whatever its collation."""
    return name.casefold(), name, agency_id


class Register:
    """A frozen copy of the register with its search index, which it takes over from ``before`` while no name changes."""

    index: NameIndex

    def __init__(self, entries: list[Entry], before: "Register | None" = None) -> None:
        self.entries = entries
        names = tuple(e.names for e in entries)
        self.index = before.index if before is not None and before.index.names == names else NameIndex(names)
        self.by_serial: dict[int, list[int]] = defaultdict(list)
        # Numbers of the old register, whole and by their first part: their serials here are none that people know.
        self.by_old_number: dict[str, list[int]] = defaultdict(list)
        for entry in entries:
            if entry.imported and entry.number:
                self.by_old_number[number_key(entry.number)].append(entry.position)
                self.by_old_number[number_key(entry.number).split("/")[0]].append(entry.position)
            elif entry.serial is not None:
                self.by_serial[entry.serial].append(entry.position)

    def place_after(self, name: str, agency_id: UUID) -> int:
        """The position after this name and id, whether such an entry is (still) there or not."""
        return bisect_right(self.entries, by_name(name, agency_id), key=lambda e: by_name(e.name, e.agency_id))

    def alike(self, entry: Entry) -> tuple[int, ...]:
        """Other entries whose name could be taken for this one's, found once for each row of names."""
        return self.index.alike(entry.position, threshold())

    def alike_to(self, *names: str) -> list[int]:
        """Entries whose name could be taken for one of these."""
        return [position for position, _why in self.namesakes(*names)]

    def namesakes(self, *names: str) -> list[tuple[int, Alike]]:
        """As :meth:`alike_to`, with the two names and the reason."""
        return self.index.alike_to(tuple(n for n in names if n), threshold())


def threshold() -> int:
    """The country's score from which two names look alike."""
    return int(deployment().standard("lookalike_threshold"))


def alike_names(original: Entry, *names: str) -> bool:
    """Whether one of ``names`` could be taken for the original's name, by the country's threshold."""
    return names_alike(known(tuple(n for n in names if n)), known(original.names), threshold()) is not None


_VERSION = text("SELECT current_database(), count(*), max(id), (now() AT TIME ZONE :zone)::date FROM register_change")
_lock = threading.Lock()
_copies: dict[str, tuple[tuple[int, int | None], Register]] = {}


def current(session: Session) -> tuple[Register, date]:
    """The register as committed now, and the legal day."""
    database, count, highest, today = session.execute(_VERSION, {"zone": legal_zone()}).one()
    version = (count, highest)
    held = _copies.get(database)
    if held is not None and held[0] == version:
        return held[1], today
    with _lock:
        held = _copies.get(database)
        if held is None or held[0] != version:
            held = (version, Register(read(session), held[1] if held is not None else None))
            _copies.clear()
            _copies[database] = held
    return held[1], today


def read(session: Session) -> list[Entry]:
    """Every agency that an officer has taken up or a sanction has named, with its newest licence."""
    newest = (
        select(
            Licence.id,
            Licence.agency_id,
            Licence.number,
            Licence.serial,
            Licence.licence_class,
            Licence.issued_on,
            Licence.valid_until,
            Licence.status,
            Licence.imported_record_id,
        )
        .ext(distinct_on(Licence.agency_id))
        .order_by(Licence.agency_id, Licence.serial.desc())
        .subquery()
    )
    others = (
        select(func.array_agg(aggregate_order_by(RegisterName.text, RegisterName.created_at, RegisterName.id)))
        .where(RegisterName.agency_id == Agency.id, RegisterName.ended_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Agency.id,
            Agency.name,
            Agency.name_local,
            Agency.district,
            newest.c.number,
            newest.c.serial,
            newest.c.licence_class,
            newest.c.issued_on,
            newest.c.valid_until,
            newest.c.status,
            newest.c.imported_record_id,
            blacklisted().label("listed"),
            others.label("others"),
            WindingDown.closed_on,
            WindingDown.unpaid_count,
            WindingDown.unpaid_minor,
            WindingDown.unpaid_currency,
        )
        .outerjoin(newest, newest.c.agency_id == Agency.id)
        .outerjoin(WindingDown, (WindingDown.licence_id == newest.c.id) & (WindingDown.status == WindingStatus.CLOSED))
        .where(Agency.listed_at.is_not(None))
        .order_by(Agency.name, Agency.id)
    ).all()
    return [_entry(p, row) for p, row in enumerate(sorted(rows, key=lambda row: by_name(row.name, row.id)))]


def _entry(position: int, row: Any) -> Entry:
    return Entry(
        position=position,
        agency_id=row.id,
        name=row.name,
        name_local=row.name_local or "",
        district=row.district or "",
        number=row.number,
        serial=row.serial,
        licence_class=row.licence_class,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        status=row.status,
        blacklisted=bool(row.listed),
        others=tuple(row.others or ()),
        imported=row.imported_record_id is not None,
        closing=_closing(row),
    )


def _closing(row: Any) -> Closing | None:
    if row.closed_on is None:
        return None
    unpaid = Money(row.unpaid_minor, row.unpaid_currency) if row.unpaid_minor else None
    return Closing(row.closed_on, row.unpaid_count, unpaid)
