"""States of a worker's question about the own contract, and who answers."""

from enum import StrEnum

from core.i18n import _l
from core.workflow import Transition, Workflow


class QuestionStatus(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Answerer(StrEnum):
    """Who has to answer, or answered; ``office`` is the labour officer who stepped in."""

    AGENCY = "agency"
    EMPLOYER = "employer"
    OFFICE = "office"


Q = QuestionStatus
UNANSWERED = frozenset({Q.OPEN, Q.OVERDUE})
contract_question_workflow = Workflow(
    "contract_question",
    QuestionStatus,
    [
        Transition("escalate", frozenset({Q.OPEN}), Q.OVERDUE, _l("Nobody answered in time: passed to the labour office")),
        Transition("answer", UNANSWERED, Q.ANSWERED, _l("Answer"), tone="primary"),
        # The same party says more, or a labour officer puts right what a party said.
        Transition("add", frozenset({Q.ANSWERED}), Q.ANSWERED, _l("Add to the answer")),
        Transition("withdraw", UNANSWERED, Q.WITHDRAWN, _l("Go on without an answer")),
        Transition("lapse", UNANSWERED, Q.LAPSED, _l("The contract moved on without an answer")),
    ],
)  # fmt: skip

QUESTION_TITLES = {
    Q.OPEN: (_l("waits for an answer"), "wait"),
    Q.OVERDUE: (_l("nobody answered in time"), "warn"),
    Q.ANSWERED: (_l("answered"), "good"),
    Q.WITHDRAWN: (_l("taken back by the worker"), "plain"),
    Q.LAPSED: (_l("the contract moved on without an answer"), "plain"),
}
# The same states for the worker who asked.
ASKERS_TITLES = {**QUESTION_TITLES, Q.WITHDRAWN: (_l("you took it back"), "plain")}
