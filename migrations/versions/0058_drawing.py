"""A branch or representative is suspended by one officer for a time; what lasts is decided by two. Officers declare ties to
employers, too."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0058_drawing"
down_revision = "0056_accounts"

P, T = "agency_presence", "presence_move"
D = "declared_tie"
ITS_AGENCY = "(subject_kind = 'agency') = (agency_id IS NOT NULL) AND (agency_id IS NULL OR agency_id = subject_id)"
FOR_A_TIME = "(suspended_by IS NULL) = (suspended_until IS NULL)"
SUSPENDED = "suspended_until IS NULL OR status = 'suspended'"


def upgrade() -> None:
    op.add_column(P, sa.Column("suspended_by", sa.Uuid(), nullable=True))
    op.add_column(P, sa.Column("suspended_until", sa.Date(), nullable=True))
    op.add_column(P, sa.Column("lapsed_on", sa.Date(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{P}_suspended_by_user_account"), P, "user_account", ["suspended_by"], ["id"])
    op.create_check_constraint(op.f(f"ck_{P}_one_officer_for_a_time"), P, FOR_A_TIME)
    op.create_check_constraint(op.f(f"ck_{P}_time_of_a_suspension"), P, SUSPENDED)
    op.create_table(
        T,
        sa.Column("presence_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('hold', 'restore', 'remove')", name=op.f(f"ck_{T}_move_kind")),
        sa.CheckConstraint("status IN ('proposed', 'done', 'rejected', 'moot')", name=op.f(f"ck_{T}_move_status")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f(f"ck_{T}_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "status NOT IN ('done', 'rejected') OR decided_by IS NOT NULL", name=op.f(f"ck_{T}_decided_by_somebody")
        ),
        sa.ForeignKeyConstraint(["presence_id"], [f"{P}.id"], name=op.f(f"fk_{T}_presence_id_{P}")),
        sa.ForeignKeyConstraint(["proposed_by"], ["user_account.id"], name=op.f(f"fk_{T}_proposed_by_user_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f(f"fk_{T}_decided_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
    )
    op.create_index(op.f(f"ix_{T}_presence_id"), T, ["presence_id"])
    op.create_index(f"uq_{T}_open", T, ["presence_id"], unique=True, postgresql_where=sa.text("status = 'proposed'"))
    grant(T)
    op.add_column(D, sa.Column("subject_kind", sa.String(length=40), nullable=True))
    op.add_column(D, sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.execute(f"UPDATE {D} SET subject_kind = 'agency', subject_id = agency_id")
    for name in ("subject_kind", "subject_id"):
        op.alter_column(D, name, nullable=False)
    op.alter_column(D, "agency_id", nullable=True)
    kinds = "subject_kind IN ('migrant', 'agency', 'employer', 'centre', 'ngo')"
    op.create_check_constraint(op.f(f"ck_{D}_subject_kind"), D, kinds)
    op.create_check_constraint(op.f(f"ck_{D}_agency_is_the_subject"), D, ITS_AGENCY)
    op.drop_index("uq_declared_tie_pair", table_name=D)
    op.create_index(f"uq_{D}_subject", D, ["account_id", "subject_kind", "subject_id"], unique=True)


def downgrade() -> None:
    op.execute(f"DELETE FROM {D} WHERE agency_id IS NULL")
    op.drop_index(f"uq_{D}_subject", table_name=D)
    for name in ("agency_is_the_subject", "subject_kind"):
        op.drop_constraint(op.f(f"ck_{D}_{name}"), D)
    op.alter_column(D, "agency_id", nullable=False)
    for name in ("subject_id", "subject_kind"):
        op.drop_column(D, name)
    op.create_index("uq_declared_tie_pair", D, ["account_id", "agency_id"], unique=True)
    op.drop_table(T)
    for name in ("time_of_a_suspension", "one_officer_for_a_time"):
        op.drop_constraint(op.f(f"ck_{P}_{name}"), P)
    for name in ("lapsed_on", "suspended_until", "suspended_by"):
        op.drop_column(P, name)
