"""Messages about who owns an account. None names a person."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from core import messages
from core.accounts import Membership, UserAccount
from core.permissions import SubjectKind
from core.settings import current
from portal.owners.models import OwnerReplacement

NOTICE = "owner_notice"


def give_notice(session: Session, change: OwnerReplacement, days: int) -> int:
    """To every contact of the owner of now that is known, and to those of the agency; gives how many."""
    account = session.get(UserAccount, change.lost_account_id) if change.lost_account_id else None
    if account is None:
        return 0
    emails, phones = {account.email}, {account.phone}
    if change.kind is SubjectKind.AGENCY:
        agency = session.get_one(Agency, change.subject_id)
        emails, phones = emails | {agency.email}, phones | {agency.phone}
    ways = [{"email": e} for e in sorted(filter(None, emails))] + [{"phone": p} for p in sorted(filter(None, phones))]
    link = f"{current().public_url}/people/{change.kind}/{change.subject_id}/owner"
    for way in ways:
        messages.send(
            session, template=NOTICE, account=account, email=way.get("email"), phone=way.get("phone"), days=days,
            link=link,
        )  # fmt: skip
    return len(ways)


def people_of(session: Session, change: OwnerReplacement) -> Sequence[UserAccount]:
    """Everybody who acts for the organisation now, at most 200."""
    return session.scalars(
        select(UserAccount)
        .join(Membership, Membership.account_id == UserAccount.id)
        .where(
            Membership.kind == change.kind, Membership.subject_id == change.subject_id, Membership.ended_at.is_(None)
        )
        .order_by(UserAccount.id)
        .limit(200)
    ).all()


def tell_people(session: Session, change: OwnerReplacement) -> None:
    tell(session, people_of(session, change))


def tell(session: Session, accounts: Iterable[UserAccount]) -> None:
    for account in accounts:
        messages.send(session, template="owner_news", account=account)
