"""The event of a late *not written*: rings at home once, before 19:00, if the evening is still open (F12)."""

from datetime import datetime

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import joined, lines, school_date, text
from bot.model import Card, Face, Fact, Message


def concerns(fact: Fact, b: Bundle, now: datetime) -> int:
    """Tonight's guardian, if the home card already stands there with another state and the night is open; else 0."""
    if fact.day is None or now >= b.times(fact.day).late_rings_until:
        return 0  # own hours are asked by the face
    before = b.report(fact.student, fact.day, now)
    line = before.line(fact.course)
    asked = b.asked(fact.student, fact.day, now)
    card = b.cards.get((asked, "home", fact.day))
    told = card is not None and card.shown_at is not None
    turns = line is not None and (line.state == "written" or line.open)
    return asked if told and turns and before.home.state == "open" else 0


def face(card: Card, b: Bundle, now: datetime) -> Face:
    day = school_date(card)
    student, course = (int(part) for part in card.subject.split("."))
    line = b.report(student, day, now).line(course)
    if not card.ref and (line is None or line.state != "not_written"):
        return Face(ended=True, why="changed back")
    say, language = b.say(card.person), b.language(card.person)
    title = joined([b.child(card.person, student), words.weekday(language, day), say("things-to-look-at", count=1)])
    body = say("class-not-written", course=b.courses[course].name)
    message = Message(lines(text(title, "bold"), body), preview=title)
    return Face(message, start=card.born_at, until=b.times(day).late_rings_until, slot="event")
