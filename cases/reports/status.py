"""Reports of recruiters: what becomes of one, and what becomes of the note that goes from it to licensing."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class ReportStatus(StrEnum):
    RECEIVED = "received"
    TRIAGE = "triage"
    ACCEPTED = "accepted"
    REDIRECTED = "redirected"
    ANSWERED = "answered"
    CLOSING = "closing"
    CLOSED = "closed"


class Category(StrEnum):
    DANGER = "danger"
    FORCED_LABOUR = "forced_labour"
    UNLICENSED = "unlicensed"
    LICENSED = "licensed"


class Indicator(StrEnum):
    """The ILO's indicators of forced labour (2012)."""

    VULNERABILITY = "vulnerability"
    DECEPTION = "deception"
    MOVEMENT = "movement"
    ISOLATION = "isolation"
    VIOLENCE = "violence"
    THREATS = "threats"
    DOCUMENTS = "documents"
    WAGES = "wages"
    DEBT = "debt"
    CONDITIONS = "conditions"
    OVERTIME = "overtime"


class Share(StrEnum):
    """What the reporter lets the licensing office have."""

    NOTHING = "nothing"
    FACTS = "facts"
    WORDS = "words"


class Speaker(StrEnum):
    """Whose message: the reporter's, the answer to the reporter, a note that officers alone read."""

    REPORTER = "reporter"
    ANSWER = "answer"
    NOTE = "note"


class ReferralStatus(StrEnum):
    SENT = "sent"
    IN_HAND = "in_hand"
    DONE = "done"
    DECLINED = "declined"


STATUS_TITLES = {
    ReportStatus.RECEIVED: _l("Received"),
    ReportStatus.TRIAGE: _l("An officer reads it"),
    ReportStatus.ACCEPTED: _l("Taken on"),
    ReportStatus.REDIRECTED: _l("Passed on"),
    ReportStatus.ANSWERED: _l("Answered"),
    # The reporter learns of a closing when a second officer has confirmed it.
    ReportStatus.CLOSING: _l("An officer reads it"),
    ReportStatus.CLOSED: _l("Finished"),
}
STAFF_TITLES = STATUS_TITLES | {ReportStatus.CLOSING: _l("“Not for us” is proposed")}
CATEGORY_TITLES = {
    Category.DANGER: _l("Somebody is in danger now"),
    Category.FORCED_LABOUR: _l("Signs of forced labour"),
    Category.UNLICENSED: _l("Recruiting without a licence"),
    Category.LICENSED: _l("A licensed agency breaks the rules"),
}
INDICATOR_TITLES = {
    Indicator.VULNERABILITY: _l("Somebody’s weak position is used"),
    Indicator.DECEPTION: _l("Deception"),
    Indicator.MOVEMENT: _l("Not free to leave"),
    Indicator.ISOLATION: _l("Cut off from others"),
    Indicator.VIOLENCE: _l("Physical or sexual violence"),
    Indicator.THREATS: _l("Threats"),
    Indicator.DOCUMENTS: _l("Passport or papers kept back"),
    Indicator.WAGES: _l("Wages withheld"),
    Indicator.DEBT: _l("Bound by debt"),
    Indicator.CONDITIONS: _l("Abusive work or lodging"),
    Indicator.OVERTIME: _l("Excessive overtime"),
}
SHARE_TITLES = {
    Share.NOTHING: _l("Nothing"),
    Share.FACTS: _l("Only whom it is about: name, telephone, place, what was asked for"),
    Share.WORDS: _l("That, and what I wrote about it"),
}
REFERRAL_TITLES = {
    ReferralStatus.SENT: _l("Waits at licensing"),
    ReferralStatus.IN_HAND: _l("Licensing works on it"),
    ReferralStatus.DONE: _l("Licensing has acted"),
    ReferralStatus.DECLINED: _l("Licensing did not act"),
}

_S, _R = ReportStatus, Permission.REPORT_READ
REPORT = Workflow(
    "report",
    ReportStatus,
    [
        Transition("take", frozenset({_S.RECEIVED}), _S.TRIAGE, _l("Take it"), _R, tone="primary"),
        Transition("accept", frozenset({_S.TRIAGE}), _S.ACCEPTED, _l("Take it on"), _R, tone="primary"),
        Transition("redirect", frozenset({_S.TRIAGE, _S.ACCEPTED}), _S.REDIRECTED, _l("Pass it to licensing"), _R),
        Transition("answer", frozenset({_S.ACCEPTED, _S.REDIRECTED}), _S.ANSWERED, _l("Answer it"), _R, tone="primary"),
        Transition("close", frozenset({_S.ANSWERED}), _S.CLOSED, _l("Close it"), _R),
        Transition("propose_closing", frozenset({_S.TRIAGE}), _S.CLOSING, _l("Not for us"), _R),
        Transition("confirm_closing", frozenset({_S.CLOSING}), _S.CLOSED, _l("Not for us, indeed"), _R, tone="danger"),
        Transition("keep", frozenset({_S.CLOSING}), _S.TRIAGE, _l("It is for us"), _R),
        Transition("reopen", frozenset({_S.ANSWERED, _S.CLOSED}), _S.TRIAGE, _l("Open it again"), _R),
    ],
)
_F, _H = ReferralStatus, Permission.REFERRAL_HANDLE
REFERRAL = Workflow(
    "licensing_referral",
    ReferralStatus,
    [
        Transition("take", frozenset({_F.SENT}), _F.IN_HAND, _l("Take it"), _H, tone="primary"),
        Transition("finish", frozenset({_F.IN_HAND}), _F.DONE, _l("We have acted"), _H, True, "primary"),
        Transition("decline", frozenset({_F.SENT, _F.IN_HAND}), _F.DECLINED, _l("We do not act"), _H, True),
    ],
)
