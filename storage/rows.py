"""Rows that are added unless they are there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert_new(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts what is not there yet; a row whose unique key stands already is left as it is."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), list(rows))


def insert_one(connection: Connection, table: Any, row: Mapping[str, Any]) -> bool:
    """Inserts a row unless its unique key stands already; whether it is new.

    Asked by RETURNING: the count of rows that psycopg gives is not to be relied on here.
    """
    made = _insert_new(connection.dialect.name, table).returning(*table.primary_key)
    return connection.execute(made, dict(row)).first() is not None


@cache
def _insert_new(dialect: str, table: Any) -> Any:
    insert = sqlite_insert if dialect == "sqlite" else pg_insert
    return insert(table).on_conflict_do_nothing()
