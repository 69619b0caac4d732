"""Sanctions: proposed by one officer, decided by another."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class SanctionKind(StrEnum):
    SUSPENSION = "suspension"
    CANCELLATION = "cancellation"
    BLACKLISTING = "blacklisting"
    EXTENSION = "extension"


class SanctionStatus(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    LIFTED = "lifted"
    LAPSED = "lapsed"
    STAYED = "stayed"
    REVERSED = "reversed"
    VARIED = "varied"


class ReviewStatus(StrEnum):
    """Of the review of an interim suspension; ``moot``: the suspension ended in another way first."""

    ASKED = "asked"
    UPHELD = "upheld"
    LIFTED = "lifted"
    MOOT = "moot"


KIND_TITLES = {
    SanctionKind.SUSPENSION: _l("Suspension"),
    SanctionKind.CANCELLATION: _l("Cancellation"),
    SanctionKind.BLACKLISTING: _l("Blacklisting"),
    SanctionKind.EXTENSION: _l("Longer suspension"),
}
SANCTION_TITLES = {
    SanctionStatus.PROPOSED: _l("Waiting for the decision"),
    SanctionStatus.IN_FORCE: _l("In force"),
    SanctionStatus.REJECTED: _l("Rejected"),
    SanctionStatus.LIFTED: _l("Lifted"),
    SanctionStatus.LAPSED: _l("Lapsed after its last day"),
    SanctionStatus.STAYED: _l("Stayed on appeal"),
    SanctionStatus.REVERSED: _l("Reversed on appeal"),
    SanctionStatus.VARIED: _l("Changed on appeal"),
}
_S = SanctionStatus
_DECIDE = Permission.SANCTION_DECIDE
SANCTION = Workflow(
    "sanction",
    SanctionStatus,
    [
        Transition("order", frozenset({_S.PROPOSED}), _S.IN_FORCE, _l("Order it"), _DECIDE, True, "danger"),
        Transition("reject", frozenset({_S.PROPOSED}), _S.REJECTED, _l("Reject it"), _DECIDE, True),
        Transition("lift", frozenset({_S.IN_FORCE}), _S.LIFTED, _l("Lift it"), _DECIDE, True),
        Transition("lapse", frozenset({_S.IN_FORCE, _S.STAYED}), _S.LAPSED, _l("Lapse")),
        # Made and ended by the system, by an order after a hearing, or by an appeal: the service there asks who may.
        Transition("impose", frozenset({_S.PROPOSED}), _S.IN_FORCE, _l("Put in force")),
        Transition("release", frozenset({_S.IN_FORCE, _S.STAYED}), _S.LIFTED, _l("Lifted")),
        Transition("stay", frozenset({_S.IN_FORCE}), _S.STAYED, _l("Stay it")),
        Transition("resume", frozenset({_S.STAYED}), _S.IN_FORCE, _l("End the stay")),
        Transition("reverse", frozenset({_S.IN_FORCE, _S.STAYED}), _S.REVERSED, _l("Reverse it")),
        Transition("vary", frozenset({_S.IN_FORCE, _S.STAYED}), _S.VARIED, _l("Change it")),
    ],
)

_R, _APPEAL = ReviewStatus, Permission.SANCTION_APPEAL
REVIEW_TITLES = {
    _R.ASKED: (_l("Review asked for"), "wait"),
    _R.UPHELD: (_l("Suspension upheld"), "plain"),
    _R.LIFTED: (_l("Suspension lifted"), "good"),
    _R.MOOT: (_l("The suspension ended before the review"), "plain"),
}
SUSPENSION_REVIEW = Workflow(
    "suspension_review",
    ReviewStatus,
    [
        Transition("uphold", frozenset({_R.ASKED}), _R.UPHELD, _l("Uphold it"), _APPEAL, True),
        Transition("lift", frozenset({_R.ASKED}), _R.LIFTED, _l("Lift it"), _APPEAL, True, "primary"),
        Transition("fall_away", frozenset({_R.ASKED}), _R.MOOT, _l("Nothing left to review")),
    ],
)
