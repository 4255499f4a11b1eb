"""Loads what the faces of some cards show: a constant number of queries, however many cards there are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, String, bindparam, case, cast, or_, select, union
from sqlmodel import SQLModel

from bot.bundle import TEACHING, Bundle
from bot.model import Address, Card, Course, Fact, Invitation, Lane, Person, Relation, School, Student, Wish
from bot.report import Night
from bot.schooldays import previous_school_day
from storage import tables as t
from storage.among import among

_all = SQLModel.metadata.tables
address, arrival, card, course, enrolment, fact = (
    _all[name] for name in ("address", "arrival", "card", "course", "enrolment", "fact")
)
invitation, lane, night, person, relation, ring = (
    _all[name] for name in ("invitation", "lane", "night", "person", "relation", "ring")
)
calendar, school_, student = _all["calendar"], _all["school"], _all["student"]

STANDING = ("report", "away")
PERSONAL = ("mute", "stopped", "lost", "back")
JOINING = {"join", "claims", "agree"}
DAILY = ("teacher", "teacher nudge", "home", "home nudge")
LAST_DAYS = 7
ASK_SIBLINGS = {"teacher nudge", "home nudge", "late", "no school"}  # whose faces ask what others were shown
HOME = {"home", "home nudge"}  # their faces do not read what was said the day before
K = TypeVar("K")
V = TypeVar("V")


def _columns(table: Any, shape: Any) -> list[Any]:
    """The columns of a row that becomes such a noun, in the order of its fields: rows are read by position."""
    return [table.c[one.name] for one in fields(shape)]


CARD_COLUMNS = _columns(card, Card)
FACT_COLUMNS = _columns(fact, Fact)
RELATION_COLUMNS = _columns(relation, Relation)
ADDRESS_COLUMNS = _columns(address, Address)
PERSON_COLUMNS = _columns(person, Person)
_DAY = [one.name for one in fields(Card)].index("day")


def to_card(row: Sequence[Any]) -> Card:
    values = list(row)
    if values[_DAY] == t.CardRow.NO_DAY:
        values[_DAY] = None
    return Card(*values)


def to_fact(row: Sequence[Any]) -> Fact:
    return Fact(*row)


def bundle(
    connection: Connection,
    school: School,
    today: date,
    cards: Collection[Card],
    people: Iterable[int] = (),
    whole: bool = True,
) -> Bundle:
    """The bundle of some cards of one school; `people` are further readers to load as if they had cards.

    Not `whole`: its parts are read when they are first asked for, inside the same transaction. A tap asks for few.
    """
    return _Loader(connection, school, today, whole).load(cards, set(people))


class Soon(Mapping[K, V]):
    """A part of a bundle that is read when it is first asked for."""

    def __init__(self, read: Callable[[], Mapping[K, V]]) -> None:
        self._read = read
        self._found: Mapping[K, V] | None = None

    @property
    def found(self) -> Mapping[K, V]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __getitem__(self, key: K) -> V:
        return self.found[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def opening(connection: Connection, school: School, today: date) -> Bundle:
    """What the opening of a day asks, and no more: who is related and reached, own times, reports that wait."""
    here = school.id
    relations: dict[int, list[Relation]] = defaultdict(list)
    for r in connection.execute(select(*RELATION_COLUMNS).where(relation.c.school == here).order_by(relation.c.id)):
        relations[r.person].append(to_relation(r))
    addresses: dict[int, list[Address]] = defaultdict(list)
    for r in connection.execute(select(*ADDRESS_COLUMNS).where(address.c.school == here).order_by(address.c.id)):
        addresses[r.person].append(to_address(r))
    standing: dict[int, list[Fact]] = defaultdict(list)
    children = select(student.c.id).where(student.c.school == here)
    reports = select(*FACT_COLUMNS).where(fact.c.student.in_(children), fact.c.kind == "report").order_by(fact.c.n)
    for r in connection.execute(reports):
        standing[r.student].append(to_fact(r))
    chosen = (cast(person.c.wishes, String) != "{}") | (person.c.zone != "") | (person.c.place != 0)
    people = connection.execute(select(*PERSON_COLUMNS).where(person.c.school == here, chosen))
    own = {r[0]: to_person(r) for r in people}
    return Bundle(school, today, people=own, relations=relations, addresses=addresses, standing=standing)


_MINE = (
    select(*RELATION_COLUMNS)
    .where(relation.c.school == bindparam("school"), among(relation.c.person, "readers"))
    .order_by(relation.c.id)
)
_PUPILS = select(enrolment.c.student).where(among(enrolment.c.course, "courses")).distinct()
_TAKEN = (
    select(enrolment.c.student, enrolment.c.course, enrolment.c.since, enrolment.c.until)
    .where(among(enrolment.c.student, "students"))
    .order_by(case((enrolment.c.instead == 0, enrolment.c.id), else_=enrolment.c.instead), enrolment.c.id)
)
_NEAR = union(  # each by its own index: an "or" of these reads every relation of the school
    select(relation.c.id).where(among(relation.c.course, "courses")),
    select(relation.c.id).where(among(relation.c.student, "students")),
    select(relation.c.id).where(relation.c.school == bindparam("school"), relation.c.role == "coordinator"),
)
_AROUND = select(*RELATION_COLUMNS).where(relation.c.id.in_(_NEAR)).order_by(relation.c.id)

_STUDENTS = select(*_columns(student, Student)).where(among(student.c.id, "ids"))
_COURSES = select(*_columns(course, Course)).where(among(course.c.id, "ids"))
_PEOPLE = select(*PERSON_COLUMNS).where(among(person.c.id, "ids"))
_ADDRESSES = select(*ADDRESS_COLUMNS).where(among(address.c.person, "people")).order_by(address.c.id)
_FACTS = select(*FACT_COLUMNS).order_by(fact.c.n)
_SAID = _FACTS.where(among(fact.c.student, "students"), fact.c.day.in_(bindparam("days", expanding=True)))
_STANDING = _FACTS.where(among(fact.c.student, "students"), fact.c.kind.in_(STANDING), fact.c.value != "start")
_PERSONAL = _FACTS.where(among(fact.c.person, "people"), fact.c.kind.in_(PERSONAL))
_SIBLINGS = select(card.c.id, card.c.person, card.c.kind, card.c.day, card.c.shown_at).where(
    among(card.c.person, "people"),
    card.c.day.in_(bindparam("days", expanding=True)),
    card.c.kind.in_(("teacher", "home")),
)


class _Loader:
    """One loading: relations first, then whoever and whatever they lead to."""

    def __init__(self, connection: Connection, school: School, today: date, whole: bool) -> None:
        self.connection = connection
        self.school = school
        self.whole = whole
        self.b = Bundle(school, today)

    def rows(self, query: Select[Any], **values: Any) -> list[Any]:
        return list(self.connection.execute(query, values).all())  # all at once: row by row takes twice as long

    def part(self, read: Callable[[], Mapping[K, V]]) -> Mapping[K, V]:
        return read() if self.whole else Soon(read)

    def load(self, cards: Collection[Card], people: set[int]) -> Bundle:
        b, readers = self.b, people | {c.person for c in cards}
        days = {c.day for c in cards if c.day is not None}
        kinds = {c.kind for c in cards}
        if kinds & JOINING:
            readers |= self._claims(cards)
        readers |= {int(c.view["for"]) for c in cards if c.view.get("for")}
        readers |= {int(person) for c in cards for person in c.view.get("lost", ())}
        named = {int(c.view["student"]) for c in cards if c.kind == "who" and c.view.get("student")}
        own = self._relations(readers)
        students = self._enrolments({r.course for r in own if r.course}, {r.student for r in own if r.student} | named)
        around = self._relations_around(students, set(b.pupils))
        everybody = readers | {r.person for r in around}
        b.students = self.part(lambda: self._students(students))
        b.courses = self.part(lambda: self._courses(set(b.pupils)))
        b.people = self.part(lambda: self._people(everybody))
        b.addresses = self.part(lambda: self._addresses(everybody))
        b.lanes = self.part(lambda: lanes(self.connection))
        told = days | {previous_school_day(self.school, day) for day in days if kinds - HOME}
        b.facts = self.part(lambda: self._said(students, told))
        b.standing = self.part(lambda: self._standing(students))
        b.personal = self.part(lambda: self._personal(everybody))
        if kinds & ASK_SIBLINGS or not self.whole:
            b.cards = self.part(lambda: self._siblings(everybody, days))
        if "status" in kinds:
            self._nights(cards)
        if "why" in kinds:
            self._last_days(cards)
        return b

    def _relations(self, readers: set[int]) -> list[Relation]:
        found = [to_relation(r) for r in self.rows(_MINE, school=self.school.id, readers=readers)]
        self.b.relations = grouped(found, lambda r: r.person)
        return found

    def _enrolments(self, courses: set[int], students: set[int]) -> set[int]:
        """The readers' children and everybody in their classes; then all classes of these children."""
        if courses:
            students = students | {r.student for r in self.rows(_PUPILS, courses=courses)}
        taken: dict[int, list[int]] = defaultdict(list)
        pupils: dict[int, list[int]] = defaultdict(list)
        placed: dict[tuple[int, int], tuple[date | None, date | None]] = {}
        for child, course, since, until in self.rows(_TAKEN, students=students):
            taken[child].append(course)
            pupils[course].append(child)
            if since is not None or until is not None:
                placed[(child, course)] = (since, until)
        self.b.enrolled, self.b.pupils, self.b.placed = taken, pupils, placed
        return students

    def _relations_around(self, students: set[int], courses: set[int]) -> list[Relation]:
        """Teachers of the classes and guardians of the children; coordinators belong to every child."""
        near = {"school": self.school.id, "courses": courses, "students": students}
        found = [to_relation(r) for r in self.rows(_AROUND, **near)]
        self.b.teachers = grouped((r for r in found if r.role in TEACHING and r.course), lambda r: r.course)
        self.b.guardians = grouped((r for r in found if r.role == "guardian" and r.student), lambda r: r.student)
        self.b.relations = grouped(found, lambda r: r.person) | dict(self.b.relations)
        return found

    def _students(self, ids: set[int]) -> dict[int, Student]:
        return {r.id: to_student(r) for r in self.rows(_STUDENTS, ids=ids)}

    def _courses(self, ids: set[int]) -> dict[int, Course]:
        return {r.id: to_course(r) for r in self.rows(_COURSES, ids=ids)}

    def _people(self, ids: set[int]) -> dict[int, Person]:
        return {r.id: to_person(r) for r in self.rows(_PEOPLE, ids=ids)}

    def _addresses(self, people: set[int]) -> dict[int, list[Address]]:
        return grouped(map(to_address, self.rows(_ADDRESSES, people=people)), lambda a: a.person)

    def _said(self, students: set[int], days: set[date]) -> dict[tuple[int, date], list[Fact]]:
        by_day: dict[tuple[int, date], list[Fact]] = defaultdict(list)
        for said in map(to_fact, self.rows(_SAID, students=students, days=days) if days else ()):
            if said.day is not None:
                by_day[(said.student, said.day)].append(said)
        return by_day

    def _standing(self, students: set[int]) -> dict[int, list[Fact]]:
        """Whose report runs, and who is away; who waits to begin is asked by `opening` alone."""
        return grouped(map(to_fact, self.rows(_STANDING, students=students)), lambda f: f.student)

    def _personal(self, people: set[int]) -> dict[int, list[Fact]]:
        return grouped(map(to_fact, self.rows(_PERSONAL, people=people)), lambda f: f.person)

    def _siblings(self, people: set[int], days: set[date]) -> dict[tuple[int, str, date], Card]:
        """The day's cards of everybody around, as far as a face asks: whether and when they were shown."""
        return {
            (r.person, r.kind, r.day): Card(r.id, self.school.id, r.person, r.kind, day=r.day, shown_at=r.shown_at)
            for r in (self.rows(_SIBLINGS, people=people, days=days) if days else ())
        }

    def _last_days(self, cards: Collection[Card]) -> None:
        """What the last week showed these readers, and what was said in it: for `why` (F23)."""
        born = [c.born_at.astimezone(self.school.zone).date() for c in cards if c.kind == "why" and c.born_at]
        days = {day - timedelta(days=n) for day in born for n in range(LAST_DAYS)}
        readers = {c.person for c in cards}
        query = select(*CARD_COLUMNS).where(card.c.person.in_(readers), card.c.day.in_(days), card.c.kind.in_(DAILY))
        shown = [to_card(row) for row in self.rows(query)]
        self.b.cards = dict(self.b.cards) | {(c.person, c.kind, c.day): c for c in shown if c.day is not None}
        self.b.facts = self._said(set(self.b.students), days)

    def _claims(self, cards: Collection[Card]) -> set[int]:
        """Open claims of the school and the invitations that these cards are about; returns who is in them."""
        ids = {int(c.subject) for c in cards if c.kind in ("join", "agree") and c.subject.isdigit()}
        ids |= {i for c in cards if c.kind == "claims" for i in c.view.get("decided", ())}
        query = select(invitation).where(
            invitation.c.school == self.school.id, or_(invitation.c.id.in_(ids), invitation.c.state == "claimed")
        )
        self.b.invitations = {r.id: to_invitation(r) for r in self.rows(query)}
        places = [i.address for i in self.b.invitations.values() if i.address]
        holders = {r.person for r in self.rows(select(address.c.person).where(address.c.id.in_(places)))}
        return holders | {i.person for i in self.b.invitations.values()}

    def _nights(self, cards: Collection[Card]) -> None:
        """This week's frozen nights, Monday to Sunday around the moment the status was asked for."""
        born = [c.born_at.astimezone(self.school.zone).date() for c in cards if c.kind == "status" and c.born_at]
        monday = min(day - timedelta(days=day.weekday()) for day in born)
        nights: dict[int, list[Night]] = defaultdict(list)
        here = (night.c.school == self.school.id) & among(night.c.student, list(self.b.students))
        for r in self.rows(select(night).where(here, night.c.day >= monday).order_by(night.c.day)):
            lines = {int(key): value for key, value in r.lines.items()}
            nights[r.student].append(Night(r.student, r.day, lines, r.home, r.verdict, r.asked, r.rules))
        self.b.nights = nights
        facts: dict[tuple[int, date], list[Fact]] = {key: list(said) for key, said in self.b.facts.items()}
        today = max(born)
        for r in self.rows(select(*FACT_COLUMNS).where(fact.c.student.in_(list(self.b.students)), fact.c.day == today)):
            facts[(r.student, today)] = [*facts.get((r.student, today), ()), to_fact(r)]
        self.b.facts = facts


def grouped(things: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return found


def to_student(row: Sequence[Any]) -> Student:
    return Student(*row)


def to_course(row: Sequence[Any]) -> Course:
    return Course(*row)


def to_person(row: Sequence[Any]) -> Person:
    values = list(row)
    values[-1] = {role: to_wish(chosen) for role, chosen in values[-1].items()}
    return Person(*values)


def to_wish(chosen: Mapping[str, str]) -> Wish:
    """Own times as a row keeps them: HH:MM by name."""
    return Wish(**{name: time.fromisoformat(at) for name, at in chosen.items()})


def from_wish(wish: Wish) -> dict[str, str]:
    return {name: f"{at:%H:%M}" for name, at in asdict(wish).items() if at is not None}


def to_relation(row: Sequence[Any]) -> Relation:
    return Relation(*row)


def to_address(row: Sequence[Any]) -> Address:
    return Address(*row)


def to_invitation(r: Row[Any]) -> Invitation:
    return Invitation(r.id, r.person, r.role, r.student, r.state, r.expires, r.address, r.made_by)


def lanes(connection: Connection) -> Mapping[int, Lane]:
    return {r.id: Lane(r.id, r.platform, r.name, r.tenant, r.heard_until) for r in connection.execute(select(lane))}
