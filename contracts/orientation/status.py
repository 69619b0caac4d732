"""States of orientation sessions and of the seats in them."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class SessionStatus(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SeatStatus(StrEnum):
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    PRESENT = "present"
    CERTIFIED = "certified"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    REVOKED = "revoked"


N = SessionStatus
session_workflow = Workflow(
    "orientation_session",
    SessionStatus,
    [
        Transition("publish", frozenset({N.PLANNED}), N.OPEN, _l("Publish"), tone="primary"),
        Transition("close", frozenset({N.OPEN}), N.CLOSED, _l("Close the session")),
        Transition(
            "cancel",
            frozenset({N.PLANNED, N.OPEN}),
            N.CANCELLED,
            _l("Cancel the session"),
            needs_reason=True,
            tone="danger",
        ),
    ],
)

S = SeatStatus
seat_workflow = Workflow(
    "orientation_seat",
    SeatStatus,
    [
        Transition("check_in", frozenset({S.BOOKED, S.PRESENT}), S.CHECKED_IN, _l("Came in")),
        Transition("check_out", frozenset({S.CHECKED_IN}), S.PRESENT, _l("Went out")),
        Transition("forgot_out", frozenset({S.CHECKED_IN}), S.PRESENT, _l("Was not scanned out that day")),
        # Never by hand: the certificate follows from the times in and out.
        Transition("certify", frozenset({S.PRESENT}), S.CERTIFIED, _l("Certificate made")),
        Transition("cancel", frozenset({S.BOOKED}), S.CANCELLED, _l("Give the seat back"), tone="danger"),
        Transition(
            "call_off", frozenset({S.BOOKED, S.CHECKED_IN, S.PRESENT}), S.CANCELLED, _l("The session was cancelled")
        ),
        Transition("miss", frozenset({S.BOOKED, S.CHECKED_IN, S.PRESENT}), S.ABSENT, _l("Not enough time present")),
        Transition(
            "revoke", frozenset({S.CERTIFIED}), S.REVOKED, _l("Revoke the certificate"),
            permission=Permission.CENTRE_INSPECT, needs_reason=True, tone="danger",
        ),
    ],
)  # fmt: skip

SESSION_TITLES = {
    N.PLANNED: (_l("planned"), "plain"),
    N.OPEN: (_l("open for booking"), "good"),
    N.CLOSED: (_l("over"), "plain"),
    N.CANCELLED: (_l("cancelled"), "bad"),
}
SEAT_TITLES = {
    S.BOOKED: (_l("booked"), "note"),
    S.CHECKED_IN: (_l("inside"), "note"),
    S.PRESENT: (_l("was here"), "note"),
    S.CERTIFIED: (_l("certificate made"), "good"),
    S.CANCELLED: (_l("given back"), "plain"),
    S.ABSENT: (_l("not enough time"), "bad"),
    S.REVOKED: (_l("revoked"), "bad"),
}
