"""The reader of the simple spreadsheet: bytes of a CSV file in, its good rows and its problems out (F48)."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.languages import LANGUAGES, NAMES
from bot.roster_header import COLUMNS, REQUIRED, columns_of, meanings
from bot.roster_problems import FILE, HEADER, LONGEST, Problem, Refused, plain, quoted
from bot.texts import clean

__all__ = ["COLUMNS", "FILE", "HEADER", "LONGEST", "REQUIRED", "Problem", "Row", "Sheet", "read"]


@dataclass(frozen=True, slots=True)
class Row:
    """One meeting of student, class and guardian; what the sheet leaves empty is ""."""

    number: int
    student: str
    group: str
    course: str
    teacher: str
    teacher_contact: str
    guardian: str
    guardian_contact: str
    guardian_language: str
    daily: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows without a fault, and every problem of the sheet by row; a fault of header or file leaves no rows."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(raw: bytes) -> Sheet:
    """Read a simple spreadsheet; never raises, whatever the bytes are."""
    try:
        return _sheet(_records(_decoded(raw)))
    except Refused as refused:
        return Sheet((), refused.problems)


def _sheet(records: list[list[str]]) -> Sheet:
    numbered = [(number, cells) for number, cells in enumerate(records, 1) if _filled(cells)]
    if not numbered:
        raise Refused(Problem(FILE, "", "The file is empty. Fill in the sheet and save it again as CSV."))
    (_, header), *body = numbered
    columns, problems = columns_of(header, body)
    rows = []
    for number, cells in body:
        row, found = _row(number, cells, columns)
        found += _surplus(number, cells, len(header)) + _swallowed(number, cells)
        problems += found
        if all(problem.warning for problem in found):
            rows.append(row)
    kept, doubts = _compared(rows)
    return Sheet(tuple(kept), tuple(sorted(problems + doubts, key=lambda problem: problem.row)))


# --- from bytes to cells

_SAVE_AS = "Open it in the spreadsheet program, choose “Save as”, then “CSV UTF-8”, and import that file."
_NOT_CSV = {
    b"PK\x03\x04": f"This is a workbook (.xlsx or .ods) or a zip file. This version reads CSV. {_SAVE_AS}",
    b"\xd0\xcf\x11\xe0": f"This is an old Excel workbook (.xls). This version reads CSV. {_SAVE_AS}",
    b"%PDF": f"This is a PDF. Take the sheet it was made from. {_SAVE_AS}",
}
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|\?xml|!--)", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r'\s*"?sep=([,;\t])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_END = "\x1a"


def _decoded(raw: bytes) -> str:
    for start, text in _NOT_CSV.items():
        if raw.startswith(start):
            raise Refused(Problem(FILE, "", text))
    if _HTML.match(raw.removeprefix(codecs.BOM_UTF8)):
        advice = "Download the sheet itself as CSV; a link often gives the sign-in page instead."
        raise Refused(Problem(FILE, "", f"This is a web page, not a CSV file. {advice}"))
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", "replace")
    elif raw.count(0) * 4 > len(raw):
        raise Refused(Problem(FILE, "", f"This is not a text file we can read. {_SAVE_AS}"))
    else:
        text = _utf8_or_windows(raw)
    return text.replace("\0", "").replace(_END, "")


def _utf8_or_windows(raw: bytes) -> str:
    """Decode by majority: one bad byte must not turn every other accent of a UTF-8 file into two wrong letters."""
    text = raw.decode("utf-8-sig", "replace")
    bad = text.count("\ufffd")
    accents = len(text) - len(text.encode("ascii", "ignore"))
    utf8 = accents >= 2 * bad or raw.startswith(codecs.BOM_UTF8)
    return text if utf8 else raw.decode("cp1252", "replace")


def _records(text: str) -> list[list[str]]:
    """Return the cells row by row as a spreadsheet counts: a quoted cell may hold line breaks, an empty row counts."""
    records: list[list[str]] = []
    try:
        records.extend(_parsed(*_delimited(text)))
    except csv.Error:
        records.append([])
    # An open quote swallows all that follows, also the mark put behind the last line.
    if not records or records.pop() != [_END]:
        raise Refused(Problem(FILE, "", _cut_off(len(records) + 1)))
    return records


def _cut_off(number: int) -> str:
    return (
        f'Row {number} cannot be read to its end, so nothing below it can be read; mostly a quotation mark (") '
        "in it never closes. Close it or delete it, then import again."
    )


def _filled(cells: Sequence[str]) -> bool:
    return any(cell.strip(" ,;\t\r\n") for cell in cells)


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(itertools.chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)


def _delimited(text: str) -> tuple[str, str]:
    """Return the text and its delimiter: what Excel's "sep=" line says, else what fits the header line best."""
    said = _SEPARATOR_LINE.match(text)
    if said:
        return text[said.end() :], said[1]

    def fit(delimiter: str) -> tuple[int, int]:
        header = next(cells for cells in _parsed(text, delimiter) if _filled(cells))
        return sum(map(bool, meanings(header))), len(header)

    return text, max(",;\t", key=fit)


# --- the header

# --- the rows

_YES = frozenset(("yes", "y", "si", "s", "x", "1", "true", "verdadero", "on", "✓", "✔", "✅", "☑"))
_NO = frozenset(("", "no", "n", "0", "false", "falso", "off", "-", "–"))
_MAIL_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"“”]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])?")
_LINE_BREAK, _DELIMITER = re.compile("[\r\n]"), re.compile("[,;\t]")
_NO_NAME = {
    "student": "The student's name is missing. Write it in this row, even if the row above has the same one.",
    "class": "The class is missing. Write its name, for example Maths; a row stands for one class.",
    "teacher": "The teacher's name is missing. Write it in this row, even if the row above has the same one.",
}


def _row(number: int, cells: list[str], columns: dict[str, int]) -> tuple[Row, list[Problem]]:
    """Return the row as far as it can be read, and its problems."""
    said = {column: clean(cells[at], 2_000) if at < len(cells) else "" for column, at in columns.items()}
    daily, language, mail = said.get("daily", ""), said.get("guardian_language", ""), said.get("teacher_contact", "")
    row = Row(
        number=number,
        student=said["student"],
        group=said.get("group", ""),
        course=said["class"],
        teacher=said["teacher"],
        teacher_contact=mail.lower(),
        guardian=said.get("guardian", ""),
        guardian_contact=said.get("guardian_contact", ""),
        guardian_language=_language(language) or "",
        daily=plain(daily) in _YES,
    )
    faults = [Problem(number, column, text) for column, text in _faults(said)]
    doubts = [Problem(number, column, text, warning=True) for column, text in _doubts(said)]
    return row, faults + doubts


def _faults(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, text in said.items():
        if not text and column in _NO_NAME:
            yield column, _NO_NAME[column]
        elif len(text) > LONGEST:
            yield column, f"{quoted(text)} has {len(text)} characters; at most {LONGEST} fit. Shorten it."
        elif text and column in _CHECKS and (fault := _CHECKS[column](text)):
            yield column, fault


def _not_mail(text: str) -> str:
    if _MAIL_ADDRESS.fullmatch(text):
        return ""
    return f"{quoted(text)} is not an e-mail address. Write one like name@school.org, or leave the cell empty."


def _not_language(text: str) -> str:
    if _language(text) is not None:
        return ""
    known = ", ".join(f"{names[0]} ({code})" for code, names in NAMES.items())
    return f"{quoted(text)} is not available as a language. Available are {known}; or leave the cell empty."


def _not_yes_or_no(text: str) -> str:
    if plain(text) in _YES | _NO:
        return ""
    return f"{quoted(text)} is neither yes nor no. Write yes to start the daily report, or leave the cell empty."


_CHECKS = {"teacher_contact": _not_mail, "guardian_language": _not_language, "daily": _not_yes_or_no}


def _language(text: str) -> str | None:
    """Return the code of a language given as name, code or locale (es-US), "" for none, None for an unknown one."""
    word = plain(text)
    named = (code for code, names in NAMES.items() if word in map(plain, names))
    code = next(named, re.split("[-_]", word)[0])
    return code if code in LANGUAGES or not word else None


def _doubts(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, text in said.items():
        if "\ufffd" in text:
            yield column, f"{quoted(text)} has a letter that could not be read (\ufffd). Type it again."
    about = next((column for column in ("guardian_contact", "guardian_language") if said.get(column)), "")
    if about and not said.get("guardian"):
        yield "guardian", f"There is a {about} but no guardian. Write the guardian's name, or nobody is invited."


def _surplus(number: int, cells: list[str], width: int) -> list[Problem]:
    if not _filled(cells[width:]):
        return []
    text = 'This row has more cells than the header. A name with a comma in it stands in quotes: "Ruiz, Ana".'
    return [Problem(number, "", text)]


def _swallowed(number: int, cells: list[str]) -> list[Problem]:
    """Doubt a cell with both a line break and a delimiter: an open quote that closes rows later makes them one."""
    found = next((cell for cell in cells if _LINE_BREAK.search(cell.strip()) and _DELIMITER.search(cell)), "")
    if not found:
        return []
    advice = 'If that is not one cell, a quotation mark (") before it is one too many.'
    return [Problem(number, "", f"{quoted(found)} is one cell on several lines. {advice}", warning=True)]


def _compared(rows: Iterable[Row]) -> tuple[list[Row], list[Problem]]:
    """Drop the second of two equal rows; of two languages of one guardian of one child keep the first."""
    first: dict[Row, int] = {}
    tongues: dict[tuple[str, str, str], Row] = {}
    kept, doubts = [], []
    for row in rows:
        earlier = first.setdefault(replace(row, number=0), row.number)
        if earlier != row.number:
            text = f"This row says the same as row {earlier} and counts once. Delete one of the two."
            doubts.append(Problem(row.number, "", text, warning=True))
            continue
        spoken = row
        if row.guardian and row.guardian_language:
            other = tongues.setdefault((row.student.casefold(), row.group.casefold(), row.guardian.casefold()), row)
            if other.guardian_language != row.guardian_language:
                doubts.append(_two_languages(row, other))
                spoken = replace(row, guardian_language=other.guardian_language)
        kept.append(spoken)
    return kept, doubts


def _two_languages(row: Row, other: Row) -> Problem:
    here, there = NAMES[row.guardian_language][0], NAMES[other.guardian_language][0]
    text = (
        f"{quoted(row.guardian)} has {here} here and {there} in row {other.number}. "
        f"{there} is used; write the same language in both rows."
    )
    return Problem(row.number, "guardian_language", text, warning=True)
