"""What the commands share: options, exit codes, and how a mistake is told."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.office import Found
    from storage.store import Store

WELL, RED, WRONG, TAKEN = 0, 1, 2, 3

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration file.")]
SchoolId = Annotated[
    str, typer.Option("--school", metavar="ID", help="Which school; may be left out where there is one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Student = Annotated[str, typer.Option("--student", metavar="NAME", help="The child: NAME, or NAME (group).")]
Yes = Annotated[bool, typer.Option("--yes", help="Answers every question with yes, for a script.")]
CONFIG = Path("config.toml")


def tell(line: str) -> None:
    """A sentence on standard error, broken between words where a terminal is narrow."""
    if sys.stderr.isatty():
        columns = shutil.get_terminal_size().columns
        line = textwrap.fill(line, columns, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    typer.echo(line, err=True)


def give_up(line: str, code: int) -> NoReturn:
    tell(line)
    raise typer.Exit(code)


def settings_of(config: Path) -> "Settings":
    """The configuration, or every mistake in it and the end."""
    from bot.config import Mistakes, load

    try:
        return load(config, os.environ)
    except Mistakes as found:
        for mistake in found.mistakes:
            tell(str(mistake))
        raise typer.Exit(WRONG) from None


def refuse(mistakes: list[Any]) -> None:
    """Ends if there is a mistake, with all of them told."""
    if mistakes:
        for mistake in mistakes:
            tell(str(mistake))
        raise typer.Exit(WRONG)


@contextmanager
def store_of(settings: "Settings", opened: "Callable[[], Any] | None" = None) -> Iterator[Any]:
    """The store, its schema up to date, or what `opened` makes of it; what is wrong with the database is told."""
    from sqlalchemy.exc import DBAPIError

    from bot.composition import damage_of, open_store
    from bot.ports import StoreAway
    from storage.engine import NotOurs

    store = None
    try:
        store = opened() if opened else open_store(settings)
        yield store
    except NotOurs as problem:
        give_up(str(problem), RED)
    except StoreAway as away:
        give_up(f"Nothing was stored: {away}. Try again.", RED)
    except DBAPIError as problem:
        if found := damage_of(settings):
            give_up(f"{found}.", RED)
        if store is not None:
            raise
        give_up(f"The database does not open: {problem.orig}. Check [database] url and that it is running.", RED)
    finally:
        if store is not None:
            store.close()


@contextmanager
def alone_on(settings: "Settings") -> Iterator[None]:
    """Holds the embedded database for this process; ends with 3 and the other's pid if one holds it already."""
    from storage.engine import NotOurs, only_instance, open_engine

    try:
        with only_instance(open_engine(settings.database.url)) as other:
            if other:
                give_up(f"Another twoticks (pid {other}) runs on this database. Stop it first.", TAKEN)
            yield
    except NotOurs as problem:
        give_up(str(problem), RED)


def pick_school(settings: "Settings", wanted: str) -> str:
    known = [school.id for school in settings.schools]
    if wanted in known:
        return wanted
    if wanted or len(known) > 1:
        give_up(f"--school: one of {', '.join(known)}" + (f"; {wanted!r} is not among them." if wanted else "."), WRONG)
    return known[0]


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def one_child(store: "Store", school: str, name: str) -> "Found":
    """The child a NAME means; several of one name are listed as NAME (group)."""
    from storage.office import find_students

    found = store.turn(school, datetime.now(UTC), lambda turn: find_students(turn, name))
    if len(found) == 1:
        return found[0]
    if found:
        give_up(f"{name!r} fits several children: {', '.join(map(str, found))}. Give NAME (group).", WRONG)
    give_up(f"No child is called {name!r} in this school. Write the name as the roster does.", WRONG)
