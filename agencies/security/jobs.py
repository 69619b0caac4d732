"""The nightly look at securities."""

from sqlalchemy.orm import Session

from agencies.security import watch
from core.jobs import every

BATCH = 500


@every("30 18 * * *", "agencies.watch_securities")
def watch_securities(session: Session) -> dict[str, int]:
    """Warn, end, remind and suspend, once licences that ended are marked. May run twice."""
    return watch.nightly(session, BATCH)
