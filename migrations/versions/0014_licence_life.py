"""A suspension names its own last day, lapses after it and can be extended."""

import sqlalchemy as sa
from alembic import op

revision = "0014_licence_life"
down_revision = "0012_clearance_watch"

KINDS = ("suspension", "cancellation", "blacklisting")
STATES = ("proposed", "in_force", "rejected", "lifted")


def _words(column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_sanction_sanction_{column}")
    op.drop_constraint(name, "sanction", type_="check")
    op.create_check_constraint(name, "sanction", f"{column} IN ({', '.join(repr(v) for v in values)})")


def upgrade() -> None:
    op.add_column("sanction", sa.Column("last_day", sa.Date(), nullable=True))
    _words("kind", (*KINDS, "extension"))
    _words("status", (*STATES, "lapsed"))


def downgrade() -> None:
    op.execute("DELETE FROM sanction WHERE kind = 'extension'")
    op.execute("UPDATE sanction SET status = 'lifted' WHERE status = 'lapsed'")
    _words("kind", KINDS)
    _words("status", STATES)
    op.drop_column("sanction", "last_day")
