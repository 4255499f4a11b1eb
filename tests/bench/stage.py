"""A school day up to the moment that is measured: the real store, hands and board, and screens that are nowhere."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from adapters.slack import render as slack
from adapters.telegram.render import render as telegram
from bot.clock import WoundClock
from bot.hands import Hands, LaneHand
from bot.lanes import UNLIMITED, Pace
from bot.model import Address, Message
from bot.ports import Ear, Note, Sent
from bot.program import settle_memory
from bot.schooldays import instant
from storage.store import Store
from tests.bench import town
from tests.bench.town import DAY, SCHOOL


def at(wall: str) -> datetime:
    return instant(DAY, time.fromisoformat(wall), SCHOOL.zone)


def _as_slack(message: Message) -> object:
    return slack.text(message), slack.blocks(message)


RENDER: dict[str, Callable[[Message], object]] = {"slack": _as_slack, "telegram": telegram, "nowhere": lambda _: None}
Settle = Callable[[Store, int, int, datetime, datetime], None]  # store, lane, people, when they joined, when it is due


class Nowhere:
    """A Chat whose transport is null: it renders as the platform's adapter does, and everything is sent at once."""

    def __init__(self, platform: str) -> None:
        self.render = RENDER[platform]
        self.shown: dict[str, tuple[str, Message]] = {}  # user → reference and message last sent

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        self.render(message)
        ref = f"{address.chat}:{len(self.shown) + 1}.0"
        self.shown[address.user] = ref, message
        return Sent(ref)

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        self.render(message)

    async def listen(self, ear: Ear) -> None:
        await asyncio.Event().wait()


class Stage:
    """One lane of one school in a fresh database, its hands as fast as they are; the clock is wound by hand."""

    def __init__(self, url: str, platform: str, families: int, settle: Settle | None = None) -> None:
        """`settle` puts so many people there instead of a school; each has a card that is due at half past five."""
        settle_memory()  # as a running program does
        self.families = families
        self.store = town.new_store(url)
        self.clock = WoundClock(at("12:00").astimezone(UTC))
        self.lane = self.store.lane(platform)
        self.chat = Nowhere(platform)
        self.threads = ThreadPoolExecutor(1 if url.startswith("sqlite") else 4, "store")
        pace = Pace(UNLIMITED, at_a_time=10 * families)
        self.hands = Hands(self.store, self.clock, self.blocking, [LaneHand(self.lane, self.chat, pace)])
        self.noted = 0  # sends whose note is committed
        self._news = asyncio.Event()
        if settle is None:
            town.settle(self.store, self.lane.id, families, self.clock.now())
        else:
            settle(self.store, self.lane.id, families, self.clock.now(), at("17:30").astimezone(UTC))

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        """As the program does: on the store's own thread."""
        answer = await asyncio.get_running_loop().run_in_executor(self.threads, partial(call, *args))
        if call == self.store.step:
            self.noted += sum(isinstance(note, Note) and note.sent is not None for note in args[1])
            self._news.set()
        return answer

    async def until_noted(self, sends: int) -> None:
        """Works as the program's hands do until so many sends are noted."""
        working = asyncio.create_task(self.hands.run())
        while self.noted < sends:
            self._news.clear()
            await self._news.wait()
        working.cancel()
        await asyncio.wait([working])

    async def afternoon(self) -> None:
        """The day is opened, teachers have their cards and have confirmed everything; home cards are not due yet."""
        self.store.open_days(self.clock.now())
        await self._wind("15:10")
        town.record(self.store, at("15:12"), town.written(self.families, at("15:12")))
        await self._wind("16:10")
        self.noted = 0

    async def _wind(self, wall: str) -> None:
        self.clock.at = at(wall)
        await self.hands.rest()

    def close(self) -> None:
        self.threads.shutdown()
        self.store.close()
