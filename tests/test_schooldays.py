"""Wall-clock times in ten zones, in gaps, overlaps and where midnight is missing (CASES part F)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.model import School
from bot.schooldays import day_times, hours_of, instant, local_day, next_school_day, previous_school_day

# zone, date, wall time, UTC instant; why
CASES = [
    ("America/New_York", "2026-09-15", "15:10", "2026-09-15T19:10", "an ordinary afternoon"),
    ("America/New_York", "2027-03-14", "02:30", "2027-03-14T07:30", "gap: becomes 03:30"),
    ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30", "overlap: the first"),
    ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30", "gap"),
    ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30", "overlap: the first"),
    ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:30", "midnight is missing: becomes 01:30"),
    ("Africa/Cairo", "2026-10-29", "23:30", "2026-10-29T20:30", "overlap before midnight: the first"),
    ("Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00", "midnight is missing"),
    ("America/Santiago", "2026-09-06", "00:15", "2026-09-06T04:15", "midnight is missing"),
    ("America/Havana", "2026-03-08", "00:30", "2026-03-08T05:30", "midnight is missing"),
    ("Asia/Gaza", "2026-03-28", "02:30", "2026-03-28T00:30", "gap at two"),
    ("Atlantic/Azores", "2026-03-29", "00:30", "2026-03-29T01:30", "midnight is missing"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45", "half an hour's gap"),
    ("Australia/Lord_Howe", "2027-04-04", "01:45", "2027-04-03T14:45", "half an hour's overlap: the first"),
    ("Asia/Kolkata", "2026-09-15", "15:10", "2026-09-15T09:40", "no clock change"),
]


@pytest.mark.parametrize(("zone", "day", "wall", "utc", "why"), CASES)
def test_a_wall_time_is_one_instant(zone: str, day: str, wall: str, utc: str, why: str) -> None:
    """G-110, G-111, G-112."""
    found = instant(date.fromisoformat(day), time.fromisoformat(wall), ZoneInfo(zone))
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC), why


@pytest.mark.parametrize(("zone", "day", "wall"), [case[:3] for case in CASES])
def test_a_scan_minute_by_minute_agrees(zone: str, day: str, wall: str) -> None:
    """The second way: the first minute of real time whose clock shows the wall time; in a gap, the time after it."""
    where, wanted = ZoneInfo(zone), datetime.combine(date.fromisoformat(day), time.fromisoformat(wall))
    moment = wanted.replace(tzinfo=UTC) - timedelta(hours=16)
    shown = [(moment + timedelta(minutes=n)) for n in range(60 * 32)]
    exact = [m for m in shown if m.astimezone(where).replace(tzinfo=None) == wanted]
    found = instant(wanted.date(), wanted.time(), where)
    if exact:
        assert found == exact[0]
    else:
        before = max(m for m in shown if m.astimezone(where).replace(tzinfo=None) < wanted)
        gap = (before + timedelta(minutes=1)).astimezone(where).replace(tzinfo=None) - before.astimezone(where).replace(
            tzinfo=None
        )
        assert found.astimezone(where).replace(tzinfo=None) == wanted + gap - timedelta(minutes=1)


@pytest.mark.parametrize("zone", sorted({case[0] for case in CASES}))
def test_every_date_of_two_years_opens_once(zone: str) -> None:
    """Also where midnight does not exist, a date begins, and exactly once."""
    where = ZoneInfo(zone)
    for n in range(730):
        day = date(2026, 1, 1) + timedelta(days=n)
        begins = instant(day, time(0), where)
        assert local_day(begins, where) == day
        assert local_day(begins - timedelta(minutes=1), where) == day - timedelta(days=1)


def test_the_windows_of_an_ordinary_day() -> None:
    school = School("s", "S", ZoneInfo("America/New_York"))
    times = day_times(school, date(2026, 9, 18))

    def local(moment: datetime) -> str:
        return moment.astimezone(school.zone).strftime("%a %H:%M")

    assert local(times.teacher_card) == "Fri 15:10" and local(times.teacher_until) == "Fri 17:20"
    assert local(times.teacher_nudge_until) == "Fri 17:00" and local(times.home_until) == "Fri 20:00"
    assert local(times.late_until) == "Mon 23:00"
    assert next_school_day(school, date(2026, 9, 18)) == date(2026, 9, 21)
    assert previous_school_day(school, date(2026, 9, 21)) == date(2026, 9, 18)


def test_a_teacher_is_not_rung_at_night_or_on_sunday() -> None:
    school = School("s", "S", ZoneInfo("America/New_York"))
    sunday = instant(date(2026, 9, 20), time(12), school.zone)
    start, end = hours_of(school, None, "teacher").span(sunday)
    assert start == instant(date(2026, 9, 21), time(7), school.zone) and end > start
    night = instant(date(2026, 9, 15), time(21), school.zone)
    assert hours_of(school, None, "guardian").span(night)[0] == instant(date(2026, 9, 16), time(7), school.zone)
