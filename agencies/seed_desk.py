"""The demo's officers at work: cases drawn for the accounts that README names, a visit, sentences of the office."""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from PIL import Image
from sqlalchemy.orm import Session

from agencies.insider.assignment import Chooser, drawn_by
from agencies.licensing import decisions, phrases, rules, visiting
from agencies.licensing.models import LicenceApplication
from agencies.licensing.visit_models import VisitAnswer
from core.world import World

PHRASES = (
    ("tax", "The certificate is of an earlier fiscal year. Give the newest one."),
    ("premises", "The lease does not name the agency. Give one that does."),
    ("police", "The report is older than it may be. Give a new one for each director."),
    ("directors", "A director of the company registration is missing from the list."),
)
# Who gets the demo's cases: the first of these who may have the case.
WANTED = ("licensing.officer", "licence.inspector", "licensing.approver", "finance", "finance.checker")


def preferring(world: World, *logins: str) -> AbstractContextManager[None]:
    """Cases fall to the accounts that README names (or to these), wherever those may have them; the demo is the same each
    time."""
    order = [world.staff[login] for login in logins or WANTED if login in world.staff]

    def choose(candidates: Sequence[UUID]) -> UUID:
        return next((a for a in order if a in candidates), candidates[0])

    chooser: Chooser = choose
    return drawn_by(chooser)


def visit(session: Session, world: World, application: LicenceApplication) -> None:
    """The reviewer asks for a visit, and the inspector reports."""
    decisions.ask_visit(session, world.actors["licensing.officer"], application.id, "Papers complete and in order.")
    items = [visiting.Seen(c.code, VisitAnswer.YES) for c in rules.visit_checklist()]
    report = visiting.Report(
        # The application itself came today: nobody visits before it.
        world.today,
        "Three rooms on the second floor, open on a working day.",
        tuple(items),
        (_photo(),),
    )
    visiting.report(session, world.actors["licence.inspector"], application.id, report)


def office(session: Session, world: World) -> None:
    """Sentences of the licensing office."""
    for item, words in PHRASES:
        phrases.add(session, world.actors["licensing.officer"], phrases.AddPhrase(item, words))


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (150, 160, 170)).save(out, "JPEG", quality=60)
    return out.getvalue()
