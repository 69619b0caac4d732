"""A bar of an employer is a record with its days, its reason and two officers, no state of the employer without an end.

An employer that is barred goes back to what it was before; its bar stays in force, without a last day, until an officer decides.
"""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0052_employer_bars"
down_revision = "0052_employer_corrections"

E, T = "employer", "employer_bar"
STATES = ("registered", "asked", "not_found", "verified", "accredited", "watch")
CHECK = "ck_employer_employer_status"
OPEN = sa.text("status IN ('proposed', 'in_force')")
REASON = "Barred before bars had an end; the reason stands in the log."
# References have a check character (core.ids), so each is made there and not in SQL.
TAKE_OVER = sa.text(
    f"INSERT INTO {T} (id, reference, employer_id, kind, status, reason)"
    " VALUES (gen_random_uuid(), :reference, :employer, 'lasting', 'in_force', :reason)"
)
AS_BEFORE = f"""
    UPDATE {E} SET status = CASE
        WHEN EXISTS (SELECT FROM accreditation_term t WHERE t.employer_id = {E}.id) THEN 'accredited'
        WHEN verified_by IS NOT NULL THEN 'verified' ELSE 'registered' END
    WHERE status = 'barred'
"""
AS_AFTER = f"""
    UPDATE {E} SET status = 'barred' WHERE id IN (
        SELECT employer_id FROM {T} WHERE status = 'in_force' AND (last_day IS NULL OR last_day >= CURRENT_DATE))
"""


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{T}_{column}_{other}"))


def _states(*states: str) -> None:
    op.create_check_constraint(op.f(CHECK), E, f"status IN ({', '.join(repr(s) for s in states)})")


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("bar_kind", "interim", "lasting"), nullable=False),
        sa.Column(
            "status", _enum("bar_status", "proposed", "in_force", "rejected", "lifted", "lapsed"), nullable=False
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(last_day IS NULL) = (proposed_by IS NULL)", name=op.f(f"ck_{T}_dated")),
        sa.CheckConstraint("kind = 'lasting' OR decided_by IS NULL", name=op.f(f"ck_{T}_interim_is_one_officers")),
        sa.CheckConstraint(
            "decided_by <> proposed_by AND lifted_by <> proposed_by AND lifted_by <> decided_by",
            name=op.f(f"ck_{T}_two_officers"),
        ),
        _reference("employer_id", E),
        *(_reference(column, "user_account") for column in ("proposed_by", "decided_by", "lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{T}_reference")),
    )
    op.create_index("uq_employer_bar_open", T, ["employer_id", "kind"], unique=True, postgresql_where=OPEN)
    op.create_index(op.f(f"ix_{T}_employer_id"), T, ["employer_id"])
    op.create_index(op.f(f"ix_{T}_status_last_day"), T, ["status", "last_day"])
    grant(T)
    _take_over()
    op.execute(AS_BEFORE)
    op.drop_constraint(op.f(CHECK), E, type_="check")
    _states(*STATES)


def _take_over() -> None:
    from core.ids import new_reference

    connection = op.get_bind()
    for (employer,) in connection.execute(sa.text(f"SELECT id FROM {E} WHERE status = 'barred'")).all():
        values = {"reference": new_reference("EB"), "employer": employer, "reason": REASON}
        connection.execute(TAKE_OVER, values)


def downgrade() -> None:
    op.drop_constraint(op.f(CHECK), E, type_="check")
    _states(*STATES, "barred")
    op.execute(AS_AFTER)
    op.drop_table(T)
