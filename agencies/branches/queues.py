"""Branches and representatives that wait for an officer: each sees what was drawn for him or her, nobody a heap."""

from typing import Any

from flask import url_for

from agencies.branches import queries
from agencies.branches.drawing import MOVES, PRESENCES
from agencies.branches.models import Presence, PresenceMove
from agencies.branches.status import KIND_TITLES, MOVE_TITLES, PresenceStage
from agencies.insider.nobody import at_the_offices
from agencies.registration import policies
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow

P = Permission


def _row(row: Any) -> QueueRow:
    url = url_for("branch_files.show", presence_id=row.id)
    return QueueRow(row.reference, row.agency_name, row.created_at, row.due_on, url, str(KIND_TITLES[row.kind]))


def _move_row(row: Any) -> QueueRow:
    url = url_for("branch_files.show", presence_id=row.presence_id)
    return QueueRow(row.reference, row.agency_name, row.created_at, row.due_on, url, str(MOVE_TITLES[row.kind]))


def _steps(name: str, title: Any, permission: Permission, stage: PresenceStage) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.waiting(PRESENCES.mine(actor, stage)),
        keys=(Presence.created_at, Presence.id),
        row=_row,
    )


QUEUES = (
    _steps("branch.verify", _l("Branches and representatives to verify"), P.LICENCE_REVIEW, PresenceStage.VERIFICATION),
    _steps(
        "branch.activate", _l("Branches and representatives to activate"), P.LICENCE_APPROVE, PresenceStage.ACTIVATION
    ),
    Queue(
        "branch.second",
        _l("Branches and representatives: what needs a second officer"),
        P.LICENCE_APPROVE,
        query=lambda actor: queries.moves_waiting(MOVES.mine(actor)),
        keys=(PresenceMove.created_at, PresenceMove.id),
        row=_move_row,
    ),
    Queue(
        "branch.nobody",
        _l("No officer is there for these branches and representatives"),
        P.STAFF_MANAGE,
        query=lambda actor: queries.waiting(PRESENCES.nobody(), policies.visible(actor, P.STAFF_MANAGE)),
        keys=(Presence.created_at, Presence.id),
        row=at_the_offices(_row),
    ),
    Queue(
        "branch.nobody_second",
        _l("No second officer is there for these branches and representatives"),
        P.STAFF_MANAGE,
        query=lambda actor: queries.moves_waiting(MOVES.nobody(), policies.visible(actor, P.STAFF_MANAGE)),
        keys=(PresenceMove.created_at, PresenceMove.id),
        row=at_the_offices(_move_row),
    ),
)
