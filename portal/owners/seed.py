"""Made-up owners who are lost: one whose replacement waits for an officer, one who may still object."""

import io

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import AgencyDirector
from agencies.seed_desk import preferring
from core.permissions import SubjectKind
from core.world import World
from portal.owners import services
from portal.owners.commands import Propose
from portal.owners.models import OwnerReplacement
from portal.owners.status import Ground

LOST = {"renewing.agency.3": Ground.COURT_ORDER, "renewing.agency.1": Ground.COMPANY_REGISTER}


def demo(session: Session, world: World) -> None:
    """Both proposed by the licensing officer; the second was agreed to, and its owner was told."""
    for login, ground in LOST.items():
        owner = world.actors.get(login)
        agency_id = owner.subject(SubjectKind.AGENCY) if owner else None
        if agency_id is None:
            continue
        director = session.scalars(
            select(AgencyDirector)
            .where(AgencyDirector.agency_id == agency_id, AgencyDirector.removed_at.is_(None))
            .order_by(AgencyDirector.id)
            .limit(1)
        ).one()
        with preferring(world):
            change = services.propose(
                session, world.actors["licensing.officer"],
                Propose(
                    SubjectKind.AGENCY, agency_id, ground, "The original was shown at the counter.",
                    director_id=director.id, email=f"director.{login}@demo.openpassage.example", file=_paper(),
                ),
            )  # fmt: skip
        if ground is Ground.COMPANY_REGISTER:
            _agree(session, world, change)


def _agree(session: Session, world: World, change: OwnerReplacement) -> None:
    approver = world.actors["licensing.approver"]
    services.decide(session, approver, change.id, agree=True, reason="The extract of the company register is genuine.")


def _paper() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 450), (238, 236, 228)).save(out, "JPEG", quality=60)
    return out.getvalue()
