"""The school office's commands about the calendar: what counts, what would change, what may be missing."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli_parts import (
    CONFIG,
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

if TYPE_CHECKING:
    from bot.calendar import Calendar
    from bot.calendar_diff import Change
    from bot.config import School
    from bot.model import Days
    from storage.store import Store

calendar_app = typer.Typer(no_args_is_help=True, help="The school's own calendar.")
AHEAD = timedelta(days=366)


@calendar_app.command("show")
def calendar_show(school: SchoolId = "", as_json: AsJson = False, config: Config = CONFIG) -> None:
    """The days off, half days and day letters that count from today, and what the configured file would change."""
    from bot.closures import calendar_of

    settings = settings_of(config)
    with store_of(settings) as store:
        one = _school(settings.schools, pick_school(settings, school))
        today = datetime.now(ZoneInfo(one.timezone)).date()
        file, said = _stored(store, one.id, "file"), _stored(store, one.id, "said")
    for line in _in_use(file, said, today, as_json):
        typer.echo(line)
    if not file and not one.calendar and not as_json:
        tell("No calendar is in use. Give its path or address as `calendar` in the configuration.")
    elif not file and not as_json:
        tell("The configured calendar is not in use yet: `twoticks run` or `twoticks calendar use` takes it.")
    if one.calendar and not as_json:
        for line in _difference(calendar_of(file, today), _read(one, today), today):
            typer.echo(line)


def _in_use(file: "Days", said: "Days", today: date, as_json: bool) -> Iterator[str]:
    """One line a run of days from today on; as JSON one a day."""
    from bot.calendar_diff import changes
    from bot.closures import calendar_of

    ahead = frozenset(day for day in file | said if day.day >= today and day.kind != "letter")
    if as_json:
        rows = ({"day": day.day.isoformat(), "kind": day.kind, "value": day.value} for day in sorted(ahead))
        yield from (_told(row, True) for row in rows)
        return
    yield from (_change(run)[2:] for run in changes(calendar_of(frozenset(), today), calendar_of(ahead, today), today))


@calendar_app.command("use")
def calendar_use(school: SchoolId = "", yes: Yes = False, config: Config = CONFIG) -> None:
    """Shows what the configured calendar would change, then uses it."""
    from bot.closures import calendar_of, days_of, use

    settings = settings_of(config)
    with store_of(settings) as store:
        one = _school(settings.schools, pick_school(settings, school))
        if not one.calendar:
            give_up(f"[[schools]] {one.id}: no calendar is configured. Give its path or address as `calendar`.", WRONG)
        today = datetime.now(ZoneInfo(one.timezone)).date()
        read = _read(one, today)
        for line in _difference(calendar_of(_stored(store, one.id, "file"), today), read, today):
            typer.echo(line)
        if is_terminal() and not yes and not typer.confirm("Use it?", default=True):
            give_up("Nothing was changed.", WRONG)
        store.turn(one.id, datetime.now(UTC), lambda turn: use(turn, days_of(read)))
    typer.echo("It is in use. A running bot follows at once.")


@calendar_app.command("suggest")
def calendar_suggest(
    school: SchoolId = "",
    country: Annotated[str, typer.Option(metavar="CODE", help="Like US; left out: that of the time zone.")] = "",
    region: Annotated[str, typer.Option(metavar="CODE", help="Like NY.")] = "",
    as_json: AsJson = False,
    config: Config = CONFIG,
) -> None:
    """Public holidays on which the calendar has school: to look at, never used by themselves."""
    from bot.holidays_hint import NoHolidays, country_of, suggestions

    settings = settings_of(config)
    with store_of(settings) as store:
        one = _school(settings.schools, pick_school(settings, school))
        stored = _stored(store, one.id, "file") | _stored(store, one.id, "said")
    today = datetime.now(ZoneInfo(one.timezone)).date()
    closed = {day.day for day in stored if day.kind == "closed"}
    where = country or country_of(one.timezone)
    try:
        found = suggestions(where, region, closed, one.weekdays, today, today + AHEAD, one.language)
    except NoHolidays as problem:
        give_up(str(problem), WRONG)
    for day, title in found:
        typer.echo(_told({"day": day.isoformat(), "kind": "holiday", "value": title}, as_json))
    if not found and not as_json:
        typer.echo(f"No public holiday of {where or 'this place'} falls on a day with school.")


def _told(row: dict[str, str], as_json: bool) -> str:
    if as_json:
        return json.dumps(row, ensure_ascii=False)
    words = {"closed": "no school", "early": "lessons end", "open": "school as usual", "holiday": "public holiday"}
    return f"{row['day']}  {words[row['kind']]}  {row['value']}".rstrip()


def _school(schools: Any, wanted: str) -> "School":
    found: School = next(one for one in schools if one.id == wanted)
    return found


def _stored(store: "Store", school: str, source: str) -> "Days":
    found: Days = store.turn(school, datetime.now(UTC), lambda turn: turn.calendar(source))
    return found


def _read(one: "School", today: date) -> "Calendar":
    from bot.calendar import Unreadable
    from bot.composition import read_calendar

    try:
        return read_calendar(one.calendar, ZoneInfo(one.timezone), today)
    except Unreadable as problem:
        give_up(f"[[schools]] calendar: {problem}", WRONG)


def _difference(before: "Calendar", after: "Calendar", today: date) -> Iterator[str]:
    """What would change from today on, one line a run of days."""
    from bot.calendar_diff import changes

    found = changes(before, after, today)
    yield from map(_change, found)
    if not found:
        yield "The configured calendar says the same."


def _change(change: "Change") -> str:
    days = str(change.first) + (f" to {change.last}" if change.last != change.first else "")
    if change.letters:
        what = "day letters"
    else:
        what = f"lessons end {change.dismissal:%H:%M}" if change.dismissal else f"no school ({change.title})"
    return f"{'+' if change.added else '-'} {days}  {what}"
