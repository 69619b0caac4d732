"""Who may see or change which winding-down file and item. The file's row is the lock for everything in it."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration import policies as agencies
from agencies.registration.models import Agency
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from agencies.winding_down.status import LIVE, OwedStatus
from core.actor import Actor
from core.errors import Denied, NotVisible, TooLate
from core.i18n import _l
from core.permissions import ClerkRight, Permission, SubjectKind

Item = TypeVar("Item", CustodyItem, OwedItem)
SEERS = (Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE, Permission.SECURITY_RECORD, Permission.AUDIT_READ)
TOO_LATE = _l("This file is closed. A labour office can still help: report it there.")


def record(session: Session, winding_id: UUID, *, lock: bool = False) -> WindingDown:
    """
    :raises NotVisible: when there is no such file.
    """
    query = select(WindingDown).where(WindingDown.id == winding_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotVisible
    return found


def live(session: Session, winding_id: UUID) -> WindingDown:
    """The file, locked, while things may still change in it.

    :raises TooLate: once it is closed or has ended.
    """
    found = record(session, winding_id, lock=True)
    if found.status not in LIVE:
        raise TooLate(TOO_LATE)
    return found


def own(session: Session, actor: Actor, winding_id: UUID, *, lock: bool = False) -> WindingDown:
    """A file of the actor's own agency; to change it, one must be allowed to sign for the agency.

    :raises NotVisible: for everybody else.
    """
    found = record(session, winding_id)
    agencies.find_own(session, actor, found.agency_id, ClerkRight.SIGN if lock else None)
    return live(session, winding_id) if lock else found


def seen(session: Session, actor: Actor, winding_id: UUID) -> tuple[WindingDown, Agency]:
    """A file for an officer of the agency's area.

    :raises NotVisible: for everybody else.
    """
    found = record(session, winding_id)
    agency = agencies.find(session, actor, found.agency_id)
    if not any(actor.can(p, agency.office_id) for p in SEERS):
        raise NotVisible
    return found, agency


def officer(session: Session, actor: Actor, winding_id: UUID, permission: Permission) -> WindingDown:
    """A live file, locked, for an officer who holds the permission there and has no tie to the agency.

    The agency is locked before its file, as where its licence ends: a claim against its security locks it as well.
    """
    found, agency = seen(session, actor, winding_id)
    agencies.find(session, actor, agency.id, lock=True)
    if not actor.can(permission, agency.office_id):
        raise Denied(_l("You are not allowed to do this."))
    agencies.refuse_conflict(session, actor, agency.id)
    return live(session, found.id)


def for_sum(session: Session, actor: Actor, found: OwedItem, permission: Permission) -> WindingDown:
    """As :func:`officer`, for one sum: what stayed unpaid can be settled after the closing too."""
    if found.status is not OwedStatus.UNPAID:
        return officer(session, actor, found.winding_id, permission)
    _file, agency = seen(session, actor, found.winding_id)
    agencies.find(session, actor, agency.id, lock=True)
    if not actor.can(permission, agency.office_id):
        raise Denied(_l("You are not allowed to do this."))
    agencies.refuse_conflict(session, actor, agency.id)
    return record(session, found.winding_id, lock=True)


def migrant_of(actor: Actor) -> UUID:
    """The actor's own migrant record.

    :raises NotVisible: for whoever has none.
    """
    found = actor.subject(SubjectKind.MIGRANT)
    if found is None:
        raise NotVisible
    return found


def item(session: Session, kind: type[Item], item_id: UUID) -> Item:
    """
    :raises NotVisible: when there is no such item.
    """
    found = session.get(kind, item_id, populate_existing=True)
    if found is None:
        raise NotVisible
    return found


def own_item(session: Session, actor: Actor, kind: type[Item], item_id: UUID) -> Item:
    """An item that is about the actor, its file locked. In a file that is no longer live only what stayed unpaid changes.

    :raises NotVisible: for everybody else.
    """
    found = item(session, kind, item_id)
    if found.migrant_id != migrant_of(actor):
        raise NotVisible
    if isinstance(found, OwedItem) and found.status is OwedStatus.UNPAID:
        agency_id = record(session, found.winding_id).agency_id
        session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
        record(session, found.winding_id, lock=True)
    else:
        live(session, found.winding_id)
    return item(session, kind, item_id)
