"""States of a credit transfer: money that leaves our bank account for somebody who gets it back."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class CreditTransferStatus(StrEnum):
    PROPOSED = "proposed"
    REJECTED = "rejected"
    ORDERED = "ordered"
    WRITTEN = "written"
    HAND_PROPOSED = "hand_proposed"
    PAID = "paid"
    FAILED = "failed"


T = CreditTransferStatus
# Money that is decided on or gone: for one refund or bank line there is never a second one.
LIVE = (T.PROPOSED, T.ORDERED, T.WRITTEN, T.HAND_PROPOSED, T.PAID)
_AT_BANK = frozenset({T.WRITTEN, T.HAND_PROPOSED})

credit_transfer_workflow = Workflow(
    "credit_transfer",
    CreditTransferStatus,
    [
        Transition("approve", frozenset({T.PROPOSED}), T.ORDERED, _l("Approve"), permission=Permission.REFUND_APPROVE, needs_reason=True),
        Transition("reject", frozenset({T.PROPOSED}), T.REJECTED, _l("Reject"), permission=Permission.REFUND_APPROVE, needs_reason=True),
        Transition("write", frozenset({T.ORDERED}), T.WRITTEN, _l("Handed to the bank")),
        Transition("pay", _AT_BANK, T.PAID, _l("Paid, says the bank")),
        Transition(
            "propose_hand", frozenset({T.WRITTEN}), T.HAND_PROPOSED, _l("Propose to count it as paid"),
            permission=Permission.REMITTANCE_OPERATE, needs_reason=True,
        ),
        Transition(
            "confirm_hand", frozenset({T.HAND_PROPOSED}), T.PAID, _l("Confirm that it was paid"),
            permission=Permission.REFUND_APPROVE, needs_reason=True,
        ),
        Transition(
            "put_back", frozenset({T.HAND_PROPOSED}), T.WRITTEN, _l("Go on waiting for the bank"),
            permission=Permission.REFUND_APPROVE, needs_reason=True,
        ),
        Transition("fail", _AT_BANK, T.FAILED, _l("The bank did not pay it")),
        Transition("come_back", frozenset({T.PAID}), T.FAILED, _l("The money came back")),
    ],
)  # fmt: skip

TRANSFER_TITLES = {
    T.PROPOSED: _l("waits for a second officer"),
    T.REJECTED: _l("rejected"),
    T.ORDERED: _l("approved, being written"),
    T.WRITTEN: _l("at the bank"),
    T.HAND_PROPOSED: _l("to be counted as paid by hand"),
    T.PAID: _l("given back"),
    T.FAILED: _l("could not be paid"),
}
