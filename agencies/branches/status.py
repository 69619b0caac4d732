"""Branches and representatives of an agency: what they are, and what becomes of them."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class PresenceKind(StrEnum):
    BRANCH = "branch"
    REPRESENTATIVE = "representative"


class PresenceStatus(StrEnum):
    PROPOSED = "proposed"
    VERIFIED = "verified"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


KIND_TITLES = {
    PresenceKind.BRANCH: _l("Branch"),
    PresenceKind.REPRESENTATIVE: _l("Representative"),
}
STATUS_TITLES = {
    PresenceStatus.PROPOSED: _l("Waits for an officer"),
    PresenceStatus.VERIFIED: _l("Verified, waits for the approver"),
    PresenceStatus.ACTIVE: _l("Active"),
    PresenceStatus.SUSPENDED: _l("Suspended"),
    PresenceStatus.REMOVED: _l("Removed"),
}
TONES = {
    PresenceStatus.PROPOSED: "wait",
    PresenceStatus.VERIFIED: "wait",
    PresenceStatus.ACTIVE: "good",
    PresenceStatus.SUSPENDED: "warn",
    PresenceStatus.REMOVED: "bad",
}
_S = PresenceStatus
_WORKING = frozenset({_S.ACTIVE, _S.SUSPENDED})
_REVIEW, _APPROVE = Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE
PRESENCE = Workflow(
    "agency_presence",
    PresenceStatus,
    [
        Transition(
            "verify", frozenset({_S.PROPOSED}), _S.VERIFIED, _l("Everything is right"), _REVIEW, True, "primary"
        ),
        Transition("refuse", frozenset({_S.PROPOSED}), _S.REMOVED, _l("Refuse it"), _REVIEW, True, "danger"),
        Transition("send_back", frozenset({_S.VERIFIED}), _S.PROPOSED, _l("Back to the officer"), _APPROVE, True),
        Transition("activate", frozenset({_S.VERIFIED}), _S.ACTIVE, _l("Activate it"), _APPROVE, True, "primary"),
        # One officer alone, for some days, after which it lapses by itself.
        Transition("suspend", frozenset({_S.ACTIVE}), _S.SUSPENDED, _l("Suspend at once"), _APPROVE, True, "danger"),
        Transition("lapse", frozenset({_S.SUSPENDED}), _S.ACTIVE, _l("The suspension lapsed after its last day")),
        # By the portal, on the day on which the person is blacklisted.
        Transition("stop", _WORKING, _S.SUSPENDED, _l("Stopped: the person was blacklisted")),
        # One officer proposes these three, another one decides.
        Transition("hold", _WORKING, _S.SUSPENDED, _l("Suspend until it is restored"), _APPROVE, True, "danger"),
        Transition("restore", frozenset({_S.SUSPENDED}), _S.ACTIVE, _l("Lift the suspension"), _APPROVE, True),
        Transition("remove", _WORKING, _S.REMOVED, _l("Remove for good"), _APPROVE, True, "danger"),
        Transition(
            "withdraw", frozenset({_S.PROPOSED, _S.VERIFIED, _S.ACTIVE, _S.SUSPENDED}), _S.REMOVED, _l("End it")
        ),
    ],
)


class PresenceStage(StrEnum):
    """Steps that are drawn."""

    VERIFICATION = "verification"
    ACTIVATION = "activation"
    SECOND = "second"


class MoveKind(StrEnum):
    """What needs two officers; each is also the action of ``PRESENCE`` that the second one carries out."""

    HOLD = "hold"
    RESTORE = "restore"
    REMOVE = "remove"


class MoveStatus(StrEnum):
    PROPOSED = "proposed"
    DONE = "done"
    REJECTED = "rejected"
    MOOT = "moot"


MOVE_TITLES = {kind: PRESENCE.transitions[kind.value].title for kind in MoveKind}
_M = MoveStatus
MOVE_STATES = {
    _M.PROPOSED: (_l("Waits for another officer"), "wait"),
    _M.DONE: (_l("Done"), "good"),
    _M.REJECTED: (_l("Not followed"), "plain"),
    _M.MOOT: (_l("Nothing left to decide"), "plain"),
}
PRESENCE_MOVE = Workflow(
    "presence_move",
    MoveStatus,
    [
        Transition("accept", frozenset({_M.PROPOSED}), _M.DONE, _l("Do it"), _APPROVE, True, "primary"),
        Transition("reject", frozenset({_M.PROPOSED}), _M.REJECTED, _l("Do not do it"), _APPROVE, True),
        Transition("fall_away", frozenset({_M.PROPOSED}), _M.MOOT, _l("Nothing left to decide")),
    ],
)
