"""A departure clearance that another contract of the same worker replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0054_clearance_superseded"
down_revision = "0052_employer_bars"

T = "departure_clearance"
STATES = (
    "collecting", "applied", "under_review", "queried", "granted", "held", "stopped", "departed", "refused", "appealed", "expired",
    "revoked",
)  # fmt: skip
STATUS, GRANTED, OPEN = (
    "ck_departure_clearance_clearance_status",
    "ck_departure_clearance_granted",
    "uq_departure_clearance_open",
)


def _rules(states: tuple[str, ...], granted: tuple[str, ...], ended: tuple[str, ...]) -> None:
    for name in (STATUS, GRANTED):
        op.drop_constraint(op.f(name), T, type_="check")
    op.create_check_constraint(op.f(STATUS), T, f"status IN ({_words(states)})")
    op.create_check_constraint(
        op.f(GRANTED), T, f"status NOT IN ({_words(granted)}) OR (granted_by IS NOT NULL AND valid_until IS NOT NULL)"
    )
    op.drop_index(OPEN, T)
    op.create_index(OPEN, T, ["migrant_id"], unique=True, postgresql_where=sa.text(f"status NOT IN ({_words(ended)})"))


def _words(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


GRANTED_BEFORE = ("granted", "held", "stopped", "departed")
ENDED_BEFORE = ("departed", "expired", "revoked")


def upgrade() -> None:
    _rules((*STATES, "superseded"), (*GRANTED_BEFORE, "superseded"), (*ENDED_BEFORE, "superseded"))


def downgrade() -> None:
    op.execute("UPDATE departure_clearance SET status = 'revoked' WHERE status = 'superseded'")
    _rules(STATES, GRANTED_BEFORE, ENDED_BEFORE)
