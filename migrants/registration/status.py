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
    MORE_ASKED = "more_asked"
    EXTERNAL_PENDING = "external_pending"
    PROTECTION = "protection"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    MERGED = "merged"
    CLOSED = "closed"


S = MigrantStatus
BEFORE = frozenset({S.STARTED, S.CONTACT_VERIFIED, S.MORE_ASKED})
WITH_OFFICER = frozenset({S.MISMATCH, S.POSSIBLE_DUPLICATE})

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
            "merge", frozenset({S.POSSIBLE_DUPLICATE}), S.MERGED, _l("The same person: close this record"),
            permission=Permission.IDENTITY_APPROVE, needs_reason=True, tone="danger",
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

STATUS_TITLES = {
    S.STARTED: _l("begun"),
    S.CONTACT_VERIFIED: _l("telephone confirmed"),
    S.IDENTITY_SUBMITTED: _l("sent"),
    S.MATCHED: _l("everything fits"),
    S.MISMATCH: _l("an officer looks at it"),
    S.POSSIBLE_DUPLICATE: _l("an officer looks at it"),
    S.MORE_ASKED: _l("something is missing"),
    S.EXTERNAL_PENDING: _l("we wait for a register"),
    S.PROTECTION: _l("a helper will talk with you"),
    S.VERIFIED: _l("verified"),
    S.SUSPENDED: _l("suspended"),
    S.MERGED: _l("closed: there is another record"),
    S.CLOSED: _l("closed"),
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
