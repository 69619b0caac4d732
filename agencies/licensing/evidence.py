"""What a finding rests on, as one keyed hash; and what happens when that changes after somebody found it fit."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import assignment
from agencies.insider.status import Stage
from agencies.licensing.models import LicenceApplication, LicencePaper
from agencies.licensing.status import APPLICATION, FOUND_FIT
from agencies.registration.models import Agency, AgencyDirector
from core.actor import SYSTEM, Actor
from core.audit import canonical
from core.files import StoredFile
from core.privacy import blind_index, preload_keys

AGENCY_FACTS = (
    "name", "name_local", "company_number", "district", "address", "phone", "email", "bank_name", "bank_account",
)  # fmt: skip
DIRECTOR_FACTS = ("name", "identifier", "identifier_kind", "birth_date", "phone", "email")
# What the audit row says: never the fact itself.
CHANGED = "The facts were changed after they had been found fit."


def evidence_hash(session: Session, application: LicenceApplication, agency: Agency) -> str:
    """A keyed hash over class, particulars, directors and papers: the same facts give the same hash, and it tells none.

    The report of a visit is not in it: reports are written once and can't be changed.
    """
    session.flush()
    directors = session.scalars(
        select(AgencyDirector)
        .where(AgencyDirector.agency_id == agency.id, AgencyDirector.removed_at.is_(None))
        .order_by(AgencyDirector.id)
    ).all()
    preload_keys(session, [d.person_key_id for d in directors] + [agency.person_key_id])
    papers = session.execute(
        select(LicencePaper.code, StoredFile.sha256)
        .join(StoredFile, StoredFile.id == LicencePaper.file_id)
        .where(LicencePaper.application_id == application.id, LicencePaper.replaced_at.is_(None))
        .order_by(LicencePaper.code)
    ).all()
    seen = {
        "class": application.licence_class,
        "agency": {name: getattr(agency, name) for name in AGENCY_FACTS},
        "directors": [[d.id, *(getattr(d, name) for name in DIRECTOR_FACTS)] for d in directors],
        "papers": [list(p) for p in papers],
    }
    return blind_index("licence.evidence", canonical(seen)).hex()


def changed(session: Session, application: LicenceApplication, agency: Agency) -> bool:
    """Whether the facts differ from the ones that somebody found fit."""
    kept = application.evidence_hash
    return kept is not None and kept != evidence_hash(session, application, agency)


def make_void(session: Session, application: LicenceApplication, agency: Agency, *, actor: Actor, what: str) -> None:
    """Back to the review: what was found, and what was decided, no longer counts."""
    evidence = {
        "what": what,
        "found_fit": application.evidence_hash,
        "now": evidence_hash(session, application, agency),
        "decided_by": application.decided_by,
    }
    APPLICATION.apply(session, application, "void", actor=actor, reason=CHANGED, evidence=evidence)
    application.decided_by = application.decided_at = application.decision_reason = None
    application.evidence_hash = application.second_approver_id = None
    session.flush()
    assignment.keep_or_assign(session, application, agency, Stage.REVIEW)


def after_change(session: Session, actor: Actor, agency_id: UUID, what: str) -> LicenceApplication | None:
    """To be called after every change of an agency's facts, with the agency locked: makes a finding void that rests on
    others. Gives the application, or None when nothing was void."""
    application = session.scalars(
        select(LicenceApplication)
        .where(LicenceApplication.agency_id == agency_id, LicenceApplication.status.in_(list(FOUND_FIT)))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if application is None:
        return None
    agency = session.get_one(Agency, agency_id)
    if not changed(session, application, agency):
        return None
    make_void(session, application, agency, actor=actor, what=what)
    return application


def sweep(session: Session, limit: int = 500) -> int:
    """Find changes that came by no page of ours, and make those findings void; gives how many. May run twice."""
    ids = session.execute(
        select(LicenceApplication.id, LicenceApplication.agency_id)
        .where(LicenceApplication.status.in_(list(FOUND_FIT)), LicenceApplication.evidence_hash.is_not(None))
        .order_by(LicenceApplication.submitted_at)
        .limit(limit)
    ).all()
    done = 0
    for _application_id, agency_id in ids:
        session.scalars(select(Agency).where(Agency.id == agency_id).with_for_update()).one()
        done += after_change(session, SYSTEM, agency_id, "unknown") is not None
    return done
