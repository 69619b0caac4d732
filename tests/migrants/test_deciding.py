"""What the rules leave to an officer, and what they never tell."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import jobs
from core.errors import DomainError
from core.permissions import StaffRole
from migrants.identity.document import DocumentVerifier
from migrants.identity.mrz import Mrz
from migrants.identity.port import Claim, Outcome, RegisterDown
from migrants.registration import deciding, services
from migrants.registration.models import IdentityCheck, Migrant
from migrants.registration.status import CheckVerdict
from migrants.registration.status import MigrantStatus as S
from tests.migrants.factories import account_of, applicant, officer, zone


def unmet(session: Session, migrant: Migrant) -> set[str]:
    checks = session.scalars(select(IdentityCheck).where(IdentityCheck.migrant_id == migrant.id)).all()
    return {reason["code"] for check in checks for reason in check.reasons if not reason["fits"]}


def test_no_telephone_is_needed_but_then_an_officer_looks(session: Session):
    migrant, actor = applicant(session, number="PA5550001")
    account = account_of(session, actor)
    account.phone = account.phone_index = account.phone_confirmed_at = None
    services.submit(session, actor)
    assert (migrant.status, migrant.level, unmet(session, migrant)) == (S.MISMATCH, 0, {"phone_confirmed"})


def test_a_passport_without_its_zone_waits_for_an_officer(session: Session):
    migrant, actor = applicant(session, number="PA5550002")
    services.save_passport(session, actor, services.PassportDetails("PA5550002", None))
    services.submit(session, actor)
    assert (migrant.status, unmet(session, migrant)) == (S.MISMATCH, {"mrz_missing"})


def test_a_passport_of_another_country_waits_for_an_officer(session: Session):
    indian = Mrz("P", "IND", "TAMANG", "SUNITA", "Z5550003", "IND", date(1996, 4, 12), "F", date(2031, 1, 1), "")
    migrant, actor = applicant(session, number="Z5550003", mrz=indian)
    services.submit(session, actor)
    assert (migrant.status, unmet(session, migrant)) == (S.MISMATCH, {"nationality"})


@pytest.mark.parametrize("wrong", ["K", "<"])
def test_signs_that_check_digits_do_not_tell_apart_are_found_by_what_was_typed(session: Session, wrong: str):
    typed, zoned = "PAK550004", f"PA{wrong}550004"
    read = Mrz("P", "NPL", "TAMANG", "SUNITA", zoned, "NPL", date(1996, 4, 12), "F", date(2031, 1, 1), "")
    migrant, actor = applicant(session, number=typed, mrz=read)
    services.submit(session, actor)
    assert migrant.status is (S.VERIFIED if wrong == "K" else S.MISMATCH)


class _Register:
    """A national register that answers only when told to."""

    name = "register"

    def __init__(self) -> None:
        self.up = False

    def check(self, claim: Claim) -> Outcome:
        if not self.up:
            raise RegisterDown
        return Outcome(CheckVerdict.MATCH, 100, ())


def test_a_register_that_is_down_refuses_nobody_and_is_asked_again(session: Session, monkeypatch: pytest.MonkeyPatch):
    register = _Register()
    monkeypatch.setattr(deciding, "VERIFIERS", [DocumentVerifier(), register])
    migrant, actor = applicant(session, number="PA5550005")
    services.submit(session, actor)
    assert (migrant.status, migrant.level) == (S.EXTERNAL_PENDING, 0)
    jobs.run_schedule_now("migrants.ask_registers_again", session)
    assert migrant.status is S.EXTERNAL_PENDING
    register.up = True
    jobs.run_schedule_now("migrants.ask_registers_again", session)
    assert (migrant.status, migrant.level) == (S.VERIFIED, 1)


def test_who_waits_sees_one_page_whether_the_details_are_known_or_do_not_fit(client: FlaskClient, session: Session):
    services.submit(session, applicant(session, number="PA5550006")[1])
    pages = []
    for number, name, sex in (("PA5550006", "Anita Lama", "F"), ("PA5550007", "Krishna Yadav", "M")):
        born = date(1990, 5, 6) if sex == "F" else date(1985, 1, 2)
        migrant, actor = applicant(session, number=number, mrz=zone(number, sex=sex, born=born), born=born, name=name)
        services.submit(session, actor)
        client.sign_in(session, account_of(session, actor))
        page = client.get("/me").get_data(as_text=True).replace(migrant.reference, "")
        pages.append((migrant.status, page[page.index("<main") : page.index("csrf_token")]))
    assert [status for status, _page in pages] == [S.POSSIBLE_DUPLICATE, S.MISMATCH]
    assert pages[0][1] == pages[1][1]


def test_a_refusal_closes_with_the_reason_and_only_an_approver_refuses(session: Session):
    migrant, actor = applicant(session, number="PA5550008", mrz=zone("PA5550008", sex="M"))
    services.submit(session, actor)
    with pytest.raises(DomainError):
        deciding.decide(session, officer(session), migrant.id, "refuse", "forged")
    assert migrant.status is S.MISMATCH
    deciding.decide(
        session,
        officer(session, StaffRole.IDENTITY_APPROVER),
        migrant.id,
        "refuse",
        "Forged page. Come with the original.",
    )
    assert (migrant.status, migrant.level) == (S.CLOSED, 0)
    from migrants.registration.queries import registration

    assert registration(session, migrant).ask == "Forged page. Come with the original."
