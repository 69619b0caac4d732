"""Queued work of imports and claims."""

from uuid import UUID

from sqlalchemy.orm import Session

from agencies.importing import claim_office, claiming
from core.jobs import every, job

BATCH = 500


@job(claiming.SEND)
def send_claim_code(session: Session, claim_id: str, locale: str) -> None:
    claiming.send_code(session, UUID(claim_id), locale)


@every("*/10 * * * *", "importing.lapse_claims")
def lapse_claims(session: Session) -> int:
    return claim_office.lapse(session, BATCH)
