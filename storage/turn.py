"""One transaction of one school: what the desk may read and write while it has the turn."""

import secrets
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from bot.bundle import Bundle
from bot.model import AWAITED, QUIET, Address, Card, Days, Draft, Fact, School
from bot.schooldays import local_day
from storage import calendars, load
from storage.load import address, card, fact, school_
from storage.rows import insert_new
from storage.schools import stands
from storage.tables import CardRow
from storage.turn_people import People

AWAITING = ("settings", "add", "pause", "who")  # kinds of cards that may wait for a typed word
LOOKS_BACK = 10  # newest such cards of a person among which the waiting one is
KEY_BYTES = 16  # 128 random bits, 22 characters: a pointer nobody guesses (G-021)


_BY_KEY = select(*load.CARD_COLUMNS).where(card.c.key == bindparam("key")).with_for_update()
_COUNT = update(school_).where(school_.c.id == bindparam("school")).values(facts=bindparam("n"))


class Turn(People):
    """Holds the school's row: everything said about a school has one order (DESIGN: Store)."""

    def __init__(self, connection: Connection, schools: MutableMapping[str, School], which: str, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.school, self._facts = stands(connection, schools, which, hold=True)
        self.today = local_day(now, self.school.zone)

    # --- reading ---

    def bundle(self, cards: Collection[Card] = (), people: Iterable[int] = (), whole: bool = False) -> Bundle:
        """What some cards and people need; unless `whole`, read as it is asked for, while the turn lasts."""
        return load.bundle(self.connection, self.school, self.today, cards, people, whole)

    def card(self, key: str) -> Card | None:
        row = self.connection.execute(_BY_KEY, {"key": key}).one_or_none()
        return load.to_card(row) if row else None

    def find_card(self, person: int, kind: str, subject: str = "", day: date | None = None) -> Card | None:
        mine = (card.c.school == self.school.id) & (card.c.person == person) & (card.c.kind == kind)
        return self._card(mine, card.c.subject == subject, card.c.day == (day or CardRow.NO_DAY))

    def _card(self, *where: Any) -> Card | None:
        row = self.connection.execute(select(*load.CARD_COLUMNS).where(*where).with_for_update()).one_or_none()
        return load.to_card(row) if row else None

    # --- writing ---

    def record(self, facts: Iterable[Fact]) -> list[Fact]:
        """Appends facts with the school's next numbers; one whose source stands already is the same fact."""
        wanted = list(facts)
        if not wanted:
            return []
        sources = [f.source for f in wanted]
        known = select(fact.c.source).where(fact.c.school == self.school.id, fact.c.source.in_(sources))
        there = set(self.connection.execute(known).scalars())
        fresh = [f for f in wanted if f.source not in there]
        new = [replace(f, n=self._facts + n) for n, f in enumerate(fresh, 1)]
        if new:
            self._facts += len(new)
            self.connection.execute(fact.insert(), [_fact_row(self.school.id, f) for f in new])
            self.connection.execute(_COUNT, {"school": self.school.id, "n": self._facts})
        return new

    def add(self, drafts: Iterable[Draft], addresses: Mapping[int, Address]) -> None:
        """Adds the cards that are missing; `addresses` tells where each person is reached."""
        rows = [_card_row(self.school.id, d, addresses[d.person], self.now) for d in drafts if d.person in addresses]
        insert_new(self.connection, card, rows)

    def wake(self, people: Collection[int], day: date | None, first: int = 0) -> None:
        """Wakes the open cards of these people that may show something of `day` or later; `first` goes before all."""
        open_ = card.c.fate.notin_(("ended", "missed", "capped", "parked", "unclear"))
        around = [card.c.school == self.school.id, card.c.person.in_(people), open_]
        if day is not None:
            around.append(card.c.day >= day)
        self._lock(*around)
        # A card that is not out yet keeps its own turn on the lane; a screen that only changes waits for the others.
        prio = case((card.c.id == first, AWAITED), (card.c.ref == "", card.c.prio), else_=QUIET)
        woken = update(card).where(*around).values(wake_at=self.now, wakes=card.c.wakes + 1, prio=prio)
        self.connection.execute(woken)

    def wake_all(self, day: date) -> None:
        """Wakes every open card of a school date and later."""
        around = (card.c.school == self.school.id) & (card.c.day >= day) & card.c.fate.in_(("", "gone", "again"))
        self._lock(around)
        self.connection.execute(update(card).where(around).values(wake_at=self.now, wakes=card.c.wakes + 1))

    def cards(self, kind: str, day: date) -> list[Card]:
        """All cards of that kind and school date."""
        here = (card.c.school == self.school.id) & (card.c.kind == kind) & (card.c.day == day)
        query = select(*load.CARD_COLUMNS).where(here).order_by(card.c.id)
        return [load.to_card(row) for row in self.connection.execute(query)]

    def _lock(self, *which: Any) -> None:
        """Card rows are locked in id order, so that two turns never wait for each other (SQLite has one writer)."""
        if self.connection.dialect.name != "sqlite":
            self.connection.execute(select(card.c.id).where(*which).order_by(card.c.id).with_for_update()).all()

    def change(self, which: Card, **values: Any) -> None:
        """Changes a card and wakes it as what somebody is waiting for."""
        self.connection.execute(
            update(card)
            .where(card.c.id == which.id)
            .values(wake_at=self.now, wakes=card.c.wakes + 1, prio=AWAITED, **values)
        )

    def move_cards(self, person: int, place: Address, day: date) -> None:
        """Cards of that date and later that are not out yet go to this place."""
        here = (card.c.school == self.school.id) & (card.c.person == person) & (card.c.day >= day) & (card.c.ref == "")
        moved = update(card).where(here, card.c.booked_at.is_(None)).values(lane=place.lane, address=place.id)
        self.connection.execute(moved)

    def close_cards(self, person: int) -> None:
        """Every card of this person becomes a closed line, and its buttons are dead for good."""
        here = (card.c.school == self.school.id) & (card.c.person == person) & card.c.kind.notin_(("join", "left"))
        for row in self.connection.execute(select(card.c.id).where(here).order_by(card.c.id)).all():
            values = {"key": secrets.token_urlsafe(KEY_BYTES), "digest": "", "wakes": card.c.wakes + 1}
            shut = update(card).where(card.c.id == row.id).values(**values, kind="left", prio=QUIET)
            subject = {"subject": f"{row.id}:shut"}
            self.connection.execute(shut.values(**subject, wake_at=case((card.c.ref == "", None), else_=self.now)))

    def new_keys(self, person: int) -> None:
        """Every button this person has seen is dead; what still concerns them is drawn afresh."""
        here = (card.c.school == self.school.id) & (card.c.person == person)
        for row in self.connection.execute(select(card.c.id).where(here).order_by(card.c.id)).all():
            values = {"key": secrets.token_urlsafe(KEY_BYTES), "digest": "", "wakes": card.c.wakes + 1}
            self.connection.execute(update(card).where(card.c.id == row.id).values(**values, wake_at=self.now))

    def awaiting(self, person: int) -> Card | None:
        """The newest card of this person that waits for a typed word."""
        here = (card.c.school == self.school.id) & (card.c.person == person) & card.c.kind.in_(AWAITING)
        query = select(*load.CARD_COLUMNS).where(here).order_by(card.c.id.desc()).limit(LOOKS_BACK)
        found = [load.to_card(row) for row in self.connection.execute(query)]
        return next((one for one in found if one.view.get("awaits") and _still(one, self.now)), None)

    # --- the calendar ---

    def calendar(self, source: str) -> Days:
        """The days that stand under `source`: file, said, offered (waits for a yes) or kept (got a no)."""
        return calendars.days(self.connection, self.school.id, source)

    def set_calendar(self, source: str, days: Days) -> None:
        calendars.put(self.connection, self.school.id, source, days)
        if source in ("file", "said"):
            calendars.changed(self.connection, self.school.id, self.now)

    def leave(self, which: Card, ref: str) -> None:
        leave_copy(self.connection, which, ref, self.now)


def _still(waiting: Card, now: datetime) -> bool:
    return waiting.fate == "" and now < datetime.fromisoformat(str(waiting.view["until"]))


def leave_copy(connection: Connection, which: Card, ref: str, now: datetime) -> None:
    """A copy left behind becomes a card of its own, whose face is one closed line."""
    where = connection.execute(select(*load.ADDRESS_COLUMNS).where(address.c.id == which.address)).first()
    if where is not None and ref:
        draft = Draft(which.person, "left", which.day, now, f"{which.id}:{ref}"[:200], QUIET, ref=ref)
        insert_new(connection, card, [_card_row(which.school, draft, load.to_address(where), now)])


def _fact_row(school: str, f: Fact) -> dict[str, Any]:
    return {
        "school": school, "n": f.n, "student": f.student, "course": f.course, "day": f.day, "kind": f.kind,
        "value": f.value, "person": f.person, "role": f.role, "said_at": f.said_at, "source": f.source,
        "amends": f.amends, "data": dict(f.data), "salt": secrets.token_hex(16),
    }  # fmt: skip


def _card_row(school: str, d: Draft, where: Address, now: datetime) -> dict[str, Any]:
    return {
        "school": school, "person": d.person, "kind": d.kind, "subject": d.subject, "day": d.day or CardRow.NO_DAY,
        "key": secrets.token_urlsafe(KEY_BYTES), "lane": where.lane, "address": d.address or where.id,
        "prio": d.prio, "wake_at": d.wake_at, "wakes": 0, "ref": d.ref, "rev": 0, "digest": "", "offers": {},
        "view": dict(d.view), "pressed": {}, "attempts": 0, "fate": "", "born_at": now, "error": "",
    }  # fmt: skip
