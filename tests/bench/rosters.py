"""A school's roster from the file to the database: previewed, applied, and read again without a change."""

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bot.roster import Row, read
from storage.engine import open_engine, upgrade
from storage.load import course, enrolment, fact, person, relation, student
from storage.rosters import put
from storage.store import Store
from tests.bench.figures import RUNS, SEED, Figure, progress
from tests.bench.floors import Raw
from tests.bench.processes import TOKENS, configuration
from tests.bench.scratch import New
from tests.bench.town import CLASSES, FIRST, LAST, SCHOOL, new_store

SIZE = 10_000  # rows: a quarter as many children, four classes each, and two guardians
TEACHERS = 150
COLUMNS = "student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily"
NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
FLOOR = "csv.reader, rows inserted by executemany"


async def measure(new: New, size: int) -> list[Figure]:
    sheet = spreadsheet(size)
    previews, applied, again, memory, command, floor = [], [], [], [], [], []
    for run in range(RUNS):
        progress(f"roster: {size:,} rows, run {run + 1} of {RUNS} …")
        url = new()
        store = new_store(url)
        previews.append(seconds(lambda: look(store, read(sheet).rows)))  # noqa: B023 - called at once
        applied.append(seconds(lambda: apply(store, read(sheet).rows)))  # noqa: B023
        again.append(seconds(lambda: apply(store, read(sheet).rows)))  # noqa: B023
        floor.append(raw(sheet, store, new()))
        store.close()
        took, held = imported(sheet, new())
        command.append(took)
        memory.append(held)
    rows = f"{size:,} rows"
    return [
        Figure(f"{rows} previewed", "s", previews, 5.0, False, FLOOR, floor),
        Figure(f"{rows} applied", "s", applied, 10.0, False, FLOOR, floor),
        Figure("the same file again, nothing changes", "s", again, 5.0, False, FLOOR, floor),
        Figure("twoticks roster import, preview and all", "s", command, 15.0, False, FLOOR, floor),
        Figure("twoticks roster import, at its peak", "MiB", memory, 300),
    ]


def spreadsheet(rows: int) -> bytes:
    """A sheet as a school's office has it: a row for each class of a child, its two guardians in turn."""
    lot = random.Random(SEED)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS.split(","))
    for n in range(rows // len(CLASSES)):
        family = lot.choice(LAST)
        homes = [(f"{lot.choice(FIRST)} {family} {n}", f"home{n}.{home}@example.org") for home in (1, 2)]
        child = [f"{lot.choice(FIRST)} {family} {n}", f"{1 + n // 25}"]
        for place, name in enumerate(CLASSES):
            teacher = (n // 25 * len(CLASSES) + place) % TEACHERS
            guardian = homes[place % 2]
            language = "es" if n % 5 == 0 else "en"
            who = [f"Ms {LAST[teacher % len(LAST)]} {teacher}", f"t{teacher}@school.example"]
            sheet.writerow([*child, name, *who, *guardian, language, "yes" if n % 10 == 0 else ""])
    return out.getvalue().encode()


def seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def look(store: Store, rows: tuple[Row, ...]) -> None:
    store.turn(SCHOOL.id, NOW, partial(put, rows=rows, only_look=True))


def apply(store: Store, rows: tuple[Row, ...]) -> None:
    store.turn(SCHOOL.id, NOW, partial(put, rows=rows))


def raw(sheet: bytes, store: Store, url: str) -> float:
    """Seconds to read the sheet with nothing but `csv` and to insert what our import stored, in one transaction."""
    tables = (student, person, course, enrolment, relation, fact)
    with store.engine.begin() as connection:
        stored = {table: [tuple(row) for row in connection.execute(select(table))] for table in tables}
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    bare = Raw(url)
    started = time.perf_counter()
    list(csv.reader(io.StringIO(sheet.decode())))
    bare.do(bare.begin)
    for table, rows in stored.items():
        names = ", ".join(f'"{column.name}"' for column in table.c)
        marks = ", ".join("?" for _ in table.c)
        bare.many(f'insert into "{table.name}" ({names}) values ({marks})', [tuple(map(plainly, row)) for row in rows])
    bare.do("commit")
    took = time.perf_counter() - started
    bare.connection.close()
    return took


def plainly(value: object) -> object:
    """As a bare driver takes it: JSON as a word, moments in the words of the database."""
    return json.dumps(value) if isinstance(value, dict) else str(value) if isinstance(value, date) else value


def imported(sheet: bytes, url: str) -> tuple[float, float]:
    """Seconds that the command takes as a process of its own, and the MiB it holds at its peak."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "config.toml").write_text(configuration(url, 0, {}))
        (Path(folder) / "roster.csv").write_bytes(sheet)
        words = [sys.executable, "-m", "tests.bench.peak", "roster", "import", "roster.csv"]
        root = str(Path(__file__).parent.parent.parent)
        environment = os.environ | TOKENS | {"PYTHONPATH": root}
        started = time.perf_counter()
        told = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
        took = time.perf_counter() - started
        if told.returncode:
            raise RuntimeError(f"roster import ended with {told.returncode}: {told.stderr}")
        return took, float(told.stderr.splitlines()[-1])
