"""How a test writes a school's calendar: `file(event("DTSTART:20260907", NO_SCHOOL))`, and reads it for one year."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.calendar import Calendar, read

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2026, 8, 1), date(2027, 7, 31)
NO_SCHOOL = "SUMMARY:No School"


def event(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", ""))


def file(*events: str, head: str = "VERSION:2.0") -> bytes:
    return f"BEGIN:VCALENDAR\r\n{head}\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def school(raw: bytes, zone: ZoneInfo = NEW_YORK) -> Calendar:
    return read(raw, zone, FIRST, LAST)


def closed(*events: str, zone: ZoneInfo = NEW_YORK) -> str:
    """The closed dates as month-day, for tables."""
    return " ".join(f"{day:%m-%d}" for day in school(file(*events), zone).closed)


def early(*events: str, zone: ZoneInfo = NEW_YORK, head: str = "VERSION:2.0") -> str:
    return " ".join(f"{day:%m-%d}/{at:%H:%M}" for day, at in school(file(*events, head=head), zone).early.items())
