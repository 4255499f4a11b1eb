"""Calendars that are too large, or small and made to last for ever: read or refused in seconds."""

import time as stopwatch
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.calendar import LARGEST, Unreadable
from tests.calendars import NO_SCHOOL, event, file, school


def test_ten_thousand_events_are_read_in_under_two_seconds() -> None:
    def one(n: int) -> str:
        start = datetime(2026, 8, 1, 9) + timedelta(days=n % 360)
        title = "No School" if n % 20 == 0 else f"Concert of group {n}"
        return event(
            f"UID:{n}", f"DTSTART:{start:%Y%m%d}", f"SUMMARY:{title}", "DESCRIPTION:Bring\\, please", "STATUS:"
        )

    raw = file(*map(one, range(10_000)))
    school(file(event("DTSTART:20260907", NO_SCHOOL)))  # the library is imported once a process
    began = stopwatch.perf_counter()
    found = school(raw)
    assert stopwatch.perf_counter() - began < 2
    assert len(found.closed) == 18


NO_SUCH_TIME = 5  # seconds; each of these took minutes or days before it had a bound


def first_lines(make: str, count: int) -> list[str]:
    return [make.format(n=n, day=20260801 + n % 28, minute=n % 60, hour=10 + n // 60 % 10) for n in range(count)]


def series(*lines: str) -> str:
    return event("UID:1", "DTSTART:20260907", "RRULE:FREQ=DAILY", NO_SCHOOL, *lines)


ZONE = "BEGIN:VTIMEZONE\nTZID:X{n}\nBEGIN:STANDARD\nDTSTART:19700101T000000\n{rule}END:STANDARD\nEND:VTIMEZONE\n"
HUGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "200,000 events": (lambda: file(*["BEGIN:VEVENT\nEND:VEVENT\n"] * 200_000), ""),
    "50,000 days off": (
        lambda: file(*first_lines("BEGIN:VEVENT\nDTSTART:{day}\nSUMMARY:Closed {n}\nEND:VEVENT\n", 50_000)),
        "",
    ),
    "50,000 left-out dates": (
        lambda: file(series(*["EXDATE:20260910"] * 50_000)),
        "(line 3) has more dates of its own",
    ),
    "one line of dates": (
        lambda: file(series("RDATE:" + "20260910," * 400_000 + "20260911")),
        "(line 3) has more dates",
    ),
    "5,000 moved dates": (
        lambda: file(
            series(),
            *first_lines(
                "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:{day}T{hour}{minute:02}00\nDTSTART:{day}\nEND:VEVENT\n", 5_000
            ),
        ),
        "(line 3) has more than 1,000 moved dates",
    ),
    "2,000 repetitions for ever": (
        lambda: file(
            *first_lines(
                "BEGIN:VEVENT\nDTSTART:{day}T{hour}{minute:02}00\nRRULE:FREQ=DAILY\nSUMMARY:Closed {n}\nEND:VEVENT\n",
                2_000,
            )
        ),
        "repeats so much that it would take minutes to read; so far it was read to the event “Closed",
    ),
    "a million categories": (lambda: file(event("DTSTART:20260907", "CATEGORIES:" + "ab," * 1_000_000)), ""),
    "50,000 lines of categories": (lambda: file(event("DTSTART:20260907", *["CATEGORIES:ab"] * 50_000)), ""),
    "parts in parts": (lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, "In line 22 one part of the calendar"),
    "20,000 zones": (lambda: file(*(ZONE.format(n=n, rule="") for n in range(20_000)), series()), ""),
    "a zone that changes each second": (lambda: file(ZONE.format(n=0, rule="RRULE:FREQ=SECONDLY\n"), series()), ""),
    "a long zone": (lambda: file(ZONE.format(n=0, rule="RDATE:19700101T000000\n" * 100_000), series()), ""),
    "titles of 5,000 letters": (lambda: file(*[event("DTSTART:20260907", "SUMMARY:" + "No School " * 500)] * 500), ""),
    "one title of 3 MB": (lambda: file(event("DTSTART:20260907", "SUMMARY:No School " + "é\u0301" * 800_000)), ""),
    "a million folds": (lambda: file("X:\n" + " \n" * 1_000_000, series()), ""),
    "quotes without end": (lambda: file('X;a"' * 500_000 + "\n", series()), ""),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_file_is_read_or_refused_in_seconds(name: str) -> None:
    make, said = HUGE[name]
    raw = make()
    assert len(raw) <= LARGEST
    began = stopwatch.thread_time()
    told = ""
    try:
        found = school(raw)
    except Unreadable as problem:
        told = str(problem)
    else:
        assert all(len(title) <= 200 for title in found.closed.values())
    assert stopwatch.thread_time() - began < NO_SUCH_TIME
    assert said in told if said else not told
