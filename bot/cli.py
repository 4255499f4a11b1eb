"""The command line: `twoticks …`. Everything heavy is imported only by the command that needs it."""

import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime
    from socket import socket

    from bot.config import Settings
    from storage.store import Store

from bot.cli_calendar import calendar_app
from bot.cli_office import invite, report_app
from bot.cli_parts import (
    CONFIG,
    RED,
    TAKEN,
    WELL,
    WRONG,
    AsJson,
    Config,
    alone_on,
    give_up,
    refuse,
    settings_of,
    store_of,
)
from bot.cli_people import link_app
from bot.cli_roster import roster_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Two ticks a day: the teacher's tick that it is written down, the parent's tick that it is done.",
)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
slack_app = typer.Typer(no_args_is_help=True, help="The Slack app.")
app.add_typer(roster_app, name="roster")
app.command()(invite)
app.add_typer(report_app, name="report")
app.add_typer(link_app, name="link")
app.add_typer(calendar_app, name="calendar")
app.add_typer(db_app, name="db")
app.add_typer(slack_app, name="slack")


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
    from bot.config import missing_for_run

    settings = settings_of(config)
    clock = _clock(settings, practice_clock)
    refuse(missing_for_run(settings))
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
    from bot.outlet import SecondInstance
    from bot.program import Program
    from bot.waiting import store_when_there

    logs.start()
    try:
        with alone_on(settings):
            place = _place(settings)
            with store_of(settings, lambda: store_when_there(settings, place)) as store:
                if store is None:
                    return WELL
                _first_calendars(settings, store, clock.now())
                return asyncio.run(_live(Program, settings, store, clock, place))
    except SecondInstance as problem:
        give_up(f"Telegram: {problem}. Stop the other process, or use another bot.", TAKEN)


def _first_calendars(settings: "Settings", store: "Store", now: "datetime") -> None:
    from bot.calendar import Unreadable
    from bot.composition import first_calendars

    try:
        first_calendars(settings, store, now)
    except Unreadable as problem:
        give_up(f"[[schools]] calendar: {problem}", WRONG)


def _place(settings: "Settings") -> "socket":
    """The listening socket. Taken after the database: who starts the same bot twice is told so, not of a busy port."""
    from bot.server import listen

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


# --- database and Slack ----------------------------------------------------------------------------------------------


@db_app.command("upgrade")
def db_upgrade(config: Config = CONFIG) -> None:
    """Brings the database to this version; the embedded one is copied first."""
    settings = settings_of(config)
    with alone_on(settings), store_of(settings, lambda: _whole_store(settings)):
        typer.echo("The database is up to date.")


def _whole_store(settings: "Settings") -> "Store":
    """A damaged file is neither copied nor changed."""
    from bot.composition import open_store, refuse_damage

    refuse_damage(settings)
    return open_store(settings)


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
