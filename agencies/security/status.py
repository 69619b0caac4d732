"""States of a bank paper, a claim, a demand to top up and a proposal; kinds of ledger entries."""

from enum import StrEnum

from agencies.licensing.status import SecurityKind
from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow

_RECORD, _DECIDE = Permission.SECURITY_RECORD, Permission.SANCTION_DECIDE
KIND_TITLES = {SecurityKind.CASH: _l("Cash deposit"), SecurityKind.GUARANTEE: _l("Bank guarantee")}


class InstrumentStatus(StrEnum):
    LODGED = "lodged"
    RETURNED = "returned"
    RECORDED = "recorded"
    VERIFICATION_ASKED = "verification_asked"
    VERIFIED = "verified"
    NOT_CONFIRMED = "not_confirmed"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REPLACED = "replaced"
    DRAWN = "drawn"
    RELEASED = "released"


_I = InstrumentStatus
INSTRUMENT_TITLES = {
    _I.LODGED: (_l("Sent by the agency, waiting for an officer"), "wait"),
    _I.RETURNED: (_l("Sent back to the agency"), "warn"),
    _I.RECORDED: (_l("Recorded, the bank is still to be asked"), "wait"),
    _I.VERIFICATION_ASKED: (_l("The bank has been asked"), "wait"),
    _I.VERIFIED: (_l("Confirmed by the bank"), "good"),
    _I.NOT_CONFIRMED: (_l("Not confirmed by the bank"), "bad"),
    _I.EXPIRING: (_l("Confirmed by the bank, ends soon"), "warn"),
    _I.EXPIRED: (_l("Ended"), "bad"),
    _I.REPLACED: (_l("Replaced by a newer paper"), "plain"),
    _I.DRAWN: (_l("Used up"), "plain"),
    _I.RELEASED: (_l("Given back"), "plain"),
}
# What stands behind a licence today; only such papers carry entries that count.
STANDING = frozenset({_I.VERIFIED, _I.EXPIRING})
COMING = frozenset({_I.LODGED, _I.RECORDED, _I.VERIFICATION_ASKED})
INSTRUMENT = Workflow(
    "security_instrument",
    InstrumentStatus,
    [
        Transition("record", frozenset({_I.LODGED}), _I.RECORDED, _l("The paper is in order: record it"), _RECORD),
        Transition("return", frozenset({_I.LODGED}), _I.RETURNED, _l("Send it back"), _RECORD, True),
        Transition(
            "ask", frozenset({_I.RECORDED, _I.NOT_CONFIRMED}), _I.VERIFICATION_ASKED, _l("Ask the bank"), _RECORD,
            tone="primary",
        ),
        Transition(
            "confirm", frozenset({_I.VERIFICATION_ASKED}), _I.VERIFIED, _l("The bank confirms it"), _RECORD,
            tone="primary",
        ),
        Transition(
            "deny", frozenset({_I.VERIFICATION_ASKED}), _I.NOT_CONFIRMED, _l("The bank does not confirm it"), _RECORD,
            tone="danger",
        ),
        Transition("warn", frozenset({_I.VERIFIED}), _I.EXPIRING, _l("Ends soon")),
        Transition("expire", frozenset({*COMING, *STANDING}), _I.EXPIRED, _l("Ended")),
        Transition("replace", STANDING, _I.REPLACED, _l("Replaced by a newer paper")),
        Transition("draw", STANDING, _I.DRAWN, _l("Used up"), _RECORD),
        Transition("forfeit", STANDING, _I.DRAWN, _l("Forfeited"), _DECIDE),
        Transition("release", STANDING, _I.RELEASED, _l("Given back"), _RECORD),
        # A draw or a release that was entered wrongly is taken back by a counter-entry.
        Transition("restore", frozenset({_I.DRAWN, _I.RELEASED}), _I.VERIFIED, _l("Restored"), _RECORD),
    ],
)  # fmt: skip


class EntryKind(StrEnum):
    """Why an entry stands. The first three add, ``correction`` goes against one entry, all others take away."""

    DEPOSIT = "deposit"
    LODGED = "guarantee_lodged"
    TOP_UP = "top_up"
    EXTENDED = "guarantee_extended"
    REPLACED = "guarantee_replaced"
    EXPIRED = "guarantee_expired"
    DRAW = "draw"
    RELEASE = "release"
    FORFEITURE = "forfeiture"
    CORRECTION = "correction"


ADDING = (EntryKind.DEPOSIT, EntryKind.LODGED, EntryKind.TOP_UP)
ENTRY_TITLES = {
    EntryKind.DEPOSIT: _l("Deposit received"),
    EntryKind.LODGED: _l("Guarantee lodged"),
    EntryKind.TOP_UP: _l("Top-up received"),
    EntryKind.EXTENDED: _l("Carried over to the longer guarantee"),
    EntryKind.REPLACED: _l("Guarantee replaced"),
    EntryKind.EXPIRED: _l("Guarantee ended"),
    EntryKind.DRAW: _l("Paid out of the security"),
    EntryKind.RELEASE: _l("Given back to the agency"),
    EntryKind.FORFEITURE: _l("Forfeited to the state"),
    EntryKind.CORRECTION: _l("Correction of an earlier entry"),
}


class ClaimStatus(StrEnum):
    FILED = "filed"
    REJECTED = "rejected"
    GRANTED = "granted"
    PART_PAID = "part_paid"
    PAID = "paid"


_C = ClaimStatus
CLAIM_TITLES = {
    _C.FILED: (_l("Waiting for the decision"), "wait"),
    _C.REJECTED: (_l("Rejected"), "plain"),
    _C.GRANTED: (_l("Granted, to be paid"), "warn"),
    _C.PART_PAID: (_l("Paid in part, the rest is owed"), "bad"),
    _C.PAID: (_l("Paid"), "good"),
}
OPEN_CLAIMS = (_C.FILED, _C.GRANTED, _C.PART_PAID)
OWED_CLAIMS = (_C.GRANTED, _C.PART_PAID)
CLAIM = Workflow(
    "security_claim",
    ClaimStatus,
    [
        Transition("grant", frozenset({_C.FILED}), _C.GRANTED, _l("Grant it"), _DECIDE, True, "primary"),
        Transition("reject", frozenset({_C.FILED}), _C.REJECTED, _l("Reject it"), _DECIDE, True),
        Transition("pay_part", frozenset(OWED_CLAIMS), _C.PART_PAID, _l("Pay what the security covers"), _RECORD),
        Transition("pay", frozenset(OWED_CLAIMS), _C.PAID, _l("Pay it out of the security"), _RECORD, tone="primary"),
        Transition("settle", frozenset(OWED_CLAIMS), _C.PAID, _l("Paid by the agency itself")),
        Transition("owe_again", frozenset({_C.PART_PAID, _C.PAID}), _C.GRANTED, _l("The payment was taken back")),
    ],
)


class DemandCause(StrEnum):
    DRAW = "draw"
    EXPIRY = "expiry"


CAUSE_TITLES = {
    DemandCause.DRAW: _l("Money was paid out of the security"),
    DemandCause.EXPIRY: _l("A bank guarantee ended and was not replaced"),
}


class DemandStatus(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    MET = "met"
    WITHDRAWN = "withdrawn"


_D = DemandStatus
DEMAND_TITLES = {
    _D.OPEN: (_l("To be topped up"), "warn"),
    _D.OVERDUE: (_l("Not topped up in time"), "bad"),
    _D.MET: (_l("Topped up"), "good"),
    _D.WITHDRAWN: (_l("Withdrawn"), "plain"),
}
WAITING = (_D.OPEN, _D.OVERDUE)
DEMAND = Workflow(
    "security_demand",
    DemandStatus,
    [
        Transition("run_out", frozenset({_D.OPEN}), _D.OVERDUE, _l("Not topped up in time")),
        Transition("meet", frozenset(WAITING), _D.MET, _l("Topped up")),
        Transition("withdraw", frozenset(WAITING), _D.WITHDRAWN, _l("Withdrawn")),
        Transition("reopen", frozenset({_D.MET}), _D.OPEN, _l("The top-up was taken back")),
    ],
)


class ProposalKind(StrEnum):
    RELEASE = "release"
    FORFEITURE = "forfeiture"
    CORRECTION = "correction"


PROPOSAL_TITLES = {
    ProposalKind.RELEASE: _l("Give the security back"),
    ProposalKind.FORFEITURE: _l("Forfeit the security to the state"),
    ProposalKind.CORRECTION: _l("Correct an entry"),
}


class ProposalStatus(StrEnum):
    PROPOSED = "proposed"
    DONE = "done"
    REJECTED = "rejected"


_P = ProposalStatus
PROPOSAL_STATES = {
    _P.PROPOSED: (_l("Waiting for another officer"), "wait"),
    _P.DONE: (_l("Done"), "good"),
    _P.REJECTED: (_l("Rejected"), "plain"),
}
PROPOSAL = Workflow(
    "security_proposal",
    ProposalStatus,
    [
        Transition("accept", frozenset({_P.PROPOSED}), _P.DONE, _l("Do it"), None, True, "primary"),
        Transition("reject", frozenset({_P.PROPOSED}), _P.REJECTED, _l("Reject it"), None, True),
    ],
)
