"""Who may do what to whom: one table, one function. A missing row refuses (CASES section 3).

owner    the teacher who leads this child's report       stand_in     a colleague, for given days
teacher  any teacher of one of the child's classes       coordinator  of the whole school
admin    whoever runs the machine; reads no child's day  provider     from outside, with two yeses and an end
"""

from collections.abc import Iterable
from datetime import date

from bot.model import Relation

STAFF = frozenset({"owner", "teacher", "stand_in"})
OFFICE = Relation(0, 0, "admin")  # the command line acts as this

# action → roles that may. Every action is about a child, reached by a live relation to the child or to its class;
# coordinators and the office reach the whole school.
MAY: dict[str, frozenset[str]] = {
    "see class line": STAFF,
    "see evening": frozenset({"guardian"}),
    "see week": STAFF | {"guardian", "coordinator", "counsellor", "provider"},
    "see who": STAFF | {"guardian", "coordinator", "counsellor"},
    "confirm written": STAFF,
    "confirm done": frozenset({"guardian"}),
    "answer instead": frozenset({"guardian"}),
    "choose nights": frozenset({"guardian"}),
    "say child is away": STAFF | {"guardian", "coordinator"},
    "start or pause report": STAFF | {"coordinator", "admin"},
    "add child": frozenset({"owner", "teacher", "admin"}),
    "invite guardian": STAFF | {"coordinator", "admin"},
    "confirm claim": STAFF | {"coordinator"},
    "end guardian's link": frozenset({"coordinator", "admin"}),
    "see why a link ended": frozenset({"coordinator", "admin"}),
    "grant provider for school": frozenset({"coordinator"}),
    "agree to provider": frozenset({"guardian"}),
    "end provider's link": frozenset({"owner", "guardian", "coordinator", "admin"}),
    "name staff": frozenset({"admin"}),
    "change calendar": frozenset({"coordinator", "admin"}),
}


def may(
    action: str,
    relations: Iterable[Relation],
    days: Iterable[date],
    student: int = 0,
    courses: Iterable[int] = (),
    owner: bool = False,
) -> bool:
    """Whether one of a person's relations, live on all of `days`, allows `action` on a child who is in `courses`.

    `owner`: whether this person leads the child's report; a teacher who does has the rights of both.
    """
    roles, taken, days = MAY.get(action, frozenset()), set(courses), tuple(days)
    for r in relations:
        allowed = r.role in roles or (owner and r.role == "teacher" and "owner" in roles)
        if allowed and all(map(r.live, days)) and _reaches(r, student, taken):
            return True
    return False


def _reaches(relation: Relation, student: int, courses: set[int]) -> bool:
    """A relation to the child itself, to one of its classes, or of the whole school."""
    if relation.role in ("coordinator", "admin") and not relation.student and not relation.course:
        return True
    if student and relation.student == student:
        return True
    return relation.course != 0 and relation.course in courses
