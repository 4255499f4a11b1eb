"""Virtual time: an event loop that jumps to its next timer instead of waiting, and the clock that reads it."""

import asyncio
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

FINEST = 1e-5  # seconds; timers closer together run together (a year in float seconds is no finer than 1e-8)
T = TypeVar("T")


class Leaping(selectors.DefaultSelector):
    """Whoever would wait for the network so long finds that the time is over at once."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else: no timer is left")
        self.seconds += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual seconds since the start; nobody ever waits for real."""

    def __init__(self) -> None:
        self._leaping = Leaping()
        super().__init__(self._leaping)
        self._clock_resolution = FINEST

    def time(self) -> float:
        return self._leaping.seconds


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


@dataclass(slots=True)
class VirtualClock:
    """A `bot.ports.Clock` whose school time and machine time are both the loop's."""

    start: datetime
    rate: float = 1.0

    def now(self) -> datetime:
        return (self.start + timedelta(seconds=self.machine())).astimezone(UTC)

    def machine(self) -> float:
        return asyncio.get_running_loop().time()

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds()
