"""From a press to the edit that a person sees, while a whole school's cards go out on the same lane at its real pace.

The program's own desk, hands and limits in one process; only the platform is nowhere: what is sent or edited is there
at once. Each press is `All done ✓` by somebody whose card has just come; nobody waits for anybody else.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.desk import Desk
from bot.lanes import LIMITS, Pace
from bot.model import Address, Message
from bot.ports import Account, Tapped
from tests.bench.figures import Figure, progress, quantile
from tests.bench.scratch import New
from tests.bench.stage import Nowhere, Stage, at

FULL = 2_000  # the size at which seconds and families are as in `LOADS`
FAMILIES = 10_000
PATIENCE = 90.0  # seconds after the last press in which an edit is waited for
ALL_DONE = ".d:"


@dataclass(frozen=True, slots=True)
class Load:
    """Presses a second on a lane, and for how many seconds: what is promised, then what is above that."""

    platform: str
    name: str
    rate: float
    seconds: float
    above: float
    above_seconds: float


LOADS = (
    Load("slack", "40 a minute in a Slack workspace", 40 / 60, 60, 200 / 60, 20),
    Load("telegram", "10 a second on a Telegram bot", 10, 20, 50, 10),
)


@dataclass(slots=True)
class Pressed:
    """What became of some presses, in milliseconds; an edit that never came is told as `PATIENCE`."""

    acks: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)


class Screens(Nowhere):
    """Tells when a person's message was edited, and whose card has come last."""

    def __init__(self, platform: str) -> None:
        super().__init__(platform)
        self.awaited: dict[str, asyncio.Future[float]] = {}  # user → when the edit was seen

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        await super().edit(address, ref, message)
        waits = self.awaited.pop(address.user, None)
        if waits is not None and not waits.done():
            waits.set_result(time.perf_counter())

    def newest(self) -> Iterator[tuple[str, str, str]]:
        """User, reference and the value of `All done ✓`, newest first."""
        for user, (ref, message) in reversed(self.shown.items()):
            value = message.rows[0][0].value if message.rows else ""
            if ALL_DONE in value:
                yield user, ref, value


async def measure(new: New, size: int) -> list[Figure]:
    figures: list[Figure] = []
    for load in LOADS:
        figures += await _on_lane(new(), load, size / FULL)
    return figures


async def _on_lane(url: str, load: Load, share: float) -> Sequence[Figure]:
    """`share`: of the families and the seconds."""
    progress(f"taps: a school on {load.platform} whose cards go out …")
    stage = Stage(url, load.platform, max(20, round(FAMILIES * share)))
    stage.chat = screens = Screens(load.platform)
    hand = stage.hands.lanes[stage.lane.id]
    hand.chat = screens
    working: asyncio.Task[None] | None = None
    try:
        await stage.afternoon()
        hand.pace = Pace(LIMITS[load.platform])
        stage.clock.at = at("17:30")
        desk = Desk(stage.store, stage.clock, stage.blocking, "x" * 32, stage.hands.knock)
        working = asyncio.create_task(stage.hands.run())
        people = _People(desk, screens, stage.lane.id)
        promised = await people.press(load.rate, load.seconds * share)
        above = await people.press(load.above, load.above_seconds * share)
    finally:
        if working is not None:
            working.cancel()
            await asyncio.wait([working])
        stage.close()
    return _figures(load, promised, above, stage.families)


def _figures(load: Load, promised: Pressed, above: Pressed, families: int) -> Sequence[Figure]:
    seen = f"press to edit, {load.name}, while {families:,} cards go out"
    faster = f"{load.above / load.rate:.0f} × as many presses on {load.platform}"
    return [
        Figure(f"{seen}, p50", "ms", [quantile(promised.edits, 0.5)]),
        Figure(f"{seen}, p95", "ms", [quantile(promised.edits, 0.95)], 1_000),
        Figure(f"{seen}, p99", "ms", [quantile(promised.edits, 0.99)]),
        Figure(f"{faster}: stored, p99.9", "ms", [quantile(above.acks, 0.999)], 1_000),
        Figure(f"{faster}: press to edit, p50", "ms", [quantile(above.edits, 0.5)]),
        Figure(f"{faster}: press to edit, p95", "ms", [quantile(above.edits, 0.95)]),
    ]


class _People:
    """Everybody whose card has come; each presses once."""

    def __init__(self, desk: Desk, screens: Screens, lane: int) -> None:
        self.desk = desk
        self.screens = screens
        self.lane = lane
        self.have_pressed: set[str] = set()

    async def press(self, rate: float, seconds: float) -> Pressed:
        """So many presses a second for so long, then until the last edit is seen."""
        seen, under_way = Pressed(), []
        first = time.perf_counter()
        for n in range(max(1, round(rate * seconds))):
            if (wait := first + n / rate - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            under_way.append(asyncio.create_task(self._one(await self._next(), seen)))
        await asyncio.gather(*under_way)
        return seen

    async def _next(self) -> tuple[str, str, str]:
        """The newest card whose owner has not pressed yet; waits where cards come more slowly than presses."""
        while True:
            for one in self.screens.newest():
                if one[0] not in self.have_pressed:
                    self.have_pressed.add(one[0])
                    return one
            await asyncio.sleep(0.01)

    async def _one(self, shown: tuple[str, str, str], seen: Pressed) -> None:
        user, ref, value = shown
        edited = self.screens.awaited[user] = asyncio.get_running_loop().create_future()
        account = Account(self.lane, user, ref.partition(":")[0])
        started = time.perf_counter()
        await self.desk.hear(Tapped(account, f"bench:{user}", data=value, ref=ref))
        seen.acks.append((time.perf_counter() - started) * 1000)
        try:
            seen.edits.append((await asyncio.wait_for(edited, PATIENCE) - started) * 1000)
        except TimeoutError:
            seen.edits.append(PATIENCE * 1000)
