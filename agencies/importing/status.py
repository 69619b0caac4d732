"""Words and transition tables of what comes from the old register."""

from enum import StrEnum
from typing import cast

from agencies.licensing.status import LicenceStatus
from agencies.sanctions.status import SanctionStatus
from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ImportKind(StrEnum):
    """The files of a move, in the order in which they are read."""

    AGENCIES = "agencies"
    LICENCES = "licences"
    DIRECTORS = "directors"
    SANCTIONS = "sanctions"
    SECURITIES = "securities"


KIND_TITLES = {
    ImportKind.AGENCIES: _l("Agency"),
    ImportKind.LICENCES: _l("Licence"),
    ImportKind.DIRECTORS: _l("Director"),
    ImportKind.SANCTIONS: _l("Sanction"),
    ImportKind.SECURITIES: _l("Security"),
}


class Outcome(StrEnum):
    """What became of one line of a file."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    CONFLICT = "conflict"
    REFUSED = "refused"


class ConflictStatus(StrEnum):
    WAITING = "waiting"
    PROPOSED = "proposed"
    KEPT = "kept"
    TAKEN = "taken"
    SUPERSEDED = "superseded"


CONFLICT_TITLES = {
    ConflictStatus.WAITING: _l("Waiting for an officer"),
    ConflictStatus.PROPOSED: _l("Waiting for a second officer"),
    ConflictStatus.KEPT: _l("Our value was kept"),
    ConflictStatus.TAKEN: _l("The old register’s value was taken"),
    ConflictStatus.SUPERSEDED: _l("A newer line took its place"),
}
_C = ConflictStatus
_REVIEW, _APPROVE = Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE
CONFLICT = Workflow(
    "import_conflict",
    ConflictStatus,
    [
        Transition("keep", frozenset({_C.WAITING}), _C.KEPT, _l("Keep our value"), _REVIEW, True),
        Transition("take", frozenset({_C.WAITING}), _C.TAKEN, _l("Take the old register’s value"), _REVIEW, True),
        Transition(
            "propose", frozenset({_C.WAITING}), _C.PROPOSED, _l("Propose to take the old register’s value"), _REVIEW, True
        ),
        Transition("confirm", frozenset({_C.PROPOSED}), _C.TAKEN, _l("Confirm: take it"), _APPROVE, True, "danger"),
        Transition("reject", frozenset({_C.PROPOSED}), _C.WAITING, _l("Not so: give it back"), _APPROVE, True),
        Transition("supersede", frozenset({_C.WAITING, _C.PROPOSED}), _C.SUPERSEDED, _l("A newer line came")),
    ],
)  # fmt: skip

# An imported licence follows its source while nobody here has decided on it: from any state to any other. The portal's
# own table (``LICENCE``) has no such arrows, and gets none.
_S = LicenceStatus
FOLLOW = {
    _S.ACTIVE: "follow_active",
    _S.SUSPENDED: "follow_suspended",
    _S.EXPIRED: "follow_expired",
    _S.SURRENDERED: "follow_surrendered",
    _S.CANCELLED: "follow_cancelled",
}
IMPORTED_LICENCE = Workflow(
    "imported_licence",
    LicenceStatus,
    [
        Transition(action, frozenset(LicenceStatus) - {target}, target, _l("As the old register says"))
        for target, action in FOLLOW.items()
    ],
)

FOLLOW_SANCTION = {SanctionStatus.IN_FORCE: "follow_in_force", SanctionStatus.LIFTED: "follow_lifted"}


class FollowedSanction(StrEnum):
    """The states of a sanction that the old register knows: nothing is proposed or rejected by a line."""

    IN_FORCE = SanctionStatus.IN_FORCE.value
    LIFTED = SanctionStatus.LIFTED.value
    LAPSED = SanctionStatus.LAPSED.value


IMPORTED_SANCTION = Workflow(
    "imported_sanction",
    cast(type[SanctionStatus], FollowedSanction),
    [
        Transition(
            "follow_in_force", frozenset({SanctionStatus.LIFTED, SanctionStatus.LAPSED}), SanctionStatus.IN_FORCE,
            _l("As the old register says"),
        ),
        Transition(
            "follow_lifted", frozenset({SanctionStatus.IN_FORCE, SanctionStatus.LAPSED}), SanctionStatus.LIFTED,
            _l("As the old register says"),
        ),
    ],
)  # fmt: skip


class ClaimWay(StrEnum):
    CONTACT = "contact"
    OFFICE = "office"


class ClaimStatus(StrEnum):
    """``asked`` and ``proved`` belong to the registered contact, ``seen`` and ``handed_over`` to the office."""

    ASKED = "asked"
    PROVED = "proved"
    SEEN = "seen"
    HANDED_OVER = "handed_over"
    CLAIMED = "claimed"
    CHECKED = "checked"
    STOPPED = "stopped"
    LAPSED = "lapsed"


CLAIM_TITLES = {
    ClaimStatus.ASKED: _l("Asked for"),
    ClaimStatus.PROVED: _l("The code was right"),
    ClaimStatus.SEEN: _l("Papers seen, waiting for a second officer"),
    ClaimStatus.HANDED_OVER: _l("Paper code handed over"),
    ClaimStatus.CLAIMED: _l("Claimed"),
    ClaimStatus.CHECKED: _l("Claimed and looked at"),
    ClaimStatus.STOPPED: _l("Stopped by an officer"),
    ClaimStatus.LAPSED: _l("Lapsed"),
}
_M = ClaimStatus
AGENCY_CLAIM = Workflow(
    "agency_claim",
    ClaimStatus,
    [
        Transition("prove", frozenset({_M.ASKED}), _M.PROVED, _l("Code confirmed")),
        Transition(
            "see", frozenset({_M.ASKED}), _M.SEEN, _l("Papers seen, waiting for a second officer"), _REVIEW, True
        ),
        Transition("hand_over", frozenset({_M.SEEN}), _M.HANDED_OVER, _l("Hand over a paper code"), _APPROVE),
        Transition("claim", frozenset({_M.PROVED, _M.HANDED_OVER}), _M.CLAIMED, _l("Claimed")),
        Transition("check", frozenset({_M.CLAIMED}), _M.CHECKED, _l("This is right"), _REVIEW),
        Transition(
            "stop", frozenset({_M.SEEN, _M.HANDED_OVER, _M.CLAIMED}), _M.STOPPED, _l("Stop this claim"), _REVIEW,
            True, "danger",
        ),
        Transition("lapse", frozenset({_M.ASKED, _M.PROVED, _M.HANDED_OVER}), _M.LAPSED, _l("Lapsed")),
    ],
)  # fmt: skip
