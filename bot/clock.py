"""The clock: school time that is real, practised or wound by hand, and machine time that is always real."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ports import StoreAway

log = logging.getLogger(__name__)
HEARTBEAT = timedelta(seconds=20)  # of school time
HOUSEKEEPING = timedelta(hours=1)
NEARLY_REAL = 1.000001  # a rate of exactly 1 means the real clock, whose times can be compared with a platform's
FAR, NEAR = 3600.0, 5.0  # seconds a clock may be set by without being doubted, and may drift by while it is
STEADY_FOR = 600.0  # machine seconds after which a clock that was set is trusted
SHORTEST = 0.1  # machine seconds between two heartbeats, however fast school time runs


def machine_time() -> float:
    """Monotonic seconds, those in which the machine was suspended included, where the system can tell."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def wall_time() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class RealClock:
    """The machine's clock, unless it is suddenly more than an hour away from a monotonic one (G-114).

    Then time goes on as it was, until the clock is back, or has gone steadily for ten minutes where it is now.
    """

    wall: Callable[[], datetime] = wall_time
    machine: Callable[[], float] = machine_time
    rate: float = 1.0
    doubted: bool = False
    _apart: float = math.nan  # seconds the wall was ahead of machine time when it was last believed
    _moved: tuple[float, float] = (0.0, 0.0)  # (machine time, seconds ahead) where it stands since it was set

    def now(self) -> datetime:
        wall, machine = self.wall(), self.machine()
        apart = wall.timestamp() - machine
        self.doubted = abs(apart - self._apart) > FAR and not self._steady(machine, apart)
        if self.doubted:
            return datetime.fromtimestamp(machine + self._apart, UTC)
        self._apart, self._moved = apart, (machine, apart)
        return wall

    def _steady(self, machine: float, apart: float) -> bool:
        """Whether the clock has stood where it is now for long enough."""
        since, there = self._moved
        if abs(apart - there) > NEAR:
            self._moved = (machine, apart)
            return False
        return machine - since >= STEADY_FOR

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds()


@dataclass(slots=True)
class PracticeClock:
    """School time that starts at `start` and runs `rate` times as fast; machine time stays real."""

    start: datetime
    rate: float
    began: float = field(default_factory=machine_time)

    def now(self) -> datetime:
        return (self.start + timedelta(seconds=(machine_time() - self.began) * self.rate)).astimezone(UTC)

    def machine(self) -> float:
        return machine_time()

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds() / self.rate


@dataclass(slots=True)
class WoundClock:
    """School time that stands still until it is wound (the try-it page, tests)."""

    at: datetime
    rate: float = 1.0

    def now(self) -> datetime:
        return self.at

    def machine(self) -> float:
        return machine_time()

    def seconds_until(self, moment: datetime) -> float:
        return 0.0 if moment <= self.at else math.inf


def practice(text: str) -> PracticeClock:
    """The clock of `--practice-clock 2026-09-14T15:09:00-04:00@600`; ValueError says what is wrong with the text."""
    moment, _, rate = text.partition("@")
    try:
        start, speed = datetime.fromisoformat(moment), float(rate or 1)
    except ValueError:
        raise ValueError(f"{text!r} is no practice clock; an example: 2026-09-14T15:09:00-04:00@600") from None
    if start.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; write it like 2026-09-14T15:09:00-04:00@600")
    if not 0 < speed <= 100_000:
        raise ValueError(f"{text!r} runs {rate} times as fast; from 0 (excluded) to 100000 is allowed")
    return PracticeClock(start, NEARLY_REAL if speed == 1.0 else speed)


def heart(rate: float, beat: Callable[[], Awaitable[None]], keep: Callable[[], Awaitable[None]]) -> AsyncIOScheduler:
    """APScheduler with one heartbeat and housekeeping, in school time; it decides no school time itself."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    every = max(SHORTEST, HEARTBEAT.total_seconds() / rate)
    scheduler.add_job(_guarded(beat), "interval", seconds=every, next_run_time=datetime.now(UTC), id="heartbeat")
    hourly = max(1.0, HOUSEKEEPING.total_seconds() / rate)
    scheduler.add_job(_guarded(keep), "interval", seconds=hourly, id="housekeeping")
    return scheduler


def _guarded(do: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A coroutine function whose fault is logged and tried again with the next beat, never the end of the clock."""

    async def beat() -> None:
        try:
            await do()
        except asyncio.CancelledError:
            return  # the scheduler would log its own shutdown as a fault
        except StoreAway as away:
            log.warning("a heartbeat found no database: %s", away)
        except Exception:
            log.exception("a heartbeat failed; the next one tries again")

    return beat
