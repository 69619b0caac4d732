"""Forms of agencies: shape only."""

from typing import Any

from agencies.registration.services import AGENCY_RIGHTS, AddDirector, AgencyDetails, RegisterAgency
from agencies.registration.signup import SignUp
from agencies.registration.status import IdentifierKind
from core.forms import (
    DateField,
    EmailField,
    Form,
    NameField,
    PhoneField,
    RadioField,
    SecretField,
    TextField,
    optional,
    required,
)
from core.i18n import _l
from core.permissions import ClerkRight

IDENTIFIER_TITLES = {
    IdentifierKind.CITIZENSHIP: _l("Citizenship certificate"),
    IdentifierKind.NATIONAL_ID: _l("National identity card"),
    IdentifierKind.PASSPORT: _l("Passport"),
}
RIGHT_TITLES = {
    ClerkRight.APPLY: _l("Licence: fill in applications and upload papers"),
    ClerkRight.PEOPLE: _l("People: invite and remove others"),
    ClerkRight.JOB_ORDERS: _l("Job orders: acknowledge them"),
    ClerkRight.CONTRACTS: _l("Contracts: lodge them"),
    ClerkRight.SIGN: _l("Sign in the agency’s name"),
}


class AgencyNameForm(Form):
    name = TextField(
        _l("Name of the agency, as in the company certificate"), [required(_l("Write the name."))], maximum=120
    )
    name_local = TextField(_l("The name in the country's own script, if there is one"), [optional()], maximum=120)

    def command(self) -> RegisterAgency:
        return RegisterAgency(self.name.data, self.name_local.data or None)


class SignUpForm(AgencyNameForm):
    person = NameField(_l("Your own name"), [required(_l("Write your name."))])
    password = SecretField(_l("Choose a password"), [required(_l("Choose a password."))])

    def sign_up(self) -> SignUp:
        return SignUp(self.person.data, self.password.data, self.name.data, self.name_local.data or None)


class DetailsForm(AgencyNameForm):
    company_number = TextField(
        _l("Company registration number"), [required(_l("Write the company registration number."))], maximum=40
    )
    district = TextField(_l("District"), [required(_l("Write the district."))], maximum=60)
    address = TextField(_l("Address of the office"), [required(_l("Write the address."))], maximum=200)
    phone = PhoneField(_l("Telephone"), [required(_l("Write a telephone number."))])
    email = EmailField(_l("E-mail of the agency"), [optional()])
    bank_name = TextField(_l("Bank"), [required(_l("Write the name of the bank."))], maximum=80)
    bank_account = TextField(_l("Account number"), [required(_l("Write the account number."))], maximum=40)

    def details(self) -> AgencyDetails:
        return AgencyDetails(
            name=self.name.data,
            name_local=self.name_local.data or None,
            company_number=self.company_number.data,
            district=self.district.data,
            address=self.address.data,
            phone=self.phone.data,
            email=self.email.data or None,
            bank_name=self.bank_name.data,
            bank_account=self.bank_account.data,
        )


class DirectorForm(Form):
    name = NameField(_l("Full name"), [required(_l("Write the name."))])
    identifier_kind = RadioField(
        _l("Identity paper"),
        [required(_l("Choose the paper."))],
        choices=[(k.value, title) for k, title in IDENTIFIER_TITLES.items()],
    )
    identifier = TextField(_l("Number of the paper"), [required(_l("Write the number."))], maximum=40)
    calendar = RadioField(
        _l("Calendar of the birth date"),
        choices=[("BS", _l("Bikram Sambat")), ("AD", _l("Gregorian"))],
        default="BS",
    )
    birth_date = DateField(_l("Birth date"), [required(_l("Write the birth date."))], calendar_field="calendar")
    phone = PhoneField(_l("Telephone"), [required(_l("Write a telephone number."))])
    email = EmailField(_l("E-mail"), [optional()])

    def command(self) -> AddDirector:
        return AddDirector(
            name=self.name.data,
            identifier_kind=IdentifierKind(self.identifier_kind.data),
            identifier=self.identifier.data,
            birth_date=self.birth_date.data,
            phone=self.phone.data,
            email=self.email.data or None,
        )


class ClerkForm(Form):
    """Rights are tick boxes of one name, read by hand: WTForms has no accessible list of them."""

    name = NameField(_l("Name of the person"), [required(_l("Write the name."))])
    email = EmailField(_l("E-mail of the person"), [required(_l("Write the e-mail address."))])

    def rights(self, values: list[str]) -> list[ClerkRight]:
        known: dict[str, Any] = {str(r): r for r in AGENCY_RIGHTS}
        return [known[v] for v in values if v in known]
