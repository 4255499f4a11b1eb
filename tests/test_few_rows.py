"""What a school has gathered in a year makes no press slower: whatever a day asks of the database, an index answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event

from tests.days import Day, new_store

GROW = {"address", "arrival", "card", "enrolment", "fact", "night", "person", "relation", "ring", "student"}
WHOLE_SCHOOL = re.compile(r"\(school=\?\)$")


@contextmanager
def plans(engine: Engine) -> Iterator[dict[str, list[str]]]:
    """Every statement that is executed meanwhile → the steps in which SQLite finds its rows."""
    found: dict[str, list[str]] = {}

    def note(connection: object, cursor: object, statement: str, values: object, context: object, many: bool) -> None:
        if statement in found or not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            return
        found[statement] = []
        raw = connection.connection.driver_connection  # type: ignore[attr-defined]
        given = values[0] if many else values  # type: ignore[index]
        found[statement] = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", given)]

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def read_whole(steps: list[str]) -> list[str]:
    """The steps that read a table, or all that a school has in it, from one end to the other."""
    tables = [(step.split()[1], step) for step in steps if step.startswith(("SCAN ", "SEARCH "))]
    return [step for name, step in tables if name in GROW and (step.startswith("SCAN") or WHOLE_SCHOOL.search(step))]


async def test_whatever_a_day_asks_is_found_by_an_index(tmp_path: Path) -> None:
    store = new_store(f"sqlite:///{tmp_path / 'twoticks.db'}")
    async with Day(store) as day:
        with plans(store.engine) as found:
            await day.at("15:10")
            await day.taps("okafor", "Mark one", "Ana", "Not written")
            await day.taps("okafor", "Others written ✓")
            await day.at("16:10")
            await day.taps("diaz", "All written ✓")
            await day.at("17:30")
            await day.taps("tom", "I'll answer instead")
            await day.at("19:45")
            await day.taps("tom", "Something's missing")
            await day.taps("ada", "All done ✓")
            await day.house.say("okafor", "today")
            await day.at("21:00")
        slow = {statement: whole for statement, steps in found.items() if (whole := read_whole(steps))}
    assert len(found) > 30
    assert not slow, "\n".join(f"{steps}\n  {' '.join(statement.split())}" for statement, steps in slow.items())
