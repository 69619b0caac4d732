"""Licences of the old register: the old number stays the number, no paper of ours is made for it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select, text
from sqlalchemy.orm import Session

from agencies.importing.kinds.base import ADDED, Batch, Conflict, Result
from agencies.importing.mapping import Facts
from agencies.importing.merging import differing
from agencies.importing.models import ImportedRecord
from agencies.importing.status import FOLLOW, IMPORTED_LICENCE, Outcome
from agencies.licensing.models import LICENCE_SERIAL, Licence
from agencies.licensing.services import open_licence
from agencies.licensing.status import LicenceStatus
from agencies.register_log.services import taken_over
from agencies.sanctions.models import Sanction
from core.actor import Actor, ActorKind
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError
from core.i18n import _l
from core.ids import new_id
from law.country import deployment

OPEN = frozenset({LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED})
DECIDED, LICENSED_HERE, COMES_BACK = "licence_decided_here", "licensed_here", "cancelled_comes_back"
# Below every serial that this portal gives, in the order of issue, so that a licence issued here is always the newer one.
_FLOOR, _PER_DAY = 10**13, 10**6


def old_serial(issued_on: date, number: int) -> int:
    """A serial below zero: never mistaken for one that stands in a number of ours."""
    return issued_on.toordinal() * _PER_DAY + number % _PER_DAY - _FLOOR


class Licences:
    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None:
        session = batch.session
        numbers = [f.plain["number"] for f in lines]
        batch.seen["numbers"] = {
            number: (licence_id, agency_id)
            for number, licence_id, agency_id in session.execute(
                select(Licence.number, Licence.id, Licence.agency_id).where(Licence.number.in_(numbers))
            )
        }
        ids = [found[0] for found in batch.agencies.values()]
        batch.seen["open"] = set(
            session.scalars(select(Licence.agency_id).where(Licence.agency_id.in_(ids), Licence.status.in_(OPEN)))
        )
        batch.seen.setdefault("classes", frozenset(deployment().licence_classes))
        take = text("SELECT nextval('imported_licence_serial') FROM generate_series(1, :count)")
        batch.seen["serials"] = list(session.scalars(take, {"count": len(lines)}))

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict:
        agency_id, person = batch.agency(facts)
        check(facts.plain, batch.seen["classes"])
        here = batch.seen["numbers"].get(facts.plain["number"])
        if here is not None:
            return self._here(batch, facts, here, person)
        status = LicenceStatus(facts.plain["status"] or "")
        if status in OPEN and agency_id in batch.seen["open"]:
            batch.flush()
            clash = give_way(batch, agency_id, _day(facts.plain["issued_on"]))
            if clash:
                return Conflict(clash, agency_id, person, tuple(facts.plain), standing=True)
        record_id, licence_id = batch.record_id(), new_id()
        batch.note(facts, person, agency_id=agency_id, target_id=licence_id, record_id=record_id)
        valid_until = _day(facts.plain["valid_until"])
        batch.add_public(
            since(status, valid_until, batch.today),
            Licence,
            id=licence_id,
            agency_id=agency_id,
            imported_record_id=record_id,
            number=facts.plain["number"],
            serial=self._serial(batch, facts),
            licence_class=facts.plain["licence_class"],
            status=status,
            issued_on=_day(facts.plain["issued_on"]),
            valid_until=valid_until,
        )
        batch.seen["numbers"][facts.plain["number"]] = (licence_id, agency_id)
        if status in OPEN:
            batch.seen["open"].add(agency_id)
        return ADDED

    def _serial(self, batch: Batch, facts: Facts) -> int:
        """In the order of issue among the old ones; a licence that two officers put in force is the newest of all."""
        if batch.taken is not None and facts.plain["status"] in {*OPEN}:
            return int(batch.session.scalars(select(LICENCE_SERIAL.next_value())).one())
        return old_serial(_day(facts.plain["issued_on"]), batch.seen["serials"].pop())

    def _here(
        self, batch: Batch, facts: Facts, here: tuple[UUID, UUID], person: tuple[UUID, bytes]
    ) -> Result | Conflict:
        """The number stands here already: with the same agency it is tied to it, with another it is refused."""
        licence_id, agency_id = here
        if agency_id != batch.agency(facts)[0]:
            raise DomainError(_l("This licence number belongs to another agency here."))
        batch.flush()
        licence = batch.session.get_one(Licence, licence_id)
        if licence.imported_record_id is not None:
            raise DomainError(_l("This licence number came with another key already."))
        fields = differing(self._values(licence, facts.plain["agency_key"]), facts.plain)
        if fields:
            return Conflict(LICENSED_HERE, agency_id, person, fields, standing=True, target_id=licence_id)
        batch.note(facts, person, agency_id=agency_id, target_id=licence_id, record_id=batch.record_id())
        return Result(Outcome.UNCHANGED, _l("This licence was issued here."))

    def _values(self, licence: Licence, agency_key: str | None) -> dict[str, str | None]:
        return {
            "agency_key": agency_key,
            "number": licence.number,
            "licence_class": licence.licence_class,
            "status": str(licence.status),
            "issued_on": licence.issued_on.isoformat(),
            "valid_until": licence.valid_until.isoformat(),
        }

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]:
        """As it stands. That its last day has passed is no decision of ours: it stands as it came."""
        licence = session.get_one(Licence, target_id)
        found = self._values(licence, record.facts["agency_key"])
        ran_out = licence.status is LicenceStatus.EXPIRED and licence.valid_until < legal_today(session)
        if ran_out and record.facts["status"] in {*OPEN}:
            found["status"] = record.facts["status"]
        return found

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None:
        if decided_since(session, record):
            return DECIDED
        left = record.facts["status"] in (LicenceStatus.CANCELLED, LicenceStatus.SURRENDERED)
        return COMES_BACK if left and facts.plain["status"] in {*OPEN} else None

    def write(self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]) -> None:
        licence = session.get_one(Licence, record.target_id, with_for_update=True)
        values = {**self.current(session, record, licence.id), **changes}
        check(values, frozenset(deployment().licence_classes))
        status = LicenceStatus(values["status"] or "")
        if status in OPEN:
            other = open_licence(session, licence.agency_id)
            if other is not None and other.id != licence.id:
                raise DomainError(_l("This agency has another licence in force; two can’t be."))
            newer = exists().where(Licence.agency_id == licence.agency_id, Licence.serial > licence.serial)
            if session.scalar(select(newer)):
                # It stands again though a later one has ended: the newest is what the register shows.
                licence.serial = int(session.scalars(select(LICENCE_SERIAL.next_value())).one())
        with taken_over(session, legal_today(session)):
            licence.number, licence.licence_class = values["number"] or "", values["licence_class"] or ""
            licence.issued_on, licence.valid_until = _day(values["issued_on"]), _day(values["valid_until"])
        if licence.status is not status:
            follow(session, actor, licence, status, record.id)


def check(values: Mapping[str, str | None], classes: frozenset[str]) -> None:
    """
    :raises DomainError: for a class that is not known here, or a last day that does not come after the first.
    """
    if values["licence_class"] not in classes:
        raise DomainError(_l("There is no such licence class here. Add it to the mapping’s values."))
    if _day(values["valid_until"]) <= _day(values["issued_on"]):
        raise DomainError(_l("The last day does not come after the first."))


def _day(written: str | None) -> date:
    return date.fromisoformat(written or "")


def since(status: LicenceStatus, valid_until: date, today: date) -> date:
    """From when a state counts in the register's log: the old register tells only of an end by itself when it was."""
    return min(valid_until + timedelta(days=1), today) if status is LicenceStatus.EXPIRED else today


def follow(
    session: Session,
    actor: Actor,
    licence: Licence,
    status: LicenceStatus,
    record_id: UUID | None,
    day: date | None = None,
) -> None:
    """Move an imported licence as its source did, with a row in the log; ``day`` is from when on, where it is known."""
    with taken_over(session, day or since(status, licence.valid_until, legal_today(session))):
        IMPORTED_LICENCE.apply(
            session,
            licence,
            FOLLOW[status],
            actor=actor,
            reason="the old register says so",
            evidence={"record_id": record_id},
        )


def give_way(batch: Batch, agency_id: UUID, issued_on: date) -> str | None:
    """An imported licence that nobody here decided on ends before a newer one of the source.

    :raises DomainError: when the licence in force is the newer one.
    """
    licence = open_licence(batch.session, agency_id)
    if licence is None:
        return None
    record = batch.session.get(ImportedRecord, licence.imported_record_id) if licence.imported_record_id else None
    if batch.taken is None and record is None:
        return LICENSED_HERE
    if batch.taken is None and record is not None and decided_since(batch.session, record):
        return DECIDED
    if batch.taken is None and licence.issued_on >= issued_on:
        raise DomainError(_l("This agency has a newer licence in force; two can’t be."))
    follow(
        batch.session,
        batch.actor,
        licence,
        LicenceStatus.EXPIRED,
        batch.taken.id if batch.taken else licence.imported_record_id,
    )
    return None


def decided_since(session: Session, record: ImportedRecord) -> bool:
    """Whether this portal has decided on the licence, or on its agency, after the line was taken."""
    on_it = exists().where(
        AuditEvent.subject_kind == "licence",
        AuditEvent.subject_id == record.target_id,
        AuditEvent.at > record.created_at,
        or_(AuditEvent.action != "expire", AuditEvent.actor_kind != str(ActorKind.SYSTEM)),
    )
    return bool(session.scalar(select(on_it))) or decided_on_agency(session, record.agency_id, record.created_at)


def decided_on_agency(session: Session, agency_id: UUID | None, since: datetime) -> bool:
    """Whether this portal has licensed the agency itself, or ordered a sanction since."""
    issued = exists().where(
        Licence.agency_id == agency_id, Licence.imported_record_id.is_(None), Licence.created_at >= since
    )
    ordered = exists().where(
        Sanction.agency_id == agency_id, Sanction.imported_record_id.is_(None), Sanction.decided_at >= since
    )
    return bool(session.scalar(select(or_(issued, ordered))))
