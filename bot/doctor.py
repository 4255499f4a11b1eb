"""`twoticks doctor`: looks at everything that can be wrong and tells each thing in one line, beside a running bot.

Nothing is written but what opening the database writes (a new or upgraded schema), and no update is taken away.
"""

import asyncio
import contextlib
import importlib
import os
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Protocol, cast
from zoneinfo import ZoneInfo

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import BaseModel, SecretStr
from sqlalchemy import URL, make_url, select
from sqlalchemy.exc import DBAPIError

from bot.bundle import Bundle
from bot.calendar_file import Unreadable
from bot.composition import LaneName, Platform, open_store, platforms, read_calendar, telegram_bots
from bot.config import Mistakes, School, Settings, load, missing_for_run
from bot.config_needs import TO_GET
from bot.ports import ChatFailure, LaneDown
from bot.report import runs, waits_to_begin
from bot.schooldays import local_day
from bot.settings import SECRET_KEYS
from storage.engine import MIGRATIONS, NotOurs, damage, open_engine
from storage.load import opening, relation
from storage.store import Store
from storage.turn import Turn

LIMIT = 10.0  # seconds a platform, or a database server, may take to answer
AHEAD = 731  # days for which zone data are compared
TOKENS = {"slack": "bot_token", "telegram": "token"}  # what a platform cannot be asked without

State = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: which part was looked at, how it is, what was found and, if it is red, what to do."""

    part: str
    state: State
    text: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class Examined(Protocol):
    """The part of a platform's adapter that the doctor talks to."""

    async def examine(self) -> list[tuple[State, str]]: ...


def examine(config: Path, environ: Mapping[str, str]) -> list[Check]:
    """Everything that was found, in the order one would mend it. Never raises; not for a thread with a running loop."""
    try:
        settings = load(config, environ)
    except Mistakes as wrong:
        return [Check("configuration", "red", str(mistake)) for mistake in wrong.mistakes]
    except Exception as error:
        return [_fell("configuration", error)]
    now = datetime.now(UTC)
    found = [
        *_safely("configuration", lambda: _configuration(settings, config)),
        *_safely("time zones", lambda: _zones(settings, now.date())),
        *_safely("database", lambda: _kept(settings, now)),
        *_safely("platforms", lambda: asyncio.run(_platforms(settings))),
    ]
    secrets = [secret for secret in _secrets(settings) if secret]
    return [Check(check.part, check.state, _fit_to_print(check.text, secrets)) for check in found]


def _safely(part: str, look: Callable[[], list[Check]]) -> list[Check]:
    """What was found; a look that fails is a red line itself and hides no other."""
    try:
        return look()
    except Exception as error:
        return [_fell(part, error)]


def _fell(part: str, error: Exception) -> Check:
    return Check(part, "red", f"cannot be examined ({type(error).__name__}: {error}). Mend that, or report it to us")


def _fit_to_print(text: str, secrets: Iterable[str]) -> str:
    """One line without any secret, whatever a library put into its message."""
    for secret in secrets:
        text = text.replace(secret, "•••")
    return " ".join(text.split())


def _secrets(value: object) -> Iterator[str]:
    """Every secret of the configuration."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from (secret for _, inner in value for secret in _secrets(inner))
    elif isinstance(value, dict):
        yield from (secret for inner in value.values() for secret in _secrets(inner))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


# --- configuration, secrets, time zones ------------------------------------------------------------------------------


def _configuration(settings: Settings, config: Path) -> list[Check]:
    modes = [f"{name} ({table.mode})" for name in TOKENS if (table := getattr(settings, name))]
    told = ", ".join([_count(len(settings.schools), "school", "schools"), *modes])
    checks = [Check("configuration", "green", f"{config.name}: {told}")]
    missing = [(mistake.key.rpartition(".")[2], str(mistake)) for mistake in missing_for_run(settings)]
    checks += [Check("secrets" if _is_secret(key) else "configuration", "red", text) for key, text in missing]
    if not any(_is_secret(key) for key, _ in missing):
        checks.append(Check("secrets", "green", "all that are needed are there"))
    return checks


def _is_secret(key: str) -> bool:
    return key in SECRET_KEYS or key == "client_id"  # it is only ever missing beside its secret


def _zones(settings: Settings, today: date) -> list[Check]:
    """The zones of the schools, and whether the machine's own data, which come first, are as new as the package's."""
    version = f"tzdata {importlib.import_module('tzdata').IANA_VERSION}"
    names = sorted({school.timezone for school in settings.schools})
    checks = [check for name in names if (check := _odd_zone(name, version, today))]
    return checks or [Check("time zones", "green", f"{', '.join(names)}: as in {version}")]


def _odd_zone(name: str, version: str, today: date) -> Check | None:
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            packaged = zoneinfo.ZoneInfo.from_file(file)
    except OSError:
        return Check("time zones", "yellow", f"{name} is known to this machine only, not to {version}")
    noons = (datetime(today.year, today.month, today.day, 12, tzinfo=UTC) + timedelta(n) for n in range(AHEAD))
    used = zoneinfo.ZoneInfo(name)
    if all(noon.astimezone(used).utcoffset() == noon.astimezone(packaged).utcoffset() for noon in noons):
        return None
    text = f"{name}: the zone files of this machine differ from {version}. Update them, or set PYTHONTZPATH to nothing"
    return Check("time zones", "yellow", text)


# --- the database ----------------------------------------------------------------------------------------------------


def _kept(settings: Settings, now: datetime) -> list[Check]:
    """The database and, if it can be opened, what it holds of each school."""
    try:
        stops, notes = _unopened(make_url(settings.database.url))
        if stops:
            return [Check("database", "red", text) for text in stops]
        store = open_store(settings)
    except NotOurs as problem:
        return [Check("database", "red", str(problem))]
    except DBAPIError as problem:
        told = f"does not open: {problem.orig}. Check [database] url and that it is running"
        return [Check("database", "red", told)]
    with contextlib.closing(store):
        filed = [one for one in settings.schools if one.calendar]
        notes += chain.from_iterable(_safely(f"calendar of {one.id}", partial(_calendar, one, now)) for one in filed)
        notes += _safely("lanes", lambda: _lanes(store, settings))
        schools = [_safely(f"school {school}", partial(_school, store, school, now)) for school in store.schools]
    return [*notes, *chain.from_iterable(schools)]


def _calendar(school: School, now: datetime) -> list[Check]:
    """Reads the configured calendar as `run` does."""
    part, zone = f"calendar of {school.id}", ZoneInfo(school.timezone)
    try:
        read = read_calendar(school.calendar, zone, local_day(now, zone))
    except Unreadable as problem:
        return [Check(part, "red", str(problem))]
    return [Check(part, "green", f"can be read: {_count(len(read.closed), 'day off', 'days off')} in four years")]


def _lanes(store: Store, settings: Settings) -> list[Check]:
    """Which process sends for which bot, where several may; and the workspaces that are installed."""
    found = [
        Check(f"lane {name}", "green", "a process works it")
        if held
        else Check(f"lane {name}", "yellow", "no process works it now. Do: twoticks run")
        for name, held in store.lanes_held().items()
    ]
    if settings.slack and settings.slack.client_id:
        teams = [team for team, _ in store.tokens("slack")]
        told = f"installed in {', '.join(teams)}" if teams else "no workspace is installed yet"
        where = f"{settings.web.public_url}/slack/install?school={settings.schools[0].id}"
        found.append(Check("slack", "green" if teams else "yellow", told if teams else f"{told}. Open {where}"))
    return found


def _unopened(url: URL) -> tuple[list[str], list[Check]]:
    """Why the database must not be opened, and what else there is to say of it. Raises NotOurs, DBAPIError."""
    if url.get_backend_name() != "sqlite":
        patient = url.update_query_dict({"connect_timeout": str(int(LIMIT))})
        return _schema(patient, f"PostgreSQL, {url.database} at {url.host or 'this machine'}")
    file = Path(str(url.database))
    stops = _place(file)
    if not stops and (found := damage(file)):
        stops = [found]
    if stops:
        return stops, []
    stops, notes = _schema(url, f"{file.name}: whole")
    return stops, [*_readers(file), *notes]


def _place(file: Path) -> list[str]:
    if file.parent.is_dir() and not os.access(file.parent, os.W_OK | os.X_OK):
        return [f"the folder {file.parent.absolute()} of the database cannot be written. Change its owner or its mode"]
    return []


def _readers(file: Path) -> list[Check]:
    """Only its owner may read the file and what SQLite keeps beside it."""
    there = [path for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")) if path.exists()]
    return [
        Check("database", "red", f"{path} can be read by others (mode {mode:04o}). Do: chmod 600 {path}")
        for path in there
        if (mode := path.stat().st_mode & 0o777) & 0o077
    ]


def _schema(url: URL, where: str) -> tuple[list[str], list[Check]]:
    """Which schema is found. The embedded database is upgraded by opening it; a server's is left to `db upgrade`."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with engine.begin() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if found == head:
        return [], [Check("database", "green", f"{where}, its schema is this version's ({head})")]
    if url.get_backend_name() != "sqlite":
        return [_pending(where, found, head)], []
    told = f"was older ({found}) and is now this version's ({head})" if found else f"was made now ({head})"
    return [], [Check("database", "green", f"{where}, its schema {told}")]


def _pending(where: str, found: str | None, head: str | None) -> str:
    return f"{where}: its schema is {found or 'missing'}, not this version's ({head}). Do: twoticks db upgrade"


# --- the schools: counts only, no names -------------------------------------------------------------------------------


def _school(store: Store, school: str, now: datetime) -> list[Check]:
    found: Bundle = store.turn(school, now, _everybody)
    lines = _lines(found, local_day(now, found.school.zone), school)
    return [Check(f"school {school}", state, text) for state, text in lines]


def _everybody(turn: Turn) -> Bundle:
    query = select(relation.c.person).where(relation.c.school == turn.school.id).distinct()
    b = turn.bundle([], turn.connection.execute(query).scalars(), whole=True)
    b.standing = opening(turn.connection, turn.school, turn.today).standing  # those that wait to begin, too
    return b


def _lines(b: Bundle, today: date, school: str) -> Iterator[tuple[State, str]]:
    if not b.students:
        yield "yellow", f"no child is known yet. Do: twoticks roster import PATH --school {school}"
        return
    daily = [s for s in b.students if _follows(b, s, today)]
    told = f"{len(daily)} of {_count(len(b.students), 'child follows', 'children follow')} a daily report"
    joined = ", ".join(_joined(b, today, role, f"{role}s") for role in ("guardian", "teacher"))
    yield "green", f"{told}; joined: {joined}"
    if not daily:
        yield "yellow", "nobody follows a daily report yet. Do: twoticks report start --student NAME"
    teacherless = sum(not b.lines_of(s, today) for s in daily)
    homeless = sum(not any(r.live(today) and b.linked(r.person) for r in b.guardians.get(s, ())) for s in daily)
    if teacherless or homeless:
        children = f"of the {_count(len(daily), 'child', 'children')} with a daily report"
        lacking = f"without a linked teacher: {teacherless}, without a joined guardian: {homeless}"
        yield (
            "yellow",
            f"{children}, {lacking}. New codes for them (those given before end): twoticks invite --school {school}",
        )
    ahead = [day for day in b.school.closed if day >= today and day.weekday() in b.school.weekdays]
    if ahead:
        yield "green", f"{_count(len(ahead), 'day off', 'days off')} known from today, the last on {max(ahead)}"
    else:
        yield "yellow", "no day off is known from today. Give the school's own .ics as `calendar` in [[schools]]"
    if not any(b.linked(person) for person in _holders(b, today, "coordinator")):
        yield "yellow", "no coordinator has joined: delivery trouble is told to the plan owner"


def _follows(b: Bundle, student: int, today: date) -> bool:
    """Running (a weekend or an absence does not end it), or starting with the next school day."""
    standing = b.standing.get(student, ())
    return runs(standing, today) in ("running", "away") or waits_to_begin(standing) is not None


def _joined(b: Bundle, today: date, role: str, many: str) -> str:
    holders = _holders(b, today, role)
    return f"{sum(map(b.linked, holders))} of {_count(len(holders), role, many)}"


def _holders(b: Bundle, today: date, role: str) -> set[int]:
    return {r.person for held in b.relations.values() for r in held if r.role == role and r.live(today)}


# --- the platforms ---------------------------------------------------------------------------------------------------


async def _platforms(settings: Settings) -> list[Check]:
    """Every platform whose token is there, all at once; one that is missing is red already."""
    with_token = {name: None for name, token in TOKENS.items() if not _given(settings, name, token)}
    found = platforms(settings.model_copy(update=with_token))
    answers = await asyncio.gather(*(_platform(name, chat) for name, chat in found.items()))
    return [*chain.from_iterable(answers)]


def _given(settings: Settings, platform: str, token: str) -> bool:
    return bool(getattr(getattr(settings, platform), token, None)) or (
        platform == "telegram" and bool(telegram_bots(settings))
    )


async def _platform(lane: LaneName, chat: Platform) -> list[Check]:
    name = str(lane)
    try:
        async with contextlib.AsyncExitStack() as hangs_up:
            hangs_up.push_async_callback(_close, chat)
            async with asyncio.timeout(LIMIT):
                found = await cast(Examined, chat).examine()
    except TimeoutError:
        return [Check(name, "red", f"no answer within {LIMIT:.0f} seconds. {_network(lane.platform)}")]
    except LaneDown as failure:
        return [Check(name, "red", f"{failure}. {TO_GET[TOKENS[lane.platform]]}")]
    except ChatFailure as failure:
        return [Check(name, "red", f"{failure}. {_network(lane.platform)}")]
    except Exception as error:
        return [_fell(name, error)]
    return [Check(name, state, text) for state, text in found]


def _network(name: str) -> str:
    return f"Check this machine's network and [{name}] api_base_url, then run doctor again"


async def _close(chat: Platform) -> Any:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(chat.close(), 2)
