"""States of a departure clearance. "Ready" is no state: it is what the checklist says at the moment it is asked."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ClearanceStatus(StrEnum):
    COLLECTING = "collecting"
    APPLIED = "applied"
    UNDER_REVIEW = "under_review"
    QUERIED = "queried"
    GRANTED = "granted"
    HELD = "held"
    STOPPED = "stopped"
    DEPARTED = "departed"
    REFUSED = "refused"
    APPEALED = "appealed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


S = ClearanceStatus
_REVIEW, _GRANT = Permission.CLEARANCE_REVIEW, Permission.CLEARANCE_GRANT

clearance_workflow = Workflow(
    "departure_clearance",
    ClearanceStatus,
    [
        Transition("apply", frozenset({S.COLLECTING, S.QUERIED}), S.APPLIED, _l("Apply"), tone="primary"),
        Transition(
            "review", frozenset({S.APPLIED, S.APPEALED}), S.UNDER_REVIEW, _l("Looked through: pass it on"),
            permission=_REVIEW, needs_reason=True, tone="primary",
        ),
        Transition("query", frozenset({S.APPLIED, S.UNDER_REVIEW}), S.QUERIED, _l("Ask for more"), permission=_REVIEW, needs_reason=True),
        Transition(
            "grant", frozenset({S.UNDER_REVIEW}), S.GRANTED, _l("Grant the clearance"),
            permission=_GRANT, needs_reason=True, tone="primary",
        ),
        Transition("refuse", frozenset({S.UNDER_REVIEW}), S.REFUSED, _l("Refuse"), permission=_GRANT, needs_reason=True, tone="danger"),
        Transition("appeal", frozenset({S.REFUSED}), S.APPEALED, _l("Appeal"), needs_reason=True),
        # The worker mends what was wrong and applies anew, with the papers that are there; the appeal is given up with it.
        Transition("begin_again", frozenset({S.REFUSED}), S.COLLECTING, _l("Begun again after a refusal")),
        Transition("depart", frozenset({S.GRANTED}), S.DEPARTED, _l("Departed"), permission=Permission.DEPARTURE_RECORD),
        # Written down too early or on the wrong reference: mended within hours, with a reason, and both rows stay.
        Transition(
            "correct_departure", frozenset({S.DEPARTED}), S.GRANTED, _l("The departure was written down by mistake"),
            permission=Permission.DEPARTURE_RECORD, needs_reason=True,
        ),
        Transition(
            "stop", frozenset({S.GRANTED, S.HELD}), S.STOPPED, _l("Did not match at the airport"),
            permission=Permission.DEPARTURE_RECORD, needs_reason=True, tone="danger",
        ),
        Transition(
            "let_go", frozenset({S.STOPPED}), S.GRANTED, _l("It matches after all: in force again"),
            permission=_GRANT, needs_reason=True, tone="primary",
        ),
        Transition("hold", frozenset({S.GRANTED}), S.HELD, _l("Held: its ground has fallen away")),
        Transition("lift", frozenset({S.HELD}), S.GRANTED, _l("The ground is back: in force again")),
        Transition("expire", frozenset({S.GRANTED, S.HELD, S.STOPPED}), S.EXPIRED, _l("Run out")),
        Transition(
            "revoke", frozenset({S.GRANTED, S.HELD, S.STOPPED}), S.REVOKED, _l("Revoke"),
            permission=_GRANT, needs_reason=True, tone="danger",
        ),
        # Another contract of the worker was registered: the old leave is closed, what still waits is looked at anew.
        Transition(
            "supersede", frozenset({S.GRANTED, S.HELD, S.STOPPED}), S.SUPERSEDED, _l("Replaced: the worker has another contract"),
        ),
        Transition(
            "follow", frozenset({S.APPLIED, S.UNDER_REVIEW}), S.APPLIED, _l("The worker has another contract: looked at anew"),
        ),
    ],
)  # fmt: skip

IN_FORCE = (S.GRANTED, S.HELD, S.STOPPED)
ENDED = (S.DEPARTED, S.EXPIRED, S.REVOKED, S.SUPERSEDED)

CLEARANCE_TITLES = {
    S.COLLECTING: (_l("being prepared"), "plain"),
    S.APPLIED: (_l("an officer looks at it"), "wait"),
    S.UNDER_REVIEW: (_l("a second officer decides"), "wait"),
    S.QUERIED: (_l("something is missing"), "warn"),
    S.GRANTED: (_l("cleared to depart"), "good"),
    S.HELD: (_l("held: do not travel yet"), "warn"),
    S.STOPPED: (_l("stopped at the airport: did not match"), "bad"),
    S.DEPARTED: (_l("departed"), "good"),
    S.REFUSED: (_l("refused"), "bad"),
    S.APPEALED: (_l("appealed"), "wait"),
    S.EXPIRED: (_l("run out"), "bad"),
    S.REVOKED: (_l("revoked"), "bad"),
    S.SUPERSEDED: (_l("replaced: the worker has another contract"), "bad"),
}
