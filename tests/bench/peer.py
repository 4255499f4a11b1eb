"""The peer of `delivery`: procrastinate on the same PostgreSQL, one no-op job where we have a card.

Jobs are deferred in bulk beforehand, as our cards are made when the day opens; one worker, at the concurrency that
suited it best (1: 78 a second, 10: 127, 30: 121, 100: 122 on two busy cores), until all are done.
"""

import time

import procrastinate
from sqlalchemy import make_url

CONCURRENCY = 10
AT_ONCE = 1_000  # jobs deferred in one statement


async def fanned_out(url: str, jobs: int, concurrency: int = CONCURRENCY) -> float:
    """Jobs a second of one worker, from its start until the last one is marked as done."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_conninfo(url)))

    @app.task(name="send")
    async def send(person: int) -> None:
        return None

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, jobs, AT_ONCE):
            wanted: list[procrastinate.types.JSONDict] = [
                {"person": n} for n in range(first, min(first + AT_ONCE, jobs))
            ]
            await send.batch_defer_async(*wanted)
        started = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=concurrency, install_signal_handlers=False)
        return jobs / (time.perf_counter() - started)


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
