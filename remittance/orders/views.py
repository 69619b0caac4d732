"""Pages of senders: the quote for everybody, then one question a page."""

from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from core.errors import NotVisible
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.settings import current
from core.web import access, attempt, current_actor, db, flash_done, page, public, see_other, webhook
from law.country import deployment, source_words
from remittance.funding import local_bank
from remittance.funding import services as funding
from remittance.funding.port import CheckoutState, ProviderDown
from remittance.funding.reference import spaced
from remittance.funding.stripe_cards import cards
from remittance.orders import queries, services
from remittance.orders.forms import BeneficiaryForm, ConfirmForm, QuoteForm, ReasonForm, TakeForm
from remittance.orders.models import Remittance
from remittance.orders.receipt import receipt_pdf
from remittance.orders.status import STATUS_TITLES, STATUS_TONES, RemittanceStatus, remittance_workflow, told
from remittance.quotes.services import missing, quotes, served
from remittance.quotes.status import PAY_IN_TITLES, PayIn
from remittance.rails.reasons import reason_words

blueprint = Blueprint("remittance", __name__, url_prefix="/remittance")
webhooks = Blueprint("remittance_webhooks", __name__, url_prefix="/webhooks")
OWN = Permission.MIGRANT_OWN
_S = RemittanceStatus
# Seconds until the page of a payment that is on its way is asked for again.
AGAIN = 5


@blueprint.get("/quote")
@public
def quote() -> ResponseReturnValue:
    """What the family receives, for anybody, without an account."""
    form = QuoteForm(request.args if "amount" in request.args else None)
    found = None
    if "amount" not in request.args:
        form.country.data = next(iter(served(db())), None)
    if "amount" in request.args and form.validate():
        found = attempt(form, lambda: quotes(db(), form.country.data, form.money()))
    return _quote_page(form, found, 422 if form.errors or form.form_errors else 200)


def _quote_page(form: Form, found: object, status: int) -> Response:
    lines = {name: deployment().standard(f"remittance_{name}_bp") for name in ("warn", "refuse")}
    return page(
        "remittance/quote.html",
        status,
        form=form,
        quotes=found,
        missing=missing(db(), form.country.data) if found is not None else {},
        nowhere=found is None and form.country.data is None,
        titles=PAY_IN_TITLES,
        lines=lines,
        sender=current_actor().can(OWN),
        source_words=source_words,
    )


@blueprint.post("/start")
@access(OWN)
def start() -> ResponseReturnValue:
    form = TakeForm(request.form)
    made = form.validate() and attempt(form, lambda: services.take_offer(db(), current_actor(), form.command()))
    if made:
        return see_other("remittance.recipient", remittance_id=made.id)
    shown = QuoteForm(request.form)
    shown.form_errors = form.form_errors
    found = attempt(shown, lambda: quotes(db(), form.country.data, form.money())) if shown.validate() else None
    shown.form_errors = form.form_errors or shown.form_errors
    return _quote_page(shown, found, 422)


@blueprint.get("")
@access(OWN)
def mine() -> ResponseReturnValue:
    return page("remittance/mine.html", page=queries.own_remittances(db(), current_actor(), request.args.get("cursor")))


@blueprint.get("/beneficiaries")
@access(OWN)
def beneficiaries() -> ResponseReturnValue:
    return page("remittance/beneficiaries.html", rows=queries.beneficiaries(db(), current_actor()))


@blueprint.post("/beneficiaries/<uuid:beneficiary_id>/remove")
@access(OWN)
def remove_beneficiary(beneficiary_id: UUID) -> ResponseReturnValue:
    services.remove_beneficiary(db(), current_actor(), beneficiary_id)
    flash_done(_("Removed from your list."))
    return see_other("remittance.beneficiaries")


def _own(remittance_id: UUID) -> Remittance:
    return services.own_remittance(db(), current_actor(), remittance_id)


@blueprint.get("/<uuid:remittance_id>/recipient")
@access(OWN)
def recipient(remittance_id: UUID) -> ResponseReturnValue:
    return _recipient_page(_own(remittance_id), BeneficiaryForm(), 200)


def _recipient_page(remittance: Remittance, form: Form, status: int) -> Response:
    rows = queries.beneficiaries(db(), current_actor())
    return page("remittance/recipient.html", status, r=remittance, rows=rows, form=form)


def _listed(chosen: str) -> UUID:
    try:
        return UUID(chosen)
    except ValueError:
        raise NotVisible from None


@blueprint.post("/<uuid:remittance_id>/recipient")
@access(OWN)
def send_recipient(remittance_id: UUID) -> ResponseReturnValue:
    """Somebody of the list, or somebody new."""
    actor, form = current_actor(), BeneficiaryForm(request.form)
    chosen = request.form.get("beneficiary", "")
    if not chosen and not form.validate():
        return _recipient_page(_own(remittance_id), form, 422)

    def choose() -> Remittance:
        person = _listed(chosen) if chosen else services.add_beneficiary(db(), actor, form.command()).id
        return services.choose_recipient(db(), actor, remittance_id, person)

    if attempt(form, choose) is None:
        return _recipient_page(_own(remittance_id), form, 422)
    return see_other("remittance.check", remittance_id=remittance_id)


@blueprint.get("/<uuid:remittance_id>/check")
@access(OWN)
def check(remittance_id: UUID) -> ResponseReturnValue:
    return _check_page(_own(remittance_id), Form(), 200)


def _check_page(remittance: Remittance, form: Form, status: int) -> ResponseReturnValue:
    if remittance.status is not _S.RECIPIENT_CHECKED:
        return see_other("remittance.show", remittance_id=remittance.id)
    person = queries.recipient(db(), remittance)
    return page("remittance/check.html", status, r=remittance, person=person, form=form, titles=PAY_IN_TITLES)


@blueprint.post("/<uuid:remittance_id>/code")
@access(OWN)
def send_code(remittance_id: UUID) -> ResponseReturnValue:
    form = Form()
    services.own_remittance(db(), current_actor(), remittance_id)
    if attempt(form, services.send_code, db(), current_actor(), remittance_id) is None:
        return _check_page(_own(remittance_id), form, 422)
    return see_other("remittance.confirm", remittance_id=remittance_id)


@blueprint.get("/<uuid:remittance_id>/confirm")
@access(OWN)
def confirm(remittance_id: UUID) -> ResponseReturnValue:
    remittance = _own(remittance_id)
    if remittance.status is not _S.RECIPIENT_CHECKED:
        return see_other("remittance.show", remittance_id=remittance.id)
    return page("remittance/confirm.html", r=remittance, form=ConfirmForm())


@blueprint.post("/<uuid:remittance_id>/confirm")
@access(OWN)
def send_confirm(remittance_id: UUID) -> ResponseReturnValue:
    form = ConfirmForm(request.form)
    remittance = _own(remittance_id)
    if form.validate() and attempt(
        form,
        services.authorise,
        db(),
        current_actor(),
        remittance_id,
        secret=form.secret.data,
        code=form.code.data,
    ):
        return see_other("remittance.show", remittance_id=remittance_id)
    return page("remittance/confirm.html", 422, r=remittance, form=form)


@blueprint.get("/<uuid:remittance_id>")
@access(OWN)
def show(remittance_id: UUID) -> ResponseReturnValue:
    """Where the money is: the receipt page."""
    return _show_page(_own(remittance_id), Form(), 200)


def _show_page(remittance: Remittance, form: Form, status: int) -> Response:
    card = _card_page(remittance)
    if card in ("pay", "open"):
        g.form_action = cards().page_origin
    answer = page(
        "remittance/show.html",
        status,
        r=remittance,
        form=form,
        person=queries.recipient(db(), remittance),
        status=told(remittance.status).value,
        title=STATUS_TITLES[told(remittance.status)],
        tone=STATUS_TONES.get(told(remittance.status), "plain"),
        refund=queries.own_refund(db(), remittance),
        events=queries.history(db(), remittance.id, reasons=False),
        may={a: remittance_workflow.allows(remittance.status, a) for a in ("cancel", "dispute")},
        ours=queries.collection_account(db(), remittance),
        reference=spaced(remittance.pay_reference) if remittance.pay_reference else "",
        demo=current().demo,
        card=card,
        reason_words=reason_words,
    )
    if card == "waits":
        # Works without JavaScript; the same page again, until the card company has told.
        again = url_for("remittance.show", remittance_id=remittance.id, paid="1" if "paid" in request.args else None)
        answer.headers["Refresh"] = f"{AGAIN}; url={again}"
    return answer


def _card_page(remittance: Remittance) -> str:
    """What to say of the card payment: ``pay`` (nothing was begun), ``open`` (begun, not paid), ``waits`` (paid as far as
    anybody knows: no second payment), ``over`` (the page ran out), or nothing at all."""
    if remittance.pay_in is not PayIn.CARD or remittance.status is not _S.SCREENED or not current().stripe_secret_key:
        return ""
    try:
        state = funding.card_page(remittance, cards())
    except ProviderDown:
        return "waits"
    if state is CheckoutState.COMPLETE or (state is CheckoutState.OPEN and "paid" in request.args):
        return "waits"
    return {None: "pay", CheckoutState.OPEN: "open"}.get(state, "over")


@blueprint.post("/<uuid:remittance_id>/look")
@access(OWN)
def look(remittance_id: UUID) -> ResponseReturnValue:
    """Ask the card company now."""
    form = Form()
    asked = attempt(form, lambda: funding.look_again(db(), current_actor(), remittance_id, provider=cards()))
    if asked is None:
        return _show_page(_own(remittance_id), form, 422)
    return see_other("remittance.show", remittance_id=remittance_id)


@blueprint.post("/<uuid:remittance_id>/pay")
@access(OWN)
def pay(remittance_id: UUID) -> ResponseReturnValue:
    """On to the provider's page; nothing of the card comes here."""
    form = Form()
    cancelled = current().public_url + url_for("remittance.show", remittance_id=remittance_id)
    url = attempt(
        form,
        lambda: funding.open_checkout(
            db(),
            current_actor(),
            remittance_id,
            provider=cards(),
            label=_("Money for home"),
            back=f"{cancelled}?paid=1",
            cancelled=cancelled,
        ),
    )
    if url is None:
        return _show_page(_own(remittance_id), form, 422)
    return redirect(url, 303)


@blueprint.post("/<uuid:remittance_id>/demo-transfer")
@access(OWN)
def demo_transfer(remittance_id: UUID) -> ResponseReturnValue:
    """Demo mode only: the collecting bank says that exactly this money came."""
    if not current().demo:
        raise NotVisible
    form = Form()
    if attempt(form, local_bank.pay, db(), current_actor(), remittance_id) is None:
        return _show_page(_own(remittance_id), form, 422)
    flash_done(_("The demo’s bank was told. Reload this page in a moment."))
    return see_other("remittance.show", remittance_id=remittance_id)


@blueprint.post("/<uuid:remittance_id>/<any(cancel, dispute):action>")
@access(OWN)
def act(remittance_id: UUID, action: str) -> ResponseReturnValue:
    actor, form = current_actor(), ReasonForm(request.form)
    remittance = _own(remittance_id)
    if action == "cancel":
        done = attempt(form, services.cancel, db(), actor, remittance_id)
    else:
        done = form.validate() and attempt(form, services.dispute, db(), actor, remittance_id, reason=form.reason.data)
    if not done:
        return _show_page(remittance, form, 422)
    return see_other("remittance.show", remittance_id=remittance_id)


@blueprint.get("/<uuid:remittance_id>/receipt.pdf")
@access(OWN)
def receipt(remittance_id: UUID) -> ResponseReturnValue:
    remittance = _own(remittance_id)
    response = Response(receipt_pdf(db(), remittance), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{remittance.reference}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@webhooks.post("/stripe")
@webhook("signed over its raw body by the payment provider")
def stripe() -> ResponseReturnValue:
    """Keep the event once and ask the provider later: what the body says is not believed."""
    event = cards().event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    funding.take_event(db(), "stripe", event)
    return {"received": True}
