"""What waits for officers about securities."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_

from agencies.insider.nobody import at_the_offices
from agencies.insider.steps import Steps
from agencies.registration import policies
from agencies.security import queries
from agencies.security.drawing import CLAIMS, PAPERS, PROPOSALS
from agencies.security.drawing import SecurityStage as G
from agencies.security.models import SecurityClaim, SecurityDemand, SecurityInstrument, SecurityProposal
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


def _queue(
    name: str,
    title: Any,
    permission: Permission,
    query: Callable[[Actor], AnySelect],
    keys: tuple[Any, ...],
    row: Callable[[Any], QueueRow] = _row,
) -> Queue:
    return Queue(name, title, permission, query, keys, row)


def _proposal_row(row: Any) -> QueueRow:
    return _row(row, note=str(PROPOSAL_TITLES[row.kind]))


def _nobody(
    name: str, title: Any, steps: Steps[Any], query: Callable[[ColumnElement[bool]], AnySelect], model: Any
) -> Queue:
    """What nobody could be drawn for, in the administrator's offices."""
    return _queue(
        name, title, P.STAFF_MANAGE,
        lambda actor: query(and_(steps.nobody(), policies.visible(actor, P.STAFF_MANAGE))),
        (model.created_at, model.id), at_the_offices(_row),
    )  # fmt: skip


QUEUES = (
    _queue(
        "security.papers", _l("Bank papers to record and to confirm"), P.SECURITY_RECORD,
        lambda actor: queries.papers_to_deal_with(PAPERS.mine(actor)),
        (SecurityInstrument.created_at, SecurityInstrument.id),
        lambda row: _row(row, note=str(INSTRUMENT_TITLES[row.status][0])),
    ),
    _queue(
        "security.ending", _l("Guarantees that end soon"), P.SECURITY_RECORD,
        lambda actor: queries.papers_ending(policies.visible(actor, P.SECURITY_RECORD)),
        (SecurityInstrument.guarantee_until, SecurityInstrument.id),
        lambda row: _row(row, due_on=row.guarantee_until),
    ),
    _queue(
        "security.claims", _l("Claims against securities to decide"), P.SANCTION_DECIDE,
        lambda actor: queries.claims(CLAIMS.mine(actor, G.DECISION)), (SecurityClaim.created_at, SecurityClaim.id),
    ),
    _queue(
        "security.awards", _l("Awards to pay out of securities"), P.SECURITY_RECORD,
        lambda actor: queries.awards_to_pay(CLAIMS.mine(actor, G.PAYMENT)),
        (SecurityClaim.decided_at, SecurityClaim.id),
    ),
    _queue(
        "security.overdue", _l("Securities not brought up in time"), P.SECURITY_RECORD,
        lambda actor: queries.demands_overdue(policies.visible(actor, P.SECURITY_RECORD)),
        (SecurityDemand.due_on, SecurityDemand.id), lambda row: _row(row, due_on=row.due_on),
    ),
    _queue(
        "security.proposals", _l("Releases and corrections of securities"), P.SECURITY_RECORD,
        lambda actor: queries.proposals(PROPOSALS.mine(actor, G.DECISION)),
        (SecurityProposal.created_at, SecurityProposal.id), _proposal_row,
    ),
    _queue(
        "security.forfeitures", _l("Forfeitures of securities to decide"), P.SANCTION_DECIDE,
        lambda actor: queries.proposals(PROPOSALS.mine(actor, G.FORFEITURE)),
        (SecurityProposal.created_at, SecurityProposal.id), _proposal_row,
    ),
    _nobody(
        "security.nobody", _l("No officer is there for these bank papers"), PAPERS, queries.papers_to_deal_with,
        SecurityInstrument,
    ),
    _nobody(
        "security.nobody_claims", _l("No officer is there for these claims against securities"), CLAIMS,
        queries.claims, SecurityClaim,
    ),
    _nobody(
        "security.nobody_second", _l("No second officer is there for these securities"), PROPOSALS,
        queries.proposals, SecurityProposal,
    ),
)  # fmt: skip
