"""The poster of an advertised job: what the ministry approved, and a QR that says whether it still holds."""

from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from agencies.registration.queries import agency_names
from contracts.answer.address import answer_address
from contracts.answer.places import country_name
from contracts.answer.queries import public_order
from contracts.job_orders.models import JobOrder
from core.db import legal_today
from core.documents import qr_svg_text, render_pdf
from core.errors import NotVisible
from core.i18n import format_money, in_locale
from core.money import Money
from law.country import deployment


def poster_pdf(session: Session, order: JobOrder) -> bytes:
    """The poster; the caller has asked the policy.

    :raises NotVisible: before the approval, and when the job is closed: there is nothing to advertise.
    """
    found = public_order(session, order.reference)
    if found is None or not found.is_open:
        raise NotVisible
    terms, licence = found.terms, licence_for(session, found.agency_id, legal_today(session))
    with in_locale("en"):
        return render_pdf(
            "job_poster.typ",
            {
                "ministry": deployment().ministry,
                "reference": found.reference,
                "post": terms.post,
                "employer": terms.employer,
                "country": country_name(found.destination),
                "wage": format_money(Money(terms.wage_minor, terms.wage_currency)),
                "pays": format_money(Money(terms.worker_pays_minor, deployment().currency)),
                "places": order.approved,
                "agency": agency_names(session, [found.agency_id])[found.agency_id],
                "licence": licence.licence_number or "",
                "qr": qr_svg_text(answer_address(job_order=found.reference)),
            },
        )
