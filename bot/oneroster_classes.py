"""Reads which classes a OneRoster export has and who is in them on a day: sessions, courses, classes, enrollments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.oneroster_files import CLASSES, COURSES, ENROLLMENTS, SESSIONS
from bot.oneroster_people import STUDENT, TEACHER, kind_of
from bot.oneroster_table import Said, Span, doubtful, ids, left_out, records, said_yes, settled, span_of, too_long
from bot.roster_problems import FILE, Problem, plain

ALWAYS = (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Course:
    """A class of the export; its days are those of its terms."""

    row: int
    name: str
    homeroom: bool
    school: str
    span: Span


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes that count, and the ids of all there are, also of those that are left out."""

    courses: Mapping[str, Course]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """One enrollment: who is in which class, as student or teacher, on which days."""

    row: int
    user: str
    course: str
    role: str
    primary: bool
    span: Span


def classes(files: Mapping[str, bytes], problems: list[Problem]) -> Classes:
    """Return the classes of the export; a class without a title goes by that of its course, else by its code."""
    terms, titles = _terms(files, problems), _titles(files, problems)
    found: dict[str, list[Course]] = {}
    known: set[str] = set()
    for row, said in records(CLASSES, files[CLASSES], ("sourcedId", "title"), problems):
        known.add(said["sourcedId"])
        name = said["title"] or titles.get(said["courseSourcedId"], "") or said["classCode"]
        if not left_out(said) and _right(row, said, name, problems):
            homeroom = plain(said["classType"]) == "homeroom"
            span = _whole([terms[term] for term in ids(said["termSourcedIds"]) if term in terms])
            found.setdefault(said["sourcedId"], []).append(Course(row, name, homeroom, said["schoolSourcedId"], span))
    return Classes(settled(CLASSES, found, problems), frozenset(known))


def _terms(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Span]:
    spans: dict[str, Span] = {}
    if SESSIONS in files:
        for row, said in records(SESSIONS, files[SESSIONS], ("sourcedId",), problems):
            span = None if left_out(said) else span_of(SESSIONS, row, said, problems)
            if span:
                spans[said["sourcedId"]] = span
    return spans


def _titles(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, str]:
    if COURSES not in files:
        return {}
    return {said["sourcedId"]: said["title"] for _, said in records(COURSES, files[COURSES], ("sourcedId",), problems)}


def _whole(spans: Sequence[Span]) -> Span:
    """Return from the first day to the last of several terms, and always for none."""
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else ALWAYS


def _right(row: int, said: Said, name: str, problems: list[Problem]) -> bool:
    faults = too_long(CLASSES, row, {**said, "title": name}, ("title",))
    if not said["sourcedId"]:
        faults.append(Problem(row, f"{CLASSES} sourcedId", "The sourcedId is missing. Export it again with all ids."))
    if not name:
        faults.append(Problem(row, f"{CLASSES} title", "The class has no title. Write one in the school's system."))
    problems += faults + doubtful(CLASSES, row, said, ("title",))
    return not faults


# --- who is in them


def places(files: Mapping[str, bytes], found: Classes, problems: list[Problem]) -> list[Place]:
    """Return the enrollments of students and teachers, of any time; those of aides and proctors are passed over."""
    told = []
    for row, said in records(ENROLLMENTS, files[ENROLLMENTS], ("classSourcedId", "userSourcedId", "role"), problems):
        empty = [column for column in ("classSourcedId", "userSourcedId", "role") if not said[column]]
        text = "The cell is empty, so the row is left out. Export it again with all ids and roles."
        problems += [Problem(row, f"{ENROLLMENTS} {column}", text) for column in empty]
        role = kind_of(said["role"])
        if empty or left_out(said) or role not in (STUDENT, TEACHER):
            continue
        if span := span_of(ENROLLMENTS, row, said, problems):
            told.append(_place(row, said, role, span, found))
    return told


def _place(row: int, said: Said, role: str, span: Span, found: Classes) -> Place:
    key = said["classSourcedId"]
    taught = found.courses[key].span if key in found.courses else ALWAYS
    both = max(span[0], taught[0]), min(span[1], taught[1])
    return Place(row, said["userSourcedId"], key, role, said_yes(said["primary"]), both)


def day_to_read(told: Iterable[Place], today: date) -> date:
    """Return `today`, or the first day of school where nothing has begun yet: rosters come before the year does."""
    begins = [place.span[0] for place in told if place.role == STUDENT and today <= place.span[1]]
    dated = [day for day in begins if day != date.min]
    return min(dated) if dated and min(dated) > today else today


def current(told: Iterable[Place], day: date, problems: list[Problem]) -> list[Place]:
    """Return the enrollments of that day, of two equal ones the first; say how many begin later."""
    kept: dict[tuple[str, str, str], Place] = {}
    later = 0
    for place in told:
        later += day < place.span[0] <= place.span[1]
        if not place.span[0] <= day <= place.span[1]:
            continue
        first = kept.setdefault((place.user, place.course, place.role), place)
        if first is not place:
            text = f"This enrollment already stands in row {first.row} and counts once."
            problems.append(Problem(place.row, ENROLLMENTS, text, warning=True))
    if later:
        text = f"Enrollments that begin after {day.isoformat()}, left out: {later}. Import again when they have begun."
        problems.append(Problem(FILE, f"{ENROLLMENTS} beginDate", text, warning=True))
    return list(kept.values())
