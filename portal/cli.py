"""The command line: ``portal serve|worker|migrate|seed|import|audit|user|keys``."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit as audit_log
from core import db
from core.accounts import NewAccount, Office, create_account, find_account
from core.actor import SYSTEM
from core.errors import ConfigurationError, DomainError, NotVisible
from core.permissions import StaffRole
from core.settings import Settings, load_settings
from portal.importing.cli import group as import_group
from portal.register.cli import register


class Sentences(click.Group):
    """Says what is wrong with a setting in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigurationError, DomainError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Sentences)
def main() -> None:
    """OpenPassage."""


main.add_command(register)


@main.command()
@click.option("--empty", is_flag=True, help="In demo mode: the offices only, no made-up country.")
def serve(empty: bool) -> None:
    """Serve the portal: database (embedded when DATABASE_URL is not given), web server, worker."""
    from portal.serve import serve as run

    run(os.environ, empty=empty)


@main.command()
def worker() -> None:
    """Run the job worker alone."""
    from portal.worker import run

    run()


@main.command()
@click.argument("revision", default="head")
def migrate(revision: str) -> None:
    """Bring the database to the newest schema (or to REVISION)."""
    from portal.migrate import migrate as run

    with _database() as settings:
        run(settings.owner_database_url, settings.database_url, revision)
    click.echo("The database is up to date.")


@main.command()
@click.option("--profile", type=click.Choice(["demo", "adversarial", "empty"]), default="demo", show_default=True)
def seed(profile: str) -> None:
    """Fill an empty database. ``adversarial`` prints logins, secrets and record ids as one JSON document."""
    from portal.migrate import migrate as migrate_to_head
    from portal.seeding import seed as run

    with _database() as settings:
        migrate_to_head(settings.owner_database_url, settings.database_url)
        world = run(settings, profile)
    if profile == "empty":
        click.echo(f"The offices of the country package are there: {len(world.offices)}.")
    if profile == "adversarial":
        click.echo(json.dumps({"accounts": world.accounts, **world.found}, ensure_ascii=False, indent=1, default=str))


@main.group()
def audit() -> None:
    """The sealed log of decisions."""


@audit.command()
@click.option("--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A head saved elsewhere.")
def verify(head: Path | None) -> None:
    """Check every row, every seal, and a head saved elsewhere. Exit code 1 when something is wrong."""
    saved = json.loads(head.read_text()) if head else None
    with _session() as session:
        result = audit_log.verify(session, saved)
    click.echo(f"{result.events} rows, {result.seals} seals, head {result.head}")
    for finding in result.findings:
        click.echo(f"WRONG: {finding.text}")
    if not result.intact:
        sys.exit(1)
    click.echo(
        "The log is intact." if head else "The log is intact in itself. Keep heads elsewhere: portal audit head > FILE."
    )


@audit.command()
def head() -> None:
    """Seal what is there and print the newest head as JSON, to be kept elsewhere."""
    with _session() as session:
        audit_log.seal(session)
        found = audit_log.head(session)
        session.commit()
    click.echo(json.dumps(found))


@main.group()
def user() -> None:
    """User accounts."""


@user.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([r.value for r in StaffRole]), required=True)
@click.option("--office", required=True, help="The office's code, such as DOFE.")
@click.option("--password", help="Asked for when it is a new account and none is given.")
def add(email: str, name: str, role: str, office: str, password: str | None) -> None:
    """Add a member of staff, or give an account that there is one more role. Its sessions end.

    The authenticator is set up at the first sign-in.
    """
    from portal.people.staff import post

    with _session() as session:
        place = session.scalars(select(Office).where(Office.code == office)).one_or_none()
        if place is None:
            raise click.ClickException(f"There is no office {office}. Run `portal seed --profile empty` first.")
        account = find_account(session, email)
        if account is None:
            secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
            account = create_account(session, NewAccount(display_name=name, email=email, password=secret))
        elif password is not None:
            raise click.ClickException("This account is there already and keeps its password: leave --password out.")
        post(session, SYSTEM, account=account, role=StaffRole(role), office=place, by=None)
        session.commit()
        click.echo(f"{account.reference} holds the role. The authenticator is set up at the first sign-in.")


@main.group()
def partner() -> None:
    """Partner systems that use the API."""


@partner.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="register:read or documents:verify; may be repeated."
)
def add_partner(name: str, scopes: tuple[str, ...]) -> None:
    """Add a partner system; its secret is shown once."""
    from portal.partner.models import Scope
    from portal.partner.services import add_client

    known = {str(s): s for s in Scope}
    if not set(scopes) <= set(known):
        raise click.ClickException(f"A scope is one of: {', '.join(known)}.")
    with _session() as session:
        client, secret = add_client(session, SYSTEM, name=name, scopes=[known[s] for s in scopes])
        session.commit()
        click.echo(json.dumps({"client_id": client.client_id, "client_secret": secret, "scopes": client.scopes}))


@partner.command("end")
@click.argument("client_id")
def end_partner(client_id: str) -> None:
    """End a partner's access at once."""
    from portal.partner.services import end_client

    with _session() as session:
        try:
            end_client(session, SYSTEM, client_id)
        except NotVisible:
            raise click.ClickException("There is no such partner.") from None
        session.commit()
    click.echo("Ended.")


@main.group()
def rates() -> None:
    """Exchange rates of remittances."""


@rates.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_rates(file: Path) -> None:
    """Load a dated rate file; newer rows take over from their day on."""
    from remittance.quotes.services import load_rates as load

    with _session() as session:
        added = load(session, file)
        session.commit()
    click.echo(f"Added {added} rates.")


@main.group()
def keys() -> None:
    """Signing keys."""


@keys.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a new signing key; the one whose name sorts last signs."""
    from core.signing import new_key

    path = new_key(load_settings(os.environ).var / "keys", name)
    click.echo(f"Wrote {path.name}. Keep a copy apart from the server.")


@contextmanager
def _database() -> Iterator[Settings]:
    """The settings of a command; without DATABASE_URL, with the embedded server, which may be serving already."""
    if os.environ.get("DATABASE_URL"):
        yield load_settings(os.environ)
        return
    from portal.embedded import EmbeddedServer
    from portal.serve import embedded_folder, environment_of

    server = EmbeddedServer(embedded_folder(os.environ))
    with contextlib.nullcontext() if server.running_elsewhere() else server:
        yield load_settings(environment_of(os.environ, server))


@contextmanager
def _session() -> Iterator[Session]:
    from portal.app import prepare

    with _database() as settings:
        prepare(settings)
        with db.sessions()() as session:
            yield session


main.add_command(import_group(_session))

if __name__ == "__main__":
    main()
