"""Made-up migrants: Nepali names of the hills, the Madhesh, Janajati and Muslim families; none is a real person."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from core.accounts import actor_for
from core.bulk import BulkPeople
from core.ids import check_character, new_reference
from core.privacy import blind_index
from core.world import World
from law.country import deployment
from migrants.identity.mrz import Mrz
from migrants.registration import services
from migrants.registration.duplicates import name_hashes
from migrants.registration.models import IdentityCheck, Migrant, Passport
from migrants.registration.status import CheckVerdict, MigrantStatus, PhotoState
from migrants.seed_names import MadeUp, made_up

# How a country's register looks at one moment: (state, share of 1,000).
SPREAD = (
    (MigrantStatus.VERIFIED, 860),
    (MigrantStatus.STARTED, 50),
    (MigrantStatus.CONTACT_VERIFIED, 45),
    (MigrantStatus.MISMATCH, 18),
    (MigrantStatus.POSSIBLE_DUPLICATE, 7),
    (MigrantStatus.MORE_ASKED, 10),
    (MigrantStatus.PROTECTION, 2),
    (MigrantStatus.SUSPENDED, 2),
    (MigrantStatus.CLOSED, 6),
)
EARLY = frozenset({MigrantStatus.STARTED, MigrantStatus.CONTACT_VERIFIED, MigrantStatus.CLOSED})
WAITING = frozenset({MigrantStatus.MISMATCH, MigrantStatus.POSSIBLE_DUPLICATE, MigrantStatus.PROTECTION})
PROVED = frozenset({MigrantStatus.VERIFIED, MigrantStatus.SUSPENDED})
# The demo's reference never changes, so that it can stand in the README.
DEMO_REFERENCE = f"MG-DEM0-00001-{check_character('MGDEM000001')}"
DEMO_LOGIN_NUMBER = "9841000001"
DEMO_PASSWORD = "open-passage-demo"
COUNT = 20_000


def _states(rng: Random, count: int) -> list[MigrantStatus]:
    found = [state for state, share in SPREAD for _ in range(share * count // 1000)]
    found += [MigrantStatus.VERIFIED] * (count - len(found))
    rng.shuffle(found)
    return found


@dataclass(frozen=True, slots=True)
class Facts:
    """One made-up person, before sealing."""

    names: MadeUp
    sex: str
    born: date
    number: str
    expiry: date


def demo(session: Session, world: World, count: int = COUNT) -> None:
    """Twenty thousand migrants in every state, and one who can sign in."""
    maker = _Maker(BulkPeople(session), world)
    numbers = world.rng.sample(range(1_000_000, 9_999_999), count)
    for number, status in zip(numbers, _states(world.rng, count), strict=True):
        maker.make(status, f"PA{number}")
    maker.people.flush()
    world.ids["migrants"] = [made for made, _facts in maker.verified]
    own = _with_account(
        session,
        world,
        "Sunita",
        "Tamang",
        "PA0000017",
        f"+{deployment().dialling_code}{DEMO_LOGIN_NUMBER}",
        DEMO_PASSWORD,
        DEMO_REFERENCE,
    )
    world.ids["demo_migrant"] = [own]
    world.progress(f"{count} migrants")


class _Maker:
    """Makes people one after the other; whoever may be a duplicate resembles somebody made before."""

    def __init__(self, people: BulkPeople, world: World) -> None:
        self.people = people
        self.world = world
        self.verified: list[tuple[UUID, Facts]] = []
        self._hashes: dict[str, list[bytes]] = {}
        home = deployment()
        self._home, self._state = home.code, home.passport_state
        self._near = home.office_codes("district") or home.office_codes("province")
        self._midnight = datetime.combine(world.today, datetime.min.time(), UTC)

    def make(self, status: MigrantStatus, number: str) -> None:
        rng = self.world.rng
        twin = rng.choice(self.verified) if status is MigrantStatus.POSSIBLE_DUPLICATE and self.verified else None
        facts = replace(twin[1], number=number) if twin else self._facts(status, number)
        waiting = status in WAITING
        days = rng.randint(0, 6) if waiting else rng.randint(1, 900)
        begun = self._midnight - timedelta(days=days, minutes=rng.randint(0, 1400))
        person = self.people.person()
        migrant_id = self._migrant(person, status, facts, begun)
        if status not in EARLY:
            passport_id = self._passport(person, migrant_id, facts, status, begun)
            self._checks(migrant_id, passport_id, status, twin[0] if twin else None)
        if status is MigrantStatus.VERIFIED:
            self.verified.append((migrant_id, facts))

    def _facts(self, status: MigrantStatus, number: str) -> Facts:
        rng, today = self.world.rng, self.world.today
        sex = "F" if rng.random() < 0.28 else "M"
        young = status is MigrantStatus.PROTECTION
        age = rng.randint(15 * 366, 17 * 365) if young else rng.randint(19 * 366, 45 * 365)
        expiry = today + timedelta(days=rng.randint(60, 3600))
        return Facts(made_up(rng, sex), sex, today - timedelta(days=age), number, expiry)

    def _migrant(self, person: tuple[UUID, bytes], status: MigrantStatus, facts: Facts, begun: datetime) -> UUID:
        names, rng = facts.names, self.world.rng
        if names.latin not in self._hashes:
            self._hashes[names.latin] = name_hashes(names.native, names.latin)
        # Two in three write their own script, the others Latin letters.
        written = names.native if rng.random() < 0.67 else names.latin
        return self.people.add(
            Migrant,
            person,
            {
                "full_name_sealed": written,
                "latin_name_sealed": names.latin.upper().replace(".", ""),
                "birth_date_sealed": facts.born.isoformat(),
                "sex_sealed": facts.sex,
                "father_name_sealed": names.father,
                "mother_name_sealed": names.mother,
            },
            reference=new_reference("MG"),
            status=status,
            level=1 if status in PROVED else 0,
            office_id=self.world.offices[rng.choice(self._near)],
            birth_index=blind_index("birth-date", facts.born.isoformat()),
            name_hashes=self._hashes[names.latin],
            lives_in=rng.choice((*[self._home] * 3, "QA", "SA", "AE", "MY")),
            consent_version=services.CONSENT_VERSION,
            consent_language="ne",
            consent_at=begun,
            created_at=begun,
            submitted_at=None if status in EARLY else begun + timedelta(hours=1),
            due_on=begun.date() + timedelta(days=3) if status in WAITING else None,
        )

    def _passport(
        self, person: tuple[UUID, bytes], migrant_id: UUID, facts: Facts, status: MigrantStatus, begun: datetime
    ) -> UUID:
        # What does not fit is the birth date, as happens when a year alone is known.
        born = date(facts.born.year, 1, 1) if status is MigrantStatus.MISMATCH else facts.born
        given, family = (text.upper().replace(".", "") for text in (facts.names.given, facts.names.family))
        primary, secondary = (family, given) if family else (given, "")
        zone = Mrz("P", self._state, primary, secondary, facts.number, self._state, born, facts.sex, facts.expiry, "")
        return self.people.add(
            Passport,
            person,
            {"document_number_sealed": facts.number, "mrz_sealed": "\n".join(zone.lines())},
            migrant_id=migrant_id,
            is_current=True,
            document_index=blind_index("passport", facts.number),
            issuing_state=self._state,
            expires_on=facts.expiry,
            photo_state=PhotoState.NONE,
            verified_at=begun + timedelta(hours=1) if status in PROVED else None,
        )

    def _checks(self, migrant_id: UUID, passport_id: UUID, status: MigrantStatus, twin: UUID | None) -> None:
        fits = status is not MigrantStatus.MISMATCH
        young = status is MigrantStatus.PROTECTION
        codes = [("under_age", False)] if young else [("check_digits", True), ("birth_date", fits)]
        self.people.add_plain(
            IdentityCheck,
            migrant_id=migrant_id,
            passport_id=passport_id,
            verifier="age" if young else "document",
            verdict=CheckVerdict.MINOR if young else CheckVerdict.MATCH if fits else CheckVerdict.MISMATCH,
            score=0 if young else 100 if fits else 80,
            reasons=[{"code": code, "fits": good} for code, good in codes],
            other_id=None,
        )
        if twin is not None:
            reasons = ("same_birth_date", "like_name", "father_same", "mother_same")
            self.people.add_plain(
                IdentityCheck,
                migrant_id=migrant_id,
                passport_id=passport_id,
                verifier="duplicates",
                verdict=CheckVerdict.DUPLICATE,
                score=95,
                reasons=[{"code": code, "fits": False} for code in reasons],
                other_id=twin,
            )


def _with_account(
    session: Session, world: World, given: str, family: str, number: str, phone: str, password: str, reference: str = "",
    office: str | None = None,
) -> UUID:  # fmt: skip
    """A migrant who went through registration as anybody would, and can sign in."""
    home = deployment()
    begun, account = services.begin(session, services.Begin(f"{given} {family}", password, "ne", consent=True))
    if reference:
        begun.reference = account.reference = reference
    actor = actor_for(session, account)
    born = date(1996, 4, 12)
    services.save_details(
        session,
        actor,
        services.Details(
            birth_date=born,
            sex="F",
            father_name=f"Mingma {family}",
            mother_name=f"Dolma {family}",
            lives_in=home.code,
            office=office,
        ),
    )
    account.phone, account.phone_index = phone, blind_index("phone", phone)
    account.phone_confirmed_at = begun.consent_at
    zone = Mrz(
        "P",
        home.passport_state,
        family.upper(),
        given.upper(),
        number,
        home.passport_state,
        born,
        "F",
        world.today + timedelta(days=1500),
        "",
    )
    services.save_passport(session, actor, services.PassportDetails(number, "\n".join(zone.lines())))
    services.submit(session, actor)
    world.accounts.append(
        {
            "login": begun.reference,
            "password": password,
            "role": "migrant",
            "record_id": str(begun.id),
            "account_id": str(account.id),
        }
    )
    return begun.id


def adversarial(session: Session, world: World) -> None:
    """Four migrants, two in each of the two regions that have officers; two of them share a telephone."""
    regions = deployment().office_codes("province")
    names = (("Sunita", "Tamang"), ("Gita", "Yadav"), ("Ruksana", "Khatun"), ("Maya", "Gurung"))
    made = []
    for index, (given, family) in enumerate(names):
        phone = f"+{deployment().dialling_code}984100000{1 if index < 2 else index + 1}"
        password = f"adversarial-{world.rng.randrange(16**12):012x}"
        made.append(
            _with_account(
                session, world, given, family, f"PA000010{index}", phone, password, office=regions[1 + index % 2]
            )
        )
    world.ids["migrants"] = made
    world.found["migrants"] = [str(m) for m in made]
