"""What a school's office sees of its rosters, one after the other: what the preview tells, and what then stands."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlmodel import SQLModel

from bot.model import Fact
from bot.ports import Account
from bot.preview import preview
from bot.report import runs
from bot.roster import Row, read
from storage.load import (
    FACT_COLUMNS,
    address,
    card,
    course,
    enrolment,
    fact,
    invitation,
    person,
    relation,
    school_,
    student,
    to_fact,
)
from storage.office import link
from storage.roster_changes import Changes
from storage.rosters import put
from storage.store import Store
from storage.turn import Turn
from tests.bench.rosters import imported, spreadsheet
from tests.bench.town import SCHOOL, new_store

HEADER = "student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily\n"
ANA_MATHS = "Ana Romero,7B,Maths,Ms Okafor,okafor@school.example,Lucía Romero,L1,es,yes\n"
ANA_HISTORY = "Ana Romero,7B,History,Mr Díaz,,Tom Romero,T1,en,yes\n"
BEN_MATHS = "Ben Osei,7B,Maths,Ms Okafor,okafor@school.example,Ada Osei,A1,en,yes\n"
SHEET = HEADER + ANA_MATHS + ANA_HISTORY + BEN_MATHS
OKAFOR = "Ms Okafor,okafor@school.example"
NOVAK = SHEET.replace(OKAFOR, "Mr Novak,novak@school.example")
MONDAY = date(2026, 9, 14)
TUESDAY, WEDNESDAY = MONDAY + timedelta(1), MONDAY + timedelta(2)
NOTHING = "Nothing changes."


class Office:
    """A school's office on its days; `imports` shows what it reads on the screen."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.day = MONDAY

    @property
    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 14, tzinfo=UTC)

    def imports(self, sheet: str, **how: Any) -> list[str]:
        return list(preview((), self.changes(sheet, **how), False))

    def changes(self, sheet: str, **how: Any) -> Changes:
        return self.rows(read(sheet.encode()).rows, **how)

    def rows(self, rows: tuple[Row, ...], **how: Any) -> Changes:
        return self.store.turn(SCHOOL.id, self.now, lambda turn: put(turn, rows, **how))

    def opens(self, day: date) -> None:
        """The running bot on the morning of that day."""
        self.day = day
        self.store.open_days(self.now)

    def ask(self, query: Any) -> list[Any]:
        with self.store.engine.begin() as connection:
            return list(connection.execute(query))

    def does(self, statement: Any) -> None:
        with self.store.engine.begin() as connection:
            connection.execute(statement)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables."""
        tables = SQLModel.metadata.sorted_tables
        return {table.name: sorted((tuple(r) for r in self.ask(select(table))), key=repr) for table in tables}

    def classes(self, child: str, day: date) -> list[str]:
        """The classes of a child on a date with their teachers, in the order of the file."""
        query = (
            select(
                course.c.name, person.c.name.label("teacher"), enrolment.c.since, enrolment.c.until, relation.c.until
            )
            .join(enrolment, enrolment.c.course == course.c.id)
            .join(student, student.c.id == enrolment.c.student)
            .join(relation, (relation.c.course == course.c.id) & (relation.c.role == "teacher"))
            .join(person, person.c.id == relation.c.person)
            .where(student.c.name == child)
            .order_by(enrolment.c.id, relation.c.id)
        )
        return [f"{r[0]} ({r[1]})" for r in self.ask(query) if _holds(day, r[2], r[3]) and _holds(day, None, r[4])]

    def guardians(self, child: str) -> list[tuple[str, str, str]]:
        """Name, contact and language of the guardians who hold, first come first."""
        query = (
            select(person.c.name, person.c.contact, person.c.language)
            .join(relation, relation.c.person == person.c.id)
            .join(student, student.c.id == relation.c.student)
            .where(student.c.name == child, relation.c.role == "guardian", relation.c.until.is_(None))
            .order_by(relation.c.id)
        )
        return [tuple(r) for r in self.ask(query)]

    def report(self, child: str, day: date) -> str:
        query = select(*FACT_COLUMNS).join(student, student.c.id == fact.c.student).where(student.c.name == child)
        return runs([to_fact(r) for r in self.ask(query)], day)

    def joins(self, name: str, *invited: str) -> None:
        """Somebody joins; `invited` have the same account and join with a second invitation of their own."""
        who, lane = self.who(name), self.store.lane("web").id
        row = {"school": SCHOOL.id, "person": who, "lane": lane, "user": name, "chat": name, "state": "reachable"}
        self.does(address.insert().values(**row, name=name, failures=0))
        place = self.ask(select(address.c.id).where(address.c.person == who))[0][0]
        for other in map(self.who, invited):
            child = self.ask(select(relation.c.student).where(relation.c.person == other))[0][0]
            code = {"code": "", "token": "", "expires": self.now, "state": "joined", "address": place}
            one = {"school": SCHOOL.id, "person": other, "role": "guardian", "student": child, **code}
            self.does(invitation.insert().values(**one))
            self.store.turn(SCHOOL.id, self.now, _moves(other, who))

    def links(self, teacher: str, user: str) -> None:
        """Slack tells that this account has the teacher's e-mail address."""
        who, account = self.who(teacher), Account(self.store.lane("web").id, user, user, user)
        self.store.turn(SCHOOL.id, self.now, lambda turn: link(turn, who, account))

    def who(self, name: str) -> int:
        return int(self.ask(select(person.c.id).where(person.c.name == name))[0][0])

    def ends(self, name: str) -> None:
        """The school ends what somebody may see and say, say because of a custody order."""
        self.does(update(relation).where(relation.c.person == self.who(name)).values(until=self.day))


def _holds(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day < until)


def _moves(giver: int, taker: int) -> Any:
    def move(turn: Turn) -> None:
        turn.move_relations(giver, taker)

    return move


@pytest.fixture
def office(database: str) -> Iterator[Office]:
    """An empty school."""
    store = new_store(database)
    yield Office(store)
    store.close()


@pytest.fixture
def settled(office: Office) -> Office:
    """The school after its first roster, on the morning after; the reports run."""
    office.imports(SHEET)
    office.opens(TUESDAY)
    return office


# --- the first and the second import ---------------------------------------------------------------------------------


def test_the_first_import(office: Office) -> None:
    assert office.imports(SHEET) == [
        "New children (2): Ana Romero (7B), Ben Osei (7B)",
        "New teachers (2): Ms Okafor, Mr Díaz",
        "New guardians (3): Lucía Romero, Tom Romero, Ada Osei",
        "New classes (2): Maths (Ms Okafor), History (Mr Díaz)",
        "Daily report starts with the next school day (2): Ana Romero (7B), Ben Osei (7B)",
        "New places in classes: 3",
    ]
    assert office.classes("Ana Romero", MONDAY - timedelta(30)) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]
    assert office.guardians("Ana Romero") == [("Lucía Romero", "L1", "es"), ("Tom Romero", "T1", "en")]


def test_a_look_stores_nothing(office: Office) -> None:
    before = office.everything()
    assert office.imports(SHEET, only_look=True)[0] == "New children (2): Ana Romero (7B), Ben Osei (7B)"
    assert office.everything() == before


def test_the_same_file_again_writes_nothing_at_all(settled: Office) -> None:
    before = settled.everything()
    assert settled.imports(SHEET) == [NOTHING]
    assert settled.everything() == before
    assert settled.ask(select(school_.c.stale)) == [(False,)]


def test_the_same_rows_in_another_order_change_nothing(settled: Office) -> None:
    assert settled.imports(HEADER + BEN_MATHS + ANA_HISTORY + ANA_MATHS) == [NOTHING]


def test_what_one_row_leaves_empty_another_may_say(office: Office) -> None:
    rows = "Ana Romero,7B,Art,Ms Okafor,,Lucía Romero,,,\n"
    assert "New teachers (2): Ms Okafor, Mr Díaz" in office.imports(HEADER + rows + ANA_MATHS + ANA_HISTORY)
    assert office.guardians("Ana Romero")[0] == ("Lucía Romero", "L1", "es")
    assert office.imports(HEADER + rows + ANA_MATHS + ANA_HISTORY) == [NOTHING]


def test_a_changed_roster_is_seen_on_cards_that_stand_already(settled: Office) -> None:
    settled.joins("Ms Okafor")
    settled.does(update(school_).values(stale=True))
    settled.opens(TUESDAY)
    settled.does(update(card).values(wake_at=None))
    settled.imports(NOVAK)
    assert settled.ask(select(school_.c.stale)) == [(True,)]
    assert {r.wake_at for r in settled.ask(select(card.c.wake_at))} == {settled.now}


def test_whatever_a_sheet_holds_a_second_import_changes_nothing(office: Office) -> None:
    """Forty sheets one after the other, with names, contacts and languages at odds; a child has a class once."""
    lot = random.Random(1)
    for day in range(40):
        office.opens(MONDAY + timedelta(day))
        sheet = HEADER + "".join(_any_row(lot) for _ in range(8))
        office.imports(sheet)
        before = office.everything()
        assert not office.changes(sheet).anything, sheet
        assert office.everything() == before
        taken = select(enrolment.c.student, course.c.name).join(course, course.c.id == enrolment.c.course)
        open_ = [tuple(r) for r in office.ask(taken.where(enrolment.c.until.is_(None)))]
        assert len(open_) == len(set(open_))


def _any_row(lot: random.Random) -> str:
    child, group, name = lot.choice(["Ana", "Ben"]), lot.choice(["", "7B"]), lot.choice(["Maths", "Art"])
    teacher, address = lot.choice(["Ms Lee", "Mr Díaz"]), lot.choice(["", "a@school.example", "b@school.example"])
    home = [lot.choice(["Lu", "Tom"]), lot.choice(["", "C1", "C2"]), lot.choice(["", "en", "es"])]
    return (
        ",".join([child, group, name, teacher, address, *(home if lot.random() < 0.7 else ["", "", ""]), "yes"]) + "\n"
    )


# --- classes that change hands ---------------------------------------------------------------------------------------


def test_another_teacher_takes_a_class_over(settled: Office) -> None:
    told = settled.imports(NOVAK)
    assert told == [
        "New teachers (1): Mr Novak",
        "New classes (1): Maths (Mr Novak)",
        "Taken over: Maths, Ms Okafor → Mr Novak (2 children)",
        "No children left, so it ends: Ms Okafor for Maths",
    ]
    assert settled.classes("Ana Romero", MONDAY) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]
    assert settled.classes("Ana Romero", TUESDAY) == ["History (Mr Díaz)", "Maths (Mr Novak)"]
    assert settled.imports(NOVAK) == [NOTHING]


def test_a_class_that_comes_back_is_opened_again(settled: Office) -> None:
    settled.imports(NOVAK)
    settled.opens(WEDNESDAY)
    assert settled.imports(SHEET) == [
        "Taken over: Maths, Mr Novak → Ms Okafor (2 children)",
        "No children left, so it ends: Mr Novak for Maths",
    ]
    assert settled.classes("Ana Romero", WEDNESDAY) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]
    assert settled.imports(SHEET) == [NOTHING]


def test_one_child_changes_the_teacher_and_the_others_stay(settled: Office) -> None:
    told = settled.imports(HEADER + ANA_MATHS.replace(OKAFOR, "Mr Novak,") + ANA_HISTORY + BEN_MATHS)
    assert "Taken over: Maths, Ms Okafor → Mr Novak (1 child)" in told
    assert not [line for line in told if line.startswith("No children left")]
    assert settled.classes("Ben Osei", TUESDAY) == ["Maths (Ms Okafor)"]


def test_a_co_teacher_comes_beside(settled: Office) -> None:
    told = settled.imports(SHEET + ANA_MATHS.replace(OKAFOR, "Mr Novak,"))
    assert "Taken over: Maths, Ms Okafor → Ms Okafor and Mr Novak (1 child)" in told
    assert settled.classes("Ana Romero", TUESDAY) == ["History (Mr Díaz)", "Maths (Ms Okafor)", "Maths (Mr Novak)"]


def test_a_class_that_is_not_in_the_file_any_more_ends(settled: Office) -> None:
    assert settled.imports(HEADER + ANA_MATHS + BEN_MATHS) == [
        "Classes that end: History for Ana Romero (7B)",
        "No children left, so it ends: Mr Díaz for History",
    ]
    assert settled.classes("Ana Romero", TUESDAY) == ["Maths (Ms Okafor)"]
    assert "Classes that come back: History for Ana Romero (7B)" in settled.imports(SHEET)
    assert settled.classes("Ana Romero", TUESDAY) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]


def test_a_new_class_of_a_child_we_know_begins_today(settled: Office) -> None:
    assert "New places in classes: 1" in settled.imports(SHEET + "Ben Osei,7B,History,Mr Díaz,,,,,\n")
    assert settled.classes("Ben Osei", MONDAY) == ["Maths (Ms Okafor)"]
    assert settled.classes("Ben Osei", TUESDAY) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]


def test_where_a_row_could_not_be_read_no_class_ends(settled: Office) -> None:
    assert settled.imports(HEADER + ANA_MATHS, whole=False) == [NOTHING]
    assert settled.classes("Ana Romero", TUESDAY) == ["Maths (Ms Okafor)", "History (Mr Díaz)"]


def test_a_teacher_whom_the_school_has_sent_away_does_not_come_back(settled: Office) -> None:
    settled.ends("Ms Okafor")
    assert settled.imports(SHEET) == [NOTHING, "Not changed, as the school has ended it: Ms Okafor for Maths"]
    assert settled.classes("Ana Romero", TUESDAY) == ["History (Mr Díaz)"]


def test_when_a_class_meets(settled: Office) -> None:
    rows = read(SHEET.encode()).rows
    told = settled.rows(tuple(replace(row, meets="mon,wed" if row.course == "Maths" else "") for row in rows))
    assert told.updated == ["Maths (Ms Okafor) meets mon,wed"]
    assert settled.imports(SHEET) == [NOTHING], "a spreadsheet does not say when a class meets, and takes nothing back"
    told = settled.rows(tuple(replace(row, meets="A" if row.course == "History" else "") for row in rows))
    assert told.updated == ["Maths (Ms Okafor) meets every day", "History (Mr Díaz) meets A"]
    assert settled.ask(select(course.c.meets).order_by(course.c.id)) == [("",), ("A",)]


def test_a_class_of_two_groups_meets_on_the_days_of_both(office: Office) -> None:
    ana, history, ben = read(SHEET.encode()).rows
    office.rows((replace(ana, meets="wed"), history, replace(ben, meets="mon")))
    assert office.ask(select(course.c.meets).order_by(course.c.id)) == [("mon,wed",), ("",)]


# --- who is no longer in the file ------------------------------------------------------------------------------------

ANA_ONLY = HEADER + ANA_MATHS + ANA_HISTORY


def test_who_is_not_in_the_file_is_shown_and_stays(settled: Office) -> None:
    before = settled.everything()
    assert settled.imports(ANA_ONLY) == [
        NOTHING,
        "No longer in the file (nobody is removed) (1): Ben Osei (7B)",
        "Their daily report runs on; --rest-vanished pauses it (1): Ben Osei (7B)",
    ]
    assert settled.everything() == before


def test_a_vanished_childs_report_pauses_from_tomorrow_if_the_office_says_so(settled: Office) -> None:
    told = settled.imports(ANA_ONLY, rest_vanished=True)
    assert "Daily report pauses from tomorrow, until a coordinator decides (1): Ben Osei (7B)" in told
    assert [settled.report("Ben Osei", day) for day in (TUESDAY, WEDNESDAY)] == ["running", "paused"]
    [pause] = settled.ask(select(fact).where(fact.c.value == "pause"))
    assert (pause.source, pause.day) == (f"roster:gone:{pause.student}:2026-09-15", WEDNESDAY)
    assert settled.imports(ANA_ONLY, rest_vanished=True)[0] == NOTHING, "once is enough"


def test_a_child_that_is_back_goes_on(settled: Office) -> None:
    settled.imports(ANA_ONLY, rest_vanished=True)
    settled.opens(WEDNESDAY)
    told = settled.imports(SHEET)
    assert told == ["Daily report goes on tomorrow, as the child is back in the file (1): Ben Osei (7B)"]
    assert settled.report("Ben Osei", WEDNESDAY + timedelta(1)) == "running"
    assert settled.imports(SHEET) == [NOTHING]


def test_gone_and_back_and_gone_on_one_day(settled: Office) -> None:
    for _ in range(2):
        settled.imports(ANA_ONLY, rest_vanished=True)
        assert settled.report("Ben Osei", WEDNESDAY) == "paused"
        settled.imports(SHEET)
        assert settled.report("Ben Osei", WEDNESDAY) == "running"


def test_a_report_that_a_person_has_paused_stays_paused(settled: Office) -> None:
    ben = settled.ask(select(student.c.id).where(student.c.name == "Ben Osei"))[0][0]
    pause = Fact("report", "pause", settled.now, "office:pause", student=ben, day=TUESDAY)
    settled.store.turn(SCHOOL.id, settled.now, lambda turn: turn.record([pause]))
    assert settled.imports(ANA_ONLY, rest_vanished=True)[0] == NOTHING
    assert settled.imports(SHEET) == [NOTHING]
    assert settled.report("Ben Osei", WEDNESDAY) == "paused"


# --- guardians -------------------------------------------------------------------------------------------------------


def test_one_name_with_one_contact_is_one_person(settled: Office) -> None:
    told = settled.imports(SHEET + "Leo Romero,5A,Art,Mr Lind,,Lucía Romero,L1,es,\n")
    assert "Guardians of a further child: Lucía Romero for Leo Romero (5A)" in told
    assert settled.guardians("Leo Romero") == [("Lucía Romero", "L1", "es")]
    assert len(settled.ask(select(person).where(person.c.name == "Lucía Romero"))) == 1


def test_one_name_with_two_contacts_is_two_people_and_is_told(office: Office) -> None:
    twice = SHEET + "Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,L2,,\n"
    told = office.imports(twice)
    assert "One name with two contacts, so two people; write one contact if it is one: Lucía Romero" in told
    assert [contact for _, contact, _ in office.guardians("Ana Romero")] == ["L1", "T1", "L2"]
    assert office.imports(twice) == [NOTHING]


def test_children_of_one_name_in_two_groups_stay_apart(office: Office) -> None:
    other = "Ana Romero,8C,Maths,Mr Lind,,Sol Ruiz,S1,en,\n"
    assert office.imports(SHEET + other)[0] == "New children (3): Ana Romero (7B), Ben Osei (7B), Ana Romero (8C)"
    assert office.imports(SHEET + other) == [NOTHING]


def test_a_new_contact_is_the_same_person(settled: Office) -> None:
    assert settled.imports(SHEET.replace(",L1,", ",L9,")) == ["Changed (1): Lucía Romero"]
    assert settled.guardians("Ana Romero")[0] == ("Lucía Romero", "L9", "es")


def test_what_the_school_has_ended_no_roster_revives(settled: Office) -> None:
    settled.ends("Tom Romero")
    kept = "Not changed, as the school has ended it: Tom Romero for Ana Romero (7B)"
    assert settled.imports(SHEET) == [NOTHING, kept]
    assert settled.imports(SHEET.replace("Tom Romero,T1", "tom romero,T2")) == [NOTHING, kept.replace("Tom R", "tom r")]
    assert [name for name, _, _ in settled.guardians("Ana Romero")] == ["Lucía Romero"]


def test_who_has_joined_keeps_the_language_they_chose(settled: Office) -> None:
    in_english, in_spanish = SHEET.replace("L1,es", "L1,en"), SHEET.replace("A1,en", "A1,es")
    settled.joins("Lucía Romero")
    assert settled.imports(in_english) == [NOTHING]
    assert settled.imports(in_spanish) == ["Changed (1): Ada Osei"]
    assert settled.guardians("Ana Romero")[0] == ("Lucía Romero", "L1", "es")


def test_a_guardian_with_two_languages_keeps_the_first(office: Office) -> None:
    rows = SHEET + "Leo Romero,5A,Art,Mr Lind,,Lucía Romero,L1,en,\n"
    office.imports(rows)
    assert office.guardians("Leo Romero") == [("Lucía Romero", "L1", "es")]
    assert office.imports(rows) == [NOTHING]


def test_a_parent_who_joined_with_two_invitations_stays_one_person(office: Office) -> None:
    """Without a contact one name is a person for each child, until one account has joined for both."""
    sheet = HEADER + "Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,,es,\nLeo Romero,5A,Art,Mr Lind,,Lucia Romero,,es,\n"
    office.imports(sheet)
    office.joins("Lucía Romero", "Lucia Romero")
    assert office.imports(sheet) == [NOTHING]
    assert [name for name, _, _ in office.guardians("Leo Romero")] == ["Lucía Romero"]


def test_no_guardian_yet(office: Office) -> None:
    sheet = HEADER + "Leo Romero,5A,Art,Mr Lind,,,,,\n"
    assert office.imports(sheet)[-1] == "No guardian yet (1): Leo Romero (5A)"
    office.imports(sheet.replace("Mr Lind,,", "Mr Lind,,Lucía Romero"))
    assert office.imports(sheet) == [NOTHING], "a sheet that names nobody takes nobody away"


# --- teachers --------------------------------------------------------------------------------------------------------


def test_an_address_is_added_and_mended_before_anybody_joins_by_it(settled: Office) -> None:
    assert settled.imports(SHEET.replace("Mr Díaz,", "Mr Díaz,diax@school.example")) == ["Changed (1): Mr Díaz"]
    assert settled.imports(SHEET.replace("Mr Díaz,", "Mr Díaz,diaz@school.example")) == ["Changed (1): Mr Díaz"]
    assert settled.imports(SHEET) == [NOTHING]
    settled.joins("Mr Díaz")
    told = settled.imports(SHEET.replace("Mr Díaz,", "Mr Díaz,another@school.example"))
    assert "New teachers (1): Mr Díaz" in told, "who has joined is not replaced by somebody of the same name"


def test_two_teachers_of_one_name(office: Office) -> None:
    sheet = HEADER + "Ana Romero,7B,Maths,Ms Lee,a@school.example,,,,\nBen Osei,7B,Art,Ms Lee,b@school.example,,,,\n"
    office.imports(sheet)
    assert office.imports(sheet)[0] == NOTHING
    without = sheet.replace("a@school.example", "").replace("b@school.example", "")
    assert office.imports(without)[0] == NOTHING, "each stays with the child they teach"


def test_a_teacher_who_is_a_parent_here_as_well(office: Office) -> None:
    """Slack links the teacher's address to an account that has joined as a guardian: one person from then on."""
    sheet = SHEET + "Leo Okafor,5A,Art,Mr Lind,,Eva Okafor,E1,en,\n"
    office.imports(sheet)
    office.joins("Eva Okafor")
    office.links("Ms Okafor", "Eva Okafor")
    assert office.imports(sheet) == [NOTHING]
    office.imports(sheet + "Leo Okafor,5A,Science,Ms Okafor,,,,,\n")
    assert office.classes("Leo Okafor", MONDAY)[-1] == "Science (Eva Okafor)"


# --- many rows -------------------------------------------------------------------------------------------------------


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


def test_ten_thousand_rows(office: Office) -> None:
    rows = read(spreadsheet(10_000)).rows
    with counted(office.store) as sent:
        office.rows(rows, only_look=True)
    assert len(sent) < 30, "looking costs the same few statements"
    with counted(office.store) as sent:
        changes = office.rows(rows)
    assert (len(changes.students), len(changes.guardians), len(changes.teachers)) == (2_500, 5_000, 150)
    assert len(sent) < 150, "rows are stored a thousand at a time"
    with counted(office.store) as sent:
        assert not office.rows(rows).anything
    assert not [one for one in sent if not one.lstrip().upper().startswith(("SELECT", "BEGIN"))]


def test_ten_thousand_rows_change_hands(office: Office) -> None:
    sheet = spreadsheet(10_000)
    office.rows(read(sheet).rows)
    office.day = TUESDAY
    changed = sheet.replace(b",Ms ", b",Mr ").replace(b"@school.example", b"@new.example")
    with counted(office.store) as sent:
        assert office.rows(read(changed).rows).places == 0
    assert len(sent) < 200
    assert not office.rows(read(changed).rows).anything


def test_an_import_that_breaks_leaves_nothing_behind(office: Office) -> None:
    before = office.everything()

    def broken(turn: Turn) -> None:
        put(turn, read(SHEET.encode()).rows)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.store.turn(SCHOOL.id, office.now, broken)
    assert office.everything() == before


def test_the_command_with_ten_thousand_rows(database: str) -> None:
    """As a process of its own, preview and all; how long it takes stands in the bench."""
    _, held = imported(spreadsheet(10_000), database)
    assert held < 300


def test_who_takes_over_a_childs_first_class_owns_the_plan(settled: Office) -> None:
    """F27: the plan owner is the teacher of the child's first class, also after that class has changed hands."""
    settled.imports(NOVAK)
    lucia = settled.ask(select(person.c.id).where(person.c.name == "Lucía Romero"))[0].id

    def owner(turn: Turn) -> str:
        ana = turn.students_named("Ana Romero")[0].id
        b = turn.bundle([], [lucia], whole=True)
        return b.people[b.owner(ana)].name

    assert settled.store.turn(SCHOOL.id, settled.now, owner) == "Mr Novak"
