"""What of this package rests on a person's record: their details stay as long as it does."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import _l
from migrants.registration.holds import hold
from migrants.registration.models import Migrant
from remittance.orders.models import Beneficiary, Remittance


@hold
def rests_on(session: Session, migrant: Migrant) -> Any:
    """Money that was sent, or somebody who was named to receive it."""
    for model in (Remittance, Beneficiary):
        if session.scalars(select(model.id).where(model.migrant_id == migrant.id).limit(1)).first() is not None:
            return _l("You have begun to send money.")
    return None
