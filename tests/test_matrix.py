"""The crash matrix: the real program, killed with -9 at every named point of its work, on both databases (G-130).

Each row is a short story of people who go on whatever happens to the bot. It is killed once, started again, and then:
no press that the platform believes delivered is lost, none counts twice, no card is lost, at most one message is
repeated, and the database is whole. A point without a row fails the last test.
"""

import ast
import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage.engine import open_engine
from tests.fakes.screens import Screens
from tests.live import LUCIA, Live, live
from tests.sound import wrong_in
from tests.stories import AFTERNOON, EVENING, JOINING, NIGHT, UNLUCKY, Story, prepare

ROOT = Path(__file__).parent.parent
RATE = 60
# What platforms complain of when a bot dies: it owed them an answer.
OWED = ("not acknowledged: ", "was not answered within")


@dataclass(frozen=True, slots=True)
class Row:
    """One kill. The plan is told in `tests.crashing`; `copies`: messages that may stand twice then."""

    story: Story
    plan: str
    copies: int = 0

    @property
    def point(self) -> str:
        return self.plan.rpartition(">")[2].partition("#")[0].strip()


ROWS = {
    "a teacher's card goes out and is pressed on Slack": [
        Row(AFTERNOON, "step written"),
        Row(AFTERNOON, "step committed"),
        Row(AFTERNOON, "before send"),
        Row(AFTERNOON, "sent"),  # the first copy is found by its metadata
        Row(AFTERNOON, "sent > step written"),
        Row(AFTERNOON, "sent > step committed"),
        Row(AFTERNOON, "arrival received"),
        Row(AFTERNOON, "arrival written"),
        Row(AFTERNOON, "arrival committed"),
        Row(AFTERNOON, "arrival written! > arrival parked"),
        Row(AFTERNOON, "slack acknowledged"),
        Row(AFTERNOON, "arrival committed > step written"),
        Row(AFTERNOON, "before edit"),
        Row(AFTERNOON, "edited"),
        Row(AFTERNOON, "edited > step written"),
    ],
    "a guardian's card goes out and is pressed on Telegram": [
        Row(EVENING, "before send"),
        Row(EVENING, "sent", copies=1),
        Row(EVENING, "sent > step written", copies=1),
        Row(EVENING, "sent > step committed"),
        Row(EVENING, "arrival received"),
        Row(EVENING, "arrival written"),
        Row(EVENING, "arrival committed"),
        Row(UNLUCKY, "arrival written! > arrival parked"),
        Row(EVENING, "offset moved"),
        Row(EVENING, "before edit"),
        Row(EVENING, "edited"),
    ],
    "a guardian joins with a code": [
        Row(JOINING, "arrival written"),
        Row(JOINING, "arrival committed"),
        Row(JOINING, "arrival committed#2"),
        Row(JOINING, "arrival committed#3"),
        Row(JOINING, "arrival committed#4"),
        Row(JOINING, "sent", copies=1),
        Row(JOINING, "sent#2"),
    ],
    "a day is closed and the next one is opened": [
        Row(NIGHT, "turn written#2"),
        Row(NIGHT, "turn committed#2"),
        Row(NIGHT, "day opened"),
        Row(NIGHT, "day opened > turn written"),
        Row(NIGHT, "day closed"),
        Row(NIGHT, "day closed > step written"),
    ],
}
CASES = [pytest.param(row, id=f"{row.plan}, when {title}") for title, rows in ROWS.items() for row in rows]


@pytest.mark.parametrize("row", CASES)
async def test_killed_when(row: Row, database: str, tmp_path: Path) -> None:
    story = row.story
    prepare(database, story)
    async with live(tmp_path, database=database) as house:
        await _known(house, story)
        people = asyncio.ensure_future(story.people(house))
        await house.run(story.start, RATE, crash_at=row.plan)
        await house.dies()
        nobody_holds_a_lane(database)
        await house.run(story.again, RATE)
        await people
        await house.telegram.polled()
        assert await house.stop() == 0, house.log()
        _no_card_is_lost(house, row)
        _nothing_heard_is_lost(house, database, story)
        for platform in (house.slack, house.telegram):
            assert not [c for c in platform.complaints if not any(owed in c for owed in OWED)]
    assert wrong_in(database) == []


async def _known(house: Live, story: Story) -> None:
    """Who has joined has pressed Start, long ago; who is to join has a code."""
    if story is JOINING:
        await house.invite()
    elif any(platform == "telegram" for platform, _ in story.joined.values()):
        await house.telegram.start(LUCIA)
        house.telegram.updates.waiting.clear()


def nobody_holds_a_lane(database: str) -> None:
    """The dead process's leases have run out: half a minute in which nobody wants to wait."""
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("update lane set owner = '', lease_until = 0"))
    engine.dispose()


def _no_card_is_lost(house: Live, row: Row) -> None:
    """Every message is there, and at most as many twice as the row allows."""
    screens: dict[str, Screens] = {"slack": house.slack, "telegram": house.telegram}
    seen = {(name, user): len(shown) for name, one in screens.items() for user, shown in one.people.items() if shown}
    wanted = dict(row.story.messages)
    assert seen.keys() == wanted.keys(), house.slack.describe() + house.telegram.describe()
    extra = {who: seen[who] - wanted[who] for who in wanted}
    assert all(n >= 0 for n in extra.values()) and sum(extra.values()) <= row.copies, extra


def _nothing_heard_is_lost(house: Live, database: str, story: Story) -> None:
    """Every Telegram press was stored once. Slack's unacknowledged presses are pressed again, so they may count."""
    engine = open_engine(database)
    with engine.begin() as connection:
        stored = set(connection.execute(text("select source from arrival")).scalars())
        said = Counter(_said(connection))
    engine.dispose()
    assert {f"telegram:cb:{tap.id}" for tap in house.telegram.taps} <= stored
    again = sum("not acknowledged" in complaint for complaint in house.slack.complaints)
    assert said.keys() == story.facts and said.total() <= len(story.facts) + again, said


def _said(connection: Connection) -> Iterator[str]:
    said = text("select kind, value from fact where kind in ('line', 'home', 'joined', 'unasked')")
    for kind, value in connection.execute(said):
        yield f"{kind} {value}"


def test_every_point_of_the_program_has_a_row() -> None:
    """Read from the source, so that a new point asks for its story."""
    named = {point for folder in ("bot", "adapters", "storage") for point in _points(ROOT / folder)}
    killed_at = {row.point for rows in ROWS.values() for row in rows}
    assert named and named == killed_at


def _points(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "passed":
                assert isinstance(node.args[0], ast.Constant), f"{file}: a point is named where it stands"
                yield str(node.args[0].value)
