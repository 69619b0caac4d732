"""Pages of remittance officers: lists, one remittance, unmatched bank lines, refunds, batches, the books."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from core.errors import NotVisible
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment
from migrants.registration.queries import display_names
from remittance.credit_transfers import services as transfers
from remittance.credit_transfers.status import TRANSFER_TITLES, CreditTransferStatus, credit_transfer_workflow
from remittance.funding import services as funding
from remittance.ledger.titles import account_words
from remittance.orders import officers, queries
from remittance.orders.forms import (
    AttachForm,
    CreditorForm,
    FloatForm,
    ReasonForm,
    RefundForm,
    SettleForm,
    StatementForm,
)
from remittance.orders.status import (
    LINE_TITLES,
    REFUND_TITLES,
    STATUS_TITLES,
    STATUS_TONES,
    RemittanceStatus,
    remittance_workflow,
)
from remittance.rails.reasons import reason_words
from remittance.reconciliation import queries as reconciling
from remittance.reconciliation import services as reconciliation_services
from remittance.reconciliation.status import KIND_TITLES

blueprint = Blueprint("remittance_office", __name__, url_prefix="/remittance-office")
P = Permission
STAFF = (P.REMITTANCE_OPERATE, P.REFUND_APPROVE, P.SCREENING_REVIEW)
SHOWN = (
    RemittanceStatus.SCREENING_REVIEW,
    RemittanceStatus.REFUSAL_PROPOSED,
    RemittanceStatus.HELD,
    RemittanceStatus.FAILED,
    RemittanceStatus.PAYOUT_UNKNOWN,
    RemittanceStatus.DISPUTED,
    RemittanceStatus.FUNDED,
    RemittanceStatus.IN_TRANSFER,
    RemittanceStatus.PAID_OUT,
)


@blueprint.get("")
@access(*STAFF)
def home() -> ResponseReturnValue:
    actor = current_actor()
    wanted = request.args.get("status", "")
    status = RemittanceStatus(wanted) if wanted in {s.value for s in RemittanceStatus} else SHOWN[0]
    rows = queries.staff_list(db(), actor, status, request.args.get("cursor"))
    counts = queries.counts(db(), actor)
    return page("remittance/office.html", page=rows, status=status, counts=counts, shown=SHOWN, titles=STATUS_TITLES)


@blueprint.get("/<uuid:remittance_id>")
@access(*STAFF)
def show(remittance_id: UUID) -> ResponseReturnValue:
    return _page(remittance_id, Form(), 200)


def _page(remittance_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    remittance = officers.find(db(), actor, remittance_id)
    actions = [a for a in remittance_workflow.available(remittance.status, actor) if a.permission is not None]
    own = remittance.status is RemittanceStatus.REFUSAL_PROPOSED and remittance.refusal_proposed_by == actor.account_id
    most = officers.refundable(remittance)
    return page(
        "remittance/case.html",
        status,
        r=remittance,
        form=form,
        refund=RefundForm(data={"amount": most.to_decimal()}),
        most=most,
        migrant=queries.sender_facts(db(), remittance),
        sender=display_names(db(), [remittance.migrant_id]).get(remittance.migrant_id, ""),
        person=queries.recipient(db(), remittance),
        reason_words=reason_words,
        reasons=queries.screening_reasons(db(), remittance),
        actions=[] if own else actions,
        own=own,
        title=STATUS_TITLES[remittance.status],
        tone=STATUS_TONES.get(remittance.status, "plain"),
        events=queries.history(db(), remittance.id, reasons=True),
        may_propose=actor.can(P.REMITTANCE_OPERATE) and most.minor > 0,
    )


@blueprint.post(
    "/<uuid:remittance_id>/<any(clear, propose_refusal, refuse, put_back, release, settle_paid, settle_failed):action>"
)
@access(*STAFF)
def decide(remittance_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    service: Any = {"release": officers.release, "settle_paid": officers.settle, "settle_failed": officers.settle}.get(
        action, officers.decide_screening
    )
    values = {"reason": form.reason.data} | ({} if action == "release" else {"action": action})
    if not form.validate() or attempt(form, service, db(), current_actor(), remittance_id, **values) is None:
        return _page(remittance_id, form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.show", remittance_id=remittance_id)


@blueprint.post("/<uuid:remittance_id>/refund")
@access(P.REMITTANCE_OPERATE)
def propose_refund(remittance_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), RefundForm(request.form)
    remittance = officers.find(db(), actor, remittance_id)
    currency = remittance.currency
    if not form.validate() or not attempt(
        form, lambda: officers.propose_refund(db(), actor, remittance_id, form.command(currency))
    ):
        return _page(remittance_id, form, 422)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("remittance_office.show", remittance_id=remittance_id)


@blueprint.get("/refunds")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def refunds() -> ResponseReturnValue:
    return _refunds_page(Form(), 200)


def _refunds_page(form: Form, status: int) -> Response:
    rows = queries.open_refunds(db(), current_actor())
    return page("remittance/refunds.html", status, rows=rows, titles=REFUND_TITLES, form=form)


@blueprint.get("/refunds/<uuid:refund_id>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def refund(refund_id: UUID) -> ResponseReturnValue:
    """One refund: where its money is, and what to do."""
    return _refund_page(refund_id, Form(), 200)


def _refund_page(refund_id: UUID, form: Form, status: int) -> Response:
    case = queries.refund_case(db(), current_actor(), refund_id)
    return page(
        "remittance/refund.html",
        status,
        case=case,
        form=form,
        titles=REFUND_TITLES,
        states=TRANSFER_TITLES,
        reason_words=reason_words,
    )


@blueprint.post("/refunds/<uuid:refund_id>/<any(approve, reject):action>")
@access(P.REFUND_APPROVE)
def decide_refund(refund_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    if not form.validate() or not attempt(
        form, officers.decide_refund, db(), current_actor(), refund_id, action=action, reason=form.reason.data
    ):
        return _refund_page(refund_id, form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.refunds")


@blueprint.get("/refunds/<uuid:refund_id>/settle")
@access(P.REMITTANCE_OPERATE)
def settle(refund_id: UUID) -> ResponseReturnValue:
    return _settle_page(refund_id, SettleForm(), 200)


def _settle_page(refund_id: UUID, form: Form, status: int) -> Response:
    case = queries.refund_case(db(), current_actor(), refund_id)
    return page("remittance/settle.html", status, case=case, form=form)


@blueprint.post("/refunds/<uuid:refund_id>/settle")
@access(P.REMITTANCE_OPERATE)
def propose_settlement(refund_id: UUID) -> ResponseReturnValue:
    form = SettleForm(request.form)
    if not form.validate() or not attempt(
        form, lambda: officers.propose_settlement(db(), current_actor(), refund_id, form.command())
    ):
        return _settle_page(refund_id, form, 422)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("remittance_office.refund", refund_id=refund_id)


@blueprint.post("/refunds/<uuid:refund_id>/settlement/<any(approve, reject):action>")
@access(P.REFUND_APPROVE)
def decide_settlement(refund_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    yes = action == "approve"
    if not form.validate() or not attempt(
        form, officers.decide_settlement, db(), current_actor(), refund_id, approve=yes, reason=form.reason.data
    ):
        return _refund_page(refund_id, form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.refund", refund_id=refund_id)


@blueprint.get("/transfers/<uuid:transfer_id>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def transfer(transfer_id: UUID) -> ResponseReturnValue:
    """One payment that leaves by bank."""
    return _transfer_page(transfer_id, Form(), 200)


def _transfer_page(transfer_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    found = queries.transfer(db(), actor, transfer_id)
    hand = [
        t
        for t in credit_transfer_workflow.available(found.status, actor)
        if t.action in ("propose_hand", "confirm_hand", "put_back")
    ]
    own = found.status is CreditTransferStatus.HAND_PROPOSED and found.hand_proposed_by == actor.account_id
    return page(
        "remittance/transfer.html",
        status,
        t=found,
        form=form,
        states=TRANSFER_TITLES,
        reason_words=reason_words,
        actions=[] if own else hand,
        own=own,
    )


@blueprint.post("/transfers/<uuid:transfer_id>/<any(propose_hand, confirm_hand, put_back):action>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def by_hand(transfer_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    if not form.validate() or not attempt(
        form, transfers.by_hand, db(), current_actor(), transfer_id, action=action, reason=form.reason.data
    ):
        return _transfer_page(transfer_id, form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.transfer", transfer_id=transfer_id)


@blueprint.get("/bank")
@access(P.REMITTANCE_OPERATE)
def bank() -> ResponseReturnValue:
    return _bank_page(StatementForm(), 200)


def _bank_page(form: Form, status: int) -> Response:
    rows = queries.bank_lines(db(), request.args.get("cursor"))
    return page("remittance/bank.html", status, page=rows, form=form, titles=LINE_TITLES)


@blueprint.post("/bank")
@access(P.REMITTANCE_OPERATE)
def upload() -> ResponseReturnValue:
    form = StatementForm(CombinedMultiDict([request.files, request.form]))
    data = form.file.content() or b""
    done = attempt(form, funding.import_statement, db(), current_actor(), data)
    if not done:
        return _bank_page(form, 422)
    flash_done(
        _(
            "Read: %(matched)s matched, %(queued)s wait for you, %(known)s known already.",
            matched=done.matched, queued=done.queued, known=done.known,
        )
    )  # fmt: skip
    return see_other("remittance_office.bank")


@blueprint.get("/bank/<uuid:line_id>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def line(line_id: UUID) -> ResponseReturnValue:
    """Money of somebody unknown: what the bank told, and what was proposed."""
    return _line_page(line_id, Form(), 200)


def _line_page(line_id: UUID, form: Form, status: int) -> Response:
    case = queries.line_case(db(), line_id)
    return page("remittance/line.html", status, case=case, form=form, titles=LINE_TITLES, states=TRANSFER_TITLES)


@blueprint.get("/bank/<uuid:line_id>/attach")
@access(P.REMITTANCE_OPERATE)
def attach(line_id: UUID) -> ResponseReturnValue:
    return page("remittance/attach.html", case=queries.line_case(db(), line_id), form=AttachForm())


@blueprint.post("/bank/<uuid:line_id>/attach")
@access(P.REMITTANCE_OPERATE)
def propose_attach(line_id: UUID) -> ResponseReturnValue:
    form = AttachForm(request.form)
    if not form.validate() or not attempt(
        form,
        funding.propose_attach,
        db(),
        current_actor(),
        line_id,
        reference=form.reference.data,
        reason=form.reason.data,
    ):
        return page("remittance/attach.html", 422, case=queries.line_case(db(), line_id), form=form)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("remittance_office.line", line_id=line_id)


@blueprint.get("/bank/<uuid:line_id>/return")
@access(P.REMITTANCE_OPERATE)
def send_back(line_id: UUID) -> ResponseReturnValue:
    case = queries.line_case(db(), line_id)
    told = {
        "full_name": case.line.payer_name, "account_number": case.line.payer_account, "bank": case.line.payer_bank,
        "country": case.line.payer_country,
    }  # fmt: skip
    return page("remittance/return.html", case=case, form=CreditorForm(data=told))


@blueprint.post("/bank/<uuid:line_id>/return")
@access(P.REMITTANCE_OPERATE)
def propose_return(line_id: UUID) -> ResponseReturnValue:
    form = CreditorForm(request.form)
    if not form.validate() or not attempt(
        form,
        lambda: funding.propose_return(db(), current_actor(), line_id, to=form.creditor(), reason=form.reason.data),
    ):
        return page("remittance/return.html", 422, case=queries.line_case(db(), line_id), form=form)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("remittance_office.line", line_id=line_id)


@blueprint.post("/bank/<uuid:line_id>/<any(attach, return):what>/<any(approve, reject):action>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE)
def decide_line(line_id: UUID, what: str, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    service = funding.decide_attach if what == "attach" else funding.decide_return
    yes = action == "approve"
    if not form.validate() or not attempt(
        form, service, db(), current_actor(), line_id, approve=yes, reason=form.reason.data
    ):
        return _line_page(line_id, form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.line", line_id=line_id)


@blueprint.get("/books")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE, P.AUDIT_READ)
def books() -> ResponseReturnValue:
    """Batches, balances, and whether books and records agree."""
    return _books_page(FloatForm(), 200)


def _books_page(form: Form, status: int) -> Response:
    may = current_actor().can(P.REFUND_APPROVE)
    report = queries.reconcile(db())
    return page(
        "remittance/books.html",
        status,
        report=report,
        batches=queries.batches(db()),
        form=form,
        may=may,
        account_words=account_words,
    )


@blueprint.post("/float")
@access(P.REFUND_APPROVE)
def top_up() -> ResponseReturnValue:
    form = FloatForm(request.form)

    def record() -> bool:
        officers.pay_in_float(db(), current_actor(), form.amount.money(deployment().currency), reason=form.reason.data)
        return True

    if not form.validate() or not attempt(form, record):
        return _books_page(form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.books")


# --- reconciliation ----------------------------------------------------------------------------------------------------


@blueprint.get("/reconciliation")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE, P.AUDIT_READ)
def reconciliation() -> ResponseReturnValue:
    """Each day: our books against the card provider and the bank."""
    return page("remittance/days.html", rows=reconciling.days(db()))


@blueprint.get("/reconciliation/<day>")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE, P.AUDIT_READ)
def reconciled(day: str) -> ResponseReturnValue:
    return _day_page(_day(day), Form(), 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotVisible from None


def _day_page(day: date, form: Form, status: int) -> Response:
    reports = reconciling.reports(db(), day)
    if not reports:
        raise NotVisible
    rows = reconciling.differences(db(), day, request.args.get("cursor"))
    may = current_actor().can(P.REMITTANCE_OPERATE)
    return page(
        "remittance/day.html",
        status,
        day=day,
        reports=reports,
        page=rows,
        form=form,
        kinds=KIND_TITLES,
        account_words=account_words,
        may=may,
    )


@blueprint.get("/reconciliation/<day>.csv")
@access(P.REMITTANCE_OPERATE, P.REFUND_APPROVE, P.AUDIT_READ)
def reconciled_csv(day: str) -> ResponseReturnValue:
    content = reconciling.as_csv(db(), _day(day))
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="reconciliation-{_day(day).isoformat()}.csv"'
    return response


@blueprint.post("/reconciliation/<day>/<uuid:difference_id>/close")
@access(P.REMITTANCE_OPERATE)
def close_difference(day: str, difference_id: UUID) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    if not form.validate() or not attempt(
        form, reconciliation_services.close, db(), current_actor(), difference_id, reason=form.reason.data
    ):
        return _day_page(_day(day), form, 422)
    flash_done(_("Recorded."))
    return see_other("remittance_office.reconciled", day=day)
