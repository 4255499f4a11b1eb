"""The cast of the try-it page (PRODUCT section 7), what went before, and how those are played who have no pane."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.bundle import Bundle
from bot.model import Fact, School
from bot.schooldays import instant

ROSTER = """student,group,class,teacher,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Lucía Romero,L,es,yes
Ana Romero,7B,Science,Mr Lind,Tom Romero,T,en,yes
Ana Romero,7B,English,Ms Park,,,,yes
Ana Romero,7B,History,Mr Díaz,,,,yes
Ben Osei,7B,Maths,Ms Okafor,Ada Osei,A,en,yes
Ben Osei,7B,Science,Mr Lind,,,,yes
Chloe Martin,7B,Maths,Ms Okafor,Jean Martin,J,en,yes
Dev Shah,7B,Maths,Ms Okafor,Mina Shah,M,en,yes
Eli Weiss,7B,Maths,Ms Okafor,Ruth Weiss,R,en,yes
Jo Kim,7A,History,Mr Díaz,Sun Kim,S,en,yes
Sam Costa,7A,History,Mr Díaz,Rui Costa,C,en,yes
"""
USERS = {
    "Lucía Romero": "lucia",
    "Tom Romero": "tom",
    "Ms Okafor": "okafor",
    "Mr Lind": "lind",
    "Ms Park": "park",
    "Mr Díaz": "diaz",
    "Ada Osei": "ada",
    "Jean Martin": "jean",
    "Mina Shah": "mina",
    "Ruth Weiss": "ruth",
    "Sun Kim": "sun",
    "Rui Costa": "rui",
}
FIRST = date(2026, 9, 14)  # the Monday on which the daily reports began


@dataclass(frozen=True, slots=True)
class Played:
    """Somebody without a pane: taps the first button of a card so many minutes after it came."""

    user: str
    after: timedelta


TEACHERS = (Played("lind", timedelta(minutes=12)), Played("park", timedelta(minutes=12)))
DIAZ = Played("diaz", timedelta(minutes=12))  # only while "Mr Díaz answers" is ticked
FAMILIES = tuple(
    Played(user, timedelta(minutes=minutes))
    for user, minutes in (("ada", 25), ("jean", 40), ("ruth", 70), ("sun", 35), ("rui", 95))
)  # Dev's home stays silent


def history(b: Bundle, school: School, today: date) -> Iterator[Fact]:
    """What was said on the school days before `today`: all written, all done, but for Dev's home, which is silent."""
    for student in b.students:
        yield Fact("report", "begun", _at(school, FIRST, 0), f"played:begun:{student}", student=student, day=FIRST)
    day = FIRST
    while day < today:
        yield from _day(b, school, day)
        day += timedelta(days=1)


def _day(b: Bundle, school: School, day: date) -> Iterator[Fact]:
    for student, courses in b.enrolled.items():
        for course in courses:
            teacher = b.teachers[course][0].person
            source = f"played:{day}:{student}.{course}"
            yield Fact("line", "written", _at(school, day, 15, 12), source, teacher, "teacher", student, course, day)
        guardian = b.guardians[student][0].person
        if b.students[student].name.startswith("Dev"):
            continue
        source = f"played:{day}:{student}"
        yield Fact("home", "done", _at(school, day, 18, 40), source, guardian, "guardian", student, day=day)


def _at(school: School, day: date, hour: int, minute: int = 0) -> datetime:
    return instant(day, time(hour, minute), school.zone)
