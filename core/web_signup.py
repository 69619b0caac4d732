"""The first pages of an organisation's sign-up: the e-mail address, then the code that was sent to it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core import signup
from core.forms import CodeField, EmailField, Form, required
from core.i18n import _l
from core.web import attempt, current_actor, db, page, public, see_other


class EmailForm(Form):
    email = EmailField(_l("Your e-mail address"), [required(_l("Write your e-mail address."))])


class CodeForm(Form):
    code = CodeField(_l("The code from the e-mail"), [required(_l("Write the code."))])


@dataclass(frozen=True, slots=True)
class SignUpPages:
    """``register`` and ``register/code`` of a blueprint.

    ``finish`` and ``new`` are endpoints: where a newcomer goes with a proved address, and where who has an account goes.
    """

    blueprint: str
    heading: Any
    intro: Any
    finish: str
    new: str

    @property
    def _key(self) -> str:
        return f"{self.blueprint}_sign_up"

    def install(self, blueprint: Blueprint) -> None:
        for rule, name, view, methods in (
            ("/register", "register", self.register, ["GET"]),
            ("/register", "send_register", self.send_register, ["POST"]),
            ("/register/code", "code", self.code, ["GET"]),
            ("/register/code", "send_code", self.send_code, ["POST"]),
        ):
            blueprint.add_url_rule(rule, name, public(_plain(view)), methods=methods)

    def proved(self) -> UUID | None:
        """The account whose address this browser has proved, in this sign-up."""
        return self._held(confirmed=True)

    def _held(self, *, confirmed: bool) -> UUID | None:
        held = cookie.get(self._key)
        if not isinstance(held, dict) or bool(held.get("confirmed")) is not confirmed:
            return None
        return UUID(held["account"])

    def register(self) -> Response:
        """The first question; who is signed in goes straight on."""
        if current_actor().account_id is not None:
            return see_other(self.new)
        return self._ask(EmailForm(), 200)

    def _ask(self, form: EmailForm, status: int) -> Response:
        return page("sign_up/email.html", status, form=form, pages=self)

    def send_register(self) -> Response:
        form = EmailForm(request.form)
        begun = form.validate() and attempt(
            form, signup.begin, db(), form.email.data, address=request.remote_addr or ""
        )
        if not begun:
            return self._ask(form, 422)
        cookie[self._key] = {"account": str(begun), "confirmed": False}
        return see_other(f"{self.blueprint}.code")

    def code(self) -> Response:
        if self._held(confirmed=False) is None:
            return see_other(f"{self.blueprint}.register")
        return page("sign_up/code.html", form=CodeForm(), pages=self)

    def send_code(self) -> Response:
        account_id = self._held(confirmed=False)
        if account_id is None:
            return see_other(f"{self.blueprint}.register")
        form = CodeForm(request.form)
        account = form.validate() and attempt(form, signup.confirm, db(), account_id, form.code.data)
        if not account:
            return page("sign_up/code.html", 422, form=form, pages=self)
        if signup.signs_in_already(account):
            cookie.pop(self._key)
            return see_other("signin.sign_in", next=url_for(self.new))
        cookie[self._key] = {"account": str(account_id), "confirmed": True}
        return see_other(self.finish)


def _plain(view: Any) -> Any:
    """A function of its own for each blueprint: what a view declares is kept on the function."""

    def call() -> Response:
        answer: Response = view()
        return answer

    return call
