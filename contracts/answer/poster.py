"""The poster of an advertised job: what the ministry approved, and a QR that says whether it still holds."""

from typing import Any

from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from agencies.registration.queries import agency_names
from contracts.answer.address import answer_address
from contracts.answer.places import country_name
from contracts.answer.queries import public_order
from contracts.answer.sms import spoken
from contracts.job_orders.models import JobOrder
from core.db import legal_today
from core.documents import qr_svg_text, render_pdf
from core.errors import NotVisible
from core.i18n import _l, format_money, in_locale
from core.money import Money
from law.country import deployment

LABELS = {
    "country": _l("Country"),
    "employer": _l("Employer"),
    "wage": _l("Wage a month"),
    "pays": _l("The worker pays in all"),
    "places": _l("Workers"),
    "agency": _l("Agency"),
    "licence": _l("Licence"),
    "reference": _l("Number of the job"),
}


def poster_pdf(session: Session, order: JobOrder) -> bytes:
    """The poster, in English and the country's own language; the caller has asked the policy.

    :raises NotVisible: before the approval, and when the job is closed or over: there is nothing to advertise.
    """
    found = public_order(session, order.reference)
    today = legal_today(session)
    if found is None or not found.is_open(today):
        raise NotVisible
    terms, licence = found.terms, licence_for(session, found.agency_id, today)
    languages = spoken(None)
    ministry, pays = deployment().ministry, Money(terms.worker_pays_minor, deployment().currency)
    with in_locale("en"):
        amounts = {"wage": format_money(Money(terms.wage_minor, terms.wage_currency)), "pays": format_money(pays)}
    return render_pdf(
        "job_poster.typ",
        {
            **amounts,
            "labels": {name: _said(languages, label) for name, label in LABELS.items()},
            "ministry": [{"lang": code, "text": ministry[code]} for code in languages if code in ministry],
            "country": _said(languages, lambda: country_name(found.destination)),
            "reference": found.reference,
            "post": terms.post,
            "employer": terms.employer,
            "places": order.approved,
            "agency": agency_names(session, [found.agency_id])[found.agency_id],
            "licence": licence.licence_number or "",
            "qr": qr_svg_text(answer_address(job_order=found.reference)),
        },
    )


def _said(languages: tuple[str, ...], words: Any) -> list[dict[str, str]]:
    """The words, or what a function says, in each of the languages."""
    said = []
    for code in languages:
        with in_locale(code):
            said.append({"lang": code, "text": str(words() if callable(words) else words)})
    return said
