"""Where signed heads are brought, so that the operator alone can't take them back."""

from typing import Protocol

from core.errors import DomainError
from core.merkle import Tree


class AnchorFailed(DomainError):
    """The place could not be reached, or what it gave back does not fit."""


class Anchor(Protocol):
    """A place outside the operator's control."""

    name: str

    def keep(self, number: int, token: str, log: Tree) -> bytes:
        """Bring one signed head there; gives what proves it (bytes to be kept). ``log`` is the log as it is now.

        :raises AnchorFailed: when that did not work; it is tried again.
        """
