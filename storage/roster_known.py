"""What a school's database knows before a roster is compared with it: read once, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.model import Fact
from storage.load import FACT_COLUMNS, address, course, enrolment, fact, invitation, person, relation, student, to_fact
from storage.turn import Turn

Child = tuple[str, str]  # name and group
Held = tuple[int, str, int, int]  # person, role, student, course


@dataclass(frozen=True, slots=True)
class Spell:
    """A row that holds until a date: a child's place in a class, or somebody's relation. None: until further notice."""

    id: int
    until: date | None
    instead: int = 0

    @property
    def order(self) -> int:
        """Its place among a child's classes, the first of which tells who owns the plan."""
        return self.instead or self.id

    def live(self, day: date) -> bool:
        return self.until is None or day < self.until


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    language: str
    email: str
    contact: str


@dataclass(frozen=True, slots=True)
class Course:
    """`taught_by`: the ids of the teachers a roster named for it, smallest first."""

    name: str
    taught_by: tuple[int, ...]
    meets: str


@dataclass(slots=True)
class Known:
    """A school as it stands, by id.

    `now`: who a person has become by joining with the account of somebody who had joined already.
    """

    children: dict[Child, int] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    courses: dict[int, Course] = field(default_factory=dict)
    places: dict[int, dict[int, Spell]] = field(default_factory=dict)  # child → course → place
    relations: dict[Held, Spell] = field(default_factory=dict)
    reports: dict[int, list[Fact]] = field(default_factory=dict)  # child → when its report was started, paused …
    joined: set[int] = field(default_factory=set)
    now: dict[int, int] = field(default_factory=dict)
    invited: list[tuple[int, int]] = field(default_factory=list)  # (guardian, child) of every invitation

    def acts(self, who: int) -> int:
        return self.now.get(who, who)


def known(turn: Turn) -> Known:
    """Reads all that a roster can touch."""
    k = Known()
    k.children = {(r.name, r.group): r.id for r in _all(turn, student)}
    k.people = {r.id: Person(r.name, r.language, r.email, r.contact) for r in _all(turn, person)}
    k.courses = {r.id: Course(r.name, _ids(r.taught_by), r.meets) for r in _all(turn, course)}
    places: dict[int, dict[int, Spell]] = defaultdict(dict)
    for r in _all(turn, enrolment):
        places[r.student][r.course] = Spell(r.id, r.until, r.instead)
    k.places = dict(places)
    k.relations = {(r.person, r.role, r.student, r.course): Spell(r.id, r.until) for r in _all(turn, relation)}
    reports: dict[int, list[Fact]] = defaultdict(list)
    said = select(*FACT_COLUMNS).where(fact.c.school == turn.school.id, fact.c.kind == "report").order_by(fact.c.n)
    for r in turn.connection.execute(said):
        reports[r.student].append(to_fact(r))
    k.reports = dict(reports)
    _joined(turn, k)
    return k


def _all(turn: Turn, table: Any) -> Any:
    return turn.connection.execute(select(table).where(table.c.school == turn.school.id).order_by(table.c.id))


def _ids(taught_by: str) -> tuple[int, ...]:
    return tuple(int(one) for one in taught_by.split(",") if one.isdigit())


def _joined(turn: Turn, k: Known) -> None:
    """Who has joined, and who has become somebody else: by a second invitation, or linked by the e-mail address."""
    holders = {r.id: r.person for r in _all(turn, address) if r.state not in ("joining", "refused")}
    k.joined = set(holders.values())
    for r in _all(turn, invitation):
        if r.role == "guardian" and r.student:
            k.invited.append((r.person, r.student))
        if r.state == "joined" and holders.get(r.address, r.person) != r.person:
            k.now[r.person] = holders[r.address]
    teaching: dict[int, set[int]] = defaultdict(set)
    for who, role, _, where in k.relations:
        if role == "teacher":
            teaching[where].add(who)
    for where, one in k.courses.items():
        if len(one.taught_by) == 1 and len(teaching[where]) == 1:
            k.now.setdefault(one.taught_by[0], *teaching[where])
    k.now = {who: now for who, now in k.now.items() if who != now}
