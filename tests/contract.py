"""The five Chats as the contract meets them: the real adapter, the strict fake behind it, and two people there."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from adapters.slack.chat import SlackChat
from adapters.telegram.chat import TelegramChat
from adapters.web.chat import WebChat
from adapters.web.tryit import drawn, tryit_routes
from bot.model import Message
from bot.ports import Account, Answer, Arrival, Chat
from tests.fakes.screens import Screens, Shown
from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake

LANE = 7
TOKEN = "123456:TEST-token"
HOOK = "https://school.example/telegram/webhook"
HOOK_SECRET = "a-webhook-secret-of-more-than-32-characters"
PATIENCE = 10.0  # seconds of real time


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as it stands on a screen: its words, the bold ones among them, rows of (label, data)."""

    ref: str
    text: str
    bold: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    rang: bool

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return [button for row in self.rows for button in row]

    def data(self, label: str) -> str:
        return dict(self.buttons)[label]


class Recorder:
    """An ear that notes all it hears, answers as told, and can fail to store."""

    rate = 1.0

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.parked: list[tuple[int, str, str]] = []
        self.reports: list[tuple[int, datetime]] = []
        self.answer = Answer()
        self.broken = 0  # times that storing fails
        self.gate: asyncio.Event | None = None  # storing waits for it
        self.asked = 0  # times something was to be stored
        self._news = asyncio.Event()

    async def hear(self, arrival: Arrival) -> Answer:
        self.asked += 1
        self._news.set()
        if self.gate:
            await self.gate.wait()
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        self.arrivals.append(arrival)
        self._news.set()
        return self.answer

    async def park(self, lane: int, source: str, raw: str) -> None:
        self.parked.append((lane, source, raw))
        self._news.set()

    async def heard(self, lane: int, until: datetime) -> None:
        self.reports.append((lane, until))
        self._news.set()

    async def today(self, account: Account) -> list[Message]:
        return []

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Waits, without polling, for something that was told to the ear."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not reach the ear; it has {self.arrivals}, {self.parked}") from None


class Place:
    """A platform with one bot and two people, Ana and Ben. What a platform cannot do is not implemented there."""

    name = ana = ben = ""
    sends = edits = ""  # the platform's names for its two calls

    def __init__(self, chat: Chat, fake: Screens) -> None:
        self.chat, self.fake = chat, fake

    async def hearing(self, ear: Recorder) -> None:
        """Waits until what people do now reaches the ear."""
        await ear.until(lambda: bool(ear.reports), "that the platform is heard")

    async def screen(self, user: str) -> list[Seen]:
        """What the bot's messages on that person's screen look like now, oldest first."""
        return [self.seen(shown) for shown in self.fake.screen(user)]

    async def sees(self, user: str, text: str) -> None:
        """Waits until that text stands on that person's screen."""
        await self.fake.sees(user, text)

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        """Presses a button; whether the platform was told that it arrived, which is waited for."""
        raise NotImplementedError

    async def say(self, user: str, text: str) -> bool:
        """Writes to the bot; whether the platform was told, as with `tap`."""
        raise NotImplementedError

    async def say_in_group(self, user: str, text: str) -> None:
        raise NotImplementedError

    async def again(self) -> None:
        """The platform brings the last tap, or the last words, once more."""
        raise NotImplementedError

    async def garble(self, text: str) -> None:
        """The platform brings an update that holds this text and cannot be read."""
        raise NotImplementedError

    def vanish(self, user: str, seen: Seen) -> None:
        """The message is gone from the screen and from the platform."""
        raise NotImplementedError

    def block(self, user: str) -> None:
        raise NotImplementedError

    def deactivate(self, user: str) -> None:
        raise NotImplementedError

    def revoke(self) -> None:
        """The bot's token is no longer valid."""
        raise NotImplementedError

    def goes_wrong(self, **how: object) -> None:
        """The next send and the next edit go wrong as a `Fault` tells."""
        for method in (self.sends, self.edits):
            self.fake.fail(method, **how)

    def refusals(self) -> int:
        """How many deliveries the platform complained of as not acknowledged; asking forgives them."""
        kept = [complaint for complaint in self.fake.complaints if not complaint.startswith("not acknowledged")]
        count = len(self.fake.complaints) - len(kept)
        self.fake.complaints[:] = kept
        return count

    def complaints(self) -> list[str]:
        return self.fake.complaints

    def shown(self, user: str, seen: Seen) -> Shown:
        return next(shown for shown in self.fake.screen(user) if self.seen(shown).ref == seen.ref)

    def seen(self, shown: Shown) -> Seen:
        rows = tuple(tuple((button.label, button.data) for button in row) for row in shown.buttons)
        return Seen(self.ref(shown), shown.text, self.bold(shown), rows, shown.rang)

    def ref(self, shown: Shown) -> str:
        return shown.ref

    def bold(self, shown: Shown) -> tuple[str, ...]:
        raise NotImplementedError


@asynccontextmanager
async def listening(place: Place, ear: Recorder) -> AsyncIterator[None]:
    """The adapter hears; at the end it is cancelled and must end by that alone."""
    task = asyncio.create_task(place.chat.listen(ear))
    try:
        await place.hearing(ear)
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
    assert task.cancelled(), f"listening did not end by being cancelled: {task}"


@asynccontextmanager
async def serving(routes: Sequence[BaseRoute]) -> AsyncIterator[str]:
    """These routes on a real server on this machine; its address."""
    place = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=list(routes)), log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[place]))
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


# --- Slack ------------------------------------------------------------------------------------------------------------


class SlackPlace(Place):
    """A workspace, in Socket Mode or over HTTP."""

    name = "slack"
    ana, ben = "U1", "U2"
    sends, edits = "chat.postMessage", "chat.update"
    fake: SlackFake

    async def hearing(self, ear: Recorder) -> None:
        await super().hearing(ear)
        if not self.fake.events_url:
            await self.fake.connected()

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        shown = self.shown(user, seen)
        self._once_more = partial(self.fake.press, user, shown, shown.button(label), f"{time.time():.6f}")
        return (await self._once_more()).ok

    async def say(self, user: str, text: str) -> bool:
        ack = await self.fake.say(user, text)
        self._once_more = partial(self.fake.event, self.fake.deliveries[-1], retry_num=1)
        return ack.ok

    async def say_in_group(self, user: str, text: str) -> None:
        about = {"type": "message", "user": user, "channel": "C1", "channel_type": "channel", "team": "T1"}
        assert (await self.fake.event(about | {"ts": f"{time.time():.6f}", "text": text})).ok

    async def again(self) -> None:
        assert (await self._once_more()).ok

    async def garble(self, text: str) -> None:
        assert (await self.fake.event({"type": "message", "user": 5, "channel_type": "im", "text": text})).ok

    def vanish(self, user: str, seen: Seen) -> None:
        self.fake.delete(self.shown(user, seen))

    def deactivate(self, user: str) -> None:
        self.fake.deactivate(user)

    def revoke(self) -> None:
        self.fake.revoke()

    def ref(self, shown: Shown) -> str:
        return f"{shown.raw['channel']}:{shown.ref}"

    def bold(self, shown: Shown) -> tuple[str, ...]:
        blocks: Any = shown.raw["blocks"]
        sections = [section for block in blocks if block["type"] == "rich_text" for section in block["elements"]]
        parts = [part for section in sections for part in section["elements"]]
        return tuple(part["text"] for part in parts if part.get("style", {}).get("bold"))


@asynccontextmanager
async def slack(mode: str) -> AsyncIterator[Place]:
    async with SlackFake("T1") as fake:
        fake.ack_seconds = 1.0
        for user, name in ((SlackPlace.ana, "Ana"), (SlackPlace.ben, "Ben")):
            fake.person(user, name=name)
        chat = SlackChat(
            bot_token=fake.bot_token,
            app_token=fake.app_token,
            signing_secret=fake.signing_secret,
            mode=mode,
            api_base_url=fake.api_base_url,
        )
        await chat.connect()
        chat.lane = LANE
        async with serving(chat.routes) as front:
            fake.events_url = f"{front}/slack/events" if mode == "http" else None
            yield SlackPlace(chat, fake)
        await chat.close()


# --- Telegram ---------------------------------------------------------------------------------------------------------


class TelegramPlace(Place):
    """A bot that polls, or is called by webhook."""

    name = "telegram"
    ana, ben = "5000000001", "5000000002"
    sends, edits = "sendMessage", "editMessageText"
    fake: TelegramFake

    async def hearing(self, ear: Recorder) -> None:
        """A quiet poll reports nothing for half a minute, a webhook at once when it is set."""
        await self.fake.until(lambda: bool(self.fake.polling() or self.fake.webhook), "a poll or a webhook")

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        shown = self.shown(user, seen)
        tap = await self.fake.press(user, shown, shown.button(label))
        await tap.answered()
        return await self._taken()

    async def say(self, user: str, text: str) -> bool:
        await self.fake.say(user, text)
        return await self._taken()

    async def say_in_group(self, user: str, text: str) -> None:
        await self.fake.say(user, text, self.fake.add_to_group(user))
        await self._taken()

    async def again(self) -> None:
        self.fake.repeat(self.fake.updates.next_id - 1)
        await self._taken()

    async def garble(self, text: str) -> None:
        self.fake.update({"message": text})
        await self._taken()

    def vanish(self, user: str, seen: Seen) -> None:
        self.fake.delete(self.shown(user, seen))

    def block(self, user: str) -> None:
        self.fake.block(user)

    def deactivate(self, user: str) -> None:
        self.fake.deactivate(user)

    def revoke(self) -> None:
        self.fake.token = "123456:a-new-token"

    def complaints(self) -> list[str]:
        return self.fake.complaints + [f"{tap.data!r} was never answered" for tap in self.fake.taps if not tap.tried]

    def bold(self, shown: Shown) -> tuple[str, ...]:
        """The words that the entities mark, counted in UTF-16 units as Telegram does."""
        entities: Any = shown.raw.get("entities") or []
        units = shown.text.encode("utf-16-le")
        bold = [(2 * one["offset"], 2 * one["length"]) for one in entities if one["type"] == "bold"]
        return tuple(units[start : start + length].decode("utf-16-le") for start, length in bold)

    async def _taken(self) -> bool:
        """Waits until a higher offset, or a 200, has confirmed everything."""
        await self.fake.until(lambda: not self.fake.updates.waiting, "that all updates are confirmed")
        return True


@asynccontextmanager
async def telegram(mode: str) -> AsyncIterator[Place]:
    async with TelegramFake(TOKEN) as fake:
        for user, name in ((TelegramPlace.ana, "Ana"), (TelegramPlace.ben, "Ben")):
            fake.person(user, name=name)
            await fake.start(user)
        fake.jump_update_id()  # they joined a week ago; that was heard
        url, secret = (HOOK, HOOK_SECRET) if mode == "webhook" else ("", "")
        chat = TelegramChat(
            token=TOKEN, api_base_url=fake.api_base_url, mode=mode, webhook_url=url, webhook_secret=secret
        )
        await chat.connect()
        chat.lane = LANE
        async with serving(chat.routes if mode == "webhook" else []) as fake.webhook_front:
            yield TelegramPlace(chat, fake)
            await chat.close()


# --- the web ----------------------------------------------------------------------------------------------------------


class Page:
    """What plays behind the try-it page here: the screens and the ear, no clock and no cast."""

    def __init__(self, people: Sequence[str]) -> None:
        self.chat = WebChat("contract", LANE)
        self._people = people

    @property
    def version(self) -> int:
        return self.chat.version

    async def changed(self, since: int) -> None:
        await self.chat.changed(since)

    def picture(self) -> dict[str, Any]:
        panes = {user: [drawn(bubble, "") for bubble in self.chat.bubbles(user)] for user in self._people}
        return {"version": self.version, "panes": panes}

    async def tap(self, user: str, ref: str, data: str) -> None:
        await self.chat.tap(user, ref, data)

    async def say(self, user: str, text: str) -> None:
        await self.chat.say(user, text)

    async def wind(self, how: str) -> None: ...

    async def play(self, day: str) -> None: ...

    async def speak(self, user: str, language: str) -> None: ...

    async def set_diaz(self, answers: bool) -> None: ...


class WebPlace(Place):
    """The try-it page, read and pressed over HTTP as its script does."""

    name = "web"
    ana, ben = "ana", "ben"

    def __init__(self, page: Page, browser: httpx.AsyncClient) -> None:
        super().__init__(page.chat, Screens())
        self._page, self._browser = page, browser

    async def hearing(self, ear: Recorder) -> None:
        """At once: what people do waits by itself until somebody listens."""

    async def screen(self, user: str) -> list[Seen]:
        picture = (await self._browser.get("/state")).json()
        return [_bubble(bubble) for bubble in picture["panes"][user] if not bubble["mine"]]

    async def sees(self, user: str, text: str) -> None:
        assert any(text in seen.text for seen in await self.screen(user))

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        said = {"user": user, "ref": seen.ref, "data": seen.data(label)}
        return (await self._browser.post("/tap", json=said)).is_success

    async def say(self, user: str, text: str) -> bool:
        return (await self._browser.post("/say", json={"user": user, "text": text})).is_success

    def vanish(self, user: str, seen: Seen) -> None:
        """The program was started afresh, and its screens live in memory."""
        self.chat = self._page.chat = WebChat("afresh", LANE)


def _bubble(drawn: dict[str, Any]) -> Seen:
    text = "\n".join("".join(span["text"] for span in line) for line in drawn["lines"])
    bold = tuple(span["text"] for line in drawn["lines"] for span in line if span["style"] == "bold")
    rows = tuple(tuple((button["label"], button["data"]) for button in row) for row in drawn["rows"])
    return Seen(drawn["ref"], text, bold, rows, not drawn["silent"])


@asynccontextmanager
async def web() -> AsyncIterator[Place]:
    page = Page([WebPlace.ana, WebPlace.ben])
    async with (
        serving(tryit_routes(page)) as front,
        httpx.AsyncClient(base_url=front, headers={"X-Twoticks": "1"}) as browser,
    ):
        yield WebPlace(page, browser)


PLACES: dict[str, Callable[[], AbstractAsyncContextManager[Place]]] = {
    "slack-socket": partial(slack, "socket"),
    "slack-http": partial(slack, "http"),
    "telegram-polling": partial(telegram, "polling"),
    "telegram-webhook": partial(telegram, "webhook"),
    "web": web,
}
