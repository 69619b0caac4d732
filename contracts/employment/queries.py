"""What pages and other packages read of contracts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from contracts.employers.models import Employer
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus
from core.accounts import UserAccount
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission
from migrants.registration.models import Migrant


@dataclass(frozen=True, slots=True)
class ContractStanding:
    """A registered contract, for clearance's rules."""

    contract_id: UUID
    reference: str
    status: ContractStatus
    migrant_id: UUID
    job_order_id: UUID
    agency_id: UUID
    employer_id: UUID
    office_id: UUID
    destination: str
    occupation: str
    term_months: int
    terms_sha256: bytes


def registered_contract(session: Session, migrant_id: UUID, *, lock: bool = False) -> ContractStanding | None:
    """The migrant's registered contract; None when there is none.

    :param lock: hold it until the caller's transaction ends.
    """
    query = select(EmploymentContract).where(
        EmploymentContract.migrant_id == migrant_id, EmploymentContract.status == ContractStatus.REGISTERED
    )
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        return None
    return ContractStanding(
        found.id, found.reference, found.status, found.migrant_id, found.job_order_id, found.agency_id, found.employer_id,
        found.office_id, str(found.terms["country"]), str(found.terms["occupation"]), int(found.terms["term_months"]),
        found.terms_sha256,
    )  # fmt: skip


def newest_of(session: Session, migrant_id: UUID) -> EmploymentContract | None:
    """The contract that the migrant's page shows: the one that was shown to them last, however it ended."""
    return session.scalars(
        select(EmploymentContract)
        .where(
            EmploymentContract.migrant_id == migrant_id,
            EmploymentContract.shown_at.is_not(None),
            EmploymentContract.status != ContractStatus.LODGED,
        )
        # One that was sent back and is lodged again may be older than another that has ended meanwhile.
        .order_by(EmploymentContract.shown_at.desc(), EmploymentContract.id.desc())
        .limit(1)
    ).one_or_none()


def by_reference(session: Session, actor: Actor, reference: str | None) -> EmploymentContract | None:
    """A contract of the actor's area, by the reference that a person tells; None for every other."""
    return session.scalars(
        select(EmploymentContract).where(
            EmploymentContract.reference == reference,
            EmploymentContract.office_id.in_(actor.offices(Permission.CONTRACT_REGISTER)),
        )
    ).one_or_none()


def parties(session: Session, contract: EmploymentContract) -> tuple[str, str]:
    """Names of agency and employer."""
    agency = session.scalars(select(Agency.name).where(Agency.id == contract.agency_id)).one()
    employer = session.scalars(select(Employer.name).where(Employer.id == contract.employer_id)).one()
    return agency, employer


def workers_language(session: Session, contract: EmploymentContract) -> str | None:
    """The language in which the worker's account reads; None when the account is gone."""
    query = select(UserAccount.locale).join(Migrant, Migrant.account_id == UserAccount.id)
    return session.scalar(query.where(Migrant.id == contract.migrant_id))


def of_job_order(session: Session, job_order_id: UUID, limit: int = 200) -> list[EmploymentContract]:
    query = select(EmploymentContract).where(EmploymentContract.job_order_id == job_order_id)
    return list(session.scalars(query.order_by(EmploymentContract.created_at.desc()).limit(limit)))


def waiting(actor: Actor) -> AnySelect:
    """Accepted contracts of the actor's area that wait for registration."""
    return (
        select(
            EmploymentContract.id, EmploymentContract.reference, EmploymentContract.accepted_at, EmploymentContract.due_on,
            Employer.name.label("employer"),
        )
        .join(Employer, Employer.id == EmploymentContract.employer_id)
        .where(
            EmploymentContract.status == ContractStatus.ACCEPTED,
            EmploymentContract.office_id.in_(actor.offices(Permission.CONTRACT_REGISTER)),
        )
    )  # fmt: skip
