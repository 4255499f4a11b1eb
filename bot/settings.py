"""Everything a school sets, and the check of each value; a check raises ValueError with the problem."""

import difflib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from bot.calendar_source import web_address
from bot.config_mistakes import kind_of, shown
from bot.languages import LANGUAGES

PLATFORM_SECRETS = ("bot_token", "app_token", "signing_secret", "client_secret", "token", "webhook_secret")
SECRET_KEYS = frozenset((*PLATFORM_SECRETS, "secret_key", "secret_key_previous"))
ROOM = 15  # minutes between the teacher's card and the home card, ten of which nothing is asked of teachers any more
TIMES = ("teacher_card", "teacher_nudge", "home_card", "home_nudge", "day_closes")


@dataclass(slots=True)
class Around:
    """What a school's keys are checked against besides themselves."""

    folder: Path
    bots: frozenset[str]
    ids: set[str] = field(default_factory=set)


def _fits(pattern: str, problem: str, is_good: Callable[[str], bool] = bool) -> AfterValidator:
    """Check a text against a pattern and, if it fits, by `is_good`."""

    def check(value: str) -> str:
        if not (re.fullmatch(pattern, value) and is_good(value)):
            raise ValueError(f"{shown(value)} {problem}")
        return value

    return AfterValidator(check)


def _splits(url: str) -> bool:
    """Tell whether host and port of a URL can be read."""
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
    except ValueError:
        return False
    return True


def _has_host(url: str) -> bool:
    return _splits(url) and bool(urlsplit(url).hostname)


def _has_port(listen: str) -> bool:
    return int(listen.rpartition(":")[2]) <= 65535


def _plain_minute(value: object) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {kind_of(value)}")
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


def _not_empty(value: SecretStr) -> SecretStr:
    _filled(value.get_secret_value())
    return value


def _long(value: SecretStr) -> SecretStr:
    if len(_not_empty(value).get_secret_value()) < 32:
        raise ValueError("is too short")
    return value


def _listed(value: object) -> object:
    """Read a list written in an environment variable: `["mon", "tue"]`."""
    return decoded(value) if isinstance(value, str) and value.startswith("[") else value


def decoded(value: Any) -> Any:
    """Read JSON; what is none stays a text, and its key's own check says what was expected."""
    try:
        return json.loads(value)
    except ValueError:
        return value


Minute = Annotated[time, BeforeValidator(_plain_minute)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_listed), Field(min_length=1)]
Filled = Annotated[str, AfterValidator(_filled)]
SchoolId = Annotated[str, _fits("[a-z0-9-]{1,40}", "cannot be used as a school's id")]
BotName = Annotated[str, _fits("(?!.*__)[A-Za-z0-9_-]{1,40}", "cannot be used as a bot's name")]
Zone = Annotated[str, AfterValidator(_known_zone)]
Language = Annotated[str, _fits("|".join(LANGUAGES), "is not a language of Twoticks")]
DATABASE = r"sqlite:///[^?#]+|postgresql://[^/\s]*/[^/?\s]+(\?\S*)?"
DatabaseUrl = Annotated[str, _fits(DATABASE, "is not a database Twoticks can use", _splits)]
ADDRESS, NO_ADDRESS = r"https?://[^\s?#]+", "is not a web address"
Address = Annotated[str, _fits(ADDRESS, NO_ADDRESS, _has_host)]
PublicUrl = Annotated[
    str,
    _fits(f"({ADDRESS})?", NO_ADDRESS, lambda url: not url or _has_host(url)),
    AfterValidator(lambda url: url.rstrip("/")),
]
BotAddress = Annotated[Address, _fits(".*[^/]", "ends with a slash, but the bot's token is put right behind it")]
HOST_AND_PORT = r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}"
Listen = Annotated[str, _fits(HOST_AND_PORT, "is not a host and a port", _has_port)]
Secret = Annotated[SecretStr, AfterValidator(_not_empty)]
LongSecret = Annotated[SecretStr, AfterValidator(_long)]


class _Table(BaseModel):
    """Frozen, and no key it does not know; an error never repeats a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class Database(_Table):
    """Where the record is kept."""

    url: DatabaseUrl = Field(default="sqlite:///twoticks.db", repr=False)


class Slack(_Table):
    """The Slack app; `client_id` and `client_secret` only for several workspaces."""

    mode: Literal["socket", "http"] = "socket"
    api_base_url: Address = "https://slack.com/api/"
    bot_token: Secret | None = None
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    client_id: Filled | None = None
    client_secret: Secret | None = None


class Bot(_Table):
    """One more Telegram bot."""

    token: Secret | None = None


class Telegram(_Table):
    """The Telegram bot, and further ones by their names."""

    mode: Literal["polling", "webhook"] = "polling"
    api_base_url: BotAddress = "https://api.telegram.org/bot"
    token: Secret | None = None
    webhook_secret: Secret | None = None
    bots: dict[BotName, Bot] = {}


class Web(_Table):
    """The one web server; `public_url` has no slash at its end."""

    listen: Listen = "127.0.0.1:8080"
    public_url: PublicUrl = ""

    @property
    def host(self) -> str:
        """The host to listen on, IPv6 without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


class School(_Table):
    """One school; its times are local to `timezone`; `calendar` is a path, once loaded seen from the working folder,
    or an https address."""

    id: SchoolId
    name: Filled
    timezone: Zone
    language: Language = "en"
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
        return frozenset(map(get_args(Weekday).index, self.school_days))

    @field_validator(*TIMES[1:])
    @classmethod
    def _after_the_one_before(cls, value: time, info: ValidationInfo) -> time:
        earlier = TIMES[TIMES.index(info.field_name or "") - 1]
        if earlier in info.data and value <= info.data[earlier]:
            raise ValueError(f"{value:%H:%M} must be later than {earlier}, which is {info.data[earlier]:%H:%M}")
        card = info.data.get("teacher_card")
        if info.field_name == "home_card" and card and _minutes(value) - _minutes(card) < ROOM:
            raise ValueError(f"{value:%H:%M} must be {ROOM} minutes later than teacher_card, which is {card:%H:%M}")
        return value

    @field_validator("id")
    @classmethod
    def _only_one(cls, value: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Around):
            if value in info.context.ids:
                raise ValueError(f"{shown(value)} is the id of two schools")
            info.context.ids.add(value)
        return value

    @field_validator("calendar")
    @classmethod
    def _there(cls, value: str, info: ValidationInfo) -> str:
        if address := web_address(value):
            return address
        if not value or not isinstance(info.context, Around):
            return value
        if not os.path.isfile(info.context.folder / value):  # unlike Path's, it bears any text
            raise ValueError(f"there is no file {shown(value)}")
        return str(info.context.folder / value)

    @field_validator("telegram")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if value and isinstance(info.context, Around) and value not in info.context.bots:
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
