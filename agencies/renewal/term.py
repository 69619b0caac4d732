"""Since when a licence's present term runs."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.renewal.models import LicenceRenewal


def began(session: Session, licence: Licence) -> date:
    """The day on which the licence's present term began: its issue, or its last renewal."""
    last = session.scalar(select(func.max(LicenceRenewal.renewed_on)).where(LicenceRenewal.licence_id == licence.id))
    return last or licence.issued_on
