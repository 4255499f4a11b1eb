"""The command line: `twoticks …`. Everything heavy is imported only by the command that needs it."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from socket import socket

    from bot.config import Settings
    from storage.office import Found, Invited
    from storage.rosters import Changes
    from storage.store import Store

WELL, RED, WRONG, TAKEN = 0, 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Two ticks a day: the teacher's tick that it is written down, the parent's tick that it is done.",
)
roster_app = typer.Typer(no_args_is_help=True, help="The school's own lists.")
report_app = typer.Typer(no_args_is_help=True, help="A child's daily report.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
slack_app = typer.Typer(no_args_is_help=True, help="The Slack app.")
app.add_typer(roster_app, name="roster")
app.add_typer(report_app, name="report")
app.add_typer(db_app, name="db")
app.add_typer(slack_app, name="slack")

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration file.")]
SchoolId = Annotated[
    str, typer.Option("--school", metavar="ID", help="Which school; may be left out where there is one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Student = Annotated[str, typer.Option("--student", metavar="NAME", help="The child: NAME, or NAME (group).")]
Yes = Annotated[bool, typer.Option("--yes", help="Answers every question with yes, for a script.")]
CONFIG = Path("config.toml")


def tell(line: str) -> None:
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
def store_of(settings: "Settings") -> Iterator["Store"]:
    """The store, its schema up to date; what is wrong with the database is told in a line."""
    from sqlalchemy.exc import DBAPIError

    from bot.calendar import Unreadable
    from bot.program import open_store
    from storage.engine import NotOurs

    try:
        store = open_store(settings)
    except NotOurs as problem:
        give_up(str(problem), RED)
    except Unreadable as problem:
        give_up(f"[[schools]] calendar: {problem}", WRONG)
    except DBAPIError as problem:
        give_up(f"The database does not open: {problem.orig}. Check [database] url and that it is running.", RED)
    try:
        yield store
    finally:
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


# --- running ---------------------------------------------------------------------------------------------------------


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port of the page; the next free one if it is taken.")] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Try it: the whole product on one local page, with a clock to wind. No account, no token."""
    from bot.demo import play

    raise typer.Exit(play(port, browser=not no_browser))


@app.command()
def run(
    config: Config = CONFIG,
    practice_clock: Annotated[
        str, typer.Option(metavar="MOMENT@RATE", help="A clock that starts there: 2026-09-14T15:09:00-04:00@600")
    ] = "",
) -> None:
    """The bot: clock, desk, hands and web server in one process."""
    from bot.config import missing_for_run, not_yet

    settings = settings_of(config)
    clock = _clock(settings, practice_clock)
    refuse([*not_yet(settings), *missing_for_run(settings)])
    raise typer.Exit(_serve(settings, clock))


def _clock(settings: "Settings", practice_clock: str) -> Any:
    from bot.clock import RealClock, practice
    from bot.config import only_loopback

    if not practice_clock:
        return RealClock()
    refuse(only_loopback(settings))
    try:
        return practice(practice_clock)
    except ValueError as problem:
        give_up(f"--practice-clock: {problem}", WRONG)


def _serve(settings: "Settings", clock: Any) -> int:
    import asyncio

    from bot import logs
    from bot.program import Program, SecondInstance

    logs.start()
    try:
        with alone_on(settings):
            place = _place(settings)
            with store_of(settings) as store:
                return asyncio.run(_live(Program, settings, store, clock, place))
    except SecondInstance as problem:
        give_up(f"Telegram: {problem}. Stop the other process, or use another bot.", TAKEN)


def _place(settings: "Settings") -> "socket":
    """The listening socket. Taken after the database: who starts the same bot twice is told so, not of a busy port."""
    from bot.program import listen

    try:
        return listen(settings.web.host, settings.web.port)
    except OSError as problem:
        give_up(f"[web] listen: {settings.web.listen} cannot be used ({problem.strerror}). Choose another port.", WRONG)


async def _live(program: Any, *parts: Any) -> int:
    return int(await program(*parts).serve())


@app.command()
def doctor(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Checks everything that can be wrong, one line each."""
    from bot.doctor import examine

    found = examine(config, os.environ)
    for check in found:
        mark = {"green": "✓", "yellow": "·", "red": "✗"}[check.state]
        typer.echo(json.dumps(check.as_dict(), ensure_ascii=False) if as_json else f"{mark} {check.part}: {check.text}")
    raise typer.Exit(RED if any(check.state == "red" for check in found) else WELL)


# --- the school office -----------------------------------------------------------------------------------------------


@roster_app.command("import")
def roster_import(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The simple spreadsheet (CSV).")],
    school: SchoolId = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: AsJson = False,
    yes: Yes = False,
    config: Config = CONFIG,
) -> None:
    """Shows what a spreadsheet would change, then does it. Nothing is stored while a row is wrong."""
    from bot.preview import preview
    from bot.roster import read

    settings = settings_of(config)
    chosen = pick_school(settings, school)
    try:
        sheet = read(path.read_bytes())
    except OSError as problem:
        give_up(f"{path}: {problem.strerror}. Give the path of the school's spreadsheet.", WRONG)
    wrong = [problem for problem in sheet.problems if not problem.warning]
    with store_of(settings) as store:
        changes = _put(store, chosen, sheet.rows, really=False)
        if wrong:
            changes.gone.clear()  # a child who is missing among the good rows may stand in a wrong one
        for line in preview(sheet.problems, changes, as_json):
            typer.echo(line)
        if dry_run:
            raise typer.Exit(RED if wrong else WELL)
        if not sheet.rows:
            give_up("Nothing was stored: there is no row that can be used.", RED)
        if wrong and not yes and not (is_terminal() and typer.confirm("Store the good rows?")):
            give_up("Nothing was stored. Mend these rows, or use --yes to store the good ones.", RED)
        if not wrong and is_terminal() and not yes and not typer.confirm("Do it?", default=True):
            give_up("Nothing was stored.", RED)
        _put(store, chosen, sheet.rows, really=True)
    if not as_json:
        typer.echo("Done. A running bot notices at its next heartbeat.")


def _put(store: "Store", school: str, rows: Any, really: bool) -> "Changes":
    """Applies the rows; unless `really`, in a transaction that is rolled back."""
    from storage.rosters import put

    found: list[Changes] = []

    def do(turn: Any) -> None:
        found.append(put(turn, rows))
        if not really:
            raise OnlyLooked

    with suppress(OnlyLooked):
        store.turn(school, datetime.now(UTC), do)
    return found[0]


class OnlyLooked(Exception):
    """Ends a transaction that was a look: nothing of it stays."""


@app.command()
def invite(
    school: SchoolId = "",
    student: Student = "",
    role: Annotated[str, typer.Option(help="guardian, teacher, coordinator, counsellor or provider.")] = "",
    person: Annotated[str, typer.Option(metavar="NAME", help="Names a coordinator, counsellor or provider.")] = "",
    as_json: AsJson = False,
    config: Config = CONFIG,
) -> None:
    """Personal invitations; asking again makes new codes and ends the old ones."""
    from bot.config import missing_for_invite
    from storage.office import invite as make

    settings = settings_of(config)
    refuse(missing_for_invite(settings))
    _check_role(role, person)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        children = [_one_child(store, chosen, student).id] if student else None
        by_email = settings.slack is not None
        made = store.turn(
            chosen, datetime.now(UTC), lambda turn: make(turn, secret, role or None, children, person, by_email)
        )
    name = _bot_name(settings) if made else None
    for one in made:
        typer.echo(json.dumps(_invitation(one, name), ensure_ascii=False) if as_json else _invitation_line(one, name))
    if not made:
        tell("Everybody who could be invited has joined already, or is linked by e-mail.")


ROLES = ("guardian", "teacher", "coordinator", "counsellor", "provider")


def _check_role(role: str, person: str) -> None:
    if role and role not in ROLES:
        give_up(f"--role: one of {', '.join(ROLES)}.", WRONG)
    if role in ROLES[2:] and not person:
        give_up(f"--person NAME is needed for a {role}, as no roster names one.", WRONG)


def _invitation(one: "Invited", bot_name: str | None) -> dict[str, Any]:
    link = f"https://t.me/{bot_name}?start={one.token}" if bot_name else None
    return {
        "person": one.person, "role": one.role, "student": one.student, "language": one.language, "code": one.code,
        "telegram_link": link, "expires": one.expires.isoformat(timespec="seconds"),
    }  # fmt: skip


def _invitation_line(one: "Invited", bot_name: str | None) -> str:
    whom = f"{one.person} ({one.role}{' of ' + one.student if one.student else ''})"
    link = _invitation(one, bot_name)["telegram_link"]
    return f"{whom}: join {one.code}" + (f"  {link}" if link else "") + f"  until {one.expires:%Y-%m-%d}"


def _bot_name(settings: "Settings") -> str | None:
    """The Telegram bot's name, asked of Telegram where a token is there."""
    if settings.telegram is None or settings.telegram.token is None:
        return None
    import asyncio

    from bot.ports import ChatFailure
    from bot.program import platforms

    async def ask() -> str | None:
        chat = platforms(settings.model_copy(update={"slack": None}))["telegram"]
        try:
            return await chat.whoami()  # type: ignore[attr-defined,no-any-return]
        except ChatFailure as problem:
            tell(f"Telegram does not tell the bot's name ({problem}); the codes work all the same.")
            return None
        finally:
            await chat.close()

    return asyncio.run(ask())


def _one_child(store: "Store", school: str, name: str) -> "Found":
    """The child a NAME means; several of one name are listed as NAME (group)."""
    from storage.office import find_students

    found = store.turn(school, datetime.now(UTC), lambda turn: find_students(turn, name))
    if len(found) == 1:
        return found[0]
    if found:
        give_up(f"{name!r} fits several children: {', '.join(map(str, found))}. Give NAME (group).", WRONG)
    give_up(f"No child is called {name!r} in this school. Write the name as the roster does.", WRONG)


def _report(what: str, config: Path, school: str, student: str, until: str) -> None:
    from storage.office import report

    settings = settings_of(config)
    day = _day(until)
    if not student:
        give_up("--student NAME is needed: whose report?", WRONG)
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        child = _one_child(store, chosen, student)
        store.turn(chosen, datetime.now(UTC), lambda turn: report(turn, child.id, what, day))
    done = {"start": "starts with the next school day", "pause": "is paused", "stop": "is finished"}[what]
    typer.echo(f"{child}: the daily report {done}{f' until {day}' if day else ''}.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        give_up(f"--until: {text!r} is no date; write it like 2026-12-18.", WRONG)


Until = Annotated[str, typer.Option("--until", metavar="DATE", help="YYYY-MM-DD")]


@report_app.command("start")
def report_start(student: Student = "", until: Until = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Starts (or resumes) a child's daily report, by default for 8 weeks."""
    _report("start", config, school, student, until)


@report_app.command("pause")
def report_pause(student: Student = "", until: Until = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Pauses it: until the day it resumes, or until `report start`."""
    _report("pause", config, school, student, until)


@report_app.command("stop")
def report_stop(student: Student = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Finishes it."""
    _report("stop", config, school, student, "")


# --- database and Slack ----------------------------------------------------------------------------------------------


@db_app.command("upgrade")
def db_upgrade(config: Config = CONFIG) -> None:
    """Brings the database to this version; the embedded one is copied first."""
    settings = settings_of(config)
    with alone_on(settings), store_of(settings):
        typer.echo("The database is up to date.")


@slack_app.command("manifest")
def slack_manifest(config: Config = CONFIG) -> None:
    """The manifest of the Slack app (YAML), and the link that opens it."""
    from adapters.slack.manifest import link, manifest

    settings = settings_of(config) if config.exists() else None
    slack = settings.slack if settings else None
    try:
        text = manifest(slack.mode if slack else "socket", settings.web.public_url if settings else "")
    except ValueError as problem:
        give_up(str(problem), WRONG)
    typer.echo(text)
    typer.echo(f"# Open this link to make the app:\n# {link(text)}")


def main() -> None:
    app(prog_name="twoticks")
