"""The task list of a registration: what is done, what is missing, where to do it."""

from typing import Any

from flask import url_for

from core.accounts import OfficeKind
from core.i18n import _l
from law.country import deployment
from migrants.registration.queries import Registration
from migrants.registration.status import PhotoState, migrant_workflow

PURPOSES = {
    "review": _l("it was in the officer's queue"),
    "request": _l("you asked for it"),
    "complaint": _l("because of a complaint"),
    "airport": _l("at the airport"),
}
EVENTS = {
    "begin": _l("You began your registration"),
    "read": _l("Your record was opened"),
    "found": _l("Your record was found in a search"),
    "renew_passport": _l("Your new passport was taken up"),
}


def event_words(action: str) -> Any:
    """What happened, for the person it happened to."""
    if action in EVENTS:
        return EVENTS[action]
    arrow = migrant_workflow.transitions.get(action)
    return arrow.title if arrow else _l("Your record was worked on")


def tasks(own: Registration) -> list[dict[str, Any]]:
    """Every step with its state, for the task list of the kit."""
    known_parents = bool(own.father_name or own.mother_name)
    states = {
        PhotoState.WAITING: (_l("we are reading it"), "wait"),
        PhotoState.READ: (_l("read"), "good"),
        PhotoState.UNREADABLE: (_l("not readable: type the lines"), "warn"),
    }
    photo = states.get(own.photo_state, (_l("if you can"), "plain"))
    return [
        _task(_l("Your name"), url_for("migrants.step", name="name"), done=bool(own.full_name)),
        _task(_l("Your telephone"), url_for("migrants.phone"), done=own.phone_confirmed, needed=False),
        _task(_l("Your birth date"), url_for("migrants.step", name="birth"), done=own.birth_date is not None),
        _task(_l("Sex in the passport"), url_for("migrants.step", name="sex"), done=bool(own.sex)),
        _task(_l("Your parents"), url_for("migrants.step", name="parents"), done=known_parents, needed=False),
        _task(_l("Where you are"), url_for("migrants.step", name="place"), done=own.lives_in is not None),
        *_office(own),
        {"title": _l("Photo of your passport"), "url": url_for("migrants.photo"), "status": photo[0], "tone": photo[1],
         "needed": False},
        _task(_l("Your passport"), url_for("migrants.step", name="passport"), done=bool(own.document_number)),
    ]  # fmt: skip


def _office(own: Registration) -> list[dict[str, Any]]:
    """At home, the labour office nearby; abroad, the mission of the country is the one, and nothing is asked."""
    if own.lives_in != deployment().code:
        return []
    chosen = own.office_kind in (OfficeKind.PROVINCE, OfficeKind.DISTRICT)
    return [_task(_l("Your labour office"), url_for("migrants.step", name="office"), done=chosen, needed=False)]


def _task(title: Any, url: str, *, done: bool, needed: bool = True) -> dict[str, Any]:
    status = _l("done") if done else _l("to do") if needed else _l("if you can")
    tone = "good" if done else "warn" if needed else "plain"
    return {"title": title, "url": url, "status": status, "tone": tone, "needed": needed}


def next_task(own: Registration) -> dict[str, Any] | None:
    """The one thing to do next; None when everything needed is there."""
    return next((task for task in tasks(own) if task["tone"] == "warn" and task.get("needed", True)), None)


def all_done(own: Registration) -> bool:
    """Whether the identity can be sent."""
    return all([own.full_name, own.birth_date, own.sex, own.lives_in, own.document_number])
