"""Who may change which of their own contacts here."""

from core.accounts import UserAccount
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import SubjectKind
from portal.contacts.status import ContactKind


def has_here(actor: Actor, kind: ContactKind) -> bool:
    """A migrant's number is changed with the registration, or in person; everything else is changed here."""
    return kind is ContactKind.EMAIL or not actor.subjects(SubjectKind.MIGRANT)


def require_here(actor: Actor, kind: ContactKind) -> None:
    """:raises NotVisible: for a contact that has another way."""
    if not has_here(actor, kind):
        raise NotVisible


def needs_app(account: UserAccount) -> bool:
    """Whoever signs in with a second step gives it here, too."""
    return account.totp_required or account.totp_confirmed
