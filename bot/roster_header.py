"""Reads the header of the simple spreadsheet: which column means what, in English or Spanish, however written."""

import difflib
import re
from collections.abc import Sequence

from bot.roster_problems import FILE, HEADER, LONGEST, Problem, Refused, plain, quoted
from bot.texts import clean

REQUIRED = ("student", "class", "teacher")
COLUMNS = (*REQUIRED, "teacher_contact", "guardian", "guardian_contact", "guardian_language", "daily", "group", "days")

_NOUNS = {
    "student": r"(?:student|pupil|child(?:ren)?|learner|alumn(?:oa?|a)|estudiante|nin[oa])s?",
    "teacher": r"(?:teacher|profesora?|docente|maestr(?:oa?|a))(?:e?s)?",
    "guardian": (
        r"(?:guardian|parent|parents?(?:or)?guardian|mother|father|carer|caregiver|family(?!name)|familia|familiar|tutora?"
        r"(?:legal)?|padre(?:[oy]?madre)?|madre(?:[oy]?padre)?|apoderad[oa]|acudiente|representante)(?:e?s)?"
    ),
}
_OF = r"(?:ofthe|of|dela|del|de)?"
_NAME = r"(?:(?:full)?name|nombre(?:completo|s?y?apellidos?)?)"
_MAIL = r"(?:contact|contacto|e?mail(?:address)?|(?:direcciondecorreo|correo)(?:electronico)?)"
_CONTACT = rf"(?:{_MAIL}|(?:tele)?phone(?:number)?|telefono|mobile|movil|celular)"
_TONGUE = r"(?:language|idioma|lengua)"


def _about(noun: str, what: str) -> str:
    return rf"{noun}s?{what}|{what}{_OF}{noun}"


_HEADERS = {
    **{column: re.compile(rf"(?:{noun}|{_about(noun, _NAME)})") for column, noun in _NOUNS.items()},
    "class": re.compile(rf"(?:{_NAME}{_OF})?(?:class|subject|course|asignatura|materia)(?:{_NAME})?"),
    "teacher_contact": re.compile(_about(_NOUNS["teacher"], _MAIL)),
    "guardian_contact": re.compile(_about(_NOUNS["guardian"], _CONTACT)),
    "guardian_language": re.compile(rf"(?:home|preferred)?{_TONGUE}|{_about(_NOUNS['guardian'], _TONGUE)}"),
    "daily": re.compile(r"daily(?:report(?:card)?)?|(?:(?:informe|reporte|seguimiento|parte)s?)?diari[oa]"),
    "group": re.compile(r"(?:class)?group|grupo|homeroom|section|seccion"),
    "days": re.compile(
        r"(?:class|meeting|cycle|rotation|week)?days?(?:(?:of|in)?(?:the)?(?:week|cycle))?|meets(?:on)?|cycle|rotation|"
        r"(?:abc?)?days?(?:abc?)?|dias?(?:(?:dela|de|del)?(?:semana|clases?|ciclo))?|ciclo"
    ),
}
# In one country "curso" is the subject, in the next the group 7B; so, more rarely, is "clase".
_EITHER = ("curso", "clase")
_NEAR = {
    **{column.replace("_", ""): column for column in COLUMNS},
    **dict.fromkeys(("pupil", "child", "alumno", "alumna", "estudiante"), "student"),
    **dict.fromkeys(("subject", "course", "clase", "asignatura", "materia"), "class"),
    **dict.fromkeys(("profesor", "profesora", "docente", "maestro", "maestra"), "teacher"),
    **dict.fromkeys(("teacheremail", "correodelprofesor", "email", "correo"), "teacher_contact"),
    **dict.fromkeys(("parent", "tutor", "padre", "madre", "familiar"), "guardian"),
    **dict.fromkeys(("parentemail", "parentphone", "phone", "telephone", "telefono"), "guardian_contact"),
    **dict.fromkeys(("language", "idioma"), "guardian_language"),
    **dict.fromkeys(("dailyreport", "diario", "informediario"), "daily"),
    **dict.fromkeys(("grupo", "homeroom", "section"), "group"),
    **dict.fromkeys(("meets", "weekdays", "cycleday", "daysofweek", "dias", "diasdeclase", "ciclo"), "days"),
}


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, plain(clean(text, LONGEST))))


def meanings(header: Sequence[str]) -> list[str]:
    """Return for each header cell the column it means, "" for none, or "curso"/"clase" where that stays open."""
    words = [_folded(cell) for cell in header]
    meant = [_meaning(word) for word in words]
    free = [column for column in ("class", "group") if column not in meant]
    settled = _settled([word for word in words if word in _EITHER], free)
    return [settled.get(word, column) for word, column in zip(words, meant, strict=True)]


def _settled(either: list[str], free: list[str]) -> dict[str, str]:
    """Take "curso" or "clase" for what no other column is; alone, "clase" is the class and "curso" is asked about."""
    if not free:
        return dict.fromkeys(either, "")
    if len(either) == 1 and (len(free) == 1 or either == ["clase"]):
        return {either[0]: free[0]}
    return {word: word for word in either}


def _meaning(word: str) -> str:
    return next((column for column, pattern in _HEADERS.items() if pattern.fullmatch(word)), "")


def columns_of(header: list[str], body: list[tuple[int, list[str]]]) -> tuple[dict[str, int], list[Problem]]:
    """Return where each known column stands, and the header's warnings; raise `Refused` if a fault is among them."""
    used = {at for _, cells in body for at, cell in enumerate(cells) if cell.strip()}
    places: dict[str, int] = {}
    problems = []
    # Columns with content go first: an empty second "guardian" is no trouble.
    for at, column in sorted(enumerate(meanings(header)), key=lambda place: place[0] not in used):
        if column and column not in places:
            places[column] = at
        elif at in used:
            problems.append(_twice(column, header, places[column], at) if column else _unread(header[at], at))
    problems += _gaps(places)
    if not body:
        problems.append(Problem(FILE, "", "There is a header but no row below it. Add the students and save again."))
    if any(not problem.warning for problem in problems):
        raise Refused(*problems)
    return places, problems


def _gaps(places: dict[str, int]) -> list[Problem]:
    if not places:
        return [Problem(HEADER, "", f"The first row does not name the columns. Make it: {', '.join(COLUMNS)}.")]
    unclear = [word for word in _EITHER if word in places]
    if unclear:
        both = f"The column “{unclear[0]}” may be the class (Maths) or the group (7B)."
        return [Problem(HEADER, unclear[0], f"{both} Rename it to “asignatura” or “grupo”.")]
    text = "The column “{0}” is missing. Add a column with the header “{0}”; it is needed in every row."
    return [Problem(HEADER, column, text.format(column)) for column in REQUIRED if column not in places]


def _twice(column: str, header: list[str], first: int, second: int) -> Problem:
    text = (
        f"The columns {_title(header[first], first)} and {_title(header[second], second)} both mean “{column}”. "
        f"Keep one of them. {_ONE_EACH.get(column, '')}"
    )
    return Problem(HEADER, column, text.rstrip())


_ONE_EACH = {
    "guardian": "A second guardian gets a row of their own, with the same student and class.",
    "class": "If one of them is the group, such as 7B, name it “group”.",
}


def _unread(cell: str, at: int) -> Problem:
    near = difflib.get_close_matches(_folded(cell), _NEAR, n=1, cutoff=0.7)
    if near:
        advice = f"If it is meant to be “{_NEAR[near[0]]}”, give it that name."
    else:
        advice = f"The columns that are read are {', '.join(COLUMNS)}."
    return Problem(HEADER, clean(cell, LONGEST), f"The column {_title(cell, at)} is not read. {advice}", warning=True)


def _title(cell: str, at: int) -> str:
    return quoted(cell) if clean(cell, LONGEST) else f"{_letters(at)} without a name"


def _letters(at: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: A … Z, AA …"""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
