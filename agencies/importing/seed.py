"""The demo's old register: a small file of each kind, brought in twice, with conflicts that wait for an officer."""

import csv
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.mapping import Mapping
from agencies.importing.models import ImportedRecord
from agencies.importing.services import ImportFile, run_import
from agencies.importing.status import ImportKind
from agencies.licensing import rules
from agencies.register_log.services import taken_over
from agencies.registration.models import Agency
from agencies.registration.status import IdentifierKind
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.seed_names import names_of
from core.actor import Actor
from core.world import World
from law.country import deployment

SOURCE = "old-register"
Rows = Sequence[Sequence[object]]


def demo(session: Session, world: World) -> None:
    """Eight agencies of the old register; two lines say otherwise than this portal, which has decided since."""
    actor = world.actors.get("admin")
    if actor is None:
        return
    today, home = world.today, deployment()
    licence_class = rules.classes(today)[0].code
    left = home.phone_digits - 3
    phones = [f"+{home.dialling_code}147{f'{n:05d}'.zfill(left)[-left:]}" for n in range(501, 509)]
    names, districts = names_of("old_register"), names_of("districts")
    given, family = names_of("given"), names_of("family")
    agencies = [
        (f"{1001 + n}", name, f"77{n:04d}", districts[n % len(districts)], phones[n], f"office@old{n}.example")
        for n, name in enumerate(names)
    ]
    licences = [
        (f"L{n}", f"{1001 + n}", f"{300 + n}/{60 + n}", licence_class, "active", today - timedelta(900 - n), today + timedelta(200 + n))
        for n in range(len(names))
    ]  # fmt: skip
    people = [
        (f"D{n}", f"{1001 + n}", f"{given[n % len(given)]} {family[n % len(family)]}", str(IdentifierKind.CITIZENSHIP),
         f"90-01-50-{n:05d}", f"19{60 + n}-04-0{n + 1}", phones[n])
        for n in range(len(names))
    ]  # fmt: skip
    sanctions = [
        ("S1", "1008", "blacklisting", "in_force", today - timedelta(400), "Kept passports; three complaints proved.")
    ]
    securities = [
        (f"B{n}", f"{1001 + n}", "cash", "500000", home.currency, home.banks[0], f"CD-{n}") for n in range(len(names))
    ]
    for kind, rows in (
        (ImportKind.AGENCIES, agencies), (ImportKind.LICENCES, licences), (ImportKind.DIRECTORS, people),
        (ImportKind.SANCTIONS, sanctions), (ImportKind.SECURITIES, securities),
    ):  # fmt: skip
        bring(session, actor, kind, rows)
    _decide_since(session, world)
    agencies[0] = (*agencies[0][:4], phones[7], agencies[0][5])
    licences[1] = (*licences[1][:4], "cancelled", *licences[1][5:])
    bring(session, actor, ImportKind.AGENCIES, agencies)
    bring(session, actor, ImportKind.LICENCES, licences)
    world.progress("the old register")


def _decide_since(session: Session, world: World) -> None:
    """What this portal did after the first file: one telephone mended, one suspension ordered."""
    targets = dict(
        session.execute(
            select(ImportedRecord.source_key, ImportedRecord.target_id).where(
                ImportedRecord.source == SOURCE, ImportedRecord.kind == ImportKind.AGENCIES
            )
        ).all()
    )
    agency = session.get_one(Agency, targets["1001"])
    agency.phone = agency.phone[:-1] + "9" if agency.phone else None
    ended = Sanction(
        agency_id=targets["1002"],
        kind=SanctionKind.SUSPENSION,
        status=SanctionStatus.LIFTED,
        reason="Fees above the receipt.",
        last_day=world.today,
        proposed_by=world.staff["licensing.officer"],
        decided_by=world.staff["licensing.approver"],
        # The seed's own transaction is one instant: this order comes after the line was taken.
        decided_at=session.scalars(
            select(ImportedRecord.created_at).where(ImportedRecord.target_id == targets["1002"])
        ).one(),
        decision_reason="The facts are proved.",
        lifted_on=world.today,
    )
    with taken_over(session, world.today):
        session.add(ended)


HEADS = {
    ImportKind.AGENCIES: ("source_key", "name", "company_number", "district", "phone", "email"),
    ImportKind.LICENCES: ("source_key", "agency_key", "number", "licence_class", "status", "issued_on", "valid_until"),
    ImportKind.DIRECTORS: ("source_key", "agency_key", "name", "identifier_kind", "identifier", "birth_date", "phone"),
    ImportKind.SANCTIONS: ("source_key", "agency_key", "kind", "status", "ordered_on", "reason"),
    ImportKind.SECURITIES: ("source_key", "agency_key", "kind", "amount", "currency", "bank_name", "document_number"),
}


def bring(session: Session, actor: Actor, kind: ImportKind, rows: Rows) -> None:
    """Write the rows as the old system's export would stand, and read them by the ordinary way."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADS[kind], *rows])
        run_import(session, actor, ImportFile(kind, path, Mapping(SOURCE, {})), lambda _line: None)
