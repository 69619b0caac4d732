"""What a passport's photo shows; a record passed on to an approver; a clearance stopped at the airport; an employer in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0037_identity_airport"
down_revision = "0036_remittance_stop"

MIGRANT = (
    "started", "contact_verified", "identity_submitted", "matched", "mismatch", "possible_duplicate", "more_asked",
    "external_pending", "protection", "verified", "suspended", "merged", "closed",
)  # fmt: skip
CLEARANCE = (
    "collecting", "applied", "under_review", "queried", "granted", "held", "departed", "refused", "appealed", "expired", "revoked",
)  # fmt: skip
EMPLOYER = ("registered", "verified", "accredited", "watch", "barred")


def _states(table: str, name: str, states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(name), table, type_="check")
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f(name), table, f"status IN ({words})")


def _granted(states: str) -> None:
    name = op.f("ck_departure_clearance_granted")
    op.drop_constraint(name, "departure_clearance", type_="check")
    op.create_check_constraint(
        name,
        "departure_clearance",
        f"status NOT IN ({states}) OR (granted_by IS NOT NULL AND valid_until IS NOT NULL)",
    )


def upgrade() -> None:
    op.add_column("passport", sa.Column("photo_page", sa.Boolean(), nullable=True))
    _states("migrant", "ck_migrant_migrant_status", (*MIGRANT[:6], "passed_on", *MIGRANT[6:]))
    _states(
        "departure_clearance", "ck_departure_clearance_clearance_status", (*CLEARANCE[:6], "stopped", *CLEARANCE[6:])
    )
    _granted("'granted', 'held', 'stopped', 'departed'")
    _states("employer", "ck_employer_employer_status", (EMPLOYER[0], "asked", "not_found", *EMPLOYER[1:]))


def downgrade() -> None:
    op.execute("UPDATE employer SET status = 'registered' WHERE status IN ('asked', 'not_found')")
    _states("employer", "ck_employer_employer_status", EMPLOYER)
    op.execute("UPDATE departure_clearance SET status = 'held' WHERE status = 'stopped'")
    _granted("'granted', 'held', 'departed'")
    _states("departure_clearance", "ck_departure_clearance_clearance_status", CLEARANCE)
    op.execute("UPDATE migrant SET status = 'possible_duplicate' WHERE status = 'passed_on'")
    _states("migrant", "ck_migrant_migrant_status", MIGRANT)
    op.drop_column("passport", "photo_page")
