"""`open`: a day of many children opened, its memory, a heartbeat, memory of an idle `run`, time of `--help`."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from math import log10
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from bot.clock import practice
from bot.config import load
from bot.program import Program, settle_memory
from bot.server import listen
from storage.load import card, fact
from storage.store import Store
from tests.bench import floors, town
from tests.bench.figures import RUNS, Figure, progress
from tests.bench.processes import TOKENS, configuration, free_port, memory, program, seconds_of
from tests.bench.scratch import New
from tests.bench.stage import at
from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake

SIZE = 10_000
BEATS = 50  # heartbeats a run
NOON = "2026-09-15T12:00:00-04:00@1"
LIBRARIES = (
    "slack_bolt.async_app, telegram.ext, sqlmodel, alembic, psycopg, apscheduler, uvicorn, babel, fluent.runtime"
)
STEADY = 1.0  # MiB that memory may move in half a second and is still called idle


async def measure(new: New, size: int) -> list[Figure]:
    opened, smaller, peak, raw = [], [], [], []
    for run in range(RUNS):
        progress(f"open: {size:,} children, run {run + 1} of {RUNS} …")
        seconds, rows = opening(new(), size)
        opened.append(seconds)
        smaller.append(opening(new(), max(1, size // 10))[0])
        peak.append(peak_of(new(), size))
        raw.append(floors.inserted(new(), rows))
    target = 2.0 if size <= SIZE else None
    growth = [log10(many / few) for many, few in zip(opened, smaller, strict=True)]
    figures = [
        Figure(f"a day of {size:,} children opened", "s", opened, target, False, f"{rows:,} rows inserted", raw),
        Figure(f"growth of an opening from {max(1, size // 10):,} to {size:,}", "exponent", growth, 1.05),
        Figure("memory at its peak while the day is opened", "MiB", peak),
    ]
    for families in sorted({size // 100, size // 10, size}):
        figures.append(await heartbeats(new, families))
    progress("open: memory of an idle run, time of --help …")
    figures.append(Figure("twoticks run, idle", "MiB", await _repeated(new), 150, False, "its libraries", _libraries()))
    helps = [seconds_of("-m", "bot", "--help") for _ in range(2 * RUNS)]
    typer = [seconds_of("-c", "import typer") for _ in range(2 * RUNS)]
    return [*figures, Figure("twoticks --help", "s", helps, 0.5, False, "import typer", typer)]


def opening(url: str, children: int) -> tuple[float, int]:
    """Seconds to open the first day, and how many rows that wrote."""
    settle_memory()  # as a running program does
    noon = at("12:00").astimezone(UTC)
    store = _settled(url, children, noon)
    before = _rows(store)
    started = time.perf_counter()
    store.open_days(noon)
    seconds = time.perf_counter() - started
    written = _rows(store) - before
    store.close()
    return seconds, written


def _settled(url: str, children: int, noon: datetime) -> Store:
    store = town.new_store(url)
    town.settle(store, store.lane("telegram").id, children, noon)
    return store


def peak_of(url: str, children: int) -> float:
    """MiB of a process that does nothing but open that day."""
    _settled(url, children, at("12:00").astimezone(UTC)).close()
    told = subprocess.run([sys.executable, "-m", "tests.bench.open_once", url], capture_output=True, check=True)
    return float(told.stdout)


def _rows(store: Store) -> int:
    with store.engine.begin() as connection:
        tables = (connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (card, fact))
        return sum(tables)


# --- the heartbeat ---------------------------------------------------------------------------------------------------


async def heartbeats(new: New, families: int) -> Figure:
    """Milliseconds of one heartbeat and the hands' look that follows it, on a day that is open with nothing due."""
    runs, floor = [], []
    for run in range(RUNS):
        progress(f"open: heartbeat with {families:,} families, run {run + 1} of {RUNS} …")
        url = new()
        opening(url, families)
        runs.append(median(await _beaten(url)))
        floor.append(median(floors.looked(new(), 2 * families, BEATS)))
    return Figure(f"heartbeat, {families:,} families, nothing due", "ms", runs, 5.0, False, "look for an alarm", floor)


async def _beaten(url: str) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, listen("127.0.0.1", 0) as place:
        config = Path(folder) / "config.toml"
        config.write_text(configuration(url, 0, {"telegram": {}}))
        settings = load(config, TOKENS)
        running = Program(settings, town.new_store(url), practice(NOON), place)
        for hand in running.hands.lanes.values():
            hand.down = ""  # as once it is connected
        found = []
        for _ in range(BEATS):
            started = time.perf_counter()
            await running.beat()
            await running.hands.turn()
            found.append((time.perf_counter() - started) * 1000)
        running.threads.shutdown()
        running.store.close()
        return found


# --- memory ----------------------------------------------------------------------------------------------------------


async def _repeated(new: New) -> list[float]:
    return [await _idle(new()) for _ in range(RUNS)]


async def _idle(url: str) -> float:
    """MiB of `twoticks run` connected to both platforms, with a small school, once it has come to rest."""
    opening(url, 100)
    port = free_port()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            SlackFake(team="T1", bot_token="xoxb-test", app_token="xapp-test", signing_secret="unused")
        )
        telegram = await stack.enter_async_context(TelegramFake(TOKENS["TWOTICKS_TELEGRAM__TOKEN"]))
        bases = {"slack": slack.api_base_url, "telegram": telegram.api_base_url}
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        config = folder / "config.toml"
        config.write_text(configuration(url, port, {name: {"api_base_url": base} for name, base in bases.items()}))
        words = ["-m", "bot", "run", "--config", str(config), "--practice-clock", NOON]
        return await _rests(await stack.enter_async_context(program(words, port, folder / "log")))


async def _rests(pid: int) -> float:
    before, now = 0.0, memory(pid)
    while abs(now - before) > STEADY:
        await asyncio.sleep(0.5)
        before, now = now, memory(pid)
    return now


def _libraries() -> list[float]:
    """MiB of a process that has imported what `run` imports, and does nothing."""
    words = [sys.executable, "-c", f"import {LIBRARIES}; print(flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        held = memory(process.pid)
        process.terminate()
    return [held]
