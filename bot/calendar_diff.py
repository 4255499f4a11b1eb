"""What a new version of a school's calendar changes, as a person reads it before it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from bot.calendar import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A run of days that is new (`added`) or gone: closures by their title, half days by their dismissal.

    With `letters` it is the one change of the day letters, from the first date that differs to the last.
    """

    added: bool
    first: date
    last: date
    title: str
    dismissal: time | None = None
    letters: bool = False


def changes(before: Calendar, after: Calendar, since: date = date.min) -> list[Change]:
    """List what `after` adds to and takes from `before`, in order of dates; a new title alone is no change.

    Days before `since` are not compared, nor are days that only one of the two was expanded to; against a calendar
    that was never read (`until` is date.min) everything is new. A moved dismissal is one change that takes the old
    time and one that adds the new.
    """
    until = after.until if before.until == date.min else min(before.until, after.until)
    gone = [day for day in _facts(before) - _facts(after) if since <= day[0] <= until]
    new = [day for day in _facts(after) - _facts(before) if since <= day[0] <= until]
    found = _runs(gone, before, False) + _runs(new, after, True) + _letters(before, after, since, until)
    return sorted(found, key=lambda change: (change.first, change.added, change.last))


_Fact = tuple[date, time | None]


def _facts(calendar: Calendar) -> set[_Fact]:
    return {(day, None) for day in calendar.closed} | set(calendar.early.items())


def _runs(facts: Iterable[_Fact], calendar: Calendar, added: bool) -> list[Change]:
    runs: list[Change] = []
    for day, dismissal in sorted(facts, key=lambda fact: (fact[1] is not None, fact[0])):
        title = "" if dismissal else calendar.closed[day]
        last = runs[-1] if runs else None
        if last and (last.title, last.dismissal, last.last) == (title, dismissal, day - _DAY):
            runs[-1] = Change(added, last.first, day, title, dismissal)
        else:
            runs.append(Change(added, day, day, title, dismissal))
    return runs


def _letters(before: Calendar, after: Calendar, since: date, until: date) -> list[Change]:
    """Tell 180 changed letters as one change; a letter that a closure takes or gives back is told by the closure."""
    days = (before.letters.keys() | after.letters.keys()) - before.closed.keys() - after.closed.keys()
    days = {day for day in days if since <= day <= until and before.letters.get(day) != after.letters.get(day)}
    if not days:
        return []
    return [Change(not days.isdisjoint(after.letters), min(days), max(days), "", letters=True)]
