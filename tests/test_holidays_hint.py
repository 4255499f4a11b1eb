"""Public holidays as a hint: only on school days, only where the school's calendar says nothing, never a closure."""

import sys
from collections.abc import Collection
from datetime import date
from zoneinfo import available_timezones

import pytest

from bot.holidays_hint import NoHolidays, country_of, suggestions

WEEK = frozenset(range(5))
AUTUMN = date(2026, 9, 1), date(2026, 12, 31)


def told(
    country: str, region: str = "", closed: Collection[date] = (), week: Collection[int] = WEEK, language: str = "en"
) -> list[str]:
    return [f"{day:%m-%d} {name}" for day, name in suggestions(country, region, closed, week, *AUTUMN, language)]


def test_holidays_the_calendar_does_not_close_are_suggested() -> None:
    assert told("US", closed={date(2026, 9, 7), date(2026, 11, 26)}) == [
        "10-12 Columbus Day",
        "11-11 Veterans Day",
        "12-25 Christmas Day",
    ]


def test_only_weekdays_with_school_count() -> None:
    assert told("US", week={2}) == ["11-11 Veterans Day"]


def test_names_come_in_the_languages_there_are() -> None:
    assert told("MX", language="es")[0] == "09-16 Día de la Independencia"
    assert told("MX", language="en")[0] == "09-16 Independence Day"
    assert told("US", language="es") == told("US")
    assert told("DE", language="es") == ["12-25 Erster Weihnachtstag"]


def test_a_region_has_holidays_of_its_own_and_an_unknown_one_none() -> None:
    assert "11-27 Friday After Thanksgiving" in told("US", "TX")
    assert told("US", "Nowhere") == told("US")


@pytest.mark.parametrize("country", ["", "XX", "us", "Mars"])
def test_an_unknown_country_has_no_suggestions(country: str) -> None:
    assert told(country) == []


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/New_York", "US"),
        ("US/Eastern", "US"),
        ("America/Mexico_City", "MX"),
        ("Europe/Madrid", "ES"),
        ("Atlantic/Canary", "ES"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Kyiv", "UA"),
        ("UTC", ""),
        ("Etc/GMT+5", ""),
        ("Nowhere/Known", ""),
    ],
)
def test_the_country_is_guessed_from_the_time_zone(zone: str, country: str) -> None:
    assert country_of(zone) == country


def test_every_zone_of_a_known_country_is_its_own() -> None:
    assert {country_of(zone) for zone in available_timezones()} >= {"US", "CA", "GB", "FR", "BR", "JP", "AU"}
    assert all(len(country_of(zone)) in (0, 2) for zone in available_timezones())


def test_without_the_extra_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(NoHolidays, match=r"pip install '\.\[holidays\]'"):
        told("US")
