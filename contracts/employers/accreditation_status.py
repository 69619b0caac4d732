"""A request of an employer about its accreditation: for a further term, or for more within the term that runs."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class RequestKind(StrEnum):
    RENEWAL = "renewal"
    ENLARGEMENT = "enlargement"


class RequestStatus(StrEnum):
    SENT = "sent"
    RETURNED = "returned"
    SEEN = "seen"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


KIND_TITLES = {
    RequestKind.RENEWAL: _l("Renewal of the accreditation"),
    RequestKind.ENLARGEMENT: _l("Enlargement of the accreditation"),
}
REQUEST_TITLES = {
    RequestStatus.SENT: (_l("waits for the mission"), "wait"),
    RequestStatus.RETURNED: (_l("the mission asks for more"), "warn"),
    RequestStatus.SEEN: (_l("waits for the decision"), "wait"),
    RequestStatus.GRANTED: (_l("granted"), "good"),
    RequestStatus.REFUSED: (_l("refused"), "bad"),
    RequestStatus.WITHDRAWN: (_l("withdrawn"), "plain"),
}
_S = RequestStatus
_SEE, _DECIDE = Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_ACCREDIT
OPEN = frozenset({_S.SENT, _S.RETURNED, _S.SEEN})
REQUEST = Workflow(
    "accreditation_request",
    RequestStatus,
    [
        Transition("ask_more", frozenset({_S.SENT}), _S.RETURNED, _l("Ask the employer for more"), _SEE, True),
        # The employer's own steps.
        Transition("answer", frozenset({_S.RETURNED}), _S.SENT, _l("Answered: look again"), needs_reason=True),
        Transition("withdraw", OPEN, _S.WITHDRAWN, _l("Withdraw it")),
        Transition("see", frozenset({_S.SENT}), _S.SEEN, _l("The mission has looked at it"), _SEE, True, "primary"),
        # Who decides may want the mission to look once more: the next look is the one that counts.
        Transition("look_again", frozenset({_S.SEEN}), _S.SENT, _l("Send it back to the mission"), _DECIDE, True),
        Transition("grant", frozenset({_S.SEEN}), _S.GRANTED, _l("Grant it"), _DECIDE, True, "primary"),
        Transition("refuse", frozenset({_S.SEEN}), _S.REFUSED, _l("Refuse it"), _DECIDE, True, "danger"),
    ],
)
# What the mission writes to the employer, and what the decision says.
WRITTEN = ("ask_more",)
DECIDED = ("grant", "refuse")
