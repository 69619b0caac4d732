"""Reports are not kept for ever: some time after the closing their key is destroyed, and with it every word of them."""

import os
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.reports.models import Report
from cases.reports.status import REPORT, ReportStatus
from core import audit
from core.actor import SYSTEM
from core.db import db_now, legal_today
from core.privacy import destroy_person
from law.country import deployment

INDEX_BYTES = 32


def destroy_old(session: Session, batch: int) -> int:
    """Destroy what closed reports say once the policy's days from their closing are over; gives how many. May run twice.

    Words, facts, messages and photos are sealed under one key, which goes. What led to the report goes as well: the codename
    opens nothing any more, and no later report is found to be like it. What stays is that there was one, its day, its kind
    and what became of it, so that the counts stay true. The note that licensing has is licensing's own.
    """
    today = legal_today(session)
    last = today - timedelta(days=int(deployment().standard("report_keep_days")))
    old = session.scalars(
        select(Report)
        .where(Report.status == ReportStatus.CLOSED, Report.closed_on <= last, Report.destroyed_on.is_(None))
        .order_by(Report.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for report in old:
        destroy_person(session, report.person_key_id, db_now(session))
        report.codename_index, report.text_index = os.urandom(INDEX_BYTES), os.urandom(INDEX_BYTES)
        report.phone_index, report.name_hashes = None, []
        report.destroyed_on = today
        audit.record(
            session, SYSTEM, subject=(REPORT.name, report.id), action="destroy",
            evidence={"closed_on": report.closed_on, "kept_until": last},
        )  # fmt: skip
    session.flush()
    return len(old)
