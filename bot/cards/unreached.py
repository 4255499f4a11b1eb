"""Who cannot be reached, for the coordinator: told once, with who is asked instead (F18)."""

from collections.abc import Sequence
from datetime import datetime

from bot.bundle import TEACHING, Bundle
from bot.cards.answers import left_face
from bot.cards.office import STAYS
from bot.cards.parts import lines, text
from bot.model import Card, Face, Line, Message
from bot.schooldays import hours_of


def face(card: Card, b: Bundle, now: datetime) -> Face:
    if not b.may(card.person, "change calendar", b.today):
        return Face(left_face(card, b, now).message if card.ref else None, ended=True, why="no longer allowed")
    say = b.say(card.person)
    people = [int(person) for person in card.view.get("lost", ()) if int(person) in b.people]
    body = [line for person in people for line in _of(card, b, person)]
    start, _ = hours_of(b.school, b.people.get(card.person), "teacher").span(now)
    born = card.born_at or now
    return Face(
        Message((*body, text(say("unreached-help"))), preview=say("unreached-preview")) if body else None,
        start=max(start, born),
        until=born + STAYS,
        again=start if start > now and not card.ref else None,
        slot="" if card.fate else "event",
        ended=not body,
    )


def _of(card: Card, b: Bundle, person: int) -> tuple[Line, ...]:
    """Who it is, and for each child or class whether somebody else is asked meanwhile."""
    say, name = b.say(card.person), b.people[person].name
    if b.reached(person):
        return lines(say("unreached-back", name=name))
    homes = [_home(card, b, child, person) for child in b.children(person, b.today)]
    classes = [_course(card, b, r.course, person) for r in b.relations.get(person, ()) if r.role in TEACHING]
    return (text(say("has-lost", name=name), "bold"), *lines(*homes, *classes))


def _home(card: Card, b: Bundle, child: int, person: int) -> str:
    return _instead(card, b, b.child(card.person, child), person, b.homes(child, b.today))


def _course(card: Card, b: Bundle, course: int, person: int) -> str:
    name = b.courses[course].name if course in b.courses else ""
    teachers = [r.person for r in b.teachers.get(course, ()) if b.live(r, b.today) and b.works(r.person)]
    return _instead(card, b, name, person, teachers)


def _instead(card: Card, b: Bundle, about: str, person: int, asked: Sequence[int]) -> str:
    """Ana: Lucía Romero is asked meanwhile."""
    other = next((one for one in asked if one != person), 0)
    if not other:
        return b.say(card.person)("unreached-nobody", about=about)
    return b.say(card.person)("unreached-other", about=about, name=b.people[other].name)
