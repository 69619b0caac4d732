"""By when papers and money go back, and until when claims are taken: law first, then the ministry's standard."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agencies.licensing.status import LicenceStatus
from law.country import deployment
from law.engine import Applied, applies


@dataclass(frozen=True, slots=True)
class Due:
    """The last day to give everything back. ``certain`` is True only where the text of the law was seen."""

    day: date
    certain: bool
    evidence: dict[str, Any]


def give_back_by(status: LicenceStatus, ended_on: date) -> Due:
    """The law's time after a cancellation; where it names none, and after other ends, the ministry's standard."""
    if status is LicenceStatus.CANCELLED:
        found = applies("licence.cancel.refund_days", on=ended_on)
        if isinstance(found, Applied):
            return Due(ended_on + timedelta(days=int(found.value)), found.may_refuse, found.row.as_evidence())
        evidence = found.as_evidence()
    else:
        evidence = {}
    days = int(deployment().standard("winding_return_days"))
    return Due(ended_on + timedelta(days=days), False, {**evidence, "standard": "winding_return_days", "days": days})


def complaint_reaches(on: date) -> bool | None:
    """Whether the law says that a complaint reaches an agency whose licence has ended; None where that is not known."""
    found = applies("complaint.reaches_former_licensee", on=on)
    return bool(found.value) if isinstance(found, Applied) else None
