"""The real process, killed with -9 where it hurts: nothing lost in or out, at most one extra copy (G-130)."""

import signal
import sqlite3
from pathlib import Path

from tests.fakes.screens import Shown
from tests.live import LUCIA, PARK, Live, live
from tests.test_live import ENGLISH, SPANISH


def cards(shown: list[Shown]) -> list[Shown]:
    return [one for one in shown if one.text.startswith("Tue, Sep 15") or "moved down" in one.text]


def sound(folder: Path) -> None:
    """The embedded database is whole after a kill."""
    with sqlite3.connect(folder / "twoticks.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def park_and_okafor(house: Live) -> None:
    await house.import_roster()
    await house.invite()
    await house.run("2026-09-15T14:00:00", 600)
    await house.join(PARK, "Ms Park", ENGLISH)
    await house.telegram.sees(PARK, "Welcome")
    await house.stop()


async def test_killed_between_send_and_note_on_slack(tmp_path: Path) -> None:
    """The first copy is found by its metadata: no second one is posted, and its button still answers."""
    async with live(tmp_path) as house:
        await park_and_okafor(house)
        slow = house.slack.fail("chat.postMessage", times=99, after=True, delay=30.0)
        await house.run("2026-09-15T15:09:00", 60)
        await house.slack.sees("U1", "planners seen?")
        await house.stop(signal.SIGKILL)
        slow.times = 0
        house.slack.clock = lambda: 0.0  # its own times say nothing about a practice clock
        await house.run("2026-09-15T15:14:00", 60)
        await house.slack.sees("U3", "planners seen?", "All written ✓")
        await house.slack.tap("U1", "All written ✓")
        await house.slack.sees("U1", "both written", "Change")
        assert len(cards(house.slack.screen("U1"))) == 1
        sound(tmp_path)


async def test_killed_between_send_and_note_on_telegram(tmp_path: Path) -> None:
    """Nobody can ask Telegram: one more copy, and the button of either states the same."""
    async with live(tmp_path) as house:
        await park_and_okafor(house)
        slow = house.telegram.fail("sendMessage", times=99, after=True, delay=30.0)
        await house.run("2026-09-15T15:09:00", 60)
        first = await house.telegram.sees(PARK, "planners seen?", "All written ✓")
        await house.stop(signal.SIGKILL)
        slow.times = 0
        await house.run("2026-09-15T15:14:00", 60)
        await house.telegram.until(lambda: len(cards(house.telegram.screen(PARK))) == 2, "the second copy")
        await house.telegram.tap(PARK, "All written ✓", shown=first)
        await house.telegram.sees(PARK, "written", "Change")
        await house.telegram.sees(PARK, "This card has moved down.")
        sound(tmp_path)


async def test_killed_right_after_the_tap_was_acknowledged(tmp_path: Path) -> None:
    """G-013: what the platform believes delivered is stored; after the restart every screen shows it."""
    async with live(tmp_path) as house:
        await park_and_okafor(house)
        await house.run("2026-09-15T15:09:00", 60)
        await house.slack.sees("U1", "planners seen?", "All written ✓")
        house.slack.fail("chat.update", times=99, delay=30.0)
        ack = await house.slack.tap("U1", "All written ✓")
        await house.stop(signal.SIGKILL)
        assert ack.ok
        house.slack.faults.clear()
        await house.run("2026-09-15T15:14:00", 60)
        await house.slack.sees("U1", "both written", "Change")
        sound(tmp_path)


async def test_killed_before_the_offset_was_confirmed(tmp_path: Path) -> None:
    """A Telegram tap that waits while nobody runs is heard after the restart, once."""
    async with live(tmp_path) as house:
        await park_and_okafor(house)
        await house.run("2026-09-15T15:09:00", 60)
        await house.telegram.sees(PARK, "planners seen?", "All written ✓")
        await house.stop(signal.SIGKILL)
        await house.telegram.tap(PARK, "All written ✓")
        await house.telegram.start(LUCIA, house.codes["Lucía Romero"])
        await house.run("2026-09-15T15:14:00", 60)
        await house.telegram.sees(PARK, "written", "Change")
        await house.telegram.sees(LUCIA, "A. R.", SPANISH[0])
        with sqlite3.connect(tmp_path / "twoticks.db") as connection:
            assert connection.execute("select count(*) from fact where kind = 'line'").fetchone() == (1,)
        sound(tmp_path)


async def test_a_second_process_on_one_database(tmp_path: Path) -> None:
    """G-137: it ends with 3 and names the first one's pid; the lock is free after kill -9."""
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.run("2026-09-15T15:00:00", 60)
        assert house.process is not None
        text = (tmp_path / "config.toml").read_text()
        (tmp_path / "second.toml").write_text(text.replace(f":{house.port}", f":{house.port + 1}"))
        code, _, err = await house.command("run", "--config", "second.toml")
        assert code == 3 and str(house.process.pid) in err
        await house.stop(signal.SIGKILL)
        await house.run("2026-09-15T15:01:00", 60)
