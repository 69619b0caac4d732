"""Why a person's details can't be deleted yet: each package says for itself what rests on a record."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.actor import ActorKind
from core.audit import AuditEvent
from core.i18n import _l
from migrants.registration.models import AccessRecovery, Migrant

Hold = Callable[[Session, Migrant], Any]
_holds: list[Hold] = []
# Looking is no work on a record.
_LOOKED = ("read", "found")


def hold(function: Hold) -> Hold:
    """Declare ``function(session, migrant)``: the reason in words for the person, None where nothing stands."""
    if function not in _holds:
        _holds.append(function)
    return function


def holds_of(session: Session, migrant: Migrant) -> list[Any]:
    """Every reason that stands now."""
    return [reason for reason in (function(session, migrant) for function in _holds) if reason is not None]


@hold
def _an_officer_worked_on_it(session: Session, migrant: Migrant) -> Any:
    worked = exists().where(
        AuditEvent.subject_kind == "migrant", AuditEvent.subject_id == migrant.id,
        AuditEvent.actor_kind == ActorKind.STAFF, AuditEvent.action.not_in(_LOOKED),
    )  # fmt: skip
    recovered = exists().where(AccessRecovery.migrant_id == migrant.id)
    if session.scalar(select(worked)) or session.scalar(select(recovered)):
        return _l("An officer has worked on your registration.")
    return None
