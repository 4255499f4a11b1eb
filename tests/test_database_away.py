"""PostgreSQL goes away under the running program: nothing is acknowledged that was not stored, and it comes back alone.

Ten minutes of outage are some seconds here: nothing in the program counts how long it lasts (G-134, G-135, figure 6).
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import open_engine
from tests.fakes.slack_deliveries import Ack
from tests.live import LUCIA, Live, live
from tests.postgres import Postgres, postgres
from tests.sound import wrong_in
from tests.stories import AFTERNOON, AT_HOME, OKAFOR, prepare
from tests.test_processes import beside

SLACK_WAITS = 3.0  # seconds; the fake complains after them as Slack does
RESTARTS = 10  # 30 before a release (figure 6)
STORY = replace(AFTERNOON, joined={"Ms Okafor": OKAFOR, "Lucía Romero": AT_HOME})


@pytest.fixture
def server_of_its_own() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@asynccontextmanager
async def school(server: Postgres, folder: Path, mode: str = "socket") -> AsyncIterator[Live]:
    """Ms Okafor is on Slack, Lucía on Telegram."""
    prepare(server.url, STORY)
    async with live(folder, database=server.url, mode=mode) as house:
        await house.telegram.start(LUCIA)
        house.telegram.updates.waiting.clear()
        yield house


# --- away at the start -----------------------------------------------------------------------------------------------


async def test_the_bot_starts_before_its_database(server_of_its_own: Postgres, tmp_path: Path) -> None:
    """It says what is wrong, lives, is not ready, and begins by itself once the server is there."""
    async with school(server_of_its_own, tmp_path) as house:
        server_of_its_own.stop()
        starting = asyncio.ensure_future(house.run(STORY.start, 60))
        await house.tells("The database does not answer")
        await house.answers("/healthz")
        assert "database" in await house.answers("/readyz", 503)
        server_of_its_own.start()
        await starting
        await house.slack.sees("U1", "planners seen?", "All written ✓")
        assert "[database] url" in house.log() and "Traceback" not in house.log()


async def test_told_to_end_while_it_waits_for_its_database(server_of_its_own: Postgres, tmp_path: Path) -> None:
    async with school(server_of_its_own, tmp_path) as house:
        server_of_its_own.stop()
        starting = asyncio.ensure_future(house.run(STORY.start, 60))
        await house.tells("The database does not answer")
        starting.cancel()
        assert await house.stop() == 0


# --- away for a while ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("how", ["stopped", "standing still"])
async def test_away_for_some_seconds(server_of_its_own: Postgres, tmp_path: Path, mode: str, how: str) -> None:
    """Slack is not told that a press arrived, Telegram's word waits there; afterwards all is as if nothing had been."""
    server = server_of_its_own
    async with school(server, tmp_path, mode) as house:
        await house.run(STORY.start, 60)
        card = await house.slack.sees("U1", "planners seen?", "All written ✓")
        await house.telegram.polled()
        server.stop("immediate") if how == "stopped" else server.freeze()
        began = time.monotonic()
        ack = await house.slack.tap("U1", "All written ✓")
        assert not ack.ok and time.monotonic() - began < SLACK_WAITS + 1
        assert mode == "socket" or (ack.status == 503 or ack.status == 500), "HTTP is answered, and not with 200"
        word = house.telegram.updates.next_id
        await house.telegram.say(LUCIA, "ayuda")
        assert "database" in await house.answers("/readyz", 503) and await house.answers("/healthz") == "ok"
        assert [update.id for update in house.telegram.updates.waiting] == [word]
        assert card.edits == 0
        server.start() if how == "stopped" else server.thaw()
        await house.ready(patience=30)
        await house.telegram.until(lambda: not house.telegram.updates.waiting, "Lucía's word is taken", 40)
        while "Change" not in card.labels() and not (await house.slack.tap("U1", "All written ✓")).ok:
            pass
        await house.slack.sees("U1", "written", "Change")
        assert "Traceback" not in house.log()
    assert wrong_in(server.url) == []


async def test_a_database_that_stands_still_is_not_taken_for_a_slack_that_is_away(
    server_of_its_own: Postgres, tmp_path: Path
) -> None:
    """The socket stays: whoever presses meanwhile is not told that there is no connection."""
    async with school(server_of_its_own, tmp_path) as house:
        await house.run(STORY.start, 60)
        await house.slack.sees("U1", "planners seen?", "All written ✓")
        server_of_its_own.freeze()
        await house.tells("could not note until when", times=3)
        server_of_its_own.thaw()
        await house.ready()
        assert sum(call.method == "apps.connections.open" for call in house.slack.calls) == 1


# --- restarts, again and again ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pressing:
    """Ms Okafor presses and Lucía writes as fast as they are answered; `taken`: what Slack believes delivered."""

    house: Live
    taken: list[str] = field(default_factory=list)
    refused: int = 0
    words: int = 0

    async def okafor(self) -> None:
        shown = await self.house.slack.sees("U1", "planners seen?", "All written ✓", patience=40)
        for n in range(1_000_000):
            name = f"1900000000.{n:06}"
            label = next(iter(shown.labels()))
            ack = await self.house.slack.press("U1", shown, shown.button(label), action_ts=name)
            self._count(ack, name)
            await asyncio.sleep(0.02)

    def _count(self, ack: Ack, name: str) -> None:
        if ack.ok:
            self.taken.append(name)
        else:
            self.refused += 1

    async def lucia(self) -> None:
        while True:
            await self.house.telegram.say(LUCIA, "ayuda")
            self.words += 1
            await asyncio.sleep(0.5)


def nothing_is_lost(url: str, pressing: Pressing) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        stored = connection.execute(text("select source from arrival")).scalars().all()
    engine.dispose()
    presses = {source.rpartition(":")[2] for source in stored if source.startswith("slack:")}
    assert set(pressing.taken) <= presses, sorted(set(pressing.taken) - presses)
    assert sum(source.startswith("telegram:m:") for source in stored) == pressing.words


async def restart_again_and_again(server: Postgres, lot: random.Random) -> None:
    for n in range(RESTARTS):
        await asyncio.sleep(lot.uniform(0, 0.8))  # the moment is the test, not a wait
        await asyncio.to_thread(server.kill if n % 3 == 0 else lambda: server.stop("immediate"))
        await asyncio.to_thread(server.start)


@pytest.mark.parametrize("processes", [1, 2])
async def test_the_server_dies_again_and_again(server_of_its_own: Postgres, tmp_path: Path, processes: int) -> None:
    """Whatever Slack believes delivered and Telegram no longer keeps is in the database (figure 6)."""
    seed = random.SystemRandom().randrange(1_000_000)
    print("seed", seed)
    async with school(server_of_its_own, tmp_path) as house:
        await house.run(STORY.start, 60)
        house.slack.ack_seconds = 0.5  # she does not wait long for a database that is away
        pressing = Pressing(house)
        people = [asyncio.ensure_future(pressing.okafor()), asyncio.ensure_future(pressing.lucia())]
        async with _more(house, processes):
            await restart_again_and_again(server_of_its_own, random.Random(seed))
            for one in people:
                one.cancel()
            await asyncio.wait(people)
            await house.ready(patience=40)
            await house.telegram.until(lambda: not house.telegram.updates.waiting, "all is taken", 60)
        print(len(pressing.taken), "taken", pressing.refused, "refused", pressing.words, "words")
        assert pressing.taken and house.process is not None and house.process.returncode is None
        nothing_is_lost(server_of_its_own.url, pressing)
        assert "Traceback" not in house.log()
    assert wrong_in(server_of_its_own.url) == []


@asynccontextmanager
async def _more(house: Live, processes: int) -> AsyncIterator[None]:
    if processes == 1:
        yield
        return
    async with beside(house, STORY.start, 60):
        yield
