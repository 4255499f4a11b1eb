"""The real program against the strict fakes: its own process, its own files, a practice clock."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake

SECRETS = {
    "TWOTICKS_SECRET_KEY": "k" * 40,
    "TWOTICKS_SLACK__BOT_TOKEN": "xoxb-test",
    "TWOTICKS_SLACK__APP_TOKEN": "xapp-test",
    "TWOTICKS_SLACK__SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "TWOTICKS_TELEGRAM__TOKEN": "123456:TEST-token",
}
CONFIG = """
[database]
url = "{database}"
[slack]
mode = "{mode}"
api_base_url = "{slack}"
[telegram]
mode = "polling"
api_base_url = "{telegram}"
[web]
listen = "127.0.0.1:{port}"
public_url = "https://school.example"
[[schools]]
id = "lincoln"
name = "Lincoln Middle School"
timezone = "America/New_York"
"""
ROSTER = """student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,okafor@school.example,Lucía Romero,L,es,yes
Ana Romero,7B,Science,Mr Lind,lind@school.example,Tom Romero,T,en,yes
Ana Romero,7B,English,Ms Park,,,,,yes
Ana Romero,7B,History,Mr Díaz,diaz@school.example,,,,yes
Ben Osei,7B,Maths,Ms Okafor,okafor@school.example,,,,yes
Jo Kim,7A,History,Mr Díaz,diaz@school.example,,,,yes
"""
LUCIA, TOM, PARK = "5000000001", "5000000002", "5000000003"


def environment() -> dict[str, str]:
    """The machine's environment without proxies and foreign Slack settings, with our secrets."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and not k.startswith("SLACK_")}
    return {**kept, **SECRETS, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@dataclass
class Live:
    """A folder with a configuration, two fake platforms, and the processes started on them."""

    folder: Path
    slack: SlackFake
    telegram: TelegramFake
    port: int
    codes: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)  # further secrets
    process: asyncio.subprocess.Process | None = None

    async def command(self, *words: str) -> tuple[int, str, str]:
        """Runs `twoticks …` to its end: exit code, output, errors."""
        process = await self._start(*words)
        out, err = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode or 0, out.decode(), err.decode()

    async def _start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words,
            cwd=self.folder, env={**environment(), **self.more, "PYTHONPATH": str(Path(__file__).parent.parent)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, moment: str, rate: int, crash_at: str = "") -> None:
        """Starts the bot at that local moment and waits until its lanes are connected.

        With a plan of `tests.crashing` it waits for nothing: the bot may end itself before.
        """
        errors = (self.folder / "run.log").open("ab")
        program = ["tests.crashing", crash_at] if crash_at else ["bot"]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *program, "run", "--practice-clock", f"{moment}-04:00@{rate}",
            cwd=self.folder, env={**environment(), **self.more, "PYTHONPATH": str(Path(__file__).parent.parent)},
            stdout=errors, stderr=errors,
        )  # fmt: skip
        errors.close()
        if not crash_at:
            await self.ready()

    async def dies(self, patience: float = 20.0) -> None:
        """Waits until the bot was ended with -9 by its own plan."""
        assert self.process is not None
        code = await asyncio.wait_for(self.process.wait(), patience)
        assert code == -signal.SIGKILL, f"it ended with {code}:\n{self.log()}"
        self.process = None

    async def ready(self, patience: float = 30.0) -> None:
        async with aiohttp.ClientSession() as session, asyncio.timeout(patience):
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)

    async def stop(self, sign: int = signal.SIGTERM) -> int:
        """Ends the bot with that signal; its exit code."""
        if self.process is None:
            return 0
        if self.process.returncode is None:
            self.process.send_signal(sign)
        code = await asyncio.wait_for(self.process.wait(), 15)
        self.process = None
        return code

    def log(self) -> str:
        file = self.folder / "run.log"
        return file.read_text() if file.exists() else ""

    async def tells(self, words: str, times: int = 1, patience: float = 30.0) -> None:
        """Waits until the log holds these words so often."""
        async with asyncio.timeout(patience):
            while True:
                if self.log().count(words) >= times:
                    return
                await asyncio.sleep(0.05)

    async def answers(self, path: str, status: int = 200, patience: float = 40.0) -> str:
        """Waits until the web server answers so; what it says."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(patience):
            while True:
                async with session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                    if answer.status == status:
                        return await answer.text()
                await asyncio.sleep(0.02)

    async def import_roster(self, roster: str = ROSTER) -> None:
        (self.folder / "roster.csv").write_text(roster)
        code, out, err = await self.command("roster", "import", "roster.csv")
        assert code == 0, out + err

    async def invite(self) -> None:
        """Invites everybody; `codes` then holds each person's link token or typed code."""
        code, out, err = await self.command("invite", "--json")
        assert code == 0, out + err
        for line in out.splitlines():
            one = json.loads(line)
            self.codes[one["person"]] = one["code"]

    async def join(self, user: str, name: str, labels: tuple[str, str]) -> None:
        """Gives the code and says yes twice."""
        await self.telegram.start(user, self.codes[name])
        for label in labels:
            await self.telegram.sees(user, "", label)
            await self.telegram.tap(user, label)


@asynccontextmanager
async def live(folder: Path, database: str = "sqlite:///twoticks.db", mode: str = "socket") -> AsyncIterator[Live]:
    """Fakes, people and a configuration file in `folder`; everything is ended afterwards."""
    secret = SECRETS["TWOTICKS_SLACK__SIGNING_SECRET"]
    async with (
        SlackFake(team="T1", bot_token="xoxb-test", app_token="xapp-test", signing_secret=secret) as slack,
        TelegramFake(token="123456:TEST-token", username="twoticks_test_bot") as telegram,
    ):
        for user, name in (("U1", "Okafor"), ("U2", "Lind"), ("U3", "Diaz")):
            slack.person(user, name=name, email=f"{name.lower()}@school.example")
        for user, name, language in ((LUCIA, "Lucia Romero", "es"), (TOM, "Tom R", "en"), (PARK, "Park", "en")):
            telegram.person(user, name=name, language=language)
        port = free_port()
        if mode == "http":
            slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        text = CONFIG.format(
            database=database, mode=mode, slack=slack.api_base_url, telegram=telegram.api_base_url, port=port
        )
        (folder / "config.toml").write_text(text)
        house = Live(folder, slack, telegram, port)
        try:
            yield house
        finally:
            await house.stop(signal.SIGKILL)
