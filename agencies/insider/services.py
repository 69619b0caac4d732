"""An officer declares ties: to one agency by name, or by the hash of what an agency might share with them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agencies.insider import assignment, duties, marks
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
from core.permissions import Permission

# Whoever has a part in a case declares.
DECLARERS = (
    Permission.LICENCE_REVIEW,
    Permission.LICENCE_INSPECT,
    Permission.LICENCE_APPROVE,
    Permission.SECURITY_RECORD,
    Permission.SANCTION_PROPOSE,
    Permission.SANCTION_DECIDE,
    Permission.SANCTION_APPEAL,
)


@dataclass(frozen=True, slots=True)
class DeclareTie:
    """``agency`` is a reference or a licence number."""

    agency: str
    kind: TieKind
    note: str = ""


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

    :raises DomainError: when there is no such agency, or the tie is declared already.
    """
    account = session.get_one(UserAccount, require_declarer(actor))
    agency = find_agency(session, command.agency)
    if agency is None:
        raise DomainError(_l("There is no agency with this reference or licence number."), field="agency")
    session.scalars(select(Agency).where(Agency.id == agency.id).with_for_update()).one()
    present = select(DeclaredTie.id).where(DeclaredTie.account_id == account.id, DeclaredTie.agency_id == agency.id)
    if session.scalar(present) is not None:
        raise DomainError(_l("You have declared this already."), field="agency")
    tie = DeclaredTie(
        person_key_id=account.person_key_id, account_id=account.id, agency_id=agency.id, kind=command.kind
    )
    tie.note = command.note or None
    session.add(tie)
    session.flush()
    evidence = {"agency_id": agency.id, "kind": command.kind}
    audit.record(session, actor, subject=("declared_tie", tie.id), action="declare_tie", evidence=evidence)
    _pass_on(session, account.id)
    return tie


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
    agency_name: str
    agency_reference: str
    note: str


def declared_by(session: Session, account_id: UUID) -> list[TieRow]:
    """What an officer has declared."""
    rows = session.execute(
        select(DeclaredTie, Agency.name, Agency.reference)
        .join(Agency, Agency.id == DeclaredTie.agency_id)
        .where(DeclaredTie.account_id == account_id)
        .order_by(DeclaredTie.created_at.desc())
        .limit(100)
    )
    return [TieRow(t.kind, name, reference, t.note or "") for t, name, reference in rows]


def marks_given(session: Session, account_id: UUID) -> list[MarkKind]:
    """Of which kinds hashes are kept."""
    kinds = session.scalars(select(OfficerMark.kind).where(OfficerMark.account_id == account_id).distinct())
    return sorted(kinds)
