"""Named points in the program's work, at which a test may end the process. In production nobody watches them."""

from collections.abc import Callable

watchers: list[Callable[[str], None]] = []  # what a test wants to do when a point is passed


def passed(point: str) -> None:
    """The work has come to that point: what is written before it has happened, what stands after it has not."""
    for watch in watchers:
        watch(point)
