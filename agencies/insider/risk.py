"""How much caution an application needs: additive points with a code each, from the country's policy. No score of a person:
every point names a fact that stands on the officer's screen, and above the line a second approver has to agree."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.insider.models import ListedMatch
from agencies.licensing.models import LicenceApplication, LicenceMatch
from agencies.licensing.status import ApplicationStatus
from agencies.licensing.visit_models import LicenceVisit, LicenceVisitItem, VisitAnswer
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionStatus
from core.db import db_now
from core.i18n import _l
from law.country import deployment

# Code -> words for the officer. The points of each stand in the policy under the same name.
RISK_TITLES = {
    "risk_match_dismissed": _l("A likeness to a blacklisted person or agency was let go on"),
    "risk_shared_detail": _l("An address or a telephone is also a blacklisted agency’s"),
    "risk_no_visit": _l("Nobody has visited the office"),
    "risk_visit_fault": _l("The inspector answered a line of the checklist with no"),
    "risk_foreign_director": _l("A director gave a passport as identity paper"),
    "risk_refused_before": _l("An earlier application was refused"),
    "risk_sanctioned_before": _l("The agency was suspended, cancelled or blacklisted before"),
    "risk_young_agency": _l("The agency registered here only lately"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    points: int

    @property
    def title(self) -> Any:
        return RISK_TITLES[self.code]


@dataclass(frozen=True, slots=True)
class Risk:
    """What speaks for caution, with its points, and the line from which a second approver is needed."""

    reasons: tuple[Reason, ...]
    line: int

    @property
    def points(self) -> int:
        return sum(r.points for r in self.reasons)

    @property
    def needs_second(self) -> bool:
        return self.points >= self.line

    def as_evidence(self) -> dict[str, Any]:
        return {"points": self.points, "line": self.line, "reasons": {r.code: r.points for r in self.reasons}}


def assess(session: Session, application: LicenceApplication, agency: Agency) -> Risk:
    """The points of an application now."""
    young = db_now(session) - timedelta(days=int(deployment().standard("young_agency_days")))
    this, visit = application.id, LicenceVisit.application_id == application.id
    tests = {
        "risk_match_dismissed": exists().where(
            LicenceMatch.application_id == this, LicenceMatch.dismissed_by.is_not(None)
        )
        | exists().where(ListedMatch.application_id == this, ListedMatch.dismissed_by.is_not(None)),
        "risk_shared_detail": exists().where(ListedMatch.application_id == this, ListedMatch.certain.is_(False)),
        "risk_no_visit": ~exists().where(visit),
        "risk_visit_fault": exists().where(
            visit, LicenceVisitItem.visit_id == LicenceVisit.id, LicenceVisitItem.answer == VisitAnswer.NO
        ),
        "risk_foreign_director": exists().where(
            AgencyDirector.agency_id == agency.id,
            AgencyDirector.removed_at.is_(None),
            AgencyDirector.identifier_kind == IdentifierKind.PASSPORT,
        ),
        "risk_refused_before": exists().where(
            LicenceApplication.agency_id == agency.id, LicenceApplication.status == ApplicationStatus.REFUSED
        ),
        "risk_sanctioned_before": exists().where(
            Sanction.agency_id == agency.id, Sanction.status.not_in([SanctionStatus.PROPOSED, SanctionStatus.REJECTED])
        ),
        "risk_young_agency": exists().where(Agency.id == agency.id, Agency.created_at > young),
    }
    found = session.execute(select(*(test.label(code) for code, test in tests.items()))).one()
    reasons = [Reason(code, int(deployment().standard(code))) for code in tests if getattr(found, code)]
    return Risk(tuple(r for r in reasons if r.points), int(deployment().standard("second_approver_from")))
