"""States of a job order: an employer's attested demand."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class JobOrderStatus(StrEnum):
    DRAFT = "draft"
    EMPLOYER_SIGNED = "employer_signed"
    AGENCY_ACKNOWLEDGED = "agency_acknowledged"
    SECOND_CHECK = "second_check"
    APPROVED = "approved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    EXPIRED = "expired"


S = JobOrderStatus
SIGNED = frozenset({S.EMPLOYER_SIGNED, S.AGENCY_ACKNOWLEDGED, S.SECOND_CHECK})
# Approved once: people may hold places under it.
WITH_PEOPLE = frozenset({S.APPROVED, S.CLOSED, S.EXPIRED})
WITH_THE_MINISTRY = frozenset({S.AGENCY_ACKNOWLEDGED, S.SECOND_CHECK})
_APPROVE = Permission.JOB_ORDER_APPROVE

job_order_workflow = Workflow(
    "job_order",
    JobOrderStatus,
    [
        Transition("sign", frozenset({S.DRAFT}), S.EMPLOYER_SIGNED, _l("Signed by the employer"), tone="primary"),
        # An edit after the signature voids it: the employer signs the new document.
        Transition("edit", SIGNED, S.DRAFT, _l("Change it (it must be signed again)")),
        Transition("acknowledge", frozenset({S.EMPLOYER_SIGNED}), S.AGENCY_ACKNOWLEDGED, _l("Take on this job order"),
            tone="primary"),
        Transition("return", SIGNED, S.DRAFT, _l("Return it"), permission=_APPROVE, needs_reason=True),
        Transition(
            "approve", frozenset({S.AGENCY_ACKNOWLEDGED}), S.APPROVED, _l("Approve"),
            permission=_APPROVE, needs_reason=True, tone="primary",
        ),
        # A large lot, or several of one pair that together are large. Done by "approve", never by a button of its own.
        Transition(
            "approve_first", frozenset({S.AGENCY_ACKNOWLEDGED}), S.SECOND_CHECK,
            _l("Approve; a second approver must agree"), permission=_APPROVE, needs_reason=True,
        ),
        Transition(
            "confirm", frozenset({S.SECOND_CHECK}), S.APPROVED, _l("Agree with the approval"),
            permission=_APPROVE, needs_reason=True, tone="primary",
        ),
        Transition("close", frozenset({S.APPROVED}), S.CLOSED, _l("Close"), needs_reason=True, tone="danger"),
        Transition(
            "withdraw", frozenset({S.DRAFT}) | SIGNED, S.WITHDRAWN, _l("Withdraw"), needs_reason=True, tone="danger"
        ),
        # Neither signed nor taken on in time. What waits for the ministry does not lapse.
        Transition("lapse", frozenset({S.DRAFT, S.EMPLOYER_SIGNED}), S.LAPSED, _l("Lapsed")),
        Transition("expire", frozenset({S.APPROVED}), S.EXPIRED, _l("The time to recruit is over")),
    ],
)  # fmt: skip

JOB_ORDER_TITLES = {
    S.DRAFT: (_l("not signed yet"), "plain"),
    S.EMPLOYER_SIGNED: (_l("waits for the agency"), "wait"),
    S.AGENCY_ACKNOWLEDGED: (_l("waits for the ministry"), "wait"),
    S.SECOND_CHECK: (_l("waits for a second approver"), "wait"),
    S.APPROVED: (_l("approved"), "good"),
    S.CLOSED: (_l("closed"), "plain"),
    S.WITHDRAWN: (_l("withdrawn"), "plain"),
    S.LAPSED: (_l("lapsed: nobody acted in time"), "plain"),
    S.EXPIRED: (_l("the time to recruit is over"), "plain"),
}
