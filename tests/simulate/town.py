"""A seeded school: families, teachers, a coordinator, who is reached where, how each behaves, and the calendar."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import School

SUBJECTS = ("Maths", "Science", "English", "History")
IN_GROUP, GROUPS_OF_TEACHER = 5, 2
BEGIN = ("Ba", "Ce", "Di", "Fo", "Gu", "Ha", "Je", "Ki", "Lo", "Mu", "Na", "Pe", "Ri", "So", "Tu", "Va", "We", "Yo")
MIDDLE = ("la", "ne", "ri", "so", "tu", "ma", "ve", "do", "ka", "shi", "bo", "ge", "li", "mo", "nu", "pa", "re", "si")
END = ("n", "s", "r", "l", "th", "m", "x", "k", "nd", "ck")
TEACHERS = ("prompt",) * 6 + ("late",) * 3 + ("silent",)
GUARDIANS = ("prompt",) * 5 + ("forgetful",) * 3 + ("owl", "silent")


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of school: its zone and week, and a Monday three weeks before or around which its clocks change."""

    zone: str
    starts: tuple[date, ...]
    closes: time = time(23, 0)


PLACES = (
    Place("America/New_York", (date(2026, 10, 19), date(2026, 3, 2))),
    Place("Europe/Berlin", (date(2026, 10, 12), date(2026, 3, 16))),
    # Its clocks go back from Thursday 24:00 to 23:00, so that the close comes twice, and forward at Friday 0:00.
    Place("Africa/Cairo", (date(2026, 10, 19), date(2026, 4, 13)), time(23, 30)),
)
YEAR = 150  # so many days hold both clock changes if they begin with the first


@dataclass(eq=False, slots=True)
class Child:
    name: str
    group: str
    guardians: list["Member"] = field(default_factory=list)
    teachers: dict[str, "Member"] = field(default_factory=dict)  # subject → teacher
    id: int = 0

    @property
    def first(self) -> str:
        return self.name.split()[0]


@dataclass(eq=False, slots=True)
class Member:
    """Somebody who has joined. `lanes`: where; the first is the one that is asked."""

    name: str
    role: str
    habit: str
    lanes: tuple[str, ...]
    language: str = "en"
    children: list[Child] = field(default_factory=list)  # at home
    pupils: list[Child] = field(default_factory=list)
    subject: str = ""
    id: int = 0

    @property
    def user(self) -> str:
        return "u" + self.name.replace(" ", "").lower()


@dataclass
class Town:
    """Everybody and everything that the simulation knows of the school by itself, not from the program."""

    school: School
    first: date
    days: int
    children: list[Child]
    members: list[Member]
    closed: dict[date, str]
    early: dict[date, time]
    snow: dict[date, time]  # days that the coordinator declares closed: at what time of that day
    courses: dict[tuple[str, str], int] = field(default_factory=dict)  # (subject, teacher's name) → id

    def __post_init__(self) -> None:
        self.by_user = {member.user: member for member in self.members}
        self.by_first = {child.first: child for child in self.children}

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]

    def planned(self, day: date) -> bool:
        """A school date as the printed calendar has it."""
        return day.weekday() < 5 and day not in self.closed

    def instant(self, day: date, wall: time) -> datetime:
        """The first time that clocks show this; in a gap as much later as the gap is long."""
        return datetime.combine(day, wall, self.school.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.school.zone)

    def course(self, child: Child, subject: str) -> int:
        return self.courses[subject, child.teachers[subject].name]

    def following(self, day: date) -> date:
        """The next school date as the calendar has it."""
        return next(d for n in range(1, 60) if self.planned(d := day + timedelta(days=n)))


def build(seed: str, families: int, days: int) -> Town:
    lot = random.Random(f"{seed}:town")
    place = PLACES[0] if days >= YEAR else lot.choice(PLACES)
    first = place.starts[0] if days >= YEAR else lot.choice(place.starts)
    school = School("lincoln", "Lincoln Middle School", ZoneInfo(place.zone), day_closes=place.closes)
    names = _names(lot)
    children, guardians = _families(lot, names, families)
    teachers = list(_teachers(lot, names, children))
    coordinator = Member("Mx Coordinator", "coordinator", "prompt", ("slack",))
    closed, early, snow = _calendar(lot, first, days)
    people = [*teachers, *guardians, coordinator]
    if children and len(teachers) > 1:  # one teacher is somebody's guardian as well
        teachers[-1].children.append(children[0])
        children[0].guardians.append(teachers[-1])
    return Town(school, first, days, children, people, closed, early, snow)


def _names(lot: random.Random) -> Iterator[str]:
    """Invented names, each once, so that a name on a screen tells whose it is."""
    every = [begin + middle + end for begin in BEGIN for middle in MIDDLE for end in END]
    lot.shuffle(every)
    return iter(every)


def _families(lot: random.Random, names: Iterator[str], families: int) -> tuple[list[Child], list[Member]]:
    children: list[Child] = []
    guardians: list[Member] = []
    for _ in range(families):
        family = next(names)
        kids = [Child(f"{next(names)} {family}", "") for _ in range(2 if lot.random() < 0.2 else 1)]
        children += kids
        adults = [_guardian(lot, f"{title} {family}") for title in ("Anna", "Otto")[: 2 if lot.random() < 0.6 else 1]]
        for adult in adults:
            adult.children += kids
        for kid in kids:
            kid.guardians += adults
        guardians += adults
    lot.shuffle(children)  # siblings are in different groups
    for n, child in enumerate(children):
        child.group = f"{1 + n // IN_GROUP}"
    return children, guardians


def _guardian(lot: random.Random, name: str) -> Member:
    lanes = lot.choice((("telegram",), ("telegram",), ("telegram",), ("slack",), ("telegram", "slack")))
    return Member(name, "guardian", lot.choice(GUARDIANS), lanes, lot.choice(("en", "en", "en", "es")))


def _teachers(lot: random.Random, names: Iterator[str], children: list[Child]) -> Iterator[Member]:
    size = IN_GROUP * GROUPS_OF_TEACHER
    for start in range(0, len(children), size):
        for subject in SUBJECTS:
            lane = ("slack",) if lot.random() < 0.8 else ("telegram",)
            teacher = Member(f"Ms {next(names)}", "teacher", lot.choice(TEACHERS), lane, subject=subject)
            teacher.pupils = children[start : start + size]
            for child in teacher.pupils:
                child.teachers[subject] = teacher
            yield teacher


def _calendar(lot: random.Random, first: date, days: int) -> tuple[dict[date, str], dict[date, time], dict[date, time]]:
    """A holiday in two weeks, a half day in two weeks, a snow day in four, never two of them on one day."""
    weekdays = [d for n in range(days) if (d := first + timedelta(days=n)).weekday() < 5]
    wanted = [max(1, len(weekdays) // 10), max(1, len(weekdays) // 10), len(weekdays) // 14]
    chosen = lot.sample(weekdays[1:], min(sum(wanted), max(0, len(weekdays) - 1))) if len(weekdays) > 4 else []
    closed = dict.fromkeys(chosen[: wanted[0]], "Holiday")
    early = dict.fromkeys(chosen[wanted[0] : wanted[0] + wanted[1]], time(12, 30))
    snow = {day: lot.choice((time(7, 5), time(12, 0), time(16, 30))) for day in chosen[wanted[0] + wanted[1] :]}
    return closed, early, snow
