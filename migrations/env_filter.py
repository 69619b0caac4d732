"""What autogenerate and the drift test look at."""

from typing import Any

from sqlalchemy.dialects.postgresql.base import ischema_names

from core.audit import Xid8

# SQLAlchemy does not know PostgreSQL's 64-bit transaction ids when it reads a table back.
ischema_names["xid8"] = Xid8


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """procrastinate brings its own tables, from its own schema file."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))
