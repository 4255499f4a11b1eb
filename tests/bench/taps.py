"""`taps`: a guardian's press from Slack over signed HTTP until it is acknowledged, one durable commit included.

Three processes on one machine: `twoticks run` as it is (its own limits of Slack's edits, a Slack that says yes to
everything), the people who press, and this one. Beside it, in turns, a bare slack-bolt handler with one raw insert.
Then from a press to the edit that is seen, while a school's cards go out (`edits`).
"""

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from storage.engine import open_engine
from storage.load import fact
from tests.bench import edits, floors
from tests.bench.figures import RUNS, SEED, Figure, progress, quantile
from tests.bench.processes import SECRET, configuration, free_port, memory, processor_time, program
from tests.bench.scratch import New
from tests.bench.stage import Stage, at

SIZE = 2_000
RATE = 200  # presses a second
WARM = 100  # presses before anything is measured
TOGETHER = 16  # people in the closed loop
NOW = "2026-09-15T17:40:00-04:00@1"

Press = tuple[str, str, str, str]  # user, channel, ts, value of the button


@dataclass(frozen=True, slots=True)
class Loads:
    """The presses of one run, each by somebody else."""

    warm: Sequence[Press]
    steady: Sequence[Press]
    loop: Sequence[Press]


@dataclass(slots=True)
class Seen:
    """What one server made of its loads: milliseconds a press, presses a second of the closed loop, and the rest."""

    ms: list[float]
    sustained: float
    well: int  # presses answered with 200
    refused: int  # presses answered with anything else, or not at all
    late_ms: float
    busy_ms: float  # of processor time a press
    lost: int = 0  # answered with 200 and not in the record
    memory: float = 0.0

    def percent(self, share: float) -> float:
        return quantile(self.ms, share)


async def measure(new: New, size: int) -> list[Figure]:
    ours, bare, url = [], [], ""
    for run in range(RUNS):
        progress(f"taps: run {run + 1} of {RUNS}, {size:,} presses on twoticks …")
        loads, url = await prepared(new, size)
        ours.append(await on_twoticks(url, loads))
        progress(f"taps: run {run + 1} of {RUNS}, {size:,} presses on a bare handler …")
        bare.append(await on_bare(new(), loads))
    return [*_figures(ours, bare, f"bare slack-bolt and {floors.name(url)}"), *await edits.measure(new, size)]


def _figures(ours: Sequence[Seen], bare: Sequence[Seen], peer: str) -> Sequence[Figure]:
    def quantiles(name: str, share: float, target: float | None) -> Figure:
        floor = [seen.percent(share) for seen in bare]
        return Figure(name, "ms", [seen.percent(share) for seen in ours], target, False, peer, floor)

    apart = [one.percent(0.5) / other.percent(0.5) for one, other in zip(ours, bare, strict=True)]
    sustained, busy = [seen.sustained for seen in ours], [seen.busy_ms for seen in ours]
    return [
        quantiles(f"press at {RATE} a second, p50", 0.5, 4.0),
        quantiles(f"press at {RATE} a second, p99", 0.99, 25.0),
        quantiles(f"press at {RATE} a second, longest", 1.0, None),
        Figure("p50 of the bare handler", "times", apart, 3.0),
        Figure(f"sustained, {TOGETHER} people", "/s", sustained, None, True, peer, [seen.sustained for seen in bare]),
        Figure("processor time of a press", "ms", busy, None, False, peer, [seen.busy_ms for seen in bare]),
        Figure("presses acknowledged and not in the record", "", [seen.lost for seen in ours], 0.0),
        Figure("presses not acknowledged", "", [seen.refused for seen in ours], 0.0),
        Figure("memory after the load", "MiB", [seen.memory for seen in ours]),
        Figure("the generator's own worst delay", "ms", [seen.late_ms for seen in (*ours, *bare)]),
    ]


async def prepared(new: New, size: int) -> tuple[Loads, str]:
    """A school on Slack whose home cards all stand on screens; returns the presses of `All done ✓` and the database."""
    url = new()
    families = WARM + size + size // 2
    stage = Stage(url, "slack", families)
    try:
        await stage.afternoon()
        stage.clock.at = at("17:30")
        await stage.until_noted(families)
    finally:
        stage.close()
    shown = ((user, ref, message.rows[0][0].value) for user, (ref, message) in stage.chat.shown.items() if message.rows)
    presses = [_press(*one) for one in shown if ".d:" in one[2]]
    random.Random(SEED).shuffle(presses)
    return Loads(presses[:WARM], presses[WARM : WARM + size], presses[WARM + size :]), url


def _press(user: str, ref: str, value: str) -> Press:
    channel, _, ts = ref.partition(":")
    return user, channel, ts, value


async def on_twoticks(url: str, loads: Loads) -> Seen:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with _slack() as slack:
            config = Path(folder) / "config.toml"
            config.write_text(configuration(url, port, {"slack": {"mode": "http", "api_base_url": slack}}))
            words = ["-m", "bot", "run", "--config", str(config), "--practice-clock", NOW]
            async with program(words, port, Path(folder) / "log") as pid:
                seen = await _loaded(pid, port, loads)
                seen.memory = memory(pid)
    seen.lost = seen.well - _stored(url)
    return seen


async def on_bare(url: str, loads: Loads) -> Seen:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with program(["-m", "tests.bench.bare", url, str(port)], port, Path(folder) / "log") as pid:
            return await _loaded(pid, port, loads)


async def _loaded(pid: int, port: int, loads: Loads) -> Seen:
    warm = await _pressed(port, loads.warm, 0)
    before = processor_time(pid)
    steady = await _pressed(port, loads.steady, RATE)
    busy = (processor_time(pid) - before) / len(loads.steady) * 1000
    loop = await _pressed(port, loads.loop, 0)
    answers = sum((Counter(told["statuses"]) for told in (warm, steady, loop)), Counter[str]())
    well = answers["200"]
    sustained = loop["statuses"].get("200", 0) / loop["seconds"]
    return Seen(steady["ms"], sustained, well, answers.total() - well, steady["late_ms"], busy)


async def _pressed(port: int, presses: Sequence[Press], rate: int) -> dict[str, Any]:
    """What a process of its own saw that made these presses."""
    order = {"url": f"http://127.0.0.1:{port}/slack/events", "secret": SECRET, "rate": rate, "together": TOGETHER}
    pipe = asyncio.subprocess.PIPE
    people = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.presses", stdin=pipe, stdout=pipe)
    told, _ = await people.communicate(json.dumps({**order, "presses": presses}).encode())
    seen: dict[str, Any] = json.loads(told)
    return seen


def _stored(url: str) -> int:
    """How many answers from home the record holds."""
    engine = open_engine(url)
    with engine.begin() as connection:
        found = connection.execute(select(func.count()).select_from(fact).where(fact.c.kind == "home")).scalar_one()
    engine.dispose()
    return int(found)


@asynccontextmanager
async def _slack() -> AsyncIterator[str]:
    """A Slack that costs next to nothing: every call is answered well. Yields the address of its Web API."""
    numbers = count(1)

    async def answer(request: web.Request) -> web.Response:
        about = {"team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT", "channel": "D1", "ts": f"{next(numbers)}.000001"}
        return web.json_response({"ok": True, **about})

    app = web.Application()
    app.router.add_post("/api/{method}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        await runner.cleanup()
