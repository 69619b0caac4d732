"""How a bank is asked whether a paper of its is genuine.

An adapter takes a question and says how it was put. Each question carries a reference that is used once; whoever brings the
answer, an officer with a letter or an adapter that is called back, names it, and ``instruments.answer`` checks it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.money import Money


@dataclass(frozen=True, slots=True)
class Question:
    """What the bank is asked to confirm. ``holder`` is the agency in whose name the paper stands."""

    reference: str
    kind: str
    bank_name: str
    document_number: str
    holder: str
    amount: Money
    until: date | None
    asked_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """How the question was put. ``document`` is the letter to be sent, None where the adapter sent it itself."""

    channel: str
    document: bytes | None


class BankVerifier(Protocol):
    """Puts a question to a bank; raises when it can't, so that nothing is noted as asked."""

    def ask(self, question: Question) -> Asked: ...
