"""The Store: short synchronous methods, each one transaction (DESIGN: Ports)."""

import secrets
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from bot.model import Address, Lane, School
from bot.points import passed
from bot.ports import Answer, Arrival, Booking, Lease, Note, StoreAway, Wants, Work
from bot.schooldays import day_times, local_day
from storage import load
from storage.days import close_day, first_to_close, open_day
from storage.leases import held, release
from storage.load import address, arrival, card, lane, school_
from storage.notices import CHANNEL
from storage.rows import insert_new, insert_one
from storage.schools import stands
from storage.steps import Step
from storage.turn import Turn

DEAD_FOR = timedelta(days=30)  # how long the row of what could not be read is kept
SEEN_FOR = timedelta(days=7)  # how long a redelivery is known
T = TypeVar("T")


class Store:
    """All that is kept, for the configured schools of one database."""

    def __init__(self, engine: Engine, schools: Sequence[School]) -> None:
        self.engine = engine
        self.me = secrets.token_hex(8)  # this process among all that work on the same database
        self.schools: dict[str, School] = {school.id: school for school in schools}
        with engine.begin() as connection:
            insert_new(connection, school_, [{"id": s, "facts": 0, "stale": False} for s in self.schools])

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction; a database that does not answer is told apart from a fault of ours."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise StoreAway(f"the database does not answer ({_words(error)})") from error

    def _tell(self, connection: Connection) -> None:
        """Other processes on this database look at once (storage.notices); they are told when this is committed."""
        if connection.dialect.name == "postgresql":
            connection.execute(_TELL, {"me": self.me})

    # --- lanes ---

    def lane(self, platform: str, name: str = "", tenant: str = "") -> Lane:
        """The lane of that bot token, made when it is new."""
        with self._writing() as connection:
            insert_new(connection, lane, [{"platform": platform, "name": name, "tenant": tenant}])
            here = (lane.c.platform == platform) & (lane.c.name == name)
            connection.execute(update(lane).where(here).values(tenant=tenant))
            row = connection.execute(select(lane).where(here)).one()
        return Lane(row.id, row.platform, row.name, row.tenant, row.heard_until)

    def lanes_held(self) -> dict[str, bool]:
        """Each lane of a shared database, and whether a process works it now; {} for the embedded one."""
        if self.engine.dialect.name == "sqlite":
            return {}
        with self._writing() as connection:
            return held(connection)

    def tokens(self, platform: str) -> list[tuple[str, str]]:
        """(name, sealed token) of every lane that was installed."""
        with self._writing() as connection:
            found = select(lane.c.name, lane.c.token).where(lane.c.platform == platform, lane.c.token != "")
            return [(row.name, row.token) for row in connection.execute(found.order_by(lane.c.id))]

    def keep_token(self, platform: str, team: str, sealed: str) -> None:
        """Keeps the token of an installed workspace; one that was here before under no name keeps its people."""
        alone = (lane.c.platform == platform) & (lane.c.name == "") & (lane.c.tenant == team)
        here = (lane.c.platform == platform) & (lane.c.name == team)
        with self._writing() as connection:
            if connection.execute(select(lane.c.id).where(here)).first() is None:
                connection.execute(update(lane).where(alone).values(name=team))
            insert_new(connection, lane, [{"platform": platform, "name": team, "tenant": team}])
            connection.execute(update(lane).where(here).values(token=sealed))

    def once(self, word: str, now: datetime) -> bool:
        """Whether that word is new here; it is known for as long as a redelivery is."""
        row = {"source": word[:200], "lane": 0, "heard_at": now, "outcome": "once", "raw": ""}
        with self._writing() as connection:
            return insert_one(connection, arrival, row)

    def heard(self, which: int, until: datetime) -> None:
        with self._writing() as connection:
            later = lane.c.heard_until.is_(None) | (lane.c.heard_until < until)
            connection.execute(update(lane).where(lane.c.id == which, later).values(heard_until=until))

    # --- what arrives ---

    def hear(self, what: Arrival, now: datetime, decide: Callable[["Heard"], Answer]) -> Answer:
        """Stores an arrival and all that follows from it in one transaction; a redelivery changes nothing."""
        source = what.source[:200]
        with self._writing() as connection:
            row = {"source": source, "lane": what.account.lane, "heard_at": now, "outcome": "", "raw": ""}
            if not insert_one(connection, arrival, row):
                return Answer()
            answer = decide(Heard(connection, self.schools, now, what.account.lane, source))
            self._tell(connection)
            passed("arrival written")
            return answer

    def look(self, which: int, now: datetime, do: Callable[["Heard"], T]) -> T:
        """Reads as `hear` does, for an account of that lane; nothing has arrived."""
        with self._writing() as connection:
            return do(Heard(connection, self.schools, now, which, ""))

    def park(self, which: int, source: str, raw: str, now: datetime) -> None:
        """Keeps what could not be read as a dead letter."""
        row = {"source": source[:200], "lane": which, "heard_at": now, "outcome": "unreadable", "raw": raw[:100_000]}
        with self._writing() as connection:
            insert_new(connection, arrival, [row])

    def turn(self, school: str, now: datetime, do: Callable[[Turn], T]) -> T:
        """One transaction of one school, for what comes from the command line or the clock."""
        with self._writing() as connection:
            done = do(Turn(connection, self.schools, school, now))
            self._tell(connection)
            passed("turn written")
        passed("turn committed")
        return done

    # --- the hands ---

    def step(
        self,
        now: datetime,
        notes: Sequence[Note],
        bookings: Sequence[Booking],
        wants: Sequence[Wants],
        skip: set[int],
        lease: Lease | None = None,
    ) -> Work:
        with self._writing() as connection:
            work = Step(connection, self.schools, now).take(notes, bookings, wants, skip, lease)
            if any(note.address_state or note.facts for note in notes):
                self._tell(connection)
            passed("step written")
            return work

    def release(self, lease: Lease) -> None:
        with self._writing() as connection:
            release(connection, lease)

    # --- days ---

    def look_again(self, now: datetime) -> None:
        """At a start every card that is not out yet is asked of the board anew: its times may have changed (F19)."""
        unsent = (card.c.ref == "") & (card.c.fate == "") & (card.c.wake_at > now)
        with self._writing() as connection:
            connection.execute(update(card).where(unsent).values(wake_at=now, wakes=card.c.wakes + 1))

    def open_days(self, now: datetime) -> int:
        """Opens the date of every school whose local day has rolled or whose roster has changed; how many."""
        with self._writing() as connection:
            rows = {row.id: row for row in connection.execute(select(school_))}
        opened = 0
        for school in list(self.schools.values()):
            today, row = local_day(now, school.zone), rows[school.id]
            if row.stale or row.opened_through is None or row.opened_through < today:
                self.turn(school.id, now, _opening(today))
                passed("day opened")
                opened += 1
        return opened

    def close_days(self, now: datetime) -> int:
        """Closes every date whose close all lanes of its school have been heard past; how many."""
        closed = 0
        for school in list(self.schools):
            while (day := self._closable(school, now)) is not None:
                self.turn(school, now, _closing(day))
                passed("day closed")
                closed += 1
        return closed

    def _closable(self, which: str, now: datetime) -> date | None:
        with self._writing() as connection:
            school, _ = stands(connection, self.schools, which)
            day = first_to_close(school)
            if day is None or day_times(school, day).close >= now:
                return None
            used = select(address.c.lane).where(address.c.school == school.id).distinct()
            heard = connection.execute(select(lane.c.heard_until).where(lane.c.id.in_(used))).scalars().all()
        if now > day_times(school, day).late_until:
            return day  # whatever a lane that is gone may still bring, nothing of that day counts any more
        never = datetime.min.replace(tzinfo=UTC)
        return day if all(day_times(school, day).close < (until or never) for until in heard) else None

    def forget(self, now: datetime) -> None:
        """Housekeeping: arrivals older than a redelivery can be; of dead letters first the text, then the row."""
        old, oldest = arrival.c.heard_at < now - SEEN_FOR, arrival.c.heard_at < now - DEAD_FOR
        with self._writing() as connection:
            connection.execute(arrival.delete().where(old, arrival.c.outcome != "unreadable"))
            connection.execute(arrival.delete().where(oldest))
            connection.execute(update(arrival).where(old).values(raw=""))


def _words(error: Exception) -> str:
    """The driver's own, on one line: whether a disk is full or a server is away is what somebody must know."""
    return " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())[:200]


def _opening(day: date) -> Callable[[Turn], None]:
    return lambda turn: open_day(turn, day)


def _closing(day: date) -> Callable[[Turn], None]:
    return lambda turn: close_day(turn, day)


_TELL = text(f"select pg_notify('{CHANNEL}', :me)")
_OF_ACCOUNT = (
    select(*load.ADDRESS_COLUMNS, address.c.school)
    .where(address.c.lane == bindparam("lane"), address.c.user == bindparam("user"))
    .order_by(address.c.school)
)
_SCHOOL_OF = select(card.c.school).where(card.c.key == bindparam("key"))


class Heard:
    """What the desk works with while an arrival is being heard: whose account it is, and a turn for a school."""

    def __init__(
        self, connection: Connection, schools: MutableMapping[str, School], now: datetime, which: int, source: str
    ) -> None:
        self.connection = connection
        self.schools = schools
        self.now = now
        self.lane = which
        self.source = source

    def addresses(self, user: str) -> list[tuple[str, Address]]:
        """(school, address) of this account, in order of the schools."""
        rows = self.connection.execute(_OF_ACCOUNT, {"lane": self.lane, "user": user})
        return [(r.school, load.to_address(r[:-1])) for r in rows if r.school in self.schools]

    def school_of(self, key: str) -> str | None:
        """The school of the card with that key."""
        found = self.connection.execute(_SCHOOL_OF, {"key": key}).scalar()
        return found if found in self.schools else None

    def heard_until(self) -> datetime | None:
        return self.connection.execute(select(lane.c.heard_until).where(lane.c.id == self.lane)).scalar()

    def turn(self, school: str) -> Turn:
        return Turn(self.connection, self.schools, school, self.now)

    def outcome(self, what: str) -> None:
        self.connection.execute(update(arrival).where(arrival.c.source == self.source).values(outcome=what[:40]))

    def tries(self, outcome: str, since: datetime, begins: bool = False) -> int:
        """How many arrivals of that outcome (or one that `begins` so) there have been since then."""
        same = arrival.c.outcome.startswith(outcome, autoescape=True) if begins else arrival.c.outcome == outcome[:40]
        query = select(func.count()).where(arrival.c.heard_at >= since, same)
        return int(self.connection.execute(query).scalar_one())
