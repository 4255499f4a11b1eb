"""`twoticks demo`: the try-it page (F51). Real core, real cards; three panes, a clock to wind, three days to play."""

import asyncio
import contextlib
import logging
import signal
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.web.app import application
from adapters.web.chat import Bubble
from adapters.web.tryit import drawn, tryit_routes
from bot import words
from bot.cast import DIAZ, FAMILIES, FIRST, ROSTER, TEACHERS, USERS, Played, history
from bot.model import School
from bot.playhouse import Playhouse
from bot.schooldays import instant, local_day, next_school_day
from bot.server import Server, listen
from storage.days import close_day
from storage.engine import open_engine, upgrade
from storage.office import set_language
from storage.store import Store

SCHOOL = School("lincoln", "Lincoln Middle School", ZoneInfo("America/New_York"))
START = time(15, 9)
DAYS = {"well": (date(2026, 9, 15), True), "teacher": (date(2026, 9, 16), False), "parent": (date(2026, 9, 17), True)}
PANES = (("okafor", "slack", "en"), ("lucia", "telegram", "es"), ("tom", "telegram", "en"))
NAMES = {"en": "English", "es": "Español"}
PORTS_TRIED = 50


class TryIt:
    """What plays behind the page. Winding goes from alarm to alarm; those without a pane are played."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.day = "well"
        self.diaz = True
        self.playing = False
        self.toasts: dict[str, str] = {}
        self.languages = {user: language for user, _, language in PANES}
        self.house: Playhouse
        self._version = 0
        self._plays = 0
        self._change = asyncio.Event()
        self._turn = asyncio.Lock()

    # --- days ---

    async def play(self, day: str) -> None:
        """A fresh school in the afternoon of that day, with what went before already said."""
        async with self._turn:
            if self._plays:
                await self.house.close()
                self.house.store.close()
            self.day, (today, self.diaz) = day, DAYS[day]
            self._plays += 1
            engine = open_engine(f"sqlite:///{self.folder / f'day{self._plays}.db'}")
            upgrade(engine)
            self.house = Playhouse(Store(engine, [SCHOOL]), SCHOOL, instant(today, START, SCHOOL.zone))
            self.house.enrol(ROSTER, USERS)
            self._before(today)
            for user, language in self.languages.items():
                self._set_language(user, language)
            await self.house.open()
            self.toasts = {}
            self._changed()

    def _before(self, today: date) -> None:
        """Writes down what was said on the days before, and closes them."""

        people = [self._person(user) for user in USERS.values()]

        def write(turn: Any) -> None:
            turn.record(history(turn.bundle([], people), SCHOOL, today))
            day = FIRST
            while day < today:
                close_day(turn, day, told=True)
                day = next_school_day(SCHOOL, day)

        self.house.store.turn(SCHOOL.id, self.house.clock.now(), write)

    def _person(self, user: str) -> int:
        return self.house.person(next(name for name, one in USERS.items() if one == user))

    # --- what one does on the page ---

    async def tap(self, user: str, ref: str, data: str) -> None:
        async with self._turn:
            answer = await self.house.press(user, ref, data)
            self.toasts[user] = answer.toast
            self._changed()

    async def say(self, user: str, text: str) -> None:
        async with self._turn:
            await self.house.say(user, text)
            self._changed()

    async def set_diaz(self, answers: bool) -> None:
        self.diaz = answers
        self._changed()

    async def speak(self, user: str, language: str) -> None:
        if user not in self.languages or language not in words.LANGUAGES:
            return
        async with self._turn:
            self.languages[user] = language
            self._set_language(user, language)
            await self.house.settle()
            self._changed()

    def _set_language(self, user: str, language: str) -> None:
        person = self._person(user)
        now = self.house.clock.now()
        self.house.store.turn(SCHOOL.id, now, lambda turn: set_language(turn, person, language))

    # --- winding ---

    async def wind(self, how: str) -> None:
        async with self._turn:
            self.playing = True
            self._changed()
            try:
                await self._wind(how)
            finally:
                self.playing = False
                self._changed()

    async def _wind(self, how: str) -> None:
        """`next`: until something changes on one of the three screens; at the latest the next afternoon."""
        now = self.house.clock.now()
        tomorrow = instant(next_school_day(SCHOOL, local_day(now, SCHOOL.zone)), START, SCHOOL.zone)
        until = now + timedelta(hours=1) if how == "hour" else tomorrow
        seen = self._seen()
        while (moment := self.house.next_moment([*self._due().values()])) <= until:
            self.house.clock.at = moment
            await self.house.settle()
            await self._played()
            self._changed()
            await asyncio.sleep(0)
            if how == "next" and self._seen() != seen:
                return
        self.house.clock.at = until
        await self.house.settle()

    def _seen(self) -> list[list[Any]]:
        """What a person would look up at: anything new for the parents, a new card or other buttons for the teacher."""
        parents = [self.house.chat.bubbles(user) for user, platform, _ in PANES if platform == "telegram"]
        teachers = [self.house.chat.bubbles(user) for user, platform, _ in PANES if platform == "slack"]
        return [*parents, *([(b.ref, [len(row) for row in b.message.rows]) for b in own] for own in teachers)]

    def _due(self) -> dict[tuple[str, str], datetime]:
        """(user, message) → when that played person will tap; only what still has its first button."""
        cast = (*TEACHERS, *FAMILIES, *((DIAZ,) if self.diaz else ()))
        now = self.house.clock.now()
        return {
            (one.user, bubble.ref): max(bubble.at + one.after, now + timedelta(minutes=1))
            for one in cast
            for bubble in self._open(one)
            if bubble.at is not None
        }

    def _open(self, one: Played) -> list[Bubble]:
        return [bubble for bubble in self.house.chat.bubbles(one.user) if bubble.message.rows and _first(bubble)]

    async def _played(self) -> None:
        now = self.house.clock.now()
        cast = (*TEACHERS, *FAMILIES, *((DIAZ,) if self.diaz else ()))
        for one in cast:
            for bubble in self._open(one):
                if bubble.at is not None and bubble.at + one.after <= now:
                    await self.house.press(one.user, bubble.ref, bubble.message.rows[0][0].value)

    # --- the picture ---

    @property
    def version(self) -> int:
        return self._version

    def _changed(self) -> None:
        self._version += 1
        self._change.set()
        self._change = asyncio.Event()

    async def changed(self, since: int) -> None:
        while self._version <= since:
            await self._change.wait()

    def picture(self) -> Mapping[str, Any]:
        local = self.house.clock.now().astimezone(SCHOOL.zone)
        return {
            "version": self._version,
            "clock": {"time": words.clock("en", local), "date": words.long_date("en", local.date())},
            "playing": self.playing,
            "day": self.day,
            "diaz": self.diaz,
            "panes": [self._pane(user, platform) for user, platform, _ in PANES],
            "labels": labels("en"),
        }

    def _pane(self, user: str, platform: str) -> dict[str, Any]:
        language = self.languages[user]
        return {
            "user": user,
            "name": next(name for name, one in USERS.items() if one == user),
            "role": words.say(language, f"page-role-{user}"),
            "platform": platform,
            "language": language,
            "languages": list(NAMES.items()),
            "messages": [drawn(bubble, self._time(bubble, language)) for bubble in self.house.chat.bubbles(user)],
            "toast": self.toasts.get(user, ""),
            "labels": labels(language),
        }

    def _time(self, bubble: Bubble, language: str) -> str:
        return words.clock(language, bubble.at.astimezone(SCHOOL.zone)) if bubble.at else ""


def _first(bubble: Bubble) -> bool:
    """Whether the first button is one that answers everything."""
    value = bubble.message.rows[0][0].value.split(".", 2)[-1]
    return value == "w" or value.startswith("d:")


def labels(language: str) -> dict[str, str]:
    keys = (
        "title subtitle clock next hour day days days-well days-teacher days-parent diaz language app bot "
        "type-here send silent rang edited empty restart-hint"
    )
    return {"lang": language} | {key.replace("-", "_"): words.say(language, f"page-{key}") for key in keys.split()}


# --- the command -----------------------------------------------------------------------------------------------------


def play(port: int, browser: bool) -> int:
    """Serves the page on that port of this machine, or on the next free one, until it is interrupted."""
    logging.basicConfig(level=logging.CRITICAL)
    place = _free(port)
    address = f"http://127.0.0.1:{place.getsockname()[1]}/"
    with tempfile.TemporaryDirectory(prefix="twoticks-") as folder, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Path(folder), place, address, browser))
    return 0


def _free(port: int) -> socket.socket:
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        with contextlib.suppress(OSError):
            return listen("127.0.0.1", candidate)
    return listen("127.0.0.1", 0)


async def _serve(folder: Path, place: socket.socket, address: str, browser: bool) -> None:
    stage = TryIt(folder)
    await stage.play("well")
    server = Server(application(ready=dict, routes=tryit_routes(stage)))
    serving = asyncio.create_task(server.serve([place]))
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, server.handle_exit, sign, None)
    print(words.say("en", "page-open-at", address=address), flush=True)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    await serving
    await stage.house.close()
    stage.house.store.close()
