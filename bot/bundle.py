"""Everything the faces of some cards of one school need, loaded at once, and what follows from it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from bot import words
from bot.model import Address, Card, Course, Fact, Invitation, Lane, Person, Relation, School, Student
from bot.report import ClassLine, Night, Report, ends, fold, runs
from bot.schooldays import DayTimes, day_times, is_school_day, next_school_day, previous_school_day

Say = Callable[..., str]
TITLES = {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sr", "sra", "srta", "don", "doña", "dña", "d"}


@dataclass(slots=True)
class Bundle:
    """People, classes, facts and sibling cards. Ids are the database's; orders are those of the roster."""

    school: School
    people: Mapping[int, Person] = field(default_factory=dict)
    students: Mapping[int, Student] = field(default_factory=dict)
    courses: Mapping[int, Course] = field(default_factory=dict)
    enrolled: Mapping[int, Sequence[int]] = field(default_factory=dict)  # student → courses, in roster order
    pupils: Mapping[int, Sequence[int]] = field(default_factory=dict)  # course → students, in roster order
    relations: Mapping[int, Sequence[Relation]] = field(default_factory=dict)  # person → relations
    teachers: Mapping[int, Sequence[Relation]] = field(default_factory=dict)  # course → teachers' relations
    guardians: Mapping[int, Sequence[Relation]] = field(default_factory=dict)  # student → guardians' relations
    addresses: Mapping[int, Sequence[Address]] = field(default_factory=dict)  # person → addresses, first joined first
    lanes: Mapping[int, Lane] = field(default_factory=dict)
    facts: Mapping[tuple[int, date], Sequence[Fact]] = field(default_factory=dict)  # (student, date) → facts
    standing: Mapping[int, Sequence[Fact]] = field(default_factory=dict)  # student → report and away facts
    personal: Mapping[int, Sequence[Fact]] = field(default_factory=dict)  # person → mute, stopped, back
    cards: Mapping[tuple[int, str, date], Card] = field(default_factory=dict)  # (person, kind, date) → sibling card
    invitations: Mapping[int, Invitation] = field(default_factory=dict)
    nights: Mapping[int, Sequence[Night]] = field(default_factory=dict)  # student → frozen nights of this week
    _times: dict[date, DayTimes] = field(default_factory=dict)
    _reports: dict[tuple[int, date, datetime], Report] = field(default_factory=dict)
    _runs: dict[tuple[int, date], bool] = field(default_factory=dict)
    _lines: dict[int, list[int]] = field(default_factory=dict)
    _short: dict[int, dict[int, str]] = field(default_factory=dict)

    # --- the reader ---

    def say(self, person: int) -> Say:
        return partial(words.say, self.language(person))

    def language(self, person: int) -> str:
        reader = self.people.get(person)
        return reader.language if reader else self.school.language

    def clock(self, person: int, at: datetime) -> str:
        return words.clock(self.language(person), at.astimezone(self.school.zone))

    # --- time ---

    def times(self, day: date) -> DayTimes:
        if day not in self._times:
            self._times[day] = day_times(self.school, day)
        return self._times[day]

    def closed(self, day: date) -> bool:
        return self.school.closed_through is not None and day <= self.school.closed_through

    def before(self, day: date) -> date:
        return previous_school_day(self.school, day)

    # --- reports ---

    def runs(self, student: int, day: date) -> bool:
        """Whether there is a report of this child on that date: a school day, running, not away."""
        key = (student, day)
        if key not in self._runs:
            running = runs(self.standing.get(student, ()), day) == "running"
            self._runs[key] = running and is_school_day(self.school, day)
        return self._runs[key]

    def ends(self, student: int) -> date | None:
        """The first date on which the child's report is over, moved to a school date."""
        over = ends(self.standing.get(student, ()))
        if over is None or is_school_day(self.school, over):
            return over
        return next_school_day(self.school, over)

    def lines_of(self, student: int) -> list[int]:
        """The child's classes that have a teacher whom we can ask; a class without one has no line (F01)."""
        if student not in self._lines:
            self._lines[student] = [
                course
                for course in self.enrolled.get(student, ())
                if any(self.linked(relation.person) for relation in self.teachers.get(course, ()))
            ]
        return self._lines[student]

    def report(self, student: int, day: date, now: datetime) -> Report:
        key = (student, day, now)
        if key not in self._reports:
            facts = self.facts.get((student, day), ())
            courses = self.lines_of(student)
            self._reports[key] = fold(student, courses, facts, self.times(day), now, self.closed(day))
        return self._reports[key]

    # --- who ---

    def linked(self, person: int) -> bool:
        """Whether this person has joined here at all, even if messages do not arrive now."""
        return any(a.state not in ("joining", "refused") for a in self.addresses.get(person, ()))

    def works(self, person: int) -> bool:
        return any(address.works for address in self.addresses.get(person, ()))

    def lane(self, card: Card) -> Lane | None:
        return self.lanes.get(card.lane)

    def pupils_of(self, teacher: int, day: date) -> list[tuple[int, int]]:
        """(course, student) of everybody a teacher follows on that date, by class, then name."""
        courses = [r.course for r in self.relations.get(teacher, ()) if r.role == "teacher" and r.live(day)]
        pairs = [(course, s) for course in dict.fromkeys(courses) for s in self.pupils.get(course, ())]
        known = [(c, s) for c, s in pairs if s in self.students and c in self.courses and self.runs(s, day)]
        return sorted(known, key=lambda pair: (self.courses[pair[0]].name, self.students[pair[1]].name, pair))

    def own_lines(self, teacher: int, day: date, now: datetime) -> list[ClassLine]:
        found = []
        for course, student in self.pupils_of(teacher, day):
            line = self.report(student, day, now).line(course)
            if line is not None:
                found.append(line)
        return found

    def children(self, guardian: int, day: date) -> list[int]:
        mine = [r.student for r in self.relations.get(guardian, ()) if r.role == "guardian" and r.live(day)]
        known = [s for s in dict.fromkeys(mine) if s in self.students]
        return sorted(known, key=lambda student: (self.students[student].name, student))

    def homes(self, student: int, day: date) -> list[int]:
        """The child's guardians who can be reached, who joined first comes first."""
        live = [r.person for r in self.guardians.get(student, ()) if r.live(day) and self.works(r.person)]
        return sorted(dict.fromkeys(live), key=lambda person: (self._joined(person), person))

    def _joined(self, person: int) -> float:
        joined = [a.joined_at for a in self.addresses[person] if a.works and a.joined_at]
        return min(at.timestamp() for at in joined) if joined else 0.0

    def asked(self, student: int, day: date, now: datetime) -> int:
        """Tonight's guardian: who took the question over, else who joined first and is not away; 0 for nobody."""
        homes = self.homes(student, day)
        taken = self.report(student, day, now).home.taken_by
        if taken in homes and not self.muted(taken, day):
            return taken
        return next((person for person in homes if not self.muted(person, day)), 0)

    def muted(self, person: int, day: date) -> bool:
        return any(fact.kind == "mute" and fact.day == day for fact in self.personal.get(person, ()))

    def owner(self, student: int) -> int:
        """The plan owner: the teacher of the child's first row."""
        for course in self.enrolled.get(student, ()):
            for relation in self.teachers.get(course, ()):
                return relation.person
        return 0

    # --- names ---

    def child(self, reader: int, student: int) -> str:
        """The child's short name, told apart from every other child this reader sees (G-041)."""
        if reader not in self._short:
            self._short[reader] = short_names([self.students[s] for s in self._seen_by(reader)])
        return self._short[reader].get(student) or first_name(self.students[student].name)

    def _seen_by(self, reader: int) -> list[int]:
        own = self.relations.get(reader, ())
        taught = [s for r in own if r.role == "teacher" for s in self.pupils.get(r.course, ())]
        return [s for s in dict.fromkeys([r.student for r in own if r.student] + taught) if s in self.students]

    def adult(self, person: int) -> str:
        """A teacher as the roster names them (Ms Okafor), anybody without a title by first name (Lucía)."""
        name = self.people[person].name if person in self.people else ""
        return name if name.split(" ", 1)[0].rstrip(".").lower() in TITLES else first_name(name)


def first_name(name: str) -> str:
    return name.split(" ", 1)[0]


def short_names(students: Iterable[Student]) -> dict[int, str]:
    """The shortest names that differ: first name, with initial, with group, at last the whole name."""
    names: dict[int, str] = {}
    left = list(students)
    for shorten in (_first, _initial, _grouped, _whole):
        counted = Counter(shorten(student) for student in left)
        names |= {student.id: shorten(student) for student in left if counted[shorten(student)] == 1}
        left = [student for student in left if student.id not in names]
    return names | {student.id: _whole(student) for student in left}


def _first(student: Student) -> str:
    return first_name(student.name)


def _initial(student: Student) -> str:
    last = student.name.split(" ")[-1]
    return f"{first_name(student.name)} {last[0]}." if " " in student.name else student.name


def _grouped(student: Student) -> str:
    return f"{_initial(student)} ({student.group})" if student.group else student.name


def _whole(student: Student) -> str:
    return f"{student.name} ({student.group})" if student.group else student.name


def initials(name: str) -> str:
    """A. R. for Ana Romero: all that is shown of a child before a claim is confirmed (F17)."""
    return " ".join(f"{part[0]}." for part in name.split() if part)
