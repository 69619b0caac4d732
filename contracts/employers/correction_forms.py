"""Forms of corrections: shape only."""

from typing import Any
from uuid import UUID

from contracts.employers.corrections import Details, Signatory
from core.forms import Form, NameField, NoteField, PhoneField, RadioField, TextField, UploadField, required
from core.i18n import _l


class _WithEvidence(Form):
    why = NoteField(_l("Why it changes"), [required()])
    evidence = UploadField(_l("Paper that shows it: a photo or PDF"), [required()])

    def content(self) -> bytes:
        content: bytes | None = self.evidence.content()
        return content or b""


class DetailsForm(_WithEvidence):
    name = TextField(_l("Name of the employer"), [required()])
    city = TextField(_l("City"), [required()])
    address = TextField(_l("Address"))
    sector = TextField(_l("What the company does"), maximum=120)

    def command(self) -> Details:
        return Details(
            self.name.data,
            self.city.data,
            self.address.data or "",
            self.sector.data or "",
            self.why.data,
            self.content(),
        )


class SignatoryForm(_WithEvidence):
    person = RadioField(_l("Who signs for the company?"), [required(_l("Choose one."))], choices=list)
    signatory_name = NameField(_l("Their name, as in the passport or identity card"), [required()])
    title = TextField(_l("Their position"), [required()])
    phone = PhoneField(_l("Their own telephone number, with country code"), [required()])

    def command(self) -> Signatory:
        return Signatory(
            UUID(self.person.data),
            self.signatory_name.data,
            self.title.data,
            self.phone.data,
            self.why.data,
            self.content(),
        )


def signatory_form(people: list[tuple[str, Any]], *given: Any, **values: Any) -> SignatoryForm:
    """The form with the employer's people to choose from: account id and words."""
    form = SignatoryForm(*given, **values)
    form.person.choices = people
    return form
