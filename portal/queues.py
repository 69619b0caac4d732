"""What the shell offers to the staff home: queues."""

from typing import Any

from flask import url_for

from agencies.insider.nobody import at_the_offices
from core.actor import Actor
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission, SubjectKind
from core.queues import Queue, QueueRow
from portal.owners import queries
from portal.owners.models import OwnerReplacement
from portal.owners.policies import RULES
from portal.owners.status import STATUS_TITLES

_TITLES = {
    SubjectKind.AGENCY: _l("Owners of agencies to decide on"),
    SubjectKind.CENTRE: _l("Owners of orientation centres to decide on"),
    SubjectKind.NGO: _l("Owners of helping organisations to decide on"),
    SubjectKind.EMPLOYER: _l("Owners of employers to decide on"),
}
_NOBODY = {
    SubjectKind.AGENCY: _l("No officer is there to decide on the owner of these agencies"),
    SubjectKind.CENTRE: _l("No officer is there to decide on the owner of these centres"),
    SubjectKind.NGO: _l("No officer is there to decide on the owner of these organisations"),
    SubjectKind.EMPLOYER: _l("No officer is there to decide on the owner of these employers"),
}
_LATE = {
    SubjectKind.AGENCY: _l("Agencies whose invited owner has not answered"),
    SubjectKind.CENTRE: _l("Orientation centres whose invited owner has not answered"),
    SubjectKind.NGO: _l("Helping organisations whose invited owner has not answered"),
    SubjectKind.EMPLOYER: _l("Employers whose invited owner has not answered"),
}
_KEYS = (OwnerReplacement.created_at, OwnerReplacement.id)


def _row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=row.body_name,
        received_at=row.created_at,
        due_on=row.due_on,
        url=url_for("owner_changes.show", change_id=row.id),
        note=str(STATUS_TITLES[row.status]),
    )


def _drawn(kind: SubjectKind) -> Queue:
    def query(actor: Actor) -> AnySelect:
        return queries.drawn_for(actor, kind)

    return Queue(f"owner.{kind}", _TITLES[kind], RULES[kind].decide, query=query, keys=_KEYS, row=_row)


def _undrawn(kind: SubjectKind) -> Queue:
    def query(actor: Actor) -> AnySelect:
        return queries.with_nobody(actor, kind)

    return Queue(
        f"owner.nobody.{kind}",
        _NOBODY[kind],
        Permission.STAFF_MANAGE,
        query=query,
        keys=_KEYS,
        row=at_the_offices(_row),
    )


def _late(kind: SubjectKind) -> Queue:
    def query(actor: Actor) -> AnySelect:
        return queries.unanswered(actor, kind)

    return Queue(f"owner.late.{kind}", _LATE[kind], RULES[kind].propose, query=query, keys=_KEYS, row=_row)


QUEUES = (*(_drawn(kind) for kind in RULES), *(_undrawn(kind) for kind in RULES), *(_late(kind) for kind in RULES))
