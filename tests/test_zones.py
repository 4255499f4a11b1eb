"""School dates in many zones, played through the real core: every card once, at its instant (G-110 … G-122)."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.model import School, Wish
from bot.schooldays import instant
from storage.engine import open_engine, upgrade
from storage.load import card, night
from storage.store import Store
from tests.days import Day

TABLE = Path(__file__).parent / "data" / "zone_cases.txt"
ROSTER = """student,class,teacher,guardian,guardian_language,daily
Ana Romero,Maths,Ms Okafor,Lucía Romero,en,yes
Ana Romero,Maths,Ms Okafor,Tom Romero,en,yes
"""
PEOPLE = {"okafor": "Ms Okafor", "lucia": "Lucía Romero", "tom": "Tom Romero"}
SIGNS = {
    "T": ("okafor", "teacher"),
    "N": ("okafor", "teacher nudge"),
    "H": ("lucia", "home"),
    "R": ("lucia", "home nudge"),
    "2H": ("tom", "home"),
    "2R": ("tom", "home nudge"),
}
SCHOOL = {
    "card": "teacher_card",
    "nudge": "teacher_nudge",
    "home": "home_card",
    "remind": "home_nudge",
    "close": "day_closes",
}
WISHES = {"card": "card_at", "from": "hours_from", "until": "hours_until"}
WHOSE = tuple(f"{user}:" for user in PEOPLE)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Shown = tuple[str, str, date, datetime, bool]  # user, kind of card, its school date, when (UTC), whether it rang


@dataclass(frozen=True, slots=True)
class Expected:
    """One card of a line: whose, for which school date, the clock its person sees, the same in UTC, silent or not."""

    user: str
    kind: str
    day: date
    wall: datetime
    utc: datetime
    silent: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the table. `own`: settings by user, "" for the school's."""

    school: School
    first: date
    own: Mapping[str, Mapping[str, str]]
    days: tuple[tuple[Expected, ...], ...]
    why: str

    def zone_of(self, user: str) -> ZoneInfo:
        return ZoneInfo(self.own.get(user, {}).get("zone", "") or self.school.zone.key)


# --- the table -------------------------------------------------------------------------------------------------------


def read_case(line: str) -> Case:
    zone, first, settings, today, tomorrow, why = (part.strip() for part in line.split("|"))
    own: dict[str, dict[str, str]] = {"": {}}
    for setting in settings.split():
        user, _, what = setting.partition(":") if setting.startswith(WHOSE) else ("", "", setting)
        name, _, value = what.partition("=")
        own.setdefault(user, {})[name] = value
    day = date.fromisoformat(first)
    dates = (day, day + timedelta(days=1))
    columns = zip(dates, (today, tomorrow), strict=True)
    cards = tuple(tuple(_expected(one, on) for one in column.split() if one != "-") for on, column in columns)
    return Case(_school(zone, own[""]), day, own, cards, why)


def _expected(text: str, day: date) -> Expected:
    left, _, utc = text.partition("=")
    sign = left[: 2 if left[0] == "2" else 1]
    wall = left.removeprefix(sign)
    user, kind = SIGNS[sign]
    moment = _on(day, utc).replace(tzinfo=UTC)
    return Expected(user, kind, day, _on(day, wall.removeprefix("~")), moment, wall.startswith("~"))


def _on(day: date, clock: str) -> datetime:
    """07:00+1 of a date: that time on the next."""
    return datetime.combine(day + timedelta(days=int(clock[5:] or 0)), time.fromisoformat(clock[:5]))


def _school(zone: str, settings: Mapping[str, str]) -> School:
    times: dict[str, Any] = {
        SCHOOL[name]: time.fromisoformat(value) for name, value in settings.items() if name in SCHOOL
    }
    closed = {date.fromisoformat(day): "off" for day in settings.get("closed", "").split(",") if day}
    halves = [half.split("@") for half in settings.get("early", "").split(",") if half]
    early = {date.fromisoformat(day): time.fromisoformat(at) for day, at in halves}
    school = School("s", "School", ZoneInfo(zone), weekdays=_weekdays(settings.get("days", "mon-fri")))
    return replace(school, closed=closed, early=early, **times)


def _weekdays(span: str) -> frozenset[int]:
    first, last = (WEEK.index(name) for name in span.split("-"))
    return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))


CASES = [read_case(line) for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
PLAYED = [pytest.param(c, id=f"{c.school.zone.key} {c.first} {c.why}".replace(" ", "-")) for c in CASES]


# --- the instants, in two independent ways ---------------------------------------------------------------------------


@cache
def minutes(zone: ZoneInfo, day: date) -> dict[datetime, datetime]:
    """Real time around a date, minute by minute: what the wall clock shows → the first minute that shows it (UTC)."""
    begin = datetime.combine(day, time(0), UTC) - timedelta(hours=30)
    shown: dict[datetime, datetime] = {}
    for n in range(84 * 60):
        moment = begin + timedelta(minutes=n)
        shown.setdefault(moment.astimezone(zone).replace(tzinfo=None), moment)
    return shown


def test_the_table_is_large_enough() -> None:
    assert len(CASES) >= 60 and len({case.school.zone.key for case in CASES}) >= 10


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=f"{c.school.zone.key}-{c.first}-{n}") for n, c in enumerate(CASES)]
)
def test_every_instant_of_the_table_is_right_in_two_ways(case: Case) -> None:
    """zoneinfo's arithmetic, and a scan of real time that knows no arithmetic."""
    for one in (one for column in case.days for one in column):
        zone = case.zone_of(one.user)
        assert instant(one.wall.date(), one.wall.time(), zone) == one.utc, one
        assert minutes(zone, one.day)[one.wall] == one.utc, one


# --- the same table, lived -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the newest schema."""
    file = tmp_path_factory.mktemp("zones") / "empty.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.mark.parametrize("case", PLAYED)
async def test_each_card_is_sent_once_at_its_instant(case: Case, empty: Path, tmp_path: Path) -> None:
    """Two dates are wound through, from the evening before to the morning after; nobody answers anything."""
    shutil.copy(empty, tmp_path / "day.db")
    store = Store(open_engine(f"sqlite:///{tmp_path / 'day.db'}"), [School("s", "School", case.school.zone)])
    store.schools["s"] = case.school
    users = {PEOPLE[user]: user for user in PEOPLE if user != "tom" or "tom" in case.own}
    evening = case.first - timedelta(days=1)
    day = Day(store, case.school, evening, ROSTER, users, start="22:00")
    for user in users.values():
        _choose(day, case, user)
    async with day:
        await day.at("09:00", case.first + timedelta(days=2))
        assert sorted(_shown(day, case)) == sorted(
            (one.user, one.kind, one.day, one.utc, not one.silent) for column in case.days for one in column
        )
        assert _closed(day, case) == [column[0].day for column in case.days if column]


def _choose(day: Day, case: Case, user: str) -> None:
    chosen = case.own.get(user, {})
    wish = Wish(**{WISHES[name]: time.fromisoformat(value) for name, value in chosen.items() if name in WISHES})
    role = "teacher" if user == "okafor" else "guardian"
    person = day.house.person(PEOPLE[user])
    zone = chosen.get("zone", "")
    day.house.store.turn("s", day.house.clock.now(), lambda turn: turn.set_person(person, zone=zone))
    if wish != Wish():
        day.house.store.turn("s", day.house.clock.now(), lambda turn: turn.set_wishes(person, {role: wish}))


def _shown(day: Day, case: Case) -> list[Shown]:
    """Every message that came for one of the two dates, by the card it belongs to; one that belongs to none fails."""
    with day.house.store.engine.connect() as connection:
        cards = {row.ref: row for row in connection.execute(select(card.c.ref, card.c.kind, card.c.day))}
    dates = (case.first, case.first + timedelta(days=1))
    found = [(user, bubble, cards[bubble.ref]) for user in PEOPLE for bubble in day.screen(user)]
    return [(user, row.kind, row.day, b.at, b.rang) for user, b, row in found if row.day in dates and b.at]


def _closed(day: Day, case: Case) -> list[date]:
    """The dates of the two that were frozen."""
    with day.house.store.engine.connect() as connection:
        days = connection.execute(select(night.c.day).order_by(night.c.day)).scalars()
        return [one for one in days if one >= case.first]
