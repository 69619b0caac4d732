"""Every table of this package, so that the metadata is whole."""

from cases.organisations import models as organisations
from cases.reports import models as reports

__all__ = ["organisations", "reports"]
