"""Tells what pydantic found wrong as mistakes that say where the value stands and what is allowed there."""

import difflib
from collections.abc import Mapping
from datetime import time
from pathlib import Path

from pydantic_core import ErrorDetails

from bot.config_mistakes import PREFIX, Loc, Mistake, kind_of, plain, shown, told, variable
from bot.config_sources import Found
from bot.languages import LANGUAGES
from bot.settings import SECRET_KEYS, TABLES, TIMES, School

MAKE_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
URL_HINT = 'An address that starts with https:// (or http://), e.g. "{}"'
TIME_HINT = 'Hours and minutes from "00:00" to "23:59", e.g. "17:30"; in the order ' + " < ".join(TIMES)
SECRET_HINT = "Give the value itself, or remove the variable"
KEY_HINT = "At least 32 characters; make one: " + MAKE_KEY
CALENDAR_HINT = (
    "The path of an .ics file, seen from the folder of the configuration file, or the calendar's public address, "
    'which starts with https:// or webcal://, or "" for none'
)
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
PROBLEMS = {"missing": "is missing", "extra_forbidden": "is not a known key", "too_short": "is empty"}
NOT_THIS = {"tuple_type": "a list", "model_type": "a table", "dict_type": "a table"}
VARIABLE_HINT = f"In the environment each key is one variable, e.g. {PREFIX}WEB__LISTEN or {PREFIX}SCHOOLS__0__NAME"


def mistake_of(detail: ErrorDetails, path: Path, found: Mapping[str, Found]) -> Mistake:
    loc, is_unknown = detail["loc"], detail["type"] == "extra_forbidden"
    if loc[-1] == "[key]" and not is_unknown:  # pydantic's mark for a name of a bot
        loc = loc[:-1]
    near = _nearest(loc) if is_unknown else None
    origin = _origin(loc, found)
    hint = near or (VARIABLE_HINT if origin and detail["type"] in NOT_THIS else HINTS.get(plain(loc), SECRET_HINT))
    return Mistake(origin or str(path), told(loc), _problem(detail), hint)


def follows(detail: ErrorDetails) -> bool:
    """Tell whether pydantic calls a list too short only because its items are wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "value_error":
        is_default = isinstance(value, time) and value is School.model_fields[str(detail["loc"][-1])].default
        return ("is left out, and its default " if is_default else "") + str(detail["ctx"]["error"])
    if kind == "literal_error" and isinstance(value, str):
        return f"{shown(value)} is not allowed"
    return PROBLEMS.get(kind) or f"must be {NOT_THIS.get(kind, 'a text')}, not {kind_of(value)}"


def _nearest(loc: Loc) -> str:
    """Suggest the known key that looks most like an unknown one."""
    known = TABLES[plain(loc[:-1])].model_fields
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    if not near:
        return "Known here: " + (", ".join(sorted(known.keys() - SECRET_KEYS)) or "nothing but its secret")
    is_secret = f" It is a secret: put it into {variable((*loc[:-1], near[0]))}" if near[0] in SECRET_KEYS else ""
    return f'Did you mean "{near[0]}"?{is_secret}'


def _origin(loc: Loc, found: Mapping[str, Found]) -> str | None:
    """Say which variable or secret file gave a value or a part of it; None: the configuration file."""
    whole = [variable(loc[:length]) for length in range(len(loc), 0, -1)]
    parts = (name for name in found if name.startswith(f"{whole[0]}__"))
    return next((found[name].where for name in (*whole, *parts) if name in found), None)
