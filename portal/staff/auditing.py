"""What the auditor reads: filtered rows, a sample that can be drawn again, an export with its hash."""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, literal_column, select, text
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from core.audit import AuditEvent, canonical
from core.db import legal_zone
from core.errors import DomainError, NotVisible
from core.forms import parse_day
from core.i18n import _l
from core.listing import Page, fetch_page

EXPORT_ROWS = 50_000
SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows: a kind of record, a record, an actor, legal days."""

    kind: str = ""
    subject: str = ""
    actor: str = ""
    first: str = ""
    last: str = ""


def filters(values: Mapping[str, str]) -> Filters:
    """What an address asks for; its days as ISO text, however they were typed.

    :raises DomainError: for what is no day. It is never left out in silence: evidence would hold more than was asked for.
    """
    kind, subject, actor = (values.get(name, "").strip()[:64] for name in ("kind", "subject", "actor"))
    return Filters(kind, subject, actor, *(_iso(values, name) for name in ("first", "last")))


def _iso(values: Mapping[str, str], name: str) -> str:
    typed = values.get(name, "").strip()
    try:
        return parse_day(typed).isoformat() if typed else ""
    except ValidationError as error:
        raise DomainError(str(error), field=name) from None


def _query(wanted: Filters) -> Select[Any]:
    query = select(AuditEvent)
    if wanted.kind:
        query = query.where(AuditEvent.subject_kind == wanted.kind)
    for given, column in ((wanted.subject, AuditEvent.subject_id), (wanted.actor, AuditEvent.actor_account_id)):
        if given:
            found = _uuid(given)
            query = query.where(column == found) if found else query.where(column.is_(None), AuditEvent.id.is_(None))
    first, last, zone = _day(wanted.first), _day(wanted.last), ZoneInfo(legal_zone())
    if first:
        query = query.where(AuditEvent.at >= datetime.combine(first, time(), zone))
    if last:
        query = query.where(AuditEvent.at < datetime.combine(last + timedelta(days=1), time(), zone))
    return query


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def events(session: Session, wanted: Filters, cursor: str | None) -> Page[Any]:
    """Rows, newest first."""
    return fetch_page(session, _query(wanted), [AuditEvent.at, AuditEvent.id], cursor=cursor, descending=True)


def rows(found: Page[Any]) -> list[AuditEvent]:
    """The events of a page, out of their result rows."""
    return [row[0] if isinstance(row, Row) else row for row in found.rows]


def event(session: Session, event_id: UUID) -> AuditEvent:
    """One row.

    :raises NotVisible: when there is none.
    """
    found = session.get(AuditEvent, event_id)
    if found is None:
        raise NotVisible
    return found


def evidence(row: AuditEvent) -> list[tuple[str, str]]:
    """What a decision rested on, ids and law rows, each value on a line of its own: ``law.1.citation``."""
    return list(_lines("", row.evidence))


def _lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list) and value:
        parts = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        for part, inner in parts:
            yield from _lines(f"{name}.{part}" if name else str(part), inner)
    elif name:
        yield name, value if isinstance(value, str) else canonical(value)


def kinds(session: Session) -> list[str]:
    """The kinds of record that the log speaks of."""
    return list(
        session.scalars(select(AuditEvent.subject_kind).distinct().order_by(AuditEvent.subject_kind).limit(100))
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows drawn at random. Filters, seed and ``until`` draw the same rows again, whatever was written since.

    ``until`` is a transaction id, not a time: ids below the horizon are settled, while a row with an earlier time
    may still be on its way.
    """

    seed: str
    until: int
    population: int
    rows: Sequence[AuditEvent]


def draw_sample(
    session: Session, wanted: Filters, *, seed: str = "", until: str = "", size: int = SAMPLE_ROWS
) -> Sample:
    """``size`` of all matching rows, each as likely as the other: ordered by a hash over seed and id.

    The database orders them, so that no row is out of reach however long the log is.
    """
    seed = seed or secrets.token_hex(8)
    horizon = int(session.scalars(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).one())
    edge = min(int(until), horizon) if until.isascii() and until.isdigit() else horizon
    drawn = _query(wanted).where(AuditEvent.xid < literal_column(f"'{edge}'::xid8"))
    population = session.scalars(select(func.count()).select_from(drawn.subquery())).one()
    place = func.sha256(func.convert_to(func.concat(seed, ":", AuditEvent.id), "UTF8"))
    rows = session.scalars(drawn.order_by(place, AuditEvent.id).limit(size)).all()
    return Sample(seed, edge, population, sorted(rows, key=lambda row: (row.at, row.id)))


COLUMNS = (
    "id", "at", "actor_account_id", "actor_kind", "subject_kind", "subject_id", "action", "from_status", "to_status",
    "reason", "evidence", "mac",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """A file of evidence, its SHA-256 and how many rows it has."""

    content: str
    sha256: str
    rows: int


def export(session: Session, wanted: Filters, kind: str = "csv") -> Export:
    """Every matching row, oldest first, as CSV for a spreadsheet or as JSON for a program.

    :raises DomainError: when there are more rows than one file holds; evidence is never cut silently.
    """
    query = _query(wanted).order_by(AuditEvent.at, AuditEvent.id).limit(EXPORT_ROWS + 1)
    rows = session.scalars(query).all()
    if len(rows) > EXPORT_ROWS:
        raise DomainError(_l("These are more rows than one file holds. Choose fewer days."))
    content = _as_json(rows) if kind == "json" else _as_csv(rows)
    return Export(content, sha256(content.encode()).hexdigest(), len(rows))


def _as_json(rows: Sequence[AuditEvent]) -> str:
    plain = [{name: _bare(getattr(row, name)) for name in COLUMNS} for row in rows]
    return canonical(plain) + "\n"


def _bare(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _as_csv(rows: Sequence[AuditEvent]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    """Text for a spreadsheet: a cell that begins like a formula is kept from being one."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    text = (
        canonical(value)
        if isinstance(value, dict)
        else value.isoformat()
        if isinstance(value, datetime)
        else str(value)
    )
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
