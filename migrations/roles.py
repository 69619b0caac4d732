"""The staff roles that the database knows: revisions add some, each at its place in the enumeration."""

import re

import sqlalchemy as sa
from alembic import op

TABLES = ("staff_posting", "invitation")


def known(table: str = "staff_posting") -> list[str]:
    """The roles of the table's check, in their order."""
    query = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
    found = op.get_bind().execute(query, {"name": f"ck_{table}_staff_role"}).scalar_one()
    return re.findall(r"'([a-z_]+)'::character varying", found)


def add(role: str, *, before: str) -> None:
    """Take up a role, before another one."""
    roles = [r for r in known() if r != role]
    roles.insert(roles.index(before), role)
    _set(roles)


def append(role: str) -> None:
    """Take up a role after all others."""
    _set([*(r for r in known() if r != role), role])


def remove(role: str) -> None:
    _set([r for r in known() if r != role])


def _set(roles: list[str]) -> None:
    for table in TABLES:
        name = op.f(f"ck_{table}_staff_role")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"role IN ({', '.join(repr(r) for r in roles)})")
