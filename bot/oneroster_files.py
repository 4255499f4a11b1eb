"""Opens a OneRoster export, a folder or a zip file, and gives the bytes of what is read; extracts nothing."""

import io
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from bot.csvfile import is_web_page
from bot.roster_problems import FILE, Problem, Refused, quoted

MANIFEST, ORGS, SESSIONS, COURSES = "manifest.csv", "orgs.csv", "academicSessions.csv", "courses.csv"
CLASSES, ENROLLMENTS, USERS, ROLES = "classes.csv", "enrollments.csv", "users.csv", "roles.csv"
# Birth dates, marks and addresses stand in other files (demographics.csv, results.csv); those are never opened.
FILES = (MANIFEST, ORGS, SESSIONS, COURSES, CLASSES, ENROLLMENTS, USERS, ROLES)

LARGEST = 64 * 2**20  # bytes of all files together, unpacked
HARMLESS = 2**20  # bytes; below them a file may be packed as tightly as it likes
TIGHTEST = 200  # to 1; real exports reach about 50
MOST_MEMBERS = 2_000

_FOUND = {name.removesuffix(".csv").casefold(): name for name in FILES} | {"enrolments": ENROLLMENTS}
_AGAIN = "Export it again from the school's system as OneRoster CSV."
_DIRECTORY_ENTRY = b"PK\x01\x02"
# What zipfile raises for bytes that are no good zip file.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, struct.error)


def contents(path: Path) -> dict[str, bytes]:
    """Return the export's files by their names in the standard; raise `Refused` for what is no usable export."""
    try:
        return _folder(path) if path.is_dir() else _archive(path)
    except OSError as problem:
        raise _refused(
            f"{quoted(path.name)} cannot be opened ({problem.strerror}). Check the path and try again."
        ) from problem


def _refused(text: str) -> Refused:
    return Refused(Problem(FILE, "", text))


def _folder(path: Path) -> dict[str, bytes]:
    found = itertools.chain(path.glob("*"), path.glob("*/*"))
    names = [one.relative_to(path).as_posix() for one in itertools.islice(found, 10_000) if one.is_file()]
    files: dict[str, bytes] = {}
    for wanted, name in _chosen(names).items():
        with (path / name).open("rb") as stream:
            files[wanted] = _limited(stream, files)
    return files


def _archive(path: Path) -> dict[str, bytes]:
    with path.open("rb") as stream:
        raw = _limited(stream, {})
    if is_web_page(raw):
        raise _refused("This is a web page, not an export; a link often gives the sign-in page instead. " + _AGAIN)
    # Counted before the zip file is opened, as opening it makes an object of every entry.
    if raw.count(_DIRECTORY_ENTRY) > MOST_MEMBERS:
        raise _refused(f"The zip file holds more than {MOST_MEMBERS} files; an export has about a dozen. {_AGAIN}")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _members(archive)
    except _DAMAGED as problem:
        advice = "Give the zip file of the export, or the folder with its CSV files."
        raise _refused(f"{quoted(path.name)} is not a zip file, or it is damaged. {advice}") from problem


def _members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for wanted, name in _chosen(archive.namelist()).items():
        info = archive.getinfo(name)
        _check(info)
        with archive.open(info) as stream:
            files[wanted] = _limited(stream, files)
        if len(files[wanted]) > max(HARMLESS, TIGHTEST * info.compress_size):
            raise _refused(f"{wanted} is packed far too tightly for a real export, so it is not read. {_AGAIN}")
    return files


def _check(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise _refused("The zip file has a password. Unpack it and give the folder.")
    # The other methods unpack without a limit that could be set.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused("The zip file is packed in an unusual way. Unpack it and give the folder.")


def _limited(stream: IO[bytes], so_far: dict[str, bytes]) -> bytes:
    """Read to the end, but never past what is left of `LARGEST`, whatever size a header gives."""
    left = LARGEST - sum(map(len, so_far.values()))
    raw = stream.read(left + 1)
    if len(raw) > left:
        size = f"{LARGEST // 2**20} MB"
        raise _refused(f"The export is larger than {size}; a school's is a few MB. Export only this school.")
    return raw


def _chosen(names: Sequence[str]) -> dict[str, str]:
    """Return the one folder's files: standard name → name as found."""
    folders: dict[str, dict[str, str]] = {}
    for name in names:
        *above, last = re.split(r"[/\\]", name)
        stem, _, ending = last.casefold().rpartition(".")
        wanted = _FOUND.get(re.sub(r"[\s_-]", "", stem)) if ending.strip() == "csv" else None
        if wanted is None or ".." in above or "__MACOSX" in above or last.startswith("."):
            continue
        folder = folders.setdefault("/".join(above), {})
        if wanted in folder:
            raise _refused(f"{wanted} is there twice: {quoted(folder[wanted])} and {quoted(name)}. Keep one of them.")
        folder[wanted] = name
    if not folders:
        raise _refused(_nothing(names))
    return _fullest(folders)


def _fullest(folders: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the folder with most of the files; of equals the upper one."""
    (rank, name), *others = sorted(
        ((-len(files), name.count("/") + bool(name)), name) for name, files in folders.items()
    )
    if others and others[0][0] == rank:
        raise _refused(f"There are two exports in it, {quoted(name)} and {quoted(others[0][1])}. Give one of them.")
    return folders[name]


def _nothing(names: Sequence[str]) -> str:
    inner = next((name for name in names if name.casefold().endswith(".zip")), "")
    if inner:
        return f"There is another zip file inside ({quoted(inner)}). Unpack this one and give the inner one."
    return f"There are no OneRoster files in it, such as users.csv and enrollments.csv. {_AGAIN}"
