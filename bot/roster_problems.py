"""What is told about a spreadsheet: its problems, each with what to do, and how they quote the sheet."""

import unicodedata
from dataclasses import dataclass

from bot.texts import clean

FILE, HEADER = 0, 1
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and what to do; `row` counts as the spreadsheet does, 1 is the header, 0 the file."""

    row: int
    column: str
    text: str
    warning: bool = False


class Refused(Exception):
    """The file or its header cannot be used."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


def plain(text: str) -> str:
    """Fold case and drop accents, so that "Sí" is "si"."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text).casefold() if unicodedata.category(sign)[0] != "M"
    )


def quoted(text: str) -> str:
    short = clean(text, 40)
    return f"“{short}”" if short == clean(text, LONGEST) else f"“{short}…”"
