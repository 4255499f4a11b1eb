"""One life of the program, from its start to its end or death: the real desk, hands and store, and its clock's beats.

What is not the program's own here: the beats come when something can be due for them (a date rolls, a day closes,
somebody changed the calendar, a line stands again) and not every 20 s, and the hands' loop rests while nothing is due.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.desk import Desk
from bot.hands import Hands, LaneHand
from bot.lanes import LIMITS, Pace
from bot.ports import StoreAway
from storage.store import Store
from tests.simulate.loop import VirtualClock
from tests.simulate.town import Town
from tests.simulate.wires import Crash, Post, Wire

ME = "simulation"  # on PostgreSQL a new life holds the lanes of the one before at once
SECRET = "a secret of the simulation"
SOON = timedelta(seconds=20)  # the program's heartbeat
KEEPS = time(3, 0)
SHORT = 0.25  # seconds between two looks at whether the hands have come to rest
log = logging.getLogger(__name__)


class Life:
    def __init__(self, store: Store, clock: VirtualClock, town: Town, posts: Mapping[str, Post]) -> None:
        self.store = store
        self.clock = clock
        self.town = town
        self.away = False  # the database
        self.dead = asyncio.Event()
        self.stirred = asyncio.Event()
        lanes = {name: store.lane(name) for name in posts}
        self.wires = {name: Wire(post, lanes[name].id) for name, post in posts.items()}
        hands = [LaneHand(lanes[name], wire, Pace(LIMITS[name])) for name, wire in self.wires.items()]
        self.hands = Hands(store, clock, self.blocking, hands, ME)
        self.desk = Desk(store, clock, self.blocking, SECRET, self.heard)
        self.beat_at: datetime | None = None
        self.tasks: list[asyncio.Task[None]] = []

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        """The store inline: nothing else runs meanwhile, so a seed plays the same way every time."""
        if self.dead.is_set():
            raise Crash
        if self.away:
            raise StoreAway("the database is away")
        return call(*args)

    def heard(self) -> None:
        self.hands.heard()
        self.stirred.set()

    def start(self) -> None:
        self.store.look_again(self.clock.now())
        self.beat_soon()
        self.tasks = [asyncio.create_task(wire.listen(self.desk)) for wire in self.wires.values()]
        self.tasks.append(asyncio.create_task(self._work()))

    def beat_soon(self) -> None:
        self.beat_at = self.clock.now() + SOON
        self.stirred.set()

    async def end(self) -> None:
        """The process is gone: nothing of it is noted, and what was on the wire arrives or does not."""
        self.dead.set()
        for wire in self.wires.values():
            wire.cut = True
        calls = [task for wire in self.wires.values() for task in wire.calls]
        for task in (*self.tasks, *calls):
            task.cancel()
        await asyncio.gather(*self.tasks, *calls, return_exceptions=True)

    # --- the loop that the program's `_forever` and APScheduler are in production ---

    async def _work(self) -> None:
        while True:
            try:
                await self._beat()
                await self._hands_until_rest()
            except StoreAway:
                await asyncio.sleep(1.0)
                continue
            await self._until_due()

    async def _hands_until_rest(self) -> None:
        running = asyncio.create_task(self.hands.run())
        try:
            while not (await asyncio.wait([running], timeout=SHORT))[0] and not self._rests():
                continue
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def _rests(self) -> bool:
        """Nothing to note, to book, to send, or to wait for; and no alarm within the next moments."""
        hands, soon = self.hands, self.clock.now() + timedelta(seconds=2 * SHORT)
        waits = hands.notes or hands.wanted or hands.under_way or hands.held
        paced = any(lane.pace.free_at() > self.clock.machine() for lane in hands.lanes.values())
        return not (waits or paced or (hands.next_alarm is not None and hands.next_alarm <= soon))

    async def _until_due(self) -> None:
        moments = [self._next_school_moment(), *(m for m in (self.hands.next_alarm, self.beat_at) if m is not None)]
        wait = self.clock.seconds_until(min(moments))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stirred.wait(), max(0.001, wait))
        self.stirred.clear()

    def _next_school_moment(self) -> datetime:
        """When the local date has rolled, a day closes, or housekeeping is due."""
        now = self.clock.now()
        today = self.town.local(now).date()
        walls = (time(0), KEEPS, self.town.school.day_closes)
        days = [today + timedelta(days=n) for n in (0, 1)]
        return min(m for day in days for wall in walls if (m := self.town.instant(day, wall) + SOON) > now)

    # --- beats ---

    _beaten: tuple[date, bool] = (date.min, False)

    async def _beat(self) -> None:
        """As the program's `beat`, and once a night its `keep`."""
        now = self.clock.now()
        local = self.town.local(now)
        stage = (local.date(), now > self.town.instant(local.date(), self.town.school.day_closes) + SOON / 2)
        if stage == self._beaten and (self.beat_at is None or now < self.beat_at):
            return
        for wire in self.wires.values():
            await wire.tell_heard(self.desk)
        await self.blocking(self.store.open_days, now)
        await self.blocking(self.store.close_days, now)
        if stage[0] != self._beaten[0]:
            await self.blocking(self.store.forget, now)
        self._beaten, self.beat_at = stage, None
        self.hands.knock()
