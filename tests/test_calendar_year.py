"""What a school's calendar says of its year: the days of its cycle, its first and last day, and the summers (G-116)."""

from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest

from bot.calendar import OUTSIDE_TERM, Calendar, cycle_day, read, term_edge
from bot.calendar_diff import changes
from tests.calendars import NEW_YORK, NO_SCHOOL, early, event, file, school

# --- days of the school's cycle

CYCLE = {
    "A": """A Day | A-Day | Day A | 'A' Day | “A” Day | Día A | A | Letter Day: A | Half day (A)
        | A Day – Half Day 12:30 | A Day (late start) | Picture Day - A Day | A Day schedule
        | A-Day, Half-Day | A Day - PSAT""",
    "B": """B Day early dismissal | Early Dismissal - B Day | B Day 2-hour delay | B DAY! | Medio día - Día B
        | 12:30 dismissal - B Day | Early release B Day""",
    "3": """Day 3 | Day: 3 | Cycle Day 3 | Día 3 | Day 3 - Picture Day | Day 3, early release
        | Day 3 (early release 1:15)""",
    "10": "Day 10",
    "": """Day 1 of exams | A day at the museum | Picture Day | Blue day | A/B Day | A & B Day | Day 1 or 2 | Day 1/A
        | Spirit Week: Day 2 | Finals - Day 1 | Day 1: Final exams | Book fair: Day 3 | Snow Day - A Day Off
        | Have a day | 3-day weekend | School Day 3 | I Day | Pi Day | Group A | Grade 3 | Canceled: A Day | Vitamin - A
        | 100th Day | Day 0 | Day Off | D-Day anniversary | A Week | Week A | Camp day 3 | Plan B | E-learning day | 3
        | Day 1000""",
}


@pytest.mark.parametrize(
    ("mark", "title"), [(mark, one.strip()) for mark, all in CYCLE.items() for one in all.split("|")]
)
def test_a_title_says_the_day_of_the_cycle(mark: str, title: str) -> None:
    assert cycle_day(title) == mark


def letters(*events: str) -> str:
    return " ".join(f"{day:%m-%d}/{mark}" for day, mark in school(file(*events)).letters.items())


A_DAYS = event("UID:a", "DTSTART;VALUE=DATE:20260908", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3", "SUMMARY:A Day")
B_DAYS = event("UID:b", "DTSTART:20260909", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3", "EXDATE:20260911", "SUMMARY:B Day")


def test_letters_come_from_repeated_events_and_never_stand_on_a_closed_day() -> None:
    assert letters(A_DAYS, B_DAYS) == "09-08/A 09-09/B 09-10/A 09-12/A 09-13/B"
    assert letters(A_DAYS, B_DAYS, event("DTSTART:20260910", NO_SCHOOL)) == "09-08/A 09-09/B 09-12/A 09-13/B"


def test_one_event_can_be_a_half_day_and_a_letter() -> None:
    both = event("DTSTART:20260911T113000", "SUMMARY:B Day early dismissal")
    assert letters(A_DAYS, both) == "09-08/A 09-10/A 09-11/B 09-12/A"
    assert early(A_DAYS, both) == "09-11/11:30"


def test_a_moved_letter_counts_where_it_went() -> None:
    moved = event("UID:a", "RECURRENCE-ID;VALUE=DATE:20260910", "DTSTART;VALUE=DATE:20260911", "SUMMARY:A Day")
    assert letters(A_DAYS, B_DAYS, moved) == "09-08/A 09-09/B 09-11/A 09-12/A 09-13/B"


def test_two_letters_on_one_date_are_none() -> None:
    assert letters(A_DAYS, B_DAYS, event("DTSTART:20260908", "SUMMARY:B Day")) == "09-09/B 09-10/A 09-12/A 09-13/B"


def test_a_letter_that_stands_alone_is_no_cycle() -> None:
    assert letters(event("DTSTART:20270606", "RRULE:FREQ=YEARLY", "SUMMARY:D-Day")) == ""


def test_numbers_that_count_the_days_of_the_year_are_no_cycle() -> None:
    counted = [
        event(f"DTSTART:{date(2026, 9, 8) + timedelta(days=n):%Y%m%d}", f"SUMMARY:Day {n + 1}") for n in range(12)
    ]
    assert letters(*counted[:10]).endswith("09-17/10")
    assert letters(*counted) == ""
    assert letters(*counted, A_DAYS, B_DAYS) == letters(A_DAYS, B_DAYS)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (("DTSTART:20260914T080000", "DTEND:20260914T150000"), True),
        (("DTSTART:20260914T000000", "DTEND:20260915T000000"), True),
        (("DTSTART:20260914T000000",), True),
        (("DTSTART:20260914T100000", "DTEND:20260914T104500"), False),
    ],
)
def test_a_lesson_of_group_a_is_no_cycle_day(lines: Sequence[str], counts: bool) -> None:
    assert ("09-14/A" in letters(A_DAYS, B_DAYS, event(*lines, "SUMMARY:A"))) is counts


# --- the school year

EDGES = {
    "first day": """First day of school | FIRST DAY OF SCHOOL (K-12) | First Day of School! | School begins
        | Classes begin | School Begins for Grades 1-12 | First day of classes
        | First day of the 2026-2027 school year | School starts
        | First day for students | Students' first day | First Student Day | First day of school - half day
        | First day of school / 1st semester begins | Welcome back - first day of school | First day of school 8:00 am
        | First day of school, grades 6-8 | Primer día de clases | Inicio de clases | Inicio del ciclo escolar 2026-2027
        | Comienzan las clases | Primer día del curso | Primer día de clases para los alumnos""",
    "last day": """Last day of school | Last day of school — early dismissal | Last Day of School - 1/2 day
        | Last day of classes | Last day for students | Last day of school / Summer Break begins | Classes end
        | Last Day of School/End of 2nd Semester | School ends | End of school year | Last day of school half day 11:30
        | Last Day of School (if no snow days) | Fin de clases | Fin de curso | Último día de clases - salida temprana
        | Último día de escuela | Terminan las clases | Fin del ciclo escolar""",
    "": """Last day of the book fair | Last day to order | First day of second semester
        | First day of school: second semester | First day of classes (spring semester)
        | First day of school (after winter break) | Classes resume
        | Last day of first semester | Last day of school before winter break | Last day of 1st quarter
        | Last day for seniors | Last day of school for seniors | Last day of school (seniors) | First day for teachers
        | First day of school for staff | First day of kindergarten | Last day of school - kindergarten
        | Summer school begins | First day of summer break | School begins at 9:00 | School starts 2 hours late
        | School opens at noon | School begins 10:00 (late start) | School ends at 12:30 | After school begins
        | Swim classes begin | Last day for students to order | Photos of the first day of school
        | Countdown to the last day of school | First day of school pictures | Canceled: First day of school
        | Primer día de clases del segundo semestre | Inicio de clases tras las vacaciones | Fiesta de fin de curso
        | Inicio de clases de natación | Fin de semana | Fin de año | Regreso a clases | 100 days of school""",
}


@pytest.mark.parametrize(
    ("edge", "title"), [(edge, one.strip()) for edge, all in EDGES.items() for one in all.split("|")]
)
def test_a_title_says_where_the_school_year_begins_and_ends(edge: str, title: str) -> None:
    assert term_edge(title) == edge


def outside(*edges: str) -> str:
    """The spans outside term in three years, of `edges` like "first 2026-08-24"."""
    named = {"first": "First day of school", "last": "Last day of school"}
    events = [event(f"DTSTART:{day.replace('-', '')}", f"SUMMARY:{named[kind]}") for kind, day in map(str.split, edges)]
    events += [event("DTSTART:20260101", "SUMMARY:Concert")]
    found = read(file(*events), NEW_YORK, date(2025, 1, 1), date(2028, 12, 31))
    runs = changes(Calendar({}, {}, date.min), found)
    assert all(run.title == OUTSIDE_TERM for run in runs)
    return " ".join(f"{run.first}/{run.last}" for run in runs)


@pytest.mark.parametrize(
    ("edges", "spans"),
    [
        ([], ""),
        (["first 2026-08-24"], "2026-07-01/2026-08-23"),
        (["last 2026-06-11"], "2026-06-12/2026-08-15"),
        (["first 2026-08-24", "last 2027-06-11"], "2026-07-01/2026-08-23 2027-06-12/2027-08-15"),
        (["last 2026-06-11", "first 2026-09-08"], "2026-06-12/2026-09-07"),
        (["last 2026-12-11", "first 2027-02-03"], "2026-12-12/2027-02-02"),  # a southern summer
        (["first 2027-02-03"], ""),
        (["last 2026-12-11"], ""),
        (["last 2026-03-12"], ""),  # of a winter quarter: not the end of the year
        (["first 2026-11-30"], ""),
        (["last 2026-06-11", "first 2027-08-30"], "2026-06-12/2026-08-15 2027-07-01/2027-08-29"),  # a year is not told
        (["first 2026-08-24", "first 2026-08-26", "first 2027-01-05"], "2026-07-01/2026-08-23"),
        (["last 2026-06-11", "last 2026-06-18", "first 2026-08-24"], "2026-06-19/2026-08-23"),
        (["first 2026-08-24", "first 2027-08-23"], "2026-07-01/2026-08-23 2027-07-01/2027-08-22"),
    ],
)
def test_the_summer_is_closed_as_far_as_the_calendar_tells(edges: list[str], spans: str) -> None:
    assert outside(*edges) == spans


def test_the_school_years_are_told() -> None:
    found = school(
        file(
            event("DTSTART:20260824T080000", "DTEND:20260824T083000", "SUMMARY:First day of school"),
            event("DTSTART:20270610", "DTEND:20270612", "SUMMARY:Last day of school — early dismissal"),
            event("DTSTART:20260828", "SUMMARY:Back to school night"),
        )
    )
    assert found.terms == ((date(2026, 8, 24), date(2027, 6, 11)),)
    assert date(2027, 6, 11) not in found.closed and found.early[date(2027, 6, 11)] == time(12)


def test_a_half_day_or_a_letter_in_the_summer_counts_for_nothing_and_a_named_break_keeps_its_name() -> None:
    weekly = event("DTSTART:20270602", "RRULE:FREQ=WEEKLY", "SUMMARY:Early release")
    found = school(
        file(
            weekly,
            event("DTSTART:20270611", "SUMMARY:Last day of school"),
            event("DTSTART:20270705", "SUMMARY:Holiday"),
        )
    )
    assert list(found.early) == [date(2027, 6, 2), date(2027, 6, 9)]
    assert (found.closed[date(2027, 6, 12)], found.closed[date(2027, 7, 5)]) == (OUTSIDE_TERM, "Holiday")
