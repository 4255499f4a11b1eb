"""The reader of OneRoster 1.1 and 1.2: a folder or zip file in, its good rows and its problems out (F48)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.oneroster_classes import Classes, Course, Place, classes, current, day_to_read, places
from bot.oneroster_files import CLASSES, ENROLLMENTS, FILES, MANIFEST, ORGS, ROLES, USERS, contents
from bot.oneroster_people import STUDENT, TEACHER, People, Person, dangling, guardians, people
from bot.oneroster_table import pairs, records, shortened
from bot.roster import Row, Sheet, is_mail_address
from bot.roster_problems import FILE, Problem, Refused, quoted

_NEEDED = (CLASSES, ENROLLMENTS, USERS)


def read(path: Path, today: date) -> Sheet:
    """Read a OneRoster export as it stands on `today`; never raises, whatever stands at `path`.

    A row's number is that of the student's row in enrollments.csv; a problem's column names its file first.
    """
    problems: list[Problem] = []
    rows: list[Row] = []
    try:
        files = contents(path)
        _check_manifest(files, problems)
        rows = _rows(files, today, problems)
        if not rows:
            text = "No student in it has a class with a teacher now. Export this year’s students, classes and teachers."
            raise Refused(Problem(FILE, "", text))
    except Refused as refused:
        problems += refused.problems
    return Sheet(tuple(rows), tuple(shortened(problems)))


# --- what the export says of itself


def _check_manifest(files: Mapping[str, bytes], problems: list[Problem]) -> None:
    """Raise `Refused` where what is needed is missing or only the changes of an earlier export."""
    said = pairs(MANIFEST, files[MANIFEST]) if MANIFEST in files else {}
    modes = {file: said.get(f"file.{file.removesuffix('.csv')}".casefold(), (FILE, "")) for file in FILES}
    delta = [(file, row) for file, (row, mode) in modes.items() if mode == "delta"]
    if delta:
        raise Refused(*(Problem(row, f"{MANIFEST} value", _delta(file)) for file, row in delta))
    version = _version(said, files, problems)
    missing = [file for file, (_, mode) in modes.items() if file not in files and mode == "bulk"]
    needed = [file for file in (*_NEEDED, ROLES) if file not in files and _is_needed(file, version, files)]
    problems += [Problem(modes[file][0], f"{MANIFEST} value", _missing(file)) for file in missing]
    if needed:
        raise Refused(*(Problem(FILE, file, _missing(file)) for file in needed if file not in missing))


def _delta(file: str) -> str:
    return f"{file} holds only what changed since an earlier export (delta). Export everything (bulk) and import that."


def _missing(file: str) -> str:
    return f"{file} is missing from the export. Export it again with this file."


def _version(said: Mapping[str, tuple[int, str]], files: Mapping[str, bytes], problems: list[Problem]) -> str:
    """Return "1.1" or "1.2", as the manifest says or as the files look."""
    row, version = said.get("oneroster.version", (FILE, ""))
    if found := re.fullmatch(r"v?(1\.[12])(?:\..*)?", version):
        return found[1]
    guess = "1.2" if ROLES in files or not _names_roles(files) else "1.1"
    if MANIFEST not in files:
        text = f"There is no {MANIFEST}. The files look like OneRoster {guess} and are read as that."
    else:
        what = f"The version {quoted(version)} is not 1.1 or 1.2" if version else "The version is missing"
        text = f"{what}. The files look like OneRoster {guess} and are read as that."
    problems.append(Problem(row, MANIFEST if row == FILE else f"{MANIFEST} value", text, warning=True))
    return guess


def _names_roles(files: Mapping[str, bytes]) -> bool:
    """Tell whether users.csv itself gives each user's role, as 1.1 does."""
    try:
        next(records(USERS, files.get(USERS, b""), ("role",), []), None)
    except Refused:
        return False
    return True


def _is_needed(file: str, version: str, files: Mapping[str, bytes]) -> bool:
    """Tell whether the export cannot be read without the file; some say 1.2 and give the roles as 1.1 does."""
    return file != ROLES or (version == "1.2" and USERS in files and not _names_roles(files))


# --- from the files to rows


@dataclass(frozen=True, slots=True)
class _School:
    """What the files say together: each student's and each class's part."""

    people: People
    classes: Classes
    learns: Mapping[str, Sequence[Place]]  # by student
    taught: Mapping[str, Sequence[Person]]  # by class, first teacher first
    guardians: Mapping[str, Sequence[Person]]  # by student


def _rows(files: dict[str, bytes], today: date, problems: list[Problem]) -> list[Row]:
    school = _school(files, today, problems)
    _tell_schools(school, files, problems)
    groups = {key: _group(school, key) for key in school.learns}
    names = _names(school, groups, problems)
    lost = [key for key in school.learns if key in names and not any(_lines(school, key))]
    lost += [key for key, one in school.people.persons.items() if STUDENT in one.roles and key not in school.learns]
    if lost:
        text = f"Students in no class with a teacher now, left out: {len(lost)}."
        problems.append(Problem(FILE, USERS, text, warning=True))
    _tell_untaught(school, problems)
    _tell_same_teachers(school, problems)
    addresses = _addresses(school, problems)
    rows = [row for key in names for row in _of_student(school, key, names[key], groups[key], addresses)]
    return sorted(rows, key=lambda row: row.number)


def _school(files: Mapping[str, bytes], today: date, problems: list[Problem]) -> _School:
    found = classes(files, problems)
    told = places(files, found, problems)
    day = day_to_read(told, today)
    if day != today:
        text = f"Nothing has begun yet, so the export is read as it will be on {day.isoformat()}."
        problems.append(Problem(FILE, f"{ENROLLMENTS} beginDate", text, warning=True))
    who = people(files, day, problems)
    now = _known(current(told, day, problems), who, found, problems)
    learns: defaultdict[str, list[Place]] = defaultdict(list)
    taught: defaultdict[str, list[Person]] = defaultdict(list)
    for place in sorted(now, key=lambda place: not place.primary):
        if place.role == TEACHER:
            taught[place.course].append(who.persons[place.user])
    for place in now:
        if place.role == STUDENT:
            learns[place.user].append(place)
    return _School(who, found, learns, taught, guardians(who, learns, problems))


def _known(told: list[Place], who: People, found: Classes, problems: list[Problem]) -> list[Place]:
    """Return the enrollments of people and classes that count; an id that is nowhere is told once, with its rows."""
    for file, column, known in ((USERS, "userSourcedId", who.known), (CLASSES, "classSourcedId", found.known)):
        unknown: dict[str, list[int]] = {}
        for place in told:
            key = place.user if file == USERS else place.course
            if key not in known:
                unknown.setdefault(key, []).append(place.row)
        for key, rows in unknown.items():
            problems.append(Problem(rows[0], f"{ENROLLMENTS} {column}", dangling(key, file, rows), warning=True))
    return [place for place in told if place.user in who.persons and place.course in found.courses]


def _lines(school: _School, student: str) -> Iterator[tuple[Place, Course]]:
    """Yield the student's class lines, those with a teacher; a homeroom is one only where there is no other class."""
    mine = [
        (place, school.classes.courses[place.course])
        for place in school.learns[student]
        if place.course in school.taught
    ]
    lessons = [(place, course) for place, course in mine if not course.homeroom]
    yield from lessons or mine


def _group(school: _School, student: str) -> str:
    mine = (school.classes.courses[place.course] for place in school.learns[student])
    return next((course.name for course in mine if course.homeroom), school.people.persons[student].grade)


def _names(school: _School, groups: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """Return each student's name; namesakes of one group go by their middle names too, or both are left out.

    As a child is known by name and group, keeping one of two could give one child's record to the other's family.
    """
    by_name: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key in groups:
        by_name[school.people.persons[key].name, groups[key]].append(key)
    names: dict[str, str] = {}
    for (name, group), keys in by_name.items():
        found = [school.people.persons[key] for key in keys]
        full = [one.full_name for one in found]
        if len(keys) == 1 or len(set(full)) == len(full):
            names |= dict(zip(keys, full if len(keys) > 1 else [name], strict=True))
        else:
            problems += [Problem(one.row, f"{USERS} givenName", _namesakes(name, group, found)) for one in found]
    return names


def _namesakes(name: str, group: str, found: Sequence[Person]) -> str:
    rows = ", ".join(str(one.row) for one in found)
    place = f" in {quoted(group)}" if group else ""
    return (
        f"Several students are called {quoted(name)}{place} (rows {rows}), so they cannot be told apart "
        "and are left out. Give each a middle name or a preferred name in the school's system."
    )


def _of_student(school: _School, key: str, name: str, group: str, addresses: Mapping[str, str]) -> Iterator[Row]:
    nobody: Sequence[Person | None] = (None,)
    for place, course in _lines(school, key):
        for teacher in school.taught[place.course]:
            for guardian in school.guardians.get(key, nobody):
                yield Row(
                    number=place.row,
                    student=name,
                    group=group,
                    course=course.name,
                    teacher=teacher.name,
                    teacher_contact=addresses.get(teacher.email, ""),
                    guardian=guardian.name if guardian else "",
                    guardian_contact=guardian.contact if guardian else "",
                    guardian_language=guardian.language if guardian else "",
                    daily=False,
                )


# --- what is told of the whole


def _addresses(school: _School, problems: list[Problem]) -> dict[str, str]:
    """Return the good e-mail addresses of the teachers; one with a bad address is invited with a code instead."""
    teachers = {one.row: one for taught in school.taught.values() for one in taught if one.email}
    good = {one.email: one.email for one in teachers.values() if is_mail_address(one.email)}
    for row, one in teachers.items():
        if one.email not in good:
            text = f"{quoted(one.email)} is not an e-mail address, so {quoted(one.name)} is invited with a code."
            problems.append(Problem(row, f"{USERS} email", text, warning=True))
    return good


def _tell_untaught(school: _School, problems: list[Problem]) -> None:
    mine = {place.course for learns in school.learns.values() for place in learns}
    untaught = [school.classes.courses[key] for key in mine if not school.taught.get(key)]
    for course in untaught:
        if not course.homeroom:
            text = f"{quoted(course.name)} has students but no teacher now and is left out."
            problems.append(Problem(course.row, CLASSES, text, warning=True))


def _tell_same_teachers(school: _School, problems: list[Problem]) -> None:
    """Doubt two teachers of one name where only an e-mail address could tell them apart."""
    by_name: defaultdict[str, dict[int, Person]] = defaultdict(dict)
    for one in (one for taught in school.taught.values() for one in taught):
        by_name[one.name][one.row] = one
    for name, same in by_name.items():
        if len(same) > 1 and not all(one.email for one in same.values()):
            text = f"{len(same)} teachers are called {quoted(name)} and count as one person. "
            text += "If they are not one, give each an e-mail address in the school's system."
            problems.append(Problem(max(same), f"{USERS} email", text, warning=True))


def _tell_schools(school: _School, files: Mapping[str, bytes], problems: list[Problem]) -> None:
    mine = {school.classes.courses[place.course].school for learns in school.learns.values() for place in learns}
    several = sorted(mine - {""})
    if len(several) < 2:
        return
    told = records(ORGS, files[ORGS], ("sourcedId", "name"), problems) if ORGS in files else ()
    names = {said["sourcedId"]: said["name"] for _, said in told}
    shown = ", ".join(quoted(names.get(key) or key) for key in several[:5])
    text = f"The export holds {len(several)} schools ({shown}{' …' if len(several) > 5 else ''}). All are read as one; "
    problems.append(Problem(FILE, ORGS, text + "export only this school if that is not meant.", warning=True))
