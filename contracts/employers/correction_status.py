"""A correction of what is written about an employer: proposed by the employer, decided by its mission."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class CorrectionKind(StrEnum):
    """``signatory``: who signs, or a contact of theirs; the mission has to see them anew."""

    DETAILS = "details"
    SIGNATORY = "signatory"


class CorrectionStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CORRECTION_KINDS = {
    CorrectionKind.DETAILS: _l("Name, address, what the company does"),
    CorrectionKind.SIGNATORY: _l("Who signs, and how to reach them"),
}
CORRECTION_TITLES = {
    CorrectionStatus.PROPOSED: (_l("waits for the mission"), "wait"),
    CorrectionStatus.ACCEPTED: (_l("accepted"), "good"),
    CorrectionStatus.REFUSED: (_l("refused"), "bad"),
    CorrectionStatus.WITHDRAWN: (_l("withdrawn"), "plain"),
}
_S = CorrectionStatus
_DECIDE = Permission.EMPLOYER_VERIFY
CORRECTION = Workflow(
    "employer_correction",
    CorrectionStatus,
    [
        Transition("accept", frozenset({_S.PROPOSED}), _S.ACCEPTED, _l("Accept it"), _DECIDE, True, "primary"),
        Transition("refuse", frozenset({_S.PROPOSED}), _S.REFUSED, _l("Refuse it"), _DECIDE, True, "danger"),
        Transition("withdraw", frozenset({_S.PROPOSED}), _S.WITHDRAWN, _l("Withdraw it")),
    ],
)
