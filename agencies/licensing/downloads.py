"""Files of licensing for those who may see them: papers, bank papers, the licence itself."""

from uuid import UUID

from sqlalchemy.orm import Session

from agencies.licensing import policies
from agencies.licensing.models import Licence, LicencePaper
from agencies.licensing.paper_models import LicenceAppeal
from agencies.registration import policies as agency_policies
from agencies.security import policies as security_policies
from agencies.security.models import SecurityInstrument
from core.actor import Actor
from core.errors import NotVisible
from core.files import Download, download


def paper(session: Session, actor: Actor, paper_id: UUID, picture: int | None = None) -> Download:
    """
    :raises NotVisible: when the actor may not see the application.
    """
    found = session.get(LicencePaper, paper_id)
    if found is None:
        raise NotVisible
    policies.find(session, actor, found.application_id)
    return download(session, found.file_id, found.code, picture)


def appeal_paper(session: Session, actor: Actor, appeal_id: UUID, picture: int | None = None) -> Download:
    """The paper on which an appeal came.

    :raises NotVisible: when the actor may not see the application, or the appeal was written here.
    """
    found = session.get(LicenceAppeal, appeal_id)
    if found is None or found.paper_id is None:
        raise NotVisible
    policies.find(session, actor, found.application_id)
    return download(session, found.paper_id, found.reference, picture)


def security(session: Session, actor: Actor, security_id: UUID, picture: int | None = None) -> Download:
    """
    :raises NotVisible: when the actor may not see the agency.
    """
    found = security_policies.seen(session, actor, SecurityInstrument, security_id)
    return download(session, found.file_id, "security", picture)


def licence(session: Session, actor: Actor, licence_id: UUID) -> Download:
    """
    :raises NotVisible: when the actor may not see the agency.
    """
    found = session.get(Licence, licence_id)
    if found is None:
        raise NotVisible
    agency_policies.find(session, actor, found.agency_id)
    return download(session, found.document_id, found.number.replace("/", "-"))
