"""Forms of winding down: shape only."""

from agencies.winding_down.custody import Document
from agencies.winding_down.owed import Debt
from agencies.winding_down.status import (
    DOCUMENT_TITLES,
    OUTCOME_TITLES,
    OWED_FOR_TITLES,
    DocumentKind,
    Outcome,
    OwedFor,
)
from core.forms import (
    AmountField,
    CheckField,
    CodeField,
    Form,
    NoteField,
    RadioField,
    SecretField,
    SelectField,
    TextField,
    UploadField,
    optional,
    required,
)
from core.i18n import _l


class DocumentForm(Form):
    """A document. Agencies and officers also write whose it is."""

    kind = SelectField(_l("What is it?"), choices=[(k.value, t) for k, t in DOCUMENT_TITLES.items()])
    number = TextField(_l("Number of the document"), [optional()], maximum=40)
    name = TextField(_l("Whose it is: full name"), [optional()], maximum=120)

    def command(self) -> Document:
        return Document(DocumentKind(self.kind.data), self.number.data or "", self.name.data or "")


class DebtForm(Form):
    """A sum in the deployment's currency, or in another."""

    what = SelectField(_l("What for?"), choices=[(k.value, t) for k, t in OWED_FOR_TITLES.items()])
    amount = AmountField(_l("Amount"), [required(_l("Write the amount."))])
    name = TextField(_l("To whom: full name"), [optional()], maximum=120)
    passport = TextField(_l("Passport number, if you know it"), [optional()], maximum=40)

    def command(self, currency: str) -> Debt:
        return Debt(
            OwedFor(self.what.data), self.amount.money(currency), self.name.data or "", self.passport.data or ""
        )


class DeclareForm(Form):
    whole = CheckField(
        _l("This list is whole: we hold no other document and owe no other worker."),
        [required(_l("Tick this to sign the list."))],
    )


class ConfirmForm(Form):
    secret = SecretField(_l("Your password"), [required()])
    code = CodeField(_l("The code that was sent to you"), [required()])


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])


class ClaimForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])
    file = UploadField(_l("Photo or PDF of the proof"))


class ProposeForm(Form):
    outcome = RadioField(
        _l("What becomes of the rest of the security?"),
        [required(_l("Choose one."))],
        choices=[(o.value, t) for o, t in OUTCOME_TITLES.items()],
    )
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])

    @property
    def chosen(self) -> Outcome:
        return Outcome(self.outcome.data)
