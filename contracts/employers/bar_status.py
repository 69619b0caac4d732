"""Bars of an employer outside a proceeding: for a short time by one officer at once, for longer by two."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class BarKind(StrEnum):
    """``interim``: at once, by one officer, for a few days; ``lasting``: proposed by one, ordered by another."""

    INTERIM = "interim"
    LASTING = "lasting"


class BarStatus(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    LIFTED = "lifted"
    LAPSED = "lapsed"


BAR_KINDS = {BarKind.INTERIM: _l("Interim bar"), BarKind.LASTING: _l("Bar by two officers")}
BAR_TITLES = {
    BarStatus.PROPOSED: (_l("waits for a second officer"), "wait"),
    BarStatus.IN_FORCE: (_l("in force"), "bad"),
    BarStatus.REJECTED: (_l("rejected"), "plain"),
    BarStatus.LIFTED: (_l("lifted"), "plain"),
    BarStatus.LAPSED: (_l("lapsed after its last day"), "plain"),
}
_S = BarStatus
_DECIDE = Permission.EMPLOYER_ACCREDIT
OPEN = frozenset({_S.PROPOSED, _S.IN_FORCE})
EMPLOYER_BAR = Workflow(
    "employer_bar",
    BarStatus,
    [
        Transition("order", frozenset({_S.PROPOSED}), _S.IN_FORCE, _l("Order it"), _DECIDE, True, "danger"),
        Transition("reject", frozenset({_S.PROPOSED}), _S.REJECTED, _l("Reject it"), _DECIDE, True),
        Transition("lift", frozenset({_S.IN_FORCE}), _S.LIFTED, _l("Lift it"), _DECIDE, True),
        Transition("lapse", frozenset({_S.IN_FORCE}), _S.LAPSED, _l("Lapse")),
    ],
)
