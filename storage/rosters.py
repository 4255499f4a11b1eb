"""Puts a roster into the school: adds what is new, changes what changed, shows who is gone and removes nobody (F48)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update

from bot.model import Fact
from bot.roster import Row
from storage.load import course, enrolment, fact, person, relation, school_, student
from storage.turn import Turn

Child = tuple[str, str]  # name and group


@dataclass(slots=True)
class Changes:
    """What an import changes, by name: new people and classes, reports started, and who is no longer in the file."""

    students: list[str] = field(default_factory=list)
    teachers: list[str] = field(default_factory=list)
    guardians: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    places: int = 0  # children newly in a class
    started: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    without_guardian: list[str] = field(default_factory=list)


def put(turn: Turn, rows: Iterable[Row]) -> Changes:
    """Applies the good rows of a sheet in this turn; a dry run rolls the turn back afterwards."""
    return _Import(turn, list(rows)).put()


class _Import:
    """One import: what stands already is read once, then row by row what is missing is added."""

    def __init__(self, turn: Turn, rows: list[Row]) -> None:
        self.turn = turn
        self.school = turn.school.id
        self.rows = rows
        self.changes = Changes()
        self.children: dict[Child, int] = {(r.name, r.group): r.id for r in self._all(student)}
        self.people = {r.id: r for r in self._all(person)}
        self.courses: dict[tuple[str, str], int] = {(r.name, r.taught_by): r.id for r in self._all(course)}
        self.places = {(r.student, r.course) for r in self._all(enrolment)}
        self.relations = {(r.person, r.role, r.student, r.course) for r in self._all(relation)}
        self.teachers: dict[tuple[str, str], int] = {}
        self.names: dict[int, str] = {}
        self.guardians: dict[tuple[str, str], int] = {}
        self.of_child: dict[tuple[int, str], int] = {}  # (student, guardian's name) → person
        self._know_people()

    def _all(self, table: Table) -> list[Any]:
        query = select(table).where(table.c.school == self.school).order_by(table.c.id)
        return list(self.turn.connection.execute(query))

    def _know_people(self) -> None:
        for who, role, child, _ in self.relations:
            found = self.people[who]
            if role == "teacher":
                self.teachers[(found.name, found.email)] = who
            elif role == "guardian":
                self.of_child[(child, found.name)] = who
                if found.contact:
                    self.guardians[(found.name, found.contact)] = who

    def put(self) -> Changes:
        before = set(self.children)
        taught = self._taught()
        for row in self.rows:
            self._row(row, taught[((row.student, row.group), row.course)])
        self._start({row_child(row) for row in self.rows if row.daily})
        named = {row_child(row) for row in self.rows}
        guarded = {row_child(row) for row in self.rows if row.guardian}
        self.changes.gone = sorted(_told(child) for child in before - named)
        self.changes.without_guardian = sorted(_told(child) for child in named - guarded)
        stale = update(school_).where(school_.c.id == self.school)
        self.turn.connection.execute(stale.values(stale=True))
        return self.changes

    def _taught(self) -> dict[tuple[Child, str], list[int]]:
        """The teachers of each child's class; several are co-teachers of that child alone, not of a whole class."""
        emails = self._emails()
        taught: dict[tuple[Child, str], list[int]] = {}
        for row in self.rows:
            email = row.teacher_contact or emails.get(row.teacher, "")
            who = self._teacher(row.teacher, email)
            found = taught.setdefault((row_child(row), row.course), [])
            if who not in found:
                found.append(who)
        return taught

    def _emails(self) -> dict[str, str]:
        """The one address of each teacher's name: what stands in one row need not stand in all."""
        given: dict[str, set[str]] = {}
        for row in self.rows:
            given.setdefault(row.teacher, set()).update({row.teacher_contact} - {""})
        for name, email in self.teachers:
            if email and not given.get(name):  # a sheet without addresses takes none away
                given[name] = {email}
        return {name: next(iter(found)) for name, found in given.items() if len(found) == 1}

    def _row(self, row: Row, teachers: list[int]) -> None:
        child = self._child(row_child(row))
        where = self._course(row.course, teachers)
        if (child, where) not in self.places:
            self.places.add((child, where))
            self.changes.places += 1
            self._insert(enrolment, student=child, course=where)
        for who in teachers:
            self._relate(who, "teacher", 0, where)
        if row.guardian:
            self._relate(self._guardian(row, child), "guardian", child, 0)

    def _child(self, child: Child) -> int:
        if child not in self.children:
            self.children[child] = self._insert(student, name=child[0], group=child[1])
            self.changes.students.append(_told(child))
        return self.children[child]

    def _course(self, name: str, teachers: list[int]) -> int:
        key = (name, ",".join(map(str, sorted(teachers))))
        if key not in self.courses:
            self.courses[key] = self._insert(course, name=name, taught_by=key[1])
            self.changes.classes.append(f"{name} ({', '.join(self.names[who] for who in teachers)})")
        return self.courses[key]

    def _teacher(self, name: str, email: str) -> int:
        known = self._known_teacher(name, email)
        self.names[known] = name
        return known

    def _known_teacher(self, name: str, email: str) -> int:
        known = self.teachers.get((name, email)) or self.teachers.get((name, ""))
        if known is None:
            known = self._insert(person, name=name, language=self.turn.school.language, email=email, contact="")
            self.changes.teachers.append(name)
        elif email and (name, email) not in self.teachers:
            self.turn.connection.execute(update(person).where(person.c.id == known).values(email=email))
            self.teachers.pop((name, ""), None)
            self.changes.updated.append(name)
        self.teachers[(name, email)] = known
        return known

    def _guardian(self, row: Row, child: int) -> int:
        """The same name with the same contact is one person; without a contact only for the same child."""
        known = self.of_child.get((child, row.guardian))
        if known is None and row.guardian_contact:
            known = self.guardians.get((row.guardian, row.guardian_contact))
        if known is None:
            language = row.guardian_language or self.turn.school.language
            known = self._insert(
                person, name=row.guardian, language=language, email="", contact=row.guardian_contact[:254]
            )
            self.changes.guardians.append(row.guardian)
        else:
            self._refresh(known, row)
        self.of_child[(child, row.guardian)] = known
        if row.guardian_contact:
            self.guardians[(row.guardian, row.guardian_contact)] = known
        return known

    def _refresh(self, known: int, row: Row) -> None:
        stands = self.people.get(known)
        given = {"contact": row.guardian_contact[:254], "language": row.guardian_language}
        changed = {name: value for name, value in given.items() if stands and value and getattr(stands, name) != value}
        if changed and row.guardian not in self.changes.updated:
            self.turn.connection.execute(update(person).where(person.c.id == known).values(**changed))
            self.changes.updated.append(row.guardian)

    def _relate(self, who: int, role: str, child: int, where: int) -> None:
        if (who, role, child, where) not in self.relations:
            self.relations.add((who, role, child, where))
            self._insert(relation, person=who, role=role, student=child, course=where, granted_by=0)

    def _start(self, daily: set[Child]) -> None:
        """A daily report begins once: a second import does not wake one that was paused or finished."""
        query = select(fact.c.student).where(fact.c.school == self.school, fact.c.kind == "report").distinct()
        before = set(self.turn.connection.execute(query).scalars())
        fresh = sorted(child for child in daily if self.children[child] not in before)
        self.turn.record(start_fact(self.children[child], self.turn.now, "roster") for child in fresh)
        self.changes.started = [_told(child) for child in fresh]

    def _insert(self, table: Table, **values: Any) -> int:
        new = self.turn.connection.execute(table.insert().values(school=self.school, **values)).inserted_primary_key
        if new is None:
            raise ValueError(f"{table.name}: no row was made")
        return int(new[0])


def row_child(row: Row) -> Child:
    return row.student, row.group


def _told(child: Child) -> str:
    return f"{child[0]} ({child[1]})" if child[1] else child[0]


def start_fact(child: int, now: datetime, source: str, until: str = "") -> Fact:
    """The start of a daily report: it begins with the first school date that is opened after it."""
    data = {"until": until} if until else {}
    return Fact("report", "start", now, f"{source}:{child}:{now.isoformat()}", student=child, data=data)
