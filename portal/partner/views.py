"""The API of partner systems: the token endpoint and what the scopes open. Errors are problem documents (RFC 9457)."""

from flask import Blueprint, current_app, g, jsonify, request
from werkzeug.wrappers import Response

from agencies.register import snapshot
from agencies.register.cursors import WrongCursor
from agencies.register.presentation import api_row
from agencies.register.rendered import whole_page
from core.errors import DomainError
from core.throttle import hit
from core.verification import verify
from core.web import bearer, db, problem
from portal.partner.models import PartnerClient, Scope
from portal.partner.oauth import scoped
from remittance.orders import queries as remittances

bp = Blueprint("partner", __name__)
MAXIMUM_CODE = 4000
LIMIT = 200


@bp.post("/oauth/token")
@bearer("client credentials in the header, checked by Authlib")
def token() -> Response:
    """RFC 6749, section 4.4; its errors have that RFC's form."""
    hit("oauth", request.remote_addr or "", limit=120, seconds=900)
    if request.args:
        # Secrets in an address end in logs.
        return problem(400, "Bad Request", "Send the parameters in the body.", error="invalid_request")
    response: Response = current_app.extensions["openpassage.oauth"].create_token_response()
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/api/v1/partner")
@scoped()
def about() -> Response:
    """Who this token speaks for, and until when."""
    client = db().get_one(PartnerClient, g.partner_token.partner_id)
    expires_at = g.partner_token.expires_at.isoformat()
    return jsonify(name=client.name, scopes=g.partner_token.scopes, expires_at=expires_at)


@bp.get("/api/v1/partner/register")
@scoped(Scope.REGISTER_READ)
def register() -> Response:
    """The whole register as it stands now, by name; a page goes on after the last name of the one before."""
    found, today = snapshot.current(db())
    try:
        part, following = whole_page(found, today, request.args.get("cursor"), LIMIT)
    except WrongCursor:
        return problem(422, "Unprocessable request", "This value can't be used.", parameter="cursor")
    return jsonify(results=[api_row(h) for h in part], next_cursor=following, as_of=today.isoformat())


@bp.post("/api/v1/partner/documents")
@scoped(Scope.DOCUMENTS_VERIFY)
def documents() -> Response:
    """What the code of a QR stands for now. By POST: a code in an address would end in logs."""
    hit("partner-documents", str(g.partner_token.partner_id), limit=6000, seconds=900)
    body = request.get_json(silent=True)
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not 0 < len(code) <= MAXIMUM_CODE:
        return problem(422, "Unprocessable request", "Give the code of the document.", parameter="code")
    found = verify(db(), code.strip())
    facts = [{"label": str(label), "value": value} for label, value in found.facts]
    return jsonify(answer=str(found.answer), title=str(found.title), sentence=str(found.sentence), facts=facts)


@bp.get("/api/v1/partner/remittances")
@scoped(Scope.REMITTANCES_READ)
def orders() -> Response:
    """The payout orders handed to this partner, oldest first."""
    try:
        found = remittances.partner_orders(db(), _client_id(), request.args.get("cursor"))
    except DomainError:
        return problem(422, "Unprocessable request", "This value can't be used.", parameter="cursor")
    return jsonify(results=[_order(r) for r in found.rows], next_cursor=found.next_cursor)


@bp.get("/api/v1/partner/remittances/<reference>")
@scoped(Scope.REMITTANCES_READ)
def order(reference: str) -> Response:
    """One order by the reference in the payment file; another partner's is not there."""
    found = remittances.partner_order(db(), _client_id(), reference)
    if found is None:
        return problem(404, "Not Found", "There is no order with this reference.")
    return jsonify(_order(found))


def _client_id() -> str:
    return db().get_one(PartnerClient, g.partner_token.partner_id).client_id


def _order(row: remittances.PartnerOrder) -> dict[str, object]:
    """States and amounts alone: names and accounts stood in the payment file."""
    return {
        "reference": row.reference,
        "batch": row.batch,
        "status": str(row.status),
        "amount_minor": row.amount.minor,
        "currency": row.amount.currency,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "paid_out_at": row.paid_out_at.isoformat() if row.paid_out_at else None,
        "reason_code": row.failure_code,
    }
