"""Forms for changing one's own contacts: shape only."""

from core.forms import CodeField, EmailField, Form, PhoneField, SecretField, TextField, required
from core.i18n import _l
from portal.contacts.services import Ask
from portal.contacts.status import ContactKind


class AskForm(Form):
    """The new contact, and again what only the person knows and has."""

    password = SecretField(_l("Password now"), [required()])
    app_code = TextField(_l("Code from your app"), maximum=40)

    kind: ContactKind
    new: EmailField | PhoneField

    def command(self) -> Ask:
        return Ask(self.kind, self.new.data, self.password.data, self.app_code.data or "")


class EmailForm(AskForm):
    kind = ContactKind.EMAIL
    new = EmailField(_l("New e-mail address"), [required()])


class PhoneForm(AskForm):
    kind = ContactKind.PHONE
    new = PhoneField(_l("New telephone number"), [required()])


FORMS: dict[ContactKind, type[AskForm]] = {ContactKind.EMAIL: EmailForm, ContactKind.PHONE: PhoneForm}


class CodeForm(Form):
    """The code that was sent to the new contact."""

    code = CodeField(_l("The code"), [required(_l("Write the code."))])


class NotMeForm(Form):
    """The words of the message to the old contact."""

    words = TextField(_l("The code from the message"), [required(_l("Write the code."))], maximum=40)
