"""What this package adds to the portal."""

from flask import Blueprint

from core.i18n import _l
from core.permissions import Permission
from core.web import NavigationItem
from remittance import holds
from remittance.orders.staff_views import blueprint as office
from remittance.orders.views import blueprint as senders
from remittance.orders.views import webhooks

BLUEPRINTS: list[Blueprint] = [senders, webhooks, office]
NAVIGATION: list[NavigationItem] = [
    NavigationItem("remittance.mine", _l("Money home"), Permission.MIGRANT_OWN, 40),
    NavigationItem("remittance_office.home", _l("Remittances"), Permission.REMITTANCE_OPERATE, 40),
    NavigationItem("remittance_office.refunds", _l("Refunds"), Permission.REMITTANCE_OPERATE, 41),
    NavigationItem("remittance_office.bank", _l("Bank"), Permission.REMITTANCE_OPERATE, 42),
    NavigationItem("remittance_office.books", _l("Books"), Permission.REMITTANCE_OPERATE, 43),
    NavigationItem("remittance_office.reconciliation", _l("Reconciliation"), Permission.REMITTANCE_OPERATE, 44),
]

__all__ = ["BLUEPRINTS", "NAVIGATION", "holds"]
