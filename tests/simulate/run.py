"""One simulation from its seed to its verdict."""

import asyncio
import gc
import logging
import time as machine
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time

from tests.simulate import check_cards, check_messages, check_record, office
from tests.simulate.checker import Errors, Evidence, Violation, morning_after
from tests.simulate.fate import Fate
from tests.simulate.faults import LEVELS
from tests.simulate.loop import run
from tests.simulate.town import build
from tests.simulate.world import World

MEMORY = "sqlite:///:memory:"
WEEK = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """Which simulation."""

    seed: str
    families: int = 50
    days: int = 20
    faults: str = "usual"
    database: str = MEMORY

    @property
    def command(self) -> str:
        place = "" if self.database == MEMORY else f" --database {self.database.partition('://')[0]}://…"
        which = f"--seed {self.seed} --families {self.families} --days {self.days} --faults {self.faults}"
        return f"python -m tests.simulate {which}{place}"


@dataclass(slots=True)
class Outcome:
    asked: Asked
    trace: str = ""
    events: int = 0
    days: int = 0
    presses: int = 0
    messages: int = 0
    lost: int = 0
    copies: int = 0
    deaths: int = 0
    seconds: float = 0.0
    violations: list[Violation] = field(default_factory=list)


def simulate(asked: Asked, look: Callable[[World], None] = lambda _: None) -> Outcome:
    """Runs one seed to its end, or to the first day on which something was violated; `look` sees the world then."""
    began = machine.process_time()
    gc.collect()
    gc.freeze()
    errors = Errors()
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    root.addHandler(errors)
    try:
        outcome = run(_year(asked, errors, look))
    finally:
        root.removeHandler(errors)
        root.setLevel(level)
        gc.unfreeze()
    outcome.seconds = machine.process_time() - began
    return outcome


async def _year(asked: Asked, errors: Errors, look: Callable[[World], None]) -> Outcome:
    town = build(asked.seed, asked.families, asked.days)
    world = World(asked.seed, town, LEVELS[asked.faults], asked.database)
    outcome = Outcome(asked)
    try:
        office.found(world)
        evidence = Evidence(world)
        with world.watched():
            world.begin()
            for day in town.dates:
                await _day(world, day)
                _check(evidence, day, errors)
                _count(outcome, world, evidence, day)
                if outcome.violations:
                    break
            look(world)
            await world.end()
    finally:
        world.close()
    outcome.trace, outcome.events = world.trace.digest, world.trace.count
    return outcome


async def _day(world: World, day: date) -> None:
    """From midnight to five in the morning of the next day."""
    await asyncio.sleep(max(0.0, world.clock.seconds_until(world.town.instant(day, time(5)))))
    await Fate(world, day).come()
    await asyncio.sleep(max(0.0, world.clock.seconds_until(morning_after(world, day))))


def _check(e: Evidence, day: date, errors: Errors) -> None:
    e.look()
    for rules in (check_record, check_messages, check_cards):
        rules.check(e, day)
    for platform in e.world.platforms.values():
        for what in platform.wrong:
            e.wrong(day, "c", what)
        platform.wrong = []
    for line in errors.lines:
        e.wrong(day, "g", f"logged as an error: {line}")
    errors.lines.clear()
    if day.weekday() == WEEK - 1 and not e.record.whole():
        e.wrong(day, "g", "the database is damaged")


def _count(outcome: Outcome, world: World, e: Evidence, day: date) -> None:
    outcome.days += 1
    outcome.presses += len(e.pressed)
    outcome.violations = list(e.found)
    outcome.deaths = len(world.deaths)
    for (_, kind, about), messages in e.shown.items():
        if about == day:
            outcome.messages += len(messages)
            outcome.copies += len(messages) - len({one.key for one in messages}) if kind != "other" else 0
    e.forget()
