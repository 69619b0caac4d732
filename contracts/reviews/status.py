"""Workers of a party that was sanctioned: each one is looked at by a person, nobody is refused in silence."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ReviewKind(StrEnum):
    """How far the worker had come when the sanction was made."""

    CONTRACTED = "contracted"
    CLEARED = "cleared"
    DEPLOYED = "deployed"


class ReviewStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    SETTLED = "settled"


class Outcome(StrEnum):
    GOES_ON = "goes_on"
    MOVED = "moved"
    ENDED = "ended"
    SAFE = "safe"
    NEEDS_HELP = "needs_help"


REVIEW_KINDS = {
    ReviewKind.CONTRACTED: _l("Has a contract, not yet cleared"),
    ReviewKind.CLEARED: _l("Cleared, not yet departed"),
    ReviewKind.DEPLOYED: _l("Abroad: make a check-in call"),
}
REVIEW_TITLES = {
    ReviewStatus.OPEN: _l("To be looked at"),
    ReviewStatus.DONE: _l("Looked at"),
    ReviewStatus.SETTLED: _l("No longer needed"),
}
OUTCOMES = {
    Outcome.GOES_ON: _l("The worker wants to go on, and the ministry has no objection"),
    Outcome.MOVED: _l("The worker goes on with another agency or employer"),
    Outcome.ENDED: _l("The worker does not go; money and papers go back"),
    Outcome.SAFE: _l("Reached: the worker is well"),
    Outcome.NEEDS_HELP: _l("Reached or not reached: the worker needs help"),
}
OUTCOMES_FOR = {
    ReviewKind.CONTRACTED: (Outcome.GOES_ON, Outcome.MOVED, Outcome.ENDED),
    ReviewKind.CLEARED: (Outcome.GOES_ON, Outcome.MOVED, Outcome.ENDED),
    ReviewKind.DEPLOYED: (Outcome.SAFE, Outcome.NEEDS_HELP),
}
R = ReviewStatus
REVIEW = Workflow(
    "worker_review",
    ReviewStatus,
    [
        Transition(
            "decide", frozenset({R.OPEN}), R.DONE, _l("Write it down"), Permission.CONTRACT_REGISTER, True, "primary"
        ),
        Transition("settle", frozenset({R.OPEN}), R.SETTLED, _l("The sanction has ended")),
    ],
)
