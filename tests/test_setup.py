"""The coordinator's start: `help` says how far the school is, three steps from an empty one to one that runs."""

from pathlib import Path

from bot.model import CalendarDay
from bot.ports import Account, Left
from tests.days import Day, labels, new_store, text
from tests.test_settings import THURSDAY, WEDNESDAY, in_turn, quick, well_said
from tests.test_two_homes import joined_coordinator
from tests.test_who import code_in

EMPTY = "student,class,teacher,guardian,daily\n"
SMALL = (
    EMPTY
    + "Ana Romero,Maths,Ms Okafor,Tom Romero,yes\nBen Osei,Maths,Ms Okafor,Ada Osei,yes\nLeo Stern,Art,Mr Lind,,\n"
)


def a_day_off(day: Day) -> None:
    days = frozenset({CalendarDay(WEDNESDAY, "closed", "staff day")})
    in_turn(day, lambda turn: turn.set_calendar("file", days))


async def test_three_steps(database: str) -> None:
    """An empty school, its children, its calendar, its homes; each `Look again` moves on by one."""
    async with Day(new_store(database), roster=EMPTY, users={}, start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "help")
        assert text(day.newest("ruiz")).splitlines()[:-1] == [
            "Lincoln Middle School",
            "○ Children: 0, with a daily report: 0",
            "○ Days off known from today: 0",
            "○ Joined: teachers 0, homes 0 of 0",
            "Next: the office runs “twoticks roster import”, or a teacher writes add.",
        ]
        assert labels(day.newest("ruiz")) == ["Look again"]
        day.house.enrol(SMALL, {"Ms Okafor": "okafor", "Mr Lind": "lind"})
        await day.taps("ruiz", "Look again")
        assert text(day.newest("ruiz")).splitlines()[1:-1] == [
            "✓ Children: 3, with a daily report: 2",
            "○ Days off known from today: 0",
            "○ Joined: teachers 2, homes 0 of 2",
            "Next: the office adds the school's calendar to its configuration.",
        ]
        a_day_off(day)
        await day.taps("ruiz", "Look again")
        assert text(day.newest("ruiz")).splitlines()[2:-1] == [
            "✓ Days off known from today: 1",
            "○ Joined: teachers 2, homes 0 of 2",
            "Next: the office prints letters with “twoticks invite --letters”.",
        ]
        for user, child, parent in (("tom", "Ana Romero", "Tom"), ("ada", "Ben Osei", "Ada")):
            await day.house.say("okafor", f"who {child}")
            await day.taps("okafor", f"New code: {parent}")
            await day.house.say(user, f"join {code_in(day, 'okafor')}")
            await day.taps(user, "That's right", "Yes, join")
            await day.taps("ruiz", f"Yes, that's {parent}")
        await day.taps("ruiz", "Look again")
        assert text(day.newest("ruiz", "Look again")).splitlines()[1:-1] == [
            "✓ Children: 3, with a daily report: 2",
            "✓ Days off known from today: 1",
            "✓ Joined: teachers 2, homes 2 of 2",
            "All is set up.",
        ]
        await day.at("15:10", THURSDAY)
        assert not [bubble for bubble in day.screen("okafor") if "Wed, Sep 16" in text(bubble)]
        day.sees("okafor", "Thu, Sep 17 · planners seen?", "Ana · Ben")
        well_said(day, "ruiz", "okafor", "tom")


async def test_no_child_is_named(tmp_path: Path) -> None:
    """Counts only: the ticks of a day belong to who teaches and who is at home."""
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.at("17:31")
        await day.house.say("ruiz", "help")
        for name in ("Ana", "Ben", "Lucía", "Okafor"):
            day.does_not_see("ruiz", name)


async def test_messages_that_do_not_arrive(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.house.desk.hear(Left(Account(day.house.lane.id, "lucia"), "left"))
        await day.house.say("ruiz", "help")
        day.sees("ruiz", "Messages to one person are not arriving.")
        await day.house.desk.hear(Left(Account(day.house.lane.id, "tom"), "left too"))
        await day.taps("ruiz", "Look again")
        day.sees("ruiz", "Messages to 2 people are not arriving.")


async def test_one_teacher(tmp_path: Path) -> None:
    roster = EMPTY + "Ana Romero,Maths,Ms Okafor,Tom Romero,yes\n"
    async with Day(quick(tmp_path), roster=roster, users={"Ms Okafor": "okafor"}) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "help")
        assert "1 teachers" not in text(day.newest("ruiz"))


async def test_what_can_be_written(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "help")
        assert "settings" in text(day.newest("ruiz")) and "who" in text(day.newest("ruiz"))


async def test_the_welcome_says_a_thing_once(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        assert text(day.newest("ruiz")).count("Write help") == 1


async def test_who_teaches_and_coordinates(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        okafor = day.house.person("Ms Okafor")
        in_turn(day, lambda turn: turn.grant(okafor, "coordinator"))
        await day.house.say("okafor", "help")
        assert "One tap if all is written" in text(day.newest("okafor"))


async def test_somebody_who_was_a_coordinator(tmp_path: Path) -> None:
    """The button stood there when the right was taken back: it counts nothing any more."""
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "help")
        old, ruiz = day.newest("ruiz"), day.house.person("Mr Ruiz")
        mine = in_turn(day, lambda turn: [r.id for r in turn.bundle([], [ruiz]).relations[ruiz]])
        in_turn(day, lambda turn: [turn.set_relation(one, until=turn.today) for one in mine])
        assert (await day.house.tap("ruiz", old, "Look again")).toast == "This question is not for you."
        await day.house.say("ruiz", "help")
        assert "Children:" not in text(day.newest("ruiz"))


async def test_in_spanish(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=EMPTY, users={}) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "language")
        await day.taps("ruiz", "Español")
        await day.house.say("ruiz", "ayuda")
        said = text(day.newest("ruiz")).splitlines()
        assert said[1:4] == [
            "○ Niños: 0, con informe diario: 0",
            "○ Días libres conocidos desde hoy: 0",
            "○ Unidos: docentes 0, casas 0 de 0",
        ]
        await day.taps("ruiz", "Mirar otra vez")
        await day.house.say("ruiz", "ajustes")
        await day.taps("ruiz", "Día de colegio", "Mañana", "Termina 12:00 p.m.")
        day.sees("ruiz", "mié, 16 de sept: día corto. Las tarjetas siguen la salida.")
        await day.house.say("ruiz", "quién")
        await day.house.say("ruiz", "por qué")
        await day.house.say("ruiz", "pausa")
        for bubble in day.screen("ruiz")[1:]:
            assert "Back" not in labels(bubble) and "Write" not in text(bubble)


async def test_a_coordinator_is_told_once_who_cannot_be_reached(database: str) -> None:
    """F18: who is asked meanwhile, and by itself that it is over; a second lost person stands on the same card."""
    async with Day(new_store(database), start="12:00") as day:
        await joined_coordinator(day)
        await day.at("17:45")
        await blocks(day, "tom")
        day.sees("ruiz", "Messages to Tom Romero are not arriving.", "Ana: Lucía Romero is asked meanwhile.")
        await blocks(day, "ada")
        told = day.sees("ruiz", "Messages to Ada Osei are not arriving.", "Ben: nobody else can be asked now.")
        assert "Tom Romero" in text(told)
        await day.house.say("tom", "help")
        assert "Messages to Tom Romero arrive again." in text(day.sees("ruiz", "Ada Osei are not arriving"))


async def blocks(day: Day, user: str) -> None:
    left = Left(Account(day.house.lane.id, user), f"{user} blocked the bot")
    await day.house.desk.hear(left)
    await day.house.hands.rest()
