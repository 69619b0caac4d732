"""Winding down of an agency whose licence has ended: the file, documents in custody, money owed to workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0027_winding_down"
down_revision = "0026_inbound"

W, C, D = "winding_down", "custody_item", "owed_item"


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
    _file()
    _custody()
    _owed()
    for table in (W, C, D):
        grant(table)


def downgrade() -> None:
    for table in (D, C, W):
        op.drop_table(table)


def _file() -> None:
    op.create_table(
        W,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status", _enum("winding_status", "open", "declared", "proposed", "closed", "restored"), nullable=False
        ),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", _enum("outcome", "release", "forfeit"), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        *_recorded(W),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_winding_down_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR (decided_by IS NOT NULL AND proposed_by IS NOT NULL AND outcome IS NOT NULL"
            " AND closed_on IS NOT NULL AND declared_at IS NOT NULL)",
            name=op.f("ck_winding_down_closed_is_whole"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('declared', 'proposed') OR declared_at IS NOT NULL", name=op.f("ck_winding_down_declared")
        ),
        _reference(W, "agency_id", "agency"),
        _reference(W, "licence_id", "licence"),
        *(_reference(W, c, "user_account") for c in ("declared_by", "proposed_by", "decided_by")),
        _reference(W, "certificate_id", "stored_file"),
        sa.UniqueConstraint("reference", name=op.f("uq_winding_down_reference")),
        sa.UniqueConstraint("licence_id", name=op.f("uq_winding_down_licence_id")),
    )
    op.create_index(op.f("ix_winding_down_agency_id"), W, ["agency_id"])
    op.create_index(op.f("ix_winding_down_status_due_on"), W, ["status", "due_on"])


def _custody() -> None:
    op.create_table(
        C,
        sa.Column("winding_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", _enum("document_kind", "passport", "identity", "certificate", "other"), nullable=False
        ),
        sa.Column(
            "status",
            _enum(
                "custody_status", "held", "said_returned", "handed_in", "disputed", "missing", "returned", "replaced",
                "withdrawn",
            ),
            nullable=False,
        ),
        sa.Column("agency_says", sa.Boolean(), nullable=False),
        sa.Column("worker_says", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_index", sa.LargeBinary(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        *_recorded(C),
        _reference(C, "winding_id", W),
        *(_reference(C, c, "user_account") for c in ("added_by", "account_id")),
        _reference(C, "person_key_id", "person_key"),
    )  # fmt: skip
    op.create_index(op.f("ix_custody_item_winding_id_status"), C, ["winding_id", "status"])
    op.create_index(op.f("ix_custody_item_migrant_id"), C, ["migrant_id"])
    op.create_index(op.f("ix_custody_item_person_key_id"), C, ["person_key_id"])
    op.create_index(
        "uq_custody_item_document", C, ["winding_id", "document_index"], unique=True,
        postgresql_where=sa.text("document_index IS NOT NULL AND status NOT IN ('returned', 'replaced', 'withdrawn')"),
    )  # fmt: skip


def _owed() -> None:
    op.create_table(
        D,
        sa.Column("winding_id", sa.Uuid(), nullable=False),
        sa.Column("what", _enum("owed_for", "fee", "deposit", "costs", "award", "other"), nullable=False),
        sa.Column("teller", _enum("teller", "agency", "worker", "office"), nullable=False),
        sa.Column("status", _enum("owed_status", "owed", "said_paid", "claimed", "paid", "not_owed"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        *_recorded(D),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_owed_item_amount_positive")),
        sa.CheckConstraint(
            "status <> 'claimed' OR claim_id IS NOT NULL", name=op.f("ck_owed_item_claimed_names_claim")
        ),
        _reference(D, "winding_id", W),
        *(_reference(D, c, "user_account") for c in ("added_by", "account_id")),
        _reference(D, "claim_id", "security_claim"),
        _reference(D, "person_key_id", "person_key"),
    )
    op.create_index(op.f("ix_owed_item_winding_id_status"), D, ["winding_id", "status"])
    op.create_index(op.f("ix_owed_item_migrant_id"), D, ["migrant_id"])
    op.create_index(op.f("ix_owed_item_person_key_id"), D, ["person_key_id"])
    op.create_index("uq_owed_item_claim", D, ["claim_id"], unique=True)
