"""Who works a lane: one process at a time, for a few seconds at a time, by the database's own clock.

The embedded database has one process that works it (its file is locked), so there every lane is held at once.
"""

from sqlalchemy import Connection, case, func, select, update

from bot.lanes import LEASE
from bot.ports import Lease
from storage.load import lane

_DATABASE_TIME = func.extract("epoch", func.clock_timestamp())  # no two machines need to agree on the time


def hold(connection: Connection, lease: Lease) -> set[int]:
    """Takes or renews these lanes for `LEASE` seconds; the ones that are now held."""
    if connection.dialect.name == "sqlite" or not lease.lanes:
        return set(lease.lanes)
    free = (lane.c.owner == lease.owner) | (lane.c.owner == "") | (lane.c.lease_until < _DATABASE_TIME)
    wanted = select(lane.c.id).where(lane.c.id.in_(lease.lanes)).order_by(lane.c.id).with_for_update()
    connection.execute(wanted).all()  # in the order in which everybody locks them
    taken = update(lane).where(lane.c.id.in_(lease.lanes), free)
    taken = taken.values(owner=lease.owner, lease_until=_DATABASE_TIME + LEASE).returning(lane.c.id)
    return set(connection.execute(taken).scalars())


def held(connection: Connection) -> dict[str, bool]:
    """Each lane by name, and whether a process works it now."""
    here = case((lane.c.owner == "", False), else_=lane.c.lease_until >= _DATABASE_TIME)
    rows = connection.execute(select(lane.c.platform, lane.c.name, here.label("held")).order_by(lane.c.id))
    return {f"{row.platform} {row.name}".strip(): bool(row.held) for row in rows}


def release(connection: Connection, lease: Lease) -> None:
    mine = (lane.c.owner == lease.owner) & lane.c.id.in_(lease.lanes)
    connection.execute(update(lane).where(mine).values(owner="", lease_until=0.0))
