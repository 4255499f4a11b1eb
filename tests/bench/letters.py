"""Letters to families: ninety pages with their QR codes, beside the ninety QR codes alone."""

import time
from dataclasses import replace
from datetime import UTC, datetime

from bot.letters import Letter, letters
from tests.bench.figures import RUNS, Figure, progress
from tests.bench.scratch import New

SIZE = 90
ONE = Letter(
    "Lincoln Middle School", "Tom Romero", "guardian", "en", "7K2MQ9X4TB", datetime(2026, 9, 28, 12, tzinfo=UTC),
    ("A. R., 7B, Ms Okafor",), "https://t.me/lincoln_homework_bot?start=0", "lincoln_homework_bot", True,
)  # fmt: skip


async def measure(new: New, size: int) -> list[Figure]:
    """No database: a letter is made of what it is given."""
    stack = [replace(ONE, code=f"{n:010}", link=f"{ONE.link}{n}") for n in range(size)]
    took, floor = [], []
    for run in range(RUNS):
        progress(f"letters: {size}, run {run + 1} of {RUNS} …")
        began = time.perf_counter()
        letters(stack)
        took.append(time.perf_counter() - began)
        floor.append(_codes(stack))
    return [Figure(f"{size} letters", "s", took, 5.0, False, "their QR codes alone, by segno", floor)]


def _codes(stack: list[Letter]) -> float:
    import segno

    began = time.perf_counter()
    for one in stack:
        segno.make(str(one.link), error="m").svg_inline()
    return time.perf_counter() - began
