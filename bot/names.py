"""Names as people are called: the shortest that tell children apart, and initials before a claim is confirmed."""

from collections import Counter
from collections.abc import Iterable

from bot.model import Student

TITLES = {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sr", "sra", "srta", "don", "doña", "dña", "d"}


def as_addressed(name: str) -> str:
    """Ms Okafor stays, Lucía Romero is Lucía: whoever has a title keeps it."""
    return name if name.split(" ", 1)[0].rstrip(".").lower() in TITLES else first_name(name)


def first_name(name: str) -> str:
    return name.split(" ", 1)[0]


def short_names(students: Iterable[Student]) -> dict[int, str]:
    """The shortest names that differ: first name, with initial, with group, at last the whole name."""
    names: dict[int, str] = {}
    left = list(students)
    if len(left) == 1:  # most families
        return {left[0].id: first_name(left[0].name)}
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
