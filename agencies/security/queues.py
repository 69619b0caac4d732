"""What waits for officers about securities."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement

from agencies.registration import policies
from agencies.security import queries
from agencies.security.models import SecurityClaim, SecurityDemand, SecurityInstrument, SecurityProposal
from agencies.security.proposals import DECIDES
from agencies.security.status import INSTRUMENT_TITLES, PROPOSAL_TITLES
from core.actor import Actor
from core.db import legal_day
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission
from core.queues import Queue, QueueRow
from law.country import due_after

P = Permission


def _row(row: Any, *, note: str = "", due_on: date | None = None) -> QueueRow:
    return QueueRow(
        reference=getattr(row, "reference", row.agency_reference),
        label=row.agency_name,
        received_at=row.created_at,
        due_on=due_on or due_after(legal_day(row.created_at), "security_review_days"),
        url=url_for("securities.file", agency_id=row.agency_id),
        note=note,
    )


def _reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    return policies.visible(actor, permission)


def _queue(
    name: str,
    title: Any,
    permission: Permission,
    query: Callable[[Actor, ColumnElement[bool]], AnySelect],
    keys: tuple[Any, ...],
    row: Callable[[Any], QueueRow] = _row,
) -> Queue:
    return Queue(name, title, permission, lambda actor: query(actor, _reach(actor, permission)), keys, row)


def _proposals(permission: Permission) -> Callable[[Actor, ColumnElement[bool]], AnySelect]:
    kinds = tuple(kind for kind, needed in DECIDES.items() if needed is permission)
    return lambda actor, reach: queries.proposals_to_decide(reach, actor, kinds)


def _proposal_row(row: Any) -> QueueRow:
    return _row(row, note=str(PROPOSAL_TITLES[row.kind]))


QUEUES = (
    _queue(
        "security.papers", _l("Bank papers to record and to confirm"), P.SECURITY_RECORD,
        lambda _actor, reach: queries.papers_to_deal_with(reach), (SecurityInstrument.created_at, SecurityInstrument.id),
        lambda row: _row(row, note=str(INSTRUMENT_TITLES[row.status][0])),
    ),
    _queue(
        "security.ending", _l("Guarantees that end soon"), P.SECURITY_RECORD,
        lambda _actor, reach: queries.papers_ending(reach), (SecurityInstrument.guarantee_until, SecurityInstrument.id),
        lambda row: _row(row, due_on=row.guarantee_until),
    ),
    _queue(
        "security.claims", _l("Claims against securities to decide"), P.SANCTION_DECIDE,
        lambda actor, reach: queries.claims_to_decide(reach, actor), (SecurityClaim.created_at, SecurityClaim.id),
    ),
    _queue(
        "security.awards", _l("Awards to pay out of securities"), P.SECURITY_RECORD,
        lambda _actor, reach: queries.awards_to_pay(reach), (SecurityClaim.decided_at, SecurityClaim.id),
    ),
    _queue(
        "security.overdue", _l("Securities not brought up in time"), P.SECURITY_RECORD,
        lambda _actor, reach: queries.demands_overdue(reach), (SecurityDemand.due_on, SecurityDemand.id),
        lambda row: _row(row, due_on=row.due_on),
    ),
    _queue(
        "security.proposals", _l("Releases and corrections of securities"), P.SECURITY_RECORD,
        _proposals(P.SECURITY_RECORD), (SecurityProposal.created_at, SecurityProposal.id), _proposal_row,
    ),
    _queue(
        "security.forfeitures", _l("Forfeitures of securities to decide"), P.SANCTION_DECIDE,
        _proposals(P.SANCTION_DECIDE), (SecurityProposal.created_at, SecurityProposal.id), _proposal_row,
    ),
)  # fmt: skip
