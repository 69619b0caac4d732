"""States and kinds of a day's differences."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class DifferenceStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class DifferenceKind(StrEnum):
    """What does not agree. ``theirs`` is the provider or the bank."""

    NOT_IN_BOOKS = "not_in_books"
    NOT_IN_THEIRS = "not_in_theirs"
    AMOUNT = "amount"


difference_workflow = Workflow(
    "reconciliation_difference",
    DifferenceStatus,
    [
        Transition(
            "close", frozenset({DifferenceStatus.OPEN}), DifferenceStatus.CLOSED, _l("Close with a reason"),
            permission=Permission.REMITTANCE_OPERATE, needs_reason=True,
        ),
    ],
)  # fmt: skip
KIND_TITLES = {
    DifferenceKind.NOT_IN_BOOKS: _l("not in our books"),
    DifferenceKind.NOT_IN_THEIRS: _l("in our books alone"),
    DifferenceKind.AMOUNT: _l("another amount"),
}
