"""Reads a school's roster from its path: the simple spreadsheet or workbook, or a OneRoster folder or zip (F48)."""

import zipfile
from datetime import date
from pathlib import Path, PurePosixPath

from bot import roster
from bot.roster import FILE, Problem, Sheet

LARGEST = 64 * 2**20  # bytes of a file; a roster of 10,000 rows has 1 MB
_ONEROSTER = frozenset(("manifest.csv", "orgs.csv", "users.csv", "classes.csv", "enrollments.csv"))


def read(path: Path, today: date) -> Sheet:
    """Read the roster at `path`; never raises. `today` tells which of a OneRoster's classes and places still run."""
    try:
        if path.is_dir() or _is_packed_oneroster(path):
            from bot import oneroster  # most schools have none

            return oneroster.read(path, today)
        if path.stat().st_size > LARGEST:
            return _refused(f"{path} is larger than {LARGEST // 2**20} MB, so it is no roster. {_ADVICE}")
        return roster.read(path.read_bytes())
    except OSError as problem:
        return _refused(f"{path}: {problem.strerror or problem}. {_ADVICE}")


_ADVICE = "Give the path of the school's spreadsheet."


def _refused(text: str) -> Sheet:
    return Sheet((), (Problem(FILE, "", text),))


def _is_packed_oneroster(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return any(PurePosixPath(name).name.lower() in _ONEROSTER for name in packed.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
