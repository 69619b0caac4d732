"""What this package adds to the portal."""

from flask import Blueprint

from agencies.branches import verifier as card_verifier
from agencies.branches.staff_views import blueprint as branch_files
from agencies.branches.views import blueprint as branches
from agencies.importing.claim_views import blueprint as claim
from agencies.importing.views import blueprint as importing
from agencies.insider.services import DECLARERS
from agencies.insider.views import blueprint as insider
from agencies.licensing import views as licence_views
from agencies.licensing.appeal_views import blueprint as licence_appeals
from agencies.licensing.staff_views import blueprint as licensing
from agencies.licensing.visit_views import blueprint as visits
from agencies.register import fast, verifier
from agencies.register.views import blueprint as register
from agencies.register_log.views import blueprint as register_log
from agencies.register_names.staff_views import blueprint as register_names
from agencies.register_names.views import blueprint as own_names
from agencies.registration.views import blueprint as agency
from agencies.renewal.views import blueprint as renewal
from agencies.sanctions.case_views import blueprint as proceedings
from agencies.sanctions.case_views import own as own_proceedings
from agencies.sanctions.review_views import blueprint as suspension_reviews
from agencies.sanctions.views import blueprint as sanctions
from agencies.security.staff_views import blueprint as securities
from agencies.security.views import blueprint as security
from agencies.winding_down.staff_views import blueprint as winding_files
from agencies.winding_down.views import blueprint as winding_down
from core.i18n import _l
from core.permissions import Permission
from core.web import NavigationItem

licence_views.install(agency)
BLUEPRINTS: list[Blueprint] = [
    register,
    register_log,
    agency,
    licence_views.blueprint,
    renewal,
    licensing,
    licence_appeals,
    visits,
    insider,
    sanctions,
    suspension_reviews,
    proceedings,
    own_proceedings,
    security,
    securities,
    winding_down,
    winding_files,
    branches,
    branch_files,
    own_names,
    register_names,
    importing,
    claim,
]
NAVIGATION: list[NavigationItem] = [
    NavigationItem("agency.home", _l("Your agency"), Permission.AGENCY_OWN, 10),
    NavigationItem("proceedings.index", _l("Proceedings"), Permission.SANCTION_PROPOSE, 40),
    NavigationItem("licensing.next_file", _l("Next file"), Permission.LICENCE_REVIEW, 6),
    NavigationItem("visits.mine", _l("Visits"), Permission.LICENCE_INSPECT, 6),
    NavigationItem("licensing.next_file", _l("Next file"), Permission.LICENCE_APPROVE, 6),
    NavigationItem("licensing.phrase_list", _l("Standard remarks"), Permission.LICENCE_REVIEW, 40),
    *(NavigationItem("insider.ties", _l("Your ties"), p, 41) for p in DECLARERS),
    NavigationItem("insider.officers", _l("Officers"), Permission.AUDIT_READ, 7),
    NavigationItem("importing.runs", _l("Old register"), Permission.IMPORT_RUN, 61),
]
SETUP = [fast.install]

__all__ = ["BLUEPRINTS", "NAVIGATION", "SETUP", "card_verifier", "verifier"]
