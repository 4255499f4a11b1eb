"""`add`: a teacher puts children into a class and starts their daily report, with a look before anything is stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import folds_at, in_threes, lines, rows, text
from bot.model import Button, Card, Face, Line, Message, code36
from bot.policy import may
from bot.schooldays import local_day

LASTS = timedelta(minutes=30)
SHOWN = 12  # names listed on the card; more are counted
Named = Sequence[str]  # a child as a card keeps it: name, group


def face(card: Card, b: Bundle, now: datetime) -> Face:
    born = card.born_at or now
    return Face(_message(card, b, now), start=born, until=born + LASTS, again=folds_at(card, now))


def courses_of(b: Bundle, teacher: int, now: datetime) -> list[int]:
    """The classes into which this person may put a child: the own ones."""
    today = local_day(now, b.school.zone)
    own = [r.course for r in b.relations.get(teacher, ()) if r.course and may("add child", [r], [today], 0, [r.course])]
    return [course for course in dict.fromkeys(own) if course in b.courses]


def _message(card: Card, b: Bundle, now: datetime) -> Message:
    say, view = b.say(card.person), card.view
    preview = say("preview-add")
    if not courses_of(b, card.person, now):
        return Message(lines(say("add-teachers-only")), preview=preview)
    if view.get("added"):
        return _added(card, b, preview)
    if view.get("awaits"):
        return Message(lines(*_told(card, b), say("add-write-names")), preview=preview)
    if len(courses_of(b, card.person, now)) > 1 and not view.get("course"):
        buttons = [Button(b.courses[c].name[:30], f"c:{code36(c)}") for c in courses_of(b, card.person, now)]
        body = [text(say("add-which-class"), "bold"), *_names(card, b)]
        return Message(tuple(body), rows(*in_threes(buttons), _back(b, card)), preview=preview)
    course = b.courses[int(view.get("course") or courses_of(b, card.person, now)[0])].name
    body = [text(say("add-look", course=course), "bold"), *_names(card, b), text(say("add-starts"))]
    return Message(tuple(body), rows([Button(say("button-add-them"), "y")], _back(b, card)), preview=preview)


def _back(b: Bundle, card: Card) -> list[Button]:
    return [Button(b.say(card.person)("button-back"), "b")]


def _told(card: Card, b: Bundle) -> list[str]:
    return [b.say(card.person)(note["key"], **note["args"]) for note in card.view.get("notes", ())]


def _names(card: Card, b: Bundle) -> list[Line]:
    """Who is new here and who is known already; then what could not be read, line by line."""
    say, children = b.say(card.person), card.view.get("children", ())
    listed = [
        text(say("add-new" if not known else "add-known", child=_whole(child))) for child, known in children[:SHOWN]
    ]
    if len(children) > SHOWN:
        listed.append(text(say("more-exceptions", count=len(children) - SHOWN)))
    return [*listed, *(text(note) for note in _told(card, b))]


def _whole(child: Named) -> str:
    return f"{child[0]} ({child[1]})" if child[1] else child[0]


def _added(card: Card, b: Bundle, preview: str) -> Message:
    """Done; one button a child to invite its family, and a code goes to who asked."""
    say, added = b.say(card.person), card.view["added"]
    known = [child for child in added if int(child) in b.students]
    names = words.listed(b.language(card.person), [b.child(card.person, int(child)) for child in known[:SHOWN]])
    asking = card.view.get("for")
    question = say("write-guardian") if card.view.get("awaits") and asking else ""
    buttons = [
        Button(say("button-invite-family", child=b.child(card.person, int(child)))[:30], f"f:{code36(int(child))}")
        for child in known[:SHOWN]
    ]
    return Message(lines(say("add-done", child=names), question), rows(*[[one] for one in buttons]), preview=preview)
