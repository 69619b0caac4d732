"""Forms of the insider controls: shape only."""

from agencies.insider.services import DeclareTie, GiveMarks
from agencies.insider.status import TIE_TITLES, TieKind
from agencies.registration.forms import IDENTIFIER_TITLES
from agencies.registration.status import IdentifierKind
from core.forms import Form, NoteField, PhoneField, RadioField, TextField, optional, required
from core.i18n import _l


class TieForm(Form):
    subject = TextField(
        _l("Reference of the agency or the employer, or the number of the licence"),
        [required(_l("Write the reference or the number."))],
        maximum=40,
    )
    kind = RadioField(
        _l("What ties you to it?"),
        [required(_l("Choose one."))],
        choices=[(k.value, title) for k, title in TIE_TITLES.items()],
    )
    note = NoteField(_l("More, if you want to say it"), [optional()], maximum=500)

    def command(self) -> DeclareTie:
        return DeclareTie(self.subject.data, TieKind(self.kind.data), self.note.data or "")


class MarksForm(Form):
    identifier_kind = RadioField(
        _l("Kind of identity paper"), [optional()], choices=[(k.value, t) for k, t in IDENTIFIER_TITLES.items()]
    )
    identifier = TextField(_l("Number of your identity paper"), [optional()], maximum=40)
    district = TextField(_l("District where you live"), [optional()], maximum=80)
    address = TextField(_l("Your address"), [optional()], maximum=200)
    bank_account = TextField(_l("Number of your bank account"), [optional()], maximum=40)
    phone = PhoneField(_l("A telephone that you use"), [optional()])

    def command(self) -> GiveMarks:
        kind = IdentifierKind(self.identifier_kind.data) if self.identifier_kind.data else None
        return GiveMarks(
            kind,
            self.identifier.data or "",
            self.district.data or "",
            self.address.data or "",
            self.bank_account.data or "",
            self.phone.data or "",
        )
