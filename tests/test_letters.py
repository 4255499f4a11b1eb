"""Letters on paper: what stands on each page, that names stay names, and what `invite --letters` does to the files."""

import re
import shutil
import sqlite3
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.codes import grouped, hashed
from bot.commands import Command, understood
from bot.letters import Letter, letters, page, paper_of, put, qr_text, right_to_left, typeset
from tests.live import live
from tests.test_cli import ROOT, ROSTER, SCHOOL, Folder, without_write_privilege

pytest.importorskip("typst")
pytest.importorskip("segno")
pytest.importorskip("fontpkg_noto_sans")

BOT = "lincoln_homework_bot"
LINK = f"https://t.me/{BOT}?start=Ab3dEf6hIj9kLm2nOp5qRs"
UNTIL = datetime(2026, 12, 9, 11, 40, tzinfo=ZoneInfo("America/New_York"))
TOM = Letter(
    "Lincoln Middle School", "Tom Romero", "guardian", "en", "7K2MQ9X4TB", UNTIL,
    ("A. R., 7B, Ms Okafor",), LINK, BOT, True,
)  # fmt: skip
LUCIA = replace(TOM, person="Lucía Romero", language="es", code="Y8C41WDN0H")


# --- reading a PDF as typst writes it ---------------------------------------------------------------------------------


SHOWN = re.compile(rb"/(f\d+) \S+ Tf|Tm\[?(.*?)\]?T[Jj]", re.S)  # a font, or pieces of text set in it
PIECE = re.compile(rb"\((.*?)\)(?=-?[\d.]*(?:\(|$))", re.S)  # brackets stand bare in a piece, kerning between two


def printed(pdf: bytes) -> list[str]:
    """The text of each page in reading order, without spaces: a line that is full ends without one."""
    objects = {int(n): body for n, body in re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.S)}
    [kids] = re.findall(rb"/Type/Pages/Count \d+/Kids\[(.*?)\]", pdf)
    return [_page_text(objects, int(n)) for n in re.findall(rb"(\d+) 0 R", kids)]


def _page_text(objects: dict[int, bytes], n: int) -> str:
    [resources] = re.findall(rb"/Resources (\d+) 0 R", objects[n])
    [listed] = re.findall(rb"/Font<<(.*?)>>", objects[int(resources)])
    fonts = {name: _signs(objects, int(font)) for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", listed)}
    [content] = re.findall(rb"/Contents (\d+) 0 R", objects[n])
    text, signs = "", dict[int, str]()
    for font, array in SHOWN.findall(_stream(objects[int(content)])):
        signs = fonts[font] if font else signs
        for piece in PIECE.findall(array):
            codes = _unescaped(piece)
            text += "".join(signs.get(int.from_bytes(codes[i : i + 2]), "□") for i in range(0, len(codes), 2))
    return re.sub(r"[\s\u200b]", "", text)


def _signs(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """What each glyph of a font stands for, from its table for copying text."""
    [table] = re.findall(rb"/ToUnicode (\d+) 0 R", objects[font])
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", _stream(objects[int(table)]))
    return {int(glyph, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for glyph, sign in pairs}


def _stream(body: bytes) -> bytes:
    [data] = re.findall(rb"stream\r?\n(.*)\r?\nendstream", body, re.S)
    return zlib.decompress(data)


def _unescaped(piece: bytes) -> bytes:
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def sign(found: re.Match[bytes]) -> bytes:
        return bytes([int(found[1], 8)]) if found[1].isdigit() else plain.get(found[1], found[1])

    return re.sub(rb"\\([0-7]{1,3}|.)", sign, piece, flags=re.S)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def stands(on: str, *sentences: str) -> bool:
    """Whether all of these are printed on the page; shows the first that is not."""
    for sentence in sentences:
        assert squeezed(sentence) in on
    return True


# --- what stands on a letter ------------------------------------------------------------------------------------------


def test_a_family_reads_what_it_is_who_confirms_and_how_to_join() -> None:
    [text] = printed(letters([TOM]))
    assert stands(text, "Lincoln Middle School", "Dear Tom Romero,", "You are joining for", "A. R., 7B, Ms Okafor")
    assert stands(text, "one card about homework each school day, answered with two taps.")
    assert stands(text, "After you join, the school confirms it is you.", "Write STOP and it ends at once.")
    assert stands(text, "Scan this to open Telegram.", "Your code", "7K2MQ-9X4TB")
    assert stands(text, "Telegram: write join 7K2MQ-9X4TB to @lincoln_homework_bot.")
    assert stands(text, "Slack: write join 7K2MQ-9X4TB to the Twoticks app.")
    assert stands(text, "Valid until Wednesday, December 9, 2026, 11:40 AM", "Given personally; it works once.")


def test_each_in_their_own_language() -> None:
    english, spanish = printed(letters([TOM, LUCIA]))
    assert stands(english, "Dear Tom Romero,") and stands(spanish, "Hola, Lucía Romero:", "Te unes por")
    assert stands(spanish, "Escribe STOP y se acaba al momento.", "Se entrega en mano; sirve una sola vez.")
    assert stands(spanish, "Vale hasta el miércoles, 9 de diciembre de 2026, 11:40 a.m.")
    assert [page(one)["lang"] for one in (TOM, LUCIA, replace(TOM, language="xx"))] == ["en", "es", "en"]


def test_a_teacher_reads_of_the_card_and_of_no_child() -> None:
    [text] = printed(letters([replace(TOM, person="Mr Lind", role="teacher", children=())]))
    assert stands(text, "Dear Mr Lind,", "If all is written, it is one tap.") and "Youarejoiningfor" not in text


def test_somebody_in_another_role() -> None:
    [text] = printed(letters([replace(TOM, person="Ms Bell", role="counsellor")]))
    assert stands(text, "Dear Ms Bell,", "a short daily report on homework", "A. R., 7B, Ms Okafor")


def test_without_a_link_there_is_no_qr_code_but_the_code_to_type() -> None:
    alone = replace(TOM, link=None, bot=None)
    assert (page(TOM)["qr"] != "", page(alone)["qr"]) == (True, "")
    slack, nowhere = printed(letters([alone, replace(alone, slack=False)]))
    assert stands(slack, "7K2MQ-9X4TB", "Slack: write join 7K2MQ-9X4TB to the Twoticks app.")
    assert stands(nowhere, "Write join 7K2MQ-9X4TB to Twoticks in the app that your school uses.")
    assert not [word for word in ("Scanthis", "Telegram", "Orwrite") if word in slack + nowhere]


def test_the_qr_code_is_the_link_and_the_printed_code_is_the_code() -> None:
    assert (qr_text(TOM), qr_text(replace(TOM, link=None))) == (LINK, "")
    assert understood(page(TOM)["typed"]) == Command("join", "7K2MQ-9X4TB")
    assert hashed(grouped(TOM.code), "secret") == hashed(TOM.code, "secret")


# --- names are names, a letter is a page ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        '#import "x"', "*bold* _so_", "$x$ `raw` <label> @ref", "= Heading", "- list / term: x", "\\ // /* none */",
        '"]); #panic()', "{{ name }} {$x}", "O'Brien & Söhne", "Łukasz Şimşek", "Δημήτρης Іван",
    ],
)  # fmt: skip
def test_a_name_is_printed_as_it_is(name: str) -> None:
    [text] = printed(letters([replace(TOM, person=name, school=f"School {name}", children=(f"{name}, 7B",))]))
    assert stands(text, f"Dear {name},", f"School {name}", f"{name}, 7B", "it works once.")


@pytest.mark.parametrize("name", ["🎉 Ana 👩‍👧", "李小龙", "لوسيا", "W" * 200, "Ana " * 50, "a\nb", " ", ""])
@pytest.mark.parametrize("paper", ["us-letter", "a4"])
def test_whatever_the_name_a_letter_is_one_page(name: str, paper: str) -> None:
    odd = replace(TOM, person=name, school=name, children=(name, name))
    first, second = printed(letters([odd, LUCIA], paper))  # type: ignore[arg-type]
    assert stands(first, "7K2MQ-9X4TB", "it works once.") and stands(second, "Hola, Lucía Romero:")


def test_a_long_name_ends_with_dots() -> None:
    [text] = printed(letters([replace(TOM, person="W" * 200)]))
    assert stands(text, "W" * 79 + "…,") and "W" * 80 not in text


def test_a_family_with_many_children_still_has_one_page() -> None:
    many = replace(TOM, children=tuple(f"A. {n}., 7B, Ms Okafor" for n in range(25)))
    [text] = printed(letters([many]))
    assert stands(text, "A. 0.,", "A. 24., 7B, Ms Okafor", "7K2MQ-9X4TB", "it works once.")


def test_right_to_left_is_ready() -> None:
    assert [right_to_left(locale) for locale in ("ar", "he", "en_US", "es_US")] == [True, True, False, False]
    [text] = printed(typeset([{**page(TOM), "rtl": True, "lang": "ar"}], "a4"))
    assert stands(text, "7K2MQ-9X4TB")


@pytest.mark.parametrize(
    ("zone", "paper"),
    [
        ("America/New_York", "us-letter"), ("US/Eastern", "us-letter"), ("Pacific/Honolulu", "us-letter"),
        ("America/Mexico_City", "us-letter"), ("America/Sao_Paulo", "a4"), ("Europe/Madrid", "a4"), ("UTC", "a4"),
    ],
)  # fmt: skip
def test_the_paper_of_the_country(zone: str, paper: str) -> None:
    assert paper_of(zone) == paper


def test_ninety_letters_the_same_each_time() -> None:
    ninety = [replace(one, code=f"{n:010}", link=f"{LINK}{n}") for n in range(45) for one in (TOM, LUCIA)]
    pdf = letters(ninety)
    assert len(printed(pdf)) == 90 and len(pdf) < 2_000_000 and letters(ninety) == pdf


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "letters.pdf"
    file.write_text("old")
    file.chmod(0o644)
    put(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"new", 0o600, [file])


def test_a_file_that_cannot_be_put_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "letters.pdf"
    file.mkdir()
    with pytest.raises(OSError):
        put(file, b"new")
    assert list(tmp_path.iterdir()) == [file]


# --- twoticks invite --letters ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose roster is imported, to be copied."""
    here = Folder(tmp_path_factory.mktemp("school"))
    here.write("config.toml", SCHOOL)
    here.write("roster.csv", ROSTER)
    assert here.types("roster", "import", "roster.csv").code == 0
    return here.path


@pytest.fixture
def school(imported: Path, tmp_path: Path) -> Folder:
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path)


def invitations(school: Folder) -> int:
    """How many were ever made: one more for each that is made, ended ones stay."""
    connection = sqlite3.connect(school.path / "twoticks.db")
    [count] = connection.execute("SELECT count(*) FROM invitation").fetchone()
    connection.close()
    return int(count)


def test_the_office_gets_a_file_of_letters_and_no_codes_on_the_screen(school: Folder) -> None:
    told = school.types("invite", "--letters", "letters.pdf")
    expected = "5 letters are in letters.pdf. Please hand them out personally: each code is for one person."
    assert (told.code, told.out, told.errors) == (0, [expected], [])
    file = school.path / "letters.pdf"
    assert file.stat().st_mode & 0o777 == 0o600
    pages = printed(file.read_bytes())
    assert [re.split("[:,]", text.partition("School")[2].removeprefix("Hola,"))[0] for text in pages] == [
        "EvaRuiz", "LucíaRomero", "DearSolRuiz", "DearMrLind", "DearMsOkafor",
    ]  # fmt: skip
    assert stands(pages[1], "A. R., 7B, Ms Okafor") and "Ana" not in "".join(pages)
    assert "joiningfor" not in pages[3] + pages[4] and b"/MediaBox[0 0 612 792]" in file.read_bytes()


def test_the_letters_hold_the_codes_that_json_tells(school: Folder) -> None:
    told = school.types("invite", "--student", "Ana Romero", "--letters", "letters.pdf", "--json")
    [one] = told.objects
    expected = "1 letter is in letters.pdf. Please hand them out personally: each code is for one person."
    assert (told.code, told.errors) == (0, [expected])
    [text] = printed((school.path / "letters.pdf").read_bytes())
    assert stands(text, "Hola, Lucía Romero:", grouped(one["code"]))


def test_a_third_person_reads_of_the_child_by_initials(school: Folder) -> None:
    words = ("--role", "provider", "--person", "Dr Noor", "--student", "Ana Romero", "--letters", "letters.pdf")
    assert school.types("invite", *words).code == 0
    [text] = printed((school.path / "letters.pdf").read_bytes())
    assert stands(text, "Dear Dr Noor,", "A. R., 7B, Ms Okafor") and "Ana" not in text


@pytest.mark.parametrize("part", ["typst", "segno", "fontpkg_noto_sans"])
def test_without_the_extra_no_code_is_made(school: Folder, part: str, tmp_path: Path) -> None:
    school.write("sitecustomize.py", f"import sys\nsys.modules[{part!r}] = None\n")
    school.prefix = ["env", f"PYTHONPATH={tmp_path}:{ROOT}"]
    told = school.types("invite", "--letters", "letters.pdf")
    expected = (
        "--letters: Letters need one more part: pip install '.[letters]' in the copy of Twoticks. Nothing was changed."
    )
    assert (told.code, told.out, told.errors) == (2, [], [expected])
    assert not (school.path / "letters.pdf").exists() and invitations(school) == 0
    assert school.types("invite").code == 0, "without letters nothing is missing"


@pytest.mark.parametrize("file", ["nowhere/letters.pdf", "roster.csv/letters.pdf", ".", "/dev/null", "x" * 300])
def test_a_file_that_cannot_be_written_is_told_before_codes_are_made(school: Folder, file: str) -> None:
    told = school.types("invite", "--letters", file)
    [line] = told.errors
    assert (told.code, told.out, invitations(school)) == (2, [], 0)
    assert line.startswith(f"--letters: {file}") and "FILE.pdf" in line and line.endswith("Nothing was changed.")


def test_a_folder_that_is_read_only(school: Folder) -> None:
    (school.path / "out").mkdir()
    out = Folder(school.path / "out")
    without_write_privilege(out)
    school.prefix = out.prefix
    told = school.types("invite", "--letters", "out/letters.pdf")
    out.path.chmod(0o700)
    assert told.code == 2 and told.errors[0].startswith("--letters: out/letters.pdf: Permission denied.")
    assert invitations(school) == 0


def test_nobody_to_invite_no_file(folder_of_teachers: Folder) -> None:
    told = folder_of_teachers.types("invite", "--letters", "letters.pdf")
    expected = "Everybody who could be invited has joined already, or is linked by e-mail."
    assert (told.code, told.out, told.errors) == (0, [], [expected])
    assert not (folder_of_teachers.path / "letters.pdf").exists()


@pytest.fixture
def folder_of_teachers(tmp_path: Path) -> Folder:
    """Everybody of this roster is linked by e-mail."""
    here = Folder(tmp_path)
    here.write("config.toml", '[slack]\nmode = "socket"\n' + SCHOOL)
    here.write("roster.csv", "student,class,teacher,teacher_contact\nAna,Maths,Ms Okafor,okafor@school.example\n")
    assert here.types("roster", "import", "roster.csv").code == 0
    return here


def test_while_telegram_is_away_the_letters_have_no_qr_code(school: Folder) -> None:
    school.write("config.toml", '[telegram]\napi_base_url = "http://127.0.0.1:9/bot"\n' + SCHOOL)
    school.variables["TWOTICKS_TELEGRAM__TOKEN"] = "123456:TEST-token"
    told = school.types("invite", "--letters", "letters.pdf")
    assert told.code == 0 and told.errors[0].startswith("Telegram does not tell the bot's name")
    assert "Without the Telegram bot's name they have no QR code." in told.out[0]


async def test_a_school_with_both_platforms(tmp_path: Path) -> None:
    async with live(tmp_path) as house:
        await house.import_roster()
        code, out, err = await house.command("invite", "--letters", "letters.pdf")
        assert (code, err) == (0, "") and out.startswith("3 letters are in letters.pdf.")
        for text in printed((tmp_path / "letters.pdf").read_bytes()):
            assert stands(text, "Slack:") and re.search(r"join[0-9A-Z]{5}-[0-9A-Z]{5}(to|a)@twoticks_test_bot\.", text)
