"""Own minutes, own hours, own zones, days that change under way, and outages, as days (PRODUCT F09, F10, F19)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.closures import declare
from bot.model import CalendarDay, School, Wish
from bot.schooldays import instant
from storage.load import card, fact, night
from storage.store import Store
from tests.days import LINCOLN, TUESDAY, Day, labels, new_store, text

MONDAY, WEDNESDAY, THURSDAY, FRIDAY = (TUESDAY + timedelta(days=n) for n in (-1, 1, 2, 3))
NEXT_MONDAY = TUESDAY + timedelta(days=6)
ROSTER = """student,class,teacher,guardian,guardian_language,daily
Ana Romero,Maths,Ms Okafor,Lucía Romero,en,yes
Ana Romero,Maths,Ms Okafor,Tom Romero,en,yes
"""
BOTH = {"Ms Okafor": "okafor", "Lucía Romero": "lucia", "Tom Romero": "tom"}
ALONE = {"Ms Okafor": "okafor", "Lucía Romero": "lucia"}
NAMES = {user: name for name, user in BOTH.items()}
DAILY = ("teacher", "teacher nudge", "home", "home nudge", "no school")
USUAL = ["teacher Tue 15:10", "teacher nudge Tue 16:10"]
EVENING = ["home Tue 17:30", "home nudge Tue 19:45"]


def a_day(
    database: str, school: School = LINCOLN, start: str = "09:00", day: date = TUESDAY, roster: str = ROSTER,
    users: dict[str, str] | None = None,
) -> Day:  # fmt: skip
    return Day(new_store(database, school), school, day, roster, ALONE if users is None else users, start)


def came(day: Day, user: str, on: date | None = None) -> list[str]:
    """The cards of a school date that came to somebody, by the school's clock; ~ is silent: `home Tue 17:30~`."""
    with day.house.store.engine.connect() as connection:
        rows = connection.execute(select(card.c.ref, card.c.kind).where(card.c.day == (on or day.day)))
        kinds = {row.ref: row.kind for row in rows if row.kind in DAILY}
    zone = day.house.school.zone
    shown = [(bubble, kinds[bubble.ref]) for bubble in day.screen(user) if bubble.ref in kinds]
    return [f"{kind} {b.at.astimezone(zone):%a %H:%M}{'' if b.rang else '~'}" for b, kind in shown if b.at]


def frozen(day: Day, on: date) -> tuple[str, list[str]]:
    """What stands in the record of Ana's night: home, and her class lines."""
    with day.house.store.engine.connect() as connection:
        row = connection.execute(select(night).where(night.c.day == on).order_by(night.c.student)).first()
    assert row is not None, f"{on} has not closed"
    return row.home, list(row.lines.values())


def unasked(day: Day, on: date) -> set[str]:
    """Whom the record says the program did not ask that day: teacher, home or both."""
    with day.house.store.engine.connect() as connection:
        query = select(fact.c.value).where(fact.c.kind == "unasked", fact.c.day == on)
        return set(connection.execute(query).scalars())


def chooses(day: Day, user: str, zone: str = "", **wish: str) -> None:
    """Own zone and own times, as they stand before the day is wound on."""
    role = "teacher" if user == "okafor" else "guardian"
    person, now = day.house.person(NAMES[user]), day.house.clock.now()
    own = Wish(**{name: time.fromisoformat(at) for name, at in wish.items()})
    day.house.store.turn("lincoln", now, lambda turn: turn.set_person(person, zone=zone))
    day.house.store.turn("lincoln", now, lambda turn: turn.set_wishes(person, {role: own}))


async def restarts(day: Day, school: School) -> None:
    """The program starts again with that configuration, on the same database and the same screens."""
    store = Store(day.house.store.engine, [school])
    day.house.school = school
    day.house.store = day.house.hands.store = day.house.desk.store = store
    store.look_again(day.house.clock.now())
    await day.house.settle()


async def declares(day: Day, kind: str, value: str = "", on: date | None = None) -> None:
    """Somebody says what kind of day it is; the next heartbeat follows."""
    what = CalendarDay(on or day.day, kind, value)
    day.house.store.turn("lincoln", day.house.clock.now(), lambda turn: declare(turn, 0, what, f"test:{kind}:{value}"))
    await day.house.settle()


async def sleeps_until(day: Day, clock: str, on: date | None = None) -> None:
    """The program is down until that time of this or a later date, then starts."""
    day.day = on or day.day
    day.house.clock.at = instant(day.day, time.fromisoformat(clock), day.house.school.zone)
    day.house.store.look_again(day.house.clock.now())
    await day.house.settle()


# --- own times -------------------------------------------------------------------------------------------------------

AFTERNOONS = [
    ({"card_at": "10:00"}, ["teacher Tue 10:00", "teacher nudge Tue 11:00"]),
    ({"card_at": "14:30"}, ["teacher Tue 14:30", "teacher nudge Tue 15:30"]),
    ({"card_at": "16:15"}, ["teacher Tue 16:15", "teacher nudge Tue 17:15"]),
    ({"card_at": "17:00"}, ["teacher Tue 17:00"]),
    ({"hours_until": "16:30"}, USUAL),
    ({"hours_until": "16:10"}, USUAL[:1]),
    ({"hours_from": "16:00"}, ["teacher Tue 16:00"]),
    ({"hours_from": "21:00", "hours_until": "16:30"}, []),
    (
        {"card_at": "14:30", "hours_from": "10:00", "hours_until": "16:30"},
        ["teacher Tue 14:30", "teacher nudge Tue 15:30"],
    ),
]


@pytest.mark.parametrize(("wish", "cards"), AFTERNOONS)
async def test_a_teachers_own_afternoon(database: str, wish: dict[str, str], cards: list[str]) -> None:
    """Section 6: own minute from 10:00 to 17:00, the nudge an hour later, both inside own hours, or none."""
    async with a_day(database) as day:
        chooses(day, "okafor", **wish)
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert came(day, "okafor") == cards
        assert came(day, "lucia") == EVENING


async def test_a_teacher_whose_hours_leave_no_room_was_not_asked(database: str) -> None:
    async with a_day(database) as day:
        chooses(day, "okafor", hours_from="08:00", hours_until="14:00")
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert not came(day, "okafor") and unasked(day, TUESDAY) == {"teacher"}
        assert frozen(day, TUESDAY) == ("no_answer", ["unknown:not_asked"])


async def test_no_nudge_after_hours_that_a_teacher_has_chosen_with_a_card_time(database: str) -> None:
    """F07, section 6: the nudge is only inside own hours; these end at 16:30."""
    async with a_day(database) as day:
        chooses(day, "okafor", card_at="15:45", hours_from="07:00", hours_until="16:30")
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert came(day, "okafor") == ["teacher Tue 15:45"]


async def test_no_nudge_after_hours_that_a_guardian_has_chosen_with_a_card_time(database: str) -> None:
    async with a_day(database) as day:
        chooses(day, "lucia", card_at="18:30", hours_from="07:00", hours_until="19:30")
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert came(day, "lucia") == ["home Tue 18:30"]


@pytest.mark.parametrize(("user", "wish", "cards"), [
    ("okafor", {"card_at": "16:30", "hours_until": "16:00"}, ["teacher Tue 16:30"]),
    ("lucia", {"card_at": "20:30", "hours_until": "19:00"}, ["home Tue 20:30", "home nudge Tue 21:30"]),
])  # fmt: skip
async def test_a_card_time_chosen_outside_the_own_hours_still_comes(
    database: str, user: str, wish: dict[str, str], cards: list[str]
) -> None:
    """Section 6: a chosen later card time extends the day."""
    async with a_day(database) as day:
        chooses(day, user, **wish)
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert came(day, user) == cards


@pytest.mark.parametrize(("dismissal", "cards"), [
    ("10:30", ["teacher Tue 10:40", "teacher nudge Tue 11:40"]),
    ("14:00", ["teacher Tue 14:10", "teacher nudge Tue 15:10"]),
])  # fmt: skip
async def test_a_half_day_stands_over_the_own_minute(database: str, dismissal: str, cards: list[str]) -> None:
    """G-118."""
    school = replace(LINCOLN, early={TUESDAY: time.fromisoformat(dismissal)})
    async with a_day(database, school) as day:
        chooses(day, "okafor", card_at="16:00")
        await restarts(day, school)
        await day.at("23:05")
        assert came(day, "okafor") == cards
        await day.at("23:05", WEDNESDAY)
        assert came(day, "okafor") == ["teacher Wed 16:00", "teacher nudge Wed 17:00"]


EVENINGS = [
    ({"card_at": "15:30"}, ["home Tue 15:30", "home nudge Tue 19:45"]),
    ({"card_at": "18:30"}, ["home Tue 18:30", "home nudge Tue 19:45"]),
    ({"card_at": "20:00"}, ["home Tue 20:00", "home nudge Tue 21:00"]),
    ({"card_at": "21:00"}, ["home Tue 21:00", "home nudge Tue 22:00"]),
    ({"hours_from": "18:00"}, ["home Tue 18:00", "home nudge Tue 19:45"]),
    ({"hours_until": "19:30"}, ["home Tue 17:30"]),
    ({"hours_from": "19:30"}, ["home Tue 19:30"]),
    ({"hours_from": "22:00", "hours_until": "07:00"}, ["home Tue 22:00"]),
    ({"hours_from": "17:00", "hours_until": "02:00"}, EVENING),
    ({"hours_from": "06:00", "hours_until": "17:00"}, ["home Wed 06:00~"]),
]


@pytest.mark.parametrize(("wish", "cards"), EVENINGS)
async def test_a_guardians_own_evening(database: str, wish: dict[str, str], cards: list[str]) -> None:
    """Own time, own hours (also over midnight); with no hour left before the close a silent copy, and no question."""
    async with a_day(database) as day:
        chooses(day, "lucia", **wish)
        await restarts(day, LINCOLN)
        await day.at("09:00", WEDNESDAY)
        assert came(day, "lucia", TUESDAY) == cards
        assert frozen(day, TUESDAY)[0] == ("not_asked" if cards[0].endswith("~") else "no_answer")


# --- other zones -----------------------------------------------------------------------------------------------------

ELSEWHERE = [
    ("America/Los_Angeles", ["home Tue 20:30", "home nudge Tue 22:45"]),
    ("America/Chicago", ["home Tue 18:30", "home nudge Tue 20:45"]),
    ("America/Santiago", ["home Tue 16:30", "home nudge Tue 18:45"]),
    ("Asia/Tokyo", ["home Tue 18:00", "home nudge Tue 19:00"]),
    ("Pacific/Honolulu", ["home Tue 22:00"]),
    ("Europe/Berlin", ["home Wed 01:00~"]),
    ("Africa/Cairo", ["home Wed 00:00~"]),
]


@pytest.mark.parametrize(("zone", "cards"), ELSEWHERE)
async def test_a_guardian_in_another_zone(database: str, zone: str, cards: list[str]) -> None:
    """G-122: the card at the own local time where that is after the teachers' nudge and before the close."""
    async with a_day(database) as day:
        chooses(day, "lucia", zone)
        await restarts(day, LINCOLN)
        await day.at("09:00", WEDNESDAY)
        assert came(day, "lucia", TUESDAY) == cards
        assert frozen(day, TUESDAY)[0] == ("not_asked" if cards[0].endswith("~") else "no_answer")


async def test_a_night_on_which_home_could_not_be_asked_is_never_no_answer(database: str) -> None:
    """Section 5: the copy comes in the morning; teachers read *not asked*, and nothing is said about an answer."""
    async with a_day(database) as day:
        chooses(day, "lucia", "Europe/Berlin")
        await restarts(day, LINCOLN)
        await day.at("16:00", WEDNESDAY)
        teacher = text(day.sees("okafor", "Wed, Sep 16"))
        assert "Ana: not asked" in teacher and "no answer" not in teacher


async def test_the_copy_of_who_could_not_be_asked_tells_what_was_written(database: str) -> None:
    """A copy has the card's content; it says nothing about an answer that nobody was asked for."""
    async with a_day(database) as day:
        chooses(day, "lucia", "Europe/Berlin")
        await restarts(day, LINCOLN)
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("09:00", WEDNESDAY)
        assert came(day, "lucia", TUESDAY) == ["home Wed 01:00~"]
        day.does_not_see("lucia", "no answer")
        day.sees("lucia", "Ana · Tuesday", "Maths ✓")
        await day.taps("lucia", "All done ✓")
        await day.at("15:10")
        day.sees("okafor", "Ana: done, late")


async def test_of_two_at_home_the_one_who_can_be_asked_before_the_close_is_asked(database: str) -> None:
    """Lucía joined first but sleeps in Berlin; Tom is asked, hers is the copy, and his answer stands on it."""
    async with a_day(database, users=BOTH) as day:
        chooses(day, "lucia", "Europe/Berlin")
        await restarts(day, LINCOLN)
        await day.at("18:00")
        await day.taps("tom", "All done ✓")
        await day.at("09:00", WEDNESDAY)
        assert came(day, "tom", TUESDAY) == ["home Tue 17:30"]
        assert came(day, "lucia", TUESDAY) == ["home Wed 01:00~"]
        day.sees("lucia", "done (Tom")
        assert frozen(day, TUESDAY)[0] == "done"


PAIRS = [
    ("America/Los_Angeles", "Asia/Tokyo", ["home Tue 20:30", "home nudge Tue 22:45"], ["home Tue 18:00~"]),
    ("Asia/Tokyo", "America/Los_Angeles", ["home Tue 18:00", "home nudge Tue 19:00"], ["home Tue 20:30~"]),
    ("Europe/Berlin", "Asia/Tokyo", ["home Wed 01:00~"], ["home Tue 18:00", "home nudge Tue 19:00"]),
    ("Europe/Berlin", "Africa/Cairo", ["home Wed 01:00~"], ["home Wed 00:00~"]),
    ("Pacific/Honolulu", "", ["home Tue 22:00"], ["home Tue 17:30~"]),
    ("", "Asia/Kolkata", EVENING, ["home Tue 21:30~"]),
]


@pytest.mark.parametrize(("first", "second", "lucia", "tom"), PAIRS)
async def test_two_guardians_each_by_the_own_clock(
    database: str, first: str, second: str, lucia: list[str], tom: list[str]
) -> None:
    """G-122: each in the own zone; the report's date is the school's."""
    async with a_day(database, users=BOTH) as day:
        chooses(day, "lucia", first)
        chooses(day, "tom", second)
        await restarts(day, LINCOLN)
        await day.at("09:00", WEDNESDAY)
        assert came(day, "lucia", TUESDAY) == lucia and came(day, "tom", TUESDAY) == tom


async def test_a_time_is_told_by_the_readers_clock(database: str) -> None:
    """`today` tells Lucía in Los Angeles when her card comes: 5:30 there, not 8:30."""
    async with a_day(database) as day:
        chooses(day, "lucia", "America/Los_Angeles")
        await restarts(day, LINCOLN)
        await day.at("16:00")
        await day.house.say("lucia", "today")
        day.sees("lucia", "Your card comes at 5:30 PM.")


# --- a time or a zone changes on the same day ------------------------------------------------------------------------

CHANGES = [  # old evening time, new one, changed at → when the one card comes
    ("", "18:30", "16:00", "home Tue 18:30"),
    ("", "18:30", "17:45", "home Tue 17:30"),
    ("", "20:00", "18:00", "home Tue 17:30"),
    ("20:00", "18:30", "17:00", "home Tue 18:30"),
    ("20:00", "18:30", "19:00", "home Tue 19:00"),
    ("20:00", "", "18:00", "home Tue 18:00"),
    ("20:00", "18:30", "20:15", "home Tue 20:00"),
    ("18:30", "20:00", "18:29", "home Tue 20:00"),
]


@pytest.mark.parametrize(("old", "new", "at", "shown"), CHANGES)
async def test_an_evening_time_changed_on_the_day(database: str, old: str, new: str, at: str, shown: str) -> None:
    """G-121: before or after the old and the new time, exactly one card comes."""
    async with a_day(database) as day:
        chooses(day, "lucia", **({"card_at": old} if old else {}))
        await restarts(day, LINCOLN)
        await day.at(at)
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "Card time", _label(new) if new else "As the school has it")
        await day.at("23:05")
        assert [one for one in came(day, "lucia") if "nudge" not in one] == [shown]


def _label(clock: str) -> str:
    return f"{datetime.strptime(clock, '%H:%M'):%I:%M %p}".lstrip("0")


async def test_an_evening_time_changed_to_one_that_is_over(database: str) -> None:
    """G-121: at 20:10 Lucía moves her card from 21:00 to 17:30, whose window has ended: still one card today."""
    async with a_day(database) as day:
        chooses(day, "lucia", card_at="21:00")
        await restarts(day, LINCOLN)
        await day.at("20:10")
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "Card time", "5:30 PM")
        await day.at("23:05")
        assert len([one for one in came(day, "lucia") if "nudge" not in one]) == 1


async def test_a_zone_left_when_the_evening_at_school_is_over(database: str) -> None:
    """G-121: at 20:10 Lucía is back from Los Angeles, where her card would have come at 20:30."""
    async with a_day(database) as day:
        chooses(day, "lucia", "America/Los_Angeles")
        await restarts(day, LINCOLN)
        await day.at("20:10")
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "My clock")
        await day.house.say("lucia", "New York")
        await day.at("23:05")
        assert len([one for one in came(day, "lucia") if "nudge" not in one]) == 1


async def test_own_hours_are_typed(database: str) -> None:
    """F09: 22:00-07:00 quiet is written as 7:00-22:00, or the other way round by who works at night."""
    async with a_day(database) as day:
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "Hours", "Another time")
        await day.house.say("lucia", "18:00-02:00")
        day.sees("lucia", "Messages may ring: 6:00 PM – 2:00 AM")
        await day.at("23:05")
        assert came(day, "lucia") == ["home Tue 18:00", "home nudge Tue 19:45"]


@pytest.mark.parametrize(("old", "new", "at", "shown"), [
    ("14:30", "16:00", "14:00", "teacher Tue 16:00"),
    ("14:30", "16:00", "15:00", "teacher Tue 14:30"),
    ("16:00", "14:30", "13:00", "teacher Tue 14:30"),
    ("16:00", "14:30", "15:00", "teacher Tue 15:00"),
    ("16:00", "14:30", "16:30", "teacher Tue 16:00"),
])  # fmt: skip
async def test_an_own_minute_changed_on_the_day(database: str, old: str, new: str, at: str, shown: str) -> None:
    """G-121, for a teacher."""
    async with a_day(database) as day:
        chooses(day, "okafor", card_at=old)
        await restarts(day, LINCOLN)
        await day.at(at)
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Card time", _label(new))
        await day.at("23:05")
        assert [one for one in came(day, "okafor") if "nudge" not in one] == [shown]


@pytest.mark.parametrize(("city", "at", "shown"), [
    ("Los Angeles", "16:00", "home Tue 20:30"),
    ("Los Angeles", "18:00", "home Tue 17:30"),
    ("Berlin", "18:00", "home Tue 17:30"),
    ("Berlin", "16:00", "home Wed 01:00~"),
    ("Tokyo", "17:00", "home Tue 18:00"),
])  # fmt: skip
async def test_a_zone_changed_on_the_day(database: str, city: str, at: str, shown: str) -> None:
    """G-121: Lucía travels; the day still has one card."""
    async with a_day(database) as day:
        await day.at(at)
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "My clock")
        await day.house.say("lucia", city)
        await day.at("09:00", WEDNESDAY)
        assert [one for one in came(day, "lucia", TUESDAY) if "nudge" not in one] == [shown]


CONFIGURED = [  # what the new configuration says, when the program starts with it → teacher's and home card
    ({"teacher_card": time(14, 0)}, "13:00", "teacher Tue 14:00", "home Tue 17:30"),
    ({"teacher_card": time(14, 0)}, "15:00", "teacher Tue 15:00", "home Tue 17:30"),
    ({"teacher_card": time(14, 0)}, "16:00", "teacher Tue 15:10", "home Tue 17:30"),
    ({"teacher_card": time(16, 0)}, "15:00", "teacher Tue 16:00", "home Tue 17:30"),
    ({"teacher_card": time(16, 0)}, "15:30", "teacher Tue 15:10", "home Tue 17:30"),
    ({"home_card": time(18, 30)}, "17:00", "teacher Tue 15:10", "home Tue 18:30"),
    ({"home_card": time(18, 30)}, "18:00", "teacher Tue 15:10", "home Tue 17:30"),
    ({"home_card": time(16, 45)}, "16:30", "teacher Tue 15:10", "home Tue 16:45"),
    ({"home_card": time(16, 45)}, "17:00", "teacher Tue 15:10", "home Tue 17:00"),
    ({"zone": ZoneInfo("America/Los_Angeles")}, "15:00", "teacher Tue 15:10", "home Tue 17:30"),
    ({"zone": ZoneInfo("America/Los_Angeles")}, "16:00", "teacher Tue 12:10", "home Tue 17:30"),
    ({"zone": ZoneInfo("America/Los_Angeles")}, "18:00", "teacher Tue 12:10", "home Tue 14:30"),
    ({"zone": ZoneInfo("Europe/London")}, "10:30", "teacher Tue 15:30", "home Tue 17:30"),
    ({"zone": ZoneInfo("Europe/London")}, "16:00", "teacher Tue 20:10", ""),
    ({"zone": ZoneInfo("Europe/London")}, "18:00", "teacher Tue 20:10", "home Tue 22:30"),
]


@pytest.mark.parametrize(("says", "at", "teacher", "home"), CONFIGURED)
async def test_a_restart_with_another_configuration(
    database: str, says: dict[str, time | ZoneInfo], at: str, teacher: str, home: str
) -> None:
    """G-121: by the (new) school's clock; still one card a person and date, also where the whole school moves."""
    async with a_day(database) as day:
        await day.at(at)
        await restarts(day, replace(LINCOLN, **says))  # type: ignore[arg-type]
        await day.house.wind(instant(TUESDAY, time(23, 5), LINCOLN.zone))
        await day.at("23:05")
        for user, shown in (("okafor", teacher), ("lucia", home)):
            assert [one for one in came(day, user, TUESDAY) if "nudge" not in one] == [shown] * bool(shown)


# --- classes that do not meet every day ------------------------------------------------------------------------------

CLASSES = """student,class,days,teacher,guardian,guardian_language,daily
Ana Romero,Maths,,Ms Okafor,Lucía Romero,en,yes
Ana Romero,Art,A,Mr Lind,,,yes
Ana Romero,Music,"mon,wed",Ms Park,,,yes
"""
TEACHERS = {**ALONE, "Mr Lind": "lind", "Ms Park": "park"}
LETTERS = {MONDAY: "A", TUESDAY: "B", WEDNESDAY: "A", THURSDAY: "B"}


@pytest.mark.parametrize(("on", "lind", "park"), [(TUESDAY, 0, 0), (WEDNESDAY, 1, 1), (THURSDAY, 0, 0), (FRIDAY, 1, 0)])
async def test_a_class_is_a_line_only_on_its_days(database: str, on: date, lind: int, park: int) -> None:
    """F10: A and B days from the calendar, weekdays from the roster; on a date without a letter every class meets."""
    school = replace(LINCOLN, letters=LETTERS)
    async with a_day(database, school, day=on, roster=CLASSES, users=TEACHERS) as day:
        await day.at("16:00")
        asked = [user for user in ("lind", "park") if came(day, user)]
        assert asked == ["lind"] * lind + ["park"] * park
        await day.at("17:30")
        shown = text(day.newest("lucia"))
        assert ("Art" in shown, "Music" in shown, "Maths" in shown) == (bool(lind), bool(park), True)
        await day.at("23:05")
        assert len(frozen(day, on)[1]) == 1 + lind + park


async def test_a_class_without_a_day_is_in_nobodys_rate(database: str) -> None:
    school = replace(LINCOLN, letters=LETTERS)
    async with a_day(database, school, roster=CLASSES, users=TEACHERS) as day:
        await day.at("16:00")
        await day.taps("okafor", "All written ✓")
        await day.at("23:05")
        await day.house.say("lucia", "status")
        day.sees("lucia", "written 1 of 1 confirmed")
        await day.at("15:10", WEDNESDAY)
        assert "Tuesday" not in text(day.newest("lind")) and "Yesterday" not in text(day.newest("park"))


async def test_a_child_placed_in_a_class_on_wednesday_has_no_line_on_tuesday(database: str) -> None:
    async with a_day(database) as day:
        await day.at("12:00", WEDNESDAY)
        day.house.enrol(ROSTER + "Ana Romero,Art,Mr Lind,,,yes\n", {"Mr Lind": "lind"})
        await day.house.settle()
        await day.at("15:10")
        wednesday = text(day.sees("lind", "Wed, Sep 16"))
        assert "Ana" in wednesday and "Yesterday" not in wednesday
        await day.at("17:30")
        assert "Art" in text(day.newest("lucia"))
        await day.at("23:05")
        assert len(frozen(day, TUESDAY)[1]) == 1 and len(frozen(day, WEDNESDAY)[1]) == 2


async def test_a_class_that_ended_has_no_line_afterwards(database: str) -> None:
    roster = ROSTER + "Ana Romero,Art,Mr Lind,,,yes\n"
    async with a_day(database, roster=roster, users=TEACHERS) as day:
        await day.at("12:00", WEDNESDAY)
        day.house.enrol(ROSTER, {})
        await day.house.settle()
        await day.at("23:05")
        assert not came(day, "lind") and "Art" not in text(day.newest("lucia"))
        assert len(frozen(day, TUESDAY)[1]) == 2 and len(frozen(day, WEDNESDAY)[1]) == 1
        await day.at("16:00", THURSDAY)
        assert not came(day, "lind") and "Art" not in text(day.newest("okafor"))


# --- a day that is declared ------------------------------------------------------------------------------------------


async def test_a_snow_day_declared_at_noon_is_silent(database: str) -> None:
    """G-117: before the teacher's card nothing is sent to anybody, also not the next day about it."""
    async with a_day(database, users=BOTH) as day:
        await day.at("12:00")
        await declares(day, "closed", "Snow day")
        await day.at("09:00", WEDNESDAY)
        assert not any(day.screen(user) for user in BOTH.values())
        await day.at("15:10")
        assert "Tuesday" not in text(day.newest("okafor")) and "Yesterday" not in text(day.newest("okafor"))


async def test_a_snow_day_after_the_home_card(database: str) -> None:
    """G-117: cards are edited without a sound, the question is dropped, no nudge and no second line comes."""
    async with a_day(database, users=BOTH) as day:
        await day.at("18:00")
        await declares(day, "closed", "Snow day")
        rings = [day.rings(user) for user in BOTH.values()]
        await day.at("09:00", WEDNESDAY)
        assert came(day, "lucia", TUESDAY) == ["home Tue 17:30"] and came(day, "tom", TUESDAY) == ["home Tue 17:30~"]
        for user in ("lucia", "tom"):
            assert "nothing to look at tonight" in text(day.newest(user)) and not labels(day.newest(user))
        assert [day.rings(user) for user in BOTH.values()] == rings
        with day.house.store.engine.connect() as connection:
            assert not connection.execute(select(night)).all()


async def test_a_snow_day_after_the_teachers_card_is_told_once_and_silently(database: str) -> None:
    async with a_day(database, users=BOTH) as day:
        await day.at("15:20")
        await declares(day, "closed", "Snow day")
        await declares(day, "closed", "Snow day, really")
        await day.at("09:00", WEDNESDAY)
        assert came(day, "okafor", TUESDAY) == USUAL[:1]
        for user in ("lucia", "tom"):
            assert came(day, user, TUESDAY) == ["no school Tue 15:20~"]


@pytest.mark.parametrize(("closed", "opened", "teacher", "home"), [
    ("12:00", "13:00", USUAL, EVENING),
    ("12:00", "15:30", ["teacher Tue 15:30", "teacher nudge Tue 16:10"], EVENING),
    ("15:20", "16:00", USUAL, ["no school Tue 15:20~", *EVENING]),
    ("18:00", "18:30", USUAL, EVENING),
    ("12:00", "18:00", [], ["home Tue 18:00", "home nudge Tue 19:45"]),
    ("18:00", "19:50", USUAL, ["home Tue 17:30"]),
])  # fmt: skip
async def test_a_snow_day_that_is_taken_back(
    database: str, closed: str, opened: str, teacher: list[str], home: list[str]
) -> None:
    """What is still inside its window comes as on any day."""
    async with a_day(database) as day:
        await day.at(closed)
        await declares(day, "closed", "Snow day")
        await day.at(opened)
        await declares(day, "open")
        await day.at("22:00")
        assert came(day, "okafor") == teacher and came(day, "lucia") == home
        assert labels(day.newest("lucia"))[0] == "All done ✓"
        day.does_not_see("lucia", "closed")


async def test_a_snow_day_declared_the_day_before_and_taken_back_in_the_morning(database: str) -> None:
    """The date opened without cards; they are made once it is a school day after all."""
    async with a_day(database, day=MONDAY) as day:
        await day.at("20:00")
        await declares(day, "closed", "Snow day", TUESDAY)
        await day.at("09:00", TUESDAY)
        await declares(day, "open")
        await day.at("23:05")
        assert came(day, "okafor") == USUAL and came(day, "lucia") == EVENING
        assert frozen(day, TUESDAY)[0] == "no_answer"


async def test_a_snow_day_declared_the_day_before_is_silent(database: str) -> None:
    async with a_day(database, day=MONDAY) as day:
        await day.at("20:00")
        await declares(day, "closed", "Snow day", TUESDAY)
        await day.at("09:00", WEDNESDAY)
        assert not came(day, "okafor", TUESDAY) and not came(day, "lucia", TUESDAY)
        await day.at("15:10")
        assert "Monday at home: Ana: no answer" in text(day.newest("okafor"))


async def test_no_line_about_a_snow_day_for_whom_nothing_was_to_come(database: str) -> None:
    """Lucía's messages rest: she would have got no card, so she gets no line about its absence."""
    async with a_day(database) as day:
        await day.house.say("lucia", "pause today")
        await day.taps("lucia", "Only my messages")
        before = len(day.screen("lucia"))
        await day.at("15:20")
        await declares(day, "closed", "Snow day")
        await day.at("20:00")
        assert len(day.screen("lucia")) == before


async def test_no_line_about_a_snow_day_where_the_childs_own_teacher_was_not_asked_yet(database: str) -> None:
    """Mr Lind's card had gone at ten, Ms Okafor's had not: nobody was asked about Ana, who has only her."""
    roster = ROSTER + "Ben Osei,Art,Mr Lind,Ada Osei,en,yes\n"
    users = {**ALONE, "Mr Lind": "lind", "Ada Osei": "ada"}
    async with a_day(database, roster=roster, users=users) as day:
        person, now = day.house.person("Mr Lind"), day.house.clock.now()
        wishes = {"teacher": Wish(card_at=time(10, 0))}
        day.house.store.turn("lincoln", now, lambda turn: turn.set_wishes(person, wishes))
        await restarts(day, LINCOLN)
        await day.at("12:00")
        await declares(day, "closed", "Snow day")
        await day.at("20:00")
        assert came(day, "ada") == ["no school Tue 12:00~"] and not came(day, "lucia")


@pytest.mark.parametrize(("at", "dismissal", "teacher"), [
    ("10:30", "11:30", ["teacher Tue 11:40", "teacher nudge Tue 12:40"]),
    ("10:30", "10:00", ["teacher Tue 10:30", "teacher nudge Tue 11:10"]),
    ("14:00", "12:00", ["teacher Tue 14:00"]),
    ("14:00", "13:55", ["teacher Tue 14:05", "teacher nudge Tue 15:05"]),
    ("15:30", "12:00", ["teacher Tue 15:10"]),
])  # fmt: skip
async def test_a_half_day_declared_on_the_day(database: str, at: str, dismissal: str, teacher: list[str]) -> None:
    """G-118: declared before or after the new card's time, and after the old one: one card."""
    async with a_day(database) as day:
        await day.at(at)
        await declares(day, "early", dismissal)
        await day.at("23:05")
        assert came(day, "okafor") == teacher
        assert came(day, "lucia") == EVENING


async def test_a_half_day_becomes_a_snow_day_and_then_a_whole_one(database: str) -> None:
    async with a_day(database) as day:
        await day.at("09:30")
        await declares(day, "early", "12:00")
        await day.at("10:00")
        await declares(day, "closed", "Snow day")
        await day.at("11:00")
        await declares(day, "open")
        await day.at("23:05")
        assert came(day, "okafor") == USUAL and came(day, "lucia") == EVENING


# --- pauses, holidays, the clock -------------------------------------------------------------------------------------


async def test_a_child_is_away_over_a_weekend(database: str) -> None:
    """F22: said on Thursday until Monday: Friday is silent, Monday is asked, and speaks of Thursday."""
    async with a_day(database, day=THURSDAY) as day:
        await day.at("20:00")
        await day.taps("lucia", "All done ✓")
        await day.at("09:00", FRIDAY)
        await day.house.say("lucia", "pause until Monday")
        await day.taps("lucia", "Ana is away")
        await day.at("23:05")
        assert not came(day, "okafor") and not came(day, "lucia")
        await day.at("18:00", NEXT_MONDAY)
        assert came(day, "okafor") == ["teacher Mon 15:10", "teacher nudge Mon 16:10"]
        assert came(day, "lucia") == ["home Mon 17:30"]


async def test_a_pause_ends_earlier_by_a_word(database: str) -> None:
    """`resume` on Friday noon: Friday's cards come."""
    async with a_day(database, day=THURSDAY) as day:
        await day.house.say("lucia", "pause until Monday")
        await day.taps("lucia", "Ana is away")
        await day.at("12:00", FRIDAY)
        assert not came(day, "lucia", THURSDAY)
        await day.house.say("lucia", "resume")
        await day.at("18:00")
        assert came(day, "okafor") == ["teacher Fri 15:10", "teacher nudge Fri 16:10"]
        assert came(day, "lucia") == ["home Fri 17:30"]


async def test_own_messages_rest_over_a_weekend_and_come_again(database: str) -> None:
    async with a_day(database, day=THURSDAY, users=BOTH) as day:
        await day.house.say("lucia", "pause until Monday")
        await day.taps("lucia", "Only my messages")
        await day.at("20:00", FRIDAY)
        assert not came(day, "lucia") and came(day, "tom") == ["home Fri 17:30", "home nudge Fri 19:45"]
        await day.at("20:00", NEXT_MONDAY)
        assert came(day, "lucia") == ["home Mon 17:30", "home nudge Mon 19:45"] and came(day, "tom") == [
            "home Mon 17:30~"
        ]


async def test_after_a_row_of_days_off_the_card_speaks_of_the_last_school_day(database: str) -> None:
    """F10: Thursday and Friday are off; Monday's card tells Wednesday's evening, and no card came in between."""
    school = replace(LINCOLN, closed={THURSDAY: "Fair", FRIDAY: "Fair"})
    async with a_day(database, school, day=WEDNESDAY) as day:
        await day.at("19:00")
        await day.taps("lucia", "All done ✓")
        await day.at("15:00", NEXT_MONDAY)
        assert len(day.screen("okafor")) == 2 and len(day.screen("lucia")) == 1
        await day.at("15:10")
        monday = text(day.sees("okafor", "Mon, Sep 21"))
        assert "Wednesday at home: Ana done" in monday and "Wednesday, 1 open: Ana" in monday
        await day.taps("okafor", "They were written ✓")
        assert "Wednesday, 1 open" not in text(day.newest("okafor"))


async def test_an_answer_before_days_off_may_be_given_until_the_next_school_day_closes(database: str) -> None:
    """The late window spans the days off."""
    school = replace(LINCOLN, closed={FRIDAY: "Fair"})
    async with a_day(database, school, day=THURSDAY) as day:
        await day.at("22:00", NEXT_MONDAY - timedelta(days=1))
        await day.taps("lucia", "All done ✓")
        await day.at("15:10", NEXT_MONDAY)
        day.sees("okafor", "Thursday at home: Ana: done, late")


@pytest.mark.parametrize(("zone", "on", "at", "utc"), [
    ("America/New_York", date(2026, 11, 1), time(3, 30), "2026-11-01T08:30"),
    ("America/New_York", date(2027, 3, 14), time(3, 30), "2027-03-14T07:30"),
    ("Africa/Cairo", date(2026, 4, 24), time(1, 30), "2026-04-23T22:30"),
])  # fmt: skip
async def test_the_clock_changes_while_a_card_is_waiting(
    database: str, zone: str, on: date, at: time, utc: str
) -> None:
    """A card that already waits in its row when the clock changes comes by the new clock, once."""
    daily = replace(LINCOLN, zone=ZoneInfo(zone), weekdays=frozenset(range(7)))
    school = replace(daily, teacher_card=at, teacher_nudge=time(5, 0), home_card=time(7, 0))
    async with a_day(database, school, day=on - timedelta(days=1), start="23:30") as day:
        await day.at("12:00", on)
        first = next(b for b in day.screen("okafor") if b.at and f"{b.at:%Y-%m-%dT%H:%M}" == utc)
        assert "planners seen?" in text(first)
        assert len([one for one in came(day, "okafor", on) if "nudge" not in one]) == 1


@pytest.mark.parametrize("back", [2, 20])
async def test_the_clock_steps_back_after_a_send(database: str, back: int) -> None:
    """G-115: no second send."""
    async with a_day(database) as day:
        await day.at("17:40")
        day.house.clock.at -= timedelta(hours=back)
        await day.house.settle()
        await day.at("23:05", TUESDAY)
        assert came(day, "okafor") == USUAL and len(came(day, "lucia")) == 2


# --- outages ---------------------------------------------------------------------------------------------------------

DOWN = [  # from, until → teacher's cards, home cards, whom the record says was not asked
    ("14:00", "15:00", USUAL, EVENING, set()),
    ("15:00", "15:30", ["teacher Tue 15:30", "teacher nudge Tue 16:10"], EVENING, set()),
    ("15:00", "15:50", ["teacher Tue 15:50"], EVENING, set()),
    ("15:00", "17:19", ["teacher Tue 17:19"], EVENING, set()),
    ("15:00", "17:20", [], EVENING, {"teacher"}),
    ("15:00", "17:29", [], EVENING, {"teacher"}),
    ("15:00", "17:45", [], ["home Tue 17:45", "home nudge Tue 19:45"], {"teacher"}),
    ("16:00", "16:30", ["teacher Tue 15:10", "teacher nudge Tue 16:30"], EVENING, set()),
    ("16:00", "17:00", ["teacher Tue 15:10"], EVENING, set()),
    ("16:00", "17:15", ["teacher Tue 15:10"], EVENING, set()),
    ("17:00", "18:30", USUAL, ["home Tue 18:30", "home nudge Tue 19:45"], set()),
    ("17:00", "19:30", USUAL, ["home Tue 19:30"], set()),
    ("17:00", "19:59", USUAL, ["home Tue 19:59"], set()),
    ("17:00", "20:00", USUAL, [], {"home"}),
    ("17:00", "22:59", USUAL, [], {"home"}),
    ("19:00", "19:50", USUAL, ["home Tue 17:30", "home nudge Tue 19:50"], set()),
    ("19:00", "20:30", USUAL, ["home Tue 17:30"], set()),
    ("15:00", "22:00", [], [], {"teacher", "home"}),
]


@pytest.mark.parametrize(("since", "until", "teacher", "home", "noted"), DOWN)
async def test_the_bot_is_down_across_a_window(
    database: str, since: str, until: str, teacher: Sequence[str], home: Sequence[str], noted: set[str]
) -> None:
    """G-119: one card at the restart if it is still inside; else none, noted *not asked*, and no failure of anyone."""
    async with a_day(database) as day:
        await day.at(since)
        await sleeps_until(day, until)
        await day.at("23:05")
        assert came(day, "okafor") == teacher and came(day, "lucia") == home
        assert unasked(day, TUESDAY) == noted
        line = "unknown:not_asked" if "teacher" in noted else "unknown:no_answer"
        assert frozen(day, TUESDAY) == ("not_asked" if "home" in noted else "no_answer", [line])
        await day.at("15:10", WEDNESDAY)
        said = text(day.sees("okafor", "Wed, Sep 16"))
        assert ("Ana: not asked" if "home" in noted else "Ana: no answer") in said


PAST_THE_CLOSE = [
    ("15:00", {"teacher", "home"}),
    ("16:30", {"home"}),
]


@pytest.mark.parametrize("until", ["Tue 23:30", "Wed 10:00"])
@pytest.mark.parametrize(("since", "noted"), PAST_THE_CLOSE)
async def test_the_bot_is_down_past_the_close(database: str, since: str, noted: set[str], until: str) -> None:
    """G-119: the same where it starts again after the day has ended."""
    async with a_day(database) as day:
        await day.at(since)
        weekday, clock = until.split()
        await sleeps_until(day, clock, WEDNESDAY if weekday == "Wed" else TUESDAY)
        await day.at("15:10", WEDNESDAY)
        assert not came(day, "lucia", TUESDAY)
        line = "unknown:not_asked" if "teacher" in noted else "unknown:no_answer"
        assert frozen(day, TUESDAY) == ("not_asked", [line])
        said = text(day.sees("okafor", "Wed, Sep 16"))
        assert "Ana: not asked" in said and "no answer" not in said


async def test_the_bot_is_down_for_days(database: str) -> None:
    """G-120: no backlog; of all the days only today's cards come, and the record says that nobody was asked."""
    async with a_day(database) as day:
        await day.at("12:00")
        await sleeps_until(day, "15:30", FRIDAY)
        assert came(day, "okafor") == ["teacher Fri 15:30"] and len(day.screen("okafor")) == 1
        await day.at("23:05")
        assert came(day, "lucia") == ["home Fri 17:30", "home nudge Fri 19:45"] and len(day.screen("lucia")) == 2
        assert frozen(day, FRIDAY)[0] == "no_answer"


async def test_days_of_an_outage_stand_as_not_asked(database: str) -> None:
    """G-120: the record, and what a teacher reads of them."""
    async with a_day(database) as day:
        await day.at("12:00")
        await sleeps_until(day, "15:30", FRIDAY)
        for on in (TUESDAY, WEDNESDAY, THURSDAY):
            assert frozen(day, on) == ("not_asked", ["unknown:not_asked"]), on
        said = text(day.sees("okafor", "Fri, Sep 18"))
        assert "Ana: not asked" in said and "no answer" not in said


async def test_what_was_asked_of_a_colleague_is_not_called_not_asked(database: str) -> None:
    """Two teachers share a class; one's own hours left no room, the other was asked and is silent."""
    roster = ROSTER + "Ana Romero,Maths,Mr Lind,,,yes\n"
    async with a_day(database, roster=roster, users=TEACHERS) as day:
        chooses(day, "okafor", hours_from="08:00", hours_until="14:00")
        await restarts(day, LINCOLN)
        await day.at("23:05")
        assert not came(day, "okafor") and came(day, "lind") == USUAL
        assert frozen(day, TUESDAY)[1] == ["unknown:no_answer"]
