"""How long something has waited, and how long it may still wait, in whole legal days and in words."""

from datetime import date, datetime

from core.db import legal_day
from core.i18n import gettext as _
from core.i18n import ngettext as _n


def waited(received_at: datetime | None, today: date) -> str:
    """Days since it came, where the ministry is; empty for what is dated ahead."""
    days = (today - legal_day(received_at)).days if received_at else -1
    if days < 0:
        return ""
    return _n("waiting %(num)s day", "waiting %(num)s days", days) if days else _("came today")


def left(due_on: date, today: date) -> str:
    """Days until it is due, or since it was."""
    days = (due_on - today).days
    if days == 0:
        return _("due today")
    if days < 0:
        return _n("overdue by %(num)s day", "overdue by %(num)s days", -days)
    return _n("%(num)s day left", "%(num)s days left", days)
