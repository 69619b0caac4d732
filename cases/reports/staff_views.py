"""Pages of case officers: one report, and what is done with it. Each reading is logged."""

import base64
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from cases.reports import alerts, officers, policies, queries
from cases.reports.forms import AlertForm, SortForm, WordsForm, alert_form
from cases.reports.models import ReportPhoto
from cases.reports.status import (
    CATEGORY_TITLES,
    INDICATOR_TITLES,
    REFERRAL_TITLES,
    REPORT,
    SHARE_TITLES,
    STAFF_TITLES,
    Indicator,
    Share,
)
from core.db import db_now
from core.errors import NotVisible
from core.files import Download
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other, sent_file
from law.country import deployment

blueprint = Blueprint("cases", __name__, url_prefix="/staff/reports")


@blueprint.get("/<uuid:report_id>")
@access(Permission.REPORT_READ)
def report(report_id: UUID) -> ResponseReturnValue:
    return _file(report_id, 200)


def _file(
    report_id: UUID,
    status: int,
    *,
    sort: SortForm | None = None,
    words: WordsForm | None = None,
    alert: AlertForm | None = None,
    refused: Form | None = None,
) -> Response:
    actor = current_actor()
    found = queries.file(db(), actor, report_id)
    note_reading(actor, (REPORT.name, report_id), purpose="case work")
    available = {t.action: t for t in REPORT.available(found.report.status, actor)}
    if found.report.share is Share.NOTHING:
        available.pop("redirect", None)
    return page(
        "cases/file.html",
        status,
        file=found,
        report=found.report,
        available=available,
        second=found.report.closing_by != actor.account_id,
        destination=deployment().destination_name(found.facts.get("destination", "")),
        titles=STAFF_TITLES,
        categories=CATEGORY_TITLES,
        signs=[INDICATOR_TITLES[Indicator(i)] for i in found.report.indicators],
        shares=SHARE_TITLES,
        referrals=REFERRAL_TITLES,
        sort=sort or SortForm(),
        words=words or WordsForm(),
        urgent=alerts.is_urgent(found.report),
        contacts=alerts.whom(found.facts.get("destination", "")) if alerts.is_urgent(found.report) else [],
        alert=alert or alert_form(db_now(db())),
        refused=refused,
        back_url=url_for("staff.home"),
    )


@blueprint.get("/<uuid:report_id>/photos/<uuid:photo_id>")
@access(Permission.REPORT_READ)
def photo(report_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    policies.find(db(), current_actor(), report_id)
    found = db().get(ReportPhoto, photo_id)
    if found is None or found.report_id != report_id or found.content is None:
        raise NotVisible
    note_reading(current_actor(), (REPORT.name, report_id), purpose="photo")
    return sent_file(Download(base64.b64decode(found.content), "image/jpeg", "photo.jpg", shown=True))


@blueprint.post("/<uuid:report_id>/accept")
@access(Permission.REPORT_READ)
def accept(report_id: UUID) -> ResponseReturnValue:
    form = SortForm(request.form)
    if not (form.validate() and attempt(form, officers.accept, db(), current_actor(), report_id, form.command())):
        return _file(report_id, 422, sort=form)
    return _done(report_id)


@blueprint.post("/<uuid:report_id>/<any(answer, propose_closing, write, note):action>")
@access(Permission.REPORT_READ)
def say(report_id: UUID, action: str) -> ResponseReturnValue:
    """Words: the answer, a question to the reporter, a note, or why it is not for us."""
    form = WordsForm(request.form)
    actor = current_actor()
    done = form.validate() and (
        attempt(form, officers.answer, db(), actor, report_id, form.words.data)
        if action == "answer"
        else attempt(form, officers.propose_closing, db(), actor, report_id, form.words.data)
        if action == "propose_closing"
        else attempt(form, officers.message, db(), actor, report_id, form.words.data, note=action == "note")
    )
    return _done(report_id) if done else _file(report_id, 422, words=form)


@blueprint.post("/<uuid:report_id>/<any(take, redirect, seen, close, confirm_closing, keep, reopen):action>")
@access(Permission.REPORT_READ)
def act(report_id: UUID, action: str) -> ResponseReturnValue:
    form = Form()
    if not attempt(form, officers.PLAIN[action], db(), current_actor(), report_id):
        return _file(report_id, 422, refused=form)
    return _done(report_id)


@blueprint.post("/<uuid:report_id>/alert")
@access(Permission.REPORT_READ)
def note_alert(report_id: UUID) -> ResponseReturnValue:
    """Somebody who can help was told."""
    form = AlertForm(request.form)
    if not (form.validate() and attempt(form, alerts.note, db(), current_actor(), report_id, form.command())):
        return _file(report_id, 422, alert=form)
    return _done(report_id)


def _done(report_id: UUID) -> Response:
    flash_done(_("Done."))
    return see_other("cases.report", report_id=report_id)
