"""Everything the faces of some cards of one school need, loaded at once, and what follows from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot import words
from bot.model import Address, Card, Course, Fact, Invitation, Lane, Person, Relation, School, Student
from bot.names import as_addressed, first_name, initials, short_names
from bot.policy import may
from bot.report import ClassLine, Night, Report, ends, fold, runs
from bot.schooldays import DayTimes, day_times, is_school_day, next_school_day, own_times, previous_school_day

Say = Callable[..., str]
TEACHING = ("teacher", "stand_in")
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Bundle:
    """People, classes, facts and sibling cards. Ids are the database's; orders are those of the roster."""

    school: School
    today: date = date.min  # the school's date now: whoever has lost a right has lost it for earlier days as well
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
    placed: Mapping[tuple[int, int], tuple[date | None, date | None]] = field(default_factory=dict)  # where it has ends
    _times: dict[date, DayTimes] = field(default_factory=dict)
    _own: dict[tuple[int, date, str], DayTimes] = field(default_factory=dict)
    _reports: dict[tuple[int, date, datetime], Report] = field(default_factory=dict)
    _asked: dict[tuple[int, date, datetime], int] = field(default_factory=dict)
    _runs: dict[tuple[int, date], bool] = field(default_factory=dict)
    _lines: dict[tuple[int, date], list[int]] = field(default_factory=dict)
    _meets: dict[tuple[int, date], bool] = field(default_factory=dict)  # course and date
    _short: dict[int, dict[int, str]] = field(default_factory=dict)

    # --- the reader ---

    def say(self, person: int) -> Say:
        return partial(words.say, self.language(person))

    def language(self, person: int) -> str:
        reader = self.people.get(person)
        return reader.language if reader else self.school.language

    def clock(self, person: int, at: datetime) -> str:
        """The time of day by the reader's own clock."""
        reader = self.people.get(person)
        zone = ZoneInfo(reader.zone) if reader is not None and reader.zone else self.school.zone
        return words.clock(self.language(person), at.astimezone(zone))

    # --- time ---

    def times(self, day: date) -> DayTimes:
        if day not in self._times:
            self._times[day] = day_times(self.school, day)
        return self._times[day]

    def own_times(self, person: int, day: date, role: str) -> DayTimes:
        """The instants of a date as this teacher or guardian has chosen them."""
        key = (person, day, role)
        if key not in self._own:
            self._own[key] = own_times(self.times(day), self.school, self.people.get(person), role)
        return self._own[key]

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

    def lines_of(self, student: int, day: date) -> list[int]:
        """The child's classes that meet on a date and have a teacher whom we can ask; without one no line (F01)."""
        key = (student, day)
        if key not in self._lines:
            taken = [c for c in self.enrolled.get(student, ()) if self.takes(student, c, day)]
            self._lines[key] = [c for c in taken if self._is_asked(c, day)]
        return self._lines[key]

    def _is_asked(self, course: int, day: date) -> bool:
        """Whether a class meets on that date and has a teacher whom we can ask."""
        key = (course, day)
        if key not in self._meets:
            letter = self.school.letters.get(day, "")
            meets = course not in self.courses or self.courses[course].meets_on(day, letter)
            teachers = self.teachers.get(course, ())
            self._meets[key] = meets and any(r.live(day) and self.linked(r.person) for r in teachers)
        return self._meets[key]

    def takes(self, student: int, course: int, day: date) -> bool:
        """Whether the child is in that class on that date."""
        since, until = self.placed.get((student, course), (None, None))
        return (since is None or since <= day) and (until is None or day < until)

    def report(self, student: int, day: date, now: datetime) -> Report:
        key = (student, day, now)
        if key not in self._reports:
            facts = self.facts.get((student, day), ())
            courses = self.lines_of(student, day)
            self._reports[key] = fold(student, courses, facts, self.times(day), now, self.closed(day))
        return self._reports[key]

    # --- who ---

    def linked(self, person: int) -> bool:
        """Whether this person has joined here at all, even if messages do not arrive now."""
        return any(a.state not in ("joining", "refused") for a in self.addresses.get(person, ()))

    def works(self, person: int) -> bool:
        return any(address.works for address in self.addresses.get(person, ()))

    def reached(self, person: int) -> bool:
        """Whether messages arrive with this person, as far as we know."""
        return any(address.state == "reachable" for address in self.addresses.get(person, ()))

    def worth_asking(self, person: int, day: date) -> bool:
        """Whether messages arrive with this person, or a place that fails has not been tried on that date yet (F18)."""
        fails = any(a.state == "failing" for a in self.addresses.get(person, ()))
        return self.reached(person) or (fails and not self.failed_on(person, day))

    def failed_on(self, person: int, day: date) -> bool:
        """Whether messages did not arrive with this person on that date, or on a later one."""
        return any(
            fact.kind == "lost" and fact.day is not None and fact.day >= day for fact in self.personal.get(person, ())
        )

    def stopped(self, person: int) -> bool:
        return any(address.state == "stopped" for address in self.addresses.get(person, ()))

    def place(self, person: int) -> Address | None:
        """Where this person is reached: the place they have chosen if it works, else the first that does; one that has
        failed is tried again on a later day."""
        works = [address for address in self.addresses.get(person, ()) if address.works]
        works.sort(key=lambda address: address.state == "failing" and self.failed_on(person, self.today))
        chosen = self.people[person].place if person in self.people else 0
        return next((address for address in works if address.id == chosen), next(iter(works), None))

    def lane(self, card: Card) -> Lane | None:
        return self.lanes.get(card.lane)

    def live(self, relation: Relation, day: date) -> bool:
        """Whether a relation holds for a date and still holds now."""
        return relation.live(day) and (self.today == date.min or relation.live(max(day, self.today)))

    def may(self, person: int, action: str, day: date, student: int = 0) -> bool:
        """Asks the policy of a person's relations, for that date and for now."""
        courses = [c for c in self.enrolled.get(student, ()) if self.takes(student, c, day)]
        days = (day,) if self.today == date.min else (day, max(day, self.today))
        owner = bool(student) and self.owner(student) == person
        return may(action, self.relations.get(person, ()), days, student, courses, owner)

    def pupils_of(self, teacher: int, day: date) -> list[tuple[int, int]]:
        """(course, student) of everybody a teacher or stand-in follows on that date, by class, then name."""
        own = self.relations.get(teacher, ())
        courses = [r.course for r in own if r.role in TEACHING and self.live(r, day)]
        pairs = [(course, s) for course in dict.fromkeys(courses) for s in self.pupils.get(course, ())]
        taken = [(c, s) for c, s in pairs if s in self.students and c in self.courses and self.takes(s, c, day)]
        known = [(c, s) for c, s in taken if self.runs(s, day)]
        return sorted(known, key=lambda pair: (self.courses[pair[0]].name, self.students[pair[1]].name, pair))

    def own_lines(self, teacher: int, day: date, now: datetime) -> list[ClassLine]:
        found = []
        for course, student in self.pupils_of(teacher, day):
            line = self.report(student, day, now).line(course)
            if line is not None:
                found.append(line)
        return found

    def children(self, guardian: int, day: date) -> list[int]:
        mine = [r.student for r in self.relations.get(guardian, ()) if r.role == "guardian" and self.live(r, day)]
        known = [s for s in dict.fromkeys(mine) if s in self.students]
        return sorted(known, key=lambda student: (self.students[student].name, student))

    def named(self, person: int, day: date) -> list[int]:
        """The children for whom a counsellor or provider has been named."""
        roles = ("counsellor", "provider")
        mine = [r.student for r in self.relations.get(person, ()) if r.role in roles and self.live(r, day)]
        return [s for s in dict.fromkeys(mine) if s in self.students]

    def followed(self, person: int, day: date) -> list[int]:
        """Every child this person follows, whatever state the report is in, by class or name."""
        own = self.relations.get(person, ())
        courses = [r.course for r in own if r.role in TEACHING and self.live(r, day)]
        taught = [s for course in courses for s in self.pupils.get(course, ()) if self.takes(s, course, day)]
        known = [s for s in dict.fromkeys(taught) if s in self.students]
        known.sort(key=lambda student: (self.students[student].name, student))
        return list(dict.fromkeys([*known, *self.children(person, day), *self.named(person, day)]))

    def would_run(self, student: int, day: date) -> bool:
        """Whether the child's report runs, be it a school day or not, and is not resting."""
        return runs(self.standing.get(student, ()), day) == "running"

    def homes(self, student: int, day: date) -> list[int]:
        """The child's guardians who can be reached: whose evening it is, then who joined first; whom today's messages
        may not reach comes last."""
        live = [r for r in self.guardians.get(student, ()) if self.live(r, day) and self.works(r.person)]
        people = dict.fromkeys(r.person for r in live)
        if len(people) < 2:
            return list(people)
        later = {r.person for r in live if str(day.weekday()) not in r.nights}
        return sorted(people, key=lambda p: (not self.worth_asking(p, day), p in later, self.joined_at(p), p))

    def joined_at(self, person: int) -> float:
        """When this person first joined here, as a timestamp to sort by; 0 for nobody yet."""
        joined = [a.joined_at for a in self.addresses[person] if a.works and a.joined_at]
        return min(at.timestamp() for at in joined) if joined else 0.0

    def asked(self, student: int, day: date, now: datetime) -> int:
        """Tonight's guardian: who took the question over, else the first who can be asked before the close; or 0."""
        key = (student, day, now)
        if key not in self._asked:
            self._asked[key] = self._first_asked(student, day, now)
        return self._asked[key]

    def _first_asked(self, student: int, day: date, now: datetime) -> int:
        homes = [person for person in self.homes(student, day) if not self.muted(person, day, "guardian")]
        taken = self.report(student, day, now).home.taken_by
        if taken in homes:
            return taken
        close = self.times(day).close
        awake = [person for person in homes if self.own_times(person, day, "guardian").home_card < close]
        return next(iter([*awake, *homes]), 0)

    def muted(self, person: int, day: date, side: str) -> bool:
        """Whether a teacher's or guardian's messages rest on that date: for a day or until one, unless taken back."""
        rests = False
        for fact in self.personal.get(person, ()):
            if fact.kind == "mute" and fact.day is not None and fact.day <= day and fact.role in ("", side):
                until = date.fromisoformat(fact.data["until"]) if fact.data.get("until") else fact.day + ONE_DAY
                rests = fact.value == "yes" if day < until or fact.value != "yes" else rests
        return rests

    def owner(self, student: int) -> int:
        """The plan owner: the teacher of the child's first class."""
        day = self.today if self.today != date.min else date.max
        for course in self.enrolled.get(student, ()):
            for relation in self.teachers.get(course, ()):
                if relation.role == "teacher" and relation.live(day) and self.takes(student, course, day):
                    return relation.person
        return 0

    # --- names ---

    def child(self, reader: int, student: int) -> str:
        """The child's short name, told apart from every other child this reader sees (G-041)."""
        if reader not in self._short:
            self._short[reader] = short_names([self.students[s] for s in self._seen_by(reader)])
        known = self._short[reader].get(student)
        return known or (first_name(self.students[student].name) if student in self.students else "")

    def _seen_by(self, reader: int) -> list[int]:
        own = self.relations.get(reader, ())
        taught = [s for r in own if r.role in TEACHING for s in self.pupils.get(r.course, ())]
        return [s for s in dict.fromkeys([r.student for r in own if r.student] + taught) if s in self.students]

    def at_home(self, reader: int, person: int, student: int) -> str:
        """Somebody at home as this reader may name them: where homes are apart, the other one has no name."""
        apart = student in self.students and self.students[student].apart
        reads_at_home = any(r.role == "guardian" and r.student == student for r in self.relations.get(reader, ()))
        if apart and reads_at_home and person != reader:
            return self.say(reader)("other-home")
        return self.adult(person)

    def disguised(self, student: int) -> str:
        """A. R., 7B, Ms Okafor: a child as told before a claim is confirmed, and in letters left lying about (F17)."""
        child = self.students[student]
        return ", ".join(part for part in (initials(child.name), child.group, self.adult(self.owner(student))) if part)

    def adult(self, person: int) -> str:
        """A teacher as the roster names them (Ms Okafor), anybody without a title by first name (Lucía)."""
        name = self.people[person].name if person in self.people else ""
        return as_addressed(name)
