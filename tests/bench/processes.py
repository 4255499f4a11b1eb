"""Programs as others would meet them: `twoticks run` and the bare peer as processes of their own, asked over HTTP."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.bench.town import SCHOOL

SECRET = "bench-signing-secret"
TOKENS = {
    "TWOTICKS_SECRET_KEY": "bench-secret-key-of-at-least-32-characters",
    "TWOTICKS_SLACK__BOT_TOKEN": "xoxb-test",
    "TWOTICKS_SLACK__APP_TOKEN": "xapp-test",
    "TWOTICKS_SLACK__SIGNING_SECRET": SECRET,
    "TWOTICKS_TELEGRAM__TOKEN": "123456:TEST-token",
}
PATIENCE = 20.0  # seconds until a program must be ready


class NotReady(Exception):
    """A program ended, or was not ready in time; the message holds the end of what it wrote."""


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def configuration(database: str, port: int, platforms: Mapping[str, Mapping[str, str]]) -> str:
    """A config.toml of the bench's school; `platforms`: table name → its keys."""
    tables: dict[str, Mapping[str, str]] = {
        "[database]": {"url": database},
        **{f"[{name}]": keys for name, keys in platforms.items()},
        "[web]": {"listen": f"127.0.0.1:{port}", "public_url": "https://bench.example"},
        "[[schools]]": {"id": SCHOOL.id, "name": SCHOOL.name, "timezone": SCHOOL.zone.key},
    }
    parts = (
        f"{name}\n" + "".join(f"{key} = {json.dumps(keys[key])}\n" for key in keys) for name, keys in tables.items()
    )
    return "\n".join(parts)


@asynccontextmanager
async def program(words: Sequence[str], port: int, log: Path) -> AsyncIterator[int]:
    """Runs `python WORDS` until the block ends; yields its pid once /readyz there says 200."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=out, stderr=out, env=os.environ | TOKENS
        )
    try:
        await _ready(process, port, log)
        yield process.pid
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Asks it to end as systemd would, and ends it when it does not."""
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    async with aiohttp.ClientSession() as web:
        while process.returncode is None and time.monotonic() < end:
            try:
                async with web.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise NotReady(_end_of(log))


def _end_of(log: Path) -> str:
    return f"not ready after {PATIENCE:.0f} s; it wrote:\n" + log.read_text(errors="replace")[-2000:]


def memory(pid: int) -> float:
    """MiB of real memory that a process holds now."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) / 1024


def processor_time(pid: int) -> float:
    """Seconds of processor time that a process has used so far; 0 where the system does not tell."""
    told = Path(f"/proc/{pid}/stat")
    if not told.exists():
        return 0.0
    fields = told.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_of(*words: str) -> float:
    """How long `python WORDS` takes from start to end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
