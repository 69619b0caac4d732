"""States of an employer abroad."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class EmployerStatus(StrEnum):
    REGISTERED = "registered"
    VERIFIED = "verified"
    ACCREDITED = "accredited"
    WATCH = "watch"
    BARRED = "barred"


S = EmployerStatus
employer_workflow = Workflow(
    "employer",
    EmployerStatus,
    [
        Transition("verify", frozenset({S.REGISTERED}), S.VERIFIED, _l("The mission has seen this employer"),
            permission=Permission.EMPLOYER_VERIFY, needs_reason=True, tone="primary"),
        Transition("accredit", frozenset({S.VERIFIED}), S.ACCREDITED, _l("Accredit"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True, tone="primary"),
        Transition("watch", frozenset({S.ACCREDITED}), S.WATCH, _l("Put under watch"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True),
        Transition("restore", frozenset({S.WATCH}), S.ACCREDITED, _l("End the watch"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True),
        Transition("bar", frozenset({S.REGISTERED, S.VERIFIED, S.ACCREDITED, S.WATCH}), S.BARRED, _l("Bar this employer"),
            permission=Permission.EMPLOYER_ACCREDIT, needs_reason=True, tone="danger"),
    ],
)  # fmt: skip

EMPLOYER_TITLES = {
    S.REGISTERED: (_l("waits for the mission"), "wait"),
    S.VERIFIED: (_l("seen by the mission"), "note"),
    S.ACCREDITED: (_l("accredited"), "good"),
    S.WATCH: (_l("under watch"), "warn"),
    S.BARRED: (_l("barred"), "bad"),
}
