"""A database that cannot be used is told in a line with what to do; nothing is made anew or lost (G-131 to G-142)."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import open_engine
from tests.fakes.screens import Shown
from tests.live import LUCIA, Live, live
from tests.sound import wrong_in
from tests.stories import AFTERNOON, prepare

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@asynccontextmanager
async def office(folder: Path, url: str = "") -> AsyncIterator[Live]:
    """A school on an embedded database; with `url`, its configuration names another place."""
    place = f"sqlite:///{folder / 'twoticks.db'}"
    prepare(place, AFTERNOON)
    async with live(folder, database=url or place) as house:
        yield house


# --- what is told before anything begins ------------------------------------------------------------------------------


def newer(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("update alembic_version set version_num = '9999'")


def header(file: Path) -> None:
    overwrite(file, 0, 100)


def first_page(file: Path) -> None:
    overwrite(file, 100, 3_996)


def some_pages(file: Path) -> None:
    overwrite(file, 3 * 4_096, 20 * 4_096)


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 100)


def overwrite(file: Path, at: int, length: int) -> None:
    with file.open("r+b") as raw:
        raw.seek(at)
        raw.write(b"\xa5" * length)


@pytest.mark.parametrize("command", [("run",), ("invite",), ("db", "upgrade")], ids=" ".join)
async def test_a_database_newer_than_the_program(tmp_path: Path, command: tuple[str, ...]) -> None:
    """G-141."""
    async with office(tmp_path) as house:
        newer(tmp_path / "twoticks.db")
        code, _, told = await house.command(*command)
        assert code == 1 and told.strip().splitlines()[-1].startswith("This database was made by a newer Twoticks.")
        assert not copies(tmp_path), "nothing is upgraded, so nothing is copied"


@pytest.mark.parametrize("command", [("run",), ("invite",), ("db", "upgrade")], ids=" ".join)
@pytest.mark.parametrize("damage", [header, first_page, some_pages, half])
async def test_a_damaged_file(tmp_path: Path, damage: Callable[[Path], None], command: tuple[str, ...]) -> None:
    """G-133: it is named, left as it is, and so is the newest copy beside it."""
    async with office(tmp_path) as house:
        file, copy = tmp_path / "twoticks.db", tmp_path / "twoticks.db.before-0000"
        copy.write_bytes(file.read_bytes())
        damage(file)
        before = file.read_bytes()
        code, _, told = await house.command(*command)
        assert code == 1 and len(told.strip().splitlines()) == 1 and "Traceback" not in told, told
        assert "twoticks.db is damaged" in told and copy.name in told
        assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("{folder}/nowhere/twoticks.db", "does not exist"),
        ("{folder}", "Is a directory"),
        ("/proc/twoticks.db", "cannot be written"),
        pytest.param("{folder}/locked/twoticks.db", "cannot be written", marks=NOT_ROOT),
    ],
)
async def test_a_place_where_no_database_can_be(tmp_path: Path, place: str, words: str) -> None:
    """G-142: one line with the place and what to change."""
    (tmp_path / "locked").mkdir(mode=0o500)
    async with office(tmp_path, f"sqlite:///{place.format(folder=tmp_path)}") as house:
        code, _, told = await house.command("run")
        assert code == 1 and len(told.strip().splitlines()) == 1 and "Traceback" not in told, told
        assert words in told and ("Change" in told or "change" in told)


async def test_a_command_beside_somebody_who_holds_the_file(tmp_path: Path) -> None:
    async with office(tmp_path) as house:
        with locked(house):
            code, _, told = await house.command("invite")
        assert code == 1 and len(told.strip().splitlines()) == 1 and "locked" in told, told


# --- what happens while it runs ---------------------------------------------------------------------------------------


@contextmanager
def locked(house: Live) -> Iterator[None]:
    """Another program holds the file's write lock, for longer than the store waits for it."""
    connection = sqlite3.connect(house.folder / "twoticks.db", isolation_level=None)
    connection.execute("begin immediate")
    try:
        yield
    finally:
        connection.execute("rollback")
        connection.close()


@contextmanager
def full(house: Live) -> Iterator[None]:
    """No file of the program may grow: to SQLite the same as a full disk, and it needs no disk of its own."""
    assert house.process is not None
    pid, (_, most) = house.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, most))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


TROUBLES = [pytest.param(locked, "locked", id="locked"), pytest.param(full, "disk", id="full")]


@pytest.mark.parametrize(("trouble", "words"), TROUBLES)
async def test_nothing_can_be_stored_for_a_while(
    tmp_path: Path, trouble: Callable[[Live], AbstractContextManager[None]], words: str
) -> None:
    """G-131, G-132: no press is acknowledged, nothing else breaks, and all goes on without a new start."""
    async with office(tmp_path) as house:
        await house.run(AFTERNOON.start, 60)
        card = await house.slack.sees("U1", "planners seen?", "All written ✓")
        await house.telegram.polled()
        with trouble(house):
            assert not (await house.slack.tap("U1", "All written ✓")).ok
            await house.telegram.start(LUCIA)
            await house.answers("/readyz", 503)
            assert not (await house.slack.tap("U1", "All written ✓")).ok
            await stays_red(house)
            assert len(house.telegram.updates.waiting) == 1 and not house.telegram.screen(LUCIA)
        await house.answers("/readyz")
        await presses(house, card)
        await house.telegram.sees(LUCIA, "", patience=40)
        assert words in house.log() and "Traceback" not in house.log()
        assert await house.stop() == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'twoticks.db'}")
    with engine.begin() as connection:
        assert connection.execute(text("select count(*) from fact where kind = 'line'")).scalar() == 1
    engine.dispose()
    assert wrong_in(f"sqlite:///{tmp_path / 'twoticks.db'}") == []


async def presses(house: Live, card: Shown) -> None:
    """She tries until it is taken; a press that was stored after all is shown without another."""
    async with asyncio.timeout(20):
        while "Change" not in card.labels():
            if "All written ✓" in card.labels() and house.slack.sockets:
                await house.slack.tap("U1", "All written ✓", shown=card)
            await asyncio.sleep(0.3)


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("*.before-*"))


async def stays_red(house: Live) -> None:
    """Looked at some heartbeats later: reading goes well again and again."""
    await asyncio.sleep(1.0)
    await house.answers("/readyz", 503, patience=0.5)
