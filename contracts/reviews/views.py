"""One worker of a sanctioned agency or employer, on one page."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.registration.queries import agency_names
from contracts.employers.queries import employer_names
from contracts.employment.models import EmploymentContract
from contracts.reviews import services
from contracts.reviews.status import OUTCOMES, OUTCOMES_FOR, REVIEW_KINDS, REVIEW_TITLES, Outcome
from core.accounts import account_names
from core.forms import Form, NoteField, RadioField, required
from core.i18n import _l
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

bp = Blueprint("reviews", __name__, url_prefix="/worker-reviews")


class ReviewForm(Form):
    outcome = RadioField(_l("What becomes of this worker?"), [required(_l("Choose one."))])
    reason = NoteField(_l("What the worker said, and what you did"), [required(_l("Please give a reason."))])

    def command(self) -> services.Decision:
        return services.Decision(Outcome(self.outcome.data), self.reason.data)


def _form(kind: object, data: object = None) -> ReviewForm:
    form = ReviewForm(data)
    form.outcome.choices = [(o.value, OUTCOMES[o]) for o in OUTCOMES_FOR[kind]]  # type: ignore[index]
    return form


@bp.get("/<uuid:review_id>")
@access(Permission.CONTRACT_REGISTER)
def show(review_id: UUID) -> ResponseReturnValue:
    return _page(review_id, None, 200)


def _page(review_id: UUID, form: ReviewForm | None, status: int) -> Response:
    review = services.find(db(), current_actor(), review_id)
    contract = db().get_one(EmploymentContract, review.contract_id)
    return page(
        "sanctions/review.html",
        status,
        review=review,
        contract=contract,
        agency=agency_names(db(), [contract.agency_id]).get(contract.agency_id),
        employer=employer_names(db(), [contract.employer_id]).get(contract.employer_id),
        kinds=REVIEW_KINDS,
        states=REVIEW_TITLES,
        outcomes=OUTCOMES,
        officer=account_names(db(), [review.decided_by]).get(review.decided_by) if review.decided_by else None,
        form=form or _form(review.kind),
    )


@bp.post("/<uuid:review_id>")
@access(Permission.CONTRACT_REGISTER)
def decide(review_id: UUID) -> ResponseReturnValue:
    review = services.find(db(), current_actor(), review_id)
    form = _form(review.kind, request.form)
    if not (form.validate() and attempt(form, services.decide, db(), current_actor(), review_id, form.command())):
        return _page(review_id, form, 422)
    flash_done(_("Written down."))
    return see_other("reviews.show", review_id=review_id)
