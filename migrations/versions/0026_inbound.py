"""SMS that people send us, kept until they are answered."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0026_inbound"
down_revision = "0025_renewal"

T = "inbound_message"


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("event_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sender_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
        sa.ForeignKeyConstraint(["reply_id"], ["outgoing_message.id"], name=op.f(f"fk_{T}_reply_id_outgoing_message")),
        sa.ForeignKeyConstraint(["person_key_id"], ["person_key.id"], name=op.f(f"fk_{T}_person_key_id_person_key")),
        sa.UniqueConstraint("event_hash", name=op.f(f"uq_{T}_event_hash")),
    )
    op.create_index(op.f(f"ix_{T}_person_key_id"), T, ["person_key_id"])
    op.create_index(op.f(f"ix_{T}_created_at"), T, ["created_at"], postgresql_where=sa.text("forgotten_at IS NULL"))
    grant(T)


def downgrade() -> None:
    op.drop_table(T)
