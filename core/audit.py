"""The audit log: append-only rows written in the deciding transaction, sealed in batches.

A row carries a keyed code over its content, so an edit shows at once. Batches go up to the transaction horizon
(never up to the highest id, since ids commit out of order): each seal holds the Merkle root (RFC 6962 hashing) of its
rows and the hash of the seal before it. A head kept elsewhere shows a cut tail or a log rewritten as a whole.
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Index, LargeBinary, Text, cast, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from core.actor import Actor
from core.db import Base
from core.errors import ConfigurationError
from core.ids import new_id
from core.merkle import root_of
from core.privacy import derived_key

# Rows are sealed once a minute; one that waits longer than this says that nobody seals.
SEALED_WITHIN = timedelta(minutes=10)
COUNTER_BEHIND = (
    "The server's transaction counter is behind the last seal: this database was restored into another server. "
    "See docs/deploy.md, Restore, before anything is decided here."
)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; compared by the server, read as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class AuditEvent(Base):
    """One decision. The application's role may SELECT and INSERT, nothing else.

    Reasons and evidence hold ids and law rows, never names, numbers or documents.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "at"),
        Index(None, "xid"),
        Index(None, "actor_account_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    actor_account_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    mac: Mapped[bytes] = mapped_column(LargeBinary)


class AuditSeal(Base):
    """One sealed batch: the rows with ``from_xid <= xid < to_xid``."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_xid: Mapped[int] = mapped_column(BigInteger)
    to_xid: Mapped[int] = mapped_column(BigInteger)
    leaves: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    oldest_start: Mapped[datetime]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


def last_reason(session: Session, kind: str, subject_id: UUID, to_status: str, *, action: str = "") -> str:
    """What was written when a record came to a state last, by one ``action`` or by any; empty when nothing was."""
    query = select(AuditEvent.reason).where(
        AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id, AuditEvent.to_status == to_status
    )
    if action:
        query = query.where(AuditEvent.action == action)
    return session.scalars(query.order_by(AuditEvent.at.desc()).limit(1)).one_or_none() or ""


def record(
    session: Session,
    actor: Actor,
    *,
    subject: tuple[str, UUID | None],
    action: str,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    from_status: str | None = None,
    to_status: str | None = None,
) -> AuditEvent:
    """Write one audit row in the caller's transaction."""
    # First the transaction's number, then the time: no row carries a time before its own number was given (see seal).
    _xid_now, now = session.execute(text("SELECT pg_current_xact_id()::text, clock_timestamp()")).one()
    event = AuditEvent(
        id=new_id(),
        at=now,
        actor_account_id=actor.account_id,
        actor_kind=str(actor.kind),
        subject_kind=subject[0],
        subject_id=subject[1],
        action=action,
        reason=reason,
        evidence=json.loads(canonical(evidence or {})),
        from_status=from_status,
        to_status=to_status,
    )
    event.mac = hmac.new(derived_key("audit"), leaf_bytes(event), sha256).digest()
    session.add(event)
    return event


def canonical(value: Any) -> str:
    """JSON with sorted keys; dates, ids and times as ISO text in UTC."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def leaf_bytes(event: AuditEvent) -> bytes:
    """What a seal covers: every column but the transaction id and the code itself."""
    return canonical(
        [
            event.id, event.at, event.actor_account_id, event.actor_kind, event.subject_kind, event.subject_id,
            event.action, event.from_status, event.to_status, event.reason, event.evidence,
        ]
    ).encode()  # fmt: skip


def _seal_hash(seal: AuditSeal) -> bytes:
    body = [
        seal.number, seal.from_xid, seal.to_xid, seal.leaves, seal.root.hex(), seal.sealed_at, seal.oldest_start,
        seal.previous.hex(),
    ]  # fmt: skip
    # Keyed: whoever can write to the database but has no key can't seal a changed log anew.
    return hmac.new(derived_key("audit-seal"), canonical(body).encode(), sha256).digest()


def _xid() -> ColumnElement[int]:
    return cast(cast(AuditEvent.xid, Text), BigInteger)


def _rows(session: Session, from_xid: int, to_xid: int) -> Iterator[AuditEvent]:
    query = (
        select(AuditEvent)
        .where(
            AuditEvent.xid >= literal_column(f"'{int(from_xid)}'::xid8"),
            AuditEvent.xid < literal_column(f"'{int(to_xid)}'::xid8"),
        )
        .order_by(_xid(), AuditEvent.id)
        .execution_options(yield_per=2000)
    )
    yield from session.scalars(query)


def seal(session: Session) -> AuditSeal | None:
    """Seal every row below the transaction horizon; None when there is nothing new. One sealer at a time.

    :raises ConfigurationError: when the server counts transactions from an earlier number than the last seal: the
        database was restored into another server without its counter, and new rows could not be told from old ones.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('openpassage.audit.seal'))"))
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).one_or_none()
    oldest = _oldest_open_start(session)
    horizon = int(session.scalars(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).one())
    start = last.to_xid if last else 0
    if horizon < start:
        raise ConfigurationError(COUNTER_BEHIND)
    if horizon == start:
        return None
    leaves = [leaf_bytes(row) for row in _rows(session, start, horizon)]
    if not leaves:
        return None
    now = session.scalars(select(func.clock_timestamp())).one()
    sealed = AuditSeal(
        number=(last.number + 1) if last else 1,
        from_xid=start,
        to_xid=horizon,
        leaves=len(leaves),
        root=root_of(leaves),
        sealed_at=now,
        oldest_start=oldest,
        previous=last.hash if last else b"\0" * 32,
    )
    sealed.hash = _seal_hash(sealed)
    session.add(sealed)
    session.flush()
    return sealed


def _oldest_open_start(session: Session) -> datetime:
    """No row that a later seal covers carries a time before this one. To be read before the horizon is.

    A row takes its time after its transaction got a number. A transaction at or past the horizon either gets its number
    after this clock, or has it now and is listed here as open; if it closes while the list is read, the older one that
    keeps the horizon down is open all that time, is listed, and started before.
    """
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    opened: datetime | None = session.scalars(
        text(
            "SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL"
        )
    ).one()
    return now if opened is None else min(now, opened)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the log, in a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    events: int
    seals: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        return not self.findings


def head(session: Session) -> dict[str, Any] | None:
    """The newest seal as data to be kept elsewhere: number and hash."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).one_or_none()
    return (
        None
        if last is None
        else {"number": last.number, "hash": last.hash.hex(), "sealed_at": last.sealed_at.isoformat()}
    )


def verify(session: Session, saved_head: Mapping[str, Any] | None = None) -> Verification:
    """Check every row against its code and its seal, the seals against each other, and a head saved elsewhere."""
    findings: list[Finding] = []
    events = 0
    previous = b"\0" * 32
    end = 0
    floor: datetime | None = None
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all()
    for position, sealed in enumerate(seals, start=1):
        where = f"seal {sealed.number}"
        if sealed.number != position or sealed.from_xid != end or sealed.previous != previous:
            findings.append(Finding(f"The chain is broken before {where}: a seal is missing or was replaced."))
        if _seal_hash(sealed) != sealed.hash:
            findings.append(Finding(f"The content of {where} was changed."))
        events += _verify_batch(session, sealed, floor, findings)
        previous, end, floor = sealed.hash, sealed.to_xid, sealed.oldest_start
    waiting: list[datetime] = []
    for row in _rows(session, end, 2**63 - 1):
        events += 1
        waiting.append(row.at)
        _verify_row(row, floor, findings, "the part not yet sealed")
    _verify_waiting(session, end, waiting, findings)
    if saved_head is not None:
        _verify_head(seals, saved_head, findings)
    return Verification(events, len(seals), previous.hex(), tuple(findings))


def _verify_waiting(session: Session, end: int, waiting: list[datetime], findings: list[Finding]) -> None:
    """A deletion in the part not yet sealed can't be seen: that part must stay short."""
    now, horizon = session.execute(
        text("SELECT clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text")
    ).one()
    if int(horizon) < end:
        findings.append(Finding(COUNTER_BEHIND))
    if waiting and now - min(waiting) > SEALED_WITHIN:
        findings.append(
            Finding(
                f"{len(waiting)} rows wait to be sealed, the first since {min(waiting).astimezone(UTC):%Y-%m-%d %H:%M} UTC: "
                "is the worker running? A deletion among them would not show."
            )
        )


def _verify_batch(session: Session, sealed: AuditSeal, floor: datetime | None, findings: list[Finding]) -> int:
    leaves = []
    where = f"seal {sealed.number}"
    for row in _rows(session, sealed.from_xid, sealed.to_xid):
        leaves.append(leaf_bytes(row))
        _verify_row(row, floor, findings, where)
        if row.at > sealed.sealed_at + timedelta(seconds=1):
            findings.append(Finding(f"Row {row.id} in {where} carries a time after its seal."))
    if len(leaves) < sealed.leaves:
        findings.append(Finding(f"{where} covers {sealed.leaves} rows, {len(leaves)} are there: rows were deleted."))
    elif len(leaves) > sealed.leaves:
        findings.append(
            Finding(f"{where} covers {sealed.leaves} rows, {len(leaves)} are there: rows were added later.")
        )
    elif root_of(leaves) != sealed.root:
        findings.append(Finding(f"The rows under {where} are not the ones that were sealed."))
    return len(leaves)


def _verify_row(row: AuditEvent, floor: datetime | None, findings: list[Finding], where: str) -> None:
    if not hmac.compare_digest(hmac.new(derived_key("audit"), leaf_bytes(row), sha256).digest(), row.mac):
        findings.append(Finding(f"Row {row.id} in {where} was changed or written by a stranger."))
    if floor is not None and row.at < floor:
        findings.append(Finding(f"Row {row.id} in {where} is back-dated: its time lies before the seal before it."))


def _verify_head(seals: Any, saved: Mapping[str, Any], findings: list[Finding]) -> None:
    number, digest = int(saved["number"]), str(saved["hash"])
    if number > len(seals):
        findings.append(Finding(f"The saved head is seal {number}, the log ends at {len(seals)}: the tail was cut."))
    elif seals[number - 1].hash.hex() != digest:
        findings.append(Finding(f"Seal {number} is not the one in the saved head: the log was rewritten."))
