"""Reads a CSV file, whatever program wrote it: bytes in, text, delimiter and rows of cells out (F48)."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from bot.roster_problems import FILE, Problem, Refused
from bot.workbook import SAVE_AS

Fit = Callable[[list[str]], tuple[int, ...]]  # the cells of a header line → how well they fit; more is better
END = "\x1a"  # stands in a row of its own behind the last line

_PDF = f"This is a PDF. Take the sheet it was made from. {SAVE_AS}"
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|\?xml|!--)", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r'\s*"?sep=([,;\t])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)


def is_web_page(raw: bytes) -> bool:
    """Tell whether the bytes are a web page, whatever the file's name says."""
    return bool(_WEB_PAGE.match(raw.removeprefix(codecs.BOM_UTF8)))


def text_of(raw: bytes) -> str:
    """Return the file's text, whichever way its letters are coded; raise `Refused` for what is no text file."""
    if raw.startswith(b"%PDF"):
        raise Refused(Problem(FILE, "", _PDF))
    if is_web_page(raw):
        advice = "Download the sheet itself, as .xlsx or CSV; a link often gives the sign-in page instead."
        raise Refused(Problem(FILE, "", f"This is a web page, whatever its name says. {advice}"))
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", "replace")
    elif raw.count(0) * 4 > len(raw):
        raise Refused(Problem(FILE, "", f"This is not a text file we can read. {SAVE_AS}"))
    else:
        text = _utf8_or_windows(raw)
    return text.replace("\0", "").replace(END, "")


def _utf8_or_windows(raw: bytes) -> str:
    """Decode by majority: one bad byte must not turn every other accent of a UTF-8 file into two wrong letters."""
    text = raw.decode("utf-8-sig", "replace")
    bad = text.count("\ufffd")
    accents = len(text) - len(text.encode("ascii", "ignore"))
    utf8 = accents >= 2 * bad or raw.startswith(codecs.BOM_UTF8)
    return text if utf8 else raw.decode("cp1252", "replace")


def rows_of(text: str, delimiters: str, fit: Fit) -> list[list[str]]:
    """Return the cells row by row as a spreadsheet counts, empty rows too; raise `Refused` for a quote never closed."""
    rows: list[list[str]] = []
    try:
        rows.extend(parsed(*delimited(text, delimiters, fit)))
    except csv.Error:
        rows.append([])
    # An open quote swallows all that follows, also the mark put behind the last line.
    if not rows or rows.pop() != [END]:
        raise Refused(Problem(FILE, "", cut_off(len(rows) + 1)))
    return rows


def delimited(text: str, delimiters: str, fit: Fit) -> tuple[str, str]:
    """Return the text and its delimiter: what Excel's "sep=" line says, else the one whose header line fits best."""
    said = _SEPARATOR_LINE.match(text)
    if said:
        return text[said.end() :], said[1]

    def fits(delimiter: str) -> tuple[int, ...]:
        return fit(next(cells for cells in parsed(text, delimiter) if is_filled(cells)))

    return text, max(delimiters, key=fits)


def cut_off(number: int) -> str:
    """Say that the file ends for us in this row, and what to do."""
    return (
        f'Row {number} cannot be read to its end, so nothing below it can be read; mostly a quotation mark (") '
        "in it never closes. Close it or delete it, then import again."
    )


def is_filled(cells: Sequence[str]) -> bool:
    """Tell whether the row says anything at all."""
    return any(cell.strip(" ,;\t\r\n") for cell in cells)


def parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the cells row by row, at last a row with `END` alone; an open quote swallows it, or raises `csv.Error`."""
    return csv.reader(itertools.chain(io.StringIO(text, newline=""), [END]), delimiter=delimiter)
