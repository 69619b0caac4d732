"""What a granted clearance goes on standing upon until the departure: asked at every use, and watched in between.

A licence can be suspended, an employer barred, a contract ended after the grant. Whoever shows the clearance is asked
about then and there; a job holds it meanwhile, tells the worker, and lifts the hold when the ground is back.
"""

from dataclasses import replace
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from contracts.clearance import parties
from contracts.clearance.checklist import Condition, State, checklist
from contracts.clearance.law_conditions import newest_limit
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus, clearance_workflow
from contracts.employers.queries import standing as employer_standing
from contracts.employment.models import EmploymentContract
from contracts.employment.queries import registered_contract
from contracts.employment.status import ContractStatus
from contracts.orientation.queries import revoked_certificate
from core.actor import SYSTEM
from core.db import legal_day, legal_today
from law import engine
from law.engine import RowStatus
from migrants.registration.models import Migrant, Passport
from migrants.registration.status import MigrantStatus
from migrants.registration.telling import tell_of_change

# Papers and soft conditions were decided at the grant; these can fall away afterwards.
GROUNDS = frozenset(
    {
        "identity",
        "passport",
        "contract",
        "licence",
        "employer",
        "destination",
        "occupation",
        "age_min",
        "age_max",
        "orientation",
        "agent_abroad",
        "medical_centre",
    }
)
IN_USE = (ClearanceStatus.GRANTED, ClearanceStatus.HELD)


def missing_grounds(
    session: Session, clearance: DepartureClearance, *, departing: bool = False, lock: bool = False
) -> list[Condition]:
    """Hard conditions of a granted clearance that do not hold at this moment.

    :param departing: the person stands at the airport: the age is asked for today, whatever flight was named.
    :param lock: hold licence and contract until the caller's transaction ends.
    """
    found = checklist(
        session, clearance.migrant_id, frozenset(), flight_on=None if departing else clearance.flight_on, lock=lock
    )
    contract = registered_contract(session, clearance.migrant_id)
    another = contract is None or contract.contract_id != clearance.contract_id
    # A clearance is for one contract: a newer one, though registered, is no ground for it.
    return [
        replace(c, state=State.MISSING) if c.code == "contract" and another else c
        for c in found.conditions
        if c.hard and c.code in GROUNDS and (c.state is not State.MET or (c.code == "contract" and another))
    ]


def watch(session: Session) -> tuple[int, int]:
    """Hold every granted clearance whose ground has fallen away, lift every hold whose ground is back; gives both numbers."""
    changed = [settle(session, clearance_id) for clearance_id in _suspects(session)]
    return changed.count(ClearanceStatus.HELD), changed.count(ClearanceStatus.GRANTED)


def settle(session: Session, clearance_id: UUID) -> ClearanceStatus | None:
    """Hold one clearance or lift its hold, as its grounds are now; gives the new state, None when nothing changed."""
    clearance = session.get(DepartureClearance, clearance_id, with_for_update=True, populate_existing=True)
    if clearance is None or clearance.status not in IN_USE:
        return None
    missing = missing_grounds(session, clearance)
    if missing and clearance.status is ClearanceStatus.GRANTED:
        _hold(session, clearance, missing)
        return clearance.status
    if not missing and clearance.status is ClearanceStatus.HELD:
        clearance_workflow.apply(session, clearance, "lift", actor=SYSTEM)
        tell_of_change(session, clearance.migrant_id)
        return clearance.status
    return None


def _suspects(session: Session) -> list[UUID]:
    """Clearances in use that may have to change: all that are held, and those on which a party or paper weighs.

    Each agency, employer and country is asked once, however many clearances rest on it.
    """
    today = legal_today(session)
    country = EmploymentContract.terms["country"].astext.label("country")
    work = EmploymentContract.terms["occupation"].astext.label("work")
    query = (
        select(
            DepartureClearance.id, DepartureClearance.status, DepartureClearance.granted_at,
            EmploymentContract.agency_id, EmploymentContract.employer_id,
            EmploymentContract.status.label("contract"), country, work, Passport.expires_on, Migrant.status.label("person"),
            revoked_certificate(DepartureClearance.migrant_id).label("untrained"),
        )
        .join(EmploymentContract, EmploymentContract.id == DepartureClearance.contract_id)
        .join(Migrant, Migrant.id == DepartureClearance.migrant_id)
        .outerjoin(Passport, (Passport.migrant_id == Migrant.id) & Passport.is_current)
        .where(DepartureClearance.status.in_(IN_USE))
        .order_by(DepartureClearance.id)
    )  # fmt: skip
    agency = cache(lambda agency_id, code: licence_for(session, agency_id, today, destination=code).licensed)
    employer = cache(lambda employer_id: employer_standing(session, employer_id, today).may_hire)
    # Whom a ban is for is sealed with the person: every ban that could refuse makes one look.
    bans = cache(
        lambda code, work: engine.law().possible("destination_ban", on=today, destination=code, occupation=work)
    )
    barred = parties.fallen(session, IN_USE)
    open_ = cache(lambda code, work: all(r.status is not RowStatus.SEEN for r in bans(code, work)))
    # A birth date is sealed, too. The grant's last day heeds the highest age; a limit that began since makes one look.
    new_limit = cache(lambda code, work: newest_limit(today, code, work))
    return [
        r.id
        for r in session.execute(query).all()
        if r.status is ClearanceStatus.HELD
        or r.contract is not ContractStatus.REGISTERED
        or r.person is not MigrantStatus.VERIFIED
        or r.expires_on is None
        or r.expires_on < today
        or r.untrained
        or r.id in barred
        or not (agency(r.agency_id, r.country) and employer(r.employer_id) and open_(r.country, r.work))
        or (r.granted_at is not None and legal_day(r.granted_at) < new_limit(r.country, r.work))
    ]


def _hold(session: Session, clearance: DepartureClearance, missing: list[Condition]) -> None:
    evidence = {"conditions": [c.as_evidence() for c in missing]}
    codes = ", ".join(c.code for c in missing)
    clearance_workflow.apply(session, clearance, "hold", actor=SYSTEM, reason=codes, evidence=evidence)
    tell_of_change(session, clearance.migrant_id)
