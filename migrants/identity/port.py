"""What every verifier of an identity answers."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from migrants.registration.status import CheckVerdict


@dataclass(frozen=True, slots=True)
class Claim:
    """What the person says, opened for one check. ``nationality`` is the deployment's country (ISO 3166-1 alpha-2).

    ``photo_page``: whether the photo shows a passport's page; None when there is none that was looked at.
    """

    full_name: str
    latin_name: str
    birth_date: date
    sex: str
    document_number: str
    mrz: str | None
    photo_mrz: str | None
    today: date
    nationality: str = ""
    photo_page: bool | None = None


class RegisterDown(Exception):
    """The register that a verifier asks does not answer now: nobody is refused for that, it is asked again later."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code that pages put into words. Never a value of the person's."""

    code: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Evidence of one check: the verdict, a score from 0 to 100, and its reasons."""

    verdict: CheckVerdict
    score: int
    reasons: tuple[Reason, ...]


class Verifier(Protocol):
    """One way to check an identity."""

    name: str

    def check(self, claim: Claim) -> Outcome:
        """Compare one claim with the evidence.

        :raises RegisterDown: when the evidence can't be asked for now.
        """
        ...
