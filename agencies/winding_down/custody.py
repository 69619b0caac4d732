"""Documents that an agency holds: declared by it, named by workers or officers, ended only by the worker or an officer."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agencies.winding_down import opening, policies, workers
from agencies.winding_down.models import CustodyItem, WindingDown
from agencies.winding_down.status import CUSTODY, CUSTODY_OPEN, WINDING, DocumentKind, Teller, WindingStatus
from agencies.winding_down.workers import Worker
from core import audit, codes
from core.accounts import UserAccount
from core.actor import Actor
from core.db import db_now
from core.errors import DomainError, NotVisible, TooLate
from core.forms import latin_digits
from core.i18n import _l
from core.permissions import Permission
from core.privacy import blind_index, new_person

PURPOSE = "winding.returned"
OFFICER = frozenset({"hand_in", "see_returned", "refer", "replace"})


@dataclass(frozen=True, slots=True)
class Document:
    """``number`` as printed; ``name`` whose it is. A worker may leave both out: the portal knows who asks."""

    kind: DocumentKind
    number: str = ""
    name: str = ""


def _normal(number: str) -> str:
    return "".join(c for c in latin_digits(number).upper() if c.isascii() and c.isalnum())


def _index(kind: DocumentKind, number: str) -> bytes | None:
    plain = _normal(number)
    return blind_index(f"custody.{kind}", plain) if plain else None


def _known(session: Session, file: WindingDown, what: Document, worker: Worker | None) -> CustodyItem | None:
    """The open item about the same document, whoever named it."""
    index = _index(what.kind, what.number)
    tests = [CustodyItem.document_index == index] if index else []
    if worker is not None and what.kind is DocumentKind.PASSPORT:
        # Nobody has two passports in force: without a number it is the same one.
        tests.append((CustodyItem.migrant_id == worker.migrant_id) & (CustodyItem.kind == what.kind))
    if not tests:
        return None
    return session.scalars(
        select(CustodyItem)
        .where(CustodyItem.winding_id == file.id, CustodyItem.status.in_(CUSTODY_OPEN), or_(*tests))
        .order_by(CustodyItem.id)
        .limit(1)
    ).one_or_none()


def _put(
    session: Session, actor: Actor, file: WindingDown, what: Document, worker: Worker | None, teller: Teller
) -> CustodyItem:
    item = _known(session, file, what, worker)
    if item is None:
        item = CustodyItem(
            person_key_id=new_person(session).id, winding_id=file.id, kind=what.kind, added_by=actor.require_account()
        )
        item.name = what.name or (worker.name if worker else "")
        session.add(item)
    if item.document_index is None and (index := _index(what.kind, what.number)):
        item.number, item.document_index = _normal(what.number), index
    if item.migrant_id is None and worker is not None:
        item.migrant_id, item.account_id = worker.migrant_id, worker.account_id
    if teller is Teller.AGENCY:
        item.agency_says = True
    else:
        item.worker_says = True
    session.flush()
    audit.record(
        session, actor, subject=(CUSTODY.name, item.id), action="name", to_status=item.status,
        evidence={"winding_id": file.id, "kind": item.kind, "teller": teller, "found": worker is not None},
    )  # fmt: skip
    return item


def declare_item(session: Session, actor: Actor, winding_id: UUID, what: Document) -> CustodyItem:
    """The agency names a document that it holds. The worker is told, and the agency is not told who is registered.

    :raises DomainError: without number and name.
    """
    file = policies.own(session, actor, winding_id, lock=True)
    if not _normal(what.number):
        raise DomainError(_l("Write the number of the document."), field="number")
    if not what.name.strip():
        raise DomainError(_l("Write whose document it is."), field="name")
    item = _put(session, actor, file, what, _by_document(session, what), Teller.AGENCY)
    opening.tell_one(session, item.account_id)
    return item


def _by_document(session: Session, what: Document) -> Worker | None:
    passport = what.kind is DocumentKind.PASSPORT
    return workers.source().by_document(session, _normal(what.number)) if passport else None


def claim_item(session: Session, actor: Actor, winding_id: UUID, what: Document) -> CustodyItem:
    """A worker says: they hold my document. This weighs more than the agency's list: only the worker or an officer ends it."""
    migrant_id = policies.migrant_of(actor)
    file = policies.live(session, winding_id)
    worker = workers.source().by_id(session, migrant_id)
    if worker is None:
        raise NotVisible
    # A number is believed only where it is that of the worker's own checked passport: nobody gets hold of another's item.
    printed = _by_document(session, what)
    mine = printed is not None and printed.migrant_id == migrant_id
    item = _put(session, actor, file, Document(what.kind, what.number if mine else ""), worker, Teller.WORKER)
    if item.number is None and what.number:
        item.number = _normal(what.number)
    return item


def note_item(session: Session, actor: Actor, winding_id: UUID, what: Document) -> CustodyItem:
    """An officer writes down what a worker said at the counter or on the telephone."""
    file = policies.officer(session, actor, winding_id, Permission.LICENCE_REVIEW)
    if not what.name.strip():
        raise DomainError(_l("Write whose document it is."), field="name")
    return _put(session, actor, file, what, _by_document(session, what), Teller.OFFICE)


def declare(session: Session, actor: Actor, winding_id: UUID) -> WindingDown:
    """The agency signs that its list is whole, empty or not."""
    file = policies.own(session, actor, winding_id, lock=True)
    if file.status is not WindingStatus.OPEN:
        raise TooLate(_l("The list is signed already."))
    named = session.scalars(
        select(CustodyItem.id).where(CustodyItem.winding_id == file.id, CustodyItem.agency_says)
    ).all()
    file.declared_by, file.declared_at = actor.require_account(), db_now(session)
    evidence = {"items": len(named), "signed": "everything that we hold is on the list"}
    WINDING.apply(session, file, "declare", actor=actor, evidence=evidence)
    return file


def answer(session: Session, actor: Actor, item_id: UUID, action: str, reason: str = "") -> CustodyItem:
    """The agency's word on an item: ``say_returned`` or ``deny``. It ends nothing.

    :raises NotVisible: for an item of another agency.
    :raises DomainError: when it denies what it has declared itself.
    """
    item = policies.item(session, CustodyItem, item_id)
    policies.own(session, actor, item.winding_id, lock=True)
    item = policies.item(session, CustodyItem, item_id)
    if action == "deny" and item.agency_says:
        raise DomainError(_l("You have put this on the list yourself. Give it back, or bring it to the office."))
    CUSTODY.apply(session, item, action, actor=actor, reason=reason)
    if action == "say_returned":
        opening.tell_one(session, item.account_id)
    return item


def send_code(session: Session, actor: Actor, item_id: UUID) -> None:
    """A code to the worker who is about to confirm that the document is back."""
    item = policies.own_item(session, actor, CustodyItem, item_id)
    account = session.get(UserAccount, actor.require_account())
    if account is None:
        raise NotVisible
    codes.issue_code(session, account, PURPOSE, bound=item.id.bytes)


def confirm(session: Session, actor: Actor, item_id: UUID, *, secret: str, code: str) -> CustodyItem:
    """The worker has it back, said with password and code: nobody confirms with a borrowed telephone.

    :raises DomainError: when one of them is wrong.
    """
    item = policies.own_item(session, actor, CustodyItem, item_id)
    codes.step_up(session, actor, PURPOSE, bound=item.id.bytes, secret=secret, code=code)
    CUSTODY.apply(session, item, "confirm", actor=actor, evidence={"by": "worker"})
    return item


def object_to(session: Session, actor: Actor, item_id: UUID, action: str) -> CustodyItem:
    """The worker's ``contradict`` ("I did not get it") or ``withdraw`` of what only the worker named."""
    item = policies.own_item(session, actor, CustodyItem, item_id)
    if action == "withdraw" and item.agency_says:
        raise DomainError(_l("The agency says that it has this. Confirm it when you have it back."))
    CUSTODY.apply(session, item, action, actor=actor)
    if action == "contradict":
        item.worker_says = True
    return item


def decide(session: Session, actor: Actor, item_id: UUID, action: str, reason: str) -> CustodyItem:
    """An officer's act on an item: took it in, saw it returned, referred it as missing, or saw the new one."""
    if action not in OFFICER:
        raise NotVisible
    winding_id = policies.item(session, CustodyItem, item_id).winding_id
    policies.officer(session, actor, winding_id, Permission.LICENCE_REVIEW)
    item = policies.item(session, CustodyItem, item_id)
    CUSTODY.apply(session, item, action, actor=actor, reason=reason)
    opening.tell_one(session, item.account_id)
    return item
