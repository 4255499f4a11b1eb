"""The reader of the simple spreadsheet: bytes of a CSV file or workbook in, good rows and problems out (F48)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.csvfile import is_filled, rows_of, text_of
from bot.languages import LANGUAGES, NAMES
from bot.roster_days import meeting_days
from bot.roster_header import COLUMNS, REQUIRED, columns_of, meanings
from bot.roster_problems import FILE, HEADER, LONGEST, Problem, Refused, plain, quoted
from bot.texts import clean
from bot.workbook import OLD, ZIP, records

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
    meets: str = ""  # when the class meets: "" each school day, "mon,wed,fri", or days of a cycle "A", "1,3"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows without a fault, and every problem of the sheet by row; a fault of header or file leaves no rows."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(raw: bytes) -> Sheet:
    """Read a simple spreadsheet; never raises, whatever the bytes are."""
    try:
        if raw.startswith((*ZIP, OLD)):
            return _sheet(*records(raw))
        return _sheet(enumerate(rows_of(text_of(raw), ",;\t", _fit), 1))
    except Refused as refused:
        return Sheet((), refused.problems)


def _fit(header: Sequence[str]) -> tuple[int, int]:
    return sum(map(bool, meanings(header))), len(header)


def _sheet(numbered: Iterable[tuple[int, list[str]]], about: Iterable[Problem] = ()) -> Sheet:
    filled = [(number, cells) for number, cells in numbered if is_filled(cells)]
    if not filled:
        raise Refused(Problem(FILE, "", "The file is empty. Fill in the sheet and save it again."))
    (_, header), *body = filled
    try:
        columns, problems = columns_of(header, body)
    except Refused as refused:
        raise Refused(*about, *refused.problems) from None
    problems += about
    rows = []
    for number, cells in body:
        row, found = _row(number, cells, columns)
        found += _surplus(number, cells, len(header)) + _swallowed(number, cells)
        problems += found
        if all(problem.warning for problem in found):
            rows.append(row)
    kept, doubts = _compared(rows)
    return Sheet(tuple(kept), tuple(sorted(problems + doubts, key=lambda problem: problem.row)))


# --- the rows

_YES = frozenset(("yes", "y", "si", "s", "x", "1", "true", "verdadero", "on", "✓", "✔", "✅", "☑"))
_NO = frozenset(("", "no", "n", "0", "false", "falso", "off", "-", "–"))
_MAIL_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"“”]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])?")
_MOST = 2_000  # characters of a cell that are looked at
_LINE_BREAK, _DELIMITER = re.compile("[\r\n]"), re.compile("[,;\t]")
_NO_NAME = {
    "student": "The student's name is missing. Write it in this row, even if the row above has the same one.",
    "class": "The class is missing. Write its name, for example Maths; a row stands for one class.",
    "teacher": "The teacher's name is missing. Write it in this row, even if the row above has the same one.",
}


def _row(number: int, cells: list[str], columns: dict[str, int]) -> tuple[Row, list[Problem]]:
    """Return the row as far as it can be read, and its problems."""
    said = {column: clean(cells[at], _MOST) if at < len(cells) else "" for column, at in columns.items()}
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
        guardian_language=language_of(language) or "",
        daily=plain(daily) in _YES,
        meets=meeting_days(said.get("days", "")) or "",
    )
    faults = [Problem(number, column, text) for column, text in _faults(said)]
    doubts = [Problem(number, column, text, warning=True) for column, text in _doubts(said)]
    return row, faults + doubts


def _faults(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, text in said.items():
        if not text and column in _NO_NAME:
            yield column, _NO_NAME[column]
        elif len(text) > LONGEST:
            many = f"{len(text)}" if len(text) < _MOST else f"{_MOST} or more"
            yield column, f"{quoted(text)} has {many} characters; at most {LONGEST} fit. Shorten it."
        elif text and column in _CHECKS and (fault := _CHECKS[column](text)):
            yield column, fault


def is_mail_address(text: str) -> bool:
    """Tell whether this looks like name@school.org; whether mail arrives there is another matter."""
    return bool(_MAIL_ADDRESS.fullmatch(text))


def _not_mail(text: str) -> str:
    if is_mail_address(text):
        return ""
    return f"{quoted(text)} is not an e-mail address. Write one like name@school.org, or leave the cell empty."


def _not_language(text: str) -> str:
    if language_of(text) is not None:
        return ""
    known = ", ".join(f"{names[0]} ({code})" for code, names in NAMES.items())
    return f"{quoted(text)} is not available as a language. Available are {known}; or leave the cell empty."


def _not_yes_or_no(text: str) -> str:
    if plain(text) in _YES | _NO:
        return ""
    return f"{quoted(text)} is neither yes nor no. Write yes to start the daily report, or leave the cell empty."


def _not_days(text: str) -> str:
    if meeting_days(text) is not None:
        return ""
    return (
        f"{quoted(text)} does not say when the class meets. Write weekdays (Mon, Wed, Fri) or days of the cycle "
        "(A, C or 1, 3); or leave the cell empty for every day."
    )


_CHECKS = {
    "teacher_contact": _not_mail,
    "guardian_language": _not_language,
    "daily": _not_yes_or_no,
    "days": _not_days,
}


def language_of(text: str) -> str | None:
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
    if not is_filled(cells[width:]):
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
    """Drop the second of two equal rows; where rows of one child disagree, keep what the first one says."""
    first: dict[Row, int] = {}
    tongues: dict[_Key, Row] = {}
    classes: dict[_Key, Row] = {}
    kept, doubts = [], []
    for row in rows:
        earlier = first.setdefault(replace(row, number=0), row.number)
        if earlier != row.number:
            text = f"This row says the same as row {earlier} and counts once. Delete one of the two."
            doubts.append(Problem(row.number, "", text, warning=True))
            continue
        agreed = row
        speaks = tongues.setdefault(_key(row, row.guardian), row) if row.guardian and row.guardian_language else row
        if speaks.guardian_language != row.guardian_language:
            doubts.append(_two_languages(row, speaks))
            agreed = replace(agreed, guardian_language=speaks.guardian_language)
        meets = classes.setdefault(_key(row, row.course), row)
        if meets.meets != row.meets:
            doubts.append(_two_times(row, meets))
            agreed = replace(agreed, meets=meets.meets)
        kept.append(agreed)
    return kept, doubts


_Key = tuple[str, str, str]


def _key(row: Row, about: str) -> _Key:
    return row.student.casefold(), row.group.casefold(), about.casefold()


def _two_languages(row: Row, other: Row) -> Problem:
    here, there = NAMES[row.guardian_language][0], NAMES[other.guardian_language][0]
    text = (
        f"{quoted(row.guardian)} has {here} here and {there} in row {other.number}. "
        f"{there} is used; write the same language in both rows."
    )
    return Problem(row.number, "guardian_language", text, warning=True)


def _two_times(row: Row, other: Row) -> Problem:
    here, there = (one.meets.replace(",", ", ").title() or "Every day" for one in (row, other))
    text = (
        f"{quoted(row.course)} of {quoted(row.student)} has “{here}” here and “{there}” in row {other.number}. "
        f"“{there}” is used; write the same days in both rows."
    )
    return Problem(row.number, "days", text, warning=True)
