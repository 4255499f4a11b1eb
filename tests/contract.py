"""The five Chats as the contract meets them: the real adapter, the strict fake behind it, and two people there."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from adapters.slack.chat import SlackChat
from adapters.telegram.chat import TelegramChat
from adapters.web.chat import WebChat
from adapters.web.tryit import drawn, tryit_routes
from bot.model import Address, Message
from bot.ports import Account, Answer, Arrival, Chat, Ear
from tests.fakes.screens import Screens, Shown
from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake

LANE = 7
SIGNING_SECRET = "a-signing-secret"
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


class Place(Protocol):
    """A platform with one bot and two people, Ana and Ben."""

    chat: Chat
    ana: str
    ben: str

    async def hearing(self, ear: Recorder) -> None:
        """Waits until what people do now reaches the ear."""
        ...

    async def screen(self, user: str) -> list[Seen]:
        """What the bot's messages on that person's screen look like now, oldest first."""
        ...

    async def sees(self, user: str, text: str) -> None:
        """Waits until that text stands on that person's screen."""
        ...

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        """Presses a button; whether the platform was told that it arrived, which is waited for."""
        ...

    async def say(self, user: str, text: str) -> bool:
        """Writes to the bot; whether the platform was told, as with `tap`."""
        ...

    async def say_in_group(self, user: str, text: str) -> None: ...

    async def again(self) -> None:
        """The platform brings the last tap, or the last words, once more."""
        ...

    async def garble(self, text: str) -> None:
        """The platform brings an update that holds this text and cannot be read."""
        ...

    async def vanish(self, user: str, seen: Seen) -> None: ...

    def block(self, user: str) -> None: ...

    def deactivate(self, user: str) -> None: ...

    def revoke(self) -> None:
        """The bot's token is no longer valid."""
        ...

    def goes_wrong(self, verb: str, **how: Any) -> None:
        """The next "send" or "edit" goes wrong as a `Fault` tells."""
        ...

    def refusals(self) -> int:
        """How many deliveries the fake complained of as not acknowledged; they are forgiven by asking."""
        ...

    def complaints(self) -> list[str]: ...


@asynccontextmanager
async def listening(place: Place, ear: Recorder) -> AsyncIterator[None]:
    """The adapter hears; at the end it is cancelled and must end by that alone."""
    task = asyncio.create_task(place.chat.listen(_as_ear(ear)))
    try:
        await place.hearing(ear)
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
    assert task.cancelled(), f"listening did not end by being cancelled: {task}"


def _as_ear(ear: Ear) -> Ear:
    return ear


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


class SlackPlace:
    """A workspace, in Socket Mode or over HTTP."""

    ana, ben = "U1", "U2"
    methods = {"send": "chat.postMessage", "edit": "chat.update"}

    def __init__(self, fake: SlackFake, chat: SlackChat) -> None:
        self.fake, self.chat = fake, chat
        self._again: Callable[[], Any] | None = None

    async def hearing(self, ear: Recorder) -> None:
        await ear.until(lambda: bool(ear.reports), "that Slack is heard")
        if not self.fake.events_url:
            await self.fake.connected()

    async def screen(self, user: str) -> list[Seen]:
        return [_slack_seen(shown) for shown in self.fake.screen(user)]

    async def sees(self, user: str, text: str) -> None:
        await self.fake.sees(user, text)

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        shown = self._shown(user, seen)
        press = partial(self.fake.press, user, shown, shown.button(label), action_ts=f"{time.time():.6f}")
        self._again = press
        return (await press()).ok

    async def say(self, user: str, text: str) -> bool:
        ack = await self.fake.say(user, text)
        self._again = partial(self.fake.event, self.fake.deliveries[-1], retry_num=1)
        return ack.ok

    async def say_in_group(self, user: str, text: str) -> None:
        about = {"type": "message", "user": user, "channel": "C1", "channel_type": "channel", "team": "T1"}
        assert (await self.fake.event(about | {"ts": f"{time.time():.6f}", "text": text})).ok

    async def again(self) -> None:
        assert self._again and (await self._again()).ok

    async def garble(self, text: str) -> None:
        assert (await self.fake.event({"type": "message", "user": 5, "channel_type": "im", "text": text})).ok

    async def vanish(self, user: str, seen: Seen) -> None:
        self.fake.delete(self._shown(user, seen))

    def block(self, user: str) -> None:
        raise NotImplementedError

    def deactivate(self, user: str) -> None:
        self.fake.deactivate(user)

    def revoke(self) -> None:
        self.fake.revoke()

    def goes_wrong(self, verb: str, **how: Any) -> None:
        self.fake.fail(self.methods[verb], **how)

    def refusals(self) -> int:
        kept = [complaint for complaint in self.fake.complaints if not complaint.startswith("not acknowledged")]
        count = len(self.fake.complaints) - len(kept)
        self.fake.complaints[:] = kept
        return count

    def complaints(self) -> list[str]:
        return self.fake.complaints

    def _shown(self, user: str, seen: Seen) -> Shown:
        return next(shown for shown in self.fake.screen(user) if _slack_seen(shown).ref == seen.ref)


def _slack_seen(shown: Shown) -> Seen:
    blocks: Any = shown.raw["blocks"]
    parts = [p for b in blocks if b["type"] == "rich_text" for section in b["elements"] for p in section["elements"]]
    bold = tuple(part["text"] for part in parts if part.get("style", {}).get("bold"))
    return _seen(shown, f"{shown.raw['channel']}:{shown.ref}", bold)


def _seen(shown: Shown, ref: str, bold: tuple[str, ...]) -> Seen:
    rows = tuple(tuple((button.label, button.data) for button in row) for row in shown.buttons)
    return Seen(ref, shown.text, bold, rows, shown.rang)


@asynccontextmanager
async def slack(mode: str) -> AsyncIterator[Place]:
    async with SlackFake("T1", signing_secret=SIGNING_SECRET) as fake:
        fake.ack_seconds = 1.0
        for user, name in ((SlackPlace.ana, "Ana"), (SlackPlace.ben, "Ben")):
            fake.person(user, name=name)
        secret = SIGNING_SECRET if mode == "http" else ""
        chat = SlackChat(
            bot_token="xoxb-test",
            app_token="xapp-test",
            signing_secret=secret,
            mode=mode,
            api_base_url=fake.api_base_url,
        )
        await chat.connect()
        chat.lane = LANE
        async with serving(chat.routes) as front:
            fake.events_url = f"{front}/slack/events" if mode == "http" else None
            yield SlackPlace(fake, chat)
        await chat.close()


# --- Telegram ---------------------------------------------------------------------------------------------------------


class TelegramPlace:
    """A bot that polls, or is called by webhook."""

    ana, ben = "5000000001", "5000000002"
    methods = {"send": "sendMessage", "edit": "editMessageText"}

    def __init__(self, fake: TelegramFake, chat: TelegramChat) -> None:
        self.fake, self.chat = fake, chat

    async def hearing(self, ear: Recorder) -> None:
        await ear.until(lambda: bool(ear.reports), "that Telegram is heard")

    async def screen(self, user: str) -> list[Seen]:
        return [_seen(shown, shown.ref, _telegram_bold(shown)) for shown in self.fake.screen(user)]

    async def sees(self, user: str, text: str) -> None:
        await self.fake.sees(user, text)

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        shown = self._shown(user, seen)
        tap = await self.fake.press(user, shown, shown.button(label))
        await tap.answered()
        return await self._taken()

    async def say(self, user: str, text: str) -> bool:
        await self.fake.say(user, text)
        return await self._taken()

    async def say_in_group(self, user: str, text: str) -> None:
        group = self.fake.add_to_group(user)
        await self.fake.say(user, text, group)
        await self._taken()

    async def again(self) -> None:
        self.fake.repeat(self.fake.updates.next_id - 1)
        await self._taken()

    async def garble(self, text: str) -> None:
        self.fake.update({"message": text})
        await self._taken()

    async def vanish(self, user: str, seen: Seen) -> None:
        self.fake.delete(self._shown(user, seen))

    def block(self, user: str) -> None:
        self.fake.block(user)

    def deactivate(self, user: str) -> None:
        self.fake.deactivate(user)

    def revoke(self) -> None:
        self.fake.token = "123456:a-new-token"

    def goes_wrong(self, verb: str, **how: Any) -> None:
        self.fake.fail(self.methods[verb], **how)

    def refusals(self) -> int:
        return 0  # Telegram brings it again without a word

    def complaints(self) -> list[str]:
        return self.fake.complaints + [f"{tap.data!r} was never answered" for tap in self.fake.taps if not tap.tried]

    async def _taken(self) -> bool:
        """Waits until a higher offset, or a 200, has confirmed everything."""
        await self.fake.until(lambda: not self.fake.updates.waiting, "that all updates are confirmed")
        return True

    def _shown(self, user: str, seen: Seen) -> Shown:
        return next(shown for shown in self.fake.screen(user) if shown.ref == seen.ref)


def _telegram_bold(shown: Shown) -> tuple[str, ...]:
    entities: Any = shown.raw.get("entities") or []
    units = shown.text.encode("utf-16-le")
    bold = [entity for entity in entities if entity["type"] == "bold"]
    return tuple(units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le") for e in bold)


@asynccontextmanager
async def telegram(mode: str) -> AsyncIterator[Place]:
    async with TelegramFake(TOKEN) as fake:
        for user, name in ((TelegramPlace.ana, "Ana"), (TelegramPlace.ben, "Ben")):
            fake.person(user, name=name)
            await fake.start(user)
        fake.jump_update_id()  # they joined a week ago; that was heard
        hook = {"webhook_url": HOOK, "webhook_secret": HOOK_SECRET} if mode == "webhook" else {}
        chat = TelegramChat(token=TOKEN, api_base_url=fake.api_base_url, mode=mode, **hook)
        await chat.connect()
        chat.lane = LANE
        async with serving(chat.routes if mode == "webhook" else []) as fake.webhook_front:
            yield TelegramPlace(fake, chat)
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


class WebPlace:
    """The try-it page, read and pressed over HTTP as its script does."""

    ana, ben = "ana", "ben"

    def __init__(self, page: Page, browser: httpx.AsyncClient) -> None:
        self.chat = page.chat
        self._page, self._browser = page, browser

    async def hearing(self, ear: Recorder) -> None:
        await asyncio.sleep(0)  # the page's taps wait by themselves until somebody listens

    async def screen(self, user: str) -> list[Seen]:
        picture = (await self._browser.get("/state")).json()
        return [_web_seen(bubble) for bubble in picture["panes"][user] if not bubble["mine"]]

    async def sees(self, user: str, text: str) -> None:
        assert any(text in seen.text for seen in await self.screen(user))

    async def tap(self, user: str, seen: Seen, label: str) -> bool:
        said = {"user": user, "ref": seen.ref, "data": seen.data(label)}
        return (await self._browser.post("/tap", json=said)).is_success

    async def say(self, user: str, text: str) -> bool:
        return (await self._browser.post("/say", json={"user": user, "text": text})).is_success

    async def vanish(self, user: str, seen: Seen) -> None:
        """The program was started afresh; screens in memory are gone."""
        self.chat = self._page.chat = WebChat("afresh", LANE)

    def refusals(self) -> int:
        return 0  # the person has seen the 500

    def complaints(self) -> list[str]:
        return []

    async def say_in_group(self, user: str, text: str) -> None:
        raise NotImplementedError

    async def again(self) -> None:
        raise NotImplementedError

    async def garble(self, text: str) -> None:
        raise NotImplementedError

    def block(self, user: str) -> None:
        raise NotImplementedError

    def deactivate(self, user: str) -> None:
        raise NotImplementedError

    def revoke(self) -> None:
        raise NotImplementedError

    def goes_wrong(self, verb: str, **how: Any) -> None:
        raise NotImplementedError


def _web_seen(bubble: dict[str, Any]) -> Seen:
    text = "\n".join("".join(span["text"] for span in line) for line in bubble["lines"])
    bold = tuple(span["text"] for line in bubble["lines"] for span in line if span["style"] == "bold")
    rows = tuple(tuple((button["label"], button["data"]) for button in row) for row in bubble["rows"])
    return Seen(bubble["ref"], text, bold, rows, not bubble["silent"])


@asynccontextmanager
async def web() -> AsyncIterator[Place]:
    page = Page([WebPlace.ana, WebPlace.ben])
    async with (
        serving(tryit_routes(page)) as front,
        httpx.AsyncClient(base_url=front, headers={"X-Twoticks": "1"}) as browser,
    ):
        yield WebPlace(page, browser)


PLACES = {
    "slack-socket": partial(slack, "socket"),
    "slack-http": partial(slack, "http"),
    "telegram-polling": partial(telegram, "polling"),
    "telegram-webhook": partial(telegram, "webhook"),
    "web": web,
}
