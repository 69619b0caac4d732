"""What a payout partner's system may ask: the orders handed to it, and no others."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.settings import configure, current
from portal.partner.models import PartnerClient, Scope
from portal.partner.services import add_client
from remittance.funding.services import import_statement
from remittance.orders import payouts, queries
from remittance.orders.models import Remittance
from remittance.rails.port import PayoutAnswer, PayoutOutcome
from tests.portal.test_partner import bearer
from tests.remittance import factories as f
from tests.remittance.statements import statement

PATH = "/api/v1/partner/remittances"


@pytest.fixture(autouse=True)
def same_settings() -> Iterator[None]:
    before = current()
    yield
    configure(before)


def partner(session: Session, *scopes: Scope) -> tuple[PartnerClient, str]:
    return add_client(session, SYSTEM, name="Payout house", scopes=list(scopes or [Scope.REMITTANCES_READ]))


def handed(session: Session, made: tuple[PartnerClient, str], count: int = 1) -> list[Remittance]:
    """Orders that were paid and handed to this partner, one batch each."""
    configure(replace(current(), payout_partner=made[0].client_id))
    f.rates(session)
    f.fill_float(session)
    orders = []
    for n in range(count):
        _account, actor = f.migrant(session)
        order = f.authorised(session, actor)
        message = f"{made[0].client_id}-{n}"
        data = statement([(order.pays, order.pay_reference or "", "Sita", message)], message=message)
        import_statement(session, SYSTEM, data)
        payouts.make_batch(session)
        orders.append(order)
    return orders


def test_a_partner_asks_for_one_of_its_orders_and_learns_no_name(client, session: Session):
    made = partner(session)
    (order,) = handed(session, made)
    headers = bearer(client, made)
    answer = client.get(f"{PATH}/{order.reference}", headers=headers)
    assert answer.json["status"] == "in_transfer"
    assert (answer.json["amount_minor"], answer.json["currency"]) == (order.receive_minor, "NPR")
    assert "Maya" not in answer.get_data(as_text=True)
    payouts.apply_answer(session, PayoutAnswer(order.reference, PayoutOutcome.FAILED, "AC04"))
    session.commit()
    answer = client.get(f"{PATH}/{order.reference}", headers=headers).json
    assert (answer["status"], answer["reason_code"]) == ("failed", "AC04")


def test_another_partners_orders_are_not_there(client, session: Session):
    mine, other = partner(session), partner(session)
    (order,) = handed(session, other)
    headers = bearer(client, mine)
    refused = client.get(f"{PATH}/{order.reference}", headers=headers)
    assert (refused.status_code, refused.content_type) == (404, "application/problem+json")
    assert client.get(PATH, headers=headers).json == {"results": [], "next_cursor": None}


def test_orders_of_a_batch_without_a_partner_are_nobodys(client, session: Session):
    made = partner(session)
    configure(replace(current(), payout_partner=""))
    handed(session, (replace_id(made[0]), ""))
    assert client.get(PATH, headers=bearer(client, made)).json["results"] == []
    assert queries.partner_orders(session, "", None).rows == []


def replace_id(client: PartnerClient) -> PartnerClient:
    """A partner without a name of its own, as a deployment without the setting."""
    return PartnerClient(client_id="", name=client.name, secret_hash=b"", scopes=[])


def test_without_the_scope_or_a_token_it_is_closed(client, session: Session):
    made = partner(session, Scope.REGISTER_READ)
    assert client.get(PATH).status_code == 401
    refused = client.get(PATH, headers=bearer(client, made))
    assert (refused.status_code, refused.json["error"]) == (403, "insufficient_scope")
    assert refused.content_type == "application/problem+json"


def test_pages_follow_each_other_without_gap_or_repeat(client, session: Session):
    made = partner(session)
    orders = handed(session, made, 5)
    seen, cursor = [], None
    while True:
        page = queries.partner_orders(session, made[0].client_id, cursor, limit=2)
        seen += [r.reference for r in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(o.reference for o in orders)
    answer = client.get(PATH, headers=bearer(client, made)).json
    assert [r["reference"] for r in answer["results"]] == seen
    wrong = client.get(f"{PATH}?cursor=nonsense", headers=bearer(client, made))
    assert (wrong.status_code, wrong.json["parameter"]) == (422, "cursor")
