"""Pages of the review of an interim suspension: the agency asks, an appeal officer decides."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.licensing.forms import ReasonForm
from agencies.registration.models import Agency
from agencies.sanctions import case_policies as policies
from agencies.sanctions import reviews
from agencies.sanctions.case_forms import ReviewForm
from agencies.sanctions.case_models import SanctionPaper
from agencies.sanctions.status import REVIEW_TITLES
from agencies.sanctions.steps import REVIEWS
from core.accounts import account_names
from core.errors import Denied
from core.files import pictures_of
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

blueprint = Blueprint("suspension_reviews", __name__)
P = Permission


@blueprint.route("/proceedings/<uuid:case_id>/review", methods=["GET", "POST"])
@access(P.AGENCY_OWN)
def ask(case_id: UUID) -> ResponseReturnValue:
    """The agency asks that somebody else looks at its suspension."""
    case = policies.find_own(db(), current_actor(), case_id)
    form = ReviewForm(request.form)
    sent = request.method == "POST" and form.validate()
    if sent and attempt(form, reviews.ask, db(), current_actor(), case_id, form.words.data):
        flash_done(_("Your request was sent. Other officers decide than those who suspended the licence."))
        return see_other("own_proceedings.mine", case_id=case_id)
    running = reviews.may_ask(db(), case)
    if running is None and request.method == "GET":
        return see_other("own_proceedings.mine", case_id=case_id)
    return page(
        "sanctions/review_ask.html", 422 if request.method == "POST" else 200, case=case, running=running, form=form,
        until=reviews.ask_by(running) if running else None,
    )  # fmt: skip


@blueprint.get("/licensing/suspension-reviews/<uuid:review_id>")
@access(*policies.SIGHT)
def show(review_id: UUID) -> ResponseReturnValue:
    return _page(review_id, ReasonForm(), 200)


def _page(review_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    review, sanction, case = reviews.find(db(), actor, review_id)
    held = REVIEWS.holders(db(), actor, [review]).get(review.id)
    may_decide, hindrance = held is not None and held.mine, None
    if may_decide:
        try:
            reviews.refuse_maker(db(), actor, sanction, case)
        except Denied as error:
            may_decide, hindrance = False, error.message
    paper = db().get(SanctionPaper, review.paper_id) if review.paper_id else None
    asked_by = review.asked_by if paper else None
    who = {i for i in (sanction.proposed_by, sanction.decided_by, review.decided_by, asked_by) if i}
    return page(
        "sanctions/suspension_review.html", status, review=review, sanction=sanction, case=case, form=form,
        agency=db().get_one(Agency, sanction.agency_id), titles=REVIEW_TITLES, people=account_names(db(), who),
        pictures=pictures_of(db(), [paper.file_id]).get(paper.file_id, 0) if paper else 0,
        may_decide=may_decide, hindrance=hindrance, held=held,
    )  # fmt: skip


@blueprint.post("/licensing/suspension-reviews/<uuid:review_id>/<any(uphold, lift):outcome>")
@access(P.SANCTION_APPEAL)
def decide(review_id: UUID, outcome: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    if not (
        form.validate() and attempt(form, reviews.decide, db(), current_actor(), review_id, outcome, form.reason.data)
    ):
        return _page(review_id, form, 422)
    flash_done(_("Done."))
    return see_other("suspension_reviews.show", review_id=review_id)
