"""Every table of this package, so that the metadata is whole."""

from portal.contacts import models as contacts
from portal.owners import models as owners
from portal.partner import models as partner

__all__ = ["contacts", "owners", "partner"]
