"""What this package adds to the portal."""

from flask import Blueprint

from contracts import departures, holds, next_steps, sanctioned, winding_down
from contracts.answer.views import bp as answer
from contracts.clearance.airport_views import bp as clearance
from contracts.employers.accreditation_views import bp as accreditations
from contracts.employers.bar_views import bp as employer_bars
from contracts.employers.correction_views import bp as corrections
from contracts.employers.views import bp as employers
from contracts.employers.views import registering
from contracts.employment.question_views import bp as questions
from contracts.employment.views import bp as employment
from contracts.exemptions.views import bp as exemptions
from contracts.job_orders.views import bp as job_orders
from contracts.orientation.inspection_views import bp as inspection
from contracts.orientation.views import bp as orientation
from contracts.reviews.views import bp as reviews
from core.i18n import _l
from core.permissions import Permission
from core.web import NavigationItem

BLUEPRINTS: list[Blueprint] = [
    registering, employers, accreditations, corrections, employer_bars,
    job_orders, employment, questions, orientation, inspection, clearance, exemptions, reviews, answer,
]  # fmt: skip
NAVIGATION: list[NavigationItem] = [
    NavigationItem("employers.home", _l("My company"), Permission.EMPLOYER_OWN, 10),
    NavigationItem("job_orders.of_agency", _l("Job orders"), Permission.AGENCY_OWN, 30),
    NavigationItem("contracts.mine", _l("My contract"), Permission.MIGRANT_OWN, 20),
    NavigationItem("orientation.mine", _l("My orientation"), Permission.MIGRANT_OWN, 30),
    NavigationItem("clearance.mine", _l("My departure"), Permission.MIGRANT_OWN, 40),
    NavigationItem("orientation.centre", _l("My centre"), Permission.CENTRE_OWN, 10),
    NavigationItem("inspection.listed", _l("Sessions"), Permission.CENTRE_INSPECT, 58),
    NavigationItem("exemptions.listed", _l("Exemptions from bans"), Permission.BAN_EXEMPT, 59),
    NavigationItem("clearance.airport", _l("Departures"), Permission.DEPARTURE_RECORD, 6),
]

__all__ = ["BLUEPRINTS", "NAVIGATION", "departures", "holds", "next_steps", "sanctioned", "winding_down"]
