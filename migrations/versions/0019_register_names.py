"""Further names of agencies in the register, names that look like another's, and a NOTIFY for every change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0019_register_names"
down_revision = "0018_register_log"

NOTE = (
    "CREATE OR REPLACE FUNCTION note_register_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN INSERT INTO register_change DEFAULT VALUES; {notify} RETURN NULL; END $$"
)
# A listed agency that takes another name is still found under the old one: also when somebody forgets that it matters.
KEEP = """
CREATE FUNCTION keep_former_name() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE old_name text;
BEGIN
  FOREACH old_name IN ARRAY ARRAY[OLD.name, OLD.name_local] LOOP
    IF OLD.listed_at IS NOT NULL AND old_name <> '' AND old_name IS DISTINCT FROM NEW.name
       AND old_name IS DISTINCT FROM NEW.name_local THEN
      INSERT INTO register_name (id, agency_id, text, use) VALUES (gen_random_uuid(), NEW.id, old_name, 'former')
      ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "register_name",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_register_name_text_not_empty")),
        sa.CheckConstraint("use IN ('other_script', 'short', 'former')", name=op.f("ck_register_name_name_use")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_register_name_agency_id_agency")),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name=op.f("fk_register_name_added_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_name")),
    )
    op.create_index(
        "uq_register_name_current", "register_name", ["agency_id", "text"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "name_match",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("other_agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("other_name", sa.String(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_name_match_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_name_match_agency_id_agency")),
        sa.ForeignKeyConstraint(["other_agency_id"], ["agency.id"], name=op.f("fk_name_match_other_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["cleared_by"], ["user_account.id"], name=op.f("fk_name_match_cleared_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_match")),
    )
    op.create_index(
        "uq_name_match_pair", "name_match", ["application_id", "other_agency_id", "name", "other_name"], unique=True
    )
    op.create_index(op.f("ix_name_match_agency_id"), "name_match", ["agency_id"])
    op.execute(NOTE.format(notify="PERFORM pg_notify('register_change', '');"))
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER agency_former_name AFTER UPDATE OF name, name_local ON agency"
        " FOR EACH ROW EXECUTE FUNCTION keep_former_name()"
    )
    op.execute(
        "CREATE TRIGGER register_name_register_change AFTER INSERT OR UPDATE OR DELETE ON register_name"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_register_change()"
    )
    for table in ("register_name", "name_match"):
        grant(table)


def downgrade() -> None:
    op.execute("DROP TRIGGER agency_former_name ON agency")
    op.execute("DROP FUNCTION keep_former_name()")
    op.drop_table("name_match")
    op.drop_table("register_name")
    op.execute(NOTE.format(notify=""))
