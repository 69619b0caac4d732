"""Forms of remittance: shape only."""

import re
from typing import Any

from wtforms.validators import ValidationError

from core.forms import (
    AmountField,
    CodeField,
    Form,
    NameField,
    NoteField,
    RadioField,
    SecretField,
    SelectField,
    TextField,
    UploadField,
    latin_digits,
    required,
)
from core.i18n import _l
from core.money import Money
from law.country import deployment
from remittance.credit_transfers.services import Creditor
from remittance.orders.officers import ProposeRefund, ProposeSettlement
from remittance.orders.services import NewBeneficiary, TakeOffer
from remittance.quotes.status import PayIn
from remittance.quotes.tariffs import banks


def _countries() -> list[tuple[str, str]]:
    country = deployment()
    return [
        (d.code, f"{country.destination_name(d.code)} ({country.destination_currencies[d.code]})")
        for d in country.destinations
    ]


class QuoteForm(Form):
    country = SelectField(_l("Country where you work"), [required()], choices=_countries)
    amount = AmountField(_l("How much do you want to send?"), [required()])

    def money(self) -> Money:
        """In the currency of the country."""
        return self.amount.money(deployment().destination_currencies[self.country.data])


class TakeForm(QuoteForm):
    pay_in = RadioField(_l("How do you want to pay?"), [required()], choices=[(p.value, p.value) for p in PayIn])
    pays = TextField("", [required()], maximum=15)
    receives = TextField("", [required()], maximum=15)

    def _digits(self, text: Any) -> int:
        return int(text) if re.fullmatch(r"[0-9]{1,15}", str(text)) else -1

    def command(self) -> TakeOffer:
        return TakeOffer(
            self.country.data,
            self.money(),
            PayIn(self.pay_in.data),
            self._digits(self.pays.data),
            self._digits(self.receives.data),
        )


class BeneficiaryForm(Form):
    full_name = NameField(_l("Name of the account’s holder, as the bank writes it"), [required()], maximum=140)
    bank = SelectField(_l("Bank"), [required()], choices=lambda: [("", "–"), *((b, b) for b in banks())])
    account_number = TextField(_l("Account number"), [required()], maximum=40)
    town = TextField(_l("Town or village"), [required()], maximum=35)

    def validate_account_number(self, field: Any) -> None:
        text = re.sub(r"[\s.-]", "", latin_digits(field.data or "")).upper()
        if not re.fullmatch(r"[0-9A-Z]{6,34}", text):
            raise ValidationError(_l("An account number has 6 to 34 digits or Latin letters."))
        field.data = text

    def command(self) -> NewBeneficiary:
        return NewBeneficiary(self.full_name.data, self.bank.data, self.account_number.data, self.town.data)


class ConfirmForm(Form):
    secret = SecretField(_l("Your password"), [required()])
    code = CodeField(_l("The code that we sent you"), [required()])


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required()])


class StatementForm(Form):
    file = UploadField(_l("Statement of the bank (camt.053)"))


class AttachForm(ReasonForm):
    reference = TextField(_l("Reference of the remittance"), [required()], maximum=40)


class CreditorForm(ReasonForm):
    """The bank account that money goes back to; what the bank told is filled in and stays as it is."""

    full_name = NameField(_l("Name of the account’s holder, as the bank writes it"), maximum=140)
    account_number = TextField(_l("Account number or IBAN"), maximum=40)
    bank = TextField(_l("Bank: its BIC or name"), maximum=140)
    town = TextField(_l("Town of the holder"), maximum=35)
    country = SelectField(_l("Country of the account"), choices=lambda: [("", "–"), *_account_countries()])

    def validate_account_number(self, field: Any) -> None:
        text = re.sub(r"[\s.-]", "", latin_digits(field.data or "")).upper()
        if text and not re.fullmatch(r"[0-9A-Z]{6,34}", text):
            raise ValidationError(_l("An account number has 6 to 34 digits or Latin letters."))
        field.data = text

    def creditor(self) -> Creditor:
        return Creditor(
            self.full_name.data or "", self.account_number.data or "", self.bank.data or "", self.town.data or "",
            self.country.data or "",
        )  # fmt: skip


class SettleForm(CreditorForm):
    way = RadioField(
        _l("How does the money reach the sender?"),
        [required()],
        choices=[
            (PayIn.BANK.value, _l("To a bank account of the sender")),
            (PayIn.CARD.value, _l("To the card once more")),
        ],
    )

    def command(self) -> ProposeSettlement:
        return ProposeSettlement(PayIn(self.way.data), self.creditor(), self.reason.data)


def _account_countries() -> list[tuple[str, str]]:
    country = deployment()
    return [
        (country.code, country.names["en"]),
        *((d.code, country.destination_name(d.code)) for d in country.destinations),
    ]


class RefundForm(ReasonForm):
    amount = AmountField(_l("Amount to give back"), [required()])

    def command(self, currency: str) -> ProposeRefund:
        return ProposeRefund(self.amount.money(currency), self.reason.data)


class FloatForm(ReasonForm):
    amount = AmountField(_l("Amount paid in"), [required()])
