"""A change of one's own e-mail address or telephone; the contacts that an account had before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0056_accounts"
down_revision = "0047_licence_fee"

CHANGE = "contact_change"


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column(
        "user_account",
        sa.Column(
            "former_contacts", postgresql.ARRAY(sa.LargeBinary()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_table(
        CHANGE,
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("contact_kind", "email", "phone"), nullable=False),
        sa.Column(
            "status",
            _one_of("change_status", "asked", "waiting", "done", "stopped", "taken_back", "lapsed"),
            nullable=False,
        ),
        sa.Column("new_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("new_index", sa.LargeBinary(), nullable=False),
        sa.Column("old_index", sa.LargeBinary(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("stop_hash", sa.LargeBinary(), nullable=True),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'waiting') <= (stop_hash IS NOT NULL AND effective_at IS NOT NULL)",
            name=op.f(f"ck_{CHANGE}_waits"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f(f"fk_{CHANGE}_account_id_user_account")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f(f"fk_{CHANGE}_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CHANGE}")),
        sa.UniqueConstraint("stop_hash", name=op.f(f"uq_{CHANGE}_stop_hash")),
    )
    op.create_index(op.f(f"ix_{CHANGE}_account_id"), CHANGE, ["account_id"])
    op.create_index(op.f(f"ix_{CHANGE}_person_key_id"), CHANGE, ["person_key_id"])
    op.create_index(
        f"uq_{CHANGE}_open", CHANGE, ["account_id", "kind"], unique=True,
        postgresql_where=sa.text("status IN ('asked', 'waiting')"),
    )  # fmt: skip
    op.create_index(f"ix_{CHANGE}_due", CHANGE, ["effective_at"], postgresql_where=sa.text("status = 'waiting'"))
    grant(CHANGE)


def downgrade() -> None:
    op.drop_table(CHANGE)
    op.drop_column("user_account", "former_contacts")
