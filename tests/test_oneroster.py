"""What a school secretary gets for a OneRoster export: its rows, and what to mend in it."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.oneroster import read
from bot.oneroster_files import LARGEST
from bot.roster import Problem, Row, Sheet

TODAY = date(2026, 9, 14)

MANIFEST = """propertyName,value
manifest.version,1.0
oneroster.version,1.1
file.academicSessions,bulk
file.classes,bulk
file.courses,bulk
file.demographics,absent
file.enrollments,bulk
file.orgs,bulk
file.users,bulk"""
ORGS = """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
s1,,,Lincoln Middle School,school,,"""
SESSIONS = """sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
t1,,,Fall,semester,2026-08-24,2026-12-18,,2027
t2,,,Spring,semester,2027-01-11,2027-05-28,,2027"""
COURSES = """\
sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
k1,,,,Mathematics 7,M7,07,s1,,"""
CLASSES_HEAD = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods"
)
CLASSES = f"""{CLASSES_HEAD}
c1,,,Maths,07,k1,M7-1,scheduled,,s1,t1,,,1
c2,,,Art,07,,A7-1,scheduled,,s1,"t1,t2",,,2
h1,,,7B,07,,HR,homeroom,,s1,t1,,,0"""
USERS_HEAD = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
USERS = f"""{USERS_HEAD}
u1,,,true,s1,student,aruiz,,Ana,Ruiz,,,ana@lincoln.example,,,g1,07,
u2,,,true,s1,student,lkhan,,Leo,Khan,,,,,,,07,
p1,,,true,s1,teacher,jokafor,,June,Okafor,,,Okafor@Lincoln.example,,,,,
p2,,,true,s1,teacher,ddiaz,,Dan,Díaz,,,diaz@lincoln.example,,,,,
g1,,,true,s1,parent,rruiz,,Rosa,Ruiz,,,rosa@home.example,+1 555 0100,,,,"""
ENROLLMENTS = """\
sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,,,c1,s1,p1,teacher,true,,
e2,,,c2,s1,p2,teacher,true,,
e3,,,c1,s1,u1,student,false,,
e4,,,c2,s1,u1,student,false,,
e5,,,c1,s1,u2,student,false,,"""
EXPORT = {
    "manifest.csv": MANIFEST,
    "orgs.csv": ORGS,
    "academicSessions.csv": SESSIONS,
    "courses.csv": COURSES,
    "classes.csv": CLASSES,
    "users.csv": USERS,
    "enrollments.csv": ENROLLMENTS,
}
ROLES_HEAD = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
)
ROLES = f"""{ROLES_HEAD}
r1,,,u1,primary,student,,,s1,
r2,,,u2,primary,student,,,s1,
r3,,,p1,primary,teacher,,,s1,
r4,,,p2,primary,teacher,,,s1,
r5,,,g1,primary,guardian,,,s1,"""
USERS_12_HEAD = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
    "sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
)
USERS_12 = f"""{USERS_12_HEAD}
u1,,,true,aruiz,,Ana,Ruiz,,,,,,g1,07,,,,,,,s1,
u2,,,true,lkhan,,Leonard,Khan,,,,,,,07,,,,Leo,,,s1,
p1,,,true,jokafor,,June,Okafor,,,Okafor@Lincoln.example,,,,,,,,,,,s1,
p2,,,true,ddiaz,,Dan,Díaz,,,diaz@lincoln.example,,,,,,,,,,,s1,
g1,,,true,rruiz,,Rosa,Ruiz,,,rosa@home.example,,,,,,,,,,,s1,"""
EXPORT_12 = EXPORT | {
    "manifest.csv": MANIFEST.replace("1.1", "1.2") + "\nfile.roles,bulk",
    "users.csv": USERS_12,
    "roles.csv": ROLES,
}

Texts = Mapping[str, str | bytes]
Reader = Callable[[Texts], Sheet]


def raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def zipped(files: Texts, **how: int) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", **how) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            archive.writestr(name, raw(text))
    return whole.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Reader:
    """Reads these files as a folder, on 14 September 2026."""

    def reader(files: Texts) -> Sheet:
        for name, text in files.items():
            place = tmp_path / "export" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(raw(text))
        return read(tmp_path / "export", TODAY)

    return reader


@pytest.fixture
def archive(tmp_path: Path) -> Callable[[bytes], Sheet]:
    """Reads these bytes as a file that is called export.zip."""

    def reader(content: bytes) -> Sheet:
        (tmp_path / "export.zip").write_bytes(content)
        return read(tmp_path / "export.zip", TODAY)

    return reader


def only(found: Sequence[Problem]) -> Problem:
    assert len(found) == 1, found
    return found[0]


def where(problem: Problem) -> tuple[str, int, bool]:
    return problem.column, problem.row, problem.warning


def lines(found: Sheet) -> list[tuple[str, str, str, str]]:
    return [(row.student, row.course, row.teacher, row.guardian) for row in found.rows]


def guardians(found: Sheet) -> list[tuple[str, str]]:
    return sorted({(row.student, row.guardian) for row in found.rows if row.guardian})


def with_users(*added: str) -> dict[str, str]:
    return EXPORT | {"users.csv": "\n".join((USERS, *added))}


def with_enrollments(*added: str) -> dict[str, str]:
    return EXPORT | {"enrollments.csv": "\n".join((ENROLLMENTS, *added))}


ALL = [
    ("Ana Ruiz", "Maths", "June Okafor", "Rosa Ruiz"),
    ("Ana Ruiz", "Art", "Dan Díaz", "Rosa Ruiz"),
    ("Leo Khan", "Maths", "June Okafor", ""),
]


# --- a good export


def test_each_student_gets_a_row_for_each_class_and_guardian(folder: Reader) -> None:
    found = folder(EXPORT)
    assert found.problems == ()
    assert lines(found) == ALL
    assert found.rows[0] == Row(
        number=4,
        student="Ana Ruiz",
        group="07",
        course="Maths",
        teacher="June Okafor",
        teacher_contact="okafor@lincoln.example",
        guardian="Rosa Ruiz",
        guardian_contact="rosa@home.example",
        guardian_language="",
        daily=False,
    )


def test_version_1_2_with_roles_of_their_own_is_read(folder: Reader) -> None:
    found = folder(EXPORT_12)
    assert (lines(found), found.problems) == (ALL, ())


def test_a_zip_file_is_read_like_the_folder(archive: Callable[[bytes], Sheet]) -> None:
    found = archive(zipped(EXPORT, compression=zipfile.ZIP_DEFLATED))
    assert (lines(found), found.problems) == (ALL, ())


def test_marks_birth_dates_and_addresses_are_never_opened(archive: Callable[[bytes], Sheet]) -> None:
    private = {
        "demographics.csv": b"\0" * 9_000,
        "results.csv": b"<html>",
        "userProfiles.csv": b"",
        "userResources.csv": b"",
    }
    found = archive(zipped({**EXPORT, **private}))
    assert (lines(found), found.problems) == (ALL, ())
    assert "M7" not in str(found)


def test_columns_nobody_knows_are_passed_over(folder: Reader) -> None:
    users = "\n".join(
        line + end
        for line, end in zip(
            USERS.split("\n"), [",birthDate,metadata.preferredFirstName"] + [",2013-05-06,Xx"] * 5, strict=True
        )
    )
    found = folder(EXPORT | {"users.csv": users})
    assert (lines(found), found.problems) == (ALL, ())


# --- the manifest


def test_without_a_manifest_the_version_is_guessed_and_told(folder: Reader) -> None:
    found = folder({name: text for name, text in EXPORT.items() if name != "manifest.csv"})
    assert lines(found) == ALL
    assert where(only(found.problems)) == ("manifest.csv", 0, True)
    assert "look like OneRoster 1.1" in found.problems[0].text


def test_roles_of_their_own_without_a_manifest_look_like_1_2(folder: Reader) -> None:
    found = folder({name: text for name, text in EXPORT_12.items() if name != "manifest.csv"})
    assert lines(found) == ALL
    assert "look like OneRoster 1.2" in only(found.problems).text


def test_a_version_we_do_not_know_is_told_with_its_row(folder: Reader) -> None:
    found = folder(EXPORT | {"manifest.csv": MANIFEST.replace("1.1", "2.0")})
    assert lines(found) == ALL
    assert where(only(found.problems)) == ("manifest.csv value", 3, True)


def test_a_manifest_without_its_header_is_read(folder: Reader) -> None:
    found = folder(EXPORT | {"manifest.csv": MANIFEST.removeprefix("propertyName,value\n")})
    assert (lines(found), found.problems) == (ALL, ())


def test_a_delta_export_is_refused(folder: Reader) -> None:
    found = folder(EXPORT | {"manifest.csv": MANIFEST.replace("file.users,bulk", "file.users,Delta")})
    assert found.rows == ()
    assert where(only(found.problems)) == ("manifest.csv value", 10, False)
    assert "users.csv holds only what changed" in found.problems[0].text
    assert "Export everything (bulk)" in found.problems[0].text


def test_a_delta_of_marks_does_not_matter(folder: Reader) -> None:
    assert folder(EXPORT | {"manifest.csv": MANIFEST + "\nfile.results,delta"}).problems == ()


def test_a_file_the_manifest_promises_is_missed_by_name(folder: Reader) -> None:
    found = folder({name: text for name, text in EXPORT.items() if name != "users.csv"})
    assert found.rows == ()
    assert where(only(found.problems)) == ("manifest.csv value", 10, False)
    assert "users.csv is missing" in found.problems[0].text


def test_a_promised_file_that_we_could_do_without_is_a_fault_beside_the_rows(folder: Reader) -> None:
    found = folder({name: text for name, text in EXPORT.items() if name != "courses.csv"})
    assert lines(found) == ALL
    assert "courses.csv is missing" in only(found.problems).text
    assert not found.problems[0].warning


def test_files_that_are_absent_and_not_needed_are_no_trouble(folder: Reader) -> None:
    manifest = MANIFEST.replace("file.orgs,bulk", "file.orgs,absent").replace(
        "file.courses,bulk", "file.courses,absent"
    )
    manifest = manifest.replace("file.academicSessions,bulk", "file.academicSessions,absent")
    needed = {name: EXPORT[name] for name in ("classes.csv", "users.csv", "enrollments.csv")}
    found = folder({"manifest.csv": manifest} | needed)
    assert (lines(found), found.problems) == (ALL, ())


@pytest.mark.parametrize("name", ["classes.csv", "users.csv", "enrollments.csv"])
def test_a_needed_file_is_missed_without_a_manifest_too(folder: Reader, name: str) -> None:
    found = folder({one: text for one, text in EXPORT.items() if one not in (name, "manifest.csv")})
    assert found.rows == ()
    assert [where(problem) for problem in found.problems if not problem.warning] == [(name, 0, False)]


def test_1_2_without_roles_is_refused_and_names_the_file(folder: Reader) -> None:
    found = folder({name: text for name, text in EXPORT_12.items() if name != "roles.csv"})
    assert found.rows == ()
    assert "roles.csv is missing" in only(found.problems).text


def test_1_2_that_gives_the_roles_as_1_1_does_is_read(folder: Reader) -> None:
    found = folder(EXPORT | {"manifest.csv": MANIFEST.replace("1.1", "1.2")})
    assert (lines(found), found.problems) == (ALL, ())


# --- guardians


@pytest.mark.parametrize("role", ["parent", "guardian", "relative", "Parent", "GUARDIAN"])
def test_a_guardian_may_name_the_child(folder: Reader, role: str) -> None:
    found = folder(with_users(f'g2,,,true,s1,{role},,,Sami,Khan,,,,+1 555 0200,+1 555 0300,"u2, u1",,'))
    assert guardians(found) == [("Ana Ruiz", "Rosa Ruiz"), ("Ana Ruiz", "Sami Khan"), ("Leo Khan", "Sami Khan")]
    assert found.problems == ()


def test_a_child_may_name_several_guardians_in_one_cell(folder: Reader) -> None:
    users = USERS.replace(",,,g1,07,", ',,,"g1,g2",07,') + "\ng2,,,true,s1,guardian,,,Luis,Ruiz,,,,,+1 555 0300,,,"
    found = folder(EXPORT | {"users.csv": users})
    assert guardians(found) == [("Ana Ruiz", "Luis Ruiz"), ("Ana Ruiz", "Rosa Ruiz")]
    assert [row.guardian for row in found.rows if row.course == "Maths"] == ["Rosa Ruiz", "Luis Ruiz", ""]


def test_named_from_both_sides_is_one_guardian(folder: Reader) -> None:
    users = USERS.replace("+1 555 0100,,,,", "+1 555 0100,,u1,,")
    assert lines(folder(EXPORT | {"users.csv": users})) == ALL


@pytest.mark.parametrize(
    ("cells", "contact"),
    [("a@b.example,1,2", "a@b.example"), (",1,2", "1"), (",,2", "2"), (",,", "")],
)
def test_a_guardian_is_reached_by_mail_else_text_else_phone(folder: Reader, cells: str, contact: str) -> None:
    found = folder(with_users(f"g2,,,true,s1,parent,,,Sami,Khan,,,{cells},u2,,"))
    assert [row.guardian_contact for row in found.rows if row.guardian == "Sami Khan"] == [contact]


def test_a_teacher_who_is_connected_to_a_child_is_told_and_not_invited(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("Khan,,,,,,,07", "Khan,,,,,,p2,07")})
    assert guardians(found) == [("Ana Ruiz", "Rosa Ruiz")]
    assert where(only(found.problems)) == ("users.csv agentSourcedIds", 3, True)
    assert "“Dan Díaz” is connected to “Leo Khan”" in found.problems[0].text


def test_a_teacher_whose_second_role_is_parent_is_a_guardian(folder: Reader) -> None:
    users = USERS_12.replace("Khan,,,,,,,07", "Khan,,,,,,p2,07")
    found = folder(EXPORT_12 | {"users.csv": users, "roles.csv": ROLES + "\nr6,,,p2,secondary,parent,,,s1,"})
    assert ("Leo Khan", "Dan Díaz") in guardians(found)
    assert found.problems == ()


def test_a_brother_or_sister_is_no_guardian_and_no_trouble(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("Khan,,,,,,,07", "Khan,,,,,,u1,07")})
    assert (lines(found), found.problems) == (ALL, ())


def test_a_guardian_nobody_knows_is_a_warning(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("Khan,,,,,,,07", "Khan,,,,,,g9,07")})
    assert where(only(found.problems)) == ("users.csv agentSourcedIds", 3, True)
    assert "“g9”, which is not in users.csv" in found.problems[0].text


@pytest.mark.parametrize("column", ["preferredLanguage", "metadata.language", "metadata.homeLanguage"])
def test_a_column_for_the_language_is_read(folder: Reader, column: str) -> None:
    users = [line + "," for line in USERS.split("\n")]
    users[0], users[-1] = users[0] + column, users[-1] + "Spanish"
    assert {row.guardian_language for row in folder(EXPORT | {"users.csv": "\n".join(users)}).rows} == {"es", ""}


def test_a_language_that_is_not_there_is_told(folder: Reader) -> None:
    users = [line + "," for line in USERS.split("\n")]
    users[0], users[-1] = users[0] + "preferredLanguage", users[-1] + "vi"
    found = folder(EXPORT | {"users.csv": "\n".join(users)})
    assert lines(found) == ALL
    assert where(only(found.problems)) == ("users.csv preferredLanguage", 6, True)


# --- who and what no longer counts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("u2,,,true", "u2,tobedeleted,,true"),
        ("u2,,,true", "u2,ToBeDeleted,,true"),
        ("u2,,,true", "u2,inactive,,true"),
        ("u2,,,true", "u2,active,2026-09-01,FALSE"),
    ],
)
def test_a_student_who_is_deleted_or_disabled_is_left_out(folder: Reader, before: str, after: str) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace(before, after)})
    assert (lines(found), found.problems) == (ALL[:2], ())


def test_a_deleted_guardian_is_not_invited(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("g1,,,true", "g1,tobedeleted,,true")})
    assert (guardians(found), found.problems) == ([], ())


def test_a_deleted_enrollment_is_left_out(folder: Reader) -> None:
    found = folder(EXPORT | {"enrollments.csv": ENROLLMENTS.replace("e4,,", "e4,tobedeleted,")})
    assert (lines(found), found.problems) == ([ALL[0], ALL[2]], ())


def test_a_role_that_has_ended_is_no_role(folder: Reader) -> None:
    found = folder(EXPORT_12 | {"roles.csv": ROLES.replace("u2,primary,student,,", "u2,primary,student,,2026-06-30")})
    assert (lines(found), found.problems) == (ALL[:2], ())


@pytest.mark.parametrize("end", ["2026-09-13", "9/13/2026", "9/13/26", "2026-09-13T00:00:00Z", "2026-9-13", "20260913"])
def test_an_enrollment_that_has_ended_is_left_out(folder: Reader, end: str) -> None:
    found = folder(
        EXPORT | {"enrollments.csv": ENROLLMENTS.replace("c2,s1,u1,student,false,,", f"c2,s1,u1,student,false,,{end}")}
    )
    assert (lines(found), found.problems) == ([ALL[0], ALL[2]], ())


@pytest.mark.parametrize("end", ["2026-09-14", "9/14/2026", "9/14/2026 0:00", "2027-06-11T00:00:00.000Z"])
def test_an_enrollment_counts_until_its_last_day(folder: Reader, end: str) -> None:
    found = folder(
        EXPORT
        | {
            "enrollments.csv": ENROLLMENTS.replace(
                "c2,s1,u1,student,false,,", f"c2,s1,u1,student,false,8/24/2026,{end}"
            )
        }
    )
    assert (lines(found), found.problems) == (ALL, ())


def test_a_class_of_next_term_waits_and_is_counted(folder: Reader) -> None:
    found = folder(EXPORT | {"classes.csv": CLASSES.replace('"t1,t2"', "t2")})
    assert lines(found) == [ALL[0], ALL[2]]
    assert where(only(found.problems)) == ("enrollments.csv beginDate", 0, True)
    assert "begin after 2026-09-14, left out: 2" in found.problems[0].text


def test_before_the_year_begins_its_first_day_is_read(tmp_path: Path) -> None:
    for name, text in EXPORT.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path, date(2026, 8, 3))
    assert lines(found) == ALL
    assert "as it will be on 2026-08-24" in only(found.problems).text


def test_after_the_year_nothing_is_left_and_that_is_told(tmp_path: Path) -> None:
    for name, text in EXPORT.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path, date(2027, 7, 1))
    assert found.rows == ()
    assert [problem.row for problem in found.problems if not problem.warning] == [0]


# --- names, groups and classes


@pytest.mark.parametrize("column", ["preferredGivenName", "preferredFirstName"])
def test_the_preferred_name_is_used(folder: Reader, column: str) -> None:
    users = [line + "," for line in USERS.split("\n")]
    users[0], users[2], users[3] = users[0] + column, users[2] + "Lee", users[3] + "Junie"
    assert lines(folder(EXPORT | {"users.csv": "\n".join(users)}))[2] == ("Lee Khan", "Maths", "Junie Okafor", "")


def test_a_person_with_one_name_is_a_person(folder: Reader) -> None:
    assert lines(folder(EXPORT | {"users.csv": USERS.replace("Leo,Khan", ",Khan")}))[2][0] == "Khan"


def test_the_homeroom_is_the_group_and_no_class_line(folder: Reader) -> None:
    found = folder(with_enrollments("e6,,,h1,s1,u1,student,,,", "e7,,,h1,s1,p1,teacher,true,,"))
    assert lines(found) == ALL
    assert [row.group for row in found.rows] == ["7B", "7B", "07"]


def test_the_homeroom_is_the_class_of_who_has_no_other(folder: Reader) -> None:
    enrollments = ENROLLMENTS.replace("c1,s1,u2", "h1,s1,u2") + "\ne7,,,h1,s1,p1,teacher,true,,"
    found = folder(EXPORT | {"enrollments.csv": enrollments})
    assert lines(found)[2] == ("Leo Khan", "7B", "June Okafor", "")
    assert found.rows[2].group == "7B"


def test_a_homeroom_without_a_teacher_still_names_the_group(folder: Reader) -> None:
    found = folder(with_enrollments("e6,,,h1,s1,u1,student,,,"))
    assert (found.rows[0].group, found.problems) == ("7B", ())


def test_of_several_grades_the_first_is_the_group(folder: Reader) -> None:
    assert folder(EXPORT | {"users.csv": USERS.replace("g1,07", 'g1,"08,07"')}).rows[0].group == "08"


def test_a_class_without_a_title_goes_by_its_course_else_its_code(folder: Reader) -> None:
    classes = CLASSES.replace("Maths,07", ",07").replace("Art,07", ",07")
    found = folder(EXPORT | {"classes.csv": classes})
    assert [row.course for row in found.rows] == ["Mathematics 7", "A7-1", "Mathematics 7"]


def test_co_teachers_get_a_row_each_the_first_teacher_first(folder: Reader) -> None:
    enrollments = ENROLLMENTS.replace("p1,teacher,true", "p1,teacher,false") + "\ne6,,,c1,s1,p2,teacher,TRUE,,"
    found = folder(EXPORT | {"enrollments.csv": enrollments})
    assert [row.teacher for row in found.rows if row.student == "Leo Khan"] == ["Dan Díaz", "June Okafor"]


def test_aides_and_proctors_of_a_class_are_no_teachers(folder: Reader) -> None:
    found = folder(
        with_enrollments("e6,,,c1,s1,p2,aide,,,", "e7,,,c1,s1,p2,proctor,,,", "e8,,,c1,s1,p2,administrator,,,")
    )
    assert (lines(found), found.problems) == (ALL, ())


def test_a_class_without_a_teacher_is_told_with_its_students(folder: Reader) -> None:
    found = folder(EXPORT | {"enrollments.csv": ENROLLMENTS.replace("e1,,", "e1,tobedeleted,")})
    assert lines(found) == [ALL[1]]
    assert [where(problem) for problem in found.problems] == [("classes.csv", 2, True), ("users.csv", 0, True)]
    assert "“Maths” has students but no teacher" in found.problems[0].text
    assert "in no class with a teacher now, left out: 1" in found.problems[1].text


def test_a_student_without_a_class_is_counted_not_named(folder: Reader) -> None:
    found = folder(with_users("u3,,,true,s1,student,,,Mia,Lee,,,,,,,07,", "u4,,,true,s1,student,,,Sam,Lee,,,,,,,07,"))
    assert lines(found) == ALL
    assert "left out: 2" in only(found.problems).text
    assert "Mia" not in found.problems[0].text


def test_namesakes_of_one_group_go_by_their_middle_names(folder: Reader) -> None:
    users = USERS.replace("Leo,Khan,", "Ana,Ruiz,Sofía").replace("Ana,Ruiz,,,ana", "Ana,Ruiz,Elena,,ana")
    found = folder(EXPORT | {"users.csv": users})
    assert [row.student for row in found.rows] == ["Ana Elena Ruiz", "Ana Elena Ruiz", "Ana Sofía Ruiz"]
    assert found.problems == ()


def test_namesakes_who_cannot_be_told_apart_are_both_left_out(folder: Reader) -> None:
    users = USERS.replace("Leo,Khan", "Ana,Ruiz") + "\nu3,,,true,s1,student,,,Mia,Lee,,,,,,,07,"
    found = folder(EXPORT | {"users.csv": users, "enrollments.csv": ENROLLMENTS + "\ne6,,,c1,s1,u3,student,,,"})
    assert {row.student for row in found.rows} == {"Mia Lee"}
    assert [where(problem) for problem in found.problems] == [
        ("users.csv givenName", 2, False),
        ("users.csv givenName", 3, False),
    ]


def test_namesakes_of_two_groups_are_two_children(folder: Reader) -> None:
    users = USERS.replace("Leo,Khan,,,,,,,07", "Ana,Ruiz,,,,,,,08")
    found = folder(EXPORT | {"users.csv": users})
    assert {(row.student, row.group) for row in found.rows} == {("Ana Ruiz", "07"), ("Ana Ruiz", "08")}
    assert found.problems == ()


def test_two_teachers_of_one_name_without_an_address_are_doubted(folder: Reader) -> None:
    users = USERS.replace("Dan,Díaz,,,diaz@lincoln.example", "June,Okafor,,,")
    assert where(only(folder(EXPORT | {"users.csv": users}).problems)) == ("users.csv email", 5, True)


def test_a_teachers_bad_address_is_told_and_not_used(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("diaz@lincoln.example", "none")})
    assert [row.teacher_contact for row in found.rows if row.course == "Art"] == [""]
    assert where(only(found.problems)) == ("users.csv email", 5, True)


def test_an_export_of_several_schools_is_told(folder: Reader) -> None:
    classes = CLASSES.replace('scheduled,,s1,"t1', 'scheduled,,s2,"t1')
    found = folder(EXPORT | {"classes.csv": classes, "orgs.csv": ORGS + "\ns2,,,Adams Elementary,school,,"})
    assert lines(found) == ALL
    assert where(only(found.problems)) == ("orgs.csv", 0, True)
    assert "2 schools (“Lincoln Middle School”, “Adams Elementary”)" in found.problems[0].text


# --- dialects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_way_to_save_is_read(folder: Reader, encoding: str, delimiter: str, line_end: str) -> None:
    files = EXPORT | {"classes.csv": CLASSES.replace('"t1,t2"', "t1")}
    found = folder(
        {name: text.replace(",", delimiter).replace("\n", line_end).encode(encoding) for name, text in files.items()}
    )
    assert (lines(found), found.problems) == (ALL, ())


@pytest.mark.parametrize(
    ("file", "header", "written"),
    [
        ("enrollments.csv", "userSourcedId", "userSourceId"),
        ("enrollments.csv", "userSourcedId", "userSourcedID"),
        ("enrollments.csv", "userSourcedId", " USERSOURCEDID "),
        ("enrollments.csv", "classSourcedId", "class_sourced_id"),
        ("enrollments.csv", "schoolSourcedId", "schoolSourcedIds"),
        ("users.csv", "sourcedId", "sourcedid"),
        ("users.csv", "sourcedId", "sourceID"),
        ("users.csv", "agentSourcedIds", "agents"),
        ("users.csv", "agentSourcedIds", "agentSourceIds"),
        ("users.csv", "agentSourcedIds", "agentSourcedId"),
        ("users.csv", "givenName", "GivenName"),
        ("classes.csv", "termSourcedIds", "termSourcedId"),
        ("classes.csv", "schoolSourcedId", "schoolSourcedIds"),
    ],
)
def test_a_column_may_be_misspelt_as_real_exports_do(folder: Reader, file: str, header: str, written: str) -> None:
    found = folder(EXPORT | {file: EXPORT[file].replace(header, written, 1)})
    assert (lines(found), found.problems) == (ALL, ())


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("enrollments.csv", "enrolments.csv"),
        ("enrollments.csv", "Enrollments.CSV"),
        ("academicSessions.csv", "academicsessions.csv"),
        ("users.csv", "USERS.CSV"),
    ],
)
def test_a_file_may_be_named_as_real_exports_do(folder: Reader, name: str, written: str) -> None:
    found = folder({written if one == name else one: text for one, text in EXPORT.items()})
    assert (lines(found), found.problems) == (ALL, ())


@pytest.mark.parametrize("above", ["OneRoster 2026/", "a/b/", "export\\"])
def test_the_files_may_stand_in_a_folder_of_the_zip_beside_what_a_mac_adds(
    archive: Callable[[bytes], Sheet], above: str
) -> None:
    files = {above + name: text for name, text in EXPORT.items()}
    junk = {f"__MACOSX/{above}._users.csv": b"\0\5", f"{above}._classes.csv": b"\0\5", f"{above}.DS_Store": b"\0"}
    found = archive(zipped(files | junk | {"__MACOSX/users.csv": b"\0\5"}))
    assert (lines(found), found.problems) == (ALL, ())


def test_the_files_may_stand_in_a_folder_of_the_folder(folder: Reader) -> None:
    assert lines(folder({f"OneRoster/{name}": text for name, text in EXPORT.items()})) == ALL


# --- bad rows


def test_enrollments_of_nobody_and_of_no_class_are_told_once_each_with_their_rows(folder: Reader) -> None:
    added = ["e6,,,c1,s1,u9,student,,,", "e7,,,c2,s1,u9,student,,,", "e8,,,c9,s1,u2,student,,,"]
    found = folder(with_enrollments(*added))
    assert lines(found) == ALL
    assert [where(problem) for problem in found.problems] == [
        ("enrollments.csv userSourcedId", 7, True),
        ("enrollments.csv classSourcedId", 9, True),
    ]
    assert "2 rows name “u9”, which is not in users.csv" in found.problems[0].text
    assert "1 row names “c9”, which is not in classes.csv" in found.problems[1].text


def test_after_twenty_of_a_kind_the_rest_is_counted(folder: Reader) -> None:
    found = folder(with_enrollments(*(f"e,,,c1,s1,x{number},student,,," for number in range(50))))
    assert len(found.problems) == 21
    assert found.problems[-1] == Problem(0, "enrollments.csv userSourcedId", "And 30 more like this.", warning=True)


def test_a_repeated_enrollment_counts_once(folder: Reader) -> None:
    found = folder(with_enrollments("e9,,,c1,s1,u2,student,,,"))
    assert lines(found) == ALL
    assert where(only(found.problems)) == ("enrollments.csv", 7, True)
    assert "row 6" in found.problems[0].text


def test_a_user_with_a_row_for_each_school_is_one_person_with_all_guardians(folder: Reader) -> None:
    found = folder(with_users("u1,,,true,s2,student,,,Ana,Ruiz,,,,,,g2,07,", "g2,,,true,s1,parent,,,Luis,Ruiz,,,,,,,,"))
    assert guardians(found) == [("Ana Ruiz", "Luis Ruiz"), ("Ana Ruiz", "Rosa Ruiz")]
    assert where(only(found.problems)) == ("users.csv sourcedId", 7, True)


def test_an_id_of_two_people_is_a_fault_and_neither_is_read(folder: Reader) -> None:
    found = folder(with_users("u2,,,true,s1,student,,,Mia,Lee,,,,,,,07,"))
    assert lines(found) == ALL[:2]
    assert where(only(found.problems)) == ("users.csv sourcedId", 7, False)
    assert "“Mia Lee” here and “Leo Khan” in row 3" in found.problems[0].text


@pytest.mark.parametrize(
    ("file", "before", "after", "column", "row"),
    [
        ("users.csv", "Leo,Khan", "L" * 5_000 + ",Khan", "users.csv givenName", 3),
        ("users.csv", "Leo,Khan", ",", "users.csv givenName", 3),
        ("users.csv", "u2,,,true", ",,,true", "users.csv sourcedId", 3),
        ("users.csv", "Leo,Khan", "Khan, Leo,Khan", "users.csv", 3),
        ("enrollments.csv", "c1,s1,u2", ",s1,u2", "enrollments.csv classSourcedId", 6),
        ("enrollments.csv", "c1,s1,u2", "c1,s1,", "enrollments.csv userSourcedId", 6),
        ("enrollments.csv", "u2,student", "u2,", "enrollments.csv role", 6),
        ("enrollments.csv", "u2,student,false,,", "u2,student,false,,14/9/2026", "enrollments.csv endDate", 6),
        ("enrollments.csv", "u2,student,false,", "u2,student,false,soon", "enrollments.csv beginDate", 6),
        ("classes.csv", "Art,07,", "A" * 5_000 + ",07,", "classes.csv title", 3),
        ("classes.csv", "Art,07,,A7-1", ",07,,", "classes.csv title", 3),
        ("academicSessions.csv", "2027-05-28", "2027-02-30", "academicSessions.csv endDate", 3),
    ],
)
def test_a_wrong_row_is_told_with_file_row_and_column_and_left_out(
    folder: Reader, file: str, before: str, after: str, column: str, row: int
) -> None:
    found = folder(EXPORT | {file: EXPORT[file].replace(before, after)})
    assert [where(problem) for problem in found.problems if not problem.warning] == [(column, row, False)]
    assert ALL[0] in lines(found)


def test_a_comma_behind_each_row_is_no_cell_too_many(folder: Reader) -> None:
    header, *rows = USERS.split("\n")
    found = folder(EXPORT | {"users.csv": "\n".join([header, *(row + "," for row in rows)])})
    assert (lines(found), found.problems) == (ALL, ())


def test_staff_who_meet_no_child_need_no_name(folder: Reader) -> None:
    found = folder(with_users("a1,,,true,s1,administrator,,,,,,,,,,,,"))
    assert (lines(found), found.problems) == (ALL, ())


def test_a_letter_that_could_not_be_read_is_a_warning(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("Khan", "Mu\ufffdoz")})
    assert where(only(found.problems)) == ("users.csv familyName", 3, True)


# --- files that are no export


def test_users_without_a_header_are_told(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.split("\n", 1)[1]})
    assert found.rows == ()
    assert where(only(found.problems)) == ("users.csv", 1, False)
    assert "does not name the columns, such as sourcedId, givenName, familyName, role" in found.problems[0].text


def test_a_column_that_is_missing_is_named(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS.replace("familyName", "somethingElse")})
    assert (found.rows, where(only(found.problems))) == ((), ("users.csv familyName", 1, False))


@pytest.mark.parametrize(
    ("text", "row", "told"),
    [
        (b"", 1, "does not name the columns"),
        (b"<!DOCTYPE html><title>Sign in</title>", 0, "web page"),
        (b"PK\x03\x04", 0, "a workbook or a zip file"),
        (b"%PDF-1.7", 0, "PDF"),
        (bytes(1_000), 0, "not a text file"),
        (USERS + '\n"u9,,,', 0, "Row 7 cannot be read to its end"),
        (USERS + "\n" + "x" * 200_000, 0, "Row 7 cannot be read to its end"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder: Reader, text: str | bytes, row: int, told: str) -> None:
    found = folder(EXPORT | {"users.csv": text})
    assert (found.rows, where(only(found.problems))) == ((), ("users.csv", row, False))
    assert told in found.problems[0].text


def test_a_header_alone_is_told(folder: Reader) -> None:
    found = folder(EXPORT | {"users.csv": USERS_HEAD})
    assert found.rows == ()
    assert any(
        where(problem) == ("users.csv", 1, True) and "no row below" in problem.text for problem in found.problems
    )
    assert any(not problem.warning for problem in found.problems)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, TODAY)
    assert found.rows == ()
    assert "no OneRoster files" in only(found.problems).text


def test_a_path_where_nothing_is_is_told(tmp_path: Path) -> None:
    assert "“nothing.zip” cannot be opened (No such file" in only(read(tmp_path / "nothing.zip", TODAY).problems).text


def encrypted() -> bytes:
    """An archive whose entries say that they are encrypted; the bit stands in both of an entry's headers."""
    whole = bytearray(zipped(EXPORT))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = whole.find(start)
        while found >= 0:
            whole[found + at] |= 1
            found = whole.find(start, found + 1)
    return bytes(whole)


def twice() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("users.csv", USERS)
        archive.writestr("users.csv", USERS)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: b"", "not a zip file"),
        (lambda: USERS.encode(), "not a zip file"),
        (lambda: zipped(EXPORT)[:-40], "not a zip file"),
        (lambda: zipped(EXPORT).replace(b"Ana,Ruiz", b"Eva,Ruiz"), "damaged"),
        (lambda: b"\n<html><body>Sign in</body></html>", "web page"),
        (lambda: zipped({}), "no OneRoster files"),
        (lambda: zipped({"readme.txt": "hello"}), "no OneRoster files"),
        (lambda: zipped({"../users.csv": USERS, "../../etc/classes.csv": CLASSES}), "no OneRoster files"),
        (lambda: zipped({"inner/export.zip": zipped(EXPORT)}), "another zip file inside (“inner/export.zip”)"),
        (encrypted, "password"),
        (twice, "users.csv is there twice"),
        (lambda: zipped(EXPORT | {"Users.CSV": USERS}), "users.csv is there twice"),
        (lambda: zipped(EXPORT, compression=zipfile.ZIP_LZMA), "unusual way"),
        (lambda: zipped({f"{number}.txt": "" for number in range(2_001)}), "more than 2000 files"),
        (
            lambda: zipped({f"{school}/{name}": text for school in "ab" for name, text in EXPORT.items()}),
            "two exports in it, “a” and “b”",
        ),
        (
            lambda: zipped(EXPORT | {"users.csv": USERS + "\n" * 3_000_000}, compression=zipfile.ZIP_DEFLATED),
            "users.csv is packed far too tightly",
        ),
        (
            lambda: zipped(EXPORT | {"users.csv": b" " * (LARGEST + 1)}, compression=zipfile.ZIP_DEFLATED),
            "larger than 64 MB",
        ),
    ],
)
def test_a_zip_file_that_cannot_be_used_is_told_in_one_sentence(
    archive: Callable[[bytes], Sheet], content: Callable[[], bytes], told: str
) -> None:
    found = archive(content())
    assert found.rows == ()
    assert where(only(found.problems)) == ("", 0, False)
    assert told in found.problems[0].text


def test_a_zip_file_that_lies_about_a_size_is_not_believed(archive: Callable[[bytes], Sheet]) -> None:
    honest = zipped(EXPORT | {"users.csv": b" " * (LARGEST + 1)}, compression=zipfile.ZIP_DEFLATED)
    found = archive(honest.replace((LARGEST + 1).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert found.rows == ()
    assert not only(found.problems).warning


def test_nothing_is_written_beside_the_zip_file(archive: Callable[[bytes], Sheet], tmp_path: Path) -> None:
    archive(zipped({f"export/{name}": text for name, text in EXPORT.items()}))
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, 5_000), byte=st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_zip_file_makes_it_fail(archive: Callable[[bytes], Sheet], at: int, byte: bytes) -> None:
    good = zipped(EXPORT, compression=zipfile.ZIP_DEFLATED)
    at %= len(good)
    found = archive(good[:at] + byte + good[at + len(byte) :])
    assert found.rows or any(not problem.warning for problem in found.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(file=st.sampled_from(sorted(EXPORT)), text=st.text(',;\t"\n\r\0x1/-', max_size=40))
def test_no_cells_at_all_make_it_fail(folder: Reader, file: str, text: str) -> None:
    header = EXPORT[file].split("\n")[0]
    found = folder(EXPORT | {file: f"{header}\n{text}"})
    assert found.rows or any(not problem.warning for problem in found.problems)


def test_ten_thousand_enrollments_take_a_moment(folder: Reader) -> None:
    students = [f"x{n},,,true,s1,student,,,Zoë {n},Lee,,,,,,f{n},07," for n in range(2_500)]
    families = [f"f{n},,,true,s1,parent,,,Kim {n},Lee,,,f{n}@home.example,,,,," for n in range(2_500)]
    enrolled = [
        f"y{n}-{c},,,{c},s1,x{n},student,false,2026-08-24,2027-05-28" for n in range(2_500) for c in ("c1", "c2")
    ]
    enrolled += [
        f"z{n}-{c},,,{c},s1,x{n},student,false,2025-08-24,2026-05-28" for n in range(2_500) for c in ("c1", "c2")
    ]
    found = folder(with_users(*students, *families) | {"enrollments.csv": "\n".join((ENROLLMENTS, *enrolled))})
    assert (len(found.rows), found.problems) == (5_003, ())
