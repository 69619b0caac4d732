"""An officer declares ties: to one agency by name, or by the hash of what an agency might share with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agencies.insider import assignment, duties, marks, ties
from agencies.insider.models import DeclaredTie, OfficerMark
from agencies.insider.status import POINTER, MarkKind, TieKind
from agencies.licensing.models import Licence, LicenceApplication
from agencies.registration.models import Agency
from agencies.registration.services import identifier_index
from agencies.registration.status import IdentifierKind
from core import audit
from core.accounts import UserAccount
from core.actor import Actor
from core.errors import Denied, DomainError
from core.i18n import _l
from core.ids import new_id, parse_reference
from core.permissions import Permission, SubjectKind

# Whoever has a part in a case declares.
DECLARERS = (
    Permission.LICENCE_REVIEW,
    Permission.LICENCE_INSPECT,
    Permission.LICENCE_APPROVE,
    Permission.SECURITY_RECORD,
    Permission.SANCTION_PROPOSE,
    Permission.SANCTION_DECIDE,
    Permission.SANCTION_APPEAL,
    Permission.EMPLOYER_VERIFY,
    Permission.EMPLOYER_ACCREDIT,
    Permission.JOB_ORDER_APPROVE,
    Permission.CONTRACT_REGISTER,
    Permission.CLEARANCE_REVIEW,
    Permission.CLEARANCE_GRANT,
    Permission.REPORT_READ,
)


@dataclass(frozen=True, slots=True)
class DeclareTie:
    """``subject`` is the reference of an agency or an employer, or a licence number."""

    subject: str
    kind: TieKind
    note: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a tie is to, as pages name it."""

    id: UUID
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Subjects:
    """How another package finds the subjects of its kind: one by its reference, and the names of some by their ids."""

    find: Callable[[Session, str], Named | None]
    names: Callable[[Session, Sequence[UUID]], Sequence[Named]]


OTHERS: dict[SubjectKind, Subjects] = {}


@dataclass(frozen=True, slots=True)
class GiveMarks:
    """Only hashes are kept of these. Each may be empty."""

    identifier_kind: IdentifierKind | None = None
    identifier: str = ""
    district: str = ""
    address: str = ""
    bank_account: str = ""
    phone: str = ""


def require_declarer(actor: Actor) -> UUID:
    """
    :raises Denied: for whoever has no part in cases.
    """
    if not any(actor.can(p) for p in DECLARERS):
        raise Denied(_l("You are not allowed to do this."))
    return actor.require_account()


def find_agency(session: Session, text: str) -> Agency | None:
    """By reference or licence number, wherever it is: a tie may be to an agency of another office."""
    reference = parse_reference(text)
    query = select(Agency)
    if reference is not None:
        query = query.where(Agency.reference == reference)
    else:
        query = query.join(Licence, Licence.agency_id == Agency.id).where(Licence.number == text.strip().upper())
    return session.scalars(query.limit(1)).one_or_none()


def declare(session: Session, actor: Actor, command: DeclareTie) -> DeclaredTie:
    """Declare a tie. It is not taken back by the one who declared it; open cases of that agency go to others at once.

    :raises DomainError: when there is nobody with this reference, or the tie is declared already.
    """
    account = session.get_one(UserAccount, require_declarer(actor))
    kind, subject_id = _subject(session, command.subject)
    is_agency = kind is SubjectKind.AGENCY
    if is_agency:
        session.scalars(select(Agency).where(Agency.id == subject_id).with_for_update()).one()
    if ties.declared(session, [account.id], kind, subject_id):
        raise DomainError(_l("You have declared this already."), field="subject")
    tie = DeclaredTie(
        person_key_id=account.person_key_id, account_id=account.id, subject_kind=kind, subject_id=subject_id,
        agency_id=subject_id if is_agency else None, kind=command.kind,
    )  # fmt: skip
    tie.note = command.note or None
    session.add(tie)
    session.flush()
    evidence = {f"{kind}_id": subject_id, "kind": command.kind}
    audit.record(session, actor, subject=("declared_tie", tie.id), action="declare_tie", evidence=evidence)
    _pass_on(session, account.id)
    return tie


def _subject(session: Session, text: str) -> tuple[SubjectKind, UUID]:
    agency = find_agency(session, text)
    if agency is not None:
        return SubjectKind.AGENCY, agency.id
    for kind, subjects in OTHERS.items():
        found = subjects.find(session, text)
        if found is not None:
            return kind, found.id
    raise DomainError(_l("There is no agency or employer with this reference or licence number."), field="subject")


def give_marks(session: Session, actor: Actor, command: GiveMarks) -> int:
    """Keep hashes of what is given, beside the ones given before; gives how many are new. Values are not kept.

    :raises DomainError: when nothing is given, or an address is too short to be told from others.
    """
    account_id = require_declarer(actor)
    found: set[tuple[MarkKind, bytes]] = set()
    if command.identifier and command.identifier_kind is not None:
        found.add((MarkKind.IDENTIFIER, identifier_index(command.identifier_kind, command.identifier)))
    if command.address:
        index = marks.address_index(command.district, command.address)
        if index is None:
            raise DomainError(_l("Write the address with its number and the name of the place."), field="address")
        found.add((MarkKind.ADDRESS, index))
    if command.bank_account:
        found.add((MarkKind.BANK_ACCOUNT, marks.bank_index(command.bank_account)))
    if command.phone:
        found.add((MarkKind.PHONE, marks.phone_index(command.phone)))
    if not found:
        raise DomainError(_l("Give at least one."))
    rows = [
        {"id": new_id(), "account_id": account_id, "kind": kind, "value_index": index} for kind, index in sorted(found)
    ]
    new = session.execute(
        insert(OfficerMark).values(rows).on_conflict_do_nothing().returning(OfficerMark.id)
    ).scalars().all()  # fmt: skip
    kinds = sorted(str(kind) for kind, _index in found)
    audit.record(session, actor, subject=("user_account", account_id), action="give_marks", evidence={"kinds": kinds})
    _pass_on(session, account_id)
    return len(new)


def _pass_on(session: Session, account_id: UUID) -> None:
    """Open cases of this officer to which there is a tie now are drawn again."""
    cases = session.execute(
        select(LicenceApplication.id, LicenceApplication.agency_id, LicenceApplication.status).where(
            LicenceApplication.status.in_(list(assignment.STAGE_OF)), assignment.holds(account_id)
        )
    ).all()
    for case in cases:
        stage = assignment.STAGE_OF[case.status]
        query = select(LicenceApplication).where(LicenceApplication.id == case.id)
        held = session.scalars(query).one()
        if getattr(held, POINTER[stage]) == account_id:
            assignment.draw_again(session, case.id, case.agency_id, stage)
    duties.pass_on(session, account_id)


@dataclass(frozen=True, slots=True)
class TieRow:
    kind: TieKind
    name: str
    reference: str
    note: str


def declared_by(session: Session, account_id: UUID) -> list[TieRow]:
    """What an officer has declared."""
    rows = session.scalars(
        select(DeclaredTie)
        .where(DeclaredTie.account_id == account_id)
        .order_by(DeclaredTie.created_at.desc())
        .limit(100)
    ).all()
    agencies = select(Agency.id, Agency.name, Agency.reference).where(Agency.id.in_([t.agency_id for t in rows]))
    named = {row.id: Named(row.id, row.name, row.reference) for row in session.execute(agencies)}
    for kind, subjects in OTHERS.items():
        ids = [t.subject_id for t in rows if t.subject_kind is kind]
        named |= {n.id: n for n in subjects.names(session, ids)} if ids else {}
    return [TieRow(t.kind, named[t.subject_id].name, named[t.subject_id].reference, t.note or "") for t in rows]


def marks_given(session: Session, account_id: UUID) -> list[MarkKind]:
    """Of which kinds hashes are kept."""
    kinds = session.scalars(select(OfficerMark.kind).where(OfficerMark.account_id == account_id).distinct())
    return sorted(kinds)
