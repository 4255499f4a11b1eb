"""What a school's own calendar file means to Twoticks: days without school, half days, what is told of a bad file."""

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar import LARGEST, OUTSIDE_TERM, Calendar, Unreadable, clock, meaning
from bot.calendar_diff import Change, changes
from tests.calendars import FIRST, LAST, NO_SCHOOL, closed, early, event, file, school

FILES = Path(__file__).parent / "data" / "calendars"


def refused(raw: bytes) -> str:
    with pytest.raises(Unreadable) as told:
        school(raw)
    return str(told.value)


def days(first: date, last: date, title: str) -> dict[date, str]:
    return {first + timedelta(days=n): title for n in range((last - first).days + 1)}


# --- whole files, as programs write them

WHOLE: dict[str, tuple[dict[date, str], dict[date, time]]] = {
    "google.ics": (
        days(FIRST, date(2026, 9, 6), OUTSIDE_TERM)  # the first day of school is the 8th
        | {date(2026, 9, 7): "Labor Day"}
        | days(date(2026, 11, 25), date(2026, 11, 27), "Thanksgiving Break, no school"),
        {
            date(2026, 9, 16): time(13, 15),
            date(2026, 10, 14): time(12, 45),  # moved from the 21st; November's is left out
            date(2026, 10, 28): time(12, 30),
            date(2026, 11, 4): time(12, 30),  # in UTC, on the other side of the change to winter time
            date(2026, 12, 16): time(13, 15),
        },
    ),
    "outlook.ics": (
        days(date(2026, 12, 19), date(2027, 1, 3), "Winter Recess (classes resume Jan. 4)")
        | {date(2027, 1, 15): "Founder's Day"},
        {date(2026, 12, 18): time(11, 30)},
    ),
    "escuela.ics": (  # Latin-1, no UID, no PRODID
        {date(2026, 10, 12): "Día festivo", date(2026, 11, 13): "Claustro de profesores"}
        | days(date(2026, 11, 2), date(2026, 11, 3), "Puente de Todos los Santos – no hay clase")
        | days(date(2026, 12, 21), date(2027, 1, 6), "Vacaciones de Navidad"),
        {date(2026, 12, 18): time(12, 30), date(2027, 3, 12): time(12)},
    ),
    "odd.ics": (  # BOM, line ends of an old Mac, one UID for all, an end on the start, folds, an unfolded line
        {
            date(2026, 10, 9): "No School - Professional Learning Day",
            date(2026, 10, 16): "Teacher Workday",
            date(2026, 11, 11): "Veterans Day – No School",
        },
        {date(2026, 10, 21): time(12, 30)},
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_gives_the_days_off_and_the_half_days(name: str) -> None:
    """G-116, G-118: holidays, breaks, half days and the summer before; concerts and exams change nothing."""
    found = school((FILES / name).read_bytes())
    assert dict(found.closed) == WHOLE[name][0]
    assert dict(found.early) == WHOLE[name][1]
    assert found.until == LAST


def test_every_file_has_its_expectation() -> None:
    assert {path.name for path in FILES.iterdir()} == set(WHOLE)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b"\r\r\n", b"\r\n\r\n"])
@pytest.mark.parametrize("width", [7, 20, 75])
def test_line_ends_and_folds_make_no_difference(name: str, line_end: bytes, width: int) -> None:
    """Also a fold in the middle of an é, as programs that count bytes make it."""
    raw = (FILES / name).read_bytes()
    whole = re.sub(rb"[\r\n]+[ \t]", b"", raw).splitlines()
    folded = [
        (line_end + b" ").join(line[at : at + width] for at in range(0, len(line), width)) for line in whole if line
    ]
    assert school(line_end.join(folded) + line_end) == school(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    raw = file(event("DTSTART:20261012", "SUMMARY:Día festivo")).decode().encode(encoding)
    assert school(raw).closed == {date(2026, 10, 12): "Día festivo"}


# --- what titles mean

TITLES = {
    "no school": """No School | No School - Teacher Workshop | Veterans Day - No School | NO SCHOOL: Winter Break
        | No Classes | Classes cancelled (snow) | School closed | Schools & Offices Closed | Closed for students
        | Conference Day (students off) | Student Holiday | Non-student day | Pupil-free day | School not in session
        | No School K-12 | No School Pre-K - 12 | No School (students only) | No hay clases | Sin clases
        | Día no lectivo | Suspensión de clases | Escuela cerrada""",
    "closed": """Winter Break | Spring Break - School resumes April 6 | Thanksgiving Holiday | Holiday | Closed
        | Closure | Snow day | Staff day | Teacher Workday | Teacher Work Day / Report Cards | Professional Development
        | PD Day | In-Service Day | Staff Development Day | Institute Day | Summer Vacation | Mid-Winter Recess
        | Labor Day | Labor Day (observed) | Martin Luther King, Jr. Day | Holiday - District Offices Closed
        | First day of winter break | Superintendent’s Conference Day | Festivo | Vacaciones de Navidad
        | Puente de diciembre | Claustro | Cerrado | Semana Santa""",
    "early": """Early Release | Early dismissal 12:30 | 12:30 dismissal | Noon dismissal | Half Day | half-day | 1/2 day
        | Half day before Thanksgiving Break | Minimum Day | Last day of school – half day | School closes at noon
        | Early Release - Professional Development | Early-out Wednesday | Students dismissed early
        | Half Day / no school for Pre-K | Salida temprana | Medio día | Salida a las 12:30""",
    "": """Winter Concert | Holiday Concert | Exam | First day of school | Last day of school | Picture Day | A Day
        | Parent-Teacher Conferences | Office closed | Pool closed | Holiday Party | Return from Winter Break
        | School resumes | Last day before break | Vacation Bible School | No early release | Early release cancelled
        | Regular dismissal 3:00 | Canceled: No School | No school for kindergarten - conferences | Staff meeting
        | Brain break | 2-hour delay | Late start 10:00 | Veterans Day | Snow make-up day | Half day field trip
        | No school supplies needed | Board meeting - closed session | Report cards | Reunión a mediodía
        | Concierto de invierno | Regreso de vacaciones | Fiesta | Excursión 10:00""",
}


@pytest.mark.parametrize(
    ("said", "title"), [(said, one.strip()) for said, all in TITLES.items() for one in all.split("|")]
)
def test_a_title_says_what_the_day_is(said: str, title: str) -> None:
    assert meaning(title) == said


@pytest.mark.parametrize(
    ("title", "at"),
    [
        ("12:30 dismissal", "12:30"),
        ("Early release 1:15 PM", "13:15"),
        ("Early release 1:15", "13:15"),
        ("Dismissal at 11:45", "11:45"),
        ("Early release (1pm)", "13:00"),
        ("Half Day 12.15 p.m.", "12:15"),
        ("Dismissal at noon", "12:00"),
        ("Half day 8:00-11:30", "11:30"),
        ("Early dismissal 12:30; conferences 1:00-4:00", "12:30"),
        ("Salida a las 13 h", "13:00"),
        ("Salida temprana 13h30", "13:30"),
        ("2-hour early release", ""),
        ("Half day 12/18/2026", ""),
        ("Half day 2026-12-18", ""),
        ("Half day 99:99", ""),
    ],
)
def test_the_dismissal_is_read_from_the_title(title: str, at: str) -> None:
    assert clock(title) == (time.fromisoformat(at) if at else None)


def test_a_category_means_as_much_unless_the_title_speaks_against_it() -> None:
    day_off = event("DTSTART:20261109", "SUMMARY:Diwali", "CATEGORIES:Fall,Holidays")
    concert = event("DTSTART:20261211", "SUMMARY:Winter Concert", "CATEGORIES:Holidays")
    half = event("DTSTART:20261218", "SUMMARY:Pajama day", "CATEGORIES:Early Release")
    assert closed(day_off, concert, half) == "11-09"
    assert early(day_off, concert, half) == "12-18/12:00"


# --- which dates an event takes

ONCE_A_WEEK = ("UID:1", "DTSTART;VALUE=DATE:20260902", "RRULE:FREQ=WEEKLY;COUNT=4")


@pytest.mark.parametrize(
    ("lines", "dates"),
    [
        (("DTSTART;VALUE=DATE:20260907",), "09-07"),
        (("DTSTART:20260907",), "09-07"),
        (("DTSTART;VALUE=DATE:20260907", "DTEND;VALUE=DATE:20260909"), "09-07 09-08"),
        (("DTSTART;VALUE=DATE:20260907", "DTEND;VALUE=DATE:20260907"), "09-07"),
        (("DTSTART;VALUE=DATE:20260907", "DURATION:P2D"), "09-07 09-08"),
        (("DTSTART;VALUE=DATE:20260730", "DTEND;VALUE=DATE:20260803"), "08-01 08-02"),
        (("DTSTART;VALUE=DATE:20270730", "DTEND;VALUE=DATE:20270830"), "07-30 07-31"),
        (("DTSTART;VALUE=DATE:20200907",), ""),
        (("DTSTART:20260910T080000", "DTEND:20260910T150000"), "09-10"),
        (("DTSTART:20260910T190000", "DTEND:20260910T200000"), ""),
        (("DTSTART:20260910T000000", "DTEND:20260910T235900"), "09-10"),
        (("DTSTART;VALUE=DATE:20260910T000000",), "09-10"),
        (("DTSTART:20260910T040000Z", "DTEND:20260911T040000Z"), "09-10"),
        (("DTSTART:20260910T000000Z", "DTEND:20260911T000000Z"), "09-10"),
        (("DTSTART:20261101T040000Z", "DTEND:20261102T050000Z"), "11-01"),
        (("DTSTART:20261218T150000", "DTEND:20261222T080000"), "12-19 12-20 12-21"),
        (ONCE_A_WEEK, "09-02 09-09 09-16 09-23"),
        ((*ONCE_A_WEEK, "EXDATE;VALUE=DATE:20260909", "EXDATE:20260916T000000"), "09-02 09-23"),
        (("DTSTART;VALUE=DATE:20260902", "RDATE;VALUE=DATE:20261002,20261003"), "09-02 10-02 10-03"),
        (("DTSTART;VALUE=DATE:20200907", "RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=1MO"), "09-07"),
        (("DTSTART:20260902", "RRULE:FREQ=WEEKLY;UNTIL=20260909T235959Z"), "09-02 09-09"),
        (("DTSTART:20260907", "STATUS:CANCELLED"), ""),
        (("DTSTART:20260907", "TRANSP:TRANSPARENT", "STATUS:TENTATIVE"), "09-07"),
    ],
)
def test_a_day_off_takes_its_dates(lines: Sequence[str], dates: str) -> None:
    assert closed(event(*lines, NO_SCHOOL)) == dates


def test_a_timed_event_of_the_staff_closes_nothing() -> None:
    assert closed(event("DTSTART:20261105T080000", "DTEND:20261105T150000", "SUMMARY:Professional development")) == ""


def test_a_moved_or_cancelled_date_of_a_series_counts_where_it_went() -> None:
    moved = event("UID:1", "RECURRENCE-ID;VALUE=DATE:20260909", "DTSTART;VALUE=DATE:20260911", NO_SCHOOL)
    off = event("UID:1", "RECURRENCE-ID;VALUE=DATE:20260916", "DTSTART:20260916", "STATUS:CANCELLED", NO_SCHOOL)
    assert closed(event(*ONCE_A_WEEK, NO_SCHOOL), moved, off) == "09-02 09-11 09-23"


def test_one_date_of_an_ordinary_series_can_be_a_day_off() -> None:
    other = event("UID:1", "RECURRENCE-ID;VALUE=DATE:20260909", "DTSTART;VALUE=DATE:20260909", NO_SCHOOL)
    assert closed(event(*ONCE_A_WEEK, "SUMMARY:A Day"), other) == "09-09"


def test_the_newest_of_two_versions_counts_and_equal_ones_are_two_events() -> None:
    old, new = (event("UID:1", f"SEQUENCE:{n}", f"DTSTART:2026090{7 + n}", NO_SCHOOL) for n in (0, 1))
    assert closed(old, new) == closed(new, old) == "09-08"
    assert closed(event("UID:1", "DTSTART:20260907", NO_SCHOOL), event("UID:1", "DTSTART:20260908", NO_SCHOOL)) == (
        "09-07 09-08"
    )


@pytest.mark.parametrize(
    ("lines", "zone", "half"),
    [
        (("DTSTART:20260910T163000Z",), "America/New_York", "09-10/12:30"),
        (("DTSTART:20260910T193000Z",), "America/Los_Angeles", "09-10/12:30"),
        (("DTSTART:20260910T033000Z",), "Asia/Tokyo", "09-10/12:30"),
        (("DTSTART:20260909T233000Z",), "Pacific/Auckland", "09-10/11:30"),
        (("DTSTART:20260910T123000",), "America/New_York", "09-10/12:30"),
        (("DTSTART;TZID=America/Los_Angeles:20260910T093000",), "America/New_York", "09-10/12:30"),
        (("DTSTART;TZID=Eastern Standard Time:20260910T123000",), "America/New_York", "09-10/12:30"),
        (("DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20260910T123000",), "America/New_York", "09-10/12:30"),
        (("DTSTART;TZID=Nowhere/Known:20260910T123000",), "America/New_York", "09-10/12:30"),
        (("DTSTART:20260910T080000", "DTEND:20260910T113000"), "America/New_York", "09-10/11:30"),
        (("DTSTART:20260910T000000", "DTEND:20260911T000000"), "America/New_York", "09-10/12:00"),
        (("DTSTART:20261217", "DTEND:20261219"), "America/New_York", "12-17/12:00 12-18/12:00"),
        (("DTSTART:20260731T233000Z", "RRULE:FREQ=DAILY;COUNT=1"), "Pacific/Auckland", "08-01/11:30"),
        (("DTSTART;TZID=Asia/Tokyo:20270801T033000", "RRULE:FREQ=DAILY;COUNT=1"), "America/Los_Angeles", "07-31/11:30"),
        (("DTSTART:20261028T163000Z", "RRULE:FREQ=WEEKLY;COUNT=2"), "America/New_York", "10-28/12:30 11-04/11:30"),
    ],
)
def test_a_half_day_ends_at_its_start_on_the_schools_own_clock(lines: Sequence[str], zone: str, half: str) -> None:
    assert early(event(*lines, "SUMMARY:Early Dismissal"), zone=ZoneInfo(zone)) == half


def test_the_calendars_own_zone_holds_a_weekly_time_across_the_change_of_clocks() -> None:
    weekly = event("DTSTART:20261028T163000Z", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:Early Dismissal")
    assert early(weekly, head="X-WR-TIMEZONE:America/New_York") == "10-28/12:30 11-04/12:30"
    assert early(weekly, head="X-WR-TIMEZONE:Mars/Olympus") == early(weekly)


def test_two_files_may_call_different_zones_by_one_name() -> None:
    def half(offset: str) -> str:
        zone = f"BEGIN:VTIMEZONE\r\nTZID:School\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{offset}"
        zone += f"\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        return early(zone, event("DTSTART;TZID=School:20260910T123000", "SUMMARY:Early Dismissal"))

    assert [half("-0400"), half("-0500"), half("-0400")] == ["09-10/12:30", "09-10/13:30", "09-10/12:30"]


def test_a_closure_wins_over_a_half_day_and_a_told_time_over_the_default() -> None:
    found = school(
        file(
            event("DTSTART:20260907", "SUMMARY:Half day"),
            event("DTSTART:20260907", NO_SCHOOL),
            event("DTSTART:20260908", "SUMMARY:Half day"),
            event("DTSTART:20260908", "SUMMARY:Half day 1:15"),
            event("DTSTART:20260908", "SUMMARY:Half day 12:45"),
        )
    )
    assert (found.closed, found.early) == ({date(2026, 9, 7): "No School"}, {date(2026, 9, 8): time(12, 45)})


@settings(deadline=None, max_examples=60)
@given(st.dates(date(2026, 7, 1), date(2027, 8, 31)), st.integers(1, 40), st.integers(1, 9), st.integers(1, 12))
def test_a_repeated_span_closes_what_plain_counting_says(start: date, length: int, every: int, count: int) -> None:
    """The second way: add the days one by one."""
    rule = f"RRULE:FREQ=DAILY;INTERVAL={every};COUNT={count}"
    end = start + timedelta(days=length)
    found = school(file(event(f"DTSTART:{start:%Y%m%d}", f"DTEND:{end:%Y%m%d}", rule, "SUMMARY:Break")))
    counted = {start + timedelta(days=n * every + day) for n in range(count) for day in range(length)}
    assert set(found.closed) == {day for day in counted if FIRST <= day <= LAST}


# --- what changes, for the preview


def test_a_new_version_is_shown_as_runs_of_days_that_come_and_go() -> None:
    before = Calendar(days(date(2026, 12, 21), date(2026, 12, 24), "Break"), {date(2026, 10, 7): time(12)}, LAST)
    after = Calendar(
        days(date(2026, 12, 23), date(2026, 12, 26), "Winter Break") | {date(2026, 9, 7): "Labor Day"},
        {date(2026, 10, 7): time(13, 15), date(2026, 10, 8): time(13, 15)},
        LAST,
    )
    assert changes(before, after) == [
        Change(True, date(2026, 9, 7), date(2026, 9, 7), "Labor Day"),
        Change(False, date(2026, 10, 7), date(2026, 10, 7), "", time(12)),
        Change(True, date(2026, 10, 7), date(2026, 10, 8), "", time(13, 15)),
        Change(False, date(2026, 12, 21), date(2026, 12, 22), "Break"),
        Change(True, date(2026, 12, 25), date(2026, 12, 26), "Winter Break"),
    ]
    assert changes(after, after) == []


def test_days_gone_by_and_days_beyond_the_reading_are_not_called_gone() -> None:
    before = Calendar({date(2026, 9, 7): "Labor Day", date(2027, 7, 5): "Holiday"}, {}, LAST)
    after = Calendar({}, {}, date(2027, 6, 30))
    assert changes(before, after, since=date(2026, 9, 8)) == []
    assert len(changes(before, after)) == 1


def test_changed_letters_are_one_change_and_a_closure_tells_of_its_own_letter() -> None:
    week = [date(2026, 9, 7) + timedelta(days=n) for n in range(5)]
    before = Calendar({}, {}, LAST, letters=dict(zip(week, "ABABA", strict=True)))
    shifted = Calendar({week[0]: "Labor Day"}, {}, LAST, letters=dict(zip(week[1:], "ABAB", strict=True)))
    one_day = Change(True, week[0], week[0], "Labor Day")
    assert changes(before, shifted) == [one_day, Change(True, week[1], week[4], "", letters=True)]
    assert changes(before, shifted, since=week[3])[0].first == week[3]
    assert changes(before, Calendar({}, {}, LAST)) == [Change(False, week[0], week[4], "", letters=True)]
    snow = Calendar(
        {week[2]: "Snow day"}, {}, LAST, {day: mark for day, mark in before.letters.items() if day != week[2]}
    )
    assert changes(before, snow) == [Change(True, week[2], week[2], "Snow day")]


def test_a_year_that_comes_into_view_is_no_change() -> None:
    before, after = (
        Calendar({}, {}, date(2028, 12, 31)),
        Calendar({date(2029, 9, 3): "Labor Day"}, {}, date(2029, 12, 31)),
    )
    assert changes(before, after) == []


def test_a_first_import_shows_everything() -> None:
    found = school((FILES / "google.ics").read_bytes())
    shown = changes(Calendar({}, {}, date.min), found)
    assert [change.title for change in shown if change.title] == [
        OUTSIDE_TERM,
        "Labor Day",
        "Thanksgiving Break, no school",
    ]
    assert all(change.added for change in shown)


# --- bad files

GOOD = file(event("DTSTART:20260907", NO_SCHOOL))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty"),
        (b" \r\n\r\n", "The file is empty"),
        (b"<!DOCTYPE html><html><title>Sign in</title>", "web page, not a calendar file"),
        (b"\xef\xbb\xbf\n  <HTML>", "web page, not a calendar file"),
        (b"%PDF-1.7 ...", "a PDF, not a calendar file"),
        (b"PK\x03\x04....", "a zip file or a workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        (b"date,title\n2026-09-07,Labor Day\n", "It begins “date,title”"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "no BEGIN:VCALENDAR"),
        (b"BEGIN:VEVENT\r\nDTSTART:20260907\r\nEND:VEVENT\r\n", "no BEGIN:VCALENDAR"),
        (file(), "has no events"),
        (GOOD[:-8], "stops in line 7: its end"),
        (GOOD[:78], "stops in line 5, in the middle of the event “No Schoo” (line 3)"),
        (GOOD + b" " * LARGEST, "The file has 5.0 MB; a calendar may have at most 5"),
    ],
)
def test_a_file_that_is_no_calendar_is_named_and_told_what_to_do(raw: bytes, said: str) -> None:
    told = refused(raw)
    assert said in told
    assert "export" in told.lower()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTSTART;VALUE=DATE:20261345",), "(line 7) cannot be placed: its start (DTSTART) is “20261345”"),
        (("DTSTART:soon",), "its start (DTSTART) is “soon”"),
        (("UID:9",), "(line 7) has no start (DTSTART)"),
        (("DTSTART:20260907", "DTEND:later"), "its end (DTEND) is “later”"),
        (("DTSTART:20260907", "DURATION:a while"), "its length (DURATION) is “a while”"),
        (("DTSTART:20260907", "RRULE:FREQ=SOMETIMES"), "its repetition (RRULE) is “FREQ=SOMETIMES”"),
        (("DTSTART:20260907", "RRULE:FREQ=DAILY;BYDAY=XX"), "its repetition (RRULE)"),
        (("DTSTART:20260907", "RRULE:FREQ=SECONDLY"), "its repetition (RRULE)"),
        (("DTSTART:20260907", "RRULE:FREQ=DAILY;INTERVAL=0"), "its repetition (RRULE)"),
        (("DTSTART:20260907", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), "its repetition (RRULE)"),
        (("DTSTART:10000101", "RRULE:FREQ=DAILY"), "its start (DTSTART) is “10000101”"),
        (("DTSTART:20260907", "DTEND:20290101", "RRULE:FREQ=DAILY"), "its end (DTEND) is “20290101”"),
        (("DTSTART:20260907", "DURATION:P9999D", "RRULE:FREQ=DAILY"), "its length (DURATION) is “P9999D”"),
        (("DTSTART:20260907", "RRULE:FREQ=DAILY", "EXDATE:never"), "its left-out date (EXDATE) is “never”"),
        (("DTSTART:20260907", "RDATE:whenever"), "its extra date (RDATE) is “whenever”"),
    ],
)
def test_a_day_off_that_cannot_be_placed_is_named_with_its_line(lines: Sequence[str], said: str) -> None:
    told = refused(file(event("DTSTART:20260901", "SUMMARY:Concert"), event(*lines, "SUMMARY:Winter Break")))
    assert "The event “Winter Break”" in told
    assert said in told


def test_a_broken_event_that_changes_nothing_is_no_reason_to_refuse_the_file() -> None:
    concert = event("DTSTART:20261345", "RRULE:FREQ=SECONDLY", "SUMMARY:Concert")
    zone = "BEGIN:VTIMEZONE\r\nTZID:Odd\r\nBEGIN:STANDARD\r\nDTSTART:never\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    assert closed(zone, concert, event("DTSTART:20260907", NO_SCHOOL)) == "09-07"


def only_unreadable(raw: bytes) -> None:
    try:
        found = school(raw)
    except Unreadable as told:
        assert str(told)
    else:
        assert all(FIRST <= day <= LAST for day in (*found.closed, *found.early))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_garbage_is_unreadable_and_nothing_worse(raw: bytes) -> None:
    only_unreadable(raw)
    only_unreadable(b"BEGIN:VCALENDAR\n" + raw + b"\nEND:VCALENDAR")


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_damaged_file_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    raw = (FILES / name).read_bytes()
    at = data.draw(st.integers(0, len(raw)))
    upto = data.draw(st.integers(at, min(len(raw), at + 60)))
    only_unreadable(raw[:at] + data.draw(st.binary(max_size=20)) + raw[upto:])


DATES = st.sampled_from(["20260907", "20260907T120000", "20260907T120000Z", "00010101", "99991231T235959Z", "0", ""])
NAMES = st.sampled_from(
    ["DTSTART", "DTEND", "DURATION", "RDATE", "EXDATE", "RECURRENCE-ID", "DTSTART;TZID=America", "DTEND;VALUE=DATE"]
)
RULES = st.sampled_from(
    ["FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY;UNTIL=2", "FREQ=MONTHLY;COUNT=-1", "COUNT=2", "FREQ=WEEKLY;UNTIL=20260930"]
)
LINES = st.one_of(
    st.builds("{}:{}".format, NAMES, DATES | st.text(max_size=8)),
    st.builds("RRULE:{}".format, RULES),
    st.builds("UID:{}".format, st.integers(1, 2)),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(LINES, max_size=5), min_size=1, max_size=3))
def test_events_of_any_nonsense_are_read_or_unreadable(events: list[list[str]]) -> None:
    only_unreadable(file(*(event(*lines, NO_SCHOOL) for lines in events)))
