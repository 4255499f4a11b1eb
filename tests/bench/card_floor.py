"""The floor of `delivery`: bare driver, the program's own card table, and the two durable steps that a card needs.

A batch of due cards is read in full and marked as booked in one transaction, and noted as sent in the next: so many
cards a transaction, and as durable, as the hands do it. What a card shows, and to whom, is nobody's concern here.
"""

import time
from datetime import UTC, datetime

from storage.load import CARD_COLUMNS
from tests.bench import town
from tests.bench.floors import Raw
from tests.bench.stage import at

COLUMNS = ", ".join(column.name for column in CARD_COLUMNS)
DUE = (
    f"select {COLUMNS} from card where lane = ? and prio = 1 and wake_at <= ? and booked_at is null "
    "order by wake_at, id limit ?"
)
BOOK = "update card set booked_at = coalesce(booked_at, ?), attempts = attempts + 1, address = ?, lane = ? where id = ?"
NOTE = (
    "update card set ref = ?, digest = ?, offers = ?, booked_at = null, attempts = 0, fate = '', "
    "shown_at = coalesce(shown_at, ?), wake_at = ?, prio = 2 where id = ?"
)


def delivered(url: str, cards: int, batch: int) -> float:
    """Cards a second through both steps, `batch` in each transaction."""
    store = town.new_store(url)
    lane = store.lane("telegram").id
    noon = at("12:00").astimezone(UTC)
    town.strangers(store, lane, cards, noon, at("17:30").astimezone(UTC))
    store.close()
    raw = Raw(url)
    now, later = _stored(raw, at("17:30")), _stored(raw, at("23:00"))
    started = time.perf_counter()
    while _two_steps(raw, lane, batch, now, later):
        pass
    return cards / (time.perf_counter() - started)


def _two_steps(raw: Raw, lane: int, batch: int, now: object, later: object) -> int:
    raw.do(raw.begin)
    rows = raw.do(DUE, (lane, now, batch))
    raw.many(BOOK, [(now, 1, lane, row[0]) for row in rows])
    raw.do("commit")
    raw.do(raw.begin)
    raw.many(NOTE, [(f"D{row[2]}:1.0", "x" * 32, "{}", now, later, row[0]) for row in rows])
    raw.do("commit")
    return len(rows)


def _stored(raw: Raw, moment: datetime) -> object:
    """An instant as the program keeps it in that database."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds") if raw.is_sqlite else utc
