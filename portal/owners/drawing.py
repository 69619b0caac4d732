"""Who decides on another owner is drawn, as every decision about an agency should be."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import duties
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from portal.owners import policies
from portal.owners.models import OwnerReplacement
from portal.owners.status import OWNER_REPLACEMENT, STAGE_OF, STAGE_TITLES, Stage

KIND = OWNER_REPLACEMENT.name


def draw(session: Session, change: OwnerReplacement) -> None:
    """Draw whoever has the step that waits now; the caller holds the record."""
    turn = policies.turn(session, change)
    if turn is not None:
        duties.settle(session, KIND, change.id, turn)


def _locked_turn(session: Session, change_id: UUID) -> duties.Turn | None:
    found = session.get(OwnerReplacement, change_id)
    if found is None:
        return None
    policies.body_of(session, found.kind, found.subject_id, lock=True)
    session.refresh(found, with_for_update=True)
    return policies.turn(session, found)


def _open(session: Session) -> Sequence[tuple[UUID, str, Permission]]:
    rows = session.execute(
        select(OwnerReplacement.id, OwnerReplacement.status, OwnerReplacement.kind)
        .where(OwnerReplacement.status.in_(STAGE_OF))
        .order_by(OwnerReplacement.created_at)
        .limit(1000)
    )
    return [(row.id, str(STAGE_OF[row.status]), policies.RULES[row.kind].decide) for row in rows]


ACTS = {
    Stage.DECISION: ("give_notice", "agree", "refuse"),
    Stage.OBJECTION: ("overrule", "uphold"),
}
duties.register(
    duties.Kind(
        KIND, _locked_turn, _open, title=_l("Other owners of accounts"), stages=STAGE_TITLES,
        acts={a: stage for stage, actions in ACTS.items() for a in actions},
        # Centres and organisations are no agencies: their decisions count in the times, not in the shares.
        agencies=select(OwnerReplacement.id, OwnerReplacement.subject_id).where(
            OwnerReplacement.kind == SubjectKind.AGENCY
        ),
    )
)  # fmt: skip
