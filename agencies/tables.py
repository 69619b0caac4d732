"""Every table of this package, so that the metadata is whole."""

from agencies.branches import models as branches
from agencies.importing import models as importing
from agencies.insider import models as insider
from agencies.licensing import models as licensing
from agencies.licensing import paper_models as papers
from agencies.licensing import visit_models as visits
from agencies.register import models as register
from agencies.register_log import models as register_log
from agencies.register_names import models as register_names
from agencies.registration import models as registration
from agencies.renewal import models as renewal
from agencies.sanctions import case_models as proceedings
from agencies.sanctions import models as sanctions
from agencies.security import models as security
from agencies.winding_down import models as winding_down

__all__ = [
    "branches",
    "importing",
    "insider",
    "licensing",
    "papers",
    "proceedings",
    "register",
    "register_log",
    "register_names",
    "registration",
    "renewal",
    "sanctions",
    "security",
    "visits",
    "winding_down",
]
