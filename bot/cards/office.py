"""What the school's office is shown and what it says to everybody: a changed calendar, a day off, a stand-in."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import lines, notice, rows, school_date, text
from bot.model import Button, Card, Face, Line, Message
from bot.schooldays import hours_of

STAYS = timedelta(days=3)  # how long a changed calendar may still be shown for the first time


def calendar_face(card: Card, b: Bundle, now: datetime) -> Face:
    """What a changed calendar would change, before it counts (F48); rings only where it concerns the next days."""
    start, _ = hours_of(b.school, b.people.get(card.person), "teacher").span(now)
    born = card.born_at or now
    return Face(
        _calendar(card, b),
        start=max(start, born),
        until=born + STAYS,
        again=start if start > now and not card.ref else None,
        slot="event" if card.view.get("soon") and not card.fate else "",
    )


def _calendar(card: Card, b: Bundle) -> Message:
    say = b.say(card.person)
    runs = card.view.get("runs", ())
    body: list[Line] = [text(say("calendar-changed"), "bold")]
    body += [text(_run(card, b, run)) for run in runs]
    if card.view.get("more"):
        body.append(text(say("more-exceptions", count=card.view["more"])))
    decided = card.view.get("decided")
    if decided:
        return Message((*body, text(say(f"calendar-{decided}"))), preview=say("calendar-changed"))
    buttons = [Button(say("button-use-it"), "y"), Button(say("button-keep-old"), "n")]
    return Message(tuple(body), rows(buttons), preview=say("calendar-changed"), silent=not card.view.get("soon"))


def _run(card: Card, b: Bundle, run: Mapping[str, Any]) -> str:
    """New day off: Fri, Oct 9 – Mon, Oct 12 (Fall break). One line a run of days."""
    language, say = b.language(card.person), b.say(card.person)
    first, last = (date.fromisoformat(run[name]) for name in ("first", "last"))
    days = words.short_date(language, first)
    if last != first:
        days += f" – {words.short_date(language, last)}"
    title = run["title"]
    if run["ends"]:
        title = words.clock(language, datetime.combine(first, time.fromisoformat(run["ends"])))
    sign = "added" if run["added"] else "gone"
    return say(f"calendar-{run['kind']}-{sign}", days=f"{days} ({title})" if title else days)


def no_school_face(card: Card, b: Bundle, now: datetime) -> Face:
    """One silent line at home, where the school closed after its teachers had been asked (F10)."""
    day = school_date(card)
    title = b.school.closed.get(day)
    if not card.ref and (title is None or not _was_to_come(card, b, now)):
        return Face(ended=True, why="open after all" if title is None else "nothing was to come")
    shown = words.short_date(b.language(card.person), day)
    message = notice(b, card.person, "no-school-after-all" if title is not None else "school-after-all", date=shown)
    start, until = hours_of(b.school, b.people.get(card.person), "guardian").span(now)
    lane = b.lane(card)
    unheard = lane is not None and not lane.can_be_silent and not card.ref
    silent = Message(message.lines, preview=message.preview, silent=True, sensitive=False)
    again = start if start > now and not card.ref else None
    return Face(None if unheard else silent, start=start, until=until, again=again)


def _was_to_come(card: Card, b: Bundle, now: datetime) -> bool:
    """Whether a home card would have come: a report that runs and a teacher who has been asked about the child."""
    day = school_date(card)
    children = [c for c in b.children(card.person, day) if b.would_run(c, day) and b.report(c, day, now).question]
    teachers = [r.person for c in children for course in b.lines_of(c, day) for r in b.teachers.get(course, ())]
    shown = [b.cards.get((person, "teacher", day)) for person in teachers]
    return not b.muted(card.person, day, "guardian") and any(
        one is not None and one.shown_at is not None for one in shown
    )


def stand_in_said_face(card: Card, b: Bundle, now: datetime) -> Face:
    """Who asked for a stand-in reads the answer."""
    say, view = b.say(card.person), card.view
    back = words.short_date(b.language(card.person), date.fromisoformat(view["back"]))
    name = b.adult(int(view["for"]))
    takes = view["said"] == "y"
    sentence = say("stand-in-takes", name=name, date=back) if takes else say("stand-in-cannot", name=name)
    message = Message(lines(sentence), preview=say("stand-in-preview"), silent=True, sensitive=False)
    born = card.born_at or now
    return Face(message, start=born, until=born + STAYS)


def stand_in_face(card: Card, b: Bundle, now: datetime) -> Face:
    """A colleague is asked to answer a teacher's card for some days; nothing changes before the yes (F42)."""
    say, view, language = b.say(card.person), card.view, b.language(card.person)
    first, back = (date.fromisoformat(view[name]) for name in ("since", "back"))
    said = {"name": b.adult(int(view["for"])), "first": words.short_date(language, first)}
    sentence = say("stand-in-question", back=words.short_date(language, back), **said)
    body = lines(sentence, say(f"stand-in-{'yes' if view['decided'] == 'y' else 'no'}") if view.get("decided") else "")
    buttons = [] if view.get("decided") else [Button(say("button-yes-gladly"), "y"), Button(say("button-no"), "n")]
    start, until = hours_of(b.school, b.people.get(card.person), "teacher").span(now)
    return Face(
        Message(body, rows(buttons), preview=say("stand-in-preview")),
        start=start,
        until=until,
        again=start if start > now and not card.ref else None,
        slot="" if card.fate else "event",
    )
