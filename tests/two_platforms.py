"""A small school on both platforms at once, in one process: the real adapters, the strict fakes, all clocks by hand.

Ana's guardians, Lucía and Tom, and Chloe's, Jean, are on the platform that is in trouble (`homes`). Ms Okafor, Mr Ruiz,
who coordinates, and Ben's guardian Ada are on the other one.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

from adapters.slack.chat import SlackChat
from adapters.telegram.chat import TelegramChat
from bot import claims
from bot.clock import WoundClock, machine_time
from bot.desk import Desk
from bot.hands import Hands, LaneHand
from bot.lanes import LIMITS, Pace
from bot.model import Address, Message
from bot.ports import Account, Chat, ChatFailure, Ear, Sent, Unclear
from bot.roster import read
from bot.schooldays import instant, local_day
from storage.office import find_person, invite, link
from storage.rosters import put
from storage.store import Store
from tests.days import LINCOLN, TUESDAY, new_store
from tests.fakes.screens import Screens, Shown
from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake
from tests.fakes.wire import Wire

ROSTER = """student,group,class,teacher,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Lucía Romero,L1,en,yes
Ana Romero,7B,Maths,Ms Okafor,Tom Romero,T1,en,yes
Ben Osei,7B,Maths,Ms Okafor,Ada Osei,A1,en,yes
Chloe Martin,7B,Maths,Ms Okafor,Jean Martin,J1,en,yes
"""
HOMES = {"lucia": "Lucía Romero", "tom": "Tom Romero", "jean": "Jean Martin"}
SCHOOL = {"okafor": "Ms Okafor", "ruiz": "Mr Ruiz", "ada": "Ada Osei"}
USERS = {
    "slack": {name: f"U{n}" for n, name in enumerate((*HOMES, *SCHOOL), 1)},
    "telegram": {name: f"500000000{n}" for n, name in enumerate((*HOMES, *SCHOOL), 1)},
}
TOKEN, SECRET = "123456:TEST-token", "a-signing-secret"
T = TypeVar("T")
PATIENCE = 10.0  # seconds of real time until something said must have been heard


@dataclass(slots=True)
class HandClock(WoundClock):
    """School time and machine time, both wound by hand: no machine is slow here."""

    seconds: float = field(default_factory=machine_time)

    def machine(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Ended:
    """One call of the hands and what it ended in; None is well."""

    what: str
    user: str
    failure: ChatFailure | None


class Overheard:
    """A chat as it is, with what every call ended in written down."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.ends: list[Ended] = []

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        return await self._noted("send", address.user, self.chat.send(address, message, key, again))

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        await self._noted("edit", address.user, self.chat.edit(address, ref, message))

    async def listen(self, ear: Ear) -> None:
        await self.chat.listen(ear)

    async def _noted(self, what: str, user: str, call: Awaitable[T]) -> T:
        try:
            done = await call
        except ChatFailure as failure:
            self.ends.append(Ended(what, user, failure))
            raise
        except asyncio.CancelledError:  # the hands waited as long as they do
            self.ends.append(Ended(what, user, Unclear("given up")))
            raise
        self.ends.append(Ended(what, user, None))
        return done


class TwoPlatforms:
    """People are named as in HOMES and SCHOOL; `homes` is the platform in trouble."""

    def __init__(self, store: Store, homes: str, slack: SlackFake, telegram: TelegramFake) -> None:
        self.store, self.homes = store, homes
        self.fakes: dict[str, SlackFake | TelegramFake] = {"slack": slack, "telegram": telegram}
        self.clock = HandClock(instant(TUESDAY, time(15, 9), LINCOLN.zone).astimezone(UTC))
        self.lanes: dict[str, LaneHand] = {}
        self.chats: dict[str, Overheard] = {}
        self.hands = Hands(store, self.clock, self.blocking, [])
        self.desk = Desk(store, self.clock, self.blocking, SECRET, self._woken)
        self._heard = asyncio.Event()
        slack.clock = lambda: self.clock.at.timestamp()

    def _woken(self) -> None:
        self._heard.set()
        self.hands.heard()

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        return call(*args)

    def opens(self, platform: str, chat: SlackChat | TelegramChat) -> None:
        lane = self.store.lane(platform)
        chat.lane = lane.id
        self.chats[platform] = Overheard(chat)
        self.lanes[platform] = LaneHand(lane, self.chats[platform], Pace(LIMITS[platform]))
        self.hands.lanes[lane.id] = self.lanes[platform]

    # --- people ---

    def where(self, name: str) -> str:
        """On which platform somebody is."""
        return self.homes if name in HOMES else next(one for one in USERS if one != self.homes)

    def user(self, name: str) -> str:
        return USERS[self.where(name)][name]

    def fake(self, name: str) -> Screens:
        return self.fakes[self.where(name)]

    def person(self, name: str) -> int:
        called = (HOMES | SCHOOL)[name]
        return int(self.store.turn(LINCOLN.id, self.clock.now(), lambda turn: find_person(turn, called)))

    def everybody_joins(self) -> None:
        self._turn(lambda turn: put(turn, read(ROSTER.encode()).rows))
        self._turn(lambda turn: invite(turn, SECRET, "coordinator", None, "Mr Ruiz", True))
        for name in (*HOMES, *SCHOOL):
            self._joins(name)

    def _joins(self, name: str) -> None:
        user, platform, who = self.user(name), self.where(name), self.person(name)
        fake = self.fakes[platform]
        fake.person(user, name=name)
        if isinstance(fake, TelegramFake):
            fake._person(user).started = True  # as whoever has joined there did
        chat = user if platform == "telegram" else ""
        account = Account(self.lanes[platform].lane.id, user, chat, name)
        self._turn(lambda turn: claims.welcome(turn, link(turn, who, account)))

    def _turn(self, do: Callable[[Any], Any]) -> None:
        self.store.turn(LINCOLN.id, self.clock.now(), do)

    # --- time ---

    async def settle(self) -> None:
        """One heartbeat, then the hands until nothing is left that may be done now."""
        now = self.clock.now()
        for hand in self.lanes.values():
            self.store.heard(hand.lane.id, now)
        self.store.open_days(now)
        self.store.close_days(now)
        async with asyncio.timeout(30):
            await self.hands.rest()

    async def at(self, wall: str) -> None:
        """Winds school time from alarm to alarm; a second of machine time goes by before each."""
        until = instant(TUESDAY, time.fromisoformat(wall), LINCOLN.zone).astimezone(UTC)
        await self.winds_to(until)

    async def next_day(self, wall: str) -> None:
        await self.winds_to(instant(TUESDAY + timedelta(days=1), time.fromisoformat(wall), LINCOLN.zone))

    async def winds_to(self, until: datetime) -> None:
        while (moment := self._next_moment()) <= until:
            self.clock.at = moment
            await self.passes(1.0)
        if self.clock.at < until:
            self.clock.at = until.astimezone(UTC)
            await self.passes(1.0)

    def _next_moment(self) -> datetime:
        now = self.clock.now()
        today = local_day(now, LINCOLN.zone)
        close = [instant(today, LINCOLN.day_closes, LINCOLN.zone) + timedelta(seconds=1)]
        days = [instant(today + timedelta(days=1), time(0), LINCOLN.zone)]
        alarm = [self.hands.next_alarm] if self.hands.next_alarm else []
        return min(moment for moment in (*close, *days, *alarm) if moment > now)

    async def passes(self, seconds: float) -> None:
        """So much machine time goes by; school time stands still."""
        self.clock.seconds += seconds
        await self.settle()

    # --- what people see and do ---

    def screen(self, name: str) -> list[Shown]:
        return self.fake(name).screen(self.user(name))

    def sees(self, name: str, part: str, button: str = "") -> Shown:
        """The newest message with these words and that button."""
        fits = [one for one in self.screen(name) if part in one.text and (not button or button in one.labels())]
        assert fits, f"{name} does not see {part!r} {button}\n{self.fake(name).describe()}"
        return fits[-1]

    def told(self, name: str, part: str) -> int:
        """How many messages with these words stand on that screen."""
        return sum(part in one.text for one in self.screen(name))

    def ends(self, name: str, what: str) -> list[ChatFailure | None]:
        """What the calls of that kind about somebody have ended in so far."""
        chat = self.chats[self.where(name)]
        return [one.failure for one in chat.ends if (one.what, one.user) == (what, self.user(name))]

    async def taps(self, name: str, label: str, shown: Shown | None = None) -> None:
        fake = self.fakes[self.where(name)]
        await self._hears(fake.tap(self.user(name), label, shown))

    async def says(self, name: str, text: str) -> None:
        fake = self.fakes[self.where(name)]
        await self._hears(fake.say(self.user(name), text))

    async def starts(self, name: str) -> None:
        """Unblocks the bot and presses Start, or writes where there is no such button."""
        fake = self.fakes[self.where(name)]
        await self._hears(fake.start(self.user(name)) if isinstance(fake, TelegramFake) else self._word(name))

    async def _word(self, name: str) -> None:
        await self.fakes["slack"].say(self.user(name), "start")

    async def hears(self, does: Callable[[], object]) -> None:
        """The same for what the platform tells of by itself."""

        async def doing() -> None:
            does()

        await self._hears(doing())

    async def _hears(self, doing: Awaitable[object]) -> None:
        """What somebody does, until it is stored and everything that follows is shown."""
        self._heard.clear()
        await doing
        await asyncio.wait_for(self._heard.wait(), PATIENCE)
        await self.settle()


@asynccontextmanager
async def two_platforms(database: str, homes: str) -> AsyncIterator[tuple[TwoPlatforms, Wire]]:
    """The school at 15:09, and the line to the homes' platform."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackFake(signing_secret=SECRET))
        telegram = await stack.enter_async_context(TelegramFake(TOKEN))
        line = await stack.enter_async_context(Wire((slack if homes == "slack" else telegram).api_base_url))
        store = new_store(database)
        stack.callback(store.close)
        town = TwoPlatforms(store, homes, slack, telegram)
        on_slack = SlackChat(
            bot_token="xoxb-test",
            app_token="xapp-test",
            signing_secret=SECRET,
            mode="http",
            api_base_url=line.through(slack.api_base_url),
        )
        on_telegram = TelegramChat(token=TOKEN, api_base_url=line.through(telegram.api_base_url), mode="polling")
        for platform, chat in (("slack", on_slack), ("telegram", on_telegram)):
            stack.push_async_callback(chat.close)
            await chat.connect()
            town.opens(platform, chat)
        town.everybody_joins()
        await stack.enter_async_context(_served(on_slack, slack))
        for chat in (on_slack, on_telegram):
            await stack.enter_async_context(_listening(chat, town.desk))
        await town.settle()
        yield town, line
        assert not slack.complaints + telegram.complaints


@asynccontextmanager
async def _served(chat: SlackChat, slack: SlackFake) -> AsyncIterator[None]:
    place = socket.create_server(("127.0.0.1", 0))
    web = uvicorn.Server(
        uvicorn.Config(Starlette(routes=chat.routes), log_level="warning", access_log=False, lifespan="off")
    )
    task = asyncio.create_task(web.serve(sockets=[place]))
    slack.events_url = f"http://127.0.0.1:{place.getsockname()[1]}/slack/events"
    try:
        yield
    finally:
        web.should_exit = True
        await task


@asynccontextmanager
async def _listening(chat: SlackChat | TelegramChat, ear: Ear) -> AsyncIterator[None]:
    task = asyncio.create_task(chat.listen(ear))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ChatFailure):
            await task
