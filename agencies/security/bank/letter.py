"""Asking by letter: a page to print, sign and send; the answer comes back on paper under the same reference."""

from agencies.security.bank.port import Asked, BankVerifier, Question
from core.documents import render_pdf
from core.money import plain_amount
from law.country import deployment


class LetterVerifier:
    """Needs nothing but a printer: what every deployment can do from the first day."""

    def ask(self, question: Question) -> Asked:
        data = {
            "ministry": deployment().ministry,
            "reference": question.reference,
            "kind": question.kind,
            "bank": question.bank_name,
            "number": question.document_number,
            "holder": question.holder,
            "amount": f"{question.amount.currency} {plain_amount(question.amount)}",
            "until": question.until.isoformat() if question.until else "",
            "asked_on": question.asked_on.isoformat(),
        }
        return Asked("letter", render_pdf("security_letter.typ", data))


def verifier() -> BankVerifier:
    """The deployment's way to ask a bank."""
    return LetterVerifier()
