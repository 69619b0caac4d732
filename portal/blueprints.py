"""What the shell adds to the portal."""

from flask import Blueprint

from core.i18n import _l
from core.permissions import Permission
from core.web import NavigationItem
from portal.contacts.views import bp as contacts
from portal.health import bp as health
from portal.home.views import help_, home, language, law_pages
from portal.inbound.views import bp as inbound
from portal.oidc.views import bp as oidc
from portal.oidc.views import install as install_oidc
from portal.outbox.views import bp as outbox
from portal.owners.views import bp as owner_changes
from portal.partner.oauth import install as install_oauth
from portal.partner.views import bp as partner
from portal.people.body_views import bp as bodies
from portal.people.handover_views import bp as owners
from portal.people.staff_views import bp as staff_people
from portal.people.views import bp as people
from portal.signin.loader import install as install_sign_in
from portal.signin.views import bp as signin
from portal.staff.views import bp as staff

BLUEPRINTS: list[Blueprint] = [
    home,
    language,
    help_,
    law_pages,
    signin,
    contacts,
    health,
    outbox,
    staff,
    oidc,
    people,
    staff_people,
    bodies,
    owners,
    owner_changes,
    partner,
    inbound,
]
NAVIGATION: list[NavigationItem] = [
    NavigationItem("staff.log", _l("Log"), Permission.AUDIT_READ, 4),
    NavigationItem("staff.home", _l("Work"), Permission.STAFF_HOME, 5),
    NavigationItem("people.mine", _l("People"), Permission.EMPLOYER_OWN, 58),
    NavigationItem("people.mine", _l("People"), Permission.CENTRE_OWN, 58),
    NavigationItem("people.mine", _l("People"), Permission.NGO_OWN, 58),
    NavigationItem("bodies.listed", _l("Orientation centres"), Permission.CENTRE_INSPECT, 59, {"word": "centre"}),
    NavigationItem("bodies.listed", _l("Helping organisations"), Permission.STAFF_MANAGE, 61, {"word": "ngo"}),
    NavigationItem("staff_people.offices", _l("Staff"), Permission.STAFF_MANAGE, 60),
    NavigationItem("signin.account", _l("Your account"), Permission.OWN_ACCOUNT, 90),
]
SETUP = [install_sign_in, install_oidc, install_oauth]
