"""An appeal, or a request for a review, that came on paper: the paper, the day of its receipt; its writer decides nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0060_appeals_on_paper"
down_revision = "0058_drawing"

STEPS = ("evidence", "reply", "minutes", "appeal")
STEP = "ck_sanction_paper_paper_step"
ORDER = "ck_sanction_order_writer_does_not_decide"


def _steps(*values: str) -> None:
    op.drop_constraint(op.f(STEP), "sanction_paper", type_="check")
    op.create_check_constraint(op.f(STEP), "sanction_paper", f"step IN ({', '.join(repr(v) for v in values)})")


def upgrade() -> None:
    _steps(*STEPS, "review")
    op.add_column("suspension_review", sa.Column("paper_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_suspension_review_paper_id_sanction_paper"),
        "suspension_review",
        "sanction_paper",
        ["paper_id"],
        ["id"],
    )
    op.add_column("sanction_order", sa.Column("appeal_received_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f(ORDER),
        "sanction_order",
        "appealed_by IS NULL OR (appeal_decided_by <> appealed_by AND stay_decided_by <> appealed_by)",
    )
    op.add_column("licence_appeal", sa.Column("received_on", sa.Date(), nullable=True))
    op.add_column("licence_appeal", sa.Column("paper_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_licence_appeal_paper_id_stored_file"), "licence_appeal", "stored_file", ["paper_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_licence_appeal_writer_does_not_decide"), "licence_appeal", "decided_by <> lodged_by"
    )
    op.create_check_constraint(
        op.f("ck_licence_appeal_paper_is_whole"), "licence_appeal", "(received_on IS NULL) = (paper_id IS NULL)"
    )


def downgrade() -> None:
    """The papers of reviews stay as papers of a reply: they are the subject's own, and nobody may lose them."""
    op.drop_constraint(op.f("ck_licence_appeal_paper_is_whole"), "licence_appeal", type_="check")
    op.drop_constraint(op.f("ck_licence_appeal_writer_does_not_decide"), "licence_appeal", type_="check")
    op.drop_constraint(op.f("fk_licence_appeal_paper_id_stored_file"), "licence_appeal", type_="foreignkey")
    op.drop_column("licence_appeal", "paper_id")
    op.drop_column("licence_appeal", "received_on")
    op.drop_constraint(op.f(ORDER), "sanction_order", type_="check")
    op.drop_column("sanction_order", "appeal_received_on")
    op.drop_constraint(op.f("fk_suspension_review_paper_id_sanction_paper"), "suspension_review", type_="foreignkey")
    op.drop_column("suspension_review", "paper_id")
    op.execute("UPDATE sanction_paper SET step = 'reply' WHERE step = 'review'")
    _steps(*STEPS)
