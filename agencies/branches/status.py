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
        Transition("suspend", frozenset({_S.ACTIVE}), _S.SUSPENDED, _l("Suspend"), _APPROVE, True, "danger"),
        # By the portal, on the day on which the person is blacklisted.
        Transition("stop", frozenset({_S.ACTIVE}), _S.SUSPENDED, _l("Stopped: the person was blacklisted")),
        Transition("restore", frozenset({_S.SUSPENDED}), _S.ACTIVE, _l("Lift the suspension"), _APPROVE, True),
        Transition(
            "remove", frozenset({_S.ACTIVE, _S.SUSPENDED}), _S.REMOVED, _l("Remove for good"), _APPROVE, True, "danger"
        ),
        Transition(
            "withdraw", frozenset({_S.PROPOSED, _S.VERIFIED, _S.ACTIVE, _S.SUSPENDED}), _S.REMOVED, _l("End it")
        ),
    ],
)
