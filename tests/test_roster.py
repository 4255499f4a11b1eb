"""What a school secretary gets for a sheet: its rows, and what to mend in it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.roster import Problem, Row, Sheet, read

HEADER = "student,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily,group"
ANA = "Ana Ruiz,Maths,Ms Okafor,okafor@lincoln.example,Rosa Ruiz,+1 555 0100,es,yes,7B"
ANA_ROW = Row(
    2, "Ana Ruiz", "7B", "Maths", "Ms Okafor", "okafor@lincoln.example", "Rosa Ruiz", "+1 555 0100", "es", True
)


def sheet(*lines: str) -> Sheet:
    return read("\n".join(lines).encode())


def only(found: Sequence[Problem]) -> Problem:
    assert len(found) == 1, found
    return found[0]


def cell(column: str, text: str) -> Sheet:
    """A sheet with one good row but for this cell."""
    said = dict(zip(HEADER.split(","), ANA.split(","), strict=True)) | {column: text}
    return sheet(",".join(said), ",".join(f'"{value}"' for value in said.values()))


def test_a_full_row_is_read() -> None:
    assert sheet(HEADER, ANA) == Sheet((ANA_ROW,), ())


def test_the_three_required_columns_are_enough() -> None:
    assert sheet("teacher,student,class", "Ms Okafor,Ana,Maths").rows == (
        Row(2, "Ana", "", "Maths", "Ms Okafor", "", "", "", "", False),
    )


def test_what_is_not_known_stays_empty() -> None:
    assert sheet(HEADER, "Ana,Maths,Ms Okafor,,,,,,", "Leo,Maths,Ms Okafor").problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_way_to_save_is_read(delimiter: str, line_end: str, encoding: str) -> None:
    lines = ["alumno,clase,profesora", "José Muñoz,Matemáticas,Sra. Peña", "Zoë,Inglés,Mr Díaz"]
    found = read(line_end.join(lines).replace(",", delimiter).encode(encoding))
    assert [(row.student, row.course, row.teacher) for row in found.rows] == [
        ("José Muñoz", "Matemáticas", "Sra. Peña"),
        ("Zoë", "Inglés", "Mr Díaz"),
    ]
    assert found.problems == ()


def test_big_endian_utf_16_is_read() -> None:
    assert read(b"\xfe\xff" + f"{HEADER}\n{ANA}".encode("utf-16-be")).rows == (ANA_ROW,)


def test_the_header_line_chooses_the_delimiter_whatever_the_rows_hold() -> None:
    found = sheet("student;class;teacher, if known;guardian", "Ruiz, Ana, 7B;Maths, advanced;Okafor, Ms;Ruiz, Rosa")
    assert "“teacher, if known”" in found.problems[0].text
    assert sheet("student;class;teacher", "Ruiz, Ana, 7B;Maths, a, b;Okafor").rows[0].student == "Ruiz, Ana, 7B"


def test_excels_separator_line_is_no_row() -> None:
    assert sheet("sep=;", "student;class;teacher", "Ana;Maths;Ms Okafor").rows[0].number == 2


def test_a_quoted_cell_may_hold_delimiter_quote_and_line_break() -> None:
    found = sheet('student,class,teacher\n"Ruiz, ""Ana""","Maths\r\nadvanced",Ms Okafor\nLeo,Art,Mr Díaz')
    assert [(row.number, row.student, row.course) for row in found.rows] == [
        (2, 'Ruiz, "Ana"', "Maths advanced"),
        (3, "Leo", "Art"),
    ]


def test_rows_are_counted_as_the_spreadsheet_shows_them() -> None:
    found = sheet("", "student,class,teacher", ",,", "Ana,Maths,Ms Okafor", "", "Leo,Art,Mr Díaz", "")
    assert [row.number for row in found.rows] == [4, 6]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (name, column)
        for column, names in {
            "student": "STUDENT, Pupil, child, Child's name, Student Name, alumno, Alumna, Alumno/a, estudiante, "
            "nombre del alumno, Nombre de la alumna, Niño, students",
            "class": "Class, subject, COURSE, clase, asignatura, Materia, course name, nombre de la asignatura",
            "teacher": "Teacher, profesor, Profesora, Profesor/a, docente, maestro, maestra, teacher's name",
            "teacher_contact": "teacher_contact, Teacher-Contact, teacher email, Teacher's e-mail, "
            "Email of the teacher, correo del profesor, Correo electrónico de la profesora, "
            "teacherContact, email docente",
            "guardian": "guardian, Parent, Parent/Guardian, tutor, padre, Madre, padre/madre, familiar, parents, "
            "nombre del tutor, Tutor legal",
            "guardian_contact": "guardian_contact, guardian phone, Parent e-mail, teléfono de la madre, "
            "correo del tutor, contacto del familiar",
            "guardian_language": "guardian language, LANGUAGE, idioma, Idioma de la familia, home language, "
            "parent_language",
            "daily": "Daily, diario, Informe diario, daily report, daily_report_card",
            "group": "Group, grupo, homeroom, Sección",
            "days": "Days, meets, Meets on, day, class days, Days of the week, meeting days, weekdays, cycle day, "
            "Cycle, A/B day, día, Días, días de clase, Días de la semana, ciclo, día del ciclo",
        }.items()
        for name in names.split(", ")
    ],
)
def test_a_column_goes_by_many_names(header: str, column: str) -> None:
    names = [header if name == column else name for name in f"{HEADER},days".split(",")]
    assert sheet(",".join(names), f"{ANA},A") == Sheet((replace(ANA_ROW, meets="A"),), ())


@pytest.mark.parametrize(
    ("header", "group", "course"),
    [
        ("alumno,curso,asignatura,profesor", "one", "two"),
        ("alumno,curso,grupo,profesor", "two", "one"),
        ("alumno,curso,class,profesor", "one", "two"),
        ("alumno,clase,asignatura,profesor", "one", "two"),
        ("alumno,clase,grupo,profesor", "two", "one"),
        ("alumno,clase,tutor,profesor", "", "one"),
    ],
)
def test_curso_and_clase_are_what_no_other_column_is(header: str, group: str, course: str) -> None:
    row = sheet(header, "Ana,one,two,Sra. Peña").rows[0]
    assert (row.group, row.course) == (group, course)


@pytest.mark.parametrize("header", ["alumno,curso,profesor", "alumno,curso,clase,profesor"])
def test_a_curso_that_may_be_either_is_asked_about(header: str) -> None:
    found = sheet(header, "Ana,7B,Maths,Sra. Peña")
    assert found.rows == ()
    assert only(found.problems).row == 1
    assert "asignatura" in found.problems[0].text


@pytest.mark.parametrize("said", ["yes", "YES", "y", "sí", "Si", "x", "X", "1", "true", "VERDADERO", "✓", "✔\ufe0f"])
def test_daily_yes(said: str) -> None:
    assert cell("daily", said).rows[0].daily is True


@pytest.mark.parametrize("said", ["", " ", "no", "No", "0", "FALSE", "falso", "-"])
def test_daily_no(said: str) -> None:
    assert cell("daily", said).rows[0].daily is False


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", ""),
        ("en", "en"),
        ("ES", "es"),
        ("English", "en"),
        ("inglés", "en"),
        ("español", "es"),
        ("Castellano", "es"),
        ("es-US", "es"),
        ("en_GB", "en"),
        ("es-419", "es"),
    ],
)
def test_a_language_is_a_code_or_a_name(said: str, code: str) -> None:
    assert cell("guardian_language", said).rows[0].guardian_language == code


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("", ""),
        ("daily", ""),
        ("Every day", ""),
        ("diario", ""),
        ("todos los días", ""),
        ("Mon/Wed/Fri", "mon,wed,fri"),
        ("Thursday, Monday", "mon,thu"),
        ("Mondays and Thursdays", "mon,thu"),
        ("MWF", "mon,wed,fri"),
        ("M-W-F", "mon,wed,fri"),
        ("m, w, f", "mon,wed,fri"),
        ("TTh", "tue,thu"),
        ("TR", "tue,thu"),
        ("Tu/Th", "tue,thu"),
        ("MTuWThF", "mon,tue,wed,thu,fri"),
        ("Mon-Fri", "mon,tue,wed,thu,fri"),
        ("Monday to Friday", "mon,tue,wed,thu,fri"),
        ("de lunes a viernes", "mon,tue,wed,thu,fri"),
        ("lun, mié", "mon,wed"),
        ("lunes y miércoles", "mon,wed"),
        ("los martes y los jueves", "tue,thu"),
        ("Sáb.", "sat"),
        ("A", "A"),
        ("b", "B"),
        ("A day", "A"),
        ("Day A", "A"),
        ("Día B", "B"),
        ("B-day", "B"),
        ("F day", "F"),
        ("C/A", "A,C"),
        ("A & C days", "A,C"),
        ("días A y C", "A,C"),
        ("Day 1", "1"),
        ("10, 3, 1", "1,3,10"),
    ],
)
def test_the_days_on_which_a_class_meets(said: str, days: str) -> None:
    found = cell("days", said)
    assert (found.rows[0].meets, found.problems) == (days, ())


@pytest.mark.parametrize(
    "said",
    # Days that may be read in two ways are asked about: M is Monday or martes, F Friday or the cycle's sixth day.
    ["M", "F", "T", "LMV", "TT", "A-C", "1-3", "Mon-Wed", "A, 1", "Mon, A", "A1", "0", "11", "2026-01-03", "odd weeks"],
)
def test_days_that_are_not_clear_are_asked_about(said: str) -> None:
    found = cell("days", said)
    problem = only(found.problems)
    assert (found.rows, problem.row, problem.column, problem.warning) == ((), 2, "days", False)
    assert problem.text == (
        f"“{said}” does not say when the class meets. Write weekdays (Mon, Wed, Fri) or days of the cycle "
        "(A, C or 1, 3); or leave the cell empty for every day."
    )


def test_of_two_kinds_of_days_of_one_childs_class_the_first_is_used() -> None:
    found = sheet(
        f"{HEADER},days", f"{ANA},MWF", f"{ANA.replace('Rosa', 'Luis')},TTh", f"{ANA.replace('Ana', 'Leo')},A"
    )
    assert [row.meets for row in found.rows] == ["mon,wed,fri", "mon,wed,fri", "A"]
    problem = only(found.problems)
    assert (problem.row, problem.column, problem.warning) == (3, "days", True)
    assert problem.text == (
        "“Maths” of “Ana Ruiz” has “Tue, Thu” here and “Mon, Wed, Fri” in row 2. "
        "“Mon, Wed, Fri” is used; write the same days in both rows."
    )


def test_days_left_empty_in_the_first_row_are_every_day() -> None:
    found = sheet(f"{HEADER},days", f"{ANA},", f"{ANA.replace('Rosa', 'Luis')},A")
    assert [row.meets for row in found.rows] == ["", ""]
    assert "“A” here and “Every day” in row 2" in only(found.problems).text


def test_the_same_days_in_other_words_are_no_conflict() -> None:
    assert sheet(f"{HEADER},days", f"{ANA},MWF", f"{ANA.replace('Rosa', 'Luis')},lun/mié/vie").problems == ()


def test_an_address_is_kept_in_small_letters() -> None:
    assert cell("teacher_contact", " Okafor@Lincoln.Example ").rows[0].teacher_contact == "okafor@lincoln.example"


def test_the_guardians_contact_is_free_text() -> None:
    assert cell("guardian_contact", "call after 6, ask for Rosa").problems == ()


@pytest.mark.parametrize(
    ("column", "said", "told"),
    [
        ("student", "", "name is missing"),
        ("student", "\u200b", "name is missing"),
        ("class", " ", "class is missing"),
        ("teacher", "", "teacher's name is missing"),
        ("student", "A" * 201, "201 characters; at most 200"),
        ("student", "A" * 5_000, "2000 or more characters; at most 200"),
        ("guardian", "A" * 5_000, "at most 200"),
        ("days", "A" * 5_000, "at most 200"),
        ("guardian_language", "Klingon", "English (en), Spanish (es)"),
        ("guardian_language", "vi", "“vi” is not available"),
        ("daily", "perhaps", "neither yes nor no"),
    ],
)
def test_a_wrong_cell_is_told_and_its_row_left_out(column: str, said: str, told: str) -> None:
    found = cell(column, said)
    problem = only(found.problems)
    assert found.rows == ()
    assert (problem.row, problem.column, problem.warning) == (2, column, False)
    assert told in problem.text


@pytest.mark.parametrize(
    "said",
    [
        "okafor",
        "okafor@",
        "@lincoln.example",
        "a@b",
        "a b@c.example",
        "a@b.example c@d.example",
        "a@b..example",
        "555 0100",
        "Okafor <a@b.example>",
        "a@b.example;c@d.example",
    ],
)
def test_a_teachers_contact_that_is_no_address_is_told(said: str) -> None:
    problem = only(cell("teacher_contact", said).problems)
    assert (problem.column, problem.warning) == ("teacher_contact", False)
    assert "name@school.org" in problem.text


@pytest.mark.parametrize("said", ["a@b.example", "o'brien+maths@k12.ny.us", "josé@escuela.es", "a_b@x-y.xn--p1ai"])
def test_an_unusual_address_is_an_address(said: str) -> None:
    assert cell("teacher_contact", said).problems == ()


def test_every_mistake_of_a_row_is_told_at_once_and_the_others_are_read() -> None:
    found = sheet(HEADER, ANA, ",,,nobody,,,xx,,", ANA.replace("Maths", "Art"))
    assert [row.number for row in found.rows] == [2, 4]
    told = {(problem.row, problem.column) for problem in found.problems if not problem.warning}
    assert told == {(3, name) for name in ("student", "class", "teacher", "teacher_contact", "guardian_language")}


def test_a_comma_outside_quotes_is_told() -> None:
    found = sheet("student,class,teacher", "Ruiz, Ana,Maths,Ms Okafor", "Leo,Art,Mr Díaz")
    assert [row.student for row in found.rows] == ["Leo"]
    assert "more cells than the header" in only(found.problems).text


def test_rows_that_a_stray_quote_made_one_are_doubted() -> None:
    found = sheet("student,class,teacher", '"Ana,Maths,Mr D', 'Leo,"Maths,Ms K', "Mia,Art,Mr D")
    doubt = only([problem for problem in found.problems if problem.warning])
    assert doubt.row == 2
    assert "on several lines" in doubt.text


def test_an_exact_duplicate_counts_once() -> None:
    found = sheet(HEADER, ANA, ANA.replace("Maths", "Art"), ANA.replace("Ana Ruiz", "  Ana   Ruiz "))
    assert [row.number for row in found.rows] == [2, 3]
    problem = only(found.problems)
    assert (problem.row, problem.warning) == (4, True)
    assert "same as row 2" in problem.text


def test_of_two_languages_of_one_guardian_the_first_is_used() -> None:
    found = sheet(HEADER, ANA, ANA.replace("Maths", "Art").replace(",es,", ",en,"))
    assert [row.guardian_language for row in found.rows] == ["es", "es"]
    problem = only(found.problems)
    assert (problem.row, problem.column, problem.warning) == (3, "guardian_language", True)
    assert "English here and Spanish in row 2" in problem.text


def test_a_namesake_of_another_group_may_speak_another_language() -> None:
    assert sheet(HEADER, ANA, ANA.replace("7B", "7C").replace(",es,", ",en,")).problems == ()


def test_a_language_left_empty_beside_a_said_one_is_no_conflict() -> None:
    assert sheet(HEADER, ANA, ANA.replace("Maths", "Art").replace(",es,", ",,")).problems == ()


def test_a_contact_of_nobody_is_a_warning() -> None:
    found = sheet(HEADER, "Ana,Maths,Ms Okafor,,,+1 555 0100,,,")
    assert len(found.rows) == 1
    assert only(found.problems).warning


def test_an_unreadable_letter_is_a_warning() -> None:
    found = read("student,class,teacher\nJosé,Música,Ms Ó\n".encode() + b"Mu\xf1oz,Art,Mr D\n")
    assert [row.student for row in found.rows] == ["José", "Mu\ufffdoz"]
    assert only(found.problems).warning


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("studnet", "“student”"),
        ("E-mail", "“teacher_contact”"),
        ("Phone", "“guardian_contact”"),
        ("correo", "“teacher_contact”"),
        ("Birthday", "student, class, teacher, teacher_contact"),
        ("Dayz", "“days”"),
        ("", "J without a name"),
    ],
)
def test_a_column_that_is_not_read_is_a_warning_with_the_right_name(header: str, told: str) -> None:
    found = sheet(f"{HEADER},{header}", f"{ANA},something")
    assert found.rows == (ANA_ROW,)
    problem = only(found.problems)
    assert (problem.row, problem.warning) == (1, True)
    assert "is not read" in problem.text
    assert told in problem.text


def test_an_unknown_column_without_content_is_passed_over() -> None:
    assert sheet(f"{HEADER},Birthday,,", f"{ANA},,,").problems == ()


def test_a_surname_column_is_not_taken_for_a_guardian() -> None:
    found = sheet("First name,Family name,class,teacher", "Ana,Ruiz,Maths,Ms Okafor")
    assert found.rows == ()
    assert [problem.column for problem in found.problems if not problem.warning] == ["student"]


def test_two_columns_of_one_meaning_are_told() -> None:
    found = sheet("alumno,asignatura,profesor,padre,madre", "Ana,Mates,Sra. Peña,Luis,Rosa")
    problem = only(found.problems)
    assert (found.rows, problem.row, problem.column, problem.warning) == ((), 1, "guardian", False)
    assert "“padre” and “madre”" in problem.text
    assert "a row of their own" in problem.text


def test_a_second_column_of_one_meaning_without_content_is_no_trouble() -> None:
    assert sheet("alumno,asignatura,profesor,padre,madre", "Ana,Mates,Sra. Peña,,Rosa").rows[0].guardian == "Rosa"


def test_missing_columns_are_told_all_at_once_beside_the_misspelt_one() -> None:
    found = sheet("studnet,subject", "Ana,Maths")
    assert found.rows == ()
    assert [(problem.row, problem.column, problem.warning) for problem in found.problems] == [
        (1, "studnet", True),
        (1, "student", False),
        (1, "teacher", False),
    ]


def test_a_sheet_without_a_header_is_told_the_header() -> None:
    found = sheet("Ana Ruiz,Maths,Ms Okafor", "Leo,Art,Mr Díaz")
    assert found.rows == ()
    assert HEADER.replace(",", ", ") in found.problems[-1].text


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"\xff\xfe", "The file is empty"),
        (b" \r\n;;;\n\n", "The file is empty"),
        (HEADER.encode(), "no row below it"),
        (f"{HEADER}\n,,,\n".encode(), "no row below it"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\xef\xbb\xbf \n<HTML>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (f"{HEADER}\n{ANA}".encode("utf-16-le"), "not a text file"),
        (bytes(1_000), "not a text file"),
        (f'{HEADER}\n{ANA}\n"Leo,Art,Mr D\nMia,Art,Mr D'.encode(), "Row 3 cannot be read"),
        (f'{HEADER}\n{ANA}\n"Leo,'.encode() + b"x" * 200_000, "Row 3 cannot be read"),
        (b'"student,class', "Row 1 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(raw: bytes, told: str) -> None:
    found = read(raw)
    problem = only(found.problems)
    assert (found.rows, problem.row, problem.warning) == ((), 0, False)
    assert told in problem.text


def test_hidden_characters_do_not_reach_the_roster() -> None:
    found = read("student,class,teacher\n\u202eA\0n\u200ba\U000e0041,Maths\x07,Ms\u00a0Okafor".encode())
    assert (found.rows[0].student, found.rows[0].course, found.rows[0].teacher) == ("Ana", "Maths", "Ms Okafor")


def test_a_lone_surrogate_of_a_utf_16_file_becomes_a_replacement_character() -> None:
    raw = "student,class,teacher\nAn\ud800a,Maths,Ms Okafor".encode("utf-16", "surrogatepass")
    assert read(raw).rows[0].student == "An\ufffda"


@given(
    st.one_of(
        st.binary(max_size=80), st.text(',;\t"\n\r\0x', max_size=40).map(lambda text: f"{HEADER}\n{text}".encode())
    )
)
def test_no_bytes_at_all_make_it_fail(raw: bytes) -> None:
    found = read(raw)
    assert found.problems or found.rows
    for row in found.rows:
        assert row.number > 1
        assert row.student and row.course and row.teacher


def test_ten_thousand_rows() -> None:
    lines = [f"Zoë {number},Maths,Ms Okafor,okafor@lincoln.example,Rosa,555,español,sí,7B" for number in range(10_000)]
    found = sheet(HEADER, *lines)
    assert (len(found.rows), found.problems) == (10_000, ())
