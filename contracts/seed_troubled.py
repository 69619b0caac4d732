"""Made-up clearances that did not go through, and exemptions from bans: made by the services that make real ones."""

import io
from datetime import timedelta
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import quota
from contracts.clearance import airport
from contracts.clearance.models import DepartureClearance
from contracts.clearance.replacing import follow_registered
from contracts.clearance.status import ClearanceStatus
from contracts.clearance.watch import settle
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, Place
from contracts.exemptions import grounds
from contracts.exemptions import services as exemptions
from contracts.exemptions.services import Proposal
from core.accounts import UserAccount, actor_for
from core.actor import SYSTEM, Actor
from core.ids import new_id, new_reference
from core.world import World
from migrants.registration.queries import standing

STOPS = ("The birth date in the passport is another one.", "The photo in the passport shows another person.")


def demo(session: Session, world: World) -> None:
    """Two clearances stopped at the airport, two held, one superseded; an exemption that waits and one in force."""
    query = select(DepartureClearance.id).where(DepartureClearance.status == ClearanceStatus.GRANTED)
    granted = list(session.scalars(query.order_by(DepartureClearance.created_at, DepartureClearance.id).limit(5)))
    for clearance_id, reason in zip(granted[:2], STOPS, strict=False):
        airport.stop(session, _actor(session, world, "airport"), clearance_id, reason)
    for clearance_id in granted[2:4]:
        _end(session, world, clearance_id)
        settle(session, clearance_id)
    for clearance_id in granted[4:]:
        _replace(session, world, clearance_id)
    _exemptions(session, world)


def _actor(session: Session, world: World, name: str) -> Actor:
    return actor_for(session, session.get_one(UserAccount, world.staff[name]))


def _end(session: Session, world: World, clearance_id: UUID) -> EmploymentContract:
    clearance = session.get_one(DepartureClearance, clearance_id)
    registrar = _actor(session, world, "labour.officer")
    return employment.decide(session, registrar, clearance.contract_id, "end", "The employer has taken its visa back.")


def _replace(session: Session, world: World, clearance_id: UUID) -> None:
    """The contract ended, and one with a longer term was registered in its place."""
    old = _end(session, world, clearance_id)
    kept = {c.name: getattr(old, c.name) for c in EmploymentContract.__table__.columns if c.name != "created_at"}
    changed = {
        "id": new_id(), "reference": new_reference("CT"), "status": ContractStatus.REGISTERED, "place": Place.NONE,
    }  # fmt: skip
    new = EmploymentContract(**{**kept, **changed})
    session.add(new)
    session.flush()
    quota.move(session, new, Place.CONTRACTED)
    follow_registered(session, SYSTEM, old.migrant_id)


def _exemptions(session: Session, world: World) -> None:
    """For people under a ban of this country's law, where it names one."""
    people = (standing(session, m) for m in world.ids["migrants"][:60])
    women = [p for p in people if p is not None and p.level >= 1 and p.sex == "F"][:2]
    rows = [row for row in grounds.bans(world.today) if row.when.get("sex") in (None, "F")][:2]
    maker, checker = (_actor(session, world, f"exemption.{name}") for name in ("officer", "colleague"))
    for number, (person, row) in enumerate(zip(women, rows, strict=False)):
        proposal = Proposal(
            person.reference, row.id, world.today + timedelta(days=120), "She returns to the household of a mission.", _paper()
        )  # fmt: skip
        made = exemptions.propose(session, maker, proposal)
        if number:
            exemptions.decide(session, checker, made.id, "grant", "The letter of the mission was checked.")


def _paper() -> bytes:
    image = Image.new("RGB", (600, 300), "white")
    ImageDraw.Draw(image).text((40, 130), "Letter of the mission, made up for the demo", fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()
