"""What a day brings: deaths and outages of the program, people who block the bot, children who are away, snow."""

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial

from tests.simulate.people import Actor
from tests.simulate.world import PLATFORMS, World


class Fate:
    """One day's plan, drawn from the seed and the date alone."""

    def __init__(self, world: World, day: date) -> None:
        self.world = world
        self.day = day
        self.lot = random.Random(f"{world.seed}:{day}")

    async def come(self) -> None:
        """Everything that is planned, each at its time."""
        plan = sorted([*self._people(), *self._program()], key=lambda one: one[0])
        await asyncio.gather(*(self._comes(at, do) for at, do in plan))

    async def _comes(self, at: datetime, do: Callable[[], object]) -> None:
        await asyncio.sleep(max(0.0, self.world.clock.seconds_until(at)))
        done = do()
        if asyncio.iscoroutine(done):
            await done

    def _people(self) -> Iterator[tuple[datetime, Callable[[], object]]]:
        town = self.world.town
        for actor in self.world.actors:
            blocks, away, hour, hours = (self.lot.random() for _ in range(4))
            if blocks < self.world.faults.blocks and actor.who.role != "coordinator":
                lane = actor.who.lanes[0]
                yield self._at(6 + 15 * hour), partial(actor.block, lane, 2 + 70 * hours if hours < 0.9 else 10_000)
            if actor.who.role == "guardian" and away < 0.01 and town.planned(self.day):
                yield self._at(7 + 12 * hour), actor.report_away
            if actor.who.role == "coordinator" and self.day in town.snow:
                path = [actor.say(f"button-{key}") for key in ("school-day", "today", "no-school")]
                wall = town.snow[self.day]
                yield self._at(wall.hour + wall.minute / 60), partial(_ask, actor, path)

    def _program(self) -> Iterator[tuple[datetime, Callable[[], object]]]:
        faults, lot = self.world.faults, self.lot
        for _ in range(_whole(faults.restarts, lot)):
            patience, away = 4 * 3600 * lot.random(), 2 + 30 * lot.random()
            yield self._at(lot.triangular(6, 24, 17)), partial(self.world.die, patience, away)
        for _ in range(_whole(faults.outages, lot)):
            what = lot.choice(("program", "database", *PLATFORMS))
            yield self._at(lot.triangular(8, 24, 17)), partial(self.world.outage, what, 60 * lot.uniform(11, 80))

    def _at(self, hours: float) -> datetime:
        hours = min(hours, 23.98)
        return self.world.town.instant(self.day, time(int(hours), int(hours % 1 * 60)))


def _ask(actor: Actor, path: list[str]) -> None:
    actor.later(0.0, partial(actor.ask, actor.who.lanes[0], "settings", *path))


def _whole(mean: float, lot: random.Random) -> int:
    """A whole number with that mean."""
    return int(mean) + (lot.random() < mean % 1)
