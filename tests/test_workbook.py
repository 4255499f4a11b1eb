"""What a school secretary gets for a workbook: the rows of its sheet, or what to do with a file that is none."""

import io
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import roster_path, workbook
from bot.roster import Problem, Row, read

HEADER = ["student", "class", "teacher"]
ANA = ["Ana Ruiz", "Maths", "Ms Okafor"]
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DATE = 1  # the style of a cell that shows a date, as written below

Cell = str | float | bool | date | None
Cells = Sequence[Cell]


def book(*rows: Cells) -> bytes:
    """A workbook with one sheet of these rows, the first in row 1."""
    return books({"Sheet1": rows})


def books(sheets: Mapping[str, Iterable[Cells]], hidden: Sequence[str] = ()) -> bytes:
    return packed(parts({name: "".join(map(row, range(1, 10**6), rows)) for name, rows in sheets.items()}, hidden))


def parts(sheets: Mapping[str, str], hidden: Sequence[str] = ()) -> dict[str, bytes]:
    """The parts of a workbook with these sheets, each given as the XML of its rows."""
    listed, related, found = "", "", {}
    for number, (name, rows) in enumerate(sheets.items(), 1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"{state}/>'
        related += f'<Relationship Id="r{number}" Type="{RELATIONS}/worksheet" Target="worksheets/s{number}.xml"/>'
        whole = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{rows}</sheetData></worksheet>'
        found[f"xl/worksheets/s{number}.xml"] = whole.encode()
    main = f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    return found | {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{main}</Relationships>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'.encode(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
        ).encode(),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{SPREADSHEET}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
        ).encode(),
    }


def row(number: int, cells: Cells) -> str:
    written = "".join(cell(f"{chr(ord('A') + at)}{number}", value) for at, value in enumerate(cells))
    return f'<row r="{number}">{written}</row>'


def cell(place: str, value: Cell) -> str:
    match value:
        case None:
            return f'<c r="{place}" s="0"/>'
        case bool():
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case date():
            return f'<c r="{place}" s="{DATE}"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def packed(members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how) as file:
        for name, member in members.items():
            file.writestr(name, member)
    return whole.getvalue()


def refusal(raw: bytes) -> str:
    """What is told about a file that cannot be used: one sentence or a few, and no row."""
    found = read(raw)
    assert found.rows == ()
    assert [(problem.row, problem.column, problem.warning) for problem in found.problems] == [(0, "", False)]
    return found.problems[0].text


def test_a_workbook_is_read_like_a_sheet() -> None:
    found = read(book(HEADER, ANA, ["Leo", "Art", "Mr Díaz"]))
    assert found.rows == (
        Row(2, "Ana Ruiz", "", "Maths", "Ms Okafor", "", "", "", "", False),
        Row(3, "Leo", "", "Art", "Mr Díaz", "", "", "", "", False),
    )
    assert found.problems == ()


def test_cells_are_read_as_they_are_shown() -> None:
    header = [*HEADER, "group", "daily", "guardian", "guardian_contact", "days"]
    found = read(book(header, [*ANA, 7.0, True, date(2026, 9, 14), 15550100123.0, 1.0], [*ANA, 7.5, False]))
    one, two = found.rows
    assert (one.group, one.daily, one.guardian, one.guardian_contact) == ("7", True, "2026-09-14", "15550100123")
    assert (one.meets, two.group, two.daily) == ("1", "7.5", False)


def test_a_date_that_the_spreadsheet_made_of_a_cycle_day_is_told() -> None:
    found = read(book([*HEADER, "days"], [*ANA, date(2026, 1, 3)]))
    assert "“2026-01-03” does not say when the class meets" in found.problems[0].text


def test_rows_are_counted_as_the_spreadsheet_shows_them() -> None:
    found = read(book([], [None, *HEADER], [], [None, None], [None, *ANA], [None, "", "Art", "Mr Díaz"]))
    assert [row.number for row in found.rows] == [5]
    assert [(problem.row, problem.column) for problem in found.problems] == [(6, "student")]


def test_a_cell_with_a_line_break_and_a_comma_is_one_cell() -> None:
    found = read(book(HEADER, ["Ana Ruiz", "Maths,\nadvanced", "Ms Okafor"]))
    assert (found.rows[0].course, found.problems) == ("Maths, advanced", ())


def test_a_column_without_a_header_is_told() -> None:
    assert "D without a name" in read(book(HEADER, [*ANA, "something"])).problems[0].text


def test_the_first_sheet_with_a_known_header_is_read_and_named() -> None:
    sheets = {"Welcome": [["Lincoln School"]], "List": [HEADER, ANA], "Last year": [HEADER, ["Leo", "Art", "Mr D"]]}
    found = read(books(sheets))
    assert [row.student for row in found.rows] == ["Ana Ruiz"]
    assert found.problems == (
        Problem(
            0,
            "",
            "The sheet “List” is read; “Welcome”, “Last year” is not. "
            "To import another one, save it as a workbook of its own.",
            warning=True,
        ),
    )


def test_empty_and_hidden_sheets_are_passed_over_in_silence() -> None:
    sheets: dict[str, list[Cells]] = {
        "Old": [HEADER, ["Leo", "Art", "Mr D"]],
        "Sheet1": [],
        "List": [HEADER, ANA],
        "Sheet3": [[None]],
    }
    found = read(books(sheets, hidden=["Old"]))
    assert ([row.student for row in found.rows], found.problems) == (["Ana Ruiz"], ())


def test_without_a_known_header_the_first_filled_sheet_is_spoken_of() -> None:
    found = read(books({"Empty": [], "Names": [["Ana", "Leo"], ["Mia", "Zoe"]], "More": [["Max"]]}))
    assert found.rows == ()
    assert "The sheet “Names” is read" in found.problems[0].text
    assert "The first row does not name the columns" in found.problems[-1].text


def test_pictures_in_a_workbook_do_no_harm() -> None:
    logo = {"xl/media/image1.png": bytes(workbook.LARGEST + 1)}
    assert len(read(packed(parts({"List": row(1, HEADER) + row(2, ANA)}) | logo)).rows) == 1


def test_a_sheet_coloured_to_its_last_row_is_read() -> None:
    rows = row(1, HEADER) + row(2, ANA) + row(1_048_576, [None, None])
    assert len(read(packed(parts({"List": rows}))).rows) == 1


# --- files that cannot be used


def test_an_empty_workbook_is_told() -> None:
    assert refusal(book()) == "The file is empty. Fill in the sheet and save it again."
    assert "no row below it" in refusal(book(HEADER))


def test_without_the_reader_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert refusal(book(HEADER, ANA)) == (
        "This is a workbook: do pip install '.[xlsx]' in the copy of Twoticks, "
        "or save it as “CSV UTF-8” and import that."
    )


def test_an_encrypted_workbook_is_told() -> None:
    raw = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    assert refusal(raw).startswith("This workbook is locked with a password. Open it, take the password off")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "This is an old Excel workbook (.xls)."),
        (packed({"mimetype": b"", "content.xml": b"<a/>"}), "This is an OpenDocument file (.ods)."),
        (packed({"xl/workbook.bin": b"\x83\x01"}), "This is a binary Excel workbook (.xlsb)."),
        (packed({"xl/media/image1.png": b""}), "This workbook is damaged"),
        (b"PK\x03\x04\x14\x00xl/workbook.xml", "This workbook is damaged"),
        (book(HEADER, ANA)[:-200], "This workbook is damaged"),
        (packed({"xl/workbook.xml": b"<workbook>"}), "This workbook is damaged"),
        (packed(parts({"List": "<row r='one'/>"})), "This workbook is damaged"),
        (packed(parts({"List": ""}), zipfile.ZIP_LZMA), "This workbook is damaged"),
    ],
)
def test_another_kind_of_workbook_is_to_be_saved_anew(raw: bytes, told: str) -> None:
    text = refusal(raw)
    assert text.startswith(told)
    assert "choose “Save as”, then “Excel workbook (.xlsx)” or “CSV UTF-8”" in text


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (packed({"word/document.xml": b"<a/>"}), "This is a Word document."),
        (packed({"Index/Document.iwa": b""}), "This is a Numbers file."),
        (packed({"list.csv": b"student,class,teacher"}), "This is a zip file without a sheet"),
        (packed({}), "This is a zip file without a sheet"),
        (b"<html><body><table><tr><td>student</td></tr></table></body></html>", "This is a web page"),
    ],
)
def test_what_is_no_workbook_is_named(raw: bytes, told: str) -> None:
    assert refusal(raw).startswith(told)


def test_a_csv_file_with_the_wrong_ending_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_text("student,class,teacher\nAna Ruiz,Maths,Ms Okafor\n")
    assert len(roster_path.read(path, date(2026, 9, 14)).rows) == 1


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = parts({"List": row(1, HEADER)}) | {"xl/theme.xml": bytes(workbook.LARGEST)}
    assert refusal(packed(bomb)).startswith("This workbook is larger than 64 MB when unpacked.")


def test_a_zip_bomb_that_says_it_is_small_is_not_believed() -> None:
    raw = packed({"xl/workbook.xml": b"<a>" + bytes(10**6) + b"</a>"})
    assert "damaged" in refusal(raw.replace((10**6 + 7).to_bytes(4, "little"), (50).to_bytes(4, "little")))


@pytest.mark.parametrize("place", ["XFD1048576", "A4294967295", "ZZZZ9"])
def test_a_cell_at_the_end_of_the_world_does_not_end_the_program(place: str) -> None:
    far = f'<row><c r="{place}"><v>1</v></c></row>'
    text = refusal(packed(parts({"List": row(1, HEADER) + row(2, ANA), "Notes": far})))
    assert "Copy the list alone into a new workbook" in text or "Save as" in text


def test_one_long_text_in_very_many_cells_does_not_end_the_program() -> None:
    shared = f'<sst xmlns="{SPREADSHEET}"><si><t>{"long " * 200_000}</t></si></sst>'.encode()
    related = f'<Relationship Id="r9" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    found = parts({"List": "<row>" + '<c t="s"><v>0</v></c>' * 10_000 + "</row>"})
    found["xl/_rels/workbook.xml.rels"] = found["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", related.encode()
    )
    text = refusal(packed(found | {"xl/sharedStrings.xml": shared}))
    assert text.startswith("A cell of this workbook holds a very long text.")


@given(st.data())
def test_a_workbook_with_wrong_bytes_never_makes_it_fail(data: st.DataObject) -> None:
    members = parts({"List": row(1, HEADER) + row(2, [*ANA, 1.5, True, date(2026, 9, 14)])})
    name = data.draw(st.sampled_from(sorted(members)))
    at = data.draw(st.integers(0, len(members[name])))
    cut = data.draw(st.integers(0, 30))
    put = data.draw(st.sampled_from([b"", b"<", b'"', b"A", b"-1", b"99999999999", b"ZZZ9", b"\xff", b"r1"]))
    members[name] = members[name][:at] + put + members[name][at + cut :]
    found = read(packed(members))
    assert found.rows or found.problems


@given(st.binary(max_size=60), st.integers(0, 600))
def test_a_torn_workbook_never_makes_it_fail(junk: bytes, at: int) -> None:
    raw = book(HEADER, ANA)
    found = read(raw[:at] + junk + raw[at + len(junk) :])
    assert found.rows or found.problems


# --- paths


def test_a_workbook_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(book(HEADER, ANA))
    assert [row.student for row in roster_path.read(path, date(2026, 9, 14)).rows] == ["Ana Ruiz"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    found = roster_path.read(path, date(2026, 9, 14))
    advice = "Give the path of the school's spreadsheet."
    assert found.problems == (Problem(0, "", f"{path}: No such file or directory. {advice}"),)


def test_a_film_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as film:
        film.truncate(roster_path.LARGEST + 1)
    assert "larger than 64 MB" in roster_path.read(path, date(2026, 9, 14)).problems[0].text


ONEROSTER = {
    "manifest.csv": "propertyName,value\noneroster.version,1.1\n",
    "orgs.csv": "sourcedId,name,type\no1,Lincoln,school\n",
    "users.csv": (
        "sourcedId,enabledUser,orgSourcedIds,role,givenName,familyName,email\n"
        "u1,true,o1,student,Ana,Ruiz,\nu2,true,o1,teacher,Ada,Okafor,okafor@lincoln.example\n"
    ),
    "courses.csv": "sourcedId,title,orgSourcedId\nk1,Maths,o1\n",
    "classes.csv": "sourcedId,title,courseSourcedId,schoolSourcedId,termSourcedIds\nc1,Maths,k1,o1,\n",
    "enrollments.csv": (
        "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role\ne1,c1,o1,u1,student\ne2,c1,o1,u2,teacher\n"
    ),
}


def test_a_oneroster_folder_and_zip_are_read_as_such(tmp_path: Path) -> None:
    folder, zipped = tmp_path / "export", tmp_path / "export.zip"
    folder.mkdir()
    for name, text in ONEROSTER.items():
        (folder / name).write_text(text)
    zipped.write_bytes(packed({f"export/{name}": text.encode() for name, text in ONEROSTER.items()}))
    for path in (folder, zipped):
        found = roster_path.read(path, date(2026, 9, 14))
        assert [(row.student, row.course) for row in found.rows] == [("Ana Ruiz", "Maths")], found.problems
