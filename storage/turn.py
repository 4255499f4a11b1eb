"""One transaction of one school: what the desk may read and write while it has the turn."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.bundle import Bundle
from bot.model import AWAITED, QUIET, Address, Card, Draft, Fact, Invitation, School
from bot.ports import Account
from storage import load
from storage.load import address, card, fact, invitation, relation, school_
from storage.tables import CardRow

KEY_BYTES = 16  # 128 random bits, 22 characters: a pointer nobody guesses (G-021)


def insert_new(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts what is not there yet, and says how many; a row whose unique key stands already is left as it is."""
    if not rows:
        return 0
    return int(connection.execute(_insert_new(connection.dialect.name, table), list(rows)).rowcount)


@cache
def _insert_new(dialect: str, table: Any) -> Any:
    insert = sqlite_insert if dialect == "sqlite" else pg_insert
    return insert(table).on_conflict_do_nothing()


_HOLD = (
    select(school_.c.facts, school_.c.opened_through, school_.c.closed_through)
    .where(school_.c.id == bindparam("school"))
    .with_for_update()
)
_BY_KEY = select(*load.CARD_COLUMNS).where(card.c.key == bindparam("key")).with_for_update()
_COUNT = update(school_).where(school_.c.id == bindparam("school")).values(facts=bindparam("n"))


class Turn:
    """Holds the school's row: everything said about a school has one order (DESIGN: Store)."""

    def __init__(self, connection: Connection, school: School, now: datetime) -> None:
        self.connection = connection
        self.now = now
        found = connection.execute(_HOLD, {"school": school.id}).one()
        self.school = replace(school, opened_through=found.opened_through, closed_through=found.closed_through)
        self._facts = found.facts

    # --- reading ---

    def bundle(self, cards: Collection[Card] = (), people: Iterable[int] = (), whole: bool = False) -> Bundle:
        """What some cards and people need; unless `whole`, read as it is asked for, while the turn lasts."""
        return load.bundle(self.connection, self.school, cards, people, whole)

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

    def address(self, which: int) -> Address | None:
        row = self.connection.execute(select(address).where(address.c.id == which)).first()
        return load.to_address(row) if row else None

    def set_address(self, which: int, **values: Any) -> None:
        self.connection.execute(update(address).where(address.c.id == which).values(**values))

    def set_invitation(self, which: int, **values: Any) -> None:
        self.connection.execute(update(invitation).where(invitation.c.id == which).values(**values))

    # --- joining ---

    def leave(self, which: Card, ref: str) -> None:
        leave_copy(self.connection, which, ref, self.now)

    def new_address(self, person: int, account: Account) -> Address:
        """The place of somebody who is just joining; an account that was refused before starts anew."""
        known = (address.c.school == self.school.id) & (address.c.lane == account.lane)
        self.connection.execute(address.delete().where(known, address.c.user == account.user))
        values = {"person": person, "lane": account.lane, "user": account.user, "chat": account.chat}
        row = {**values, "school": self.school.id, "name": account.name[:200], "state": "joining", "failures": 0}
        new = self.connection.execute(address.insert().values(row)).inserted_primary_key
        return Address(new[0] if new else 0, person, account.lane, account.user, account.chat, account.name[:200])

    def invitation_by(self, hashed: str) -> Invitation | None:
        query = select(invitation).where(
            invitation.c.school == self.school.id, (invitation.c.code == hashed) | (invitation.c.token == hashed)
        )
        row = self.connection.execute(query.with_for_update()).first()
        return load.to_invitation(row) if row else None

    def invitation(self, which: int) -> Invitation | None:
        row = self.connection.execute(select(invitation).where(invitation.c.id == which).with_for_update()).first()
        return load.to_invitation(row) if row else None

    def move_relations(self, giver: int, taker: int) -> None:
        """A person who joins with a second invitation stays one person: what it granted moves over."""
        mine = select(relation).where(relation.c.person == giver)
        held = select(relation.c.role, relation.c.student, relation.c.course).where(relation.c.person == taker)
        has = {tuple(row) for row in self.connection.execute(held)}
        for row in self.connection.execute(mine).all():
            if (row.role, row.student, row.course) not in has:
                self.connection.execute(update(relation).where(relation.c.id == row.id).values(person=taker))


def leave_copy(connection: Connection, which: Card, ref: str, now: datetime) -> None:
    """A copy left behind becomes a card of its own, whose face is one closed line."""
    where = connection.execute(select(address).where(address.c.id == which.address)).first()
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
