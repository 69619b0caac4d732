"""Every table of this package, so that the metadata is whole."""

from migrants.registration import models as registration

__all__ = ["registration"]
