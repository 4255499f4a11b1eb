"""Several processes on one PostgreSQL: arrivals go to any, each lane has one owner, and nobody sees the difference."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.hands import Hands, LaneHand
from bot.lanes import LEASE, RENEW, UNLIMITED, Pace
from bot.ports import Lease
from storage.notices import listen
from storage.store import Store
from tests.days import LINCOLN, Day, labels, new_store
from tests.fakes.screens import Shown
from tests.fakes.telegram import TelegramFake
from tests.live import LUCIA, PARK, Live, environment, free_port, live
from tests.test_live import ENGLISH

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
LINCOLN_NOON = datetime.fromisoformat("2026-09-15T16:00:00+00:00")
TAKEOVER = LEASE + RENEW + 10.0  # seconds of patience until a stopped owner's lanes have moved


# --- leases ----------------------------------------------------------------------------------------------------------


@on_postgresql
def test_a_lane_has_one_owner_at_a_time(database: str) -> None:
    """G-138: whoever asks while it is held gets nothing; given back, it is anybody's at once."""
    first = new_store(database)
    second = Store(first.engine, [LINCOLN])
    lane = first.lane("web").id
    now = LINCOLN_NOON
    assert first.step(now, [], [], [], set(), Lease("a", [lane])).held == {lane}
    assert second.step(now, [], [], [], set(), Lease("b", [lane])).held == set()
    assert first.step(now, [], [], [], set(), Lease("a", [lane])).held == {lane}, "its own lease is renewed"
    first.release(Lease("a", [lane]))
    assert second.step(now, [], [], [], set(), Lease("b", [lane])).held == {lane}
    first.close()


@on_postgresql
def test_ten_processes_want_a_free_lane_at_the_same_moment(database: str) -> None:
    store = new_store(database)
    lane = store.lane("web").id

    def ask(n: int) -> bool:
        return lane in store.step(LINCOLN_NOON, [], [], [], set(), Lease(f"process {n}", [lane])).held

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(ask, range(10))) == 1
    store.close()


@on_postgresql
async def test_a_tap_heard_by_one_process_is_shown_by_the_other_at_once(database: str) -> None:
    """The other's hands are told; they do not wait for their heartbeat."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        bubble = day.newest("okafor", "All written ✓")
        here = day.house.hands
        here.store.release(Lease(here.me, list(here.lanes)))
        store = Store(day.house.store.engine, [LINCOLN])
        lane = LaneHand(day.house.lane, day.house.chat, Pace(UNLIMITED, 1000))
        other = Hands(store, day.house.clock, day.house.blocking, [lane], "the other")
        tasks = [asyncio.ensure_future(other.run())]
        tasks.append(asyncio.ensure_future(listen(store.engine, store.me, other.knock)))
        await lane.taken.wait()
        await asyncio.sleep(1.0)  # nothing more happens: both wait
        data = bubble.message.rows[0][0].value
        await day.house.chat.tap("okafor", bubble.ref, data)
        version = day.house.chat.version
        while labels(day.newest("okafor")) != ["Change"]:
            await asyncio.wait_for(day.house.chat.changed(version), 10)
            version = day.house.chat.version
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


# --- the real program, twice -----------------------------------------------------------------------------------------


@asynccontextmanager
async def beside(house: Live, moment: str, rate: int) -> AsyncIterator[Live]:
    """A second process of the same configuration, on a port of its own."""
    text = (house.folder / "config.toml").read_text()
    port = free_port()
    (house.folder / "second.toml").write_text(text.replace(f":{house.port}", f":{port}"))
    second = Live(house.folder, house.slack, house.telegram, port, house.codes)
    log = (house.folder / "second.log").open("ab")
    clock = f"{moment}-04:00@{rate}"
    second.process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--config", "second.toml", "--practice-clock", clock,
        cwd=house.folder, env={**environment(), "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=log, stderr=log,
    )  # fmt: skip
    log.close()
    try:
        await second.ready()
        yield second
    finally:
        await second.stop(signal.SIGKILL)


def cards(shown: list[Shown]) -> list[Shown]:
    return [one for one in shown if one.text.startswith("Tue, Sep 15")]


@on_postgresql
async def test_an_owner_that_stood_still_and_one_that_was_killed(database: str, tmp_path: Path) -> None:
    """G-138, G-123: the other takes over within the lease; whoever wakes up after it sends nothing; nothing doubles."""
    async with live(tmp_path, database=database) as house:
        await house.import_roster()
        await house.invite()
        await house.run("2026-09-15T14:00:00", 600)
        await house.join(PARK, "Ms Park", ENGLISH)
        await house.telegram.sees(PARK, "Welcome")
        await house.stop()
        await house.run("2026-09-15T15:05:00", 10)
        async with beside(house, "2026-09-15T15:05:00", 10):
            assert house.process is not None
            house.process.send_signal(signal.SIGSTOP)
            await house.slack.sees("U1", "planners seen?", "All written ✓", patience=TAKEOVER + 30)
            await house.telegram.sees(PARK, "planners seen?", "All written ✓")
            house.process.send_signal(signal.SIGCONT)
            await house.telegram.tap(PARK, "All written ✓")
            await house.telegram.sees(PARK, "written", "Change")
            assert [len(cards(house.slack.screen(user))) for user in ("U1", "U2", "U3")] == [1, 1, 1]
            assert len(cards(house.telegram.screen(PARK))) == 1
        await house.slack.tap("U1", "All written ✓")
        await house.slack.sees("U1", "both written", "Change", patience=TAKEOVER)
        await house.telegram.tap(PARK, "Change")
        await house.telegram.sees(PARK, "", "All written ✓", patience=TAKEOVER)
        assert len(cards(house.slack.screen("U1"))) == 1


# --- several bots ----------------------------------------------------------------------------------------------------


async def test_two_schools_with_a_telegram_bot_each(tmp_path: Path) -> None:
    """Each bot is a lane of its own: its school's codes name it, its families hear from it, and the other is silent."""
    token = "777777:EAST-token"
    async with live(tmp_path) as house, TelegramFake(token=token, username="east_test_bot") as east:
        house.telegram.beside[token] = east
        east.person(LUCIA, name="Lucia", language="es")
        text = (tmp_path / "config.toml").read_text()
        east_school = '[[schools]]\nid = "east"\nname = "East"\ntimezone = "America/New_York"\ntelegram = "east"\n'
        (tmp_path / "config.toml").write_text(f"{text}\n{east_school}\n[telegram.bots.east]\n")
        house.more["TWOTICKS_TELEGRAM__BOTS__EAST__TOKEN"] = token
        for school in ("lincoln", "east"):
            (tmp_path / "roster.csv").write_text(ROSTER)
            code, out, err = await house.command("roster", "import", "roster.csv", "--school", school)
            assert code == 0, out + err
        code, out, err = await house.command("invite", "--school", "east", "--json", "--role", "guardian")
        assert code == 0 and "https://t.me/east_test_bot?start=" in out, out + err
        secret = out.split("start=")[1].split('"')[0]
        await house.run("2026-09-15T15:00:00", 60)
        await east.start(LUCIA, secret)
        await east.sees(LUCIA, "A. R.")
        assert not house.telegram.screen(LUCIA)


ROSTER = """student,group,class,teacher,guardian,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Lucía Romero,es,yes
"""


@on_postgresql
async def test_doctor_tells_which_lanes_are_worked(database: str, tmp_path: Path) -> None:
    async with live(tmp_path, database=database) as house:
        await house.import_roster()
        await house.run("2026-09-15T12:00:00", 60)
        await house.telegram.until(lambda: any(c.method == "getUpdates" for c in house.telegram.calls), "a poll")
        _, out, _ = await house.command("doctor")
        assert "lane telegram: a process works it" in out, out
        await house.stop()
        _, out, _ = await house.command("doctor")
        assert "lane telegram: no process works it now" in out, out
