"""States of an employer abroad."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class EmployerStatus(StrEnum):
    REGISTERED = "registered"
    ASKED = "asked"
    NOT_FOUND = "not_found"
    VERIFIED = "verified"
    ACCREDITED = "accredited"
    WATCH = "watch"


S = EmployerStatus
employer_workflow = Workflow(
    "employer",
    EmployerStatus,
    [
        Transition("ask_more", frozenset({S.REGISTERED}), S.ASKED, _l("Ask the employer for more"),
            permission=Permission.EMPLOYER_VERIFY, needs_reason=True),
        Transition("not_found", frozenset({S.REGISTERED, S.ASKED}), S.NOT_FOUND, _l("Not found, or doubtful"),
            permission=Permission.EMPLOYER_VERIFY, needs_reason=True, tone="danger"),
        # The employer's own step: nobody stays refused who has something to show.
        Transition("answer", frozenset({S.ASKED, S.NOT_FOUND}), S.REGISTERED, _l("Answered: look again"), needs_reason=True),
        Transition("verify", frozenset({S.REGISTERED}), S.VERIFIED, _l("The mission has seen this employer"),
            permission=Permission.EMPLOYER_VERIFY, needs_reason=True, tone="primary"),
        Transition("accredit", frozenset({S.VERIFIED}), S.ACCREDITED, _l("Accredit"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True, tone="primary"),
        Transition("watch", frozenset({S.ACCREDITED}), S.WATCH, _l("Put under watch"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True),
        Transition("restore", frozenset({S.WATCH}), S.ACCREDITED, _l("End the watch"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True),
    ],
)  # fmt: skip

# The mission is not sure yet: the employer can answer.
UNCLEAR = (S.ASKED, S.NOT_FOUND)

EMPLOYER_TITLES = {
    S.REGISTERED: (_l("waits for the mission"), "wait"),
    S.ASKED: (_l("the mission asks for more"), "warn"),
    S.NOT_FOUND: (_l("not found by the mission"), "bad"),
    S.VERIFIED: (_l("seen by the mission"), "note"),
    S.ACCREDITED: (_l("accredited"), "good"),
    S.WATCH: (_l("under watch"), "warn"),
}
# A bar is no state: it holds by its days, and what the employer is otherwise stands behind it (``bars``).
BARRED_TITLE = (_l("barred"), "bad")
