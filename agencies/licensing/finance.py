"""The finance officer's step of an approved application: fee, securities and the licence itself, drawn like the others."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import assignment
from agencies.insider.steps import Step, Steps
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import APPLICATION, ApplicationStatus
from core.i18n import _l
from core.permissions import Permission


class FinanceStage(StrEnum):
    """After the approval."""

    FINANCE = "finance"


def _touched(session: Session, application: LicenceApplication) -> Iterable[UUID | None]:
    """Whoever reviewed, visited or decided has nothing to do with the money."""
    return assignment.touched(session, application)


FINANCE = Steps(
    APPLICATION,
    LicenceApplication,
    _l("Licence applications: fee, security, licence"),
    select(LicenceApplication.id, LicenceApplication.agency_id),
    [
        Step(
            FinanceStage.FINANCE, _l("Fee, security and licence"), Permission.SECURITY_RECORD,
            frozenset({ApplicationStatus.SECURITY_PENDING}), ("issue",), hands=_touched,
        ),
    ],
)  # fmt: skip
