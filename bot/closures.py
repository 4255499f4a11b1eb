"""A school's calendar: its file is taken or offered, a coordinator says yes or no, a day is declared."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from bot.calendar import Calendar
from bot.calendar_diff import Change, changes
from bot.model import RINGING, CalendarDay, Card, Days, Draft, Fact
from bot.ports import Answer, Push, Turn
from bot.recording import coordinators

SOON = timedelta(days=2)  # a change that close may ring; a later one waits for a quiet moment
SHOWN = 10  # runs of days named on the card of a change


def days_of(read: Calendar) -> Days:
    """What is kept of a calendar that was read."""
    return frozenset(
        [CalendarDay(day, "closed", title[:200]) for day, title in read.closed.items()]
        + [CalendarDay(day, "early", f"{at:%H:%M}") for day, at in read.early.items()]
        + [CalendarDay(day, "letter", letter) for day, letter in read.letters.items()]
    )


def calendar_of(days: Days, today: date) -> Calendar:
    """The same the other way round, to compare with what is read next: known to the end of the next year at least."""
    ordered = sorted(days)
    return Calendar(
        {one.day: one.value for one in ordered if one.kind == "closed"},
        {one.day: time.fromisoformat(one.value) for one in ordered if one.kind == "early"},
        until=date(today.year + 1, 12, 31) if ordered else date.min,
        letters={one.day: one.value for one in ordered if one.kind == "letter"},
    )


def take(turn: Turn, read: Calendar) -> str:
    """A calendar that was read: `same` as what is known, `used` at once, or `offered` to the coordinators.

    The first one counts at once, and so does every one while no coordinator has joined who could be asked.
    """
    found, before = days_of(read), turn.calendar("file")
    if found == before:
        turn.set_calendar("offered", frozenset())
        return "same"
    if found in (turn.calendar("offered"), turn.calendar("kept")):
        return "same"
    deciders, runs = coordinators(turn.bundle()), _runs(calendar_of(before, turn.today), read, turn.today)
    if not before or not deciders or not runs:
        use(turn, found)
        return "used"
    turn.set_calendar("offered", found)
    _offer(turn, deciders, runs)
    return "offered"


def use(turn: Turn, found: Days) -> None:
    turn.set_calendar("offered", frozenset())
    turn.set_calendar("kept", frozenset())
    turn.set_calendar("file", found)


def _runs(before: Calendar, after: Calendar, since: date) -> list[Mapping[str, Any]]:
    """The change as a card keeps it: runs of days that are new or gone."""
    return [
        {
            "kind": _kind(run), "added": run.added, "first": run.first.isoformat(), "last": run.last.isoformat(),
            "title": run.title[:60], "ends": f"{run.dismissal:%H:%M}" if run.dismissal else "",
        }
        for run in changes(before, after, since)
    ]  # fmt: skip


def _kind(run: Change) -> str:
    return "letters" if run.letters else "early" if run.dismissal else "closed"


def _offer(turn: Turn, deciders: list[int], runs: list[Mapping[str, Any]]) -> None:
    soon = any(date.fromisoformat(run["first"]) <= turn.today + SOON for run in runs)
    view = {"runs": runs[:SHOWN], "more": max(0, len(runs) - SHOWN), "soon": soon}
    b = turn.bundle([], deciders)
    for person in deciders:
        card = turn.find_card(person, "calendar", day=turn.today)
        if card is not None:
            turn.change(card, view=view)
    places = {person: place for person in deciders if (place := b.place(person)) is not None}
    turn.add([Draft(p, "calendar", turn.today, turn.now, "", RINGING, view) for p in deciders], places)


def pressed(push: Push) -> Answer:
    """A coordinator's yes or no to a changed calendar."""
    say = push.turn.bundle([push.card]).say(push.card.person)
    if not push.turn.bundle([push.card]).may(push.card.person, "change calendar", push.turn.today):
        return Answer(toast=say("not-for-you"))
    if push.value in ("y", "n"):
        _decide(push.turn, push.card, push.value == "y", push.source)
    return Answer(toast=say("thanks"))


def _decide(turn: Turn, card: Card, yes: bool, source: str) -> None:
    """Once it has been decided, by whoever was first, a second answer changes nothing."""
    offered = turn.calendar("offered")
    what = "used" if yes else "kept"
    if offered and yes:
        use(turn, offered)
    elif offered:
        turn.set_calendar("offered", frozenset())
        turn.set_calendar("kept", offered)
    if offered:
        turn.record([Fact("calendar", what, turn.now, f"{source}#calendar", card.person, "coordinator")])
    turn.change(card, view={**card.view, "decided": what if offered else "done"})


def declare(turn: Turn, person: int, day: CalendarDay, source: str) -> None:
    """A day as a person says it is: closed, early or open. It stands over the file, and everybody's cards follow."""
    others = frozenset(one for one in turn.calendar("said") if one.day != day.day)
    turn.set_calendar("said", others | {day})
    data = {"value": day.value}
    fact = Fact("calendar", day.kind, turn.now, f"{source}#declared", person, "coordinator", day=day.day, data=data)
    turn.record([fact])
    turn.wake_all(day.day)
    if day.kind == "closed" and any(card.ref for card in turn.cards("teacher", day.day)):
        homes = [card for card in turn.cards("home", day.day) if not card.ref]
        b = turn.bundle([], [card.person for card in homes])
        places = {card.person: place for card in homes if (place := b.place(card.person)) is not None}
        turn.add([Draft(card.person, "no school", day.day, turn.now) for card in homes], places)
