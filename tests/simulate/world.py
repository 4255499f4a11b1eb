"""Puts a simulation together: the school in its database, platforms, people, one life of the program after another."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine

from bot import points
from storage.engine import open_engine, upgrade
from storage.store import Store
from tests.simulate.answers import answer
from tests.simulate.diary import Press
from tests.simulate.faults import Faults
from tests.simulate.life import SOON, Life
from tests.simulate.loop import VirtualClock
from tests.simulate.people import Actor
from tests.simulate.screens import Platform
from tests.simulate.town import Member, Town
from tests.simulate.trace import Trace
from tests.simulate.wires import Crash, Post

PLATFORMS = ("slack", "telegram")
HEADER = "student,group,class,teacher,guardian,guardian_contact,guardian_language,daily"


class World:
    """Everything of one simulation. The database outlives the lives of the program, the screens outlive both."""

    def __init__(self, seed: str, town: Town, faults: Faults, url: str) -> None:
        self.seed = seed
        self.town = town
        self.faults = faults
        self.url = url
        self.trace = Trace()
        start = datetime.combine(town.first, time(0), town.school.zone).astimezone(UTC) - timedelta(hours=6)
        self.clock = VirtualClock(start)
        self.lot = random.Random(f"{seed}:world")
        self.platforms = {name: Platform(name, faults, self.clock.now, self.trace) for name in PLATFORMS}
        self.posts = {name: Post(platform, seed) for name, platform in self.platforms.items()}
        self.diary: list[Press] = []
        self.engine: Engine = open_engine(url)
        upgrade(self.engine)
        self.actors = [self._actor(member) for member in town.members]
        self.life: Life | None = None
        self.armed = ""
        self.deaths: list[tuple[datetime, datetime, str]] = []  # from, until, how
        self.rings: dict[tuple[str, date], set[str]] = {}  # user, Monday → cards that rang, for the checker
        self._seen: dict[str, int] = {}  # how often each point was passed

    def _actor(self, member: Member) -> Actor:
        lot = random.Random(f"{self.seed}:{member.user}")
        actor = Actor(member, self.town, lot, self.posts, self.clock.now, self.faults.double, self.diary, answer)
        for lane in member.lanes:
            actor.screens[lane] = self.platforms[lane].join(self.seed, member.user, actor.notice)
        return actor

    # --- the program's lives ---

    def begin(self, heard: Sequence[int] = (), until: datetime | None = None) -> None:
        """A new life. `heard`: the lanes of which the one before had noted, at its last beat, that all is heard."""
        store = Store(self.engine, [self.town.school])
        for lane in heard:
            store.heard(lane, until or self.clock.now())
        self.life = Life(store, self.clock, self.town, self.posts)
        self.life.start()

    async def restart(self, away: float, how: str) -> None:
        """The program is gone, and after so many seconds it is there again, with its database opened anew."""
        since, heard = self.clock.now(), self._heard()
        life, self.life = self.life, None
        if life is None:
            return
        await life.end()
        if ":memory:" not in self.url:
            self.engine.dispose()
            self.engine = open_engine(self.url)
        await asyncio.sleep(away)
        self.deaths.append((since, self.clock.now(), how))
        self.begin(heard, since - SOON)

    def passed(self, point: str) -> None:
        """The watcher of `bot.points`: at the armed point the program dies."""
        self._seen[point] = self._seen.get(point, 0) + 1
        if self.armed == point and self.life is not None:
            self.armed = ""
            self.life.dead.set()
            raise Crash(point)

    @contextmanager
    def watched(self) -> Iterator[None]:
        points.watchers.append(self.passed)
        asyncio.get_running_loop().set_exception_handler(_unheard)
        try:
            yield
        finally:
            points.watchers.remove(self.passed)

    async def die(self, patience: float, away: float) -> None:
        """Dies when the work next passes a point chosen by lot, or after `patience` seconds of not passing it."""
        life = self.life
        if life is None or self.armed:
            return  # it is dead or about to die already
        point = self.armed = self.lot.choice(sorted(self._seen) or ["step committed"])
        try:
            await asyncio.wait_for(life.dead.wait(), patience)
        except TimeoutError:
            point = "idle"
        self.armed = ""
        if self.life is life:
            await self.restart(away, point)

    def _heard(self) -> list[int]:
        """The lanes that now tell with each beat that all is heard."""
        wires = self.life.wires.values() if self.life is not None and not self.life.away else ()
        return [w.lane for w in wires if w.told and not w.platform.away and not w.post.queue]

    async def outage(self, what: str, seconds: float) -> None:
        """The program, the database, or one platform is away for so long."""
        if self.life is None:
            return
        if what == "program":
            return await self.restart(seconds, "outage")
        since = self.clock.now()
        for lane in self._heard():
            self.life.store.heard(lane, since)
        self._away(what, True)
        await asyncio.sleep(seconds)
        self._away(what, False)
        self.deaths.append((since, self.clock.now(), what))

    def _away(self, what: str, away: bool) -> None:
        if self.life is None:
            return
        if what == "database":
            self.life.away = away
        else:
            self.platforms[what].away = away
            self.life.wires[what].told = False
            self.posts[what].rung.set()
        if not away:
            self.life.beat_soon()

    @property
    def calm(self) -> bool:
        """Nothing goes wrong here."""
        return self.faults == Faults()

    async def end(self) -> None:
        if self.life is not None:
            await self.life.end()
        busy = [task for actor in self.actors for task in actor.busy]
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    def close(self) -> None:
        self.engine.dispose()


def _unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A dead program's tasks die with it unheard; everything else is told as always."""
    if not isinstance(context.get("exception"), Crash):
        loop.default_exception_handler(context)
