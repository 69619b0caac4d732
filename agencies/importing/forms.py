"""Forms of claims and conflicts: shape only."""

from agencies.importing.claiming import Ask, NewOwner
from core.forms import (
    CodeField,
    EmailField,
    Form,
    NameField,
    NoteField,
    ReferenceField,
    SecretField,
    TextField,
    required,
)
from core.i18n import _l


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])


class AskForm(Form):
    number = TextField(_l("Licence number"), [required(_l("Write the licence number."))], maximum=60)
    contact = TextField(
        _l("E-mail address or telephone that the office has of your agency"),
        [required(_l("Write the e-mail address or the telephone."))],
        maximum=254,
    )

    def command(self) -> Ask:
        return Ask(self.number.data, self.contact.data)


class ProveForm(Form):
    code = CodeField(_l("The code that was sent"), [required(_l("Write the code."))])


class PaperForm(Form):
    reference = ReferenceField(_l("Reference of the agency, on the paper"), [required(_l("Write the reference."))])
    code = TextField(_l("Code on the paper"), [required(_l("Write the code."))], maximum=40)


class OwnerForm(Form):
    name = NameField(_l("Your own name"), [required(_l("Write your name."))])
    password = SecretField(_l("Choose a password"), [required(_l("Choose a password."))])

    def command(self) -> NewOwner:
        return NewOwner(self.name.data, self.password.data)


class PaperOwnerForm(OwnerForm):
    email = EmailField(_l("Your e-mail address"), [required(_l("Write your e-mail address."))])

    def command(self) -> NewOwner:
        return NewOwner(self.name.data, self.password.data, self.email.data)
