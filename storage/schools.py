"""The school as it stands: configured times, how far its days are opened and closed, and its calendar."""

from collections.abc import MutableMapping
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from bot.model import School
from storage.calendars import in_force
from storage.load import school_

_LOOK = select(school_.c.facts, school_.c.opened_through, school_.c.closed_through, school_.c.calendar).where(
    school_.c.id == bindparam("school")
)
_HOLD = _LOOK.with_for_update()


def stands(
    connection: Connection, schools: MutableMapping[str, School], which: str, hold: bool = False
) -> tuple[School, int]:
    """The school now, and the number of its newest fact; `hold`: its row is locked until the transaction ends.

    The days of its calendar are kept in `schools` and read again only when another revision stands in the row.
    """
    row = connection.execute(_HOLD if hold else _LOOK, {"school": which}).one()
    known = schools[which]
    if row.calendar != known.calendar:
        known = replace(known, calendar=row.calendar, **in_force(connection, which))
        schools[which] = known
    return replace(known, opened_through=row.opened_through, closed_through=row.closed_through), row.facts
