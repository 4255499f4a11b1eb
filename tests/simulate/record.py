"""The record as it stands in the database, read from outside: facts, nights and what has arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select, text

from storage.load import arrival, fact, night


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the record; `source` without what the program adds to tell several facts of one press apart."""

    n: int
    kind: str
    value: str
    person: int
    student: int
    course: int
    day: date | None
    said_at: datetime
    source: str
    named: bool
    anew: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """One child's day as it was frozen."""

    lines: dict[int, str]
    home: str
    verdict: str
    asked: bool


class Record:
    """Reads what is new since the last look. Facts stay in memory for the days that are still open."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.entries: list[Entry] = []
        self.by_source: dict[str, list[Entry]] = {}
        self.by_child: dict[tuple[int, date | None], list[Entry]] = {}
        self._last = 0

    def read(self, engine: Engine) -> list[Entry]:
        self.engine = engine
        with engine.connect() as connection:
            query = select(fact).where(fact.c.n > self._last).order_by(fact.c.n)
            fresh = [_entry(row) for row in connection.execute(query)]
        for one in fresh:
            self._last = one.n
            self.entries.append(one)
            self.by_source.setdefault(one.source, []).append(one)
            self.by_child.setdefault((one.student, one.day), []).append(one)
        return fresh

    def nights(self, day: date) -> dict[int, Closed]:
        """Each child's frozen day; a child that stands twice stands here as child 0."""
        found: dict[int, Closed] = {}
        for row in self._rows(select(night).where(night.c.day == day).order_by(night.c.id)):
            lines = {int(course): state for course, state in row.lines.items()}
            found[0 if row.student in found else row.student] = Closed(lines, row.home, row.verdict, row.asked)
        return found

    def arrived(self, since: datetime) -> dict[str, str]:
        """Source → outcome of all that was heard since then."""
        query = select(arrival.c.source, arrival.c.outcome).where(arrival.c.heard_at >= since)
        return {row.source: row.outcome for row in self._rows(query.order_by(arrival.c.source))}

    def whole(self) -> bool:
        """Whether the embedded database finds itself well."""
        if self.engine is None or self.engine.dialect.name != "sqlite":
            return True
        return bool(self._rows(text("PRAGMA integrity_check"))[0][0] == "ok")

    def _rows(self, query: Any) -> list[Any]:
        if self.engine is None:
            return []
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def forget(self, before: date) -> None:
        """What is said of older days is not asked for any more."""
        self.entries = [one for one in self.entries if one.day is None or one.day >= before]
        for key in [key for key in self.by_child if key[1] is not None and key[1] < before]:
            del self.by_child[key]
        kept: Iterable[str] = {one.source for one in self.entries}
        self.by_source = {source: found for source, found in self.by_source.items() if source in kept}


def _entry(row: Any) -> Entry:
    return Entry(
        row.n, row.kind, row.value, row.person, row.student, row.course, row.day, row.said_at,
        row.source.partition("#")[0], bool(row.data.get("named")), bool(row.data.get("change")),
    )  # fmt: skip
