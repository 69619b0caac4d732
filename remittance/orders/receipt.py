"""The receipt of a remittance as a PDF, in English with the sender's own details."""

from sqlalchemy.orm import Session

from core.documents import render_pdf
from core.i18n import format_datetime, in_locale
from core.money import Money, plain_amount
from law.country import deployment
from migrants.registration.models import Migrant
from remittance.orders.models import Remittance
from remittance.orders.queries import recipient
from remittance.orders.status import STATUS_TITLES


def receipt_pdf(session: Session, remittance: Remittance) -> bytes:
    """The receipt. The account number is shown by its last four characters."""
    person = recipient(session, remittance)
    migrant = session.get_one(Migrant, remittance.migrant_id)
    country = deployment()
    with in_locale("en"):
        data = {
            "reference": remittance.reference,
            "ministry": country.ministry,
            "status": str(STATUS_TITLES[remittance.status]),
            "sender": migrant.full_name or migrant.reference,
            "recipient": person.full_name if person else "",
            "bank": person.bank if person else "",
            "account": f"…{(person.account_number or '')[-4:]}" if person else "",
            "receives": f"{remittance.receive_currency} {plain_amount(remittance.receives)}",
            "amount": f"{remittance.currency} {plain_amount(remittance.amount)}",
            "fee": f"{remittance.currency} {plain_amount(remittance.fee)}",
            "margin": f"{remittance.currency} {plain_amount(remittance.margin)}",
            "pays": f"{remittance.currency} {plain_amount(remittance.pays)}",
            "cost": f"{remittance.cost_bp // 100}.{remittance.cost_bp % 100:02d}%",
            "paid_at": format_datetime(remittance.paid_at) if remittance.paid_at else "",
            "paid_out_at": format_datetime(remittance.paid_out_at) if remittance.paid_out_at else "",
            "refunded": f"{remittance.currency} {plain_amount(Money(remittance.refunded_minor, remittance.currency))}"
            if remittance.refunded_minor
            else "",
        }
    return render_pdf("remittance_receipt.typ", data)
