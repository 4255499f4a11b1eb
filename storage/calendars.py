"""A school's calendar as it is kept: what its file says, what waits for a yes, and what somebody has declared."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model import CalendarDay, Days
from storage.load import calendar, card, school_


def days(connection: Connection, school: str, source: str) -> Days:
    """What stands under `source`: file, said, offered or kept."""
    query = select(calendar.c.day, calendar.c.kind, calendar.c.value).where(
        calendar.c.school == school, calendar.c.source == source
    )
    return frozenset(CalendarDay(row.day, row.kind, row.value) for row in connection.execute(query))


def put(connection: Connection, school: str, source: str, days: Iterable[CalendarDay]) -> None:
    """Replaces all that stands under `source`."""
    here = (calendar.c.school == school) & (calendar.c.source == source)
    connection.execute(calendar.delete().where(here))
    rows = [
        {"school": school, "source": source, "day": day.day, "kind": day.kind, "value": day.value[:200]}
        for day in sorted(days)
    ]
    if rows:
        connection.execute(calendar.insert(), rows)


def changed(connection: Connection, school: str, now: datetime) -> None:
    """From now on days open and close by it, and every card that is not out yet, or open, is asked anew."""
    here = school_.c.id == school
    connection.execute(update(school_).where(here).values(stale=True, calendar=school_.c.calendar + 1))
    standing = (card.c.school == school) & (card.c.fate == "") & card.c.wake_at.is_not(None)
    connection.execute(update(card).where(standing).values(wake_at=now, wakes=card.c.wakes + 1))


def in_force(connection: Connection, school: str) -> dict[str, Any]:
    """Days off, half days and cycle letters as a school has them; what was declared stands over its file."""
    filed, said = (sorted(days(connection, school, source)) for source in ("file", "said"))
    declared = {one.day for one in said}
    counts = [one for one in filed if one.day not in declared or one.kind == "letter"] + said
    closed: dict[date, str] = {one.day: one.value for one in counts if one.kind == "closed"}
    early = {one.day: time.fromisoformat(one.value) for one in counts if one.kind == "early" and one.day not in closed}
    return {
        "closed": closed,
        "early": early,
        "letters": {one.day: one.value for one in counts if one.kind == "letter"},
        "extra": frozenset(one.day for one in said if one.kind == "open"),
    }
