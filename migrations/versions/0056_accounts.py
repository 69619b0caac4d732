"""A change of one's own e-mail address or telephone; contacts that an account had before; another owner for a lost one; the day
on which a migrant took the consent back."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0056_accounts"
down_revision = "0054_clearance_and_bans"

CHANGE = "contact_change"
OWNER = "owner_replacement"


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column(
        "user_account",
        sa.Column(
            "former_contacts", postgresql.ARRAY(sa.LargeBinary()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("migrant", sa.Column("consent_withdrawn_at", sa.DateTime(timezone=True), nullable=True))
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
    _owners()


def _owners() -> None:
    def link(name: str, *, needed: bool = False) -> sa.Column[Any]:
        return sa.Column(name, sa.Uuid(), nullable=not needed)

    def sealed(name: str, *, needed: bool = True) -> sa.Column[Any]:
        return sa.Column(name, sa.LargeBinary(), nullable=not needed)

    to = {
        "office_id": "office", "lost_account_id": "user_account", "director_id": "agency_director",
        "file_id": "stored_file", "proposed_by": "user_account", "decided_by": "user_account",
        "settled_by": "user_account", "invitation_id": "invitation", "person_key_id": "person_key",
    }  # fmt: skip
    states = ("proposed", "notice", "objected", "invited", "done", "refused", "taken_back", "lapsed")
    op.create_table(
        OWNER,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", _one_of("subject_kind", "migrant", "agency", "employer", "centre", "ngo"), nullable=False),
        link("subject_id", needed=True),
        link("office_id", needed=True),
        sa.Column("status", _one_of("replacement_status", *states), nullable=False),
        sa.Column(
            "ground", _one_of("ground", "death", "court_order", "company_register", "unreachable"), nullable=False
        ),
        link("lost_account_id"),
        link("director_id"),
        sa.Column(
            "identifier_kind", _one_of("identifier_kind", "citizenship", "national_id", "passport"), nullable=False
        ),
        sealed("name_sealed"),
        sealed("email_sealed"),
        sealed("identifier_sealed"),
        sealed("birth_date_sealed"),
        sealed("objection_sealed", needed=False),
        sealed("evidence_sealed"),
        sealed("identifier_index"),
        sealed("email_index"),
        link("file_id"),
        link("proposed_by", needed=True),
        link("decided_by"),
        link("settled_by"),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("object_until", sa.Date(), nullable=True),
        link("invitation_id"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        link("person_key_id", needed=True),
        *_checks(),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{OWNER}_{name}_{table}"))
            for name, table in to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{OWNER}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{OWNER}_reference")),
    )
    for name in ("office_id", "person_key_id", "invitation_id"):
        op.create_index(op.f(f"ix_{OWNER}_{name}"), OWNER, [name])
    op.create_index(op.f(f"ix_{OWNER}_status_object_until"), OWNER, ["status", "object_until"])
    op.create_index(
        f"uq_{OWNER}_open", OWNER, ["kind", "subject_id"], unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'notice', 'objected', 'invited')"),
    )  # fmt: skip
    grant(OWNER)


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "maker_is_not_checker": "decided_by IS NULL OR decided_by <> proposed_by",
        "objection_is_heard_anew": "settled_by IS NULL OR (settled_by <> proposed_by AND settled_by <> decided_by)",
        "notice": "status <> 'notice' OR (object_until IS NOT NULL AND lost_account_id IS NOT NULL)",
        "invited": "status NOT IN ('invited', 'done') OR invitation_id IS NOT NULL",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{OWNER}_{name}")) for name, rule in rules.items()]


def downgrade() -> None:
    op.drop_table(OWNER)
    op.drop_table(CHANGE)
    op.drop_column("migrant", "consent_withdrawn_at")
    op.drop_column("user_account", "former_contacts")
