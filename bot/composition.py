"""The parts as the configuration wants them: schools, store, calendars, platforms and their menus."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import make_url

from bot import closures, words
from bot.calendar_file import Unreadable
from bot.calendar_source import web_address
from bot.config import School as SchoolSettings
from bot.config import Settings
from bot.model import School
from bot.ports import Chat
from bot.schooldays import local_day
from storage.engine import NotOurs, backup_before_upgrade, damage, open_engine, upgrade
from storage.store import Store

if TYPE_CHECKING:
    from bot.calendar import Calendar

COMMANDS = ("today", "status", "why", "who", "pause", "resume", "settings", "stop", "help")
log = logging.getLogger(__name__)


class LaneName(NamedTuple):
    """Which bot of which platform; one that stands alone has no name."""

    platform: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.platform} {self.name}".strip()


class Platform(Chat, Protocol):
    """A Chat as the program starts it: connected once, then listened to until the end.

    `alone`: the platform tells what arrives to one process only, so the one that holds the lane listens.
    """

    lane: int
    alone: bool

    async def connect(self) -> str: ...

    async def close(self) -> None: ...


def plain(secret: Any) -> str:
    return secret.get_secret_value() if secret is not None else ""


def school(settings: SchoolSettings) -> School:
    """The school of the core from its table in the configuration."""
    return School(
        id=settings.id,
        name=settings.name,
        zone=ZoneInfo(settings.timezone),
        language=settings.language,
        weekdays=settings.weekdays,
        teacher_card=settings.teacher_card,
        teacher_nudge=settings.teacher_nudge,
        home_card=settings.home_card,
        home_nudge=settings.home_nudge,
        day_closes=settings.day_closes,
    )


def read_calendar(path: str, zone: ZoneInfo, today: date) -> "Calendar":
    """A school's own calendar from last year to the year after next. Raises `Unreadable` with a sentence."""
    from adapters.web.fetch import download
    from bot.calendar import read  # its libraries take a third of a second to import
    from bot.calendar_source import fetch

    raw = asyncio.run(fetch(path, Path(), download))  # always on a thread of its own, or before the loop runs
    return read(raw, zone, date(today.year - 1, 1, 1), date(today.year + 2, 12, 31))


def damage_of(settings: Settings) -> str:
    """What is wrong with the embedded database's file, and what to do; "" if it is whole, not there, or a server."""
    url = make_url(settings.database.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return ""
    return damage(Path(url.database))


def refuse_damage(settings: Settings) -> None:
    """Raises NotOurs before anything is written into a damaged file."""
    if found := damage_of(settings):
        raise NotOurs(f"{found}.")


def open_store(settings: Settings) -> Store:
    """The store of the configured database, its schema up to date."""
    engine = open_engine(settings.database.url)
    if backup := backup_before_upgrade(engine):
        log.info("the database is brought up to date; a copy of it as it was lies in %s", backup)
    upgrade(engine)
    return Store(engine, [school(one) for one in settings.schools])


def first_calendars(settings: Settings, store: Store, now: datetime) -> None:
    """Takes a school's first calendar before the program starts. Raises `Unreadable` if there is no good copy yet."""
    for one in [one for one in settings.schools if one.calendar]:
        if not store.turn(one.id, now, lambda turn: turn.calendar("file")):
            zone = ZoneInfo(one.timezone)
            try:
                read = read_calendar(one.calendar, zone, local_day(now, zone))
            except Unreadable:
                if web_address(one.calendar):  # its host may be away: the hourly look tries again and tells
                    continue
                raise
            store.turn(one.id, now, partial(taking, read))


def platforms(settings: Settings) -> dict[LaneName, Platform]:
    """The configured chats, not connected yet. A school without Telegram never loads it."""
    found: dict[LaneName, Platform] = {}
    if settings.slack is not None and not settings.slack.client_id:
        from adapters.slack.chat import SlackChat

        slack = settings.slack
        found[LaneName("slack")] = SlackChat(
            bot_token=plain(slack.bot_token),
            app_token=plain(slack.app_token),
            signing_secret=plain(slack.signing_secret),
            mode=slack.mode,
            api_base_url=slack.api_base_url,
            slash_reply=words.say(settings.schools[0].language, "slash-reply"),
        )
    return found | {LaneName("telegram", name): telegram_bot(settings, name) for name in telegram_bots(settings)}


def telegram_bots(settings: Settings) -> list[str]:
    """The names of the Telegram bots that have a token; "" is the one of schools that name none."""
    telegram = settings.telegram
    if telegram is None:
        return []
    return [*([""] if telegram.token else []), *(name for name, bot in telegram.bots.items() if bot.token)]


def telegram_bot(settings: Settings, name: str) -> Platform:
    from adapters.telegram.chat import TelegramChat

    telegram = settings.telegram
    assert telegram is not None, "only a configured bot is asked for"
    served = (one for one in settings.schools if one.telegram == name)
    path = f"/telegram/webhook/{name}" if name else "/telegram/webhook"
    return TelegramChat(
        token=plain(telegram.bots[name].token if name else telegram.token),
        api_base_url=telegram.api_base_url,
        mode=telegram.mode,
        webhook_secret=plain(telegram.webhook_secret),
        webhook_url=f"{settings.web.public_url}{path}" if telegram.mode == "webhook" else "",
        commands=menus(next(served, settings.schools[0]).language),
    )


def menus(language: str) -> Mapping[str, list[tuple[str, str]]]:
    """The command menu in each language, and in the school's for everybody else."""
    each = {code: [(word, words.say(code, f"command-{word}")) for word in COMMANDS] for code in words.LANGUAGES}
    return {"": each[language], **each}


def taking(read: "Calendar", turn: Any) -> str:
    return closures.take(turn, read)
