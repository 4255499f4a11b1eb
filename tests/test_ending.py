"""The end of the program: it comes when it is told, and what is under way or about to start is not lost (G-143)."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.load import card
from tests.bench.kill import Evening
from tests.days import Day, new_store


@pytest.mark.parametrize("ticks", range(4))
async def test_hands_that_were_just_knocked_at_end_when_they_are_told_to(database: str, ticks: int) -> None:
    """Otherwise they would go on sending while everything around them is being put away."""
    async with Day(new_store(database)) as day:
        working = asyncio.ensure_future(day.house.hands.run())
        await asyncio.sleep(0.1)  # nothing happens: they wait
        day.house.hands.knock()
        for _ in range(ticks):
            await asyncio.sleep(0)
        working.cancel()
        ended, _ = await asyncio.wait([working], timeout=2)
        assert ended, "the hands are still at work"


async def test_told_to_end_in_the_moment_of_booking(database: str) -> None:
    """What is booked counts as perhaps sent, and Telegram cannot be asked: so it is sent before the end."""
    async with Day(new_store(database)) as day:
        await day.at("15:09")
        day.house.clock.at = day.house.clock.at.replace(minute=11)
        hands, booking, go = day.house.hands, asyncio.Event(), asyncio.Event()
        plain = hands.blocking

        async def slow(call: Callable[..., Any], *args: Any) -> Any:
            done = await plain(call, *args)
            if call == hands.store.step and args[2]:  # it has booked
                booking.set()
                await go.wait()
            return done

        hands.blocking = slow
        working = asyncio.ensure_future(hands.run())
        await asyncio.wait_for(booking.wait(), 10)
        working.cancel()
        await asyncio.sleep(0)
        go.set()
        await asyncio.wait([working], timeout=5)
        await hands.drain(5.0)
        with day.house.store.engine.begin() as connection:
            perhaps = connection.execute(select(card.c.kind).where(card.c.booked_at.is_not(None), card.c.ref == ""))
            assert not perhaps.all()


async def test_told_to_end_at_random_moments_of_a_fan_out(database: str, tmp_path: Path) -> None:
    """Three times SIGTERM while cards go out and are answered: nothing is lost, nothing is sent twice."""
    told = await Evening(database, size=3, kills=3, sign=signal.SIGTERM).told()
    assert (told.lost_in, told.lost_out, told.doubled, told.wrong) == (0, 0, 0, 0)
    assert sum(told.copies_of_a_kill) == 0
