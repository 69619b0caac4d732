"""Awards that an emptied security leaves unpaid; reminders; the closing in the register and in its log."""

import sqlalchemy as sa
from alembic import op

revision = "0032_winding_ends"
down_revision = "0031_name_proposals"

W, D, C = "winding_down", "owed_item", "security_claim"
OUTCOMES = ("release", "forfeit", "shortfall")
OWED = ("owed", "said_paid", "claimed", "paid", "unpaid", "not_owed")
UNPAID = "unpaid_minor >= 0 AND (unpaid_minor = 0) = (unpaid_count = 0) AND (unpaid_minor = 0 OR unpaid_currency IS NOT NULL)"
IMPORTED = "NULLIF(current_setting('openpassage.imported', true), '')::date"

# The leaf names the licence, whose state stays what it is, and the file in the place of an order. Nothing personal: the log
# says whether money stays unpaid, the register how much.
LOG = f"""
CREATE FUNCTION log_winding_down() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  told date := {IMPORTED};
BEGIN
  IF OLD.status <> 'closed' OR (OLD.unpaid_minor > 0) <> (NEW.unpaid_minor > 0) THEN
    INSERT INTO register_event
      (event, agency, licence, licence_class, order_reference, order_kind, status, until, day, imported)
    SELECT CASE WHEN NEW.unpaid_minor > 0 THEN 'closed_unpaid' WHEN OLD.status = 'closed' THEN 'paid_up' ELSE 'closed' END,
      a.reference, l.number, l.licence_class, NEW.reference, 'winding_down', l.status, l.valid_until, told,
      told IS NOT NULL
    FROM licence l JOIN agency a ON a.id = l.agency_id WHERE l.id = NEW.licence_id;
  END IF;
  RETURN NULL;
END $$
"""
# Files that were closed before the log knew of closings are taken over, and marked so; what it knows stays said once.
TAKE_OVER = """
INSERT INTO register_event
  (event, agency, licence, licence_class, order_reference, order_kind, status, until, day, imported)
SELECT 'closed', a.reference, l.number, l.licence_class, w.reference, 'winding_down', l.status, l.valid_until, w.closed_on,
  true
FROM winding_down w JOIN licence l ON l.id = w.licence_id JOIN agency a ON a.id = l.agency_id
WHERE w.status = 'closed'
  AND NOT EXISTS (SELECT FROM register_event e WHERE e.order_reference = w.reference AND e.order_kind = 'winding_down')
ORDER BY w.closed_on, w.id
"""


def _allow(table: str, column: str, constraint: str, *values: str) -> None:
    op.drop_constraint(op.f(constraint), table, type_="check")
    op.create_check_constraint(op.f(constraint), table, f"{column} IN ({', '.join(repr(v) for v in values)})")


def _claimed(states: str) -> None:
    name = op.f("ck_owed_item_claimed_names_claim")
    op.drop_constraint(name, D, type_="check")
    op.create_check_constraint(name, D, f"status {states} OR claim_id IS NOT NULL")


def upgrade() -> None:
    op.add_column(W, sa.Column("reminded_on", sa.Date(), nullable=True))
    op.add_column(W, sa.Column("unpaid_currency", sa.String(), nullable=True))
    for table, column in ((W, "unpaid_count"), (W, "unpaid_minor"), (C, "settled_minor")):
        op.add_column(table, sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
        op.alter_column(table, column, server_default=None)
    op.create_check_constraint(op.f("ck_winding_down_unpaid_is_whole"), W, UNPAID)
    op.create_check_constraint(
        op.f("ck_security_claim_settled"), C, "settled_minor BETWEEN 0 AND coalesce(granted_minor, 0)"
    )
    _allow(W, "outcome", "ck_winding_down_outcome", *OUTCOMES)
    _allow(D, "status", "ck_owed_item_owed_status", *OWED)
    _claimed("NOT IN ('claimed', 'unpaid')")
    op.execute(LOG)
    op.execute(
        f"CREATE TRIGGER {W}_log AFTER UPDATE ON {W} FOR EACH ROW WHEN (NEW.status = 'closed')"
        f" EXECUTE FUNCTION log_{W}()"
    )
    op.execute(
        f"CREATE TRIGGER {W}_register_change AFTER UPDATE OF status, unpaid_minor ON {W}"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_register_change()"
    )
    op.execute(TAKE_OVER)
    op.execute("INSERT INTO register_change DEFAULT VALUES")


def downgrade() -> None:
    """What was said in the log stays said there."""
    op.execute(f"DROP TRIGGER {W}_register_change ON {W}")
    op.execute(f"DROP TRIGGER {W}_log ON {W}")
    op.execute(f"DROP FUNCTION log_{W}()")
    op.execute("UPDATE winding_down SET outcome = 'release' WHERE outcome = 'shortfall'")
    op.execute("UPDATE owed_item SET status = 'claimed' WHERE status = 'unpaid'")
    _claimed("<> 'claimed'")
    _allow(D, "status", "ck_owed_item_owed_status", *(s for s in OWED if s != "unpaid"))
    _allow(W, "outcome", "ck_winding_down_outcome", *(o for o in OUTCOMES if o != "shortfall"))
    op.drop_constraint(op.f("ck_security_claim_settled"), C, type_="check")
    op.drop_constraint(op.f("ck_winding_down_unpaid_is_whole"), W, type_="check")
    op.drop_column(C, "settled_minor")
    for column in ("unpaid_minor", "unpaid_count", "unpaid_currency", "reminded_on"):
        op.drop_column(W, column)
