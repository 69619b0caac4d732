"""States of a remittance, of an unmatched bank line and of a refund."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class RemittanceStatus(StrEnum):
    QUOTED = "quoted"
    RECIPIENT_CHECKED = "recipient_checked"
    AUTHORISED = "authorised"
    SCREENING_REVIEW = "screening_review"
    REFUSAL_PROPOSED = "refusal_proposed"
    SCREENED = "screened"
    FUNDED = "funded"
    HELD = "held"
    IN_TRANSFER = "in_transfer"
    PAYOUT_UNKNOWN = "payout_unknown"
    PAID_OUT = "paid_out"
    FAILED = "failed"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


S = RemittanceStatus
P = Permission
UNPAID = frozenset({S.QUOTED, S.RECIPIENT_CHECKED, S.AUTHORISED, S.SCREENED})
SENT = frozenset({S.IN_TRANSFER, S.PAYOUT_UNKNOWN})

remittance_workflow = Workflow(
    "remittance",
    RemittanceStatus,
    [
        Transition("choose_recipient", frozenset({S.QUOTED, S.RECIPIENT_CHECKED}), S.RECIPIENT_CHECKED, _l("Recipient chosen")),
        Transition("authorise", frozenset({S.RECIPIENT_CHECKED}), S.AUTHORISED, _l("Confirmed by you")),
        Transition("screen", frozenset({S.AUTHORISED}), S.SCREENED, _l("Checked")),
        Transition("hold_for_review", frozenset({S.AUTHORISED}), S.SCREENING_REVIEW, _l("An officer will look at this")),
        Transition(
            "clear", frozenset({S.SCREENING_REVIEW}), S.SCREENED, _l("Let it go on"),
            permission=P.SCREENING_REVIEW, needs_reason=True, tone="primary",
        ),
        Transition(
            "propose_refusal", frozenset({S.SCREENING_REVIEW}), S.REFUSAL_PROPOSED, _l("Propose to refuse it"),
            permission=P.SCREENING_REVIEW, needs_reason=True, tone="danger",
        ),
        Transition(
            "refuse", frozenset({S.REFUSAL_PROPOSED}), S.REFUSED, _l("Refuse it"),
            permission=P.REFUND_APPROVE, needs_reason=True, tone="danger",
        ),
        Transition(
            "put_back", frozenset({S.REFUSAL_PROPOSED}), S.SCREENING_REVIEW, _l("Do not refuse it: look again"),
            permission=P.REFUND_APPROVE, needs_reason=True,
        ),
        Transition("fund", frozenset({S.SCREENED}), S.FUNDED, _l("Money received")),
        Transition(
            "hold_money", frozenset({S.SCREENED, S.EXPIRED, S.CANCELLED}), S.HELD, _l("Money received, but it does not fit")
        ),
        Transition(
            "release", frozenset({S.HELD}), S.FUNDED, _l("Send it on"), permission=P.REMITTANCE_OPERATE,
            needs_reason=True, tone="primary",
        ),
        Transition("send", frozenset({S.FUNDED}), S.IN_TRANSFER, _l("On its way")),
        Transition("confirm_payout", SENT, S.PAID_OUT, _l("Paid out")),
        Transition("fail_payout", SENT, S.FAILED, _l("Could not be paid out")),
        Transition("lose_contact", frozenset({S.IN_TRANSFER}), S.PAYOUT_UNKNOWN, _l("No answer from the partner")),
        Transition("refund", frozenset({S.FUNDED, S.HELD, S.FAILED}), S.REFUNDED, _l("Money given back")),
        Transition("dispute", SENT | {S.PAID_OUT}, S.DISPUTED, _l("You said that something is wrong"), needs_reason=True),
        Transition(
            "settle_paid", frozenset({S.DISPUTED}), S.PAID_OUT, _l("It was paid out"),
            permission=P.REFUND_APPROVE, needs_reason=True,
        ),
        Transition(
            "settle_failed", frozenset({S.DISPUTED}), S.FAILED, _l("It was not paid out"),
            permission=P.REFUND_APPROVE, needs_reason=True, tone="danger",
        ),
        Transition("expire", UNPAID, S.EXPIRED, _l("Time ran out")),
        Transition("cancel", UNPAID, S.CANCELLED, _l("Cancelled by you"), tone="danger"),
    ],
)  # fmt: skip

STATUS_TITLES = {
    S.QUOTED: _l("offer taken, recipient missing"),
    S.RECIPIENT_CHECKED: _l("to be confirmed by you"),
    S.AUTHORISED: _l("being checked"),
    S.SCREENING_REVIEW: _l("an officer looks at it"),
    S.REFUSAL_PROPOSED: _l("refusing it is proposed: a second officer decides"),
    S.SCREENED: _l("waits for your money"),
    S.FUNDED: _l("money received"),
    S.HELD: _l("money received, an officer looks at it"),
    S.IN_TRANSFER: _l("on its way"),
    S.PAYOUT_UNKNOWN: _l("on its way, being asked after"),
    S.PAID_OUT: _l("paid out"),
    S.FAILED: _l("could not be paid out"),
    S.REFUNDED: _l("money given back"),
    S.DISPUTED: _l("being looked into"),
    S.REFUSED: _l("not sent"),
    S.EXPIRED: _l("ran out"),
    S.CANCELLED: _l("cancelled"),
}
STATUS_TONES = {
    S.PAID_OUT: "good", S.FAILED: "bad", S.REFUSED: "bad", S.HELD: "warn", S.DISPUTED: "warn", S.PAYOUT_UNKNOWN: "warn",
    S.SCREENED: "warn", S.QUOTED: "note", S.RECIPIENT_CHECKED: "note", S.AUTHORISED: "wait", S.SCREENING_REVIEW: "wait",
    S.REFUSAL_PROPOSED: "wait",
    S.FUNDED: "wait", S.IN_TRANSFER: "wait",
}  # fmt: skip

# What officers decide among themselves; the sender learns the end alone, and no reason: the law forbids tipping off.
UNTOLD = frozenset({"propose_refusal", "put_back"})
TOLD_TITLES = {"refuse": _l("Not sent"), "clear": _l("Looked at by an officer")}


def told(status: RemittanceStatus) -> RemittanceStatus:
    """The state as its sender is told."""
    return S.SCREENING_REVIEW if status is S.REFUSAL_PROPOSED else status


class BankLineStatus(StrEnum):
    RECEIVED = "received"
    MATCHED = "matched"
    QUEUED = "queued"
    ATTACH_PROPOSED = "attach_proposed"
    ATTACHED = "attached"
    RETURN_PROPOSED = "return_proposed"
    RETURNING = "returning"
    RETURNED = "returned"


bank_line_workflow = Workflow(
    "bank_line",
    BankLineStatus,
    [
        Transition("match", frozenset({BankLineStatus.RECEIVED}), BankLineStatus.MATCHED, _l("Matched by its reference")),
        Transition("queue", frozenset({BankLineStatus.RECEIVED}), BankLineStatus.QUEUED, _l("No remittance fits")),
        Transition(
            "propose_attach", frozenset({BankLineStatus.QUEUED}), BankLineStatus.ATTACH_PROPOSED,
            _l("Propose a remittance"), permission=P.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "attach", frozenset({BankLineStatus.ATTACH_PROPOSED}), BankLineStatus.ATTACHED, _l("Attach to a remittance"),
            permission=P.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "propose_return", frozenset({BankLineStatus.QUEUED}), BankLineStatus.RETURN_PROPOSED,
            _l("Propose to send it back"), permission=P.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "approve_return", frozenset({BankLineStatus.RETURN_PROPOSED}), BankLineStatus.RETURNING, _l("Send it back"),
            permission=P.REFUND_APPROVE, needs_reason=True,
        ),
        Transition(
            "put_back", frozenset({BankLineStatus.ATTACH_PROPOSED, BankLineStatus.RETURN_PROPOSED}), BankLineStatus.QUEUED,
            _l("Reject"), permission=P.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "finish_return", frozenset({BankLineStatus.RETURNING}), BankLineStatus.RETURNED, _l("Sent back, says the bank")
        ),
        Transition(
            "fail_return", frozenset({BankLineStatus.RETURNING, BankLineStatus.RETURNED}), BankLineStatus.QUEUED,
            _l("Could not be sent back"),
        ),
    ],
)  # fmt: skip


LINE_TITLES = {
    BankLineStatus.RECEIVED: _l("read"),
    BankLineStatus.MATCHED: _l("matched by its reference"),
    BankLineStatus.QUEUED: _l("waits for an officer"),
    BankLineStatus.ATTACH_PROPOSED: _l("a remittance is proposed: a second officer decides"),
    BankLineStatus.ATTACHED: _l("attached to a remittance"),
    BankLineStatus.RETURN_PROPOSED: _l("sending it back is proposed: a second officer decides"),
    BankLineStatus.RETURNING: _l("being sent back"),
    BankLineStatus.RETURNED: _l("sent back"),
}


class RefundStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"
    FAILED = "failed"
    SETTLING = "settling"


# What still has to reach the sender: one refund of a remittance at a time.
OPEN_REFUNDS = (RefundStatus.PROPOSED, RefundStatus.APPROVED, RefundStatus.FAILED, RefundStatus.SETTLING)

refund_workflow = Workflow(
    "refund",
    RefundStatus,
    [
        Transition(
            "approve", frozenset({RefundStatus.PROPOSED}), RefundStatus.APPROVED, _l("Approve"),
            permission=P.REFUND_APPROVE, needs_reason=True, tone="primary",
        ),
        Transition(
            "reject", frozenset({RefundStatus.PROPOSED}), RefundStatus.REJECTED, _l("Reject"),
            permission=P.REFUND_APPROVE, needs_reason=True,
        ),
        Transition("finish", frozenset({RefundStatus.APPROVED}), RefundStatus.DONE, _l("Money given back")),
        Transition(
            "fail", frozenset({RefundStatus.APPROVED, RefundStatus.DONE}), RefundStatus.FAILED,
            _l("The money did not reach the sender"),
        ),
        Transition(
            "propose_settlement", frozenset({RefundStatus.FAILED}), RefundStatus.SETTLING, _l("Propose another way"),
            permission=P.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "approve_settlement", frozenset({RefundStatus.SETTLING}), RefundStatus.APPROVED, _l("Approve"),
            permission=P.REFUND_APPROVE, needs_reason=True, tone="primary",
        ),
        Transition(
            "reject_settlement", frozenset({RefundStatus.SETTLING}), RefundStatus.FAILED, _l("Reject"),
            permission=P.REFUND_APPROVE, needs_reason=True,
        ),
    ],
)  # fmt: skip
REFUND_TITLES = {
    RefundStatus.PROPOSED: _l("waits for a second officer"),
    RefundStatus.APPROVED: _l("approved, being paid"),
    RefundStatus.REJECTED: _l("rejected"),
    RefundStatus.DONE: _l("given back"),
    RefundStatus.FAILED: _l("did not reach the sender"),
    RefundStatus.SETTLING: _l("another way waits for a second officer"),
}
