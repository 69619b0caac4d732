"""States of an exemption from a ban on a country or on work there."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ExemptionStatus(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"


S = ExemptionStatus
_EXEMPT = Permission.BAN_EXEMPT

exemption_workflow = Workflow(
    "ban_exemption",
    ExemptionStatus,
    [
        Transition(
            "grant", frozenset({S.PROPOSED}), S.IN_FORCE, _l("Give the exemption"),
            permission=_EXEMPT, needs_reason=True, tone="primary",
        ),
        Transition(
            "refuse", frozenset({S.PROPOSED}), S.REFUSED, _l("Refuse the exemption"),
            permission=_EXEMPT, needs_reason=True, tone="danger",
        ),
        Transition("withdraw", frozenset({S.PROPOSED}), S.WITHDRAWN, _l("Withdraw the proposal"), permission=_EXEMPT, needs_reason=True),
        Transition(
            "revoke", frozenset({S.IN_FORCE}), S.REVOKED, _l("Revoke the exemption"),
            permission=_EXEMPT, needs_reason=True, tone="danger",
        ),
        Transition("expire", frozenset({S.PROPOSED, S.IN_FORCE}), S.EXPIRED, _l("Its last day has passed")),
    ],
)  # fmt: skip

EXEMPTION_TITLES = {
    S.PROPOSED: (_l("a second officer decides"), "wait"),
    S.IN_FORCE: (_l("in force"), "good"),
    S.REFUSED: (_l("refused"), "bad"),
    S.WITHDRAWN: (_l("withdrawn"), "plain"),
    S.REVOKED: (_l("revoked"), "bad"),
    S.EXPIRED: (_l("run out"), "plain"),
}
