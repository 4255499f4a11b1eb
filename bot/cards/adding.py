"""`add`: a teacher puts children into a class and starts their daily report, with a look before anything is stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import PAGE, folds_at, in_threes, lines, rows, text, view
from bot.model import Button, Card, Face, Line, Message, code36
from bot.policy import may
from bot.schooldays import local_day

__all__ = ["PAGE", "courses_of", "face"]
LASTS = timedelta(minutes=30)
SHOWN = 12  # names listed on the card; more are counted


def face(card: Card, b: Bundle, now: datetime) -> Face:
    born = card.born_at or now
    return Face(_message(card, b, now), start=born, until=born + LASTS, again=folds_at(card, now))


def courses_of(b: Bundle, teacher: int, now: datetime) -> list[int]:
    """The classes into which this person may put a child: the own ones."""
    today = local_day(now, b.school.zone)
    own = [r.course for r in b.relations.get(teacher, ()) if r.course and may("add child", [r], [today], 0, [r.course])]
    return [course for course in dict.fromkeys(own) if course in b.courses]


def _message(card: Card, b: Bundle, now: datetime) -> Message:
    say, opened, own = b.say(card.person), view(card, now), courses_of(b, card.person, now)
    preview = say("preview-add")
    if not own:
        return Message(lines(say("add-teachers-only")), preview=preview)
    if opened.get("added"):
        return _added(card, b, preview)
    if opened.get("awaits"):
        return Message(lines(*_told(card, b), say("add-write-names")), rows(_back(b, card)), preview=preview)
    if not opened.get("children"):
        return Message(lines(*_told(card, b), say("add-again")), preview=preview)
    if len(own) > 1 and not opened.get("course"):
        buttons = [Button(b.courses[c].name[:30], f"c:{code36(c)}") for c in own]
        body = [text(say("add-which-class"), "bold"), *_names(card, b)]
        return Message(tuple(body), rows(*in_threes(buttons), _back(b, card)), preview=preview)
    course = b.courses[int(opened.get("course") or own[0])].name
    body = [text(say("add-look", course=course), "bold"), *_names(card, b), text(say("add-starts"))]
    return Message(tuple(body), rows([Button(say("button-add-them"), "y")], _back(b, card)), preview=preview)


def _back(b: Bundle, card: Card) -> list[Button]:
    return [Button(b.say(card.person)("button-back"), "b")]


def _told(card: Card, b: Bundle) -> list[str]:
    return [b.say(card.person)(note["key"], **note["args"]) for note in card.view.get("notes", ())]


def _names(card: Card, b: Bundle) -> list[Line]:
    """Who is new here and who is known already; then what could not be read, line by line."""
    say, children = b.say(card.person), card.view["children"]
    listed = [
        text(say("add-known" if known else "add-new", child=_whole(name, group)))
        for name, group, known in children[:SHOWN]
    ]
    if len(children) > SHOWN:
        listed.append(text(say("more-exceptions", count=len(children) - SHOWN)))
    return [*listed, *(text(note) for note in _told(card, b))]


def _whole(name: str, group: str) -> str:
    return f"{name} ({group})" if group else name


def _added(card: Card, b: Bundle, preview: str) -> Message:
    """Done; one button a child to invite its family, a page at a time."""
    say, opened = b.say(card.person), card.view
    told = say(str(opened["told"])) if opened.get("told") else ""
    if opened.get("awaits"):
        return Message(lines(told), rows(_back(b, card)), preview=preview)
    known = [int(child) for child in opened["added"] if int(child) in b.students]
    shown = [b.child(card.person, child) for child in known[:SHOWN]]
    more = [say("more-exceptions", count=len(known) - SHOWN)] if len(known) > SHOWN else []
    named = words.listed(b.language(card.person), shown + more)
    page = int(opened.get("page", 0))
    buttons = [_invites(card, b, child) for child in known[page * PAGE : (page + 1) * PAGE]]
    following = page + 1 if len(known) > (page + 1) * PAGE else 0
    turn_over = [Button(say("button-more-names"), f"p:{following}")] if len(known) > PAGE else []
    pairs: list[Sequence[Button]] = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    return Message(lines(told, say("add-done", child=named)), rows(*pairs, turn_over), preview=preview)


def _invites(card: Card, b: Bundle, child: int) -> Button:
    label = b.say(card.person)("button-invite-family", child=b.child(card.person, child))
    return Button(label[:30], f"f:{code36(child)}")
