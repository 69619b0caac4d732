"""Sanctions of the old register: they count at once, for the agency and for each of its directors as a person."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.importing.kinds.base import ADDED, Batch, Conflict, Result
from agencies.importing.kinds.licences import decided_since, follow
from agencies.importing.mapping import Facts
from agencies.importing.models import ImportedRecord
from agencies.importing.status import FOLLOW_SANCTION, IMPORTED_SANCTION, FollowedSanction
from agencies.licensing.models import Licence
from agencies.licensing.services import open_licence
from agencies.licensing.status import LicenceStatus
from agencies.register_log.services import taken_over
from agencies.registration.models import AgencyDirector
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError
from core.i18n import _l
from core.ids import new_id

LICENSED_SINCE, LIFTS, NOT_IN_FORCE = "licensed_since_the_order", "lifts_a_sanction", "sanction_ended_here"


class Sanctions:
    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None:
        ids = [found[0] for found in batch.agencies.values()]
        batch.seen["directors"] = batch.session.execute(
            select(AgencyDirector.agency_id, AgencyDirector.id).where(AgencyDirector.agency_id.in_(ids))
        ).all()
        # A licence that was issued here, or that somebody here has decided on: then the line waits for an officer.
        rows = batch.session.scalars(
            select(Licence).where(
                Licence.agency_id.in_(ids), Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED])
            )
        ).all()
        batch.seen["open"] = {licence.agency_id: licence.imported_record_id for licence in rows}

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict:
        agency_id, person = batch.agency(facts)
        check(facts.plain, batch.today)
        in_force = facts.plain["status"] == SanctionStatus.IN_FORCE.value
        if (
            batch.taken is None
            and in_force
            and agency_id in batch.seen["open"]
            and self._licensed_here(batch, agency_id)
        ):
            return Conflict(LICENSED_SINCE, agency_id, person, tuple(facts.all), standing=True)
        record_id, sanction_id = batch.record_id(), new_id()
        kind = SanctionKind(facts.plain["kind"] or "")
        batch.note(facts, person, agency_id=agency_id, target_id=sanction_id, record_id=record_id)
        # When an order was lifted is not in the file: known since today.
        day = (_day(facts.plain["ordered_on"]) if in_force else None) or batch.today
        batch.add_public(
            day,
            Sanction,
            id=sanction_id,
            agency_id=agency_id,
            imported_record_id=record_id,
            kind=kind,
            status=SanctionStatus(facts.plain["status"] or ""),
            reason=facts.personal["reason"],
            last_day=_day(facts.plain["last_day"]),
            decided_at=_moment(facts.plain["ordered_on"]),
        )
        if kind is SanctionKind.BLACKLISTING:
            for agency, director_id in batch.seen["directors"]:
                if agency == agency_id:
                    batch.add_public(day, BlacklistedPerson, sanction_id=sanction_id, director_id=director_id)
        if in_force and agency_id in batch.seen["open"]:
            batch.flush()
            bind(batch.session, batch.actor, batch.session.get_one(Sanction, sanction_id))
            if kind is not SanctionKind.SUSPENSION:
                batch.seen["open"].pop(agency_id, None)
        return ADDED

    def _licensed_here(self, batch: Batch, agency_id: UUID) -> bool:
        record_id = batch.seen["open"][agency_id]
        if record_id is None:
            return True
        return decided_since(batch.session, batch.session.get_one(ImportedRecord, record_id))

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]:
        sanction = session.get_one(Sanction, target_id)
        status = str(sanction.status)
        if sanction.status is SanctionStatus.LAPSED and record.facts["status"] == SanctionStatus.IN_FORCE.value:
            # That its last day has passed is no decision of ours: it stands as it came.
            status = record.facts["status"]
        return {
            "agency_key": record.facts["agency_key"],
            "kind": str(sanction.kind),
            "status": status,
            "ordered_on": sanction.decided_at.date().isoformat() if sanction.decided_at else None,
            "last_day": sanction.last_day.isoformat() if sanction.last_day else None,
            "reason": sanction.reason,
        }

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None:
        """A line of a file never lifts a sanction by itself: two officers do."""
        if "status" in changes and facts.plain["status"] == SanctionStatus.LIFTED.value:
            return LIFTS
        sanction = session.get_one(Sanction, record.target_id)
        followed = sanction.status in {s.value for s in FollowedSanction}
        return None if followed and sanction.lifted_by is None else NOT_IN_FORCE

    def write(self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]) -> None:
        sanction = session.get_one(Sanction, record.target_id, with_for_update=True)
        values = {**self.current(session, record, sanction.id), **changes}
        if "kind" in changes:
            raise DomainError(_l("A sanction does not become another one. Give the new one a key of its own."))
        status = SanctionStatus(values["status"] or "")
        with taken_over(session, legal_today(session)):
            sanction.last_day, sanction.decided_at = _day(values["last_day"]), _moment(values["ordered_on"])
            sanction.reason = values["reason"] or ""
            if "status" in changes and sanction.status is not status:
                IMPORTED_SANCTION.apply(
                    session, sanction, FOLLOW_SANCTION[status], actor=actor, reason="the old register says so",
                    evidence={"record_id": record.id},
                )  # fmt: skip
        if "status" not in changes:
            return
        if status is SanctionStatus.IN_FORCE:
            bind(session, actor, sanction)
        else:
            release(session, actor, sanction)


def check(plain: Mapping[str, str | None], today: date) -> None:
    """
    :raises DomainError: for an order of a later day, or a last day before the order.
    """
    ordered, last = _day(plain["ordered_on"]), _day(plain["last_day"])
    if ordered is not None and ordered > today:
        raise DomainError(_l("The order lies in the future."))
    if last is not None and ordered is not None and last < ordered:
        raise DomainError(_l("The last day comes before the order."))


def bind(session: Session, actor: Actor, sanction: Sanction) -> None:
    """A sanction in force holds the agency's licence, as an order here does."""
    licence = open_licence(session, sanction.agency_id)
    if licence is None:
        return
    # A licence that was issued here is touched from today on only.
    ordered = sanction.decided_at.date() if sanction.decided_at and licence.imported_record_id else None
    day = max(ordered, licence.issued_on) if ordered else None
    if sanction.kind is SanctionKind.SUSPENSION:
        if licence.status is LicenceStatus.ACTIVE:
            follow(session, actor, licence, LicenceStatus.SUSPENDED, sanction.imported_record_id, day)
    elif sanction.decided_at is None or licence.issued_on <= sanction.decided_at.date():
        follow(session, actor, licence, LicenceStatus.CANCELLED, sanction.imported_record_id, day)


def release(session: Session, actor: Actor, sanction: Sanction) -> None:
    """After the end of a suspension an imported licence stands again as its own line says, unless another one holds it."""
    licence = open_licence(session, sanction.agency_id)
    if sanction.kind is not SanctionKind.SUSPENSION or licence is None or licence.imported_record_id is None:
        return
    another = exists().where(
        Sanction.agency_id == sanction.agency_id,
        Sanction.kind == SanctionKind.SUSPENSION,
        Sanction.status == SanctionStatus.IN_FORCE,
    )
    record = session.get_one(ImportedRecord, licence.imported_record_id)
    said_active = record.facts["status"] == LicenceStatus.ACTIVE.value
    if said_active and licence.status is LicenceStatus.SUSPENDED and not session.scalar(select(another)):
        follow(session, actor, licence, LicenceStatus.ACTIVE, record.id)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _moment(written: str | None) -> datetime | None:
    """Noon in UTC, so that the day is the same day in every zone of the region."""
    return datetime.combine(date.fromisoformat(written), time(12), UTC) if written else None
