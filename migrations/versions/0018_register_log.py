"""The register is a transparency log: events by trigger, sealed leaves, signed heads, anchors."""

import sqlalchemy as sa
from alembic import op

from core.audit import Xid8
from migrations.grants import grant

revision = "0018_register_log"
down_revision = "0017_security_account"

# A record that is taken over from elsewhere, or made up for a demonstration, is marked in its transaction:
# set_config('openpassage.imported', '<day it took effect>', true). The mark stands in the leaf for good.
IMPORTED = "NULLIF(current_setting('openpassage.imported', true), '')::date"

# The newest order behind a change of a licence: it was put in force, or ended, just before in the same transaction.
ORDER_BEHIND = """
CREATE FUNCTION register_order_behind(of_agency uuid, new_status text) RETURNS sanction
LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT s FROM sanction s WHERE s.agency_id = of_agency AND CASE new_status
    WHEN 'suspended' THEN s.kind LIKE '%suspension' AND s.status = 'in_force'
    WHEN 'cancelled' THEN s.kind IN ('cancellation', 'blacklisting') AND s.status = 'in_force'
    WHEN 'active' THEN s.kind NOT IN ('extension', 'blacklisting') AND s.status NOT IN ('proposed', 'rejected', 'in_force')
    ELSE false END
  ORDER BY s.created_at DESC, s.id DESC LIMIT 1
$$
"""

LICENCE = f"""
CREATE FUNCTION log_licence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  told date := {IMPORTED};
  held licence := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  whose text := (SELECT reference FROM agency WHERE id = held.agency_id);
  behind sanction;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO register_event (event, agency, licence, licence_class, status, until, day, imported)
    VALUES ('issued', whose, NEW.number, NEW.licence_class, 'active', NEW.valid_until, NEW.issued_on, told IS NOT NULL);
    IF NEW.status = 'active' THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO register_event (event, agency, licence, licence_class, status, until, imported)
    VALUES ('deleted', whose, OLD.number, OLD.licence_class, 'deleted', OLD.valid_until, false);
    RETURN NULL;
  ELSE
    IF (OLD.number, OLD.agency_id) IS DISTINCT FROM (NEW.number, NEW.agency_id) THEN
      INSERT INTO register_event (event, agency, licence, licence_class, status, until, imported)
      VALUES ('deleted', (SELECT reference FROM agency WHERE id = OLD.agency_id), OLD.number, OLD.licence_class,
        'deleted', OLD.valid_until, false);
      INSERT INTO register_event (event, agency, licence, licence_class, status, until, day, imported)
      VALUES ('issued', whose, NEW.number, NEW.licence_class, NEW.status, NEW.valid_until, NEW.issued_on, false);
    ELSIF (OLD.valid_until, OLD.licence_class, OLD.issued_on)
      IS DISTINCT FROM (NEW.valid_until, NEW.licence_class, NEW.issued_on) THEN
      INSERT INTO register_event (event, agency, licence, licence_class, status, until, day, imported)
      VALUES (CASE WHEN NEW.valid_until > OLD.valid_until THEN 'renewed' ELSE 'changed' END,
        whose, NEW.number, NEW.licence_class, OLD.status, NEW.valid_until, told, told IS NOT NULL);
    END IF;
    IF OLD.status = NEW.status THEN
      RETURN NULL;
    END IF;
  END IF;
  behind := register_order_behind(NEW.agency_id, NEW.status);
  INSERT INTO register_event
    (event, agency, licence, licence_class, order_reference, order_kind, status, until, day, imported)
  VALUES (CASE NEW.status WHEN 'active' THEN 'reinstated' ELSE NEW.status END, whose, NEW.number, NEW.licence_class,
    behind.reference, behind.kind, NEW.status, NEW.valid_until,
    CASE WHEN told IS NOT NULL THEN told
      WHEN NEW.status = 'expired' AND NEW.valid_until < (now() AT TIME ZONE 'UTC')::date THEN NEW.valid_until + 1 END,
    told IS NOT NULL);
  RETURN NULL;
END $$
"""

# An order is public from the day it is in force; from then on every change of it is, whatever later rules call it.
SANCTION = f"""
CREATE FUNCTION log_sanction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  told date := {IMPORTED};
  held sanction := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  whose text := (SELECT reference FROM agency WHERE id = held.agency_id);
  known boolean := EXISTS (SELECT FROM register_event WHERE agency = whose AND order_reference = held.reference);
  verb text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    verb := CASE WHEN known THEN 'deleted' END;
  ELSIF TG_OP = 'INSERT' OR OLD.status <> NEW.status THEN
    verb := CASE
      WHEN NEW.status = 'in_force' THEN CASE WHEN known THEN 'resumed' ELSE 'ordered' END
      WHEN known OR (TG_OP = 'INSERT' AND NEW.status IN ('lifted', 'lapsed')) THEN NEW.status END;
  ELSIF known AND (OLD.last_day, OLD.kind, OLD.agency_id) IS DISTINCT FROM (NEW.last_day, NEW.kind, NEW.agency_id) THEN
    verb := CASE WHEN NEW.last_day > OLD.last_day THEN 'extended' ELSE 'changed' END;
  END IF;
  IF verb IS NOT NULL THEN
    INSERT INTO register_event (event, agency, order_reference, order_kind, status, until, day, imported)
    VALUES (held.kind || '_' || verb, whose, held.reference, held.kind,
      CASE WHEN TG_OP = 'DELETE' THEN 'deleted' ELSE held.status END, held.last_day,
      CASE WHEN told IS NOT NULL THEN told
        WHEN verb = 'lapsed' AND held.last_day < (now() AT TIME ZONE 'UTC')::date THEN held.last_day + 1 END,
      told IS NOT NULL);
  END IF;
  RETURN NULL;
END $$
"""

# What stood in the tables before the log was opened is taken over, and marked so.
TAKE_OVER = (
    """
    INSERT INTO register_event (event, agency, licence, licence_class, status, until, day, imported)
    SELECT 'issued', a.reference, l.number, l.licence_class, 'active', l.valid_until, l.issued_on, true
    FROM licence l JOIN agency a ON a.id = l.agency_id ORDER BY l.serial
    """,
    """
    INSERT INTO register_event (event, agency, order_reference, order_kind, status, until, day, imported)
    SELECT s.kind || '_ordered', a.reference, s.reference, s.kind, 'in_force', s.last_day,
      (s.decided_at AT TIME ZONE 'UTC')::date, true
    FROM sanction s JOIN agency a ON a.id = s.agency_id
    WHERE s.status NOT IN ('proposed', 'rejected') ORDER BY s.decided_at
    """,
    """
    INSERT INTO register_event
      (event, agency, licence, licence_class, order_reference, order_kind, status, until, day, imported)
    SELECT l.status, a.reference, l.number, l.licence_class, b.reference, b.kind, l.status, l.valid_until,
      CASE WHEN l.status = 'expired' THEN l.valid_until + 1 ELSE (b.decided_at AT TIME ZONE 'UTC')::date END, true
    FROM licence l JOIN agency a ON a.id = l.agency_id
    LEFT JOIN LATERAL register_order_behind(l.agency_id, l.status) b ON true
    WHERE l.status <> 'active' ORDER BY l.serial
    """,
    """
    INSERT INTO register_event (event, agency, order_reference, order_kind, status, until, day, imported)
    SELECT s.kind || '_' || s.status, a.reference, s.reference, s.kind, s.status, s.last_day, s.lifted_on, true
    FROM sanction s JOIN agency a ON a.id = s.agency_id
    WHERE s.status NOT IN ('proposed', 'rejected', 'in_force') ORDER BY s.lifted_on
    """,
)


def _tables() -> None:
    op.create_table(
        "register_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=True),
        sa.Column("licence_class", sa.String(), nullable=True),
        sa.Column("order_reference", sa.String(), nullable=True),
        sa.Column("order_kind", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_event")),
    )
    for column in ("xid", "agency", "licence", "recorded_at"):
        op.create_index(op.f(f"ix_register_event_{column}"), "register_event", [column])
    op.create_table(
        "register_leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("index >= 0", name=op.f("ck_register_leaf_index")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["register_event.id"], name=op.f("fk_register_leaf_event_id_register_event")
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_register_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_register_leaf_event_id")),
    )
    op.create_table(
        "register_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("floor", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_register_head_size")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_head")),
    )
    op.create_index(op.f("ix_register_head_size"), "register_head", ["size"])
    op.create_table(
        "register_anchor",
        sa.Column("head_number", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["head_number"], ["register_head.number"], name=op.f("fk_register_anchor_head_number_register_head")
        ),
        sa.PrimaryKeyConstraint("head_number", "place", name=op.f("pk_register_anchor")),
    )


def upgrade() -> None:
    _tables()
    op.execute(ORDER_BEHIND)
    for table, function in (("licence", LICENCE), ("sanction", SANCTION)):
        op.execute(function)
        op.execute(
            f"CREATE TRIGGER {table}_log AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION log_{table}()"
        )
    for statement in TAKE_OVER:
        op.execute(statement)
    # The trigger writes events with its owner's rights; the application reads them and adds leaves, heads, anchors.
    grant("register_event", "SELECT")
    for table in ("register_leaf", "register_head", "register_anchor"):
        grant(table, "SELECT, INSERT")


def downgrade() -> None:
    for table in ("licence", "sanction"):
        op.execute(f"DROP TRIGGER {table}_log ON {table}")
        op.execute(f"DROP FUNCTION log_{table}()")
    op.execute("DROP FUNCTION register_order_behind(uuid, text)")
    for table in ("register_anchor", "register_head", "register_leaf", "register_event"):
        op.drop_table(table)
