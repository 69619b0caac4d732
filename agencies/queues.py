"""What this package offers to the staff home: queues and a search."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from agencies.branches.queues import QUEUES as BRANCHES
from agencies.importing.queues import QUEUES as IMPORTING
from agencies.insider.assignment import STAGE_OF
from agencies.insider.nobody import at_the_offices
from agencies.insider.status import POINTER
from agencies.licensing import appeals, fees, queries, securing
from agencies.licensing.finance import FINANCE
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.status import APPLICATION_TITLES, STANDING_TITLES, ApplicationStatus, Party, Procedure
from agencies.register import snapshot
from agencies.register.search import search
from agencies.register_names.queues import QUEUES as REGISTER_NAMES
from agencies.registration import policies
from agencies.registration.models import Agency
from agencies.sanctions.models import Sanction
from agencies.sanctions.queries import sanctions_waiting
from agencies.sanctions.queues import QUEUES as PROCEEDINGS
from agencies.sanctions.status import KIND_TITLES
from agencies.sanctions.steps import SANCTIONS
from agencies.security import queues as security
from agencies.winding_down.queues import QUEUES as WINDING_DOWN
from core.actor import Actor
from core.db import legal_day
from core.i18n import _l
from core.i18n import gettext as _
from core.ids import parse_reference
from core.permissions import Permission
from core.queues import Queue, QueueRow
from core.search import SearchHit, SearchProvider
from law.country import due_after

P, S, A = Permission, ApplicationStatus, LicenceApplication
WAITING = [*STAGE_OF, S.SECURITY_PENDING]


def _application_row(row: Any) -> QueueRow:
    words = str(APPLICATION_TITLES[row.status])
    if row.awaits is Party.AGENCY:
        words = _("%(state)s: the agency has to act", state=words)
    return QueueRow(
        reference=row.reference,
        label=row.agency_name,
        received_at=row.submitted_at,
        due_on=row.due_on,
        url=url_for("licensing.application", application_id=row.id),
        note=_("Renewal: %(state)s", state=words) if row.procedure is Procedure.RENEWAL else words,
    )


def _ready_row(row: Any) -> QueueRow:
    fee, found = fees.asked_for(row.procedure, row.licence_class or "", legal_day(row.submitted_at))
    owed = fee is not None and found.may_refuse and not row.fee_paid
    state = str(securing.FEE_MISSING if owed else securing.READY)
    renews = row.procedure is Procedure.RENEWAL
    return replace(_application_row(row), note=_("Renewal: %(state)s", state=state) if renews else state)


def _visit_row(row: Any) -> QueueRow:
    return replace(_application_row(row), url=url_for("visits.visit", application_id=row.id))


def _applications(
    name: str,
    title: Any,
    permission: Permission,
    statuses: Sequence[ApplicationStatus],
    clause: Callable[[Actor], ColumnElement[bool]],
    row: Callable[[Any], QueueRow] = _application_row,
) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.waiting(clause(actor), statuses),
        keys=(LicenceApplication.submitted_at, LicenceApplication.id),
        row=row,
    )


def _drawn(column: Any) -> Callable[[Actor], ColumnElement[bool]]:
    """Cases that were drawn for the officer: nobody sees a heap to pick from."""
    return lambda actor: column == actor.require_account()


def _nobody(actor: Actor) -> ColumnElement[bool]:
    """Cases of the administrator's offices for which no officer could be drawn."""
    missing = (
        and_(LicenceApplication.status == status, getattr(LicenceApplication, POINTER[stage]).is_(None))
        for status, stage in STAGE_OF.items()
    )
    return and_(policies.visible(actor, P.STAFF_MANAGE), or_(*missing, FINANCE.nobody()))


def _sanction_row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=row.agency_name,
        received_at=row.created_at,
        due_on=due_after(legal_day(row.created_at), "review_days"),
        url=url_for("sanctions.agency", agency_id=row.agency_id),
        note=str(KIND_TITLES[row.kind]),
    )


def _appeal_row(row: Any) -> QueueRow:
    url = url_for("licence_appeals.show", appeal_id=row.id)
    note = _("may be too late: you decide") if row.late else ""
    return QueueRow(row.reference, row.agency_name, row.created_at, row.due_on, url, note)


QUEUES = (
    *BRANCHES,
    _applications("licence.new", _l("New licence applications for you"), P.LICENCE_REVIEW, [S.SUBMITTED], _drawn(A.reviewer_id)),
    _applications("licence.review", _l("Licence applications in your review"), P.LICENCE_REVIEW, [S.IN_REVIEW], _drawn(A.reviewer_id)),
    _applications("licence.returned", _l("Sent back: the agency has to act"), P.LICENCE_REVIEW, [S.RETURNED], _drawn(A.reviewer_id)),
    _applications("licence.visit", _l("Offices to visit"), P.LICENCE_INSPECT, [S.INSPECTION], _drawn(A.inspector_id), _visit_row),
    _applications(
        "licence.stopped", _l("Stopped: something on the blacklist, or a name like another’s"), P.LICENCE_APPROVE,
        [S.STOPPED], _drawn(A.approver_id),
    ),
    _applications("licence.decision", _l("Licence applications to decide"), P.LICENCE_APPROVE, [S.DECISION], _drawn(A.approver_id)),
    _applications("licence.second", _l("Approvals to agree with"), P.LICENCE_APPROVE, [S.SECOND_CHECK], _drawn(A.second_approver_id)),
    _applications(
        "licence.nobody", _l("No officer is there for these applications"), P.STAFF_MANAGE, WAITING, _nobody,
        at_the_offices(_application_row),
    ),
    _applications(
        "licence.issue", _l("Licences to issue: the security is complete"), P.SECURITY_RECORD, [S.SECURITY_PENDING],
        lambda actor: and_(FINANCE.mine(actor), securing.complete()), _ready_row,
    ),
    _applications(
        "licence.security", _l("Securities to record"), P.SECURITY_RECORD, [S.SECURITY_PENDING],
        lambda actor: and_(FINANCE.mine(actor), not_(securing.complete())),
    ),
    Queue(
        "licence.appeal",
        _l("Appeals against refusals"),
        P.SANCTION_APPEAL,
        query=appeals.waiting,
        keys=(LicenceAppeal.created_at, LicenceAppeal.id),
        row=_appeal_row,
    ),
    Queue(
        "sanction.decision",
        _l("Suspensions to decide"),
        P.SANCTION_DECIDE,
        query=lambda actor: sanctions_waiting(SANCTIONS.mine(actor)),
        keys=(Sanction.created_at, Sanction.id),
        row=_sanction_row,
    ),
    Queue(
        "sanction.nobody",
        _l("No officer is there for these suspensions"),
        P.STAFF_MANAGE,
        query=lambda actor: sanctions_waiting(and_(SANCTIONS.nobody(), policies.visible(actor, P.STAFF_MANAGE))),
        keys=(Sanction.created_at, Sanction.id),
        row=at_the_offices(_sanction_row),
    ),
    *REGISTER_NAMES,
    *security.QUEUES,
    *PROCEEDINGS,
    *IMPORTING,
    *WINDING_DOWN,
)  # fmt: skip


def _find(session: Session, actor: Actor, text: str, limit: int) -> Sequence[SearchHit]:
    """Agencies by reference, licence number or name in any script, in the offices that the actor reaches."""
    reach = policies.visible(actor, P.SEARCH_AGENCIES)
    found = select(Agency.id).where(reach)
    reference = parse_reference(text)
    register, today = snapshot.current(session)
    ids = [h.entry.agency_id for h in search(register, text, today).hits]
    tests = [Agency.id.in_(ids), func.lower(Agency.name) == text.strip().lower()]
    if reference is not None:
        tests.append(Agency.reference == reference)
    tests.append(Agency.id.in_(select(Licence.agency_id).where(Licence.number == text.strip().upper())))
    order = {agency_id: place for place, agency_id in enumerate(ids)}
    rows = session.execute(
        select(Agency.id, Agency.reference, Agency.name).where(Agency.id.in_(found), or_(*tests)).limit(200)
    ).all()
    chosen = sorted(rows, key=lambda r: order.get(r.id, -1))[:limit]
    return [
        SearchHit(
            kind=_l("Agency"),
            reference=row.reference,
            label=row.name,
            status=STANDING_TITLES[queries.licence_for(session, row.id, today).status],
            url=url_for("sanctions.agency", agency_id=row.id),
        )
        for row in chosen
    ]


SEARCHES = (SearchProvider("agency", P.SEARCH_AGENCIES, _find),)
