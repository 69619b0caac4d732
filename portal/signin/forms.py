"""Forms of signing in."""

from wtforms.validators import EqualTo

from core.forms import CodeField, EmailField, Form, HiddenField, SecretField, TextField, required
from core.i18n import _l


class SignInForm(Form):
    """Who (e-mail, telephone or reference) and the secret."""

    login = TextField(_l("E-mail, telephone number or reference"), [required()])
    password = SecretField(_l("Password or PIN"), [required()])


class CodeForm(Form):
    """The second factor: six digits from the app, or a recovery code."""

    code = TextField(_l("Code from your app"), [required()], maximum=40)


class EnrolForm(Form):
    """The first code of a new authenticator."""

    code = CodeField(_l("Code from your app"), [required()])


class PasswordForm(Form):
    """A new password."""

    current = SecretField(_l("Password now"), [required()])
    password = SecretField(_l("New password"), [required()])
    again = SecretField(
        _l("New password again"), [required(), EqualTo("password", message=_l("The two new passwords differ."))]
    )


class ForgottenForm(Form):
    """Whose password was forgotten."""

    login = EmailField(_l("E-mail"), [required()])


class NewPasswordForm(Form):
    """The code from the e-mail and the new password."""

    login = HiddenField(validators=[required()])
    code = CodeField(_l("Code from the e-mail"), [required()])
    password = SecretField(_l("New password"), [required()])
    again = SecretField(
        _l("New password again"), [required(), EqualTo("password", message=_l("The two new passwords differ."))]
    )


class RecoveryForm(Form):
    """The password again, before recovery codes are made."""

    password = SecretField(_l("Password now"), [required()])
