"""Proposals as pages and queues show them."""

from sqlalchemy import and_, func, or_, select

from agencies.insider import duties
from core.accounts import Invitation
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission, SubjectKind
from portal.owners.models import OwnerReplacement
from portal.owners.policies import RULES
from portal.owners.status import OWNER_REPLACEMENT, STAGE_OF, ReplacementStatus

_COLUMNS = (
    OwnerReplacement.id, OwnerReplacement.reference, OwnerReplacement.status, OwnerReplacement.due_on,
    OwnerReplacement.created_at,
)  # fmt: skip


def _of(kind: SubjectKind) -> AnySelect:
    model = RULES[kind].model
    return (
        select(*_COLUMNS, model.name.label("body_name"))
        .join(model, model.id == OwnerReplacement.subject_id)
        .where(OwnerReplacement.kind == kind)
    )


def drawn_for(actor: Actor, kind: SubjectKind) -> AnySelect:
    """Those whose step was drawn for the actor."""
    steps = [
        and_(
            OwnerReplacement.status == status,
            duties.holds(actor.account_id, OWNER_REPLACEMENT.name, OwnerReplacement.id, str(stage)),
        )
        for status, stage in STAGE_OF.items()
    ]
    return _of(kind).where(or_(*steps))


def unanswered(actor: Actor, kind: SubjectKind) -> AnySelect:
    """Those of the actor's offices whose invitation ran out and was not taken up."""
    return (
        _of(kind)
        .join(Invitation, Invitation.id == OwnerReplacement.invitation_id)
        .where(
            OwnerReplacement.status == ReplacementStatus.INVITED, Invitation.expires_at <= func.now(),
            OwnerReplacement.office_id.in_(actor.offices(RULES[kind].propose)),
        )
    )  # fmt: skip


def with_nobody(actor: Actor, kind: SubjectKind) -> AnySelect:
    """Those of the administrator's offices for whose step no officer could be drawn."""
    steps = [
        and_(
            OwnerReplacement.status == status,
            duties.nobody(OWNER_REPLACEMENT.name, OwnerReplacement.id, str(stage)),
        )
        for status, stage in STAGE_OF.items()
    ]
    return _of(kind).where(or_(*steps), OwnerReplacement.office_id.in_(actor.offices(Permission.STAFF_MANAGE)))
