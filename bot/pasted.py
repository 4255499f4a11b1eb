"""Reads a list of names that a teacher pastes into the chat: one child a line, however the list was made (F48)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.roster_problems import plain
from bot.texts import clean

MOST = 40  # children of one message; a class has 20-30
LONGEST = 80  # characters of a name
_WIDE = 400  # characters of a cell that are looked at


@dataclass(frozen=True, slots=True)
class Remark:
    """What is told about a line, counted from 1: `key` names the sentence, `said` is the name or line it is about.

    A warning goes with a name that was taken; otherwise the line was not understood and gave none.
    """

    line: int
    key: str
    said: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Pasted:
    """The children as (name, group) in their order, group "" if none was given, and the remarks by line."""

    children: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One child's piece of the text; the name is "" where none was found, and may still be "Romero, Ana".

    `said` is the piece without numbers and addresses, as remarks on it may be stored.
    """

    line: int
    said: str
    name: str
    group: str
    remarks: tuple[str, ...]


def names(text: str) -> Pasted:
    """Read the pasted names; never raises. Every line's name is kept, or what is wrong with it is told."""
    entries = [_entry(line, said) for line, said in _pieces(text)]
    family_first = all(_has_two_parts(entry.name) for entry in entries if entry.name)
    children: dict[tuple[str, str], tuple[str, str]] = {}
    remarks: list[Remark] = []
    for entry in entries:
        name = _turned(entry.name) if family_first else entry.name
        if refusal := _refusal(name):
            remarks.append(Remark(entry.line, refusal, entry.said))
            continue
        child = (plain(name), plain(entry.group))
        if child not in children and len(children) == MOST:
            remarks.append(Remark(entry.line, "pasted-many", name))
            break
        told = [*entry.remarks, *_doubts(name, child in children, family_first and len(entries) == 1)]
        remarks += [Remark(entry.line, key, name, warning=True) for key in told]
        children.setdefault(child, (name, entry.group))
    return Pasted(tuple(children.values()), tuple(remarks))


def _refusal(name: str) -> str:
    if not any(map(str.isalpha, name)) or plain(name) in _TITLES or _CLASS.fullmatch(name):
        return "pasted-nothing"
    if len(name) > LONGEST:
        return "pasted-long"
    return "pasted-comma" if "," in name else ""


def _doubts(name: str, twice: bool, turned_alone: bool) -> Iterator[str]:
    if twice:
        yield "pasted-twice"
    elif " " not in name:
        yield "pasted-one-word"
    if turned_alone:
        yield "pasted-turned"


# --- from text to pieces


def _pieces(text: str) -> list[tuple[int, str]]:
    """Return what stands for one child each: a line, or a part of the only line."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) != 1:
        return lines
    [(number, line)] = lines
    return [(number, part) for part in _parts(line) if part.strip()]


def _parts(line: str) -> list[str]:
    parts = line.split(";")
    if len(parts) > 1 and all(_has_two_parts(part) for part in parts if part.strip()):
        return parts
    parts = re.split("[,;]", line)
    # "Romero, Ana" is one child, "Ana Romero, Ben Cole" are two.
    alone = line.count(",") == 1 == len(parts) - 1 and not all(" " in part.strip() for part in parts)
    return [line] if alone else parts


# --- from a piece to a name

_NUMBER = r"[1-9]\d?(?:st|nd|rd|th|[º°ª])?"
_CLASS_TEXT = (
    rf"(?:{_NUMBER}[ .\-/]?[A-Z]|[A-Z]-?[1-9]\d?|{_NUMBER} (?:grade|grado|curso)|"
    rf"(?:grade|year|class|room|group|grado|curso|clase|grupo|aula) {_NUMBER}[ \-]?[A-Z]?)"
)
_CLASS = re.compile(_CLASS_TEXT, re.IGNORECASE)
_WITH_CLASS = re.compile(
    rf"(.+?)\s*(?:\(\s*({_CLASS_TEXT})\s*\)|\[\s*({_CLASS_TEXT})\s*\]|[\s,–—-]\s*({_CLASS_TEXT}))", re.IGNORECASE
)
_MARK = re.compile(r"(?:\s*(?:[-–—•·*▪◦‣●○☐✓✔]+|\(?\d{1,3}[.):]+|\d{1,3}(?:\s+-|(?=\s+[^\W\d])))\s*)+")
# An e-mail address or account, a chat app's link around one; five digits or more: a phone, a child's number, a birth
# date.
_CONTACT = re.compile(r"<(?:mailto|tel):[^>]*>|\S*@\S*|\+?\(?\d(?:[\s().\-/]{0,3}\d){4,}")
_EMPTY = re.compile(r"[(\[<]\s*[)\]>]")
_TITLES = frozenset(
    ("name", "names", "nombre", "nombres", "student", "students", "pupil", "pupils", "alumno", "alumnos")
)


def _entry(line: int, said: str) -> _Entry:
    cells = [clean(cell, _WIDE) for cell in said.split("\t")]
    bare = [_CONTACT.sub(" ", cell) for cell in cells]
    kept = clean(" ".join(bare), LONGEST)
    filled = [cell for cell in map(_trimmed, bare) if any(map(str.isalpha, cell))]
    if not filled or said.rstrip().endswith(":"):  # a heading
        return _Entry(line, kept, "", "", ())
    first, *others = filled
    name, group = _with_class(first)
    group = group or next(filter(_CLASS.fullmatch, others), "")
    told = [("pasted-contact", bare != cells), ("pasted-beside", any(other != group for other in others))]
    return _Entry(line, kept, name, group, tuple(key for key, holds in told if holds))


def _trimmed(cell: str) -> str:
    """Drop the bullet or number before a name, and what a dropped address leaves behind it."""
    text = _EMPTY.sub(" ", cell.replace(";", ","))
    mark = None if _CLASS.fullmatch(text) else _MARK.match(text)
    return clean(text[mark.end() if mark else 0 :].strip(" ,:|<>*_-–—"), _WIDE)


def _with_class(text: str) -> tuple[str, str]:
    """Split "Ana Romero (7B)", "Ana Romero, 7B" and "Ana Romero 7B"."""
    found = _WITH_CLASS.fullmatch(text)
    return (found[1].rstrip(" ,-–—"), found[2] or found[3] or found[4]) if found else (text, "")


def _has_two_parts(name: str) -> bool:
    return len([part for part in name.split(",") if part.strip()]) == 2 and name.count(",") == 1


def _turned(name: str) -> str:
    family, _, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip()
