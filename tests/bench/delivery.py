"""`delivery`: due card → board → render → null transport → noted, all home cards of a school due at one moment.

The engine alone is the same store, hands and statements over cards without content: people who have a card and nothing
else, and one ready face for all. Ours, the floors and, on PostgreSQL, the peer take turns, so that whatever else the
machine does meets all of them.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import log
from statistics import fmean, median
from unittest.mock import patch

from bot import board
from bot.bundle import Bundle
from bot.lanes import MANY
from bot.model import RINGING, Card, Face, Message, Span
from bot.ports import Wants
from tests.bench import card_floor, floors, peer, town
from tests.bench.figures import RUNS, Figure, progress
from tests.bench.scratch import New
from tests.bench.stage import Stage, at

SIZE = 10_000
JOBS = 10  # the peer gets a job for so many families: it is slower
TICK = 0.005  # seconds between two looks at whether the loop is blocked
LOOKS = 50  # at what is due, a run
DUE = 100  # cards that such a look finds
WAITING = 1_000_000  # cards that are not due, at most


@dataclass(frozen=True, slots=True)
class Fanned:
    """One fan-out, from the moment the cards are due until the last one is noted; all in seconds."""

    cards: int
    seconds: float
    busy: float  # of processor time
    blocked: float  # the longest time in which the event loop did nothing else
    blocked_busy: float  # the most of this process's processor time in such a time: other processes do not add to it

    @property
    def rate(self) -> float:
        return self.cards / self.seconds


async def measure(new: New, size: int) -> list[Figure]:
    steps = sorted({max(1, size // n) for n in ((100, 10, 1) if size >= 100_000 else (10, 1))})
    ours: dict[int, list[Fanned]] = {families: [] for families in steps}
    engine, floor, marked, jobs, url = [], [], [], [], ""
    for run in range(RUNS):
        progress(f"delivery: run {run + 1} of {RUNS}, {size:,} families …")
        for families in steps:
            ours[families].append(await with_content(new(), families))
        engine.append((await without_content(new(), size)).rate)
        url = new()
        floor.append(card_floor.delivered(url, size, MANY))
        marked.append(floors.marked(new(), size, MANY))
        if not url.startswith("sqlite"):
            progress(f"delivery: run {run + 1} of {RUNS}, the peer …")
            jobs.append(await peer.fanned_out(new(), max(1, size // JOBS)))
    progress(f"delivery: {min(WAITING, 100 * size):,} cards that wait …")
    return [
        *_of_ours(ours, floors.name(url), floor, engine, marked),
        *_of_peer(ours[size], engine, jobs),
        *waiting(new, size),
    ]


def _of_ours(
    ours: dict[int, list[Fanned]], driver: str, floor: list[float], engine: list[float], marked: list[float]
) -> Sequence[Figure]:
    all_of_it = ours[max(ours)]
    two_steps = f"{driver}: read and booked, then noted, {MANY} a transaction"
    shares = [rate / raw for rate, raw in zip(engine, floor, strict=True)]
    growth = [slope([runs[run] for runs in ours.values()]) for run in range(RUNS)]
    return [
        Figure("cards a second, board and rendering", "/s", [f.rate for f in all_of_it], 3_000, True, two_steps, floor),
        Figure("processor time of a card", "ms", [f.busy / f.cards * 1000 for f in all_of_it]),
        Figure("cards a second, engine without content", "/s", engine, None, True, two_steps, floor),
        Figure("engine without content, share of its floor", "", shares, 0.25, True),
        Figure("rows a second, read and marked in one transaction of the bare driver", "/s", marked),
        Figure("longest block of the event loop", "ms", [f.blocked * 1000 for f in all_of_it], 100),
        Figure("most processor time between two turns of the loop", "ms", [f.blocked_busy * 1000 for f in all_of_it]),
        Figure(f"growth of a fan-out from {min(ours):,} to {max(ours):,}", "exponent", growth, 1.05),
    ]


def _of_peer(ours: Sequence[Fanned], engine: Sequence[float], jobs: Sequence[float]) -> Sequence[Figure]:
    """The peer's job does nothing, so our engine without content is its like; the whole of ours stands beside it."""
    if not jobs:
        return []
    alike = [rate / job for rate, job in zip(engine, jobs, strict=True)]
    whole = [fanned.rate / job for fanned, job in zip(ours, jobs, strict=True)]
    return [
        Figure("jobs a second of the peer, procrastinate", "/s", jobs),
        Figure("engine without content, over the peer", "times", alike, 5, True),
        Figure("cards a second, board and rendering, over the peer", "times", whole, None, True),
    ]


def slope(fanned: Sequence[Fanned]) -> float:
    """Of time over cards, both as logarithms, by least squares: 1 is as many seconds for every card."""
    if len(fanned) < 2:
        return 1.0
    xs, ys = [log(f.cards) for f in fanned], [log(f.seconds) for f in fanned]
    x, y = fmean(xs), fmean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


# --- a fan-out -------------------------------------------------------------------------------------------------------


async def with_content(url: str, families: int) -> Fanned:
    stage = Stage(url, "telegram", families)
    try:
        await stage.afternoon()
        return await _fanned_out(stage)
    finally:
        stage.close()


async def without_content(url: str, cards: int) -> Fanned:
    stage = Stage(url, "nowhere", cards, town.strangers)
    try:
        with patch.object(board, "face", _ready()):
            return await _fanned_out(stage)
    finally:
        stage.close()


def _ready() -> Callable[[Card, Bundle, datetime], Face]:
    face = Face(Message(((Span("Ana"),),)), until=at("23:00"), again=at("23:00"))
    return lambda card, b, now: face


async def _fanned_out(stage: Stage) -> Fanned:
    stage.clock.at = at("17:30")
    with _probe() as late:
        started, busy = time.perf_counter(), time.process_time()
        await stage.until_noted(stage.families)
        seconds, busy = time.perf_counter() - started, time.process_time() - busy
    return Fanned(stage.families, seconds, busy, *(max(each, default=0.0) for each in late))


@contextmanager
def _probe() -> Iterator[tuple[list[float], list[float]]]:
    """How late a task that sleeps for a tick was each time, and the processor time that went by meanwhile."""
    late: list[float] = []
    used: list[float] = []

    async def look() -> None:
        while True:
            before, busy = time.perf_counter(), time.process_time()
            await asyncio.sleep(TICK)
            late.append(time.perf_counter() - before - TICK)
            used.append(time.process_time() - busy)

    looking = asyncio.ensure_future(look())
    try:
        yield late, used
    finally:
        looking.cancel()


# --- what waits ------------------------------------------------------------------------------------------------------


def waiting(new: New, size: int) -> Sequence[Figure]:
    """One step of the hands that finds the same few due cards, beside few and beside very many that wait for later."""
    many = min(WAITING, 100 * size)
    few = many // 100
    stages = [_with_waiting(new(), more) for more in (few, many)]
    try:
        looks = [[_look(stage) for stage in stages] for _ in range(RUNS)]
    finally:
        for stage in stages:
            stage.close()
    costs = list(zip(*looks, strict=True))
    apart = [high / low for low, high in zip(*costs, strict=True)]
    name = f"reading {DUE} due cards"
    return [
        Figure(f"{name}, {few:,} wait", "ms", costs[0]),
        Figure(f"{name}, {many:,} wait", "ms", costs[1]),
        Figure(f"{name}, {many:,} over {few:,}", "times", apart, 2),
    ]


def _with_waiting(url: str, cards: int) -> Stage:
    stage = Stage(url, "nowhere", DUE, town.strangers)
    town.waiting(stage.store, stage.lane.id, cards, at("23:00"))
    return stage


def _look(stage: Stage) -> float:
    """Milliseconds, the median of some looks."""
    found, wants = [], [Wants(stage.lane.id, {RINGING: MANY})]
    for _ in range(LOOKS):
        started = time.perf_counter()
        work = stage.store.step(at("17:30"), [], [], wants, set())
        found.append((time.perf_counter() - started) * 1000)
        if sum(len(cards) for _, cards in work.due) != DUE:
            raise ValueError("a look has not found what is due")
    return median(found)
