"""``portal register verify|compare|export|head``: the register's log from the command line, also without a database."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import requests

from agencies.register_log import checking, comparison, verification
from agencies.register_log.export import Exported, export_lines, read_export
from agencies.register_log.folder import FolderAnchor
from agencies.register_log.heads import Head, read_head, saved_token
from agencies.register_log.places import places
from agencies.register_log.presentation import WRONG_TITLES, head_data
from agencies.register_log.services import last_head, seal

MOST = 512 * 1024 * 1024
FILE = click.Path(exists=True, path_type=Path)


@click.group()
def register() -> None:
    """The public register's transparency log."""


@register.command()
@click.option("--log", help="An exported log: a file, or the address of one. Without it, this server's own database.")
@click.option(
    "--head", "saved", type=FILE, multiple=True, help="A head saved elsewhere, or a folder of them; may be repeated."
)
@click.option("--keys", type=FILE, help="A key set (JWK) saved earlier, to be trusted instead of the one in the log.")
def verify(log: str | None, saved: tuple[Path, ...], keys: Path | None) -> None:
    """Check the log. Exit code 1 when something is wrong.

    With --log nothing else is needed: no database, no settings, no network.
    """
    trusted = json.loads(keys.read_text(encoding="utf-8")) if keys else None
    if log is None:
        from portal.cli import _session

        with _session() as session:
            _tell(verification.verify(session, _saved(saved, trusted)), saved, online=True)
        return
    exported = _exported(log)
    key_set = trusted or exported.keys
    heads = [_head(token, key_set, "the log") for token in exported.heads]
    click.echo(f"Log of {exported.origin or 'an unnamed register'}")
    _tell(checking.check(exported.leaves, heads, _saved(saved, key_set)), saved, online=False)


def _exported(log: str) -> Exported:
    try:
        return read_export(_fetch(log) if log.startswith(("https://", "http://")) else Path(log).read_text("utf-8"))
    except (OSError, requests.RequestException):
        raise click.ClickException(f"{log} can't be read.") from None
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{log} is no exported register log.") from None


def _fetch(address: str) -> str:
    with requests.get(address, timeout=(5, 60), stream=True) as answer:
        answer.raise_for_status()
        return answer.raw.read(MOST, decode_content=True).decode("utf-8")


def _saved(paths: tuple[Path, ...], keys: dict[str, Any] | None) -> list[Head]:
    files = [f for path in paths for f in (sorted(path.glob("*.jws")) if path.is_dir() else [path])]
    found = []
    for file in files:
        try:
            token = saved_token(file.read_text(encoding="utf-8"))
        except ValueError:
            raise click.ClickException(f"{file.name} holds no head.") from None
        found.append(_head(token, keys, file.name))
    return found


def _head(token: str, keys: dict[str, Any] | None, where: str) -> Head:
    try:
        return read_head(token, keys)
    except ValueError:
        raise click.ClickException(f"{where} holds a head that can't be read.") from None


def _tell(found: checking.Checked, saved: tuple[Path, ...], *, online: bool) -> None:
    click.echo(f"{found.tree.size} entries, root {found.tree.root().hex()}")
    for day, count in checking.imported_days(found.imported):
        click.echo(f"Taken over from an older register, recorded on {day}: {count} entries")
    for finding in found.findings:
        click.echo(f"WRONG: {finding.text}")
    if not found.intact:
        sys.exit(1)
    whole = "The log is whole, and the register says what its log says." if online else "The log is whole."
    click.echo(
        f"{whole} It begins with what the saved heads stand over."
        if saved
        else f"{whole} Only a head saved elsewhere shows that it was not rewritten from the beginning: --head FILE."
    )


@register.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the whole sealed log into FILE."""
    from portal.cli import _session

    with _session() as session:
        head = last_head(session)
        if head is None:
            raise click.ClickException("Nothing has been sealed yet.")
        with file.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(f"{line}\n" for line in export_lines(session, head))
        click.echo(f"Wrote {head.size} entries and {head.number} heads.")


@register.command()
def head() -> None:
    """Seal what is there and print the newest signed head as JSON, to be kept elsewhere."""
    from portal.cli import _session

    with _session() as session:
        seal(session)
        session.commit()
        found = last_head(session)
        if found is None:
            raise click.ClickException("Nothing has happened yet that could be sealed.")
        click.echo(json.dumps(head_data(found)))


@register.command()
@click.option(
    "--keeper",
    "folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A further folder of heads that somebody kept; may be repeated.",
)
def compare(folders: tuple[Path, ...]) -> None:
    """Compare the heads of every keeper with each other and with this server's log. Exit code 1 when they disagree."""
    from portal.cli import _session

    with _session() as session:
        keepers = [*places().values(), *(FolderAnchor(folder, str(folder)) for folder in folders)]
        if not keepers:
            raise click.ClickException("No keeper is set up: ANCHOR_FOLDER, TIMESTAMP_URL or --keeper FOLDER.")
        compared = comparison.compare(session, keepers)
    for name, count in compared.held.items():
        click.echo(f"{name}: {count} heads")
    for found in compared.found:
        where = f" (head {found.number})" if found.number else f" ({found.day} to {found.until})" if found.until else ""
        click.echo(f"WRONG: {found.place} {WRONG_TITLES[found.wrong]}{where}")
    if not compared.agree:
        sys.exit(1)
    click.echo("Every keeper agrees with the others and with this log.")
