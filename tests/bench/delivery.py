"""`delivery`: due card → board → render → null transport → noted, all home cards of a school due at one moment."""

import time

from bot.lanes import MANY
from tests.bench import floors
from tests.bench.figures import RUNS, Figure, progress
from tests.bench.scratch import New
from tests.bench.stage import Stage, at

SIZE = 5_000
TARGET = 2_000


async def measure(new: New, size: int) -> list[Figure]:
    """Cards and floor take turns, so that whatever else the machine does meets both."""
    cards, floor, cpu, url = [], [], [], ""
    for run in range(RUNS):
        progress(f"delivery: run {run + 1} of {RUNS}, {size:,} families …")
        seconds, busy = await delivered(new(), size)
        cards.append(size / seconds)
        cpu.append(busy / size * 1000)
        url = new()
        floor.append(floors.marked(url, size, MANY))
    marks = f"{floors.name(url)}: select and mark, {MANY} a transaction"
    return [
        Figure("cards a second, one process", "/s", cards, TARGET, True, marks, floor),
        Figure("processor time of a card", "ms", cpu),
    ]


async def delivered(url: str, families: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, from the moment the home cards are due until the last one is noted."""
    stage = Stage(url, "telegram", families)
    try:
        await stage.afternoon()
        stage.clock.at = at("17:30")
        started, busy = time.perf_counter(), time.process_time()
        await stage.until_noted(families)
        return time.perf_counter() - started, time.process_time() - busy
    finally:
        stage.close()
