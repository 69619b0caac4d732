"""A granted clearance is held while its ground is gone."""

from alembic import op

revision = "0012_clearance_watch"
down_revision = "0011_contract_ways"

EARLY, LATE = (
    ("collecting", "applied", "under_review", "queried", "granted"),
    ("departed", "refused", "appealed", "expired", "revoked"),
)


def _states(states: tuple[str, ...], granted: str) -> None:
    table, name = "departure_clearance", op.f("ck_departure_clearance_clearance_status")
    op.drop_constraint(name, table, type_="check")
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(name, table, f"status IN ({words})")
    op.drop_constraint(op.f("ck_departure_clearance_granted"), table, type_="check")
    op.create_check_constraint(
        op.f("ck_departure_clearance_granted"),
        table,
        f"status NOT IN ({granted}) OR (granted_by IS NOT NULL AND valid_until IS NOT NULL)",
    )


def upgrade() -> None:
    _states((*EARLY, "held", *LATE), "'granted', 'held', 'departed'")


def downgrade() -> None:
    op.execute("UPDATE departure_clearance SET status = 'granted' WHERE status = 'held'")
    _states((*EARLY, *LATE), "'granted', 'departed'")
