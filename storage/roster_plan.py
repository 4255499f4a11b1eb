"""Compares a roster with the school as it stands: what is new, what ends, what changed, and what an office is told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bot.model import WEEKDAYS
from bot.report import runs
from bot.roster import Row
from bot.roster_problems import plain
from storage.roster_changes import Plan, called, row_child
from storage.roster_known import Child, Course, Held, Known, Spell
from storage.roster_people import People

# How the sources begin of a pause that waits for a coordinator, as a child is not in the file, and of its end.
GONE, BACK = "roster:gone:", "roster:back:"


def compare(
    known: Known, rows: Sequence[Row], today: date, language: str, whole: bool = True, rest: bool = False
) -> Plan:
    """`whole`: no row is missing, so what is not in the file has ended; `rest`: so do reports of vanished children."""
    return _Comparing(known, rows, today, language, whole).plan_of(rest)


class _Comparing:
    """One comparing: the rows are gone through once, then children and classes by themselves."""

    def __init__(self, known: Known, rows: Sequence[Row], today: date, language: str, whole: bool) -> None:
        self.known = known
        self.rows = rows
        self.today = today
        self.whole = whole
        self.plan = Plan()
        self.told = self.plan.changes
        self.people = People(known, rows, language)
        self.children = dict(known.children)
        self.courses = dict(known.courses)
        self.course_ids = {(one.name, one.taught_by): which for which, one in known.courses.items()}
        self.taken = _courses_of(known, today)  # (child, class) → the courses it is in
        self.wanted: dict[int, dict[str, int]] = defaultdict(dict)  # child → class → course
        self.names = {child: name for name, child in known.children.items()}
        self.held: set[Held] = set()
        self.ended = _ended(known)
        self.kept_ended: dict[str, None] = {}

    def plan_of(self, rest: bool) -> Plan:
        taught = self._taught()
        for row in self.rows:
            child = self._child(row_child(row))
            if row.course not in self.wanted[child]:
                self.wanted[child][row.course] = self._course(row.course, taught[(row_child(row), row.course)])
            if row.guardian:
                self._guardian(row, child)
        self._places()
        self._teaching()
        self._meets()
        self._reports()
        self._gone(rest)
        self._told_of_people()
        return self.plan

    # --- who and what a row names ---

    def _taught(self) -> dict[tuple[Child, str], list[int]]:
        """The teachers of each child's class; several are co-teachers of that child alone, not of a whole class."""
        taught: dict[tuple[Child, str], list[int]] = defaultdict(list)
        for row in self.rows:
            child = row_child(row)
            now = self.taken.get((self.children.get(child, 0), row.course), ())
            who = self.people.teachers.find(row, [t for course in now for t in self.courses[course].taught_by])
            if who not in taught[(child, row.course)]:
                taught[(child, row.course)].append(who)
        return taught

    def _child(self, child: Child) -> int:
        if child not in self.children:
            which = -1 - len(self.plan.students)
            self.children[child], self.names[which], self.plan.students[which] = which, child, child
            self.told.students.append(called(child))
        return self.children[child]

    def _course(self, name: str, teachers: Iterable[int]) -> int:
        key = (name, tuple(sorted(teachers)))
        if key not in self.course_ids:
            which = -1 - len(self.plan.courses)
            self.course_ids[key] = which
            self.courses[which] = self.plan.courses[which] = Course(*key, "")
            self.told.classes.append(f"{name} ({self._teachers(which)})")
            for who in dict.fromkeys(self.known.acts(who) for who in teachers):
                self.plan.relations.append((who, "teacher", 0, which))
        return self.course_ids[key]

    def _teachers(self, course: int) -> str:
        """Whom the school knows first, then the new ones in the order of the file."""
        in_order = sorted(self.courses[course].taught_by, key=lambda who: (who < 0, abs(who)))
        return " and ".join(self.people.of(who).name for who in in_order)

    def _guardian(self, row: Row, child: int) -> None:
        """What somebody has ended stays ended, whatever contact the file gives: it may be a custody order."""
        told = f"{row.guardian} for {called(row_child(row))}"
        if (child, plain(row.guardian)) in self.ended:
            self.kept_ended[told] = None
            return
        who = self.known.acts(self.people.guardians.find(row, child))
        held: Held = (who, "guardian", child, 0)
        if held in self.known.relations:
            if self.known.relations[held].until is not None:
                self.kept_ended[told] = None
        elif held not in self.held:
            self.held.add(held)
            self.plan.relations.append(held)
            if who > 0:
                self.told.related.append(told)

    # --- classes ---

    def _places(self) -> None:
        moved: Counter[tuple[int, int]] = Counter()
        for child, wanted in self.wanted.items():
            stand = self.known.places.get(child, {})
            begun = {where for where in wanted.values() if where not in stand or stand[where].until is not None}
            left = [where for where, place in stand.items() if place.until is None and where not in wanted.values()]
            over = [(where, wanted[self.courses[where].name]) for where in left if self._named(where, wanted)]
            moved.update(over)
            self._begin(child, begun, stand, {to: stand[before].order for before, to in over})
            self._end(child, left, stand, wanted)
        for (before, after), count in moved.items():
            who = f"{self._teachers(before)} → {self._teachers(after)}"
            children = f"{count} {'child' if count == 1 else 'children'}"
            self.told.taken_over.append(f"{self.courses[before].name}, {who} ({children})")

    def _named(self, course: int, wanted: dict[str, int]) -> bool:
        return self.courses[course].name in wanted

    def _begin(self, child: int, begun: set[int], stand: dict[int, Spell], taken_over: dict[int, int]) -> None:
        """In the order of the file, as the first class tells who owns the plan."""
        for name, where in self.wanted[child].items():
            if where not in begun:
                continue
            if where in stand:
                self.plan.place_ends[stand[where].id] = False
            else:
                since = self.today if child > 0 else None
                self.plan.places.append((child, where, since, taken_over.get(where, 0)))
            if where in taken_over:
                continue
            if where in stand:
                self.told.reopened.append(f"{name} for {self._called(child)}")
            else:
                self.told.places += 1

    def _end(self, child: int, left: list[int], stand: dict[int, Spell], wanted: dict[str, int]) -> None:
        for where in left:
            if self._named(where, wanted):
                self.plan.place_ends[stand[where].id] = True
            elif self.whole:
                self.plan.place_ends[stand[where].id] = True
                self.told.ended.append(f"{self.courses[where].name} for {self._called(child)}")

    def _teaching(self) -> None:
        """A teacher's relation ends when the last child has left the class, and comes back with the first."""
        places = [(where, spell) for stand in self.known.places.values() for where, spell in stand.items()]
        before = {where for where, spell in places if spell.live(self.today)}
        after = {where for _, where, _, _ in self.plan.places}
        for where, spell in places:
            if not self.plan.place_ends.get(spell.id, not spell.live(self.today)):
                after.add(where)
        for (who, role, _, where), spell in self.known.relations.items():
            if role != "teacher":
                continue
            told = f"{self.people.of(who).name} for {self.courses[where].name}"
            if where not in after and spell.until is None:
                self.plan.relation_ends[spell.id] = True
                self.told.teaching_ended.append(told)
            elif where in after and not spell.live(self.today):
                if where in before:
                    self.kept_ended[told] = None
                else:
                    self.plan.relation_ends[spell.id] = False

    def _meets(self) -> None:
        """A sheet that says of no class when it meets changes nothing; in one that does, silence is every day."""
        if not any(row.meets for row in self.rows):
            return
        days: dict[int, list[str]] = defaultdict(list)
        for row in self.rows:
            days[self.wanted[self.children[row_child(row)]][row.course]] += row.meets.split(",") if row.meets else []
        for where, found in days.items():
            meets = joined(found)
            if meets == self.courses[where].meets:
                continue
            self.plan.meets[where] = meets
            if where > 0:
                told = f"{self.courses[where].name} ({self._teachers(where)}) meets {meets or 'every day'}"
                self.told.updated.append(told)

    # --- reports ---

    def _reports(self) -> None:
        """A daily report begins once; one that was paused as its child was not in the file goes on when it is back."""
        fresh = dict.fromkeys(row_child(row) for row in self.rows if row.daily)
        for child in sorted(child for child in fresh if not self.known.reports.get(self.children[child])):
            self.plan.starts.append(self.children[child])
            self.told.started.append(called(child))
        for child in dict.fromkeys(map(row_child, self.rows)):
            said = self.known.reports.get(self.children[child])
            if said and said[-1].value == "pause" and said[-1].source.startswith(GONE):
                self.plan.resumes[self.children[child]] = self._source(BACK, self.children[child])
                self.told.resumed.append(called(child))

    def _gone(self, rest: bool) -> None:
        named = {row_child(row) for row in self.rows}
        guarded = {child for _, role, child, _ in self.plan.relations if role == "guardian"}
        guarded |= {
            child
            for (_, role, child, _), s in self.known.relations.items()
            if role == "guardian" and s.live(self.today)
        }
        self.told.without_guardian = sorted(called(child) for child in named if self.children[child] not in guarded)
        if not self.whole:
            return  # a child who is missing among the good rows may stand in a wrong one
        gone = sorted(child for child in self.known.children if child not in named)
        running = [child for child in gone if self._runs_on(self.children[child])]
        self.told.gone = [called(child) for child in gone]
        if rest:
            self.plan.rests = {child: self._source(GONE, child) for child in map(self.children.__getitem__, running)}
            self.told.rested = [called(child) for child in running]
        else:
            self.told.gone_running = [called(child) for child in running]

    def _runs_on(self, child: int) -> bool:
        return runs(self.known.reports.get(child, ()), self.today + timedelta(days=1)) == "running"

    def _source(self, how: str, child: int) -> str:
        """One a child and day, and another one where a child goes and comes several times on a day."""
        source, said = f"{how}{child}:{self.today}", self.known.reports[child]
        return f"{source}#{said[-1].n}" if any(fact.source == source for fact in said) else source

    def _told_of_people(self) -> None:
        plan, people = self.plan, self.people
        plan.people, plan.changed = people.new, people.changed
        teaching = {who for course in plan.courses.values() for who in course.taught_by}
        self.told.teachers = [one.name for who, one in people.new.items() if who in teaching]
        self.told.guardians = [one.name for who, one in people.new.items() if who not in teaching]
        self.told.updated = [*dict.fromkeys(one.name for one in people.changed.values()), *self.told.updated]
        self.told.kept_ended = list(self.kept_ended)
        self.told.two_contacts = people.guardians.doubled()

    def _called(self, child: int) -> str:
        return called(self.names[child])


def _courses_of(known: Known, today: date) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for child, stand in known.places.items():
        for where, place in stand.items():
            if place.live(today):
                found[(child, known.courses[where].name)].append(where)
    return found


def _ended(known: Known) -> set[tuple[int, str]]:
    """(child, guardian's name) of what somebody has ended, unless a guardian of the same name is left."""
    held = [
        (child, plain(known.people[who].name), spell.until is None)
        for (who, role, child, _), spell in known.relations.items()
        if role == "guardian"
    ]
    left = {(child, name) for child, name, stands in held if stands}
    return {(child, name) for child, name, _ in held} - left


def joined(found: Iterable[str]) -> str:
    """The days of several groups of one class: weekdays in their order, or letters; every day if they are mixed."""
    days = set(found)
    if days <= set(WEEKDAYS):
        return ",".join(day for day in WEEKDAYS if day in days)
    return "" if days & set(WEEKDAYS) else ",".join(sorted(days))
