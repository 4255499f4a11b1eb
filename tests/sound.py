"""Whether a database is whole after a fault: its own checks, and what belongs together in it is together."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from storage.engine import open_engine

_INDEXES_HOLD = """
    select bt_index_parent_check(c.oid, true) from pg_class c join pg_index i on i.indexrelid = c.oid
    where c.relkind = 'i' and c.relnamespace = 'public'::regnamespace
"""
_NEVER = {
    "facts are counted": """
        select s.id from school s where s.facts <> (select count(*) from fact f where f.school = s.id)
    """,
    "one night a child": "select student, day from night group by school, student, day having count(*) > 1",
    "a message is one card's": "select lane, ref from card where ref <> '' group by lane, ref having count(*) > 1",
    "a ring has its card": "select r.id from ring r where not exists (select 1 from card c where c.id = r.card)",
    "a card has its address": """
        select c.id from card c where c.address <> 0 and not exists (select 1 from address a where a.id = c.address)
    """,
}


def wrong_in(url: str) -> list[str]:
    """What is wrong with the database at that URL, in words; empty if it is whole."""
    engine = open_engine(url)
    with engine.begin() as connection:
        found = [*_damage(connection), *(why for why, query in _NEVER.items() if connection.execute(text(query)).all())]
    engine.dispose()
    return found


def _damage(connection: Connection) -> Iterator[str]:
    """SQLite checks itself; on PostgreSQL amcheck compares each index with its table, and raises if it does not fit."""
    if connection.dialect.name == "sqlite":
        yield from (line for line in connection.execute(text("PRAGMA integrity_check")).scalars() if line != "ok")
    else:
        connection.execute(text("create extension if not exists amcheck"))
        connection.execute(text(_INDEXES_HOLD))
