"""A contract remembers which of its job order's places it holds."""

import sqlalchemy as sa
from alembic import op

revision = "0015_contract_place"
down_revision = "0014_licence_life"

PLACES = ("none", "reserved", "contracted", "cleared", "departed")


def upgrade() -> None:
    op.add_column("employment_contract", sa.Column("place", sa.String(40), nullable=False, server_default="none"))
    op.create_check_constraint(
        op.f("ck_employment_contract_place"), "employment_contract", f"place IN ({', '.join(map(repr, PLACES))})"
    )
    op.execute(
        "UPDATE employment_contract SET place = 'reserved'"
        " WHERE status IN ('lodged', 'worker_review', 'question', 'accepted')"
    )
    op.execute("UPDATE employment_contract SET place = 'contracted' WHERE status = 'registered'")
    # A departed person's place stays used, whatever became of the contract.
    op.execute(
        "UPDATE employment_contract c SET place = CASE d.status WHEN 'departed' THEN 'departed' ELSE 'cleared' END"
        " FROM departure_clearance d"
        " WHERE d.contract_id = c.id AND d.status IN ('departed', 'granted', 'held') AND c.status IN ('registered', 'ended')"
    )
    # Ended while cleared: until now the place could not be given back.
    op.execute(
        "UPDATE job_order o SET cleared = cleared - n.places FROM (SELECT job_order_id, count(*) AS places"
        " FROM employment_contract WHERE status = 'ended' AND place = 'cleared' GROUP BY job_order_id) n"
        " WHERE o.id = n.job_order_id AND o.cleared >= n.places"
    )
    op.execute("UPDATE employment_contract SET place = 'none' WHERE status = 'ended' AND place = 'cleared'")


def downgrade() -> None:
    op.drop_column("employment_contract", "place")
