"""What an import of a roster changes: told by name for the office, and by id for the store."""

from dataclasses import dataclass, field
from datetime import date

from bot.roster import Row
from storage.roster_known import Child, Course, Held, Person


@dataclass(slots=True)
class Changes:
    """What an import changes, by name, and from `gone` on what it only tells. What is not told is not done."""

    students: list[str] = field(default_factory=list)
    teachers: list[str] = field(default_factory=list)
    guardians: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)  # classes that a child has no longer
    reopened: list[str] = field(default_factory=list)
    places: int = 0  # children newly in a class
    teaching_ended: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)  # guardians who were known, of a child that is new to them
    started: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    rested: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    gone_running: list[str] = field(default_factory=list)  # of these, whose daily report runs on
    without_guardian: list[str] = field(default_factory=list)
    kept_ended: list[str] = field(default_factory=list)  # relations that the file names and somebody has ended
    two_contacts: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether anything is stored at all."""
        return bool(
            self.students or self.teachers or self.guardians or self.classes or self.taken_over or self.ended
            or self.reopened or self.places or self.teaching_ended or self.related or self.started or self.resumed
            or self.rested or self.updated
        )  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What is to be stored. An id below 0 is that of something new, which gets its own when it is stored."""

    changes: Changes = field(default_factory=Changes)
    students: dict[int, Child] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    courses: dict[int, Course] = field(default_factory=dict)
    places: list[tuple[int, int, date | None, int]] = field(default_factory=list)  # child, course, since, instead of
    relations: list[Held] = field(default_factory=list)
    changed: dict[int, Person] = field(default_factory=dict)
    meets: dict[int, str] = field(default_factory=dict)
    place_ends: dict[int, bool] = field(default_factory=dict)  # place → whether it ends today or opens again
    relation_ends: dict[int, bool] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)  # children whose report begins
    resumes: dict[int, str] = field(default_factory=dict)  # … goes on, and the source of that fact
    rests: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows it adds."""
        new = len(self.students) + len(self.people) + len(self.courses) + len(self.places) + len(self.relations)
        return new + len(self.starts) + len(self.resumes) + len(self.rests)


def row_child(row: Row) -> Child:
    return row.student, row.group


def called(child: Child) -> str:
    return f"{child[0]} ({child[1]})" if child[1] else child[0]
