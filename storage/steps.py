"""One step of the hands in one transaction: note what was finished, book what starts, read what is due."""

from collections import defaultdict
from collections.abc import Collection, MutableMapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from bot import board
from bot.bundle import Bundle
from bot.model import AWAITED, QUIET, RINGING, Card, School
from bot.ports import Booking, Lease, Note, Wants, Work
from bot.recording import look_around, lost
from bot.schooldays import TEACHER_HOURS, instant, local_day, next_school_day
from storage import load
from storage.among import among
from storage.given import moment, number, thing, words
from storage.leases import hold
from storage.load import address, card, ring, school_
from storage.rows import insert_new
from storage.schools import stands
from storage.turn import Turn, leave_copy

PRIORITIES = (AWAITED, RINGING, QUIET)
QUESTIONS = ("stand in", "agree", "calendar", "unreached")  # somebody waits for it: without a ring it comes silently
FAILING = 2  # refusals in a row after which an address counts as failing (F18)
RINGS_A_WEEK = 8  # audible messages a person and week, the daily cards first among them (PRODUCT section 6)


class Step:
    """One step; the school's row is locked only where a note says something about the school."""

    def __init__(self, connection: Connection, schools: MutableMapping[str, School], now: datetime) -> None:
        self.connection = connection
        self.schools = schools
        self.now = now

    def take(
        self,
        notes: Sequence[Note],
        bookings: Sequence[Booking],
        wants: Sequence[Wants],
        skip: set[int],
        lease: Lease | None = None,
    ) -> Work:
        self._lock(notes, bookings)
        self._note(notes)
        held = self._hold(bookings, lease) if lease else {b.address.lane for b in bookings}
        bookings = [b for b in bookings if b.address.lane in held]
        booked = self._book(bookings) if bookings else {}
        skip = skip | set(booked)
        due, alarms = self._due(wants, skip)
        alarm = None if due else min(alarms, default=None)
        return Work(booked, self._bundles(due), alarm, held)

    def _hold(self, bookings: Sequence[Booking], lease: Lease) -> set[int]:
        """Whatever is booked is sent by who holds the lane now."""
        return hold(self.connection, replace(lease, lanes={*lease.lanes, *(b.address.lane for b in bookings)}))

    def _lock(self, notes: Sequence[Note], bookings: Sequence[Booking]) -> None:
        """Schools before cards, each in order, as every other transaction does (SQLite has one writer)."""
        if self.connection.dialect.name == "sqlite":
            return
        speaking = {n.card.school for n in notes} | {b.card.school for b in bookings}
        schools = select(school_.c.id).where(school_.c.id.in_(speaking)).order_by(school_.c.id)
        ids = {n.card.id for n in notes} | {b.card.id for b in bookings}
        cards = select(card.c.id).where(among(card.c.id, ids)).order_by(card.c.id)
        for query in (schools, cards):
            self.connection.execute(query.with_for_update()).all()

    # --- what is due ---

    def _due(self, wants: Sequence[Wants], skip: set[int]) -> tuple[list[Card], list[datetime]]:
        """Due cards of each lane and priority, and the next alarm where nothing is due.

        One query a priority: an index over all priorities would grow with what is pending.
        """
        found: list[Card] = []
        alarms: list[datetime] = []
        for want in wants:
            lane = {"lane": want.lane, "skip": skip, "schools": list(self.schools)}
            for prio, soonest in zip(PRIORITIES, self.connection.execute(_SOONEST, lane).one(), strict=True):
                which = {**lane, "prio": prio}
                if soonest is not None and soonest > self.now:
                    alarms.append(soonest)
                elif soonest is not None and prio in want.limits:
                    rows = self.connection.execute(_DUE, {**which, "now": self.now, "many": want.limits[prio]})
                    found += [load.to_card(row) for row in rows]
        return found, alarms

    def _bundles(self, due: Sequence[Card]) -> list[tuple[Bundle, list[Card]]]:
        by_school: dict[str, list[Card]] = defaultdict(list)
        for c in due:
            by_school[c.school].append(c)
        return [(self._bundle(school, cards), cards) for school, cards in by_school.items() if school in self.schools]

    def _bundle(self, which: str, cards: list[Card]) -> Bundle:
        school, _ = stands(self.connection, self.schools, which)
        return load.bundle(self.connection, school, local_day(self.now, school.zone), cards)

    # --- what was finished ---

    def _note(self, notes: Sequence[Note]) -> None:
        odd = [n for n in notes if _odd(n)]
        looked = [n for n in notes if not _odd(n) and n.shown is None]
        edited = [n for n in notes if not _odd(n) and n.shown is not None and n.sent is None]
        sent = [n for n in notes if n.sent is not None]
        if looked:
            self._write(_LOOKED, [_alarm(n) for n in looked])
        if edited:
            self._write(_EDITED, [self._edited(n) for n in edited])
        if sent:
            self._note_sent(sent)
        for n in odd:
            self._note_odd(n)
        for n in notes:
            if n.recovered:
                self._recovered(n)

    def _write(self, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
        self.connection.execute(statement, {"rows": rows})

    def _note_sent(self, sent: Sequence[Note]) -> None:
        """A ref that finds another ref is a second copy: it becomes a card of kind `left`."""
        query = select(card.c.id, card.c.ref).where(among(card.c.id, [n.card.id for n in sent]))
        stands = {row.id: row.ref for row in self.connection.execute(query)}
        first: list[Note] = []
        for n in sent:
            if n.sent and stands.get(n.card.id, "") in ("", n.sent.ref):
                first.append(n)
            elif n.sent:
                leave_copy(self.connection, n.card, n.sent.ref, self.now)
        if first:
            self._write(_SENT, [self._sent(n) for n in first])

    def _sent(self, n: Note) -> dict[str, Any]:
        return {**_alarm(n), "r": n.sent.ref if n.sent else "", "d": n.shown, "o": _offers(n), "now": self.now}

    def _edited(self, n: Note) -> dict[str, Any]:
        before = {"r": n.card.ref, "before": n.card.rev, "now": self.now}
        return {**_alarm(n), **before, "d": n.shown, "o": _offers(n), "v": n.rev}

    def _note_odd(self, n: Note) -> None:
        wanted = {"fate": n.fate, "attempts": n.attempts, "error": n.error[:200] or None}
        values: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        if n.release:
            values["booked_at"] = None
            today = _rings_of(n.card.school, [n.card.person]) & (ring.c.day == self._ring_day(n.card))
            self.connection.execute(ring.delete().where(today, ring.c.card == n.card.id))
        if n.gone:
            values |= {"ref": "", "digest": "", "offers": {}}
        here = (card.c.id == n.card.id) & (card.c.ref == n.card.ref)
        if values:
            self.connection.execute(update(card).where(here).values(**values))
        if not n.keep_alarm:
            woken = (card.c.id == n.card.id) & (card.c.wakes == n.card.wakes)
            self.connection.execute(update(card).where(woken).values(wake_at=n.wake_at))
        if n.address_state:
            self._lost(n, n.address_state)
        if n.refused:
            self._refused(n)
        if n.facts:
            self._turn(n).record(n.facts)

    def _turn(self, n: Note) -> Turn:
        return Turn(self.connection, self.schools, n.card.school, self.now)

    def _lost(self, n: Note, state: str) -> None:
        """Somebody cannot be reached: whoever else is concerned with the same children looks again (F18)."""
        works = update(address).where(address.c.id == n.address, address.c.state.in_(_LOSES[state]))
        if self.connection.execute(works.values(state=state).returning(address.c.id)).first() is None:
            if state == "failing":
                self._fails_still(n)
            return  # a place that waits, was refused or has stopped stays what it is
        lost(self._turn(n), n.card.person, state, f"lost:{n.card.id}:{n.card.attempts}:{n.card.wakes}")

    def _fails_still(self, n: Note) -> None:
        """Tried again on a later day, in vain: somebody else is asked that day too, and nobody is told once more."""
        turn, who = self._turn(n), n.card.person
        if not turn.bundle([], [who]).failed_on(who, turn.today):
            turn.record([board.lost(who, "still", f"still:{who}:{turn.today}", turn)])
            look_around(turn, who, turn.today)

    def _refused(self, n: Note) -> None:
        """The second refusal in a row for a reason we do not know: somebody else is asked, this one tried further."""
        counted = update(address).where(address.c.id == n.address).values(failures=address.c.failures + 1)
        if int(self.connection.execute(counted.returning(address.c.failures)).scalar_one()) >= FAILING:
            self._lost(n, "failing")

    def _recovered(self, n: Note) -> None:
        self.connection.execute(update(address).where(address.c.id == n.address).values(failures=0))
        failing = update(address).where(address.c.id == n.address, address.c.state == "failing")
        if self.connection.execute(failing.values(state="reachable").returning(address.c.id)).first() is not None:
            turn = self._turn(n)
            turn.record([board.found(n.card.person, f"found:{n.card.id}:{n.card.rev}:{n.card.wakes}", turn)])
            look_around(turn, n.card.person, turn.today)

    def _ring_day(self, c: Card) -> date:
        return local_day(self.now, self.schools[c.school].zone)

    # --- what starts ---

    def _book(self, bookings: Sequence[Booking]) -> dict[int, bool]:
        """Books what nobody has woken since it was read; what finds no ring is not started, a daily card silently."""
        ids = [b.card.id for b in bookings]
        query = select(card.c.id, card.c.wakes).where(among(card.c.id, ids), card.c.ref == "").order_by(card.c.id)
        wakes = {row.id: row.wakes for row in self.connection.execute(query.with_for_update())}
        valid = [b for b in bookings if wakes.get(b.card.id) == b.card.wakes]
        rings = self._rings([b for b in valid if b.slot])
        go: list[Booking] = []
        for b in valid:
            if not b.slot or b.slot == "day" or rings[b.card.id] or b.card.kind in QUESTIONS:
                go.append(b)
            else:
                self._note_odd(self._capped(b))
        if go:
            self._write(_BOOK, [self._booked(b) for b in go])
        return {b.card.id: not b.slot or rings[b.card.id] for b in go}

    def _booked(self, b: Booking) -> dict[str, Any]:
        return {"i": b.card.id, "now": self.now, "a": b.address.id, "l": b.address.lane}

    def _rings(self, wanted: Sequence[Booking]) -> dict[int, bool]:
        """Rings are keys, not counts: one a person, day and slot, and numbered rows that end at eight a week."""
        insert_new(self.connection, ring, [row for b in wanted if b.slot == "day" for row in self._ring_rows(b)])
        for b in wanted:
            if b.slot != "day":  # one after the other, so that two of one person do not want the same free number
                insert_new(self.connection, ring, self._ring_rows(b))
        held: set[tuple[Any, ...]] = set()
        for school in {b.card.school for b in wanted}:
            here, days = [b for b in wanted if b.card.school == school], {b.day for b in wanted}
            theirs = _rings_of(school, [b.card.person for b in here]) & ring.c.day.in_(days)
            held.update(map(tuple, self.connection.execute(select(ring.c.card, ring.c.day, ring.c.slot).where(theirs))))
        return {b.card.id: (b.card.id, b.day, b.slot) in held for b in wanted}

    def _ring_rows(self, b: Booking) -> list[dict[str, Any]]:
        """The first numbers of a week belong to the daily cards; nudges and events share what is left of eight."""
        week = b.day - timedelta(days=b.day.weekday())
        weekdays = sorted(self.schools[b.card.school].weekdays)
        if b.slot == "day" and b.day.weekday() in weekdays:
            number = weekdays.index(b.day.weekday()) + 1
        else:
            number = self._free_number(b.card, week, len(weekdays))
        row = {"school": b.card.school, "person": b.card.person, "day": b.day, "week": week, "slot": b.slot}
        return [{**row, "n": number, "card": b.card.id}] if number else []

    def _free_number(self, which: Card, week: date, reserved: int) -> int:
        used = select(ring.c.n).where(_rings_of(which.school, [which.person]), ring.c.week == week)
        taken = set(self.connection.execute(used).scalars())
        return next((n for n in range(reserved + 1, RINGS_A_WEEK + 1) if n not in taken), 0)

    def _capped(self, b: Booking) -> Note:
        """Claims that found no ring wait for the next school day; a nudge or a late line is not sent at all."""
        if b.card.kind != "claims":
            return Note(b.card, fate="capped")
        school = self.schools[b.card.school]
        return Note(b.card, wake_at=instant(next_school_day(school, b.day), TEACHER_HOURS[0], school.zone))


def _rings_of(school: str, people: Collection[int]) -> Any:
    """By the school too, which leads in the keys of that table."""
    return (ring.c.school == school) & among(ring.c.person, people)


_LOSES = {"blocked": ("reachable", "failing"), "failing": ("reachable",)}


def _odd(n: Note) -> bool:
    """Whether a note is more than a new alarm after a look, a send or an edit."""
    return n.sent is None and bool(
        n.fate is not None or n.gone or n.release or n.attempts is not None or n.address_state or n.error or n.facts
        or n.keep_alarm or n.refused
    )  # fmt: skip


def _alarm(n: Note) -> dict[str, Any]:
    return {"i": n.card.id, "w": n.card.wakes, "at": n.wake_at}


def _offers(n: Note) -> dict[str, int]:
    """The lines now offered, each with the revision that offered it first.

    What a message offered that only a press has made known was never noted: that counts as offered from the start.
    """
    first = n.rev if n.card.offers or n.sent is not None else 0
    return {line: n.card.offers.get(line, first) for line in n.offers}


_THEIRS = (
    (card.c.lane == bindparam("lane"))
    & ~among(card.c.id, "skip")
    & card.c.school.in_(bindparam("schools", expanding=True))
)


def _soonest(prio: int) -> Any:
    first = select(card.c.wake_at).where(_THEIRS, card.c.prio == prio, card.c.wake_at.is_not(None))
    return first.order_by(card.c.wake_at).limit(1).scalar_subquery()


_SOONEST = select(*map(_soonest, PRIORITIES))
_DUE = (
    select(*load.CARD_COLUMNS)
    .where(_THEIRS, card.c.prio == bindparam("prio"), card.c.wake_at <= bindparam("now", type_=card.c.wake_at.type))
    .order_by(card.c.wake_at, card.c.id)
    .limit(bindparam("many"))
)
_UNWOKEN = card.c.wakes == number("w")
_HERE = card.c.id == number("i")

_LOOKED = (
    update(card)
    .where(_HERE, _UNWOKEN)
    .values(wake_at=moment("at"), prio=case((card.c.ref == "", RINGING), else_=QUIET))
)
_SENT = (
    update(card)
    .where(_HERE)
    .values(
        ref=words("r"),
        digest=words("d"),
        offers=thing("o"),
        booked_at=None,
        attempts=0,
        fate="",
        shown_at=func.coalesce(card.c.shown_at, moment("now")),
        wake_at=case((_UNWOKEN, moment("at")), else_=card.c.wake_at),
        prio=case((_UNWOKEN, QUIET), else_=card.c.prio),
    )
)
_SAME_REV = card.c.rev == number("before")
_EDITED = (
    update(card)
    .where(_HERE, card.c.ref == words("r"))
    .values(
        # An edit that finds another revision no longer knows what the screen shows: it is drawn once more.
        digest=case((_SAME_REV, words("d")), else_=""),
        rev=case((_SAME_REV, number("v")), else_=card.c.rev),
        offers=thing("o"),
        attempts=0,
        wake_at=case((~_SAME_REV, moment("now")), (_UNWOKEN, moment("at")), else_=card.c.wake_at),
        prio=case((_UNWOKEN, QUIET), else_=card.c.prio),
    )
)
_BOOK = (
    update(card)
    .where(_HERE)
    .values(
        booked_at=func.coalesce(card.c.booked_at, moment("now")),
        attempts=card.c.attempts + 1,
        address=number("a"),
        lane=number("l"),
    )
)
