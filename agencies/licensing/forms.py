"""Forms of licensing: shape only."""

from typing import Any

from agencies.licensing.appeals import Lodge, OnPaper
from agencies.licensing.decisions import Approve, Defect, Recommend, RecordSecurity, ReturnDefects
from agencies.licensing.phrases import AddPhrase
from agencies.licensing.services import AttachPaper, ChooseClass
from agencies.licensing.status import SecurityKind
from agencies.licensing.visit_models import VisitAnswer
from agencies.licensing.visiting import Report, Seen
from core.forms import (
    AmountField,
    DateField,
    Form,
    NoteField,
    RadioField,
    TextField,
    UploadField,
    canonical_text,
    optional,
    required,
)
from core.i18n import _l
from core.money import Money

ITEM_TITLES = {
    "details": _l("About the agency"),
    "directors": _l("The directors"),
    "other": _l("Something else"),
}
SECURITY_TITLES = {SecurityKind.CASH: _l("Cash deposit"), SecurityKind.GUARANTEE: _l("Bank guarantee")}


class ClassForm(Form):
    licence_class = RadioField(
        _l("Which licence class do you apply for?"), [required(_l("Choose one of the classes."))]
    )

    def command(self) -> ChooseClass:
        return ChooseClass(self.licence_class.data)


class PaperForm(Form):
    file = UploadField(_l("Photo or PDF of the paper"))

    def command(self, code: str) -> AttachPaper:
        return AttachPaper(code, self.file.content() or b"")


class ReasonForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])


class AskVisitForm(Form):
    reason = NoteField(_l("What you found"), [required(_l("Write what you found."))])


class AppealForm(Form):
    words = NoteField(_l("Why the refusal is wrong"), [required(_l("Write why the refusal is wrong."))])

    def command(self) -> Lodge:
        return Lodge(self.words.data)


class PaperAppealForm(Form):
    """An appeal that came on paper, as an officer writes it down."""

    words = NoteField(
        _l("Why the refusal is wrong, in the words of the paper"),
        [required(_l("Write why the refusal is wrong."))],
        maximum=10000,
    )
    received_on = DateField(
        _l("Day on which the paper came in"), [required(_l("Write the day on which the paper came in."))]
    )
    file = UploadField(_l("Photo or PDF of the paper"))

    def command(self) -> OnPaper:
        return OnPaper(self.words.data, self.file.content() or b"", self.received_on.data)


class RecommendForm(Form):
    finding = NoteField(_l("What you found"), [required(_l("Write what you found."))])
    waiver = NoteField(_l("Why nobody visits the office"), [optional()])

    def command(self) -> Recommend:
        return Recommend(self.finding.data, self.waiver.data or "")


class VisitForm(Form):
    """The day and the words of a visit; the checklist and the photos are read beside it."""

    visited_on = DateField(_l("Day of the visit"), [required(_l("Write the day."))])
    finding = NoteField(_l("What you found"), [required(_l("Write what you found."))], maximum=4000)

    def command(self, items: tuple[Seen, ...], photos: tuple[bytes, ...]) -> Report:
        return Report(self.visited_on.data, self.finding.data, items, photos)


class PhraseForm(Form):
    item = RadioField(_l("About what"), [required(_l("Choose one."))])
    words = NoteField(_l("The remark"), [required(_l("Write the remark."))], maximum=500)

    def command(self) -> AddPhrase:
        return AddPhrase(self.item.data, self.words.data)


class ApproveForm(Form):
    cash = AmountField(_l("Security in cash"), [required(_l("Write the amount."))])
    guarantee = AmountField(_l("Security as bank guarantee"), [required(_l("Write the amount."))])
    valid_until = DateField(_l("Last day of the licence"), [required(_l("Write the day."))])
    valid_until_reason = NoteField(
        _l("Why this last day (the law file names no period of validity)"), [required(_l("Please give a reason."))]
    )
    reason = NoteField(_l("Why you approve"), [required(_l("Please give a reason."))])

    def command(self, currency: str) -> Approve:
        return Approve(
            reason=self.reason.data,
            cash=Money.from_decimal(self.cash.data, currency),
            guarantee=Money.from_decimal(self.guarantee.data, currency),
            valid_until=self.valid_until.data,
            valid_until_reason=self.valid_until_reason.data,
        )


class SecurityForm(Form):
    kind = RadioField(
        _l("Kind of security"),
        [required(_l("Choose one."))],
        choices=[(k.value, title) for k, title in SECURITY_TITLES.items()],
    )
    amount = AmountField(_l("Amount"), [required(_l("Write the amount."))])
    bank_name = TextField(_l("Bank"), [required(_l("Write the name of the bank."))], maximum=80)
    document_number = TextField(
        _l("Number of the slip or the guarantee"), [required(_l("Write the number."))], maximum=60
    )
    guarantee_until = DateField(_l("Last day of the guarantee"), [optional()])
    file = UploadField(_l("Photo or PDF of the bank paper"))

    def command(self, currency: str) -> RecordSecurity:
        return RecordSecurity(
            kind=SecurityKind(self.kind.data),
            amount=Money.from_decimal(self.amount.data, currency),
            bank_name=self.bank_name.data,
            document_number=self.document_number.data,
            content=self.file.content() or b"",
            guarantee_until=self.guarantee_until.data,
        )


def read_defects(values: Any, codes: list[str]) -> ReturnDefects:
    """What stands beside each item of the screen: the chosen phrase ``phrase-<code>``, the words ``note-<code>``, or both."""
    found = []
    for code in codes:
        parts = (canonical_text(values.get(f"{name}-{code}", "")) for name in ("phrase", "note"))
        found.append((code, "\n".join(p for p in parts if p)[:2000]))
    return ReturnDefects(tuple(Defect(code, note) for code, note in found if note))


def read_items(values: Any, codes: list[str]) -> tuple[Seen, ...]:
    """The checklist: ``answer-<code>`` and ``saw-<code>``; a line without a known answer is left out."""
    known = {a.value for a in VisitAnswer}
    return tuple(
        Seen(code, VisitAnswer(values[f"answer-{code}"]), canonical_text(values.get(f"saw-{code}", ""))[:1000])
        for code in codes
        if values.get(f"answer-{code}") in known
    )
