"""Forms of securities: shape only."""

from typing import Any
from uuid import UUID

from agencies.licensing.status import SecurityKind
from agencies.security.claims import File, Grant
from agencies.security.instruments import Answer, Paper
from agencies.security.status import KIND_TITLES
from core.forms import (
    AmountField,
    CheckField,
    DateField,
    DigitsField,
    Form,
    NoteField,
    RadioField,
    SelectField,
    TextField,
    UploadField,
    optional,
    required,
)
from core.i18n import _l


class PaperForm(Form):
    """A bank paper. ``replaces`` offers the guarantees that stand; empty when it is simply one more."""

    kind = RadioField(
        _l("Kind of security"),
        [required(_l("Choose one."))],
        choices=[(k.value, title) for k, title in KIND_TITLES.items()],
    )
    amount = AmountField(_l("Amount"), [required(_l("Write the amount."))])
    bank_name = TextField(_l("Bank"), [required(_l("Write the name of the bank."))], maximum=80)
    document_number = TextField(
        _l("Number of the slip or the guarantee"), [required(_l("Write the number."))], maximum=60
    )
    guarantee_until = DateField(_l("Last day of the guarantee"), [optional()])
    replaces = SelectField(_l("Does it take the place of a guarantee?"), choices=[])
    extends = CheckField(_l("It is the same guarantee, made longer by the bank"))
    file = UploadField(_l("Photo or PDF of the bank paper"))

    def offer(self, papers: list[tuple[UUID, str]]) -> None:
        self.replaces.choices = [("", _l("No")), *((str(i), label) for i, label in papers)]

    def command(self, currency: str) -> Paper:
        return Paper(
            kind=SecurityKind(self.kind.data),
            amount=self.amount.money(currency),
            bank_name=self.bank_name.data,
            document_number=self.document_number.data,
            content=self.file.content() or b"",
            guarantee_until=self.guarantee_until.data,
            replaces=UUID(self.replaces.data) if self.replaces.data else None,
            extends=bool(self.extends.data),
        )


class AnswerForm(Form):
    reference = TextField(_l("Our reference, as the bank’s answer names it"), [required(_l("Write the reference."))])
    confirmed = RadioField(
        _l("What does the bank say?"),
        [required(_l("Choose one."))],
        choices=[("yes", _l("It confirms the paper")), ("no", _l("It does not confirm it"))],
    )
    file = UploadField(_l("Photo or PDF of the bank’s answer"))

    def command(self) -> Answer:
        return Answer(self.reference.data, self.confirmed.data == "yes", self.file.content() or b"")


class ClaimForm(Form):
    award = TextField(_l("Number or title of the award"), [required(_l("Write the number."))], maximum=120)
    amount = AmountField(_l("Amount of the award"), [required(_l("Write the amount."))])
    beneficiaries = DigitsField(_l("For how many people"), [required(_l("Write how many."))], low=1, high=100_000)
    payees = NoteField(_l("Who is to be paid (only officers read this)"), [optional()])
    file = UploadField(_l("Photo or PDF of the award"))

    def command(self, currency: str) -> File:
        return File(
            award=self.award.data,
            amount=self.amount.money(currency),
            beneficiaries=self.beneficiaries.data,
            content=self.file.content() or b"",
            payees=self.payees.data or "",
        )


class GrantForm(Form):
    amount = AmountField(_l("Amount that is granted"), [required(_l("Write the amount."))])
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])

    def command(self, currency: str) -> Grant:
        return Grant(self.amount.money(currency), self.reason.data)


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])


class NoForm(Form):
    """An act that needs nothing but its button."""

    def command(self) -> Any:
        return None
