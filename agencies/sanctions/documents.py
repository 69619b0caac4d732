"""The order in writing: reasons, law, how to appeal. A PDF that the agency downloads; its reference is public."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.sanctions import case_policies as policies
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionLifting, SanctionOrder, SanctionPaper
from agencies.sanctions.case_status import ORDER_TITLES, SUBJECT_TITLES
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import KIND_TITLES
from core.actor import Actor
from core.db import legal_today
from core.documents import render_pdf
from core.errors import NotVisible
from core.files import Download, download, keep
from core.i18n import bikram_sambat, format_money, in_locale
from core.money import Money
from core.settings import current
from law.country import deployment

LANGUAGES = ("en", "ne")


def subject_name(session: Session, case: SanctionCase) -> str:
    """The name of the subject: an agency's is public, everybody else's is sealed with the proceeding."""
    if case.agency_id is not None:
        return session.get_one(Agency, case.agency_id).name
    return case.name or ""


def listed_name(session: Session, lifting: SanctionLifting) -> str:
    """The name of whose blacklisting is to be lifted, for the officer to whom the decision has passed."""
    if lifting.sanction_id is not None:
        return session.get_one(Agency, session.get_one(Sanction, lifting.sanction_id).agency_id).name
    bar = session.get_one(SanctionBar, lifting.bar_id)
    return subject_name(session, session.get_one(SanctionCase, bar.case_id))


def keep_order(session: Session, actor: Actor, case: SanctionCase, order: SanctionOrder) -> str:
    """Make the document and keep it; gives its content hash."""
    pdf = render_pdf("sanction_order.typ", order_data(session, case, order))
    stored = keep(
        session, actor, pdf, media_type="application/pdf", purpose="sanction.order", person_key_id=case.person_key_id
    )
    order.document_id = stored.id
    session.flush()
    return stored.sha256


def order_data(session: Session, case: SanctionCase, order: SanctionOrder) -> dict[str, Any]:
    """Plain values for the document's template, in English and in the country's language."""
    words: dict[str, dict[str, str]] = {}
    fine = Money(order.fine_minor, order.fine_currency) if order.fine_minor and order.fine_currency else None
    for code in LANGUAGES:
        with in_locale(code):
            words[code] = {
                "kind": str(ORDER_TITLES[order.kind]),
                "subject": str(SUBJECT_TITLES[case.subject_kind]),
                "fine": format_money(fine) if fine else "",
            }
    with in_locale("ne"):
        bs = {
            "ordered_on": bikram_sambat(order.ordered_on),
            "last_day": bikram_sambat(order.last_day) if order.last_day else "",
            "appeal_until": bikram_sambat(order.appeal_until),
        }
    return {
        "ministry": deployment().ministry,
        "reference": order.reference,
        "case": case.reference,
        "name": subject_name(session, case),
        "words": words,
        "reason": order.reason,
        "ordered_on": order.ordered_on.isoformat(),
        "last_day": order.last_day.isoformat() if order.last_day else "",
        "fine_due_on": order.fine_due_on.isoformat() if order.fine_due_on else "",
        "appeal_until": order.appeal_until.isoformat(),
        "bs": bs,
        "law": [row["citation"] for row in order.law.values() if isinstance(row, dict) and row.get("citation")],
        "check_url": f"{current().public_url}/check",
    }


def keep_suspension(session: Session, actor: Actor, sanction: Sanction, law: dict[str, Any]) -> str:
    """The order of a suspension without a proceeding before it, or of its extension; gives its content hash."""
    agency = session.get_one(Agency, sanction.agency_id)
    days = {
        "made_on": legal_today(session), "last_day": sanction.last_day, "show_cause_day": sanction.show_cause_day,
    }  # fmt: skip
    with in_locale("ne"):
        bs = {name: bikram_sambat(day) if day else "" for name, day in days.items()}
    words = {}
    for code in LANGUAGES:
        with in_locale(code):
            words[code] = str(KIND_TITLES[sanction.kind])
    row = law.get("law")
    data = {
        "ministry": deployment().ministry,
        "reference": sanction.reference,
        "name": agency.name,
        "words": words,
        "days": {name: day.isoformat() if day else "" for name, day in days.items()},
        "bs": bs,
        "reason": sanction.reason,
        "law": [row["citation"]] if isinstance(row, dict) and row.get("citation") else [],
        "check_url": f"{current().public_url}/check",
    }
    stored = keep(
        session, actor, render_pdf("suspension_order.typ", data), media_type="application/pdf", purpose="sanction.order",
        person_key_id=agency.person_key_id,
    )  # fmt: skip
    sanction.document_id = stored.id
    session.flush()
    return stored.sha256


def download_suspension(session: Session, actor: Actor, sanction_id: UUID) -> Download:
    """For the agency and officers who see it.

    :raises NotVisible: for everybody else, and where no such order was made.
    """
    sanction = session.get(Sanction, sanction_id)
    if sanction is None or sanction.document_id is None:
        raise NotVisible
    agency_policies.find(session, actor, sanction.agency_id)
    return download(session, sanction.document_id, sanction.reference)


def download_order(session: Session, actor: Actor, case_id: UUID) -> Download:
    """
    :raises NotVisible: when the actor may not see the proceeding, or it has no order.
    """
    policies.find(session, actor, case_id)
    order = session.scalars(select(SanctionOrder).where(SanctionOrder.case_id == case_id)).one_or_none()
    if order is None:
        raise NotVisible
    return download(session, order.document_id, order.reference)


def download_paper(session: Session, actor: Actor, paper_id: UUID, picture: int | None = None) -> Download:
    """
    :raises NotVisible: when the actor may not see the proceeding, or is its subject and the paper is not shown.
    """
    paper = session.get(SanctionPaper, paper_id)
    if paper is None:
        raise NotVisible
    case = policies.find(session, actor, paper.case_id)
    if not paper.shown and policies.is_own(actor, case):
        raise NotVisible
    return download(session, paper.file_id, f"{case.reference}-{paper.step}", picture)
