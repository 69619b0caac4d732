"""What of this package rests on a person's record: their details stay as long as it does."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.winding_down.models import CustodyItem, OwedItem
from contracts.clearance.models import DepartureClearance
from contracts.employment.models import EmploymentContract
from contracts.orientation.models import OrientationSeat
from core.i18n import _l
from migrants.registration.holds import hold
from migrants.registration.models import Migrant

_RESTS = (
    (EmploymentContract, _l("An employment contract was sent to you.")),
    (DepartureClearance, _l("You have applied to depart.")),
    (OrientationSeat, _l("You have booked an orientation.")),
    (CustodyItem, _l("An agency that winds down holds a paper of yours.")),
    (OwedItem, _l("An agency that winds down owes you money.")),
)


@hold
def rests_on(session: Session, migrant: Migrant) -> Any:
    """The first of them that there is."""
    for model, words in _RESTS:
        if session.scalars(select(model.id).where(model.migrant_id == migrant.id).limit(1)).first() is not None:
            return words
    return None
