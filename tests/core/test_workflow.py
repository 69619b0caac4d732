from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, HeldRole
from core.audit import AuditEvent
from core.errors import Denied, DomainError, TooLate
from core.ids import new_id
from core.permissions import Permission, StaffRole
from core.workflow import ALL, Transition, Workflow


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"


doors = Workflow(
    "test_door",
    Door,
    [
        Transition("shut", frozenset({Door.OPEN}), Door.SHUT, "Shut", needs_reason=True),
        Transition("open", frozenset({Door.SHUT}), Door.OPEN, "Open", permission=Permission.LICENCE_APPROVE),
    ],
)
del ALL["test_door"]


@dataclass
class Record:
    id: UUID
    status: Door = Door.OPEN


def approver(office: UUID) -> Actor:
    return Actor(
        ActorKind.STAFF,
        account_id=new_id(),
        roles=(HeldRole(StaffRole.LICENSING_APPROVER, office, frozenset({office})),),
    )


def test_a_move_sets_the_status_and_writes_one_audit_row(session: Session):
    record = Record(new_id())
    doors.apply(session, record, "shut", actor=SYSTEM, reason=" draught ", evidence={"wind": "north"})
    session.flush()
    row = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == record.id)).one()
    assert record.status is Door.SHUT
    assert (row.action, row.from_status, row.to_status, row.reason, row.evidence) == (
        "shut",
        "open",
        "shut",
        "draught",
        {"wind": "north"},
    )


def test_a_move_from_elsewhere_is_too_late_and_changes_nothing(session: Session):
    record = Record(new_id(), Door.SHUT)
    with pytest.raises(TooLate):
        doors.apply(session, record, "shut", actor=SYSTEM, reason="again")
    assert record.status is Door.SHUT
    assert session.scalars(select(AuditEvent).where(AuditEvent.subject_id == record.id)).all() == []


def test_a_reason_and_a_permission_are_demanded(session: Session):
    record = Record(new_id())
    with pytest.raises(DomainError):
        doors.apply(session, record, "shut", actor=SYSTEM, reason="  ")
    record.status = Door.SHUT
    with pytest.raises(Denied):
        doors.apply(session, record, "open", actor=ANONYMOUS)
    office = new_id()
    with pytest.raises(Denied):
        doors.apply(session, record, "open", actor=approver(office), office_id=new_id())
    doors.apply(session, record, "open", actor=approver(office), office_id=office)
    assert record.status is Door.OPEN


def test_buttons_come_from_the_same_table(session: Session):
    assert [t.action for t in doors.available(Door.SHUT)] == ["open"]
    assert doors.available(Door.SHUT, ANONYMOUS) == []
    assert doors.pairs() == {("open", "shut", "shut"), ("shut", "open", "open")}
