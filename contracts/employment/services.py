"""Lodging a contract, its acceptance by the migrant alone, and its registration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from contracts import deadlines, quota
from contracts.employers.queries import standing as employer_standing
from contracts.employment.comparison import Level, blocks, compare, worst
from contracts.employment.law_check import LawResult, Verdict, check
from contracts.employment.models import ContractVersion, EmploymentContract
from contracts.employment.policies import find, is_registrar, is_worker
from contracts.employment.status import ContractStatus, Place, contract_workflow
from contracts.employment.telling import tell_decision
from contracts.employment.terms import Terms, read_terms
from contracts.exemptions.queries import exempted
from contracts.interests import refuse_interest
from contracts.job_orders import agents
from contracts.job_orders.models import JobOrder
from contracts.job_orders.policies import find as find_job_order
from contracts.job_orders.status import WITH_PEOPLE
from contracts.sides import side_of
from core import audit, codes
from core.accounts import UserAccount
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l, format_datetime
from core.permissions import ClerkRight
from core.throttle import hit
from law.country import deployment, due_after
from migrants.registration.models import Migrant
from migrants.registration.queries import holds_document, migrant_by_reference, standing
from migrants.registration.telling import tell_of_change

HOLDS_A_PLACE = frozenset(
    {ContractStatus.LODGED, ContractStatus.WORKER_REVIEW, ContractStatus.QUESTION, ContractStatus.ACCEPTED}
)


@dataclass(frozen=True, slots=True)
class Lodging:
    """A contract for one migrant, who gave the lodger their reference."""

    job_order_id: UUID
    migrant_reference: str
    terms: Terms


def lodge(session: Session, actor: Actor, command: Lodging) -> EmploymentContract:
    """Lodge a contract against an approved job order.

    :raises DomainError: the same sentence for an unknown reference and for somebody who can't take a contract.
    """
    hit("lodge", str(actor.account_id), limit=300, seconds=86400)
    order = find_job_order(session, actor, command.job_order_id, lock=True)
    side = side_of(actor, order, ClerkRight.CONTRACTS)
    if side is None:
        raise Denied(_l("You are not allowed to do this."))
    deadlines.refuse_unless_recruiting(session, order)
    _check_parties(session, order)
    migrant_id = migrant_by_reference(session, command.migrant_reference)
    person = standing(session, migrant_id) if migrant_id else None
    if person is None or person.level < 1:
        raise DomainError(
            _l("Nobody with this reference can take a contract now. Ask the worker to look at their page."),
            field="migrant",
        )
    contract = EmploymentContract(
        migrant_id=person.migrant_id,
        job_order_id=order.id,
        agency_id=order.agency_id,
        employer_id=order.employer_id,
        office_id=session.get_one(Migrant, person.migrant_id).office_id,
        terms=command.terms.as_data(),
        terms_sha256=command.terms.digest(),
        lodged_by=actor.require_account(),
        lodged_for=side,
    )
    try:
        with session.begin_nested():
            session.add(contract)
            session.flush()
    except IntegrityError:
        raise DomainError(
            _l("Nobody with this reference can take a contract now. Ask the worker to look at their page."),
            field="migrant",
        ) from None
    quota.move(session, contract, Place.RESERVED)
    audit.record(
        session, actor, subject=(contract_workflow.name, contract.id), action="lodge",
        evidence={"side": side, "job_order_id": order.id, "terms_sha256": contract.terms_sha256.hex()},
    )  # fmt: skip
    _judge(session, actor, contract, order)
    return contract


def _check_parties(session: Session, order: JobOrder) -> None:
    today = legal_today(session)
    agency = licence_for(session, order.agency_id, today, destination=order.destination, lock=True)
    if not agency.licensed:
        raise DomainError(agency.reasons[0])
    employer = employer_standing(session, order.employer_id, today)
    if not employer.may_hire:
        raise DomainError(employer.reason)
    agents.refuse_barred(session, order)


def _judge(session: Session, actor: Actor, contract: EmploymentContract, order: JobOrder) -> None:
    """Compare with what was promised, check against the law, and show it to the worker unless the law forbids it."""
    offered = read_terms(contract.terms)
    differences = compare(read_terms(order.terms), offered)
    person = standing(session, contract.migrant_id)
    birth, sex = (person.birth_date, person.sex) if person else (None, None)
    today = legal_today(session)

    def exempted_by(ban_row: str) -> str | None:
        found = exempted(session, ban_row, today, migrant_id=contract.migrant_id, job_order_id=contract.job_order_id)
        return found.reference if found else None

    results = check(offered, today, birth=birth, sex=sex, exempted_by=exempted_by)
    contract.differences = [d.as_data() for d in differences]
    contract.law_results = [r.as_data() for r in results]
    contract.worst = worst(differences)
    evidence = {"version": contract.version, "terms_sha256": contract.terms_sha256.hex(), "law": contract.law_results}
    failed = [r for r in results if r.verdict is Verdict.FAIL]
    if failed:
        quota.move(session, contract, Place.NONE)
        contract_workflow.apply(session, contract, "fail", actor=SYSTEM, reason=_names(failed), evidence=evidence)
        return
    contract_workflow.apply(session, contract, "show", actor=SYSTEM, evidence=evidence)
    contract.shown_at = db_now(session)
    tell_of_change(session, contract.migrant_id)


def _names(results: list[LawResult]) -> str:
    return ", ".join(r.topic for r in results)


def amend(session: Session, actor: Actor, contract_id: UUID, terms: Terms) -> EmploymentContract:
    """Change the terms; the worker reads and decides anew.

    :raises TooLate: when its time has passed, or nobody may be recruited under its job order any more.
    """
    contract = find(session, actor, contract_id, lock=True)
    side = side_of(actor, contract, ClerkRight.CONTRACTS)
    if side is None:
        raise Denied(_l("You are not allowed to do this."))
    deadlines.refuse_late(session, contract)
    held = contract.status in HOLDS_A_PLACE
    if not held and _has_open_contract(session, contract.migrant_id):
        raise DomainError(_l("The worker has another contract meanwhile."))
    order = session.get_one(JobOrder, contract.job_order_id, with_for_update=True, populate_existing=True)
    deadlines.refuse_unless_recruiting(session, order)
    _check_parties(session, order)
    old = ContractVersion(
        contract_id=contract.id,
        version=contract.version,
        terms=contract.terms,
        terms_sha256=contract.terms_sha256,
        replaced_by=actor.account_id,
    )
    session.add(old)
    contract_workflow.apply(session, contract, "amend", actor=actor, evidence={"side": side})
    contract.version += 1
    contract.terms, contract.terms_sha256 = terms.as_data(), terms.digest()
    contract.lodged_by, contract.lodged_for = actor.require_account(), side
    contract.read_at = contract.accepted_at = contract.accepted_sha256 = None
    contract.witnessed_by = contract.witnessed_at = None
    quota.move(session, contract, Place.RESERVED)
    _judge(session, actor, contract, order)
    return contract


def _has_open_contract(session: Session, migrant_id: UUID) -> bool:
    open_states = [*HOLDS_A_PLACE, ContractStatus.REGISTERED]
    query = select(EmploymentContract.id).where(
        EmploymentContract.migrant_id == migrant_id, EmploymentContract.status.in_(open_states)
    )
    return session.scalar(query.limit(1)) is not None


def _own(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    contract = find(session, actor, contract_id, lock=True)
    if not is_worker(actor, contract):
        raise NotVisible
    return contract


def mark_read(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    """The worker has read it to the end; the time to think it over begins."""
    contract = _own(session, actor, contract_id)
    if contract.read_at is None and contract.status is ContractStatus.WORKER_REVIEW:
        contract.read_at = db_now(session)
    return contract


def may_accept_at(contract: EmploymentContract) -> datetime | None:
    """From when on the worker can accept; None before it was read."""
    if contract.read_at is None:
        return None
    return contract.read_at + timedelta(hours=deployment().standard("cooling_hours"))


def _bound(contract: EmploymentContract) -> bytes:
    return contract.id.bytes + contract.terms_sha256


def send_accept_code(session: Session, actor: Actor, contract_id: UUID) -> None:
    """Send the worker a code that is good for these terms alone."""
    contract = _own(session, actor, contract_id)
    _check_time(session, contract)
    contract.witnessed_by = contract.witnessed_at = None
    codes.issue_code(
        session, session.get_one(UserAccount, actor.require_account()), "accept_contract", bound=_bound(contract)
    )


def witness(session: Session, actor: Actor, contract_id: UUID, document_number: str) -> str:
    """An officer has the worker before them, with their document, and hands them a code for these very terms.

    For who has no telephone, or shares it. The worker still accepts alone, with the secret only they know; the officer
    never registers this contract.

    :raises DomainError: when the document is not the worker's, or it is too early.
    """
    contract = find(session, actor, contract_id, lock=True)
    if not is_registrar(actor, contract):
        raise NotVisible
    refuse_interest(session, actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
    if contract.status is not ContractStatus.WORKER_REVIEW:
        raise TooLate(_l("This contract does not wait for the worker."))
    _check_time(session, contract)
    hit("witness", str(actor.account_id), limit=40, seconds=86400)
    if not holds_document(session, contract.migrant_id, document_number):
        raise DomainError(_l("This is not the document of the worker of this contract."), field="document_number")
    migrant = session.get_one(Migrant, contract.migrant_id)
    account = session.get_one(UserAccount, migrant.account_id)
    contract.witnessed_by, contract.witnessed_at = actor.require_account(), db_now(session)
    audit.record(session, actor, subject=("employment_contract", contract.id), action="witness")
    return codes.hand_over_code(session, account, "accept_in_person", bound=_bound(contract))


def _check_time(session: Session, contract: EmploymentContract) -> None:
    deadlines.refuse_late(session, contract)
    start = may_accept_at(contract)
    if start is None:
        raise DomainError(_l("Read the contract to the end first."))
    if start > db_now(session):
        raise DomainError(_l("Take your time: you can accept from %(moment)s on.", moment=format_datetime(start)))


def accept(
    session: Session, actor: Actor, contract_id: UUID, *, secret: str, code: str, locale: str
) -> EmploymentContract:
    """The worker accepts these very terms, with the secret only they know and a code.

    :raises DomainError: too early, or when secret or code is wrong.
    """
    contract = _own(session, actor, contract_id)
    _check_time(session, contract)
    purpose = "accept_in_person" if contract.witnessed_by else "accept_contract"
    codes.step_up(session, actor, purpose, bound=_bound(contract), secret=secret, code=code)
    evidence = {"terms_sha256": contract.terms_sha256.hex(), "language": locale, "witness": contract.witnessed_by}
    contract_workflow.apply(session, contract, "accept", actor=actor, evidence=evidence)
    contract.accepted_at, contract.accepted_sha256, contract.accepted_locale = (
        db_now(session),
        contract.terms_sha256,
        locale,
    )
    contract.due_on = due_after(legal_today(session), "contract_review_days")
    return contract


def decline(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    """The worker says no. No reason is asked, and nobody is told more than that."""
    contract = _own(session, actor, contract_id)
    quota.hold(session, contract)
    contract_workflow.apply(session, contract, "decline", actor=actor)
    quota.move(session, contract, Place.NONE)
    return contract


def decide(session: Session, actor: Actor, contract_id: UUID, action: str, reason: str) -> EmploymentContract:
    """An officer registers, returns or ends a contract.

    :raises DomainError: when it is worse than promised, or agency or employer may not today.
    """
    contract = find(session, actor, contract_id, lock=True)
    if not is_registrar(actor, contract) or action not in ("register", "return", "end"):
        raise NotVisible
    refuse_interest(session, actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
    quota.hold(session, contract)
    if action == "register":
        _check_registrable(session, actor, contract)
    contract_workflow.apply(
        session,
        contract,
        action,
        actor=actor,
        reason=reason,
        office_id=contract.office_id,
        evidence={"law": contract.law_results},
    )
    if action == "register":
        quota.move(session, contract, Place.CONTRACTED)
        contract.registered_by, contract.registered_at, contract.due_on = actor.account_id, db_now(session), None
    elif contract.place is not Place.DEPARTED:
        # Also out of a clearance that was granted: the watch holds that one, and it leads to no departure.
        quota.move(session, contract, Place.NONE)
    tell_decision(session, contract, action)
    return contract


def _check_registrable(session: Session, actor: Actor, contract: EmploymentContract) -> None:
    if actor.account_id in (contract.lodged_by, contract.witnessed_by):
        raise Denied(_l("Another officer has to decide this."))
    if blocks(Level(contract.worst)):
        raise DomainError(_l("The contract is worse than what was promised. It cannot be registered."))
    # Under a job order that was closed or has expired since, what the worker accepted in time is registered all the same.
    order = session.get_one(JobOrder, contract.job_order_id, populate_existing=True)
    if order.status not in WITH_PEOPLE:
        raise TooLate(_l("This job order is not open."))
    _check_parties(session, order)
    person = standing(session, contract.migrant_id)
    if person is None or person.level < 1:
        raise DomainError(_l("The worker's identity is not verified."))
