"""Two homes (F14): whose evening it is, two answers, and homes that do not read each other's names."""

from sqlalchemy import select

from storage.load import person
from storage.office import invite
from tests.days import Day, labels, new_store, text


async def joined_coordinator(day: Day) -> None:
    """Mr Ruiz joins as the coordinator, by the office's code."""
    house = day.house
    made = house.store.turn(
        "lincoln", house.clock.now(), lambda turn: invite(turn, house.desk.secret, "coordinator", None, "Mr Ruiz", True)
    )
    await house.say("ruiz", f"join {made[0].code}")
    await day.taps("ruiz", "That's right", "Yes, join")


async def test_homes_apart_read_no_names_of_each_other(database: str) -> None:
    async with Day(new_store(database)) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "who Ana Romero")
        await day.taps("ruiz", "Homes apart")
        assert "Homes together" in labels(day.newest("ruiz"))
        await day.at("17:30")
        day.sees("tom", "the other home answers tonight")
        await day.taps("lucia", "Todo hecho ✓")
        day.sees("tom", "done (the other home,")
        await day.taps("tom", "I see it differently", "All done ✓")
        day.sees("lucia", "la otra casa")
        await day.house.say("tom", "who")
        assert "Lucía" not in text(day.newest("tom")) and "the other home" in text(day.newest("tom"))
        day.does_not_see("tom", "Lucía")
        await day.at("15:10", day.day.replace(day=16))
        assert "Ana done" in text(day.sees("okafor", "Last night at home"))
        with day.house.store.engine.begin() as connection:
            assert {"Tom Romero", "Lucía Romero"} <= set(connection.execute(select(person.c.name)).scalars())


async def test_whose_evening_it_is(database: str) -> None:
    """The rota by weekday: on Tom's Tuesday he is asked and nudged, and Lucía has the silent copy."""
    async with Day(new_store(database)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening", "Tue: Lucía")
        assert "Tue: Tom" in labels(day.newest("tom"))
        await day.at("17:30")
        assert labels(day.newest("tom", "All done ✓"))[0] == "All done ✓"
        day.sees("lucia", "Hoy responde Tom")
        assert (day.rings("tom"), day.rings("lucia")) == (2, 0)
        await day.at("19:45")
        day.sees("tom", "How did Ana's homework go?")
        assert day.rings("lucia") == 0
