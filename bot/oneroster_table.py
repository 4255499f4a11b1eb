"""Reads one CSV file of a OneRoster export row by row, whatever its dialect; shortens long lists of problems."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol, TypeVar

from bot.csvfile import END, cut_off, delimited, is_filled, parsed, text_of
from bot.oneroster_files import FILES
from bot.roster_problems import FILE, HEADER, LONGEST, Problem, Refused, plain, quoted
from bot.texts import clean
from bot.workbook import OLD, ZIP

Said = Mapping[str, str]  # column as in the standard → cell, "" where the file has no such column

MOST_TOLD = 20  # problems of one kind; more are counted
_LONGEST_CELL = 20_000  # lists of ids are longer than names

_COLUMNS = (
    *("sourcedId", "status", "title", "name", "propertyName", "value"),
    *("role", "primary", "beginDate", "endDate", "userSourcedId", "classSourcedId"),
    *("courseSourcedId", "classCode", "classType", "schoolSourcedId", "termSourcedIds"),
    *("enabledUser", "givenName", "middleName", "familyName", "preferredGivenName"),
    *("email", "sms", "phone", "agentSourcedIds", "grades", "preferredLanguage"),
)


def _folded(header: str) -> str:
    """Fold a column's name, so that userSourcedId, usersourceId and "user sourced ids" are one."""
    return re.sub(r"(?:source?d?)?ids?\Z", "id", "".join(filter(str.isalnum, plain(header))))


_MEANT = {_folded(column): column for column in _COLUMNS} | {
    "agents": "agentSourcedIds",
    "enabled": "enabledUser",
    "firstname": "givenName",
    "lastname": "familyName",
    "preferredfirstname": "preferredGivenName",
    "startdate": "beginDate",
    "grade": "grades",
    **dict.fromkeys(("language", "homelanguage", "metadatalanguage", "metadatahomelanguage"), "preferredLanguage"),
    "metadatapreferredlanguage": "preferredLanguage",
}


# --- rows


def records(file: str, raw: bytes, required: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, Said]]:
    """Yield each row's number and cells; a row with a cell too many, which a name's bare comma makes, is a problem.

    Raise `Refused` if the file is no CSV, lacks a required column, or cannot be read to its end.
    """
    lines = _lines(file, _text(file, raw))
    header = next(lines, (HEADER, []))[1]
    places = _places(file, header, required)
    row, width = HEADER, 0
    for row, cells in lines:
        width = width or max(len(header), len(cells))  # some exports end each row, but not the header, with a comma
        if len(cells) > width or is_filled(cells[len(header) :]):
            problems.append(
                Problem(row, file, "This row has more cells than the header; it is left out. Quote its commas.")
            )
        else:
            yield row, {column: _cell(cells, at) for column, at in places.items()}
    if row == HEADER:
        problems.append(Problem(HEADER, file, f"{file} has a header but no row below it.", warning=True))


def pairs(file: str, raw: bytes) -> dict[str, tuple[int, str]]:
    """Return the first cell of each row → its row and second cell, case folded; a header may be there or not."""
    told = {}
    for row, cells in _lines(file, _text(file, raw)):
        name, value = (_cell(cells, at).casefold() for at in (0, 1))
        told[name] = (row, value)
    return told


def _cell(cells: list[str], at: int) -> str:
    return clean(cells[at], _LONGEST_CELL) if 0 <= at < len(cells) else ""


def _text(file: str, raw: bytes) -> str:
    if raw.startswith((*ZIP, OLD)):
        text = f"{file} is a workbook or a zip file, whatever its name says. Export it again as CSV."
        raise Refused(Problem(FILE, file, text))
    try:
        return text_of(raw)
    except Refused as refused:
        raise Refused(*(Problem(FILE, file, problem.text) for problem in refused.problems)) from refused


def _lines(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the filled rows, numbered as a spreadsheet does; an open quote swallows the mark behind the last one."""
    number, closed = 0, False
    try:
        for number, cells in enumerate(parsed(*delimited(text, ",;\t|", _fit)), 1):
            closed = cells == [END]
            swallowed = cells[-1:] and cells[-1].endswith(END)
            if not swallowed and is_filled(cells):
                yield number, cells
    except csv.Error:
        number += 1
    if not closed:
        raise Refused(Problem(FILE, file, cut_off(number)))


def _fit(header: Sequence[str]) -> tuple[int]:
    """Count the columns that a delimiter finds in the header."""
    return (sum(_folded(cell) in _MEANT for cell in header),)


def _places(file: str, header: Sequence[str], required: Sequence[str]) -> dict[str, int]:
    """Return where each column stands, -1 for none; of two of one meaning the standard's name counts."""
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        column = _MEANT.get(_folded(cell))
        if column and (column not in found or _folded(cell) == _folded(column) != _folded(header[found[column]])):
            found[column] = at
    if not any(column in found for column in required):
        text = f"The first row of {file} does not name the columns, such as {', '.join(required)}. Export it again."
        raise Refused(Problem(HEADER, file, text))
    missing = [column for column in required if column not in found]
    if missing:
        raise Refused(*(Problem(HEADER, f"{file} {column}", _lacking(column)) for column in missing))
    return dict.fromkeys(_COLUMNS, -1) | found


def _lacking(column: str) -> str:
    return f"The column “{column}” is missing; it is needed in every row. Export it again with this column."


# --- cells

_ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: .*)?")
_NO = ("false", "0", "no", "n", "f")
_YES = ("true", "1", "yes", "y", "t")
Span = tuple[date, date]  # first and last day


def said_yes(text: str) -> bool:
    return plain(text) in _YES


def left_out(said: Said) -> bool:
    """Tell whether the export itself says that this record no longer counts."""
    return plain(said["status"]) in ("tobedeleted", "inactive") or plain(said["enabledUser"]) in _NO


def day_of(text: str) -> date:
    """Return the day of an ISO date or time or an American date; raise ValueError for anything else."""
    if found := _ISO.fullmatch(text):
        return date(int(found[1]), int(found[3]), int(found[4]))
    if found := _AMERICAN.fullmatch(text):
        return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[1]), int(found[2]))
    raise ValueError(text)


def span_of(file: str, row: int, said: Said, problems: list[Problem]) -> Span | None:
    """Return the record's days, open ends as the first and last day there is; None and a problem for a bad date."""
    days = []
    for column, otherwise in (("beginDate", date.min), ("endDate", date.max)):
        try:
            days.append(day_of(said[column]) if said[column] else otherwise)
        except ValueError:
            text = f"{quoted(said[column])} is not a date we can read. Write it like 2026-09-14."
            problems.append(Problem(row, f"{file} {column}", text))
            return None
    return days[0], days[1]


def ids(text: str) -> list[str]:
    """Return the ids of a list cell."""
    return [one for part in re.split("[,;|]", text) if (one := part.strip(" \"'{}[]"))]


def too_long(file: str, row: int, said: Said, columns: Iterable[str]) -> list[Problem]:
    text = "{} has {} characters; at most {} fit. Shorten it."
    return [
        Problem(row, f"{file} {column}", text.format(quoted(said[column]), len(said[column]), LONGEST))
        for column in columns
        if len(said[column]) > LONGEST
    ]


def doubtful(file: str, row: int, said: Said, columns: Iterable[str]) -> list[Problem]:
    text = "{} has a letter that could not be read (\ufffd). Export it again as UTF-8."
    return [
        Problem(row, f"{file} {column}", text.format(quoted(said[column])), warning=True)
        for column in columns
        if "\ufffd" in said[column]
    ]


# --- what stands twice, and what is told


class Named(Protocol):
    @property
    def row(self) -> int: ...
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def settled(file: str, found: Mapping[str, Sequence[N]], problems: list[Problem]) -> dict[str, N]:
    """Return one record for each id: the first of equal ones, none where two names claim one id."""
    kept = {}
    for key, (first, *others) in found.items():
        other = next((one for one in others if one.name != first.name), None)
        if other:
            text = f"{quoted(key)} is {quoted(other.name)} here and {quoted(first.name)} in row {first.row}. "
            text += "Both are left out; give each an id of its own."
            problems.append(Problem(other.row, f"{file} sourcedId", text))
            continue
        for one in others:
            text = f"{quoted(key)} already stands in row {first.row} and counts once."
            problems.append(Problem(one.row, f"{file} sourcedId", text, warning=True))
        kept[key] = first
    return kept


def shortened(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems by file and row, of each kind at most `MOST_TOLD` and then how many more there are."""
    ranks = {file: rank for rank, file in enumerate(FILES)}
    ordered = sorted(problems, key=lambda problem: (ranks.get(problem.column.split(" ")[0], -1), problem.row))
    told: list[Problem] = []
    count: Counter[tuple[str, bool]] = Counter()
    for problem in ordered:
        kind = (problem.column, problem.warning)
        count[kind] += 1
        if count[kind] <= MOST_TOLD:
            told.append(problem)
    more = [(kind, number - MOST_TOLD) for kind, number in count.items() if number > MOST_TOLD]
    return told + [
        Problem(FILE, column, f"And {number} more like this.", warning) for (column, warning), number in more
    ]
