"""Rows that are added unless they are there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert_new(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts what is not there yet, and says how many; a row whose unique key stands already is left as it is."""
    if not rows:
        return 0
    return int(connection.execute(_insert_new(connection.dialect.name, table), list(rows)).rowcount)


@cache
def _insert_new(dialect: str, table: Any) -> Any:
    insert = sqlite_insert if dialect == "sqlite" else pg_insert
    return insert(table).on_conflict_do_nothing()
