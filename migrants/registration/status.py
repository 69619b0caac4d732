"""States of a migrant's registration and identity."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class MigrantStatus(StrEnum):
    STARTED = "started"
    CONTACT_VERIFIED = "contact_verified"
    IDENTITY_SUBMITTED = "identity_submitted"
    MATCHED = "matched"
    MISMATCH = "mismatch"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    PASSED_ON = "passed_on"
    MORE_ASKED = "more_asked"
    EXTERNAL_PENDING = "external_pending"
    PROTECTION = "protection"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    MERGED = "merged"
    CLOSED = "closed"


S = MigrantStatus
BEFORE = frozenset({S.STARTED, S.CONTACT_VERIFIED, S.MORE_ASKED})
WITH_OFFICER = frozenset({S.MISMATCH, S.POSSIBLE_DUPLICATE, S.PASSED_ON})

migrant_workflow = Workflow(
    "migrant",
    MigrantStatus,
    [
        Transition("confirm_contact", frozenset({S.STARTED}), S.CONTACT_VERIFIED, _l("Telephone confirmed")),
        Transition("submit_identity", BEFORE, S.IDENTITY_SUBMITTED, _l("Identity sent"), tone="primary"),
        Transition("match", frozenset({S.IDENTITY_SUBMITTED}), S.MATCHED, _l("Everything fits")),
        Transition("find_mismatch", frozenset({S.IDENTITY_SUBMITTED}), S.MISMATCH, _l("An officer will look at this")),
        Transition("find_duplicate", frozenset({S.IDENTITY_SUBMITTED}), S.POSSIBLE_DUPLICATE, _l("An officer will look at this")),
        # A register that does not answer stops nothing but the clearance: the schedule asks again.
        Transition("wait_for_register", frozenset({S.IDENTITY_SUBMITTED}), S.EXTERNAL_PENDING, _l("Waiting for a register")),
        Transition("resume", frozenset({S.EXTERNAL_PENDING}), S.IDENTITY_SUBMITTED, _l("The register answers again")),
        Transition("refer_minor", BEFORE | {S.IDENTITY_SUBMITTED}, S.PROTECTION, _l("Sent to child protection")),
        Transition(
            "take_back", WITH_OFFICER | {S.IDENTITY_SUBMITTED, S.EXTERNAL_PENDING}, S.MORE_ASKED,
            _l("Taken back by the person, to correct it"),
        ),
        Transition(
            "pass_on", frozenset({S.MISMATCH, S.POSSIBLE_DUPLICATE}), S.PASSED_ON, _l("Pass it on: an approver decides"),
            permission=Permission.IDENTITY_REVIEW, needs_reason=True,
        ),
        Transition("verify", frozenset({S.MATCHED}), S.VERIFIED, _l("Verified")),
        Transition(
            "accept", WITH_OFFICER, S.VERIFIED, _l("Verify this person"),
            permission=Permission.IDENTITY_REVIEW, needs_reason=True, tone="primary",
        ),
        Transition(
            "ask_more", WITH_OFFICER, S.MORE_ASKED, _l("Ask for more"),
            permission=Permission.IDENTITY_REVIEW, needs_reason=True,
        ),
        Transition(
            "refuse", WITH_OFFICER, S.CLOSED, _l("Refuse and close"),
            permission=Permission.IDENTITY_APPROVE, needs_reason=True, tone="danger",
        ),
        Transition(
            "merge", frozenset({S.POSSIBLE_DUPLICATE, S.PASSED_ON}), S.MERGED, _l("The same person: close this record"),
            permission=Permission.IDENTITY_APPROVE, needs_reason=True, tone="danger",
        ),
        Transition(
            "note_protection", frozenset({S.PROTECTION}), S.PROTECTION, _l("Write a note"),
            permission=Permission.CHILD_PROTECTION, needs_reason=True,
        ),
        Transition(
            "refer_protection", frozenset({S.PROTECTION}), S.PROTECTION, _l("Refer to a child-protection body"),
            permission=Permission.CHILD_PROTECTION, needs_reason=True, tone="primary",
        ),
        Transition(
            "keep_protection", frozenset({S.PROTECTION}), S.PROTECTION, _l("No registration now: look again on a day"),
            permission=Permission.CHILD_PROTECTION, needs_reason=True,
        ),
        Transition(
            "return_from_protection", frozenset({S.PROTECTION}), S.MORE_ASKED, _l("Age shown: let the person go on"),
            permission=Permission.CHILD_PROTECTION, needs_reason=True,
        ),
        Transition(
            "suspend", frozenset({S.VERIFIED}), S.SUSPENDED, _l("Suspend"),
            permission=Permission.IDENTITY_APPROVE, needs_reason=True, tone="danger",
        ),
        Transition(
            "reinstate", frozenset({S.SUSPENDED}), S.VERIFIED, _l("Lift the suspension"),
            permission=Permission.IDENTITY_APPROVE, needs_reason=True,
        ),
        Transition("close", BEFORE, S.CLOSED, _l("Close my registration"), tone="danger"),
    ],
)  # fmt: skip

# Steps of child protection that leave the person protected; ``protecting`` takes them.
PROTECTING = ("note_protection", "refer_protection", "keep_protection")

STATUS_TITLES = {
    S.STARTED: _l("begun"),
    S.CONTACT_VERIFIED: _l("telephone confirmed"),
    S.IDENTITY_SUBMITTED: _l("sent"),
    S.MATCHED: _l("everything fits"),
    S.MISMATCH: _l("an officer looks at it"),
    S.POSSIBLE_DUPLICATE: _l("an officer looks at it"),
    S.PASSED_ON: _l("an officer looks at it"),
    S.MORE_ASKED: _l("something is missing"),
    S.EXTERNAL_PENDING: _l("we wait for a register"),
    S.PROTECTION: _l("a helper will talk with you"),
    S.VERIFIED: _l("verified"),
    S.SUSPENDED: _l("suspended"),
    S.MERGED: _l("closed: there is another record"),
    S.CLOSED: _l("closed"),
}

# The same states for those who work on them: no word in them speaks to the person.
OFFICER_TITLES = {
    **STATUS_TITLES,
    S.MISMATCH: _l("something does not fit"),
    S.POSSIBLE_DUPLICATE: _l("perhaps a person who is registered already"),
    S.PASSED_ON: _l("passed on: an approver decides"),
    S.MORE_ASKED: _l("more was asked of the person"),
    S.EXTERNAL_PENDING: _l("a register does not answer"),
    S.PROTECTION: _l("with child protection"),
}

STATUS_TONES = {
    S.VERIFIED: "good",
    S.MATCHED: "good",
    S.MORE_ASKED: "warn",
    S.SUSPENDED: "bad",
    S.MERGED: "plain",
    S.CLOSED: "plain",
}


class CheckVerdict(StrEnum):
    """What an identity check found."""

    MATCH = "match"
    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"
    MINOR = "minor"
    UNKNOWN = "unknown"


class PhotoState(StrEnum):
    """How far the reading of a passport photo is."""

    NONE = "none"
    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"


class IdentityBasis(StrEnum):
    """What an identity at level 1 rests on."""

    TYPED = "typed"
    PHOTO = "photo"
    OFFICER = "officer"


# Said to the person: what was found, and nothing more.
BASIS_TOLD = {
    IdentityBasis.TYPED: _l(
        "The lines of your passport fit what you typed. Nobody has seen your passport or compared its picture with you yet."
    ),
    IdentityBasis.PHOTO: _l(
        "The lines in the photo of your passport fit what you typed. Nobody has compared the picture with you yet."
    ),
    IdentityBasis.OFFICER: _l("An officer has looked at your details and accepted them."),
}
BASIS_TITLES = {
    IdentityBasis.TYPED: _l("lines typed by the person; no photo of the page was read"),
    IdentityBasis.PHOTO: _l("lines read from a photo of the page; nobody has compared the face"),
    IdentityBasis.OFFICER: _l("accepted by an officer"),
}


SEX_TITLES = {"F": _l("Female (F)"), "M": _l("Male (M)"), "X": _l("Other (X)")}


class RecoveryStatus(StrEnum):
    """A new secret for somebody whose telephone or secret is lost."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    USED = "used"
    REFUSED = "refused"


recovery_workflow = Workflow(
    "access_recovery",
    RecoveryStatus,
    [
        Transition(
            "confirm", frozenset({RecoveryStatus.PROPOSED}), RecoveryStatus.CONFIRMED, _l("Confirm"),
            permission=Permission.RECOVERY_CONFIRM, tone="primary",
        ),
        Transition(
            "refuse", frozenset({RecoveryStatus.PROPOSED}), RecoveryStatus.REFUSED, _l("Refuse"),
            permission=Permission.RECOVERY_CONFIRM, needs_reason=True, tone="danger",
        ),
        Transition("use", frozenset({RecoveryStatus.CONFIRMED}), RecoveryStatus.USED, _l("New secret set")),
    ],
)  # fmt: skip
