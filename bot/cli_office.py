"""The school office's commands: rosters, invitations, a child's daily report."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.office import Found, Invited
    from storage.rosters import Changes
    from storage.store import Store

from bot.cli_parts import (
    CONFIG,
    RED,
    WELL,
    WRONG,
    AsJson,
    Config,
    SchoolId,
    Student,
    Yes,
    give_up,
    is_terminal,
    pick_school,
    refuse,
    settings_of,
    store_of,
    tell,
)

roster_app = typer.Typer(no_args_is_help=True, help="The school's own lists.")
report_app = typer.Typer(no_args_is_help=True, help="A child's daily report.")


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
