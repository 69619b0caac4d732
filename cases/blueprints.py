"""What this package adds to the portal."""

from flask import Blueprint

from cases.reports.referral_views import blueprint as referrals
from cases.reports.staff_views import blueprint as case_files
from cases.reports.views import blueprint as reports
from core.web import NavigationItem

BLUEPRINTS: list[Blueprint] = [reports, case_files, referrals]
NAVIGATION: list[NavigationItem] = []
