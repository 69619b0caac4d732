"""A departure clearance that another contract of the same worker replaced; exemptions from bans."""

import sqlalchemy as sa
from alembic import op

from migrations import roles
from migrations.grants import grant

revision = "0054_clearance_and_bans"
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
    _exemptions()
    roles.append(ROLE)


ROLE = "exemption_officer"

X = "ban_exemption"
X_STATES = ("proposed", "in_force", "refused", "withdrawn", "revoked", "expired")


def _exemptions() -> None:
    named = {"migrant_id": "migrant", "job_order_id": "job_order", "file_id": "stored_file", "proposed_by": "user_account",
             "decided_by": "user_account"}  # fmt: skip
    op.create_table(
        X,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=True),
        sa.Column("job_order_id", sa.Uuid(), nullable=True),
        sa.Column("ban_row", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban_exemption")),
        sa.UniqueConstraint("reference", name=op.f("uq_ban_exemption_reference")),
        sa.CheckConstraint(f"status IN ({_words(X_STATES)})", name=op.f("ck_ban_exemption_exemption_status")),
        sa.CheckConstraint("num_nonnulls(migrant_id, job_order_id) = 1", name=op.f("ck_ban_exemption_one_subject")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_ban_exemption_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "status NOT IN ('in_force', 'refused', 'revoked') OR decided_by IS NOT NULL",
            name=op.f("ck_ban_exemption_decided"),
        ),
        *(sa.ForeignKeyConstraint([c], [f"{t}.id"], name=op.f(f"fk_ban_exemption_{c}_{t}")) for c, t in named.items()),
    )
    open_ = sa.text("status IN ('proposed', 'in_force')")
    for subject in ("migrant", "job_order"):
        op.create_index(
            f"uq_ban_exemption_{subject}", X, [f"{subject}_id", "ban_row"], unique=True, postgresql_where=open_
        )
    op.create_index(op.f("ix_ban_exemption_status_last_day"), X, ["status", "last_day"])
    grant(X)


def downgrade() -> None:
    op.drop_table(X)
    for table in roles.TABLES:
        op.execute(f"DELETE FROM {table} WHERE role = '{ROLE}'")
    roles.remove(ROLE)
    op.execute("UPDATE departure_clearance SET status = 'revoked' WHERE status = 'superseded'")
    _rules(STATES, GRANTED_BEFORE, ENDED_BEFORE)
