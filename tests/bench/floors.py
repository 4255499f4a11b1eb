"""Floors: the same durable work with nothing but the database's bare driver, in as few statements as it takes."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import make_url

DUE = """create table due (id integer primary key, person integer not null, kind text not null, day text not null,
    wake_at text, ref text not null, face text not null, unique (person, kind, day))"""
AT, FACE = "2026-09-15 17:30:00", "x" * 200  # a face as long as a stored card's own columns


class Raw:
    """sqlite3 in WAL mode with FULL sync, or psycopg; statements say ? for a value on both."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.connection: Any = _sqlite(url) if self.is_sqlite else psycopg.connect(url, autocommit=True)
        self.begin = "begin immediate" if self.is_sqlite else "begin"

    def do(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        cursor = self.connection.execute(self._said(statement), values)
        return list(cursor.fetchall()) if cursor.description else []

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self.connection.cursor().executemany(self._said(statement), rows)

    def _said(self, statement: str) -> str:
        return statement if self.is_sqlite else statement.replace("?", "%s")


def _sqlite(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"pragma {pragma}")
    return connection


def name(url: str) -> str:
    return "sqlite3, FULL" if url.startswith("sqlite") else "psycopg"


def marked(url: str, cards: int, batch: int) -> float:
    """Cards a second: so many due rows selected and marked as shown, `batch` in a transaction."""
    raw = _table_of(url, cards)
    started = time.perf_counter()
    while True:
        raw.do(raw.begin)
        query = "select id, person, face from due where wake_at <= ? order by wake_at, id limit ?"
        rows = raw.do(query, (AT, batch))
        raw.many("update due set ref = ?, wake_at = null where id = ?", [(f"{row[1]}:1", row[0]) for row in rows])
        raw.do("commit")
        if not rows:
            return cards / (time.perf_counter() - started)


def inserted(url: str, rows: int) -> float:
    """Seconds to insert so many rows with a unique key and an index in one transaction."""
    started = time.perf_counter()
    _table_of(url, rows)
    return time.perf_counter() - started


def looked(url: str, rows: int, times: int) -> list[float]:
    """Milliseconds to look once for the next alarm among so many rows, one transaction each."""
    raw = _table_of(url, rows)
    found = []
    for _ in range(times):
        started = time.perf_counter()
        raw.do(raw.begin)
        raw.do("select min(wake_at) from due where wake_at > ?", ("2026-09-15 12:00:00",))
        raw.do("commit")
        found.append((time.perf_counter() - started) * 1000)
    return found


def _table_of(url: str, rows: int) -> Raw:
    raw = Raw(url)
    raw.do(raw.begin)
    raw.do(DUE)
    raw.do("create index due_wake_at on due (wake_at, id)")
    values = ((n, n, "home", "2026-09-15", AT, "", FACE) for n in range(1, rows + 1))
    raw.many("insert into due values (?, ?, ?, ?, ?, ?, ?)", values)
    raw.do("commit")
    return raw
