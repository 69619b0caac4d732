"""Rights of the application's role, which is weaker than the owner's. The role's name is a migration setting."""

from alembic import context, op


def app_role() -> str | None:
    """The application's role; None when one role does everything (a developer's own database)."""
    found = context.config.attributes.get("app_role")
    return str(found) if found else None


def grant(table: str, rights: str = "SELECT, INSERT, UPDATE") -> None:
    """Give the application's role rights on a table. DELETE only where a row is no record (throttle counts)."""
    role = app_role()
    if role is not None:
        op.execute(f'GRANT {rights} ON "{table}" TO "{role}"')


def grant_execute(function: str) -> None:
    """Let the application's role call a function, such as ``post_transfer(jsonb)``."""
    role = app_role()
    if role is not None:
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{role}"')
