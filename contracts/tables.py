"""Every table of this package, so that the metadata is whole."""

from contracts.clearance import models as clearance
from contracts.employers import models as employers
from contracts.employment import models as employment
from contracts.exemptions import models as exemptions
from contracts.job_orders import models as job_orders
from contracts.orientation import models as orientation
from contracts.reviews import models as reviews

__all__ = ["clearance", "employers", "employment", "exemptions", "job_orders", "orientation", "reviews"]
