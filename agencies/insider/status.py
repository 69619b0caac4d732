"""Words of the insider controls: stages of a case, why somebody was drawn, what two parties have in common."""

from enum import StrEnum

from core.i18n import _l
from core.permissions import Permission


class Stage(StrEnum):
    """One officer's part of an application. Nobody has two of them."""

    REVIEW = "review"
    INSPECTION = "inspection"
    CHECK = "check"
    DECISION = "decision"
    SECOND = "second"


STAGE_TITLES = {
    Stage.REVIEW: _l("Review"),
    Stage.INSPECTION: _l("Visit"),
    Stage.CHECK: _l("Comparison with the blacklist"),
    Stage.DECISION: _l("Decision"),
    Stage.SECOND: _l("Second approval"),
}
STAGE_PERMISSION = {
    Stage.REVIEW: Permission.LICENCE_REVIEW,
    Stage.INSPECTION: Permission.LICENCE_INSPECT,
    Stage.CHECK: Permission.LICENCE_APPROVE,
    Stage.DECISION: Permission.LICENCE_APPROVE,
    Stage.SECOND: Permission.LICENCE_APPROVE,
}
# The application's column that names who has the stage now.
POINTER = {
    Stage.REVIEW: "reviewer_id",
    Stage.INSPECTION: "inspector_id",
    Stage.CHECK: "approver_id",
    Stage.DECISION: "approver_id",
    Stage.SECOND: "second_approver_id",
}
# What an officer does in a stage: whoever has done one of these has touched the case in that stage.
STAGE_ACTIONS = {
    Stage.REVIEW: ("take", "give_back", "return", "ask_visit", "recommend"),
    Stage.INSPECTION: ("report", "return_visit"),
    Stage.CHECK: ("release", "refuse_stopped"),
    Stage.DECISION: ("approve", "approve_first", "refuse", "send_back"),
    Stage.SECOND: ("confirm", "disagree"),
}


class Why(StrEnum):
    """Why an officer was drawn."""

    CAME_IN = "came_in"
    AWAY = "away"
    TIED = "tied"
    GIVEN_BACK = "given_back"
    WAITED = "waited"


WHY_TITLES = {
    Why.CAME_IN: _l("The case came to this stage"),
    Why.AWAY: _l("The officer before is away or has another post"),
    Why.TIED: _l("The officer before has a tie to the agency"),
    Why.GIVEN_BACK: _l("The officer before gave it back"),
    Why.WAITED: _l("Nobody was there before"),
}


class MarkKind(StrEnum):
    """What two parties may have in common. A surname is none of these."""

    IDENTIFIER = "identifier"
    ADDRESS = "address"
    BANK_ACCOUNT = "bank_account"
    PHONE = "phone"
    MEMBER = "member"


MARK_TITLES = {
    MarkKind.IDENTIFIER: _l("the same identity paper"),
    MarkKind.ADDRESS: _l("the same address"),
    MarkKind.BANK_ACCOUNT: _l("the same bank account"),
    MarkKind.PHONE: _l("the same telephone"),
    MarkKind.MEMBER: _l("the same person acts for both"),
}
# One person or one account behind both: certain. A house or a telephone may be shared by strangers: a warning.
CERTAIN = frozenset({MarkKind.IDENTIFIER, MarkKind.BANK_ACCOUNT, MarkKind.MEMBER})


class TieKind(StrEnum):
    """What an officer declares."""

    FAMILY = "family"
    BUSINESS = "business"
    WORKED_THERE = "worked_there"
    OTHER = "other"


TIE_TITLES = {
    TieKind.FAMILY: _l("A relative or a close friend works there or owns it"),
    TieKind.BUSINESS: _l("I have, or had, money or business in it"),
    TieKind.WORKED_THERE: _l("I worked there"),
    TieKind.OTHER: _l("Another reason why I should not decide"),
}
