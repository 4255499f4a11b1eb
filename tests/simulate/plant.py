"""`python -m tests.simulate.plant [--only N]`: plants twelve bugs, each in a copy, and shows what finds it.

A bug that is not found, or found by something else than what it breaks, is red and the exit code is 1.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
PARTS = ("bot", "adapters", "storage", "tests", "pyproject.toml", "config.example.toml", "README.md")
RED, GREEN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"
Change = tuple[str, str, str]  # file, what stands there once, what is put in its place
YEAR = "--families 6 --days 20 --faults"


@dataclass(frozen=True, slots=True)
class Bug:
    """`by`: options of the simulation, the first that finds it counts, or a test file. `says`: how that must sound."""

    what: str
    changes: tuple[Change, ...]
    by: tuple[str, ...]
    says: str


BUGS = (
    Bug(
        "marked as sent before it is sent",
        (("storage/steps.py", "attempts=card.c.attempts + 1,\n", "attempts=1,\n        wake_at=None,\n"),),
        (f"--seed 1 {YEAR} harsh", f"--seed 2 {YEAR} harsh"),
        r"\(a\).*card came|not_asked",
    ),
    Bug(
        "a redelivery is taken as new",
        (
            ("storage/store.py", "row):\n                return Answer()", "row):\n                pass"),
            ("storage/turn.py", "f.source not in there", "True"),
        ),
        (f"--seed 1 {YEAR} harsh", f"--seed 2 {YEAR} harsh"),
        r"logged as an error|recorded \d+ times",
    ),
    Bug(
        "acknowledged before it is committed",
        (
            (
                "bot/desk.py",
                '        passed("arrival received")\n',
                '        passed("arrival received")\n        import asyncio\n\n'
                '        if (task := asyncio.current_task()) and task.get_name() != "late":\n'
                '            asyncio.create_task(self.hear(arrival), name="late")\n            return Answer()\n',
            ),
        ),
        tuple(f"--seed {n} {YEAR} harsh" for n in range(1, 7)),
        r"nothing of it is stored|not recorded",
    ),
    Bug(
        "permission is not asked again when a card is shown",
        (
            (
                "bot/bundle.py",
                "return relation.live(day) and (self.today == date.min or relation.live(max(day, self.today)))",
                "return True",
            ),
        ),
        ("tests/test_rights.py", "tests/test_who.py"),
        r"FAILED",
    ),
    Bug(
        "of an hour that comes twice the second is taken",
        (("bot/schooldays.py", "replace(fold=0)", "replace(fold=1)"),),
        tuple(f"--seed {n} --families 20 --days 12 --faults none" for n in (12, 23, 38, 1, 4)),  # in Cairo, in autumn
        r"said was|after its window|before its time|not recorded",
    ),
    Bug(
        "Telegram's offset moves before the update is stored",
        (
            (
                "adapters/telegram/polling.py",
                "            await hear(raw)\n            if (number := number_of(raw)) is not None:\n"
                "                self._offset = number + 1\n",
                "            if (number := number_of(raw)) is not None:\n                self._offset = number + 1\n"
                "                await self._ask(rate, False)\n"
                "            await hear(raw)\n            if number is not None:\n",
            ),
        ),
        ("tests/test_matrix.py -k 'sqlite and Telegram'",),
        r"FAILED",
    ),
    Bug(
        "a date whose midnight the clocks leap over is not opened",
        (
            (
                "storage/store.py",
                "            if row.stale or row.opened_through is None",
                "            if now.astimezone(school.zone).hour and row.opened_through is not None:\n"
                "                continue\n            if row.stale or row.opened_through is None",
            ),
        ),
        tuple(f"--seed {n} {YEAR} none" for n in (10, 14, 15)),  # in Cairo, in spring
        r"\(a\).*card came|has no night",
    ),
    Bug(
        "whoever has answered is reminded",
        (("bot/cards/home.py", "if (e.asked(c) and not e.settled(c)) or", "if e.asked(c) or"),),
        (f"--seed 1 {YEAR} none",),
        r"\(d\).*reminds of",
    ),
    Bug(
        "silence is written down as a miss",
        (
            (
                "bot/report.py",
                "    if not report.question or home.state not in WORST_FIRST:\n        return \"none\"",
                "    if not report.question or home.state not in WORST_FIRST:\n"
                "        return \"missed\" if home.state == \"no_answer\" else \"none\"",
            ),
        ),
        (f"--seed 1 {YEAR} none",),
        r"the verdict is 'missed'",
    ),
    Bug(
        "rings are not counted per person",
        (
            ("storage/steps.py", 'if not b.slot or b.slot == "day" or rings', "if True or rings"),
            ("storage/steps.py", "not b.slot or rings[b.card.id] for b in go", "True for b in go"),
        ),
        tuple(f"--seed {n} {YEAR} none" for n in range(1, 4)),
        r"\(d\).*rings",
    ),
    Bug(
        "after a pause the end of the lease is ignored",
        (("bot/hands.py", "if not hand.holds(self.clock.machine(), LONGEST_CALL):", "if hand.down:"),),
        ("tests/test_simulate.py::test_whoever_stood_still_past_the_lease_sends_nothing",),
        r"FAILED",
    ),
    Bug(
        "a tap changes only the own screens",
        (
            (
                "bot/recording.py",
                "    touched = {person for fact in recorded for person in board.touches(fact, b)}\n    days",
                "    touched = {fact.person for fact in recorded}\n    days",
            ),
        ),
        (f"--seed 1 {YEAR} none",),
        r"still asked|reminds of|asks about|still answer instead|the card says",
    ),
)  # fmt: skip


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.simulate.plant", description=__doc__)
    parser.add_argument("--only", type=int, default=0, metavar="N", help="the Nth bug alone")
    only = parser.parse_args(words).only
    missed = 0
    for n, bug in enumerate(BUGS, 1):
        if only in (0, n):
            by, message = _found(bug)
            missed += not by
            colour = GREEN if by else RED
            print(f"{colour}{n:2} {bug.what}{PLAIN}\n   {by or 'NOT FOUND'}\n   {message}", flush=True)
    print(f"{missed} not found")
    return 1 if missed else 0


def _found(bug: Bug) -> tuple[str, str]:
    """By what it was found, and the first line that says so."""
    with tempfile.TemporaryDirectory(prefix="planted") as folder:
        copy = Path(folder)
        for part in PARTS:
            place = HERE / part
            if place.is_dir():
                shutil.copytree(place, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(place, copy / part)
        for change in bug.changes:
            plant(copy, change)
        for by in bug.by:
            said = _run(copy, by)
            found = [line.strip() for line in said.splitlines() if re.search(bug.says, line)]
            if found:
                return by, found[0][:200]
    return "", said.strip()[-300:]


def plant(root: Path, change: Change) -> None:
    """Replaces a text that stands exactly once; ValueError if it does not, so that no bug is planted by halves."""
    file, old, new = change
    text = (root / file).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{file} has this {text.count(old)} times, so the bug cannot be planted:\n{old}")
    (root / file).write_text(text.replace(old, new), encoding="utf-8")


def _run(copy: Path, by: str) -> str:
    """What a simulation with these options, or a test file, says."""
    test = ["pytest", "-x", "-q", "-p", "no:cacheprovider", *shlex.split(by)]
    words = test if by.startswith("tests/") else ["tests.simulate", *by.split()]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run([sys.executable, "-m", *words], cwd=copy, env=environment, capture_output=True, text=True)
    ended = "" if done.returncode in (0, 1) else f"\nended with {done.returncode}"
    return done.stdout + done.stderr + ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
