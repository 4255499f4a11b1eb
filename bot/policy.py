"""Who may do what to whom: one table, one function. A missing row refuses (CASES section 3)."""

from collections.abc import Iterable
from datetime import date

from bot.model import Relation

# action → roles that may. Every action is about a child, reached by a live relation to the child or to its class.
MAY: dict[str, frozenset[str]] = {
    "see class line": frozenset({"teacher"}),
    "see report": frozenset({"guardian", "coordinator", "counsellor"}),
    "confirm written": frozenset({"teacher"}),
    "confirm done": frozenset({"guardian"}),
    "answer instead": frozenset({"guardian"}),
    "say child is away": frozenset({"teacher", "guardian", "coordinator"}),
    "confirm claim": frozenset({"teacher", "coordinator"}),
    "see who": frozenset({"teacher", "guardian", "coordinator"}),
}


def may(action: str, relations: Iterable[Relation], day: date, student: int, courses: Iterable[int]) -> bool:
    """Whether one of a person's relations, live on `day`, allows `action` on a child who is in `courses`."""
    roles = MAY.get(action, frozenset())
    taken = set(courses)
    return any(
        r.role in roles and r.live(day) and (r.student == student or (r.course != 0 and r.course in taken) or _whole(r))
        for r in relations
    )


def _whole(relation: Relation) -> bool:
    """A coordinator's relation names neither child nor class: it is to the school."""
    return relation.role == "coordinator" and not relation.student and not relation.course
