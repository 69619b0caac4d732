"""Made-up orientation centres, sessions, seats, certificates and departure clearances."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from contracts import seed_parties
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.employment.status import ContractStatus
from contracts.job_orders.models import JobOrder
from contracts.orientation.attendance import days
from contracts.orientation.models import (
    AttendanceEvent,
    Direction,
    OrientationCentre,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.services import attendance_code
from contracts.orientation.status import SeatStatus, SessionStatus
from core.accounts import NewAccount, add_membership, create_account
from core.ids import new_id, new_reference
from core.permissions import SubjectKind
from core.privacy import blind_index
from core.world import World
from law.country import deployment

PASSWORD = "open-passage-demo"
CENTRES = (
    ("Kathmandu", "Bagmati Orientation Centre"), ("Chitwan", "Narayani Orientation Centre"), ("Morang", "Koshi Orientation Centre"),
    ("Kaski", "Phewa Orientation Centre"), ("Rupandehi", "Lumbini Orientation Centre"), ("Dhanusha", "Janaki Orientation Centre"),
)  # fmt: skip
LANGUAGES = ("ne", "ne", "ne", "ur")
TRAINERS = ("Bina Lama", "Hari Neupane", "Sita Mahato", "Dil Rai")


def _centres(session: Session, world: World, wanted: int) -> list[dict[str, Any]]:
    rows = [
        {
            "id": new_id(),
            "reference": new_reference("CE"),
            "name": name,
            "district": district,
            "office_id": world.offices[deployment().office_codes("department")[0]],
        }
        for district, name in CENTRES[:wanted]
    ]
    session.execute(insert(OrientationCentre), rows)
    return rows


def _owner(session: Session, world: World, centre: dict[str, Any], password: str) -> UUID:
    email = "centre@demo.openpassage.example"
    account = create_account(session, NewAccount("Gopal Neupane", password, email=email))
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=centre["id"], is_owner=True)
    world.accounts.append(
        {
            "login": email,
            "password": password,
            "role": "centre",
            "record_id": str(centre["id"]),
            "account_id": str(account.id),
        }
    )
    return account.id


def _session(world: World, centre: dict[str, Any], day: int, status: SessionStatus) -> dict[str, Any]:
    # Two days of eight hours, from 9 in the morning where the ministry is (03:15 UTC).
    starts = datetime.combine(world.today + timedelta(days=day), datetime.min.time(), UTC) + timedelta(
        hours=3, minutes=15
    )
    return {
        "id": new_id(), "reference": new_reference("RS"), "status": status, "centre_id": centre["id"], "starts_at": starts,
        "ends_at": starts + timedelta(days=1, hours=8), "place": f"Hall {world.rng.randint(1, 4)}", "language": world.rng.choice(LANGUAGES),
        "trainer": world.rng.choice(TRAINERS), "capacity": 40, "booked": 0, "cancelled_reason": None,
    }  # fmt: skip


def demo(session: Session, world: World, contracts: list[dict[str, Any]]) -> None:
    """Sessions past and to come; whoever has a registered contract was at one, and most are cleared."""
    centres = _centres(session, world, len(CENTRES))
    owner = _owner(session, world, centres[0], PASSWORD)
    registered = [c for c in contracts if c["status"] is ContractStatus.REGISTERED]
    attended = registered[: len(registered) * 9 // 10]
    past = [_session(world, c, -day, SessionStatus.CLOSED) for c in centres for day in range(4, 84, 3)]
    future = [_session(world, c, day, SessionStatus.OPEN) for c in centres for day in (1, 3, 8, 15)]
    future.append(_session(world, centres[0], 5, SessionStatus.CANCELLED) | {"cancelled_reason": "The trainer is ill."})
    rows: dict[str, list[dict[str, Any]]] = {"seats": [], "events": [], "certificates": []}
    for number, contract in enumerate(attended):
        meeting = past[number % len(past)]
        if meeting["booked"] < meeting["capacity"]:
            meeting["booked"] += 1
            _attend(world, rows, meeting, contract["migrant_id"], owner)
    session.execute(insert(OrientationSession), [*past, *future])
    for model, name in (
        (OrientationSeat, "seats"),
        (AttendanceEvent, "events"),
        (OrientationCertificate, "certificates"),
    ):
        for start in range(0, len(rows[name]), 2000):
            session.execute(insert(model), rows[name][start : start + 2000])
    cleared = _clearances(session, world, attended)
    world.progress(
        f"{len(past) + len(future)} orientation sessions, {len(rows['certificates'])} certificates, {cleared} clearances"
    )
    seed_parties.demo(session, world)


def _attend(
    world: World, rows: dict[str, list[dict[str, Any]]], meeting: dict[str, Any], migrant_id: UUID, clerk: UUID
) -> None:
    seat_id = new_id()
    rows["seats"].append(
        {"id": seat_id, "session_id": meeting["id"], "migrant_id": migrant_id, "status": SeatStatus.CERTIFIED,
         "code_index": blind_index("attendance-code", attendance_code(seat_id))}
    )  # fmt: skip
    hours = days(meeting["starts_at"], meeting["ends_at"])
    rushed = meeting["booked"] == 5 and meeting["ends_at"].date() > world.today - timedelta(days=6)
    for direction, at in (
        scan for day in hours for scan in ((Direction.IN, day.starts - timedelta(minutes=5)), (Direction.OUT, day.ends))
    ):
        rows["events"].append(
            {
                "id": new_id(),
                "seat_id": seat_id,
                "direction": direction,
                "at": at,
                "recorded_by": clerk,
                # At the last sessions one person came in at the heels of another: the inspector looks at it.
                "rushed": rushed and direction is Direction.IN,
                "created_at": at,
            }
        )
    minutes = int(sum((day.ends - day.starts for day in hours), timedelta()).total_seconds() // 60)
    rows["certificates"].append(
        {"id": new_id(), "reference": new_reference("RC"), "migrant_id": migrant_id, "seat_id": seat_id, "minutes": minutes,
         "created_at": meeting["ends_at"]}
    )  # fmt: skip


def _clearances(session: Session, world: World, contracts: list[dict[str, Any]]) -> int:
    states = ((ClearanceStatus.DEPARTED, 70), (ClearanceStatus.GRANTED, 15), (ClearanceStatus.APPLIED, 4), (ClearanceStatus.UNDER_REVIEW, 3), (ClearanceStatus.REFUSED, 2), (ClearanceStatus.COLLECTING, 6))  # fmt: skip
    drawn = [world.rng.choices([s for s, _ in states], [w for _, w in states])[0] for _ in contracts]
    rows = [_clearance(world, contract, status) for contract, status in zip(contracts, drawn, strict=True)]
    for start in range(0, len(rows), 1000):
        session.execute(insert(DepartureClearance), rows[start : start + 1000])
    _settle(session, [r["job_order_id"] for r in rows if r["status"] in USED])
    return len(rows)


USED = (ClearanceStatus.DEPARTED, ClearanceStatus.GRANTED)


def _clearance(world: World, contract: dict[str, Any], status: ClearanceStatus) -> dict[str, Any]:
    used, open_ = status in USED, status in (ClearanceStatus.APPLIED, ClearanceStatus.UNDER_REVIEW)
    decided = used or status is ClearanceStatus.REFUSED
    now = datetime.combine(world.today, datetime.min.time(), UTC)
    applied = now - timedelta(days=world.rng.randint(0, 2 if not decided else 80), minutes=world.rng.randint(0, 600))
    return {
        "id": new_id(), "reference": new_reference("DC"), "status": status, "migrant_id": contract["migrant_id"],
        "contract_id": contract["id"], "job_order_id": contract["job_order_id"], "office_id": contract["office_id"],
        "flight_on": world.today + timedelta(days=world.rng.randint(2, 30)) if open_ else None,
        "applied_at": None if status is ClearanceStatus.COLLECTING else applied,
        "due_on": applied.date() + timedelta(days=2) if open_ else None,
        "reviewed_by": _officer(world, "officer", contract) if decided or status is ClearanceStatus.UNDER_REVIEW else None,
        "granted_by": _officer(world, "approver", contract) if used else None, "granted_at": applied + timedelta(days=1) if used else None,
        "valid_until": (applied + timedelta(days=91)).date() if used else None,
        "departed_at": applied + timedelta(days=9) if status is ClearanceStatus.DEPARTED else None, "created_at": applied,
    }  # fmt: skip


def _officer(world: World, role: str, contract: dict[str, Any]) -> UUID:
    """A clearance ``officer`` or ``approver`` of the contract's office; in the demo the one there is."""
    code = next(code for code, office in world.offices.items() if office == contract["office_id"])
    found = [(name, a) for name, a in world.staff.items() if name.startswith(f"clearance.{role}")]
    return next((a for name, a in found if name.endswith(f".{code.lower()}")), found[0][1])


def _settle(session: Session, orders: list[UUID]) -> None:
    """One place of these job orders for each clearance moves from contracted to cleared; the contracts remember it."""
    for order, count in Counter(orders).items():
        session.execute(
            update(JobOrder)
            .where(JobOrder.id == order)
            .values(contracted=JobOrder.contracted - count, cleared=JobOrder.cleared + count)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        text(
            "UPDATE employment_contract c SET place = CASE d.status WHEN 'departed' THEN 'departed' ELSE 'cleared' END"
            " FROM departure_clearance d WHERE d.contract_id = c.id AND d.status IN ('departed', 'granted')"
        )
    )


def adversarial(session: Session, world: World, contracts: list[dict[str, Any]]) -> None:
    """One centre with an open session of three seats and a booked one; a clearance begun, and one granted."""
    centre = _centres(session, world, 1)[0]
    owner = _owner(session, world, centre, f"adversarial-{world.rng.randrange(16**12):012x}")
    free, booked, past = (
        _session(world, centre, 2, SessionStatus.OPEN) | {"capacity": 3},
        _session(world, centre, 3, SessionStatus.OPEN) | {"capacity": 3, "booked": 1},
        _session(world, centre, -6, SessionStatus.CLOSED) | {"booked": 1},
    )
    session.execute(insert(OrientationSession), [free, booked, past])
    _begun, third, fourth = contracts
    rows: dict[str, list[dict[str, Any]]] = {"seats": [], "events": [], "certificates": []}
    _attend(world, rows, past, fourth["migrant_id"], owner)
    seat_id = new_id()
    seat = {
        "id": seat_id, "session_id": booked["id"], "migrant_id": third["migrant_id"], "status": SeatStatus.BOOKED,
        "code_index": blind_index("attendance-code", attendance_code(seat_id)),
    }  # fmt: skip
    session.execute(insert(OrientationSeat), [*rows["seats"], seat])
    session.execute(insert(AttendanceEvent), rows["events"])
    session.execute(insert(OrientationCertificate), rows["certificates"])
    clearances = [
        _clearance(world, third, ClearanceStatus.COLLECTING),
        _clearance(world, fourth, ClearanceStatus.GRANTED),
    ]
    session.execute(insert(DepartureClearance), clearances)
    _settle(session, [fourth["job_order_id"]])
    world.found["centres"] = [str(centre["id"])]
    world.found["orientation_sessions"] = [str(free["id"]), str(booked["id"])]
    world.found["orientation_seats"] = [
        {"id": str(s["id"]), "migrant": str(s["migrant_id"]), "status": s["status"].value}
        for s in (*rows["seats"], seat)
    ]
    world.found["clearances"] = [
        {"id": str(c["id"]), "migrant": str(c["migrant_id"]), "status": c["status"].value} for c in clearances
    ]
