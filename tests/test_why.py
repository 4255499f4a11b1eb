"""`why`: each answer of script H that is built, and that it tells of nobody but the reader (F23)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from bot.model import CalendarDay, Fact
from bot.ports import Account, CameBack, Left
from storage.load import lane
from tests.days import TUESDAY, Day, new_store, text
from tests.test_settings import FRIDAY, MONDAY, SATURDAY, THURSDAY, WEDNESDAY, child, in_turn, quick, well_said
from tests.test_two_homes import joined_coordinator

NEXT = [TUESDAY + timedelta(days=n) for n in range(10)]


async def why(day: Day, user: str, word: str = "why") -> str:
    await day.house.say(user, word)
    return text(day.newest(user))


def fact(day: Day, kind: str, value: str, name: str = "Ana Romero", **more: object) -> None:
    """The office says something of a child."""
    now = day.house.clock.now()
    said = Fact(kind, value, now, f"test:{kind}{value}", 0, "admin", child(day, name), day=day.day)
    in_turn(day, lambda turn: turn.record([replace(said, **more)]))  # type: ignore[arg-type]


# --- a card came -----------------------------------------------------------------------------------------------------


async def test_before_the_card(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        assert await why(day, "okafor") == "Tue, Sep 15: your card comes at 3:10 PM."
        assert await why(day, "tom") == "Tue, Sep 15: your card comes at 5:30 PM."
        assert await why(day, "lucia", "¿por qué?") == "mar, 15 de sept: tu tarjeta llega a las 5:30 p.m."


async def test_the_card_came_and_was_answered(database: str) -> None:
    async with Day(new_store(database)) as day:
        await day.at("15:11")
        assert await why(day, "okafor") == "Tue, Sep 15: your card came at 3:10 PM."
        await day.taps("okafor", "All written ✓")
        await day.at("18:00")
        assert await why(day, "okafor") == (
            "Tue, Sep 15: your card came at 3:10 PM. You answered at 3:11 PM, so no reminder came."
        )
        await day.taps("lucia", "Todo hecho ✓")
        await day.at("20:00")
        assert await why(day, "lucia", "por qué") == (
            "mar, 15 de sept: tu tarjeta llegó a las 5:30 p.m. "
            "Respondiste a las 6:00 p.m., así que no hubo recordatorio."
        )


async def test_a_reminder_came(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.at("20:00")
        assert await why(day, "lind") == "Tue, Sep 15: your card came at 3:10 PM. A reminder came at 4:10 PM."
        assert await why(day, "lucia", "por qué") == (
            "mar, 15 de sept: tu tarjeta llegó a las 5:30 p.m. Un recordatorio llegó a las 7:45 p.m."
        )
        assert await why(day, "tom") == "Tue, Sep 15: your card came at 5:30 PM.", "his was a copy; nobody reminds him"


async def test_no_reminder_because_of_the_weeks_cap(tmp_path: Path) -> None:
    """Eight audible messages a week: on Friday the reminder is left out, and it says so."""
    async with Day(quick(tmp_path), day=MONDAY - timedelta(days=7)) as day:
        for n in range(5):
            await day.at("20:30", MONDAY - timedelta(days=7 - n))
        said = (await why(day, "lucia", "por qué")).splitlines()[0]
        assert "vie, 18 de sept:" in said and "Ya tenías bastantes mensajes esa semana" in said


async def test_a_later_change_is_not_why_no_reminder_came(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.at("15:12")
        await day.taps("okafor", "All written ✓")
        await day.at("17:00")
        await day.taps("okafor", "Change", "No homework")
        assert "You answered at 3:12 PM, so no reminder came." in await why(day, "okafor")


async def test_the_other_home_answered(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.at("17:31")
        await day.taps("tom", "I'll answer instead", "All done ✓")
        await day.at("20:00")
        assert await why(day, "lucia", "por qué") != "mar, 15 de sept: tu tarjeta llegó a las 5:30 p.m."


# --- no card came ----------------------------------------------------------------------------------------------------


async def test_school_was_closed(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="09:00") as day:
        days = frozenset({CalendarDay(WEDNESDAY, "closed", "staff day")})
        in_turn(day, lambda turn: turn.set_calendar("file", days))
        await day.at("12:00", THURSDAY)
        assert "Wed, Sep 16: school was closed (staff day)." in await why(day, "tom")


async def test_all_classes_had_no_homework(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.at("15:10")
        for user in ("okafor", "lind", "park", "diaz"):
            await day.taps(user, "No homework")
        await day.at("20:00")
        assert await why(day, "lucia", "por qué") == "mar, 15 de sept: ninguna clase tenía deberes."
        assert await why(day, "tom") == "Tue, Sep 15: all classes had no homework."


async def test_my_messages_were_resting(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Only my messages")
        await day.at("20:00")
        assert await why(day, "tom") == "Tue, Sep 15: your messages were resting."


async def test_ana_was_away(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Ana is away")
        await day.at("20:00")
        assert await why(day, "lucia", "por qué") == "mar, 15 de sept: Ana no estaba."
        assert (await why(day, "okafor")).startswith("Tue, Sep 15: your card came at 3:10 PM."), (
            "four others were asked"
        )


async def test_the_report_rests_and_ends(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        fact(day, "report", "pause")
        await day.at("20:00")
        assert await why(day, "tom") == "Tue, Sep 15: the daily report was resting: Ana."


async def test_i_was_not_running(tmp_path: Path) -> None:
    """Off from noon until ten at night: the day counts for nobody, and that is said of the machine."""
    async with Day(quick(tmp_path), start="12:00") as day:
        day.house.clock.at += timedelta(hours=10)
        await day.house.settle()
        assert await why(day, "tom") == "Tue, Sep 15: I was not running in time. That day is not counted."
        assert await why(day, "okafor") == "Tue, Sep 15: I was not running in time. That day is not counted."


async def test_messages_did_not_arrive(tmp_path: Path) -> None:
    """Telegram said that she had blocked me; when she is back she may ask."""
    async with Day(quick(tmp_path), start="12:00") as day:
        lucia = Account(day.house.lane.id, "lucia")
        await day.house.desk.hear(Left(lucia, "left"))
        await day.at("12:00", WEDNESDAY)
        await day.house.desk.hear(CameBack(lucia, "back"))
        said = (await why(day, "lucia", "por qué")).splitlines()
        assert said[-1] == "mar, 15 de sept: mis mensajes no te llegaban."


async def test_i_had_stopped(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "stop")
        await day.at("12:00", WEDNESDAY)
        await day.house.say("tom", "start")
        said = (await why(day, "tom")).splitlines()
        assert said[-1] == "Tue, Sep 15: you had stopped messages."


async def test_a_copy_where_copies_make_a_sound(tmp_path: Path) -> None:
    """On Slack the other guardian has no silent copy."""
    async with Day(quick(tmp_path), start="12:00") as day:
        with day.house.store.engine.begin() as connection:
            connection.execute(update(lane).values(platform="slack"))
        await day.at("18:00")
        assert await why(day, "tom") == (
            "Tue, Sep 15: somebody else was asked; copies make a sound here. Write today to see it."
        )


async def test_no_report_was_running(tmp_path: Path) -> None:
    roster = "student,class,teacher,guardian,daily\nAna Romero,Maths,Ms Okafor,Tom Romero,\n"
    async with Day(quick(tmp_path), roster=roster, users={"Ms Okafor": "okafor", "Tom Romero": "tom"}) as day:
        assert await why(day, "okafor") == "Tue, Sep 15: no daily report was running."
        assert await why(day, "tom") == "Tue, Sep 15: no daily report was running."


# --- whose, and how far back -----------------------------------------------------------------------------------------


async def test_own_messages_only(tmp_path: Path) -> None:
    """What others were asked, said or not, stands in nobody else's `why`."""
    async with Day(quick(tmp_path)) as day:
        await day.at("20:00")
        for user in ("okafor", "lind", "lucia", "tom", "ada"):
            said = await why(day, user, "why")
            others = ("Okafor", "Lind", "Park", "Díaz", "Lucía", "Tom", "Ada", "Ben", "Chloe")
            assert not any(name in said for name in others), said
        well_said(day, "okafor", "tom", "lucia")


async def test_another_subject_is_not_my_answer(tmp_path: Path) -> None:
    """Ms Okafor's hours end at four, so no reminder came; Mr Lind's answer for science has nothing to do with it."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Hours", "Until 4:00 PM")
        await day.at("15:12")
        await day.taps("lind", "All written ✓")
        await day.at("18:00")
        assert "Lind" not in await why(day, "okafor")


async def test_a_weekend_needs_no_word(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), day=FRIDAY, start="12:00") as day:
        await day.at("12:00", SATURDAY)
        assert (await why(day, "tom")).splitlines() == ["Fri, Sep 18: your card came at 5:30 PM."]


async def test_who_has_just_joined(tmp_path: Path) -> None:
    """Nothing is told of days before."""
    async with Day(quick(tmp_path), day=SATURDAY) as day:
        assert await why(day, "tom") == "There was nothing to tell you in the last seven days."
        await joined_coordinator(day)
        assert await why(day, "ruiz") == "There was nothing to tell you in the last seven days."


async def test_the_newest_first_and_five_lines_at_most(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        for when in NEXT[:8]:
            await day.at("20:30", when)
        said = (await why(day, "tom")).splitlines()
        assert len(said) <= 5
        assert [line.partition(":")[0] for line in said] == ["Wed, Sep 16 – Tue, Sep 22"]


async def test_seven_days_back(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        for when in NEXT[:8]:
            await day.at("20:30", when)
        assert (await why(day, "tom")).startswith("Wed, Sep 16")


async def test_alike_days_are_one_line(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        for when in NEXT[:4]:
            await day.at("20:30", when)
        assert (await why(day, "tom")).count("your card came at 5:30 PM") == 1


async def test_an_ended_link_is_told_of_no_day(tmp_path: Path) -> None:
    """Whoever reads along no more learns nothing about the days before either."""
    async with Day(quick(tmp_path)) as day:
        await day.at("20:00")
        tom = day.house.person("Tom Romero")
        mine = in_turn(day, lambda turn: [r.id for r in turn.bundle([], [tom]).relations[tom]])
        in_turn(day, lambda turn: [turn.set_relation(one, until=turn.today) for one in mine])
        assert await why(day, "tom") == "There was nothing to tell you in the last seven days."
