"""Characters that no keyboard types: PostgreSQL keeps no NUL, so none may reach it."""

import pytest

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from core.accounts import add_membership
from core.permissions import SubjectKind
from tests.agencies import factories as make


@pytest.mark.parametrize(
    "address", ["/check?q=a%00b", "/check?%00=b", "/verify/a%00b", "/answer?agency=%00", "/invitations/%00"]
)
def test_a_nul_in_an_address_is_a_bad_request(client, address):
    assert client.get(address).status_code == 400


def test_a_reason_is_read_in_its_canonical_form_and_cut(client, session):
    agency, licence = make.licensed(session)
    owner = make.account(session)
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    client.sign_in(session, owner)
    answer = client.post_form(f"/agencies/{agency.id}/surrender", reason="We\0 close." + "x" * 5000)
    assert answer.status_code == 303
    assert session.get_one(Licence, licence.id, populate_existing=True).status is not LicenceStatus.ACTIVE
