"""A school of any size, all joined: four classes and one guardian a child, five children a class, ten a teacher."""

import random
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, text, update

from bot.model import Address, Draft, Fact, School
from storage.engine import open_engine, upgrade
from storage.load import address, card, course, enrolment, person, relation, school_, student
from storage.rosters import start_fact
from storage.store import Store
from storage.turn import Turn
from tests.bench.figures import SEED

SCHOOL = School("lincoln", "Lincoln Middle School", ZoneInfo("America/New_York"))
DAY = date(2026, 9, 15)
CLASSES = ("Maths", "Science", "English", "History")
IN_CLASS, IN_CARE = 5, 10  # children on a daily report: of one class, of one teacher
FIRST = ("Ana", "Ben", "Chloe", "Dev", "Eli", "Jo", "Sam", "Lucía", "Tom", "Ada", "Jean", "Mina", "Ruth", "Sun", "Zoë")
LAST = ("Romero", "Osei", "Martin", "Shah", "Weiss", "Kim", "Costa", "Díaz", "Park", "Lind", "Okafor", "Nowak", "Berg")
MANY = 5_000  # facts recorded in one statement

Row = dict[str, Any]
_NUMBERS = {
    "sqlite": "(with recursive n(i) as (select 1 union all select i + 1 from n limit :cards) select i from n) as n",
    "postgresql": "generate_series(1, :cards) as n(i)",
}
_FIXED = {
    "kind": "'home'", "subject": "''", "address": "1", "prio": "1", "wakes": "0", "ref": "''", "rev": "0",
    "digest": "''", "offers": "'{}'", "view": "'{}'", "pressed": "'{}'", "attempts": "0", "fate": "''", "error": "''",
    "school": ":school", "lane": ":lane", "wake_at": ":due", "born_at": ":born", "day": "'2026-09-16'",
    "person": "1000 + i", "key": "'w' || i",
}  # fmt: skip
_WAITING = f"({', '.join(_FIXED)}) select {', '.join(_FIXED.values())}"


def new_store(url: str) -> Store:
    """An empty school in that empty database."""
    engine = open_engine(url)
    upgrade(engine)
    return Store(engine, [SCHOOL])


def settle(store: Store, lane: int, families: int, joined: datetime) -> None:
    """So many children with a daily report that begins with the next date opened; everybody has joined on that lane."""
    teachers = len(CLASSES) * (-(-families // IN_CARE))
    with store.engine.begin() as connection:
        for table, rows in (
            (student, _students(families)),
            (person, _people(teachers, families)),
            (course, _courses(teachers, families)),
            (enrolment, _enrolments(families)),
            (relation, _relations(teachers, families)),
            (address, _addresses(teachers + families, lane, joined)),
        ):
            connection.execute(table.insert(), [{"school": SCHOOL.id, **row} for row in rows])
        _count_on(connection)
    record(store, joined, (start_fact(child, joined, "roster") for child in range(1, families + 1)))
    with store.engine.begin() as connection:
        connection.execute(update(school_).values(stale=True))


def strangers(store: Store, lane: int, families: int, joined: datetime, due: datetime) -> None:
    """So many people on that lane with nothing but a home card each, due at one moment: cards without content."""
    with store.engine.begin() as connection:
        connection.execute(person.insert(), [{"school": SCHOOL.id, **row} for row in _people(0, families)])
        connection.execute(
            address.insert(), [{"school": SCHOOL.id, **row} for row in _addresses(families, lane, joined)]
        )
    places = {n: Address(n, n, lane, f"U{n}", f"D{n}") for n in range(1, families + 1)}
    store.turn(SCHOOL.id, joined, lambda turn: turn.add((Draft(n, "home", DAY, due) for n in places), places))


def waiting(store: Store, lane: int, cards: int, due: datetime) -> None:
    """So many more cards of other days that wait for a later moment, written by the database itself."""
    with store.engine.begin() as connection:
        numbers = _NUMBERS[connection.dialect.name]
        values = {"cards": cards, "school": SCHOOL.id, "lane": lane, "due": due, "born": due}
        query = text(f"insert into card {_WAITING} from {numbers}").bindparams(
            bindparam("due", type_=card.c.wake_at.type), bindparam("born", type_=card.c.born_at.type)
        )
        connection.execute(query, values)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze card"))  # as PostgreSQL does by itself before long


def _name(lot: random.Random) -> str:
    return f"{lot.choice(FIRST)} {lot.choice(LAST)}"


def _students(families: int) -> Iterator[Row]:
    lot = random.Random(SEED)
    for n in range(1, families + 1):
        yield {"id": n, "name": f"{_name(lot)} {n}", "group": f"{1 + (n - 1) // IN_CLASS}"}


def _people(teachers: int, families: int) -> Iterator[Row]:
    """Teachers first, then guardians in the order of the children; one in five reads Spanish."""
    lot = random.Random(SEED)
    for n in range(1, teachers + families + 1):
        name = f"Ms {lot.choice(LAST)}" if n <= teachers else _name(lot)
        yield {"id": n, "name": name, "language": "es" if n % 5 == 0 else "en", "email": "", "contact": ""}


def _courses(teachers: int, families: int) -> Iterator[Row]:
    for group in range(-(-families // IN_CLASS)):
        for place, name in enumerate(CLASSES):
            yield {"id": group * 4 + place + 1, "name": name, "taught_by": f"{teacher_of(group, place)}.{group}"}


def teacher_of(group: int, place: int) -> int:
    return 1 + group * IN_CLASS // IN_CARE * len(CLASSES) + place


def courses_of(child: int) -> list[tuple[int, int]]:
    """(course, teacher) of each class of that child."""
    group = (child - 1) // IN_CLASS
    return [(group * 4 + place + 1, teacher_of(group, place)) for place in range(len(CLASSES))]


def _enrolments(families: int) -> Iterator[Row]:
    for child in range(1, families + 1):
        for course_id, _ in courses_of(child):
            yield {"student": child, "course": course_id}


def _relations(teachers: int, families: int) -> Iterator[Row]:
    for group in range(-(-families // IN_CLASS)):
        for course_id, teacher in courses_of(group * IN_CLASS + 1):
            yield {"person": teacher, "role": "teacher", "student": 0, "course": course_id, "granted_by": 0}
    for child in range(1, families + 1):
        yield {"person": teachers + child, "role": "guardian", "student": child, "course": 0, "granted_by": 0}


def _addresses(people: int, lane: int, joined: datetime) -> Iterator[Row]:
    for n in range(1, people + 1):
        known = {"person": n, "lane": lane, "user": f"U{n}", "chat": f"D{n}", "name": ""}
        yield {**known, "state": "reachable", "joined_at": joined, "failures": 0}


def _count_on(connection: Connection) -> None:
    """PostgreSQL does not notice ids that were given by hand."""
    if connection.dialect.name == "postgresql":
        for table in (student, person, course):
            last = f"select setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) from {table.name}"
            connection.execute(text(last))


def record(store: Store, now: datetime, facts: Iterator[Fact]) -> None:
    """Records facts as the desk does, many at once."""
    waiting = list(facts)

    def write(turn: Turn) -> None:
        for start in range(0, len(waiting), MANY):
            turn.record(waiting[start : start + MANY])

    store.turn(SCHOOL.id, now, write)


def written(families: int, at: datetime) -> Iterator[Fact]:
    """Every class of every child confirmed as written down."""
    for child in range(1, families + 1):
        for course_id, teacher in courses_of(child):
            source = f"bench:{child}.{course_id}"
            yield Fact("line", "written", at, source, teacher, "teacher", child, course_id, DAY)
