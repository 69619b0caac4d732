"""Every table of this package, so that the metadata is whole."""

from contracts.clearance import models as clearance
from contracts.employers import accreditation_models as accreditations
from contracts.employers import bar_models as bars
from contracts.employers import correction_models as corrections
from contracts.employers import models as employers
from contracts.employment import models as employment
from contracts.employment import question_models as questions
from contracts.exemptions import models as exemptions
from contracts.job_orders import models as job_orders
from contracts.orientation import models as orientation
from contracts.reviews import models as reviews

__all__ = [
    "accreditations",
    "bars",
    "clearance",
    "corrections",
    "employers",
    "employment",
    "exemptions",
    "job_orders",
    "orientation",
    "questions",
    "reviews",
]
