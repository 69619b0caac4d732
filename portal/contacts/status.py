"""States of a change of one's own e-mail address or telephone number."""

from enum import StrEnum

from core.i18n import _l
from core.workflow import Transition, Workflow


class ContactKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


class ChangeStatus(StrEnum):
    ASKED = "asked"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


S = ChangeStatus
OPEN = frozenset({S.ASKED, S.WAITING})

CONTACT_CHANGE = Workflow(
    "contact_change",
    ChangeStatus,
    [
        # An account without any contact: nobody could be told, and nothing waits.
        Transition("take_first", frozenset({S.ASKED}), S.DONE, _l("First one confirmed")),
        Transition("prove", frozenset({S.ASKED}), S.WAITING, _l("New one confirmed")),
        Transition("take_effect", frozenset({S.WAITING}), S.DONE, _l("The new one counts")),
        Transition("stop", frozenset({S.WAITING}), S.STOPPED, _l("Stopped: “this was not me”"), tone="danger"),
        Transition("take_back", OPEN, S.TAKEN_BACK, _l("Taken back by the person")),
        Transition("lapse", OPEN, S.LAPSED, _l("Came to nothing")),
    ],
)

STATUS_TITLES = {
    S.ASKED: _l("waits for the code"),
    S.WAITING: _l("waits, so that the person can still stop it"),
    S.DONE: _l("changed"),
    S.STOPPED: _l("stopped by the person"),
    S.TAKEN_BACK: _l("taken back"),
    S.LAPSED: _l("came to nothing"),
}
