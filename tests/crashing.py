"""`python -m tests.crashing 'POINT > POINT#2' run …`: the program, killed with -9 once it has come that far."""

import os
import signal
import sys
from collections.abc import Callable, Sequence

from bot import points
from bot.cli import main


def fatal(plan: str) -> Callable[[str], None]:
    """A watcher of `bot.points` that waits for the plan's points in their order and ends the process at the last.

    `POINT#3` is the third time from then on; at `POINT!` a fault of ours is raised, and the process goes on.
    """
    steps = [step for part in plan.split(">") for step in _repeated(part.strip())]

    def watch(point: str) -> None:
        if not steps or point != steps[0].rstrip("!"):
            return
        planted = steps.pop(0).endswith("!")
        if planted:
            raise RuntimeError("a fault that a test planted")
        if not steps:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


def _repeated(part: str) -> list[str]:
    point, _, times = part.partition("#")
    return [point] * int(times or 1)


def run(words: Sequence[str]) -> None:
    """The first word is the plan, the others are a command of `twoticks`."""
    points.watchers.append(fatal(words[0]))
    sys.argv[1:] = words[1:]
    main()


if __name__ == "__main__":
    run(sys.argv[1:])
