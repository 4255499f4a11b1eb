"""Reads who is who in a OneRoster export: users.csv, the roles of 1.1 and 1.2, and who is whose guardian."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.oneroster_files import ROLES, USERS
from bot.oneroster_table import Said, doubtful, ids, left_out, records, settled, span_of, too_long
from bot.roster import language_of
from bot.roster_problems import Problem, plain, quoted

STUDENT, TEACHER, GUARDIAN = "student", "teacher", "guardian"
_KINDS = dict.fromkeys(("parent", "guardian", "relative", "parentguardian"), GUARDIAN)
_NAMES = ("givenName", "middleName", "familyName", "preferredGivenName")
_SHOWN = (*_NAMES, "email", "sms", "phone", "grades")


@dataclass(frozen=True, slots=True)
class Person:
    """A user who counts; `agents` are the users it names as connected, in whichever direction."""

    row: int
    name: str
    full_name: str  # with the middle name, to tell namesakes apart
    grade: str
    email: str
    contact: str
    language: str
    roles: frozenset[str]
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The users who count, and the ids of all there are, also of those who are left out."""

    persons: Mapping[str, Person]
    known: frozenset[str]


def kind_of(role: str) -> str:
    """Fold a role, whatever its capitals or number; a parent or relative is a guardian."""
    word = re.sub(r"[^a-z]", "", plain(role)).removesuffix("s")
    return _KINDS.get(word, word)


def people(files: Mapping[str, bytes], day: date, problems: list[Problem]) -> People:
    """Return the people of the export; who is deleted, disabled or without a current role is only known."""
    listed = _roles(files, day, problems) if ROLES in files else {}
    found: dict[str, list[Person]] = {}
    known: set[str] = set()
    required = ("sourcedId", "givenName", "familyName") + (() if ROLES in files else ("role",))
    for row, said in records(USERS, files[USERS], required, problems):
        key = said["sourcedId"]
        roles = listed.get(key, frozenset({kind_of(said["role"])} - {""}))
        gone = left_out(said) or (key in listed and not roles)
        known.add(key)
        if not gone and _right(row, said, roles, problems):
            found.setdefault(key, []).append(_person(row, said, roles, problems))
    merged = {key: [replace(one, agents=_agents(all_)) for one in all_] for key, all_ in found.items()}
    return People(settled(USERS, merged, problems), frozenset(known))


def _roles(files: Mapping[str, bytes], day: date, problems: list[Problem]) -> dict[str, frozenset[str]]:
    """Return the current roles of each user whom roles.csv names, primary and secondary ones alike."""
    listed: dict[str, frozenset[str]] = {}
    for row, said in records(ROLES, files[ROLES], ("userSourcedId", "role"), problems):
        span = span_of(ROLES, row, said, problems)
        roles = listed.setdefault(said["userSourcedId"], frozenset())
        if span and span[0] <= day <= span[1] and not left_out(said):
            listed[said["userSourcedId"]] = roles | {kind_of(said["role"])}
    return listed


def _right(row: int, said: Said, roles: frozenset[str], problems: list[Problem]) -> bool:
    """Tell whether the person can be used; the faults of staff who meet no child stay untold."""
    faults = too_long(USERS, row, said, _SHOWN)
    if not said["sourcedId"]:
        faults.append(Problem(row, f"{USERS} sourcedId", "The sourcedId is missing. Export it again with all ids."))
    if not _name(said):
        faults.append(Problem(row, f"{USERS} givenName", "The name is missing. Write it in the school's system."))
    if not roles or roles & {STUDENT, TEACHER, GUARDIAN}:
        problems += faults
    return not faults


def _name(said: Said, middle: str = "") -> str:
    given = said["preferredGivenName"] or said["givenName"]
    return " ".join(filter(None, (given, middle, said["familyName"])))


def _person(row: int, said: Said, roles: frozenset[str], problems: list[Problem]) -> Person:
    problems += doubtful(USERS, row, said, _NAMES)
    language = language_of(said["preferredLanguage"])
    if language is None and GUARDIAN in roles:
        text = f"{quoted(said['preferredLanguage'])} is not available; the school's language is used."
        problems.append(Problem(row, f"{USERS} preferredLanguage", text, warning=True))
    return Person(
        row=row,
        name=_name(said),
        full_name=_name(said, said["middleName"]),
        grade=next(iter(ids(said["grades"])), ""),
        email=said["email"].lower(),
        contact=said["email"] or said["sms"] or said["phone"],
        language=language or "",
        roles=roles,
        agents=tuple(ids(said["agentSourcedIds"])),
    )


def _agents(same: list[Person]) -> tuple[str, ...]:
    """Return whom the rows of one user name together: an export may have a row for each school."""
    return tuple(dict.fromkeys(agent for one in same for agent in one.agents))


# --- who is whose guardian


def guardians(found: People, students: Mapping[str, object], problems: list[Problem]) -> dict[str, list[Person]]:
    """Return the guardians of these students, whether the student names the guardian or the guardian the student."""
    pairs: dict[tuple[str, str], None] = {}
    unknown: dict[str, list[int]] = {}
    for key, one in found.persons.items():
        for other in one.agents:
            if key in students and _stands(found, key, other, unknown, problems):
                pairs[key, other] = None
            elif other in students and GUARDIAN in one.roles:
                pairs[other, key] = None
    problems += _unknown(unknown)
    together: dict[str, list[Person]] = {}
    for student, guardian in pairs:
        together.setdefault(student, []).append(found.persons[guardian])
    return together


def _stands(found: People, key: str, other: str, unknown: dict[str, list[int]], problems: list[Problem]) -> bool:
    """Tell whether `other`, whom a student names, is a guardian; tell who else it is."""
    one, agent = found.persons[key], found.persons.get(other)
    if other not in found.known:
        unknown.setdefault(other, []).append(one.row)
    if agent is None or GUARDIAN in agent.roles:
        return agent is not None
    if STUDENT not in agent.roles:
        text = f"{quoted(agent.name)} is connected to {quoted(one.name)}, but not as parent, guardian or relative, "
        text += "and is not invited. If it is the child's guardian, add that role in the school's system."
        problems.append(Problem(one.row, f"{USERS} agentSourcedIds", text, warning=True))
    return False


def _unknown(unknown: Mapping[str, list[int]]) -> list[Problem]:
    return [
        Problem(rows[0], f"{USERS} agentSourcedIds", dangling(key, USERS, rows), True) for key, rows in unknown.items()
    ]


def dangling(key: str, file: str, rows: list[int]) -> str:
    """Say that no row of `file` has this id; a spreadsheet program that cut its zeros is the usual reason."""
    times = "1 row names" if len(rows) == 1 else f"{len(rows)} rows name"
    advice = "If an id lost its zeros, do not open the export in a spreadsheet program."
    return f"{times} {quoted(key)}, which is not in {file}; left out. {advice}"
