"""Time that cannot be trusted: clocks that are set, forwards and backwards (G-114, G-115)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.clock import RealClock

NOON = datetime(2026, 9, 15, 16, tzinfo=UTC)


@dataclass
class Machine:
    """A machine whose clock can be set while its seconds go on."""

    seconds: float = 1000.0
    ahead: timedelta = timedelta()
    clock: RealClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = RealClock(lambda: self.right() + self.ahead, lambda: self.seconds)
        self.clock.now()

    def right(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000.0)

    def goes_on(self, seconds: float, every: float = 20.0) -> None:
        """With somebody looking at the clock now and then, as the heartbeat does."""
        for _ in range(int(seconds / every)):
            self.seconds += every
            self.clock.now()


def test_a_clock_that_jumps_for_half_a_minute_moves_nothing() -> None:
    machine = Machine()
    machine.ahead = timedelta(hours=26)
    machine.goes_on(30, every=1)
    assert machine.clock.doubted and machine.clock.now() == machine.right()
    machine.ahead = timedelta()
    assert machine.clock.now() == machine.right() and not machine.clock.doubted


def test_a_clock_that_was_set_back_on_purpose_is_believed_after_ten_minutes() -> None:
    machine = Machine()
    machine.ahead = -timedelta(hours=2)
    machine.goes_on(580)
    assert machine.clock.now() == machine.right()
    machine.goes_on(60)
    assert machine.clock.now() == machine.right() - timedelta(hours=2) and not machine.clock.doubted


def test_a_clock_that_wanders_is_not_believed() -> None:
    """Another hour each minute: never steady."""
    machine = Machine()
    for hours in range(2, 40):
        machine.ahead = timedelta(hours=hours)
        machine.goes_on(60)
    assert machine.clock.doubted and machine.clock.now() == machine.right()


def test_a_clock_that_is_put_right_by_minutes_is_followed_at_once() -> None:
    machine = Machine()
    machine.ahead = timedelta(minutes=-50)
    assert machine.clock.now() == machine.right() - timedelta(minutes=50)
    assert not machine.clock.doubted
