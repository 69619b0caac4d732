"""Every table of this package, so that the metadata is whole."""

from cases.reports import models as reports

__all__ = ["reports"]
