"""Made-up employers who ask for something: a renewal and a correction that wait for the mission, an enlargement that waits for the
decision."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.seed_papers import picture
from contracts.employers import accreditation, accreditation_deciding, bars, corrections
from contracts.employers.accreditation_queries import last_term
from contracts.employers.accreditation_status import RequestKind, RequestStatus
from contracts.employers.bar_status import BarKind, BarStatus
from contracts.employers.models import Employer
from core.accounts import UserAccount, actor_for
from core.actor import Actor
from core.ids import new_reference
from core.world import World
from law.country import due_if_set

# How long ago each was asked for.
AGE = timedelta(days=6)


def demo(session: Session, world: World, make: Callable[[int], dict[str, Any]]) -> None:
    """``make(number)`` gives a further employer whose signatory can sign in."""
    renewing, growing = make(3), make(4)
    _ending(session, world, renewing["id"], 45)
    _asked(session, world, renewing, RequestKind.RENEWAL, 500, "The same sites go on for two more years.")
    asked = _asked(session, world, growing, RequestKind.ENLARGEMENT, 800, "A hotel opens in March.")
    owner = _owner(session, renewing)
    stands = session.get_one(Employer, renewing["id"])
    corrections.propose_details(
        session, owner,
        corrections.Details(
            stands.name, stands.city, "Street 14, Lusail", "Building and civil works", "The office moved.", picture("Lease of the office"),
        ),
    )  # fmt: skip
    labour = world.actors["labour.officer"]
    reason = "Wages of three months were not paid at two sites."
    bars.propose(session, labour, growing["id"], bars.Bar(world.today + timedelta(days=365), reason))
    mission = world.actors["mission.qatar"]
    accreditation_deciding.look(session, mission, asked.id, "see", "Site visited; lodging for 300 more workers seen.")


def interim(world: World, employer_id: UUID) -> dict[str, Any]:
    """A bar by one officer that has some days to run."""
    made = datetime.combine(world.today - timedelta(days=5), datetime.min.time(), UTC)
    return {
        "reference": new_reference("EB"), "employer_id": employer_id, "kind": BarKind.INTERIM, "status": BarStatus.IN_FORCE,
        "reason": "Four workers wrote that their passports were taken from them.", "last_day": world.today + timedelta(days=20),
        "proposed_by": world.staff["labour.officer"], "created_at": made,
    }  # fmt: skip


def _ending(session: Session, world: World, employer_id: UUID, days: int) -> None:
    term = last_term(session, employer_id)
    assert term is not None
    term.starts_on, term.ends_on = world.today - timedelta(days=685), world.today + timedelta(days=days)


def _owner(session: Session, employer: dict[str, Any]) -> Actor:
    return actor_for(session, session.get_one(UserAccount, employer["signatory"]))


def _asked(session: Session, world: World, employer: dict[str, Any], kind: RequestKind, capacity: int, why: str) -> Any:
    papers = tuple((p.code, picture(p.names["en"])) for p in accreditation.papers_for(kind) if p.required)
    asked = accreditation.ask(session, _owner(session, employer), accreditation.Ask(kind, capacity, (), why, papers))
    asked.created_at -= AGE
    asked.due_on = due_if_set(world.today - AGE, accreditation.CLOCKS[RequestStatus.SENT])
    return asked
