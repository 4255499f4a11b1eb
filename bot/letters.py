"""Letters to families and teachers: a page each, with the person's own code to join by, in their language (F17)."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import Any, Literal

from babel import Locale
from babel.core import get_global

from bot import words
from bot.bundle import Bundle
from bot.codes import LASTS, grouped
from bot.model import Invitation
from bot.schooldays import local_day

Paper = Literal["us-letter", "a4"]
TEMPLATE = Path(__file__).with_name("letter.typ")
PARTS = ("typst", "segno", "fontpkg_noto_sans")  # the extra
# The countries that write on it, as Unicode's CLDR has them.
US_LETTER = frozenset(("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"))
LONGEST = 80  # signs of a name that are printed; more than any name that is one


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is handed: `children` as A. R., 7B, Ms Okafor; `until` in the school's zone.

    `link` opens Telegram at `bot`, the bot's name; both are None without Telegram. `slack`: whether there is Slack.
    """

    school: str
    person: str
    role: str
    language: str
    code: str
    until: datetime
    children: tuple[str, ...] = ()
    link: str | None = None
    bot: str | None = None
    slack: bool = False


def letter(b: Bundle, invitation: Invitation, code: str) -> Letter:
    """The letter of one invitation that was just made; the bundle knows the person and the children around."""
    return Letter(
        b.school.name,
        b.people[invitation.person].name,
        invitation.role,
        b.language(invitation.person),
        code,
        invitation.expires.astimezone(b.school.zone),
        tuple(b.disguised(child) for child in _children(b, invitation)),
    )


def _children(b: Bundle, invitation: Invitation) -> Sequence[int]:
    own = [invitation.student] if invitation.student in b.students else []
    if invitation.role == "guardian":
        today = local_day(invitation.expires - LASTS, b.school.zone)
        return b.children(invitation.person, today) or own
    return own if invitation.role != "teacher" else []


def paper_of(zone: str) -> Paper:
    """The paper that lies in a school's printer, told by the country of its time zone (America/New_York)."""
    name = get_global("zone_aliases").get(zone, zone)
    return "us-letter" if get_global("zone_territories").get(name) in US_LETTER else "a4"


# --- what a page says ------------------------------------------------------------------------------------------------


def qr_text(one: Letter) -> str:
    """What the QR code holds: the Telegram link, or "" for no QR code."""
    return one.link or ""


def right_to_left(locale: str) -> bool:
    return bool(Locale.parse(locale).text_direction == "rtl")


ABOUT_IT = {
    "guardian": ("letter-guardian", "letter-confirms", "letter-stop"),
    "teacher": ("letter-teacher", "letter-one-tap", "letter-stop"),
}
FOR_OTHERS = ("letter-others", "letter-help", "letter-stop")


def page(one: Letter) -> dict[str, Any]:
    """Every text of a page, as the template prints it."""
    language = one.language if one.language in words.LANGUAGES else "en"
    typed = f"join {grouped(one.code)}"
    date, time = words.long_date(language, one.until.date()), words.clock(language, one.until)
    return {
        "lang": language,
        "rtl": right_to_left(words.LANGUAGES[language]),
        "school": _short(one.school),
        "dear": words.say(language, "letter-dear", name=_short(one.person)),
        "paragraphs": [words.say(language, "letter-together"), _about_it(one.role, language)],
        "about": words.say(language, "letter-about"),
        "children": [_short(child) for child in one.children],
        "qr": _qr(qr_text(one)),
        "scan": words.say(language, "letter-scan"),
        "code-label": words.say(language, "letter-code"),
        "code": grouped(one.code),
        "typed": typed,
        "otherwise": words.say(language, "letter-or"),
        "ways": _ways(one, language, typed),
        "until": words.say(language, "letter-until", date=date, time=time),
        "questions": words.say(language, "letter-questions"),
        "once": words.say(language, "letter-once"),
    }


def _about_it(role: str, language: str) -> str:
    return " ".join(words.say(language, key) for key in ABOUT_IT.get(role, FOR_OTHERS))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _ways(one: Letter, language: str, typed: str) -> list[str]:
    ways = [words.say(language, "letter-telegram", typed=typed, bot=f"@{one.bot}")] if one.bot else []
    if one.slack:
        ways.append(words.say(language, "letter-slack", typed=typed))
    return ways or [words.say(language, "letter-somewhere", typed=typed)]


def _qr(text: str) -> str:
    if not text:
        return ""
    import segno  # an extra

    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=0, omitsize=True, xmldecl=False)
    return drawn.getvalue().decode()


# --- the document ----------------------------------------------------------------------------------------------------


def missing() -> str:
    """What to do where the extra is not installed, or ""."""
    try:
        for part in PARTS:
            import_module(part)
    except ImportError:
        return "Letters need one more part: pip install '.[letters]' in the copy of Twoticks. Nothing was changed."
    return ""


def letters(made: Sequence[Letter], paper: Paper = "us-letter") -> bytes:
    """One PDF with a page for each letter."""
    return typeset([page(one) for one in made], paper)


def typeset(pages: Sequence[Mapping[str, Any]], paper: Paper) -> bytes:
    """Sets all pages in one go, as typst bears no second thread; in one font, so that every machine sets them alike."""
    import typst  # an extra that unpacks to 80 MB, as is the font

    fonts = typst.Fonts(False, False, [import_module("fontpkg_noto_sans").ROOT / "files"])
    run = json.dumps({"paper": paper, "letters": list(pages)})
    return typst.compile(TEMPLATE.read_bytes(), format="pdf", font_paths=fonts, sys_inputs={"run": run})


# --- the file --------------------------------------------------------------------------------------------------------


def unwritable(file: Path) -> str:
    """Why the letters cannot be written there and what to do, or ""."""
    try:
        if file.exists() and not (file.is_file() and os.access(file, os.W_OK)):
            return f"{file} cannot be replaced. Give another FILE.pdf. Nothing was changed."
        with TemporaryFile(dir=file.parent):
            return ""
    except OSError as problem:
        return f"{file}: {problem.strerror}. Give a FILE.pdf in a folder that can be written. Nothing was changed."


def put(file: Path, pdf: bytes) -> None:
    """Writes the letters whole or not at all; readable by the owner alone, as they hold codes. Raises OSError."""
    descriptor, draft = mkstemp(dir=file.parent, prefix=".letters-")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(pdf)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
