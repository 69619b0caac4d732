"""What the office gives the agency in writing: a PDF for each, kept, with its content hash in the row of the decision.

Making one takes less than a tenth of a second, so it is made in the deciding transaction (``docs/adr/0034``): a decision without its
document can not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import due, policies, rules
from agencies.licensing.models import LicenceApplication, LicenceDefect
from agencies.licensing.paper_models import LicenceDocument
from agencies.licensing.status import PROCEDURE_TITLES, AppealStatus, ApplicationStatus, PaperKind
from agencies.licensing.visit_models import ANSWER_TITLES, LicenceVisit, LicenceVisitItem
from agencies.registration.models import Agency
from core.actor import Actor
from core.db import legal_day, legal_today
from core.documents import render_pdf
from core.errors import NotVisible
from core.files import Download, download, keep
from core.i18n import _l, bikram_sambat, format_money, in_locale
from core.ids import new_reference
from core.money import Money
from law.country import deployment

LANGUAGES = ("en", "ne")
ITEM_WORDS = {"details": _l("About the agency"), "directors": _l("The directors"), "other": _l("Something else")}
OUTCOMES = {
    AppealStatus.UPHELD: _l("The refusal stands."),
    AppealStatus.REVERSED: _l("The refusal is reversed. Other officers look at the application again."),
}
DAYS = ("made_on", "received_on", "visited_on", "due_on", "valid_until", "appeal_until")
Evidence = dict[str, Any]


def _make_out(
    session: Session,
    actor: Actor,
    application: LicenceApplication,
    agency: Agency,
    kind: PaperKind,
    days: dict[str, date | None] | None = None,
    **more: Any,
) -> Evidence:
    """Make one document and keep it; gives what the log says of it."""
    today, reference = legal_today(session), new_reference("LD")
    found = {**dict.fromkeys(DAYS), **(days or {}), "made_on": today}
    with in_locale("ne"):
        bs = {name: bikram_sambat(day) if day else "" for name, day in found.items()}
    data = {
        "kind": kind.value,
        "reference": reference,
        "ministry": deployment().ministry,
        "name": agency.name,
        "name_local": agency.name_local or "",
        "agency": agency.reference,
        "application": application.reference,
        "procedure": _words(PROCEDURE_TITLES[application.procedure]),
        "licence_class": application.licence_class or "",
        "days": {name: day.isoformat() if day else "" for name, day in found.items()},
        "bs": bs,
        "items": [],
        "reason": "",
        "outcome": {"en": "", "ne": ""},
        "law": [],
        "photos": 0,
        "appeal_certain": True,
        **more,
    }
    stored = keep(
        session, actor, render_pdf("licence_paper.typ", data), media_type="application/pdf",
        purpose=f"licence.{kind.value}", person_key_id=agency.person_key_id,
    )  # fmt: skip
    session.add(
        LicenceDocument(application_id=application.id, kind=kind, reference=reference, made_on=today, file_id=stored.id)
    )
    session.flush()
    return {"document": {"kind": kind, "reference": reference, "sha256": stored.sha256}}


def _words(title: Any) -> dict[str, str]:
    found = {}
    for code in LANGUAGES:
        with in_locale(code):
            found[code] = str(title)
    return found


def _citations(*rows: Any) -> list[str]:
    return [r["citation"] for r in rows if isinstance(r, dict) and r.get("citation")]


def _item_names(application: LicenceApplication) -> dict[str, dict[str, str]]:
    papers = deployment().papers[application.procedure]
    named = {p.code: {code: p.name(code) for code in LANGUAGES} for p in papers}
    return {**named, **{code: _words(title) for code, title in ITEM_WORDS.items()}}


def receipt(session: Session, actor: Actor, application: LicenceApplication, agency: Agency) -> Evidence:
    """That the application came in, with its papers. It tells nothing of a stop."""
    names = _item_names(application)
    given = [names[p.code] for p in rules.papers(application.procedure)]
    days = {
        "received_on": legal_today(session),
        "due_on": due.day_of(session, ApplicationStatus.SUBMITTED),
    }
    law = _citations(application.law)
    return _make_out(session, actor, application, agency, PaperKind.RECEIPT, days, items=given, law=law)


def defect_letter(
    session: Session,
    actor: Actor,
    application: LicenceApplication,
    agency: Agency,
    defects: Sequence[LicenceDefect],
) -> Evidence:
    """Each thing to mend, in the officer's words."""
    names = _item_names(application)
    items = [{**names.get(d.item, _words(d.item)), "note": d.note} for d in defects]
    days = {"due_on": due.day_of(session, ApplicationStatus.RETURNED), "received_on": _received(application)}
    return _make_out(session, actor, application, agency, PaperKind.DEFECT_LETTER, days, items=items)


def _received(application: LicenceApplication) -> date | None:
    return legal_day(application.submitted_at) if application.submitted_at else None


def inspection_report(
    session: Session,
    actor: Actor,
    application: LicenceApplication,
    agency: Agency,
    visit: LicenceVisit,
    items: Sequence[LicenceVisitItem],
    *,
    photos: int,
) -> Evidence:
    """What the inspector saw. Where and when photos were taken is in none of it, nor who the inspector was."""
    answers = {i.code: i for i in items}
    lines = [
        {
            **{code: c.name(code) for code in LANGUAGES},
            "answer": _words(ANSWER_TITLES[answers[c.code].answer]),
            "note": answers[c.code].note,
        }
        for c in rules.visit_checklist()
    ]
    return _make_out(
        session, actor, application, agency, PaperKind.INSPECTION_REPORT, {"visited_on": visit.visited_on},
        items=lines, reason=visit.finding, photos=photos,
    )  # fmt: skip


def letter_of_intent(session: Session, actor: Actor, application: LicenceApplication, agency: Agency) -> Evidence:
    """What the agency has to give until the licence is issued."""
    currency = application.security_currency or deployment().currency
    money: dict[str, dict[str, str]] = {}
    for code in LANGUAGES:
        with in_locale(code):
            money[code] = {
                "cash": format_money(Money(application.security_cash_minor or 0, currency)),
                "guarantee": format_money(Money(application.security_guarantee_minor or 0, currency)),
            }
    days = {
        "valid_until": application.valid_until,
        "due_on": due.day_of(session, ApplicationStatus.SECURITY_PENDING),
    }
    return _make_out(
        session, actor, application, agency, PaperKind.LETTER_OF_INTENT, days, money=money,
        reason=application.decision_reason or "", law=_citations(application.law),
    )  # fmt: skip


def refusal(session: Session, actor: Actor, application: LicenceApplication, agency: Agency, reason: str) -> Evidence:
    """The refusal with its reasons, and until when, to whom and how to appeal."""
    return _make_out(
        session, actor, application, agency, PaperKind.REFUSAL, {"appeal_until": application.appeal_until},
        reason=reason, law=_citations(application.appeal_law), appeal_certain=application.appeal_certain,
    )  # fmt: skip


def appeal_decision(
    session: Session,
    actor: Actor,
    application: LicenceApplication,
    agency: Agency,
    outcome: AppealStatus,
    reason: str,
) -> Evidence:
    """What became of the appeal."""
    return _make_out(
        session, actor, application, agency, PaperKind.APPEAL_DECISION, reason=reason,
        outcome=_words(OUTCOMES[outcome]), law=_citations(application.appeal_law),
    )  # fmt: skip


# --- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: UUID
    kind: PaperKind
    reference: str
    made_on: date


def documents_of(session: Session, application_id: UUID) -> list[DocumentRow]:
    """Documents of an application, the newest first; the caller has asked the policy."""
    rows = session.scalars(
        select(LicenceDocument)
        .where(LicenceDocument.application_id == application_id)
        .order_by(LicenceDocument.created_at.desc(), LicenceDocument.id.desc())
        .limit(50)
    )
    return [DocumentRow(r.id, r.kind, r.reference, r.made_on) for r in rows]


def download_document(session: Session, actor: Actor, document_id: UUID) -> Download:
    """For the agency's own people and every officer who sees the application.

    :raises NotVisible: for everybody else.
    """
    found = session.get(LicenceDocument, document_id)
    if found is None:
        raise NotVisible
    policies.find(session, actor, found.application_id)
    return download(session, found.file_id, found.reference)
