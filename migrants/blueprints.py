"""What this package adds to the portal."""

from flask import Blueprint

from core.i18n import _l
from core.permissions import Permission
from core.web import NavigationItem
from migrants.registration import stopping_views
from migrants.registration.staff_views import bp as identity
from migrants.registration.views import bp as registration

BLUEPRINTS: list[Blueprint] = [registration, identity]
NAVIGATION: list[NavigationItem] = [
    NavigationItem("migrants.me", _l("My registration"), Permission.MIGRANT_OWN, 10),
]

__all__ = ["BLUEPRINTS", "NAVIGATION", "stopping_views"]
