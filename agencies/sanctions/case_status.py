"""The proceeding before and after an order: its states, and those of a bar, a fine and a lifting."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class CaseSubject(StrEnum):
    """Against whom a proceeding goes."""

    AGENCY = "agency"
    DIRECTOR = "director"
    EMPLOYER = "employer"
    FOREIGN_AGENT = "foreign_agent"
    ORIENTATION_CENTRE = "orientation_centre"
    MEDICAL_CENTRE = "medical_centre"


class CaseSource(StrEnum):
    """Who complains: somebody outside, or a unit of the ministry, which then does not decide."""

    PERSON = "person"
    UNIT = "unit"


class CaseStatus(StrEnum):
    REPORTED = "reported"
    DROPPED = "dropped"
    SCREENED = "screened"
    NOTICE = "notice"
    REPLY = "reply"
    HEARING = "hearing"
    DECISION = "decision"
    DISMISSED = "dismissed"
    ORDERED = "ordered"
    APPEALED = "appealed"
    STAYED = "stayed"
    UPHELD = "upheld"
    VARIED = "varied"
    REVERSED = "reversed"
    EXPIRED = "expired"
    REMOVED = "removed"


class CaseStage(StrEnum):
    """One officer's part of a proceeding, drawn at random."""

    SCREENING = "screening"
    HEARING = "hearing"
    DECISION = "decision"
    APPEAL = "appeal"


class OrderKind(StrEnum):
    """What an order does, the mildest first. A dismissal is no order: it closes the proceeding."""

    WARN = "warn"
    FINE = "fine"
    SUSPEND = "suspend"
    CANCEL = "cancel"
    BLACKLIST = "blacklist"


class PaperStep(StrEnum):
    EVIDENCE = "evidence"
    REPLY = "reply"
    MINUTES = "minutes"
    APPEAL = "appeal"
    REVIEW = "review"


SUBJECT_TITLES = {
    CaseSubject.AGENCY: _l("A recruitment agency"),
    CaseSubject.DIRECTOR: _l("A director, as a person"),
    CaseSubject.EMPLOYER: _l("An employer abroad"),
    CaseSubject.FOREIGN_AGENT: _l("An agent abroad"),
    CaseSubject.ORIENTATION_CENTRE: _l("An orientation centre"),
    CaseSubject.MEDICAL_CENTRE: _l("A medical centre"),
}
SOURCE_TITLES = {
    CaseSource.PERSON: _l("A worker, a family or somebody else outside the ministry"),
    CaseSource.UNIT: _l("An office of the ministry"),
}
CASE_TITLES = {
    CaseStatus.REPORTED: _l("Reported, to be screened"),
    CaseStatus.DROPPED: _l("Not taken up"),
    CaseStatus.SCREENED: _l("Taken up, notice to be served"),
    CaseStatus.NOTICE: _l("Notice served, reply awaited"),
    CaseStatus.REPLY: _l("Hearing to be set"),
    CaseStatus.HEARING: _l("Hearing set"),
    CaseStatus.DECISION: _l("Heard, waits for the order"),
    CaseStatus.DISMISSED: _l("Dismissed"),
    CaseStatus.ORDERED: _l("Order made"),
    CaseStatus.APPEALED: _l("Order appealed"),
    CaseStatus.STAYED: _l("Order appealed and stayed"),
    CaseStatus.UPHELD: _l("Order upheld on appeal"),
    CaseStatus.VARIED: _l("Order changed on appeal"),
    CaseStatus.REVERSED: _l("Order reversed on appeal"),
    CaseStatus.EXPIRED: _l("Order ended by time"),
    CaseStatus.REMOVED: _l("Order lifted"),
}
ORDER_TITLES = {
    OrderKind.WARN: _l("Warning"),
    OrderKind.FINE: _l("Fine"),
    OrderKind.SUSPEND: _l("Suspension"),
    OrderKind.CANCEL: _l("Cancellation of the licence"),
    OrderKind.BLACKLIST: _l("Blacklisting"),
}
SEVERITY = {kind: place for place, kind in enumerate(OrderKind)}
# Only an agency has a licence.
KINDS_FOR = {
    subject: tuple(k for k in OrderKind if k is not OrderKind.CANCEL or subject is CaseSubject.AGENCY)
    for subject in CaseSubject
}

_C = CaseStatus
STAGE_TITLES = {
    CaseStage.SCREENING: _l("Screening"),
    CaseStage.HEARING: _l("Notice and hearing"),
    CaseStage.DECISION: _l("Decision"),
    CaseStage.APPEAL: _l("Appeal"),
}
# Whose step it is; in the other states it waits for nobody of the ministry.
STAGE_OF = {
    _C.REPORTED: CaseStage.SCREENING,
    _C.SCREENED: CaseStage.HEARING,
    _C.NOTICE: CaseStage.HEARING,
    _C.REPLY: CaseStage.HEARING,
    _C.HEARING: CaseStage.HEARING,
    _C.DECISION: CaseStage.DECISION,
    _C.APPEALED: CaseStage.APPEAL,
    _C.STAYED: CaseStage.APPEAL,
}
_PROPOSE, _DECIDE, _APPEAL = Permission.SANCTION_PROPOSE, Permission.SANCTION_DECIDE, Permission.SANCTION_APPEAL
_STANDING = frozenset({_C.ORDERED, _C.UPHELD, _C.VARIED})
_ON_APPEAL = frozenset({_C.APPEALED, _C.STAYED})
# Before the order, after the screening: what an interim suspension may hang on.
OPEN = frozenset({_C.SCREENED, _C.NOTICE, _C.REPLY, _C.HEARING, _C.DECISION})
# Served, and not decided yet: what the subject knows to be open.
SERVED = frozenset({_C.NOTICE, _C.REPLY, _C.HEARING, _C.DECISION})
# Once a notice was served, its subject may read the proceeding.
HIDDEN = frozenset({_C.REPORTED, _C.DROPPED, _C.SCREENED})


def _one(*states: CaseStatus) -> frozenset[CaseStatus]:
    return frozenset(states)


CASE = Workflow(
    "sanction_case",
    CaseStatus,
    [
        Transition("screen", _one(_C.REPORTED), _C.SCREENED, _l("Take it up"), _PROPOSE, True, "primary"),
        Transition("drop", _one(_C.REPORTED), _C.DROPPED, _l("Do not take it up"), _PROPOSE, True),
        # An interim suspension is itself the notice.
        Transition("suspend", _one(_C.REPORTED), _C.NOTICE, _l("Notice with an interim suspension")),
        Transition("notify", _one(_C.SCREENED), _C.NOTICE, _l("Serve the notice"), _PROPOSE, False, "primary"),
        Transition("reply", _one(_C.NOTICE), _C.REPLY, _l("Reply")),
        Transition("no_reply", _one(_C.NOTICE), _C.REPLY, _l("The time to reply is over")),
        Transition("reply_late", _one(_C.REPLY), _C.REPLY, _l("Reply after the day")),
        Transition("schedule", _one(_C.REPLY), _C.HEARING, _l("Set the hearing"), _PROPOSE, False, "primary"),
        Transition("reschedule", _one(_C.HEARING), _C.HEARING, _l("Move the hearing"), _PROPOSE, True),
        Transition("hear", _one(_C.HEARING), _C.DECISION, _l("Write down the hearing"), _PROPOSE, True, "primary"),
        Transition("send_back", _one(_C.DECISION), _C.REPLY, _l("Send it back for another hearing"), _DECIDE, True),
        Transition("dismiss", _one(_C.DECISION), _C.DISMISSED, _l("Dismiss"), _DECIDE, True),
        Transition("order", _one(_C.DECISION), _C.ORDERED, _l("Make the order"), _DECIDE, True, "danger"),
        Transition("appeal", _one(_C.ORDERED), _C.APPEALED, _l("Appeal")),
        Transition("stay", _one(_C.APPEALED), _C.STAYED, _l("Grant the stay"), _APPEAL, True),
        Transition("refuse_stay", _one(_C.APPEALED), _C.APPEALED, _l("Refuse the stay"), _APPEAL, True),
        Transition("end_stay", _one(_C.STAYED), _C.APPEALED, _l("End the stay"), _APPEAL, True),
        Transition("uphold", _ON_APPEAL, _C.UPHELD, _l("Uphold the order"), _APPEAL, True),
        Transition("vary", _ON_APPEAL, _C.VARIED, _l("Change it to something milder"), _APPEAL, True),
        Transition("reverse", _ON_APPEAL, _C.REVERSED, _l("Reverse the order"), _APPEAL, True),
        Transition("expire", _STANDING, _C.EXPIRED, _l("Ended by time")),
        Transition("remove", _STANDING, _C.REMOVED, _l("Lifted")),
    ],
)


class BarKind(StrEnum):
    SUSPENSION = "suspension"
    BLACKLISTING = "blacklisting"


class BarStatus(StrEnum):
    MADE = "made"
    IN_FORCE = "in_force"
    STAYED = "stayed"
    LIFTED = "lifted"
    LAPSED = "lapsed"
    REVERSED = "reversed"
    VARIED = "varied"


BAR_TITLES = {
    BarStatus.MADE: _l("Made"),
    BarStatus.IN_FORCE: _l("In force"),
    BarStatus.STAYED: _l("Stayed on appeal"),
    BarStatus.LIFTED: _l("Lifted"),
    BarStatus.LAPSED: _l("Lapsed after its last day"),
    BarStatus.REVERSED: _l("Reversed on appeal"),
    BarStatus.VARIED: _l("Changed on appeal"),
}
_B = BarStatus
_HOLDS = frozenset({_B.IN_FORCE, _B.STAYED})
BAR = Workflow(
    "sanction_bar",
    BarStatus,
    [
        Transition("impose", frozenset({_B.MADE}), _B.IN_FORCE, _l("Put in force")),
        Transition("stay", frozenset({_B.IN_FORCE}), _B.STAYED, _l("Stay it")),
        Transition("resume", frozenset({_B.STAYED}), _B.IN_FORCE, _l("End the stay")),
        Transition("release", _HOLDS, _B.LIFTED, _l("Lifted")),
        Transition("lapse", _HOLDS, _B.LAPSED, _l("Lapse")),
        Transition("reverse", _HOLDS, _B.REVERSED, _l("Reverse it")),
        Transition("vary", _HOLDS, _B.VARIED, _l("Change it")),
    ],
)


class FineStatus(StrEnum):
    DUE = "due"
    STAYED = "stayed"
    PAID = "paid"
    CANCELLED = "cancelled"
    TO_PAY_BACK = "to_pay_back"
    PAID_BACK = "paid_back"


FINE_TITLES = {
    FineStatus.DUE: _l("To be paid"),
    FineStatus.STAYED: _l("Stayed on appeal"),
    FineStatus.PAID: _l("Paid"),
    FineStatus.CANCELLED: _l("Cancelled on appeal"),
    FineStatus.TO_PAY_BACK: _l("To be paid back to the agency"),
    FineStatus.PAID_BACK: _l("Paid back"),
}
_F = FineStatus
_MONEY = Permission.SECURITY_RECORD
FINE = Workflow(
    "sanction_fine",
    FineStatus,
    [
        Transition("pay", frozenset({_F.DUE, _F.STAYED}), _F.PAID, _l("Payment received"), _MONEY, False, "primary"),
        Transition("stay", frozenset({_F.DUE}), _F.STAYED, _l("Stay it")),
        Transition("resume", frozenset({_F.STAYED}), _F.DUE, _l("End the stay")),
        Transition("cancel", frozenset({_F.DUE, _F.STAYED}), _F.CANCELLED, _l("Cancel it")),
        Transition("owe_back", frozenset({_F.PAID}), _F.TO_PAY_BACK, _l("To be paid back")),
        Transition("pay_back", frozenset({_F.TO_PAY_BACK}), _F.PAID_BACK, _l("Paid back"), _MONEY, False, "primary"),
    ],
)


class LiftingStatus(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    LIFTED = "lifted"
    REFUSED = "refused"


LIFTING_TITLES = {
    LiftingStatus.PROPOSED: _l("Waits for the first of two deciders"),
    LiftingStatus.AGREED: _l("Waits for the second of two deciders"),
    LiftingStatus.LIFTED: _l("Lifted"),
    LiftingStatus.REFUSED: _l("Refused"),
}
_L = LiftingStatus
LIFTING = Workflow(
    "sanction_lifting",
    LiftingStatus,
    [
        Transition("agree", frozenset({_L.PROPOSED}), _L.AGREED, _l("Agree, as the first"), _DECIDE, True),
        Transition("lift", frozenset({_L.AGREED}), _L.LIFTED, _l("Agree, as the second: lift it"), _DECIDE, True),
        Transition("refuse", frozenset({_L.PROPOSED, _L.AGREED}), _L.REFUSED, _l("Refuse to lift"), _DECIDE, True),
    ],
)
