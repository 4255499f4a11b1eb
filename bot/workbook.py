"""Takes the roster's sheet out of an Excel workbook (.xlsx): bytes in, its filled rows and their numbers out (F48).

The reader (python-calamine) sees only parts that were unpacked and measured here: it trusts what a file says of itself,
and a far-off cell or a zip bomb would end the whole program.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, time
from typing import TYPE_CHECKING
from xml.parsers import expat

from bot.roster_header import REQUIRED, meanings
from bot.roster_problems import FILE, Problem, Refused, quoted

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Numbered = list[tuple[int, list[str]]]

ZIP, OLD = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = (
    "Open it in the spreadsheet program, choose “Save as”, then “Excel workbook (.xlsx)” or “CSV UTF-8”, and import "
    "that file."
)
LARGEST = 64 * 2**20  # bytes of a workbook's parts when unpacked; a roster of 10,000 rows has 6 MiB
MOST_CELLS = 2_000_000  # from A1 to the last row and column in use; the reader makes room for each
MOST_TEXT = 256 * 2**20  # characters, if every cell held the longest text, which the file holds only once
MOST_SHEETS = 30  # that are looked at


def records(raw: bytes) -> tuple[Numbered, list[Problem]]:
    """Return the filled rows of the first sheet with a header we know, and a doubt if it could be another one.

    The rows are numbered as the spreadsheet shows them, their cells are text. Raises `Refused`, nothing else.
    """
    if raw.startswith(OLD):
        raise _refused(_LOCKED if "EncryptedPackage".encode("utf-16-le") in raw else f"{_XLS} {SAVE_AS}")
    parts = _parts(raw)
    _measure(parts)
    try:
        # Loaded here alone, as most rosters are CSV and the package is an extra.
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise _refused(_NO_READER) from None
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts))) as book:
            return _chosen(book)
    except Exception:  # of many kinds; all say that the file is not what Excel writes
        raise _refused(f"{_DAMAGED} {SAVE_AS}") from None


_LOCKED = (
    "This workbook is locked with a password. Open it, take the password off (in Excel: File, Info, Protect Workbook), "
    "save it and import it then."
)
_XLS = "This is an old Excel workbook (.xls)."
_NO_READER = (
    "This is a workbook: do pip install '.[xlsx]' in the copy of Twoticks, or save it as “CSV UTF-8” and import that."
)
_DAMAGED = "This workbook is damaged, or was cut off on its way."
_BOMB = (
    f"This workbook is larger than {LARGEST // 2**20} MB when unpacked. Copy the list alone into a new workbook and "
    "import that."
)
_FAR = (
    "A sheet of this workbook has something far below or far to the right of its list. Copy the list alone into a new "
    "workbook and import that."
)
_LONG = (
    "A cell of this workbook holds a very long text. Shorten it, or copy the list alone into a new workbook, and "
    "import that."
)
_OTHERS = {
    "xl/workbook.bin": f"This is a binary Excel workbook (.xlsb). {SAVE_AS}",
    "content.xml": f"This is an OpenDocument file (.ods). {SAVE_AS}",
    "word/document.xml": "This is a Word document. Copy its table into a sheet, save that as .xlsx and import it.",
    "Index/Document.iwa": "This is a Numbers file. In Numbers choose “Export To”, then “Excel”, and import that file.",
}
_NO_SHEET = "This is a zip file without a sheet that can be read. Unpack it and import the .xlsx or CSV file in it."


def _refused(text: str) -> Refused:
    return Refused(Problem(FILE, "", text))


# --- unpacked and measured


def _parts(raw: bytes) -> dict[str, bytes]:
    """Unpack what the reader needs; pictures and the like stay packed and do not count."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            if other := next((text for name, text in _OTHERS.items() if name in names), ""):
                raise _refused(other)
            if not any(map(_is_of_excel, names)):
                raise _refused(_NO_SHEET)
            return _unpacked(packed, [member for member in members if _is_needed(member.filename)])
    except Refused:
        raise
    except Exception:  # zipfile, zlib and struct each have their own
        raise _refused(f"{_DAMAGED} {SAVE_AS}") from None


def _is_of_excel(name: str) -> bool:
    return name.startswith("xl/")


def _is_needed(name: str) -> bool:
    return name == "_rels/.rels" or (_is_of_excel(name) and name.lower().endswith((".xml", ".rels")))


def _unpacked(packed: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = LARGEST
    for member in members:
        if member.flag_bits & 1:
            raise _refused(_LOCKED)
        # Excel knows no other ways to pack, and zipfile unpacks the others without a limit.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(f"{_DAMAGED} {SAVE_AS}")
        with packed.open(member) as part:
            parts[member.filename] = part.read(left + 1)
        left -= len(parts[member.filename])
        if left < 0:
            raise _refused(_BOMB)
    return parts


def _packed(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return whole.getvalue()


def _measure(parts: dict[str, bytes]) -> None:
    measured = [_Measured(part) for part in parts.values()]
    if any(part.rows * part.columns > MOST_CELLS for part in measured):
        raise _refused(_FAR)
    if sum(part.used for part in measured) * max((part.longest for part in measured), default=0) > MOST_TEXT:
        raise _refused(_LONG)


_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class _Measured:
    """What a part makes the reader do: the area from A1 on, the cells in use, its longest text shared by cells."""

    def __init__(self, part: bytes) -> None:
        self.row = self.column = self.rows = self.columns = self.used = self.size = self.longest = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begins
        try:
            self.parser.Parse(part, True)
        except (expat.ExpatError, ValueError):
            raise _refused(f"{_DAMAGED} {SAVE_AS}") from None

    def _begins(self, tag: str, said: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self.row, self.column = int(said.get("r", self.row + 1)), 0
            case "c":
                self.row, self.column = _place(said["r"]) if "r" in said else (self.row, self.column + 1)
            case "v" | "is" | "f":  # a cell that is merely coloured is not in use
                self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
                self.used += 1
            case "si":
                self.size = 0
                self.parser.CharacterDataHandler = self._says

    def _says(self, text: str) -> None:
        self.size += len(text)
        self.longest = max(self.longest, self.size)


def _place(said: str) -> tuple[int, int]:
    """Return row and column of a cell such as AB12, both counted from 1."""
    found = _PLACE.fullmatch(said)
    if not found:
        raise ValueError(said)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


# --- from sheets to cells


def _chosen(book: "CalamineWorkbook") -> tuple[Numbered, list[Problem]]:
    headers = _headers(book)
    if not headers:
        return [], []
    # max keeps the first of equals.
    name = max(headers, key=lambda name: sum(column in meanings(headers[name]) for column in REQUIRED))
    numbered = [(number, cells) for number, cells in enumerate(_rows(book.get_sheet_by_name(name)), 1) if any(cells)]
    return numbered, _doubts(name, [other for other in headers if other != name])


def _headers(book: "CalamineWorkbook") -> dict[str, list[str]]:
    """Return the first filled row of every sheet that is seen and has one, by the sheet's name."""
    from python_calamine import SheetVisibleEnum

    seen = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    found = {}
    for name in seen[:MOST_SHEETS]:
        header = next((row for row in book.get_sheet_by_name(name).iter_rows() if any(map(_text, row))), None)
        if header is not None:
            found[name] = list(map(_text, header))
    return found


def _doubts(name: str, others: Sequence[str]) -> list[Problem]:
    if not others:
        return []
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    text = (
        f"The sheet {quoted(name)} is read; {', '.join(map(quoted, others[:3]))}{more} is not. "
        "To import another one, save it as a workbook of its own."
    )
    return [Problem(FILE, "", text, warning=True)]


def _rows(sheet: "CalamineSheet") -> list[list[str]]:
    return [list(map(_text, row)) for row in sheet.to_python(skip_empty_area=False)]


def _text(value: object) -> str:
    """Return a cell as it is read in a CSV file: 7 for 7.0, yes for a ticked box, 2026-09-14 for a date."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    return value.isoformat() if isinstance(value, date | time) else str(value)
