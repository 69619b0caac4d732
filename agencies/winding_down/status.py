"""States of a winding-down file, of a document that an agency holds, and of money that it owes to a worker."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow

_REVIEW, _APPROVE = Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE


class WindingStatus(StrEnum):
    """ "Ready" is no state: it is what the checklist says at the moment it is asked."""

    OPEN = "open"
    DECLARED = "declared"
    PROPOSED = "proposed"
    CLOSED = "closed"
    RESTORED = "restored"


class Outcome(StrEnum):
    RELEASE = "release"
    FORFEIT = "forfeit"
    # Nothing is left, and awards stay unpaid: they are owed on, and shown in the register.
    SHORTFALL = "shortfall"


_W = WindingStatus
WINDING_TITLES = {
    _W.OPEN: (_l("Open: the agency has not signed its list"), "warn"),
    _W.DECLARED: (_l("Open: the agency has signed its list"), "wait"),
    _W.PROPOSED: (_l("An officer proposes to close it"), "wait"),
    _W.CLOSED: (_l("Closed"), "good"),
    _W.RESTORED: (_l("Ended: the agency has a licence again"), "plain"),
}
OUTCOME_TITLES = {
    Outcome.RELEASE: _l("The rest of the security goes back to the agency"),
    Outcome.FORFEIT: _l("The rest of the security is forfeited to the state"),
    Outcome.SHORTFALL: _l("Nothing is left of the security, and money stays unpaid"),
}
LIVE = frozenset({_W.OPEN, _W.DECLARED, _W.PROPOSED})
WINDING = Workflow(
    "winding_down",
    WindingStatus,
    [
        Transition("declare", frozenset({_W.OPEN}), _W.DECLARED, _l("Sign the list"), tone="primary"),
        Transition(
            "propose", frozenset({_W.DECLARED}), _W.PROPOSED, _l("Propose to close it"), _REVIEW, True, "primary"
        ),
        Transition("send_back", frozenset({_W.PROPOSED}), _W.DECLARED, _l("Not yet: send it back"), _APPROVE, True),
        Transition("close", frozenset({_W.PROPOSED}), _W.CLOSED, _l("Close it"), _APPROVE, True, "primary"),
        Transition("restore", LIVE | {_W.CLOSED}, _W.RESTORED, _l("The licence came back")),
        Transition("reopen", frozenset({_W.RESTORED}), _W.OPEN, _l("The licence has ended again")),
    ],
)


class CustodyStatus(StrEnum):
    HELD = "held"
    SAID_RETURNED = "said_returned"
    HANDED_IN = "handed_in"
    DISPUTED = "disputed"
    MISSING = "missing"
    RETURNED = "returned"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


_C = CustodyStatus
CUSTODY_TITLES = {
    _C.HELD: (_l("With the agency"), "warn"),
    _C.SAID_RETURNED: (_l("The agency says it was given back"), "wait"),
    _C.HANDED_IN: (_l("Safe at the office"), "wait"),
    _C.DISPUTED: (_l("Worker and agency say different things"), "bad"),
    _C.MISSING: (_l("Missing: the police were told"), "bad"),
    _C.RETURNED: (_l("Back with the worker"), "good"),
    _C.REPLACED: (_l("Replaced by a new one"), "good"),
    _C.WITHDRAWN: (_l("Taken off the list by the worker"), "plain"),
}
CUSTODY_OPEN = frozenset({_C.HELD, _C.SAID_RETURNED, _C.HANDED_IN, _C.DISPUTED, _C.MISSING})
CUSTODY = Workflow(
    "custody_item",
    CustodyStatus,
    [
        # The agency alone never ends an item.
        Transition("say_returned", frozenset({_C.HELD}), _C.SAID_RETURNED, _l("We gave it back")),
        Transition("deny", frozenset({_C.HELD}), _C.DISPUTED, _l("We do not have it"), None, True),
        Transition("contradict", frozenset({_C.SAID_RETURNED}), _C.DISPUTED, _l("I did not get it")),
        Transition("confirm", CUSTODY_OPEN, _C.RETURNED, _l("I have it back"), tone="primary"),
        Transition("withdraw", frozenset({_C.HELD, _C.DISPUTED}), _C.WITHDRAWN, _l("I was wrong: take it off")),
        Transition(
            "hand_in", CUSTODY_OPEN - {_C.HANDED_IN}, _C.HANDED_IN, _l("Taken into the office’s custody"), _REVIEW, True
        ),
        Transition("see_returned", CUSTODY_OPEN, _C.RETURNED, _l("I saw the worker with it"), _REVIEW, True, "primary"),
        Transition(
            "refer", CUSTODY_OPEN - {_C.HANDED_IN, _C.MISSING}, _C.MISSING, _l("Missing: tell the police"), _REVIEW,
            True, "danger",
        ),
        Transition("replace", frozenset({_C.MISSING}), _C.REPLACED, _l("The worker has a new one"), _REVIEW, True),
    ],
)  # fmt: skip


class DocumentKind(StrEnum):
    PASSPORT = "passport"
    IDENTITY = "identity"
    CERTIFICATE = "certificate"
    OTHER = "other"


DOCUMENT_TITLES = {
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.IDENTITY: _l("Identity card"),
    DocumentKind.CERTIFICATE: _l("School or work certificate"),
    DocumentKind.OTHER: _l("Another document"),
}


class OwedStatus(StrEnum):
    OWED = "owed"
    SAID_PAID = "said_paid"
    CLAIMED = "claimed"
    PAID = "paid"
    UNPAID = "unpaid"
    NOT_OWED = "not_owed"


_O = OwedStatus
OWED_TITLES = {
    _O.OWED: (_l("To be paid back"), "warn"),
    _O.SAID_PAID: (_l("The agency says it was paid"), "wait"),
    _O.CLAIMED: (_l("Claimed from the security"), "wait"),
    _O.PAID: (_l("Paid"), "good"),
    _O.UNPAID: (_l("Still owed: the security was used up"), "bad"),
    _O.NOT_OWED: (_l("Not owed"), "plain"),
}
OWED_OPEN = frozenset({_O.OWED, _O.SAID_PAID, _O.CLAIMED})
OWED = Workflow(
    "owed_item",
    OwedStatus,
    [
        Transition("say_paid", frozenset({_O.OWED}), _O.SAID_PAID, _l("We paid it")),
        Transition("contradict", frozenset({_O.SAID_PAID}), _O.OWED, _l("I did not get it")),
        Transition(
            "confirm", frozenset({_O.OWED, _O.SAID_PAID, _O.UNPAID}), _O.PAID, _l("I have the money"), tone="primary"
        ),
        Transition(
            "see_paid", frozenset({_O.OWED, _O.SAID_PAID, _O.UNPAID}), _O.PAID, _l("I saw the receipt and asked the worker"),
            _REVIEW, True,
        ),
        Transition(
            "claim", frozenset({_O.OWED, _O.SAID_PAID}), _O.CLAIMED, _l("Claim it from the security"), _REVIEW, True,
            "primary",
        ),
        # What became of the claim is read from the security's own books, never typed here.
        Transition("paid_out", frozenset({_O.CLAIMED}), _O.PAID, _l("Paid out of the security")),
        Transition("claim_failed", frozenset({_O.CLAIMED}), _O.OWED, _l("The claim was rejected")),
        Transition("taken_back", frozenset({_O.PAID}), _O.CLAIMED, _l("The payment was taken back")),
        # The security is used up: the file may end, the debt does not.
        Transition("leave_unpaid", frozenset({_O.CLAIMED}), _O.UNPAID, _l("It stays unpaid"), _APPROVE, True),
        Transition("paid_late", frozenset({_O.UNPAID}), _O.PAID, _l("Paid after the closing")),
        Transition("unpaid_again", frozenset({_O.PAID}), _O.UNPAID, _l("The late payment was taken back")),
        Transition(
            "dismiss", frozenset({_O.OWED, _O.SAID_PAID}), _O.NOT_OWED, _l("Not owed"), _APPROVE, True, "danger"
        ),
    ],
)  # fmt: skip


class OwedFor(StrEnum):
    FEE = "fee"
    DEPOSIT = "deposit"
    COSTS = "costs"
    AWARD = "award"
    OTHER = "other"


OWED_FOR_TITLES = {
    OwedFor.FEE: _l("Fee for the job"),
    OwedFor.DEPOSIT: _l("Deposit that they kept"),
    OwedFor.COSTS: _l("Ticket, medical test or other costs"),
    OwedFor.AWARD: _l("Money that an office or court awarded"),
    OwedFor.OTHER: _l("Something else"),
}


class Teller(StrEnum):
    """Whose word an item is."""

    AGENCY = "agency"
    WORKER = "worker"
    OFFICE = "office"


TELLER_TITLES = {
    Teller.AGENCY: _l("the agency"),
    Teller.WORKER: _l("the worker"),
    Teller.OFFICE: _l("an officer, for the worker"),
}
