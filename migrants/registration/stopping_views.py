"""The page "I stop registering": what is deleted, what is kept, and doing it."""

from flask import request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core.i18n import _l
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from migrants.registration import stopping
from migrants.registration.forms import StopForm
from migrants.registration.views import bp


@bp.get("/me/stop")
@access(Permission.MIGRANT_OWN)
def stop() -> Response:
    return _page(StopForm(), 200)


def _page(form: StopForm, status: int) -> Response:
    plan = stopping.plan(db(), current_actor())
    return page("migrants/stop.html", status, form=form, plan=plan, back_url=url_for("migrants.me"))


@bp.post("/me/stop/code")
@access(Permission.MIGRANT_OWN)
def stop_code() -> Response:
    stopping.send_code(db(), current_actor())
    flash_done(_l("A code is on its way."))
    return see_other("migrants.stop")


@bp.post("/me/stop")
@access(Permission.MIGRANT_OWN)
def send_stop() -> Response:
    form, found = StopForm(request.form), []

    def act() -> bool:
        values = {"secret": form.secret.data, "code": form.code.data or ""}
        found.append(stopping.stop(db(), current_actor(), **values))
        return True

    if not form.validate() or not attempt(form, act):
        return _page(form, 422)
    cookie.clear()
    if found[0]:
        flash_done(_l("Your registration is closed and your details are deleted. You can begin anew at any time."))
    else:
        flash_done(_l("Your registration is closed. Your details are kept for the reasons that you read."))
    return see_other("home.start")
