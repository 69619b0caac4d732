"""States of a licence application and of a licence, each with its one transition table."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class LicenceClass(StrEnum):
    A = "A"
    B = "B"
    C = "C"


class Procedure(StrEnum):
    """What an application asks for."""

    LICENCE = "licence"
    RENEWAL = "renewal"


PROCEDURE_TITLES = {
    Procedure.LICENCE: _l("Application for a licence"),
    Procedure.RENEWAL: _l("Application for the renewal of a licence"),
}


class ApplicationStatus(StrEnum):
    DRAFT = "draft"
    STOPPED = "stopped"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INSPECTION = "inspection"
    RETURNED = "returned"
    DECISION = "decision"
    SECOND_CHECK = "second_check"
    REFUSED = "refused"
    SECURITY_PENDING = "security_pending"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


APPLICATION_TITLES = {
    ApplicationStatus.DRAFT: _l("Being filled in"),
    ApplicationStatus.STOPPED: _l("Stopped for a check"),
    ApplicationStatus.SUBMITTED: _l("Waiting for an officer"),
    ApplicationStatus.IN_REVIEW: _l("An officer is looking at it"),
    ApplicationStatus.INSPECTION: _l("An inspector comes to the office"),
    ApplicationStatus.RETURNED: _l("Sent back to be mended"),
    ApplicationStatus.DECISION: _l("Waiting for the decision"),
    ApplicationStatus.SECOND_CHECK: _l("Waiting for a second approver"),
    ApplicationStatus.REFUSED: _l("Refused"),
    ApplicationStatus.SECURITY_PENDING: _l("Approved, security to be given"),
    ApplicationStatus.ISSUED: _l("Licence issued"),
    ApplicationStatus.WITHDRAWN: _l("Withdrawn"),
}


class Party(StrEnum):
    """Who has to act next."""

    OFFICE = "office"
    INSPECTOR = "inspector"
    AGENCY = "agency"


PARTY_TITLES = {
    Party.OFFICE: _l("The office"),
    Party.INSPECTOR: _l("The inspector"),
    Party.AGENCY: _l("The agency"),
}
# The same, as the agency reads it.
OWN_PARTY_TITLES = {**PARTY_TITLES, Party.AGENCY: _l("You")}
FINAL = frozenset({ApplicationStatus.REFUSED, ApplicationStatus.ISSUED, ApplicationStatus.WITHDRAWN})
# What the applicant sees instead: a stop for a check tells nothing about why, and no approval is told half.
APPLICANT_TITLES = {
    **APPLICATION_TITLES,
    ApplicationStatus.STOPPED: _l("Waiting for an officer"),
    ApplicationStatus.SECOND_CHECK: _l("Waiting for the decision"),
}
# Somebody has found it fit: a change of the facts after this makes the finding void.
FOUND_FIT = frozenset({ApplicationStatus.DECISION, ApplicationStatus.SECOND_CHECK, ApplicationStatus.SECURITY_PENDING})


def _t(
    action: str, sources: set[ApplicationStatus], target: ApplicationStatus, title: object, **more: object
) -> Transition[ApplicationStatus]:
    return Transition(action, frozenset(sources), target, title, **more)  # type: ignore[arg-type]


_A = ApplicationStatus
APPLICATION = Workflow(
    "licence_application",
    ApplicationStatus,
    [
        _t("submit", {_A.DRAFT}, _A.SUBMITTED, _l("Send the application"), tone="primary"),
        _t("stop", {_A.DRAFT}, _A.STOPPED, _l("Stop for a check")),
        _t("resubmit", {_A.RETURNED}, _A.IN_REVIEW, _l("Send it again"), tone="primary"),
        _t("resubmit_visit", {_A.RETURNED}, _A.INSPECTION, _l("Send it again"), tone="primary"),
        _t("stop_again", {_A.RETURNED}, _A.STOPPED, _l("Stop for a check")),
        # At any time before the licence: nobody is held in an application, or by a security that never comes.
        _t("withdraw", set(ApplicationStatus) - FINAL, _A.WITHDRAWN, _l("Withdraw")),
        _t(
            "release", {_A.STOPPED}, _A.SUBMITTED, _l("Not the same person: let it go on"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True,
        ),
        _t(
            "refuse_stopped", {_A.STOPPED}, _A.REFUSED, _l("The same person: refuse"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True, tone="danger",
        ),
        _t(
            "take", {_A.SUBMITTED}, _A.IN_REVIEW, _l("Begin the review"),
            permission=Permission.LICENCE_REVIEW, tone="primary",
        ),
        _t(
            "give_back", {_A.IN_REVIEW}, _A.SUBMITTED, _l("Give it back: another officer is drawn"),
            permission=Permission.LICENCE_REVIEW, needs_reason=True,
        ),
        _t(
            "return", {_A.IN_REVIEW}, _A.RETURNED, _l("Send it back to be mended"),
            permission=Permission.LICENCE_REVIEW,
        ),
        _t(
            "ask_visit", {_A.IN_REVIEW}, _A.INSPECTION, _l("Papers are in order: send an inspector"),
            permission=Permission.LICENCE_REVIEW, needs_reason=True, tone="primary",
        ),
        _t(
            "recommend", {_A.IN_REVIEW}, _A.DECISION, _l("Ready for decision"),
            permission=Permission.LICENCE_REVIEW, needs_reason=True, tone="primary",
        ),
        _t(
            "report", {_A.INSPECTION}, _A.DECISION, _l("Hand in the report of the visit"),
            permission=Permission.LICENCE_INSPECT, needs_reason=True, tone="primary",
        ),
        _t(
            "return_visit", {_A.INSPECTION}, _A.RETURNED, _l("Send it back to be mended"),
            permission=Permission.LICENCE_INSPECT,
        ),
        _t(
            "send_back", {_A.DECISION}, _A.IN_REVIEW, _l("Back to the reviewer"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True,
        ),
        _t(
            "approve", {_A.DECISION}, _A.SECURITY_PENDING, _l("Approve"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True, tone="primary",
        ),
        _t(
            "approve_first", {_A.DECISION}, _A.SECOND_CHECK, _l("Approve; a second approver must agree"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True, tone="primary",
        ),
        _t(
            "confirm", {_A.SECOND_CHECK}, _A.SECURITY_PENDING, _l("Agree with the approval"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True, tone="primary",
        ),
        _t(
            "disagree", {_A.SECOND_CHECK}, _A.IN_REVIEW, _l("Disagree: back to the reviewer"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True,
        ),
        # The facts are no longer the ones that somebody found fit. Done by the portal, never by a button.
        _t("void", {_A.INSPECTION, *FOUND_FIT}, _A.IN_REVIEW, _l("The facts have changed: reviewed again")),
        _t(
            "refuse", {_A.DECISION}, _A.REFUSED, _l("Refuse"),
            permission=Permission.LICENCE_APPROVE, needs_reason=True, tone="danger",
        ),
        # Decided in the appeal of a refusal, by an officer who took no step before: other officers look at it afresh.
        _t("reverse", {_A.REFUSED}, _A.IN_REVIEW, _l("The appeal was right: reviewed again")),
        _t("reverse_stopped", {_A.REFUSED}, _A.STOPPED, _l("The appeal was right: compared again")),
        _t(
            "issue", {_A.SECURITY_PENDING}, _A.ISSUED, _l("Security is complete: issue the licence"),
            permission=Permission.SECURITY_RECORD, tone="primary",
        ),
    ],
)  # fmt: skip


class AppealStatus(StrEnum):
    """An appeal against the refusal of an application."""

    LODGED = "lodged"
    UPHELD = "upheld"
    REVERSED = "reversed"


APPEAL_TITLES = {
    AppealStatus.LODGED: _l("Appeal waiting for a decision"),
    AppealStatus.UPHELD: _l("Appeal rejected: the refusal stands"),
    AppealStatus.REVERSED: _l("Appeal granted: looked at again by others"),
}
_P = AppealStatus
APPEAL = Workflow(
    "licence_appeal",
    AppealStatus,
    [
        Transition(
            "uphold", frozenset({_P.LODGED}), _P.UPHELD, _l("The refusal stands"), Permission.SANCTION_APPEAL, True,
            "danger",
        ),
        Transition(
            "reverse", frozenset({_P.LODGED}), _P.REVERSED, _l("Reverse the refusal"), Permission.SANCTION_APPEAL, True
        ),
    ],
)  # fmt: skip


class PaperKind(StrEnum):
    """A document that the office makes out for the agency."""

    RECEIPT = "receipt"
    DEFECT_LETTER = "defect_letter"
    INSPECTION_REPORT = "inspection_report"
    LETTER_OF_INTENT = "letter_of_intent"
    REFUSAL = "refusal"
    APPEAL_DECISION = "appeal_decision"


PAPER_TITLES = {
    PaperKind.RECEIPT: _l("Receipt of the application"),
    PaperKind.DEFECT_LETTER: _l("Letter with what is to be mended"),
    PaperKind.INSPECTION_REPORT: _l("Report of the visit"),
    PaperKind.LETTER_OF_INTENT: _l("Letter of intent"),
    PaperKind.REFUSAL: _l("Refusal"),
    PaperKind.APPEAL_DECISION: _l("Decision on the appeal"),
}


class LicenceStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    SURRENDERED = "surrendered"
    CANCELLED = "cancelled"


LICENCE_TITLES = {
    LicenceStatus.ACTIVE: _l("Licensed"),
    LicenceStatus.SUSPENDED: _l("Suspended"),
    LicenceStatus.EXPIRED: _l("Expired"),
    LicenceStatus.SURRENDERED: _l("Given up by the agency"),
    LicenceStatus.CANCELLED: _l("Cancelled"),
}
_S = LicenceStatus
LICENCE = Workflow(
    "licence",
    LicenceStatus,
    [
        Transition("suspend", frozenset({_S.ACTIVE}), _S.SUSPENDED, _l("Suspend"), Permission.SANCTION_DECIDE, True),
        Transition("reinstate", frozenset({_S.SUSPENDED}), _S.ACTIVE, _l("Lift"), Permission.SANCTION_DECIDE, True),
        Transition(
            "cancel", frozenset({_S.ACTIVE, _S.SUSPENDED, _S.EXPIRED}), _S.CANCELLED, _l("Cancel"),
            Permission.SANCTION_DECIDE, True, "danger",
        ),
        Transition("come_back", frozenset({_S.SUSPENDED}), _S.ACTIVE, _l("The suspension has lapsed")),
        Transition("hold", frozenset({_S.ACTIVE}), _S.SUSPENDED, _l("Suspended by the system or on appeal")),
        Transition("restore", frozenset({_S.CANCELLED}), _S.ACTIVE, _l("Given back by a stay or an appeal")),
        Transition(
            "cancel_again", frozenset({_S.ACTIVE, _S.SUSPENDED, _S.EXPIRED}), _S.CANCELLED, _l("Cancelled after a stay")
        ),
        Transition("expire", frozenset({_S.ACTIVE, _S.SUSPENDED}), _S.EXPIRED, _l("Expire")),
        Transition(
            "renew", frozenset({_S.ACTIVE, _S.EXPIRED}), _S.ACTIVE, _l("Renew"), Permission.SECURITY_RECORD,
            tone="primary",
        ),
        Transition(
            "surrender", frozenset({_S.ACTIVE}), _S.SURRENDERED, _l("Give up the licence"), None, True, "danger"
        ),
    ],
)  # fmt: skip


class SecurityKind(StrEnum):
    CASH = "cash"
    GUARANTEE = "guarantee"


class MatchKind(StrEnum):
    IDENTIFIER = "identifier"
    NAME_AND_BIRTH = "name_and_birth"


class Standing(StrEnum):
    """How an agency stands on a day: what the register shows and what other packages ask for."""

    LICENSED = "licensed"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    BLACKLISTED = "blacklisted"
    CANCELLED = "cancelled"
    SURRENDERED = "surrendered"
    NOT_LICENSED = "not_licensed"


STANDING_TITLES = {
    Standing.LICENSED: _l("Licensed"),
    Standing.SUSPENDED: _l("Suspended"),
    Standing.EXPIRED: _l("Expired"),
    Standing.BLACKLISTED: _l("Blacklisted"),
    Standing.CANCELLED: _l("Cancelled"),
    Standing.SURRENDERED: _l("Given up by the agency"),
    Standing.NOT_LICENSED: _l("Not licensed"),
}
