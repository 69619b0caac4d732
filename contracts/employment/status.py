"""States of an employment contract of one migrant."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ContractStatus(StrEnum):
    LODGED = "lodged"
    RETURNED = "returned"
    WORKER_REVIEW = "worker_review"
    QUESTION = "question"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REGISTERED = "registered"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Place(StrEnum):
    """Which of its job order's counted places a contract holds."""

    NONE = "none"
    RESERVED = "reserved"
    CONTRACTED = "contracted"
    CLEARED = "cleared"
    DEPARTED = "departed"


S = ContractStatus
UNREGISTERED = frozenset({S.RETURNED, S.WORKER_REVIEW, S.QUESTION, S.ACCEPTED})
contract_workflow = Workflow(
    "contract",
    ContractStatus,
    [
        Transition("show", frozenset({S.LODGED}), S.WORKER_REVIEW, _l("Shown to the worker")),
        Transition("fail", frozenset({S.LODGED}), S.RETURNED, _l("Against the law: returned")),
        Transition("ask", frozenset({S.WORKER_REVIEW}), S.QUESTION, _l("Ask a question")),
        # The terms are as they were, and so is the time to think them over.
        Transition("answer", frozenset({S.QUESTION}), S.WORKER_REVIEW, _l("The worker’s question was answered")),
        Transition("go_on", frozenset({S.QUESTION}), S.WORKER_REVIEW, _l("Go on without an answer")),
        Transition("accept", frozenset({S.WORKER_REVIEW}), S.ACCEPTED, _l("Accept"), tone="primary"),
        Transition("decline", frozenset({S.WORKER_REVIEW, S.QUESTION}), S.DECLINED, _l("Decline"), tone="danger"),
        # New terms begin anew: what was accepted was another document.
        Transition("amend", frozenset({S.RETURNED, S.WORKER_REVIEW, S.QUESTION, S.ACCEPTED}), S.LODGED, _l("Change the terms")),
        Transition(
            "return", frozenset({S.ACCEPTED}), S.RETURNED, _l("Return it"),
            permission=Permission.CONTRACT_REGISTER, needs_reason=True,
        ),
        Transition(
            "register", frozenset({S.ACCEPTED}), S.REGISTERED, _l("Register"),
            permission=Permission.CONTRACT_REGISTER, needs_reason=True, tone="primary",
        ),
        Transition(
            "end", frozenset({S.REGISTERED}), S.ENDED, _l("End"),
            permission=Permission.CONTRACT_REGISTER, needs_reason=True, tone="danger",
        ),
        # Who lodged it takes it back, until it is registered; from then on only an officer ends it.
        Transition(
            "withdraw", UNREGISTERED, S.WITHDRAWN, _l("Withdraw the contract"), needs_reason=True, tone="danger"
        ),
        # Nobody acted in time. What the worker has accepted waits for an officer, and does not lapse.
        Transition("lapse", UNREGISTERED - {S.ACCEPTED}, S.LAPSED, _l("Lapsed")),
    ],
)  # fmt: skip

CONTRACT_TITLES = {
    S.LODGED: (_l("being checked"), "wait"),
    S.RETURNED: (_l("returned"), "warn"),
    S.WORKER_REVIEW: (_l("the worker reads it"), "wait"),
    S.QUESTION: (_l("the worker asks"), "warn"),
    S.ACCEPTED: (_l("accepted by the worker"), "note"),
    S.DECLINED: (_l("declined by the worker"), "bad"),
    S.REGISTERED: (_l("registered"), "good"),
    S.ENDED: (_l("ended"), "plain"),
    S.WITHDRAWN: (_l("withdrawn"), "plain"),
    S.LAPSED: (_l("lapsed: nobody acted in time"), "plain"),
}
# The same states for the worker whose contract it is.
WORKER_TITLES = {
    **CONTRACT_TITLES,
    S.WORKER_REVIEW: (_l("waits for you to read it"), "wait"),
    S.QUESTION: (_l("you have asked a question"), "warn"),
    S.ACCEPTED: (_l("you have accepted it; an officer registers it"), "note"),
    S.DECLINED: (_l("you have said no"), "plain"),
    S.RETURNED: (_l("sent back to be mended"), "wait"),
    S.WITHDRAWN: (_l("taken back"), "plain"),
    S.LAPSED: (_l("its time has run out"), "plain"),
}
