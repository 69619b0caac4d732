"""Forms of branches and representatives: shape only."""

from typing import Any

from agencies.branches.services import Propose
from agencies.branches.status import PresenceKind
from agencies.registration.forms import IDENTIFIER_TITLES
from agencies.registration.status import IdentifierKind
from core.forms import DateField, Form, NameField, NoteField, PhoneField, RadioField, SelectField, TextField, required
from core.i18n import _l
from law.country import deployment


def _countries() -> list[tuple[str, Any]]:
    return [
        ("", _l("In this country")),
        *((d.code, deployment().destination_name(d.code)) for d in deployment().destinations),
    ]


class ProposeForm(Form):
    country = SelectField(_l("Where?"), choices=_countries, default="")
    place = TextField(_l("Town and address"), [required(_l("Write the place."))])
    name = NameField(_l("Full name of the person"), [required(_l("Write the name."))])
    identifier_kind = RadioField(
        _l("Identity paper"),
        [required(_l("Choose one."))],
        choices=[(k.value, title) for k, title in IDENTIFIER_TITLES.items()],
    )
    identifier = TextField(_l("Number of the identity paper"), [required(_l("Write the number."))], maximum=40)
    birth_date = DateField(_l("Birth date"), [required(_l("Write the birth date."))])
    phone = PhoneField(_l("Telephone"), [required(_l("Write a telephone number."))])

    def command(self, kind: PresenceKind) -> Propose:
        return Propose(
            kind,
            self.country.data or "",
            self.place.data,
            self.name.data,
            IdentifierKind(self.identifier_kind.data),
            self.identifier.data,
            self.birth_date.data,
            self.phone.data,
        )


class DecideForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])
    deposit_reference = TextField(_l("The bank’s reference for the deposit"), maximum=80)
