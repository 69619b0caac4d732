"""States of putting another owner in the place of one who died, left or can't be reached."""

from enum import StrEnum

from core.i18n import _l
from core.workflow import Transition, Workflow


class Ground(StrEnum):
    """Why the owner is lost, and what shows it."""

    DEATH = "death"
    COURT_ORDER = "court_order"
    COMPANY_REGISTER = "company_register"
    UNREACHABLE = "unreachable"


class ReplacementStatus(StrEnum):
    PROPOSED = "proposed"
    NOTICE = "notice"
    OBJECTED = "objected"
    INVITED = "invited"
    DONE = "done"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


class Stage(StrEnum):
    """Steps that are drawn for an officer."""

    DECISION = "decision"
    OBJECTION = "objection"


S = ReplacementStatus
OPEN = frozenset({S.PROPOSED, S.NOTICE, S.OBJECTED, S.INVITED})
HELD = frozenset({S.PROPOSED, S.NOTICE, S.OBJECTED})
STAGE_OF = {S.PROPOSED: Stage.DECISION, S.OBJECTED: Stage.OBJECTION}

OWNER_REPLACEMENT = Workflow(
    "owner_replacement",
    ReplacementStatus,
    [
        # Who may take a step depends on the kind of organisation, and on who took the one before: the service asks.
        Transition(
            "give_notice", frozenset({S.PROPOSED}), S.NOTICE, _l("Agreed: the owner of now is told and can object"),
            needs_reason=True,
        ),
        Transition(
            "agree", frozenset({S.PROPOSED}), S.INVITED, _l("Agreed: nobody is left to be heard"), needs_reason=True,
        ),
        Transition(
            "refuse", frozenset({S.PROPOSED}), S.REFUSED, _l("Refuse"), needs_reason=True, tone="danger"
        ),
        Transition("object", frozenset({S.NOTICE}), S.OBJECTED, _l("The owner objects"), needs_reason=True),
        Transition("go_on", frozenset({S.NOTICE}), S.INVITED, _l("No objection came in time")),
        Transition(
            "overrule", frozenset({S.OBJECTED}), S.INVITED, _l("Go on in spite of the objection"), needs_reason=True,
            tone="danger",
        ),
        Transition("uphold", frozenset({S.OBJECTED}), S.REFUSED, _l("The owner stays"), needs_reason=True, tone="primary"),
        Transition("invite_again", frozenset({S.INVITED}), S.INVITED, _l("Invited again")),
        Transition("accept", frozenset({S.INVITED}), S.DONE, _l("The new owner has come in")),
        Transition("take_back", OPEN, S.TAKEN_BACK, _l("Take it back"), needs_reason=True),
        Transition("lapse", OPEN, S.LAPSED, _l("Came to nothing")),
    ],
)  # fmt: skip

STAGE_TITLES = {Stage.DECISION: _l("Decision"), Stage.OBJECTION: _l("Decision on the objection")}
GROUND_TITLES = {
    Ground.DEATH: _l("The owner has died"),
    Ground.COURT_ORDER: _l("A court has ordered it"),
    Ground.COMPANY_REGISTER: _l("The company register names another person"),
    Ground.UNREACHABLE: _l("The owner has left or can’t be reached"),
}
STATUS_TITLES = {
    S.PROPOSED: _l("waits for a second officer"),
    S.NOTICE: _l("the owner of now can object"),
    S.OBJECTED: _l("the owner has objected"),
    S.INVITED: _l("the new owner is invited"),
    S.DONE: _l("the new owner has come in"),
    S.REFUSED: _l("refused"),
    S.TAKEN_BACK: _l("taken back"),
    S.LAPSED: _l("came to nothing"),
}
TONES = {
    S.PROPOSED: "wait", S.NOTICE: "wait", S.OBJECTED: "warn", S.INVITED: "note", S.DONE: "good", S.REFUSED: "bad",
}  # fmt: skip
