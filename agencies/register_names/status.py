"""A further name of an agency: what kinds there are, and what becomes of a proposed one."""

from enum import StrEnum

from agencies.register.models import NameUse
from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition, Workflow


class Script(StrEnum):
    """ISO 15924 codes of the scripts that the register is searched in."""

    LATIN = "Latn"
    DEVANAGARI = "Deva"
    BENGALI = "Beng"
    ARABIC = "Arab"
    SINHALA = "Sinh"


class NameStatus(StrEnum):
    PROPOSED = "proposed"
    STOPPED = "stopped"
    IN_REGISTER = "in_register"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STRUCK = "struck"


# What may be proposed; an earlier name comes in by itself when an agency is renamed.
PROPOSABLE = (NameUse.TRADE, NameUse.OTHER_SCRIPT)
USE_TITLES = {
    NameUse.TRADE: _l("Trade name"),
    NameUse.OTHER_SCRIPT: _l("Name in another script"),
    NameUse.SHORT: _l("Short name"),
    NameUse.FORMER: _l("Earlier name"),
}
SCRIPT_TITLES = {
    Script.LATIN: _l("Latin (English)"),
    Script.DEVANAGARI: _l("Devanagari (Nepali, Hindi)"),
    Script.BENGALI: _l("Bengali"),
    Script.ARABIC: _l("Arabic script (Urdu)"),
    Script.SINHALA: _l("Sinhala"),
}
STATUS_TITLES = {
    NameStatus.PROPOSED: _l("Waits for an officer"),
    NameStatus.STOPPED: _l("Stopped: looks like another agency’s name"),
    NameStatus.IN_REGISTER: _l("In the register"),
    NameStatus.REFUSED: _l("Refused"),
    NameStatus.WITHDRAWN: _l("Withdrawn"),
    NameStatus.STRUCK: _l("Struck from the register"),
}
# What the agency sees instead: a stop tells nothing about why, as with an application.
AGENCY_TITLES = {**STATUS_TITLES, NameStatus.STOPPED: _l("Waits for an officer")}
TONES = {
    NameStatus.PROPOSED: "wait",
    NameStatus.STOPPED: "wait",
    NameStatus.IN_REGISTER: "good",
    NameStatus.REFUSED: "bad",
    NameStatus.WITHDRAWN: "note",
    NameStatus.STRUCK: "bad",
}
_S = NameStatus
OPEN = frozenset({_S.PROPOSED, _S.STOPPED, _S.IN_REGISTER})
_REVIEW, _APPROVE = Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE
NAME = Workflow(
    "name_proposal",
    NameStatus,
    [
        Transition("stop", frozenset({_S.PROPOSED}), _S.STOPPED, _l("Stop it for an approver")),
        Transition(
            "agree", frozenset({_S.PROPOSED}), _S.IN_REGISTER, _l("Put it in the register"), _REVIEW, True, "primary"
        ),
        Transition("refuse", frozenset({_S.PROPOSED}), _S.REFUSED, _l("Refuse it"), _REVIEW, True, "danger"),
        Transition(
            "release", frozenset({_S.STOPPED}), _S.PROPOSED, _l("It can’t be mistaken: let it go on"), _APPROVE, True,
            "primary",
        ),
        Transition(
            "refuse_stopped", frozenset({_S.STOPPED}), _S.REFUSED, _l("It can be mistaken: refuse"), _APPROVE, True,
            "danger",
        ),
        Transition(
            "strike", frozenset({_S.IN_REGISTER}), _S.STRUCK, _l("Strike it from the register"), _APPROVE, True, "danger"
        ),
        Transition("withdraw", OPEN, _S.WITHDRAWN, _l("Withdraw it")),
    ],
)  # fmt: skip
