"""Word from one process to the others on the same PostgreSQL: something has changed, look now."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import Engine

CHANNEL = "twoticks"
AGAIN = 2.0  # seconds until a lost connection is made anew; meanwhile the heartbeat looks
log = logging.getLogger(__name__)


async def listen(engine: Engine, me: str, knock: Callable[[], object]) -> None:
    """Knocks whenever another process has stored something, until cancelled."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
                await connection.execute(f"listen {CHANNEL}")
                knock()  # whatever was told while nobody listened
                async for notice in connection.notifies():
                    if notice.payload != me:
                        knock()
        except psycopg.Error as error:
            log.warning("no word from other processes for a moment (%s)", type(error).__name__)
        await asyncio.sleep(AGAIN)
