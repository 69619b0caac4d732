"""Made-up further names: one in the register, one that waits for an officer, one that looks like another agency's."""

from sqlalchemy.orm import Session

from agencies.register.models import NameUse
from agencies.register_names import services
from agencies.register_names.status import Script
from agencies.registration.models import Agency
from core.actor import Actor

TRADE = ("Blue Gate Careers", "Long Road Placements")


def names(session: Session, owner: Actor, reviewer: Actor, agency: Agency, imitated: Agency) -> None:
    """Names of ``agency``, which is licensed; the last one looks like that of ``imitated`` and is stopped."""
    first, second = (services.Propose(name, NameUse.TRADE, Script.LATIN) for name in TRADE)
    made = services.propose(session, owner, agency.id, first)
    services.agree(session, reviewer, made.id, "It stands on the sign and on the receipts.")
    services.propose(session, owner, agency.id, second)
    alike = f"New {imitated.name.split()[0]} Overseas"
    services.propose(session, owner, agency.id, services.Propose(alike, NameUse.TRADE, Script.LATIN))
