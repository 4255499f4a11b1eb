"""Two transactions never wait for each other: on PostgreSQL a deadlock would be an answer that is not stored."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, text

from bot.model import Card
from bot.playhouse import Playhouse
from bot.ports import Account, Note, Said, Turn
from storage import load
from storage.load import card, school_
from storage.store import Store
from tests.days import LINCOLN, ROSTER, Day, new_store

# SQLite has one writer: there is no second lock to wait for.
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
PATIENCE = 10.0  # seconds until a test says that nobody came
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def until_wait(engine: Engine, transactions: int) -> None:
    """Returns once so many transactions wait for a lock."""
    end = time.monotonic() + PATIENCE
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(text(WAITING)).scalar_one() < transactions:
            assert time.monotonic() < end, "nobody waits for a lock"


def home_cards(store: Store) -> list[Card]:
    query = select(*load.CARD_COLUMNS).where(card.c.kind == "home").order_by(card.c.id)
    with store.engine.begin() as connection:
        return [load.to_card(row) for row in connection.execute(query)]


@on_postgresql
async def test_a_tap_while_the_hands_note_what_they_sent(database: str) -> None:
    """A tap takes its own card, then all around the child; a step that notes both cards waits, and both end well."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        store, now = day.house.store, day.house.clock.now()
        low, *_, high = home_cards(store)
        held, go = threading.Event(), threading.Event()

        def tap(turn: Turn) -> None:
            assert turn.card(high.key) is not None
            held.set()
            assert go.wait(PATIENCE)
            turn.wake({low.person, high.person}, day.day, high.id)

        with ThreadPoolExecutor(2) as threads:
            tapped = threads.submit(store.turn, "lincoln", now, tap)
            assert held.wait(PATIENCE)
            noted = threads.submit(store.step, now, [Note(low), Note(high)], [], [], set())
            until_wait(store.engine, 1)
            go.set()
        tapped.result()
        noted.result()


@on_postgresql
async def test_a_word_and_a_code_in_two_schools(database: str) -> None:
    """Two people write at once, each to both schools, which stand in the configuration in no order of their names."""
    washington = replace(LINCOLN, id="washington")
    store = Store(new_store(database).engine, [washington, LINCOLN])
    async with Day(store, users={"Tom Romero": "tom"}) as day:
        house, now = day.house, day.house.clock.now()
        Playhouse(store, washington, now).enrol(ROSTER, {"Tom Romero": "tom"})
        word = Said(Account(house.lane.id, "tom"), "word", text="help")
        code = Said(Account(house.lane.id, "new"), "code", text="join ABCDEFGHJK")

        def hear(said: Said) -> None:
            store.hear(said, now, lambda heard: house.desk.decide(said, heard))

        with ThreadPoolExecutor(2) as threads, store.engine.begin() as office:
            office.execute(select(school_.c.id).where(school_.c.id == "lincoln").with_for_update()).all()
            heard = [threads.submit(hear, word)]
            until_wait(store.engine, 1)
            heard.append(threads.submit(hear, code))
            until_wait(store.engine, 2)
        for one in heard:
            one.result()
