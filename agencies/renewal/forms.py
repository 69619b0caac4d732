"""Forms of a renewal: shape only."""

from agencies.licensing.fees import RecordFee
from core.forms import AmountField, DateField, Form, TextField, required
from core.i18n import _l
from core.money import Money


class FeeForm(Form):
    fee = AmountField(_l("Fee that was paid"), [required(_l("Write the amount."))])
    receipt = TextField(_l("Number of the receipt"), [required(_l("Write the number of the receipt."))], maximum=60)
    paid_on = DateField(_l("Day of the payment"), [required(_l("Write the day."))])

    def command(self, currency: str) -> RecordFee:
        return RecordFee(Money.from_decimal(self.fee.data, currency), self.receipt.data, self.paid_on.data)
