"""What a press on a daily card says: pure, from a button's value to facts or to an opened menu."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.bundle import Bundle
from bot.cards import home, teacher
from bot.cards.parts import STEP_LASTS, line_key, school_date, view
from bot.model import Card, Fact
from bot.report import ClassLine


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed on a card: its value, the revision that offered it, when it counts as said."""

    card: Card
    value: str
    rev: int
    source: str
    said_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """What follows: facts to record, and the menu that is open afterwards (None: as before, {}: none)."""

    facts: tuple[Fact, ...] = ()
    view: dict[str, Any] | None = None


def pair(text: str) -> tuple[int, int]:
    """Student and course of a line key; ValueError for anything else."""
    student, course = text.split(".")
    return int(student, 36), int(course, 36)


def opened(press: Press, **step: Any) -> Pressed:
    return Pressed(view={**step, "until": (press.now + STEP_LASTS).isoformat()})


# --- the teacher's card ----------------------------------------------------------------------------------------------


def on_teacher(press: Press, b: Bundle) -> Pressed:
    """ValueError or KeyError: this card never offered such a button."""
    what, _, rest = press.value.partition(":")
    if what == "b":
        step = view(press.card, press.now).get("step")
        return opened(press, step="names") if step == "state" else Pressed(view={})
    if what in ("m", "p"):
        return opened(press, step="names", page=int(rest or 0))
    if what == "ch":
        return opened(press, step="change")
    if what == "c":
        return _chosen(press, b, 0, int(rest, 36))
    if what == "n":
        return _chosen(press, b, *pair(rest))
    if what == "s":
        key, _, state = rest.partition(":")
        return _marked(press, b, *pair(key), teacher.STATES[state])
    if what in ("yw", "yd"):
        return _yesterday(press, b, "written" if what == "yw" else "dont_know")
    return _bulk(press, b, teacher.BULK[what.lower()], change=what.isupper())


def _lines(press: Press, b: Bundle) -> list[ClassLine]:
    return b.own_lines(press.card.person, school_date(press.card), press.now)


def _chosen(press: Press, b: Bundle, student: int, course: int) -> Pressed:
    """Opens the states of one child, or of a whole class, if it stands on this card."""
    if not any(ln.course == course and student in (0, ln.student) for ln in _lines(press, b)):
        raise ValueError("no such line on this card")
    return opened(press, step="state", student=student, course=course)


def _marked(press: Press, b: Bundle, student: int, course: int, state: str) -> Pressed:
    """One child, or every child of a class, marked by name."""
    lines = [ln for ln in _lines(press, b) if ln.course == course and student in (0, ln.student)]
    if not lines:
        raise ValueError("no such line on this card")
    return Pressed(_ticks(press, lines, state, school_date(press.card), {"named": True}), view={})


def _bulk(press: Press, b: Bundle, state: str, change: bool) -> Pressed:
    """All lines this revision had offered, but those marked by name: a bulk button never overwrites them (F03)."""
    offers = press.card.offers
    lines = [
        line
        for line in _lines(press, b)
        if not line.named and (not offers or offers.get(_key(line), press.rev + 1) <= press.rev)
    ]
    data = {"change": True} if change else {}
    return Pressed(_ticks(press, lines, state, school_date(press.card), data), view={})


def _key(line: ClassLine) -> str:
    return line_key(line.student, line.course)


def _yesterday(press: Press, b: Bundle, state: str) -> Pressed:
    last = b.before(school_date(press.card))
    offered = {key[1:] for key, rev in press.card.offers.items() if key.startswith("y") and rev <= press.rev}
    own = [ln for ln in b.own_lines(press.card.person, last, press.now) if _key(ln) in offered and ln.open]
    return Pressed(_ticks(press, own, state, last, {}), view={})


def _ticks(press: Press, lines: Iterable[ClassLine], state: str, day: date, data: dict[str, Any]) -> tuple[Fact, ...]:
    tick = Fact("line", state, press.said_at, "", press.card.person, "teacher", day=day, data=data)
    return tuple(
        replace(tick, student=ln.student, course=ln.course, source=f"{press.source}#{_key(ln)}") for ln in lines
    )


# --- the home card ---------------------------------------------------------------------------------------------------


def on_home(press: Press, b: Bundle) -> Pressed:
    """ValueError or KeyError: this card never offered such a button."""
    what, _, rest = press.value.partition(":")
    if what == "b":
        return _step_back(press)
    if what in ("c", "a", "r"):
        return _about_class(press, b, what, rest)
    student = int(rest, 36)
    if student not in b.children(press.card.person, school_date(press.card)):
        raise ValueError("not a child of this card")
    if what == "f":
        return Pressed(view={"student": student})
    if what == "x":
        return _missing(press, b, student)
    if what in ("ch", "i"):
        return opened(press, step="change", student=student)
    if what == "ru":
        return Pressed((_fact(press, "rushed", "yes", student),), view={})
    if what == "t":
        return Pressed((_fact(press, "take", "yes", student),), view={})
    value = {"d": "done", "k": "cant_say"}[what.lower()]
    data = {"change": True} if what.isupper() else {}
    return Pressed((_fact(press, "home", value, student, data=data),), view={})


def _fact(
    press: Press, kind: str, value: str, student: int, course: int = 0, data: dict[str, Any] | None = None
) -> Fact:
    return Fact(
        kind, value, press.said_at, f"{press.source}#{kind}", press.card.person, "guardian", student, course,
        school_date(press.card), data=data or {},
    )  # fmt: skip


def _missing(press: Press, b: Bundle, student: int) -> Pressed:
    """With one class with homework the class is not asked for."""
    homework = b.report(student, school_date(press.card), press.now).homework
    if len(homework) == 1:
        return opened(press, step="state", student=student, course=homework[0].course)
    return opened(press, step="classes", student=student)


def _about_class(press: Press, b: Bundle, what: str, rest: str) -> Pressed:
    key, _, value = rest.partition(":")
    student, course = pair(key)
    known = b.children(press.card.person, school_date(press.card))
    if student not in known or course not in b.enrolled.get(student, ()):
        raise ValueError("not a line of this card")
    if what == "c":
        return opened(press, step="state", student=student, course=course)
    if what == "r":
        if value == "skip":
            return Pressed(view={})
        if value not in home.REASONS:
            raise ValueError("no such reason")
        return Pressed((_fact(press, "reason", value, student, course),), view={})
    state = home.ANSWERS[value]
    following = {} if state == "done" else {"step": "reason", "student": student, "course": course}
    facts = (_fact(press, "home", state, student, course),)
    return replace(opened(press, **following), facts=facts) if following else Pressed(facts, view={})


def _step_back(press: Press) -> Pressed:
    before = view(press.card, press.now)
    student = before.get("student", 0)
    if before.get("step") in ("state", "reason"):
        return opened(press, step="classes", student=student)
    return Pressed(view={"student": student} if student else {})
