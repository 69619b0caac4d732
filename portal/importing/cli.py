"""``portal import``: bring the old register over, as often as wanted, and hold it against what stands here."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from agencies.importing import comparing, services
from agencies.importing.comparing import Compared, Side
from agencies.importing.mapping import left_out, read_mapping
from agencies.importing.reading import header_of
from agencies.importing.reporting import CsvReport
from agencies.importing.services import ImportFile, LineReport, Summary
from agencies.importing.status import ImportKind, Outcome
from agencies.importing.totals import read_expected
from core.accounts import actor_for, find_account
from core.actor import Actor

# What went wrong first, told by the exit code: 1 is for a file that can't be read at all, 2 for a wrong command.
REFUSED, WAITING, TOTALS = 3, 4, 5
SHOWN = 20
Sessions = Callable[[], AbstractContextManager[Session]]


def _options(command: Any) -> Any:
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option(
            "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write every line's outcome as CSV."
        ),
        click.option("--by", required=True, help="E-mail or reference of the staff administrator who brings it in."),
        click.option("--source", help="Name of the old register, such as feims; else from the mapping."),
        click.option("--mapping", "mapping_file", type=file, help="JSON: columns, values, dates. See docs/import.md."),
        click.argument("file", type=file),
    ):
        command = option(command)
    return command


def group(sessions: Sessions) -> click.Group:
    """The group of commands over the portal's own sessions."""

    @click.group("import")
    def imports() -> None:
        """Bring the old register over: agencies first, then licences, directors, sanctions, securities."""

    for kind in ImportKind:
        imports.add_command(_importer(kind, sessions))
    imports.add_command(_diff(sessions))
    return imports


def _importer(kind: ImportKind, sessions: Sessions) -> click.Command:
    @click.command(
        kind.value, help=f"Read a file of {kind.value}. Exit codes: 3 refused, 4 conflicts, 5 totals differ."
    )
    @_options
    @click.option("--apply", "write", is_flag=True, help="Write. Without it nothing is written, only told.")
    @click.option("--dry-run", is_flag=True, help="Write nothing (this is what happens without --apply, too).")
    @click.option("--expect", default="", help="Control totals: rows=12,sum:amount=1500000.00,count:status:active=9.")
    def run(
        file: Path, mapping_file: Path | None, source: str | None, by: str, report: Path | None, write: bool, dry_run: bool,
        expect: str,
    ) -> None:  # fmt: skip
        if write and dry_run:
            raise click.UsageError("Say either --apply or --dry-run.")
        with sessions() as session:
            mapping = read_mapping(mapping_file, kind, source)
            command = ImportFile(kind, file, mapping, read_expected(expect, kind))
            actor = _actor(session, by)
            tell = _Teller()
            with CsvReport(report) if report else nullcontext() as rows:

                def each(line: LineReport) -> None:
                    tell.line(line)
                    if rows is not None:
                        rows.write(line)

                summary = services.run_import(session, actor, command, each, tell.progress)
            if write and summary.run is not None:
                session.commit()
            else:
                session.rollback()
        tell.end(summary, wrote=write)
        ignored = left_out(mapping, kind, header_of(file, delimiter=mapping.delimiter))
        if ignored:
            click.echo(f"Columns that nothing takes: {', '.join(ignored)}")
        sys.exit(exit_code(summary))

    found: click.Command = run
    return found


def _diff(sessions: Sessions) -> click.Command:
    @click.command(
        "diff", help="What differs between a file of the old system and this portal. Exit code 4 when anything does."
    )
    @click.argument("kind", type=click.Choice([k.value for k in ImportKind]))
    @_options
    def run(
        kind: str, file: Path, mapping_file: Path | None, source: str | None, by: str, report: Path | None
    ) -> None:  # fmt: skip
        chosen = ImportKind(kind)
        with sessions() as session:
            command = ImportFile(chosen, file, read_mapping(mapping_file, chosen, source))
            shown = 0
            with CsvReport(report) if report else nullcontext() as rows:

                def each(entry: Compared) -> None:
                    nonlocal shown
                    if rows is not None:
                        rows.row(entry.line, entry.key, str(entry.side), entry.fields, entry.why)
                    if entry.side is not Side.SAME and shown < SHOWN:
                        shown += 1
                        words = " ".join(filter(None, [" ".join(entry.fields), entry.why]))
                        click.echo(f"{entry.side}: {entry.key or f'line {entry.line}'} {words}".rstrip())

                found = comparing.compare(session, _actor(session, by), command, each)
            session.rollback()
        click.echo(", ".join(f"{found.counts[side]} {side.value}" for side in Side))
        sys.exit(0 if found.alike else WAITING)

    made: click.Command = run
    return made


def _actor(session: Session, by: str) -> Actor:
    account = find_account(session, by)
    if account is None:
        raise click.ClickException("There is no account with this e-mail or reference.")
    return actor_for(session, account)


def exit_code(summary: Summary) -> int:
    """0 when every line was taken; else the gravest of what happened."""
    if summary.differences:
        return TOTALS
    if summary.counts[Outcome.REFUSED]:
        return REFUSED
    return WAITING if summary.counts[Outcome.CONFLICT] else 0


class _Teller:
    """What a person at the terminal reads: progress, the first problems, the summary."""

    def __init__(self) -> None:
        self.problems = 0

    def line(self, line: LineReport) -> None:
        if line.result.outcome not in (Outcome.REFUSED, Outcome.CONFLICT):
            return
        self.problems += 1
        if self.problems <= SHOWN:
            fields = f" ({' '.join(line.result.fields)})" if line.result.fields else ""
            click.echo(f"line {line.line} {line.key}: {line.result.outcome}: {line.result.why}{fields}")

    def progress(self, lines: int) -> None:
        if lines % 5000 < services.BATCH:
            click.echo(f"  {lines} lines", err=True)

    def end(self, summary: Summary, *, wrote: bool) -> None:
        if self.problems > SHOWN:
            click.echo(f"... and {self.problems - SHOWN} more; --report FILE holds them all.")
        click.echo(f"SHA-256 {summary.file_hash}")
        for name, value in {**summary.totals, **summary.reconciled}.items():
            click.echo(f"  {name}: {value}")
        for difference in summary.differences:
            click.echo(f"CONTROL TOTAL {difference.name}: expected {difference.expected}, found {difference.found}")
        if summary.differences:
            click.echo("Nothing was written: the control totals do not agree.")
            return
        click.echo(", ".join(f"{summary.counts[o]} {o.value}" for o in Outcome))
        click.echo("Written." if wrote else "Nothing was written: this was a dry run. Say --apply to write.")
