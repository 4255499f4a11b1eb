"""`twoticks roster import`: shows what a roster would change in the school, then does it."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.roster import Row, Sheet
    from storage.roster_changes import Changes
    from storage.store import Store

from bot.cli_parts import (
    CONFIG,
    RED,
    WELL,
    WRONG,
    AsJson,
    Config,
    SchoolId,
    Yes,
    give_up,
    is_terminal,
    pick_school,
    settings_of,
    store_of,
    tell,
)

LINE = 79  # columns of a line of progress, so that it never breaks on a terminal of 80

roster_app = typer.Typer(no_args_is_help=True, help="The school's own lists.")


@roster_app.command("import")
def roster_import(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="The simple spreadsheet (CSV or .xlsx), or a OneRoster folder or zip."),
    ],
    school: SchoolId = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    rest_vanished: Annotated[
        bool,
        typer.Option(
            "--rest-vanished",
            help="Pauses the report of children who are no longer in the file, until a coordinator decides.",
        ),
    ] = False,
    as_json: AsJson = False,
    yes: Yes = False,
    config: Config = CONFIG,
) -> None:
    """Shows what a roster would change, then does it. Nothing is stored while a row is wrong."""
    from bot.preview import preview

    settings = settings_of(config)
    chosen = pick_school(settings, school)
    sheet = _read(path, _today(settings, chosen))
    wrong = any(not problem.warning for problem in sheet.problems)
    with store_of(settings) as store:
        changes = _put(store, chosen, sheet.rows, not wrong, rest_vanished, only_look=True)
        for line in preview(sheet.problems, changes, as_json):
            typer.echo(line)
        if wrong and rest_vanished:
            tell("--rest-vanished waits: a child who seems to be missing may stand in a wrong row.")
        if dry_run:
            raise typer.Exit(RED if wrong else WELL)
        if not sheet.rows:
            give_up("Nothing was stored: there is no row that can be used.", RED)
        rest = rest_vanished or (bool(changes.gone_running) and _asked_to_rest(len(changes.gone_running), yes))
        if not (wrong or rest or changes.anything):
            raise typer.Exit(WELL)
        _agree(wrong, yes)
        _put(store, chosen, sheet.rows, not wrong, rest)
    if not as_json:
        typer.echo("Done. A running bot notices at its next heartbeat.")


def _read(path: Path, today: date) -> "Sheet":
    from bot.roster_path import read

    try:
        path.stat()
        if path.is_file():
            path.open("rb").close()
    except OSError as problem:
        give_up(f"{path}: {problem.strerror}. Give the path of the school's spreadsheet.", WRONG)
    _progress(f"Reading {path.name} …")
    try:
        return read(path, today)
    finally:
        _progress("")


def _today(settings: "Settings", school: str) -> date:
    """The school's own date."""
    zone = next(one.timezone for one in settings.schools if one.id == school)
    return datetime.now(ZoneInfo(zone)).date()


def _asked_to_rest(children: int, yes: bool) -> bool:
    """A file that holds only a part of the school is common, so --yes is no yes to this; no answer is a no."""
    if yes or not is_terminal():
        return False
    whose = "1 child who is" if children == 1 else f"{children} children who are"
    return typer.confirm(f"Pause the report of {whose} no longer in the file, until a coordinator decides?")


def _agree(wrong: bool, yes: bool) -> None:
    """Goes on with a yes, or where nobody can be asked and no row is wrong."""
    if wrong and not yes and not (is_terminal() and typer.confirm("Store the good rows?")):
        give_up("Nothing was stored. Mend these rows, or use --yes to store the good ones.", RED)
    if not wrong and is_terminal() and not yes and not typer.confirm("Do it?", default=True):
        give_up("Nothing was stored.", RED)


def _put(
    store: "Store", school: str, rows: "Sequence[Row]", whole: bool, rest: bool, only_look: bool = False
) -> "Changes":
    """Applies the rows in one transaction, or only looks what they would change."""
    from storage.rosters import put

    try:
        return store.turn(
            school, datetime.now(UTC), lambda turn: put(turn, rows, whole, rest, only_look, progress=_progress)
        )
    finally:
        _progress("")


def _progress(line: str) -> None:
    """Tells on a terminal what is going on, on one line that the next replaces; "" wipes it. Nothing in a pipe."""
    if sys.stderr.isatty():
        print(f"\r{line[:LINE]:{LINE}}\r", end="", file=sys.stderr, flush=True)
