"""While the database server is away at a start: it is told, tried again, and the web server says why nothing works."""

import asyncio
import itertools
import logging
import signal
import socket

from sqlalchemy.exc import OperationalError

from adapters.web.app import application
from bot.composition import open_store, refuse_damage
from bot.config import Settings
from bot.server import Server
from storage.store import Store

PAUSES = (1.0, 2.0, 5.0, 10.0)  # seconds between two tries, the last one for ever
log = logging.getLogger(__name__)


def store_when_there(settings: Settings, place: socket.socket) -> Store | None:
    """The store as soon as its server answers; None if the program was told to end before. An embedded database is
    there or it is not: what is wrong with it is raised as it is."""
    refuse_damage(settings)
    try:
        return open_store(settings)
    except OperationalError as problem:
        if settings.database.url.startswith("sqlite"):
            raise
        return asyncio.run(_patiently(settings, place, problem))


async def _patiently(settings: Settings, place: socket.socket, problem: OperationalError) -> Store | None:
    stop, told = asyncio.Event(), {"database": _said(problem)}
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    server = Server(application(ready=lambda: told))
    serving = asyncio.ensure_future(server.serve([place.dup()]))
    log.error("%s. Check [database] url and that it is running. It is tried again until it answers.", _said(problem))
    try:
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            try:
                await asyncio.wait_for(stop.wait(), pause)
                return None
            except TimeoutError:
                pass
            try:
                return await asyncio.to_thread(open_store, settings)
            except OperationalError as again:
                told["database"] = _said(again)
    finally:
        server.should_exit = True
        await serving
    return None


def _said(problem: OperationalError) -> str:
    """The driver's own words on one line."""
    return "The database does not answer: " + " ".join(str(problem.orig).split())[:200]
