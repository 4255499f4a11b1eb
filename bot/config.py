"""Reads the configuration (file, environment, secrets folders) and names every mistake in it at once."""

import difflib
import ipaddress
import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

LANGUAGES = ("en", "es")
PREFIX = "TWOTICKS_"
CONTAINER_SECRETS = Path("/run/secrets")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMES = ("teacher_card", "teacher_nudge", "home_card", "home_nudge", "day_closes")
PLATFORM_SECRETS = ("bot_token", "app_token", "signing_secret", "client_secret", "token", "webhook_secret")
SECRET_KEYS = frozenset((*PLATFORM_SECRETS, "secret_key", "secret_key_previous"))
CREDENTIALS = SECRET_KEYS | {"client_id"}

MAKE_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
URL_HINT = 'An address that starts with https:// (or http://), e.g. "{}"'
TIME_HINT = 'Hours and minutes from "00:00" to "23:59", e.g. "17:30"; in the order ' + " < ".join(TIMES)
SECRET_HINT = "Give the value itself, or remove the variable"
KEY_HINT = "At least 32 characters; make one: " + MAKE_KEY
CALENDAR_HINT = 'The path of an .ics file, seen from the folder of the configuration file, or "" for none'
SCHOOLS_HINT = "At least one table [[schools]] (two brackets on each side) with its id, name and timezone"
HINTS = {
    "database": 'A table [database] with url = "sqlite:///twoticks.db"',
    "database.url": 'Allowed: "sqlite:///FILE" or "postgresql://USER@HOST/NAME", e.g. "sqlite:///twoticks.db"',
    "slack": 'A table [slack] with mode = "socket"; leave it out for no Slack',
    "slack.mode": 'Allowed: "socket" or "http"',
    "slack.api_base_url": URL_HINT.format("https://slack.com/api/"),
    "telegram": 'A table [telegram] with mode = "polling"; leave it out for no Telegram',
    "telegram.mode": 'Allowed: "polling" or "webhook"',
    "telegram.api_base_url": URL_HINT.format("https://api.telegram.org/bot") + ", with no slash at its end",
    "telegram.bots": "One table [telegram.bots.NAME] for each further bot; NAME: 1 to 40 of A-Z a-z 0-9 _ -",
    "web": 'A table [web] with listen = "127.0.0.1:8080"',
    "web.listen": 'HOST:PORT, e.g. "127.0.0.1:8080"; a port is a number from 0 to 65535',
    "web.public_url": URL_HINT.format("https://homework.school.example") + ', or ""',
    "schools": SCHOOLS_HINT,
    "schools.id": 'A short name, 1 to 40 of a-z 0-9 -, different for each school, e.g. "lincoln"',
    "schools.name": 'The school\'s name as families know it, e.g. "Lincoln Middle School"',
    "schools.timezone": 'A name of the tz database, e.g. "America/New_York"',
    "schools.language": "One of " + ", ".join(f'"{language}"' for language in LANGUAGES),
    "schools.school_days": 'A list of "mon" "tue" "wed" "thu" "fri" "sat" "sun", e.g. ["mon", "tue"]',
    "schools.calendar": CALENDAR_HINT,
    "schools.telegram": 'The NAME of a table [telegram.bots.NAME], or "" for the bot of [telegram]',
    "schools.slack_team": 'The workspace\'s ID, e.g. "T0123456789", or ""',
    "secret_key": KEY_HINT,
    "secret_key_previous": KEY_HINT,
} | {f"schools.{name}": TIME_HINT for name in TIMES}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the configuration: where it stands, what is wrong, what is allowed."""

    where: str
    key: str
    problem: str
    hint: str

    def __str__(self) -> str:
        """Tell the mistake in one line."""
        told = ": ".join(part for part in (self.where, self.key, self.problem) if part)
        return " ".join(f"{told}. {self.hint}".split())


class Mistakes(Exception):
    """The configuration cannot be used; `mistakes` holds every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


# What the values must be. Each check raises ValueError with the problem; HINTS says what is allowed.


@dataclass(slots=True)
class _Around:
    """What a school's keys are checked against besides themselves."""

    folder: Path
    bots: frozenset[str]
    ids: set[str] = field(default_factory=set)


def shown(value: str) -> str:
    """Quote a value for a message, without passwords and tokens, at most 80 characters of it."""
    masked = re.sub(r":(?!//).*@", ":•••@", value, flags=re.DOTALL)
    masked = re.sub(r"xox\w-\S+|xapp-\S+|\d+:[\w-]{30,}", "•••", masked)
    return json.dumps(masked if len(masked) <= 80 else masked[:79] + "…", ensure_ascii=False)


def _kind(value: object) -> str:
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", dict: "a table", list: "a list"}
    return names.get(type(value), "a date or time")


def _plain_minute(value: object) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {_kind(value)}")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise ValueError(f"{shown(value)} is not a time of the day")
    return time.fromisoformat(value)


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


def _known_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):  # a folder of zones ("America") is an OSError
        near = difflib.get_close_matches(value, available_timezones(), 1, 0.75)
    raise ValueError(f"{shown(value)} is not a time zone" + (f" (did you mean {shown(near[0])}?)" if near else ""))


def _known_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"{shown(value)} is not a language of Twoticks")
    return value


def _short_name(value: str) -> str:
    if not re.fullmatch("[a-z0-9-]{1,40}", value):
        raise ValueError(f"{shown(value)} cannot be used as a school's id")
    return value


def _bot_name(value: str) -> str:
    if not re.fullmatch("[A-Za-z0-9_-]{1,40}", value) or "__" in value:
        raise ValueError(f"{shown(value)} cannot be used as a bot's name")
    return value


def _database(value: str) -> str:
    if re.fullmatch(r"sqlite:///[^?#]+|postgresql://[^/\s]*/[^/?\s]+(\?\S*)?", value) and _splits(value):
        return value
    raise ValueError(f"{shown(value)} is not a database Twoticks can use")


def _address(value: str) -> str:
    if re.fullmatch(r"https?://[^\s?#]+", value) and _splits(value) and urlsplit(value).hostname:
        return value
    raise ValueError(f"{shown(value)} is not a web address")


def _splits(url: str) -> bool:
    """Tell whether host and port of a URL can be read."""
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
    except ValueError:
        return False
    return True


def _no_slash(value: str) -> str:
    if value.endswith("/"):
        raise ValueError(f"{shown(value)} ends with a slash, but the bot's token is put right behind it")
    return value


def _public(value: str) -> str:
    return value and _address(value).rstrip("/")


def _host_and_port(value: str) -> str:
    found = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})", value, re.ASCII)
    if not found or int(found[1]) > 65535:
        raise ValueError(f"{shown(value)} is not a host and a port")
    return value


def _not_empty(value: SecretStr) -> SecretStr:
    _filled(value.get_secret_value())
    return value


def _long(value: SecretStr) -> SecretStr:
    if len(_not_empty(value).get_secret_value()) < 32:
        raise ValueError("is too short")
    return value


def _listed(value: object) -> object:
    """Read a list written in an environment variable: `["mon", "tue"]`."""
    return _decoded(value) if isinstance(value, str) and value.startswith("[") else value


def _decoded(value: Any) -> Any:
    """Read JSON; what is none stays a text, and its key's own check says what was expected."""
    try:
        return json.loads(value)
    except ValueError:
        return value


Minute = Annotated[time, BeforeValidator(_plain_minute)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_listed), Field(min_length=1)]
Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[SecretStr, AfterValidator(_not_empty)]
LongSecret = Annotated[SecretStr, AfterValidator(_long)]


class _Table(BaseModel):
    """Frozen, and no key it does not know; an error never repeats a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class Database(_Table):
    """Where the record is kept."""

    url: Annotated[str, AfterValidator(_database)] = Field(default="sqlite:///twoticks.db", repr=False)


class Slack(_Table):
    """The Slack app; `client_id` and `client_secret` only for several workspaces."""

    mode: Literal["socket", "http"] = "socket"
    api_base_url: Address = "https://slack.com/api/"
    bot_token: Secret | None = None
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    client_id: Annotated[str, AfterValidator(_filled)] | None = None
    client_secret: Secret | None = None


class Bot(_Table):
    """One more Telegram bot."""

    token: Secret | None = None


class Telegram(_Table):
    """The Telegram bot, and further ones by their names."""

    mode: Literal["polling", "webhook"] = "polling"
    api_base_url: Annotated[Address, AfterValidator(_no_slash)] = "https://api.telegram.org/bot"
    token: Secret | None = None
    webhook_secret: Secret | None = None
    bots: dict[Annotated[str, AfterValidator(_bot_name)], Bot] = {}


class Web(_Table):
    """The one web server; `public_url` has no slash at its end."""

    listen: Annotated[str, AfterValidator(_host_and_port)] = "127.0.0.1:8080"
    public_url: Annotated[str, AfterValidator(_public)] = ""

    @property
    def host(self) -> str:
        """The host to listen on, IPv6 without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


class School(_Table):
    """One school; its times are local to `timezone`; once loaded, `calendar` is seen from the working folder."""

    id: Annotated[str, AfterValidator(_short_name)]
    name: Annotated[str, AfterValidator(_filled)]
    timezone: Annotated[str, AfterValidator(_known_zone)]
    language: Annotated[str, AfterValidator(_known_language)] = "en"
    school_days: Weekdays = ("mon", "tue", "wed", "thu", "fri")
    teacher_card: Minute = time(15, 10)
    teacher_nudge: Minute = time(16, 10)
    home_card: Minute = time(17, 30)
    home_nudge: Minute = time(19, 45)
    day_closes: Minute = time(23)
    calendar: str = ""
    telegram: str = ""
    slack_team: str = ""

    @property
    def weekdays(self) -> frozenset[int]:
        """The school days as numbers, Monday = 0."""
        return frozenset(DAYS.index(day) for day in self.school_days)

    @field_validator(*TIMES[1:])
    @classmethod
    def _after_the_one_before(cls, value: time, info: ValidationInfo) -> time:
        earlier = TIMES[TIMES.index(info.field_name or "") - 1]
        if earlier in info.data and value <= info.data[earlier]:
            raise ValueError(f"{value:%H:%M} must be later than {earlier}, which is {info.data[earlier]:%H:%M}")
        return value

    @field_validator("id")
    @classmethod
    def _only_one(cls, value: str, info: ValidationInfo) -> str:
        if isinstance(info.context, _Around):
            if value in info.context.ids:
                raise ValueError(f"{shown(value)} is the id of two schools")
            info.context.ids.add(value)
        return value

    @field_validator("calendar")
    @classmethod
    def _there(cls, value: str, info: ValidationInfo) -> str:
        if not value or not isinstance(info.context, _Around):
            return value
        if not os.path.isfile(info.context.folder / value):  # unlike Path's, it bears any text
            raise ValueError(f"there is no file {shown(value)}")
        return str(info.context.folder / value)

    @field_validator("telegram")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if value and isinstance(info.context, _Around) and value not in info.context.bots:
            raise ValueError(f"there is no bot {shown(value)}")
        return value


class Settings(_Table):
    """Everything a school sets; made by `load`, or by hand in a test."""

    database: Database = Database()
    slack: Slack | None = None
    telegram: Telegram | None = None
    web: Web = Web()
    schools: tuple[School, ...] = Field(min_length=1)
    secret_key: LongSecret | None = None
    secret_key_previous: LongSecret | None = None


# Which keys are known where: a table's name, without indexes and bots' names, to its model.
TABLES: Mapping[str, type[BaseModel]] = {
    "": Settings,
    "database": Database,
    "slack": Slack,
    "telegram": Telegram,
    "telegram.bots": Bot,
    "web": Web,
    "schools": School,
}


# Reading. Environment > secrets folders > file; every value remembers where it was found.


@dataclass(frozen=True, slots=True)
class _Found:
    """A value of the environment or of a secrets folder, and where it stands."""

    where: str
    text: str


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file at `path` and what `environ` adds; raises Mistakes with all of them at once."""
    folders = _secrets_folders(environ)
    mistakes: list[Mistake] = []
    try:
        file = _read_file(path)
        mistakes += _take_secrets_out(file, str(path))
    except Mistakes as unread:
        mistakes += unread.mistakes
        file = None
    found = _in_folders(folders, mistakes) | _in_environment(environ, folders, mistakes)
    if file is None:
        raise Mistakes(mistakes)
    given = _Variables(found)()
    for platform in {"slack", "telegram"} & given.keys() - file.keys():
        if set(_ends(given[platform])) <= CREDENTIALS:  # a token left in the environment turns no platform on
            del given[platform]
    return _checked(_laid_over({"schools": []} | file, given), path, found, mistakes)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows' editor puts a mark at the beginning
    except FileNotFoundError:
        problem, hint = "there is no such file", "Copy config.example.toml to this name and change what differs"
    except OSError as error:
        problem, hint = f"cannot be read ({error.strerror})", "It must be a file this user may read"
    except UnicodeDecodeError:
        problem, hint = "is not UTF-8 text", "Save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem, hint = f"is not valid TOML: {error}", 'A line is KEY = "VALUE", with quotes, or [TABLE]'
    raise Mistakes([Mistake(str(path), "", problem, hint)])


def _take_secrets_out(tree: dict[str, Any], where: str, loc: tuple[str | int, ...] = ()) -> list[Mistake]:
    """Remove secrets from the file's tree; returns one mistake for each."""
    mistakes = []
    known = TABLES[_plain(loc)].model_fields if _plain(loc) in TABLES else {}
    for key, value in list(tree.items()):
        spot = (*loc, key)
        if isinstance(value, dict):
            mistakes += _take_secrets_out(value, where, spot)
        elif key in SECRET_KEYS & known.keys():
            del tree[key]
            hint = f"Secrets never stand in the file: put it into {_variable(spot)}"
            mistakes.append(Mistake(where, _told(spot), "is a secret", hint))
    return mistakes


def _secrets_folders(environ: Mapping[str, str]) -> list[Path]:
    """List the folders whose files are secrets by name, the first winning: systemd's, then the container's."""
    named = environ.get("CREDENTIALS_DIRECTORY")
    return ([Path(named)] if named else []) + [CONTAINER_SECRETS]


def _in_folders(folders: list[Path], mistakes: list[Mistake]) -> dict[str, _Found]:
    """Read the files named TWOTICKS_…; others in these folders are not ours to open."""
    found: dict[str, _Found] = {}
    for file in (file for folder in reversed(folders) for file in sorted(folder.glob(f"{PREFIX}*"))):
        if not _is_ours(file.name):
            mistakes += _misspelt(file.name, str(file))
        elif (text := _secret_text(file, str(file), mistakes)) is not None:
            found[file.name] = _Found(str(file), text)
    return found


def _in_environment(environ: Mapping[str, str], folders: list[Path], mistakes: list[Mistake]) -> dict[str, _Found]:
    """Take the variables TWOTICKS_…, and what stands in the files that TWOTICKS_…_FILE name."""
    found: dict[str, _Found] = {}
    for where in sorted(name for name in environ if name.startswith(PREFIX)):
        name = where.removesuffix("_FILE")
        if not _is_ours(name):
            mistakes += _misspelt(name, where)
        elif name == where:
            found[name] = _Found(where, environ[where].strip())
        elif name in found:
            mistakes.append(Mistake(where, "", f"{name} is set too", "Keep one of the two"))
        elif (text := _named_file(Path(environ[where]), where, folders, mistakes)) is not None:
            found[name] = _Found(where, text)
    return found


def _named_file(file: Path, where: str, folders: list[Path], mistakes: list[Mistake]) -> str | None:
    text = _secret_text(file, where, mistakes)
    if text is None or any(file.resolve().is_relative_to(folder.resolve()) for folder in folders):
        return text  # these folders are closed by the system, their files are often 0444
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        problem = f"others than its owner can open the file {file} (mode {mode:04o})"
        mistakes.append(Mistake(where, "", problem, f"Close it: chmod 600 {shlex.quote(str(file))}"))
    return text


def _secret_text(file: Path, where: str, mistakes: list[Mistake]) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "no UTF-8 text"
        mistakes.append(
            Mistake(where, "", f"the file cannot be read ({why})", "It must be a text file this user may read")
        )
    return None


def _is_ours(name: str) -> bool:
    return name.removeprefix(PREFIX).lower().partition("__")[0] in Settings.model_fields


def _misspelt(name: str, where: str) -> list[Mistake]:
    """Name what was meant; others that happen to begin like ours (a container's TWOTICKS_PORT) pass."""
    known = [_variable((*table.split("."), key)) for table, model in TABLES.items() for key in model.model_fields]
    bare = [variable.removeprefix(PREFIX) for variable in known]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), bare, 1, 0.8)
    if not near and "__" not in name:
        return []
    hint = f"Did you mean {PREFIX}{near[0]}?" if near else f"A name is {PREFIX}TABLE__KEY, e.g. {PREFIX}DATABASE__URL"
    return [Mistake(where, "", "is not a variable of Twoticks", hint)]


class _Keys(Settings, BaseSettings):
    """The keys of Settings, with the names pydantic-settings gives them in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")


class _Variables(EnvSettingsSource):
    """Makes the tree of what was found, instead of what the process's own environment holds."""

    def __init__(self, found: Mapping[str, _Found]) -> None:
        super().__init__(_Keys)
        self.env_vars = {name.lower(): value.text for name, value in found.items()}

    def decode_complex_value(self, field_name: str, field: object, value: Any) -> Any:
        """Read JSON without raising at the first mistake."""
        return _decoded(value)


def _ends(tree: Any) -> Iterator[str]:
    """List the keys that hold values, at any depth."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        yield from _ends(value) if isinstance(value, dict) else (key,)


def _laid_over(lower: Any, upper: Any) -> Any:
    """Put the environment's tree over the file's; `SCHOOLS__0__NAME` finds the first school of a list."""
    if isinstance(lower, list) and isinstance(upper, dict) and all(key.isdecimal() for key in upper):
        places = _laid_over({str(index): item for index, item in enumerate(lower)}, upper)
        return [places[key] for key in sorted(places, key=int)]
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    own = {key.lower().replace("-", "_"): key for key in lower}
    renamed = {own.get(key.replace("-", "_"), key): value for key, value in upper.items()}
    return lower | {key: _laid_over(lower[key], value) if key in lower else value for key, value in renamed.items()}


# Telling what pydantic found.


PROBLEMS = {"missing": "is missing", "extra_forbidden": "is not a known key", "too_short": "is empty"}
NOT_THIS = {"tuple_type": "a list", "model_type": "a table", "dict_type": "a table"}
VARIABLE_HINT = f"In the environment each key is one variable, e.g. {PREFIX}WEB__LISTEN or {PREFIX}SCHOOLS__0__NAME"


def _checked(tree: dict[str, Any], path: Path, found: Mapping[str, _Found], mistakes: list[Mistake]) -> Settings:
    telegram = tree.get("telegram")
    bots = telegram.get("bots") if isinstance(telegram, dict) else None
    around = _Around(path.parent, frozenset(bots if isinstance(bots, dict) else ()))
    try:
        settings = Settings.model_validate(tree, context=around)
    except ValidationError as error:
        mistakes += [_mistake(detail, path, found) for detail in error.errors() if not _follows(detail)]
    if mistakes:
        raise Mistakes(mistakes)
    return settings


def _mistake(detail: ErrorDetails, path: Path, found: Mapping[str, _Found]) -> Mistake:
    loc, is_unknown = detail["loc"], detail["type"] == "extra_forbidden"
    if loc[-1] == "[key]" and not is_unknown:  # pydantic's mark for a name of a bot
        loc = loc[:-1]
    near = _nearest(loc) if is_unknown else None
    origin = _origin(loc, found)
    hint = near or (VARIABLE_HINT if origin and detail["type"] in NOT_THIS else HINTS.get(_plain(loc), SECRET_HINT))
    return Mistake(origin or str(path), _told(loc), _problem(detail), hint)


def _follows(detail: ErrorDetails) -> bool:
    """Tell whether pydantic calls a list too short only because its items are wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "value_error":
        is_default = isinstance(value, time) and value is School.model_fields[str(detail["loc"][-1])].default
        return ("is left out, and its default " if is_default else "") + str(detail["ctx"]["error"])
    if kind == "literal_error" and isinstance(value, str):
        return f"{shown(value)} is not allowed"
    return PROBLEMS.get(kind) or f"must be {NOT_THIS.get(kind, 'a text')}, not {_kind(value)}"


def _nearest(loc: tuple[int | str, ...]) -> str:
    """Suggest the known key that looks most like an unknown one."""
    known = TABLES[_plain(loc[:-1])].model_fields
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    if not near:
        return "Known here: " + (", ".join(sorted(known.keys() - SECRET_KEYS)) or "nothing but its secret")
    is_secret = f" It is a secret: put it into {_variable((*loc[:-1], near[0]))}" if near[0] in SECRET_KEYS else ""
    return f'Did you mean "{near[0]}"?{is_secret}'


def _origin(loc: tuple[int | str, ...], found: Mapping[str, _Found]) -> str | None:
    """Say which variable or secret file gave a value or a part of it; None: the configuration file."""
    whole = [_variable(loc[:length]) for length in range(len(loc), 0, -1)]
    parts = (name for name in found if name.startswith(f"{whole[0]}__"))
    return next((found[name].where for name in (*whole, *parts) if name in found), None)


def _variable(loc: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(part) for part in loc if part != "").upper().replace("-", "_")


def _told(loc: tuple[int | str, ...]) -> str:
    """Write a place as a person does: `schools[0].home_card`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def _plain(loc: tuple[int | str, ...]) -> str:
    """Write a place without indexes and bots' names: `schools.home_card`."""
    names = [part for part in loc if isinstance(part, str)]
    return ".".join(names[:2] + names[3:] if names[:2] == ["telegram", "bots"] else names)


# What single commands want beyond a valid file.

APP = "On your app's page at api.slack.com/apps, "
TO_GET = {
    "bot_token": APP + "OAuth & Permissions: the Bot User OAuth Token (xoxb-…)",
    "app_token": APP + "Basic Information, App-Level Tokens: one with connections:write (xapp-…)",
    "signing_secret": APP + "Basic Information: the Signing Secret",
    "client_id": APP + "Basic Information: the Client ID (it goes with the Client Secret)",
    "client_secret": APP + "Basic Information: the Client Secret (it goes with the Client ID)",
    "token": "Write /newbot (or /token) to @BotFather in Telegram and copy the token it answers",
    "webhook_secret": f"32 to 256 of A-Z a-z 0-9 _ -; make one: {MAKE_KEY}",
    "secret_key": KEY_HINT,
    "public_url": 'The https address under which this server is reached, e.g. "https://homework.school.example"',
}
NO_PLATFORM = Mistake(
    where="configuration",
    key="",
    problem="there is no platform",
    hint="Add the table [slack] or [telegram] to the file; config.example.toml shows both",
)
PRACTICE_HINT = (
    "A practice clock would send real people cards at wrong hours, so it only runs with platforms faked "
    'on this machine, e.g. "http://127.0.0.1:8081/bot"'
)


def missing_for_run(settings: Settings) -> list[Mistake]:
    """Name what `run` needs beyond a valid configuration: a platform, its tokens, the secret key."""
    mistakes = [] if settings.slack or settings.telegram else [NO_PLATFORM]
    if settings.slack:
        mistakes += _missing_slack(settings.slack)
    if settings.telegram:
        mistakes += _missing_telegram(settings.telegram, settings.schools)
    return mistakes + _missing_address(settings) + missing_for_invite(settings)


def missing_for_invite(settings: Settings) -> list[Mistake]:
    """Name what `invite` needs beyond a valid configuration: the secret key."""
    return _unset(settings.secret_key, "secret_key")


def only_loopback(settings: Settings) -> list[Mistake]:
    """Name every platform address that is not on this machine: reasons to refuse a practice clock."""
    platforms = {"slack": settings.slack, "telegram": settings.telegram}
    addresses = {f"{name}.api_base_url": platform.api_base_url for name, platform in platforms.items() if platform}
    return [
        Mistake("configuration", key, f"{shown(address)} is not a loopback address", PRACTICE_HINT)
        for key, address in addresses.items()
        if not _is_loopback(urlsplit(address).hostname or "")
    ]


def _missing_slack(slack: Slack) -> list[Mistake]:
    several = bool(slack.client_id or slack.client_secret)
    wanted = ["client_id", "client_secret"] if several else ["bot_token"]
    wanted.append("app_token" if slack.mode == "socket" else "signing_secret")
    return [mistake for key in wanted for mistake in _unset(getattr(slack, key), "slack", key)]


def _missing_telegram(telegram: Telegram, schools: tuple[School, ...]) -> list[Mistake]:
    mistakes = []
    if not telegram.bots or any(not school.telegram for school in schools):
        mistakes += _unset(telegram.token, "telegram", "token")
    for name, bot in telegram.bots.items():
        mistakes += _unset(bot.token, "telegram", "bots", name, "token")
    return mistakes + (_weak_webhook(telegram.webhook_secret) if telegram.mode == "webhook" else [])


def _weak_webhook(secret: SecretStr | None) -> list[Mistake]:
    loc = ("telegram", "webhook_secret")
    if secret is None or re.fullmatch("[A-Za-z0-9_-]{32,256}", secret.get_secret_value()):
        return _unset(secret, *loc)
    short = len(secret.get_secret_value()) < 32
    problem = "is too short" if short else "is too long or has characters Telegram does not take"
    return [Mistake(_variable(loc), _told(loc), problem, TO_GET["webhook_secret"])]


def _missing_address(settings: Settings) -> list[Mistake]:
    slack, telegram = settings.slack, settings.telegram
    called = (slack and slack.mode == "http") or (telegram and telegram.mode == "webhook")
    return _unset(settings.web.public_url, "web", "public_url") if called else []


def _unset(value: object, *loc: str) -> list[Mistake]:
    return [] if value else [Mistake(_variable(loc), _told(loc), "is not set", TO_GET[loc[-1]])]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
