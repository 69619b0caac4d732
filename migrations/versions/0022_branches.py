"""Branches and representatives of agencies, and their cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import app_role, grant

revision = "0022_branches"
down_revision = "0021_reports"

P, C = "agency_presence", "presence_card"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("presence_card_serial")))
    accounts = ("proposed_by", "verified_by", "activated_by")
    op.create_table(
        P,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("presence_kind", "branch", "representative"), nullable=False),
        sa.Column(
            "status",
            _enum("presence_status", "proposed", "verified", "active", "suspended", "removed"),
            nullable=False,
        ),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column(
            "identifier_kind", _enum("identifier_kind", "citizenship", "national_id", "passport"), nullable=False
        ),
        sa.Column("identifier_index", sa.LargeBinary(), nullable=False),
        *[
            sa.Column(f"{c}_sealed", sa.LargeBinary(), nullable=False)
            for c in ("name", "identifier", "birth_date", "phone")
        ],
        *[sa.Column(a, sa.Uuid(), nullable=a != "proposed_by") for a in accounts],
        sa.Column("deposit_currency", sa.String(), nullable=True),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=True),
        sa.Column("deposit_reference", sa.String(), nullable=True),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        *_recorded(P),
        *[_reference(P, a, "user_account") for a in accounts],
        _reference(P, "agency_id", "agency"),
        _reference(P, "person_key_id", "person_key"),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{P}_reference")),
        sa.CheckConstraint(
            "activated_by IS NULL OR activated_by <> verified_by", name=op.f(f"ck_{P}_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "status NOT IN ('active', 'suspended') OR activated_by IS NOT NULL", name=op.f(f"ck_{P}_active_is_decided")
        ),
        sa.CheckConstraint("deposit_minor IS NULL OR deposit_minor >= 0", name=op.f(f"ck_{P}_deposit_not_negative")),
    )
    op.create_index(
        f"uq_{P}_representative",
        P,
        ["identifier_index"],
        unique=True,
        postgresql_where=sa.text("kind = 'representative' AND status <> 'removed'"),
    )
    for columns in (["status", "created_at"], ["agency_id"], ["person_key_id"]):
        op.create_index(op.f(f"ix_{P}_{'_'.join(columns)}"), P, columns)
    op.create_table(
        C,
        sa.Column("presence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        *_recorded(C),
        _reference(C, "presence_id", P),
        _reference(C, "document_id", "stored_file"),
        _reference(C, "issued_by", "user_account"),
        sa.UniqueConstraint("number", name=op.f(f"uq_{C}_number")),
        sa.CheckConstraint("valid_until > issued_on", name=op.f(f"ck_{C}_validity")),
    )
    op.create_index(f"uq_{C}_open", C, ["presence_id"], unique=True, postgresql_where=sa.text("revoked_on IS NULL"))
    op.create_index(op.f(f"ix_{C}_valid_until"), C, ["valid_until"])
    grant(P)
    grant(C)
    role = app_role()
    if role is not None:
        op.execute(f'GRANT USAGE ON SEQUENCE presence_card_serial TO "{role}"')


def downgrade() -> None:
    op.drop_table(C)
    op.drop_table(P)
    op.execute(sa.schema.DropSequence(sa.Sequence("presence_card_serial")))
