"""The program's own parts: a calendar file that is read, changed and broken while it runs."""

from datetime import date
from pathlib import Path

import pytest

from bot.calendar import Unreadable
from bot.composition import read_calendar
from tests.days import LINCOLN

CALENDAR = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//school//calendar//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260801T000000Z\r
DTSTART;VALUE=DATE:20260916\r
DTEND;VALUE=DATE:20260917\r
SUMMARY:No school - staff day\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTAMP:20260801T000000Z\r
DTSTART;VALUE=DATE:20260918\r
DTEND;VALUE=DATE:20260919\r
SUMMARY:Early release 12:30 PM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_days_off_and_half_days_come_from_the_schools_own_calendar(tmp_path: Path) -> None:
    file = tmp_path / "school.ics"
    file.write_text(CALENDAR)
    found = read_calendar(str(file), LINCOLN.zone, date(2026, 9, 14))
    assert [day.isoformat() for day in found.closed] == ["2026-09-16"]
    assert {day.isoformat(): wall.isoformat() for day, wall in found.early.items()} == {"2026-09-18": "12:30:00"}


def test_a_page_instead_of_a_calendar_says_so(tmp_path: Path) -> None:
    file = tmp_path / "school.ics"
    file.write_text("<html><body>Log in</body></html>")
    with pytest.raises(Unreadable):
        read_calendar(str(file), LINCOLN.zone, date(2026, 9, 14))
