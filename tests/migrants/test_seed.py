"""The made-up country: believable, sealed, and what the rules would have made of it."""

import random
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import find_accounts
from core.db import legal_today
from core.ids import parse_reference
from core.world import World
from migrants import seed
from migrants.identity.mrz import parse
from migrants.registration.models import IdentityCheck, Migrant, Passport
from migrants.registration.status import MigrantStatus as S
from portal.seeding import make_offices


def world(session: Session) -> World:
    made = World(today=legal_today(session), rng=random.Random(7))
    made.offices = {code: office.id for code, office in make_offices(session).items()}
    return made


def test_the_demo_has_every_state_in_credible_shares_and_believable_people(session: Session):
    made = world(session)
    seed.demo(session, made, count=1000)
    counts = dict(session.execute(select(Migrant.status, func.count()).group_by(Migrant.status)).all())
    assert counts == {
        S.VERIFIED: 861, S.STARTED: 50, S.CONTACT_VERIFIED: 45, S.MISMATCH: 18, S.POSSIBLE_DUPLICATE: 7,
        S.MORE_ASKED: 10, S.PROTECTION: 2, S.SUSPENDED: 2, S.CLOSED: 6,
    }  # fmt: skip
    assert len(made.ids["migrants"]) == 860
    passports = session.scalars(select(Passport)).all()
    for passport in passports[:80]:
        migrant = session.get_one(Migrant, passport.migrant_id)
        read = parse(passport.mrz or "", today=made.today)
        assert read.document_number == passport.document_number
        assert (read.birth_date == date.fromisoformat(migrant.birth_date or "")) or migrant.status is S.MISMATCH
    twins = session.scalars(select(IdentityCheck).where(IdentityCheck.other_id.is_not(None))).all()
    assert len(twins) == 7
    for check in twins:
        one, other = session.get_one(Migrant, check.migrant_id), session.get_one(Migrant, check.other_id)
        assert (one.latin_name, one.birth_date) == (other.latin_name, other.birth_date)


def test_a_second_run_makes_the_same_people_under_other_references(session: Session):
    """What people see is the same each time; what could be guessed is not."""

    def run() -> tuple[list[tuple[object, ...]], set[str]]:
        with session.begin_nested() as apart:
            seed.demo(session, world(session), count=60)
            people = session.scalars(select(Migrant)).all()
            passports = {p.migrant_id: p.document_number for p in session.scalars(select(Passport))}
            seen = sorted(
                (
                    str(p.full_name),
                    str(p.birth_date),
                    str(p.father_name),
                    str(p.status),
                    str(p.lives_in),
                    str(passports.get(p.id)),
                )
                for p in people
            )
            references = {p.reference for p in people}
            apart.rollback()
        session.expunge_all()
        return seen, references

    (first, ones), (second, others) = run(), run()
    assert first == second
    assert len(first) == 61
    assert ones & others == {seed.DEMO_REFERENCE}


def test_the_demo_migrant_signs_in_with_the_reference_of_the_readme(session: Session):
    made = world(session)
    seed.demo(session, made, count=50)
    assert parse_reference(seed.DEMO_REFERENCE) == seed.DEMO_REFERENCE
    (account,) = find_accounts(session, seed.DEMO_REFERENCE)
    migrant = session.get_one(Migrant, made.ids["demo_migrant"][0])
    assert (migrant.account_id, migrant.status, migrant.level) == (account.id, S.VERIFIED, 1)


def test_the_adversarial_profile_has_four_migrants_two_with_one_telephone(session: Session):
    made = world(session)
    seed.adversarial(session, made)
    assert len(made.found["migrants"]) == 4
    assert len(find_accounts(session, "+9779841000001")) == 2
    assert {session.get_one(Migrant, i).status for i in made.ids["migrants"]} == {S.VERIFIED}
