"""The simulation as every change runs it: twenty seeds, one seed twice, both databases, planted bugs that still fit."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.lanes import LEASE
from bot.ports import Sent
from storage.store import Store
from tests.simulate.faults import LEVELS
from tests.simulate.life import Life
from tests.simulate.loop import VirtualClock, run
from tests.simulate.office import found
from tests.simulate.plant import BUGS, HERE, PARTS, plant
from tests.simulate.run import MEMORY, Asked, Outcome, simulate
from tests.simulate.town import build
from tests.simulate.world import World

SEEDS = range(1, 21)
FAMILIES, DAYS = 10, 20
REGRESSIONS = [
    line.split()[:4]
    for line in (Path(__file__).parent / "simulate" / "regressions.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def clean(outcome: Outcome) -> Outcome:
    told = "\n".join(map(str, outcome.violations))
    assert not outcome.violations, f"{told}\nreplay: {outcome.asked.command}"
    return outcome


@pytest.mark.parametrize("known", REGRESSIONS, ids=" ".join)
def test_seeds_that_have_failed(known: list[str]) -> None:
    seed, families, days, faults = known
    clean(simulate(Asked(seed, int(families), int(days), faults)))


@pytest.mark.parametrize("seed", SEEDS)
def test_four_weeks_of_a_small_school(seed: int) -> None:
    """Each holds a clock change or a week around one, a half day and a holiday; one day in each dies the program."""
    outcome = clean(simulate(Asked(str(seed), FAMILIES, DAYS, "usual")))
    assert outcome.days == DAYS
    assert outcome.deaths >= DAYS // 2


@pytest.mark.parametrize("seed", ["calm 1"])
def test_without_faults_nothing_is_lost_repeated_late_or_logged(seed: str) -> None:
    outcome = clean(simulate(Asked(seed, FAMILIES, DAYS, "none")))
    assert (outcome.copies, outcome.deaths) == (0, 0)
    assert outcome.messages > 200


def test_the_same_seed_gives_the_same_trace_in_another_process() -> None:
    asked = Asked("twice", 5, 10, "harsh")
    words = [sys.executable, "-m", "tests.simulate", *asked.command.split()[3:]]
    told = [
        subprocess.run(words, cwd=HERE, env={**os.environ, "PYTHONHASHSEED": salt}, capture_output=True, text=True)
        for salt in ("0", "12345")
    ]
    trace = clean(simulate(asked)).trace
    for done in told:
        assert f"trace {trace}" in done.stdout, done.stdout + done.stderr


def test_both_databases_give_the_same_trace(database: str) -> None:
    asked = Asked("both", 3, 5, "harsh")
    assert clean(simulate(Asked("both", 3, 5, "harsh", database))).trace == clean(simulate(asked)).trace


def test_every_planted_bug_still_fits(tmp_path: Path) -> None:
    """`python -m tests.simulate.plant` shows that each is found."""
    for bug in BUGS:
        for file, old, new in bug.changes:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text((HERE / file).read_text(encoding="utf-8"), encoding="utf-8")
            plant(tmp_path, (file, old, new))
    assert len(BUGS) == 12 and all((HERE / part).exists() for part in PARTS)


class Frozen(Life):
    """A program that stands still for longer than its lease, once, between booking and sending."""

    happened: list[str]
    still = False

    async def begins_to_send(self, send: Callable[..., Awaitable[Sent]], *args: Any) -> Sent:
        self.happened.append("send")
        return await send(*args)

    def _rests(self) -> bool:
        return not self.still and super()._rests()

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        answer = await super().blocking(call, *args)
        if call == self.store.step:
            self.happened.append("step")
            if answer.booked and "frozen" not in self.happened:
                self.happened.append("frozen")
                self.still = True
                await asyncio.sleep(LEASE + 1)
                self.still = False
        return answer


def test_whoever_stood_still_past_the_lease_sends_nothing() -> None:
    """What was booked before is not sent on the old lease: the lane is asked for first."""

    async def an_afternoon() -> list[str]:
        town = build("frozen", 2, 3)
        world = World("frozen", town, LEVELS["none"], MEMORY)
        found(world)
        life = Frozen(Store(world.engine, [town.school]), world.clock, town, world.posts)
        life.happened = []
        for wire in life.wires.values():
            wire.send = partial(life.begins_to_send, wire.send)  # type: ignore[method-assign]
        life.start()
        await asyncio.sleep(world.clock.seconds_until(town.instant(town.first, time(15, 30))))
        await life.end()
        world.close()
        return life.happened

    happened = run(an_afternoon())
    after = happened[happened.index("frozen") + 1 :]
    assert "send" in after
    assert after.index("step") < after.index("send")


def test_time_leaps_to_the_next_timer_and_time_limits_hold() -> None:
    async def a_week() -> tuple[float, str]:
        clock = VirtualClock(datetime(2026, 10, 19, tzinfo=UTC))
        await asyncio.sleep(7 * 86_400)
        try:
            async with asyncio.timeout(15):
                await asyncio.sleep(40)
        except TimeoutError:
            return clock.machine(), f"{clock.now():%a %H:%M:%S}"
        return clock.machine(), "no time limit"

    assert run(a_week()) == (7 * 86_400 + 15, "Mon 00:00:15")
