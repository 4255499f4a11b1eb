"""What rests and goes on: `pause`, `pause until Monday`, `resume`, told to everybody around (F10, F22)."""

import logging
from datetime import date
from pathlib import Path

import pytest

from storage.office import find_person
from tests.days import Day, labels, new_store, text
from tests.test_settings import FRIDAY, MONDAY, SATURDAY, WEDNESDAY, in_turn, quick, well_said
from tests.test_two_homes import joined_coordinator

TUESDAY_NEXT, WEDNESDAY_NEXT = date(2026, 9, 22), date(2026, 9, 23)
ALONE = """student,group,class,teacher,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Lucía Romero,L1,es,yes
Leo Romero,5A,Maths,Ms Okafor,Lucía Romero,L1,es,yes
Ana Romero,7B,Science,Mr Lind,,,,yes
"""
ALONE_USERS = {"Ms Okafor": "okafor", "Mr Lind": "lind", "Lucía Romero": "lucia"}


# --- for today -------------------------------------------------------------------------------------------------------


async def test_ana_is_away_today(database: str) -> None:
    """Nobody gets a card for her; nobody is written to about it; tomorrow is as ever."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("tom", "pause")
        asked = day.newest("tom")
        assert text(asked) == "What should rest today?"
        assert labels(asked) == ["Ana is away", "Only my messages", "Until another day"]
        await day.taps("tom", "Ana is away")
        assert text(day.newest("tom")) == "Ana is away today. Nobody gets a card.\nWrite resume to go on sooner."
        assert not labels(day.newest("tom"))
        await day.at("20:00")
        assert "Ana" not in text(day.sees("okafor", "Tue, Sep 15 · planners seen?"))
        assert not day.screen("park") and not day.screen("lucia"), "one day's absence is no news"
        await day.at("17:30", WEDNESDAY)
        day.sees("okafor", "Wed, Sep 16", "Ana")
        day.sees("lucia", "Ana · miércoles")
        well_said(day, "tom", "okafor", "lucia", spanish=())


async def test_only_my_messages(database: str) -> None:
    """Lucía rests today: Tom is asked in her place, and she hears nothing."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("lucia", "pausa")
        await day.taps("lucia", "Solo mis mensajes")
        assert text(day.newest("lucia")) == "Tus mensajes descansan hoy.\nEscribe seguir para continuar antes."
        await day.at("20:00")
        assert labels(day.newest("tom"))[0] == "All done ✓"
        assert len(day.screen("lucia")) == 1
        await day.at("17:30", WEDNESDAY)
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"


async def test_today_while_my_messages_rest(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Only my messages")
        await day.house.say("tom", "today")
        assert "Your card comes" not in text(day.newest("tom"))


async def test_pause_today_and_nothing_else(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        for said in ("pause", "pause today", "Pause!", "/pause"):
            await day.house.say("tom", said)
            assert text(day.newest("tom")) == "What should rest today?", said


@pytest.mark.parametrize("said", ["pause this week", "pause until soon", "pause until August 2031"])
async def test_a_day_that_was_not_understood_is_asked(tmp_path: Path, said: str) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", said)
        assert text(day.newest("tom")) == "I could not read that day. Write it like Monday or October 12."


# --- until a day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["typed with the word", "through the button"])
async def test_until_monday(tmp_path: Path, how: str) -> None:
    """Both ways end on one question; the others around read one silent line; on Monday all is as before."""
    async with Day(quick(tmp_path), day=WEDNESDAY, start="12:00") as day:
        if how == "typed with the word":
            await day.house.say("tom", "pause until Monday")
        else:
            await day.house.say("tom", "pause")
            await day.taps("tom", "Until another day")
            assert text(day.newest("tom")) == "Write the day it goes on, like Monday or October 12."
            assert labels(day.newest("tom")) == ["Back"]
            await day.house.say("tom", "when she is well")
            assert text(day.newest("tom")) == "I could not read that day. Write it like Monday or October 12."
            await day.house.say("tom", "Monday")
        assert text(day.newest("tom")) == "What should rest until Mon, Sep 21?"
        assert labels(day.newest("tom"))[:2] == ["Ana is away", "Only my messages"]
        await day.taps("tom", "Ana is away")
        assert text(day.newest("tom")).startswith("Ana is away until Mon, Sep 21. Nobody gets a card.")
        assert text(day.newest("lucia")) == "El informe diario de Ana descansa hasta el lun, 21 de sept, dice la casa."
        assert text(day.newest("park")) == "Ana's daily report rests until Mon, Sep 21, says home."
        assert (day.rings("lucia"), day.rings("park")) == (0, 0)
        await day.at("23:30", FRIDAY)
        assert len(day.screen("lucia")) == 1 and "Ana" not in text(day.sees("okafor", "Fri, Sep 18 ·"))
        await day.at("17:30", MONDAY)
        day.sees("park", "Mon, Sep 21 · planners seen?", "Ana")
        day.sees("lucia", "Ana · lunes")
        well_said(day, "tom", "lucia", "park")


async def test_a_typed_day_always_gets_an_answer_one_can_see(tmp_path: Path) -> None:
    """As settings do: asked anew below what was typed."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Until another day")
        await day.house.say("tom", "soon")
        before = [(b.ref, b.edits) for b in day.screen("tom")]
        await day.house.say("tom", "later")
        assert [(b.ref, b.edits) for b in day.screen("tom")] != before


async def test_back_from_the_typed_day(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Until another day", "Back")
        assert text(day.newest("tom")) == "What should rest today?"
        await day.house.say("tom", "Monday")
        assert text(day.newest("tom")).startswith("I did not understand that."), "nothing is asked any more"


async def test_a_weekend_lies_between(tmp_path: Path) -> None:
    """On Friday until Monday: one school day rests, and Monday's card comes."""
    async with Day(quick(tmp_path), day=FRIDAY, start="12:00") as day:
        await day.house.say("lucia", "pausa hasta el lunes")
        assert text(day.newest("lucia")) == "¿Qué descansa hasta el lun, 21 de sept?"
        await day.taps("lucia", "Ana no está")
        await day.at("12:00", SATURDAY)
        await day.house.say("tom", "why")
        assert text(day.newest("tom")) == "Fri, Sep 18: Ana was away."
        await day.at("17:30", MONDAY)
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"
        day.sees("okafor", "Mon, Sep 21", "Ana")


async def test_a_button_of_a_pause_that_is_done(tmp_path: Path) -> None:
    """An old copy of the question is pressed a second time, elsewhere: Ana stays away, once."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause until Monday")
        old = day.newest("tom")
        await day.house.tap("tom", old, "Ana is away")
        await day.house.tap("tom", old, "Ana is away")
        assert len(day.screen("lucia")) == 1


# --- going on --------------------------------------------------------------------------------------------------------


async def test_resume_goes_on_at_once(database: str) -> None:
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Ana is away")
        await day.house.say("tom", "resume")
        assert text(day.newest("tom")) == "The daily report goes on: Ana."
        await day.house.say("tom", "resume")
        assert text(day.newest("tom")) == "Nothing was resting."
        await day.at("17:30")
        day.sees("okafor", "Tue, Sep 15", "Ana")
        day.sees("lucia", "Ana · martes")


async def test_resume_of_my_own_messages(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("lucia", "pausa hasta el lunes")
        await day.taps("lucia", "Solo mis mensajes")
        assert text(day.newest("lucia")).startswith("Tus mensajes descansan hasta el lun, 21 de sept.")
        await day.house.say("lucia", "ajustes")
        day.sees("lucia", "Tus mensajes descansan hasta el lun, 21 de sept.", "Ajustes")
        await day.house.say("lucia", "seguir")
        assert text(day.newest("lucia")) == "Tus mensajes llegan otra vez."
        await day.at("17:30")
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"


async def test_the_other_home_may_let_it_go_on(tmp_path: Path) -> None:
    """Tom said that she is away; Lucía, with whom she is, knows better."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        await day.taps("tom", "Ana is away")
        await day.house.say("lucia", "seguir")
        assert text(day.newest("lucia")) == "El informe diario sigue: Ana."
        await day.at("17:30")
        day.sees("tom", "Ana · Tuesday")


async def test_a_guardian_does_not_end_what_school_paused(tmp_path: Path) -> None:
    """Ana is on the class trip until Wednesday: her father's resume is not the school's."""
    async with Day(quick(tmp_path), day=FRIDAY, start="12:00") as day:
        await day.house.say("okafor", "pause until Wednesday")
        await day.taps("okafor", "Ana is away")
        assert text(day.newest("tom")) == "Ana's daily report rests until Wed, Sep 23, says school."
        await day.house.say("tom", "resume")
        assert text(day.newest("tom")) == "Nothing was resting."
        await day.at("15:10", MONDAY)
        assert "Ana" not in text(day.sees("okafor", "Mon, Sep 21 · planners seen?"))


async def test_the_school_ends_what_home_paused(tmp_path: Path) -> None:
    """Ana sits in class: whoever sees her may say so."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause until Friday")
        await day.taps("tom", "Ana is away")
        await day.house.say("okafor", "resume")
        assert text(day.newest("okafor")) == "The daily report goes on: Ana."
        await day.at("15:10")
        day.sees("okafor", "Tue, Sep 15", "Ana")


async def test_what_goes_on_already_is_not_told_to_rest(tmp_path: Path) -> None:
    """At nine at night Tom pauses and takes it back; at seven in the morning Lucía reads of no rest."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.at("21:00")
        await day.house.say("tom", "pause until Monday")
        await day.taps("tom", "Ana is away")
        await day.house.say("tom", "resume")
        await day.at("08:00", WEDNESDAY)
        day.does_not_see("lucia", "descansa hasta")
        day.does_not_see("okafor", "rests until")


async def test_the_others_line_follows(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause until Monday")
        await day.taps("tom", "Ana is away")
        day.sees("lucia", "descansa hasta el lun, 21 de sept")
        await day.house.say("tom", "resume")
        day.does_not_see("lucia", "descansa hasta el lun, 21 de sept")


# --- after the card, after the nudge ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who_rests", ["Solo mis mensajes", "Ana no está"])
async def test_a_pause_after_the_nudge(tmp_path: Path, caplog: pytest.LogCaptureFixture, who_rests: str) -> None:
    """The reminder comes when all are in bed with a fever: she writes pausa, and every question is gone."""
    async with Day(quick(tmp_path)) as day:
        await day.at("19:46")
        day.sees("lucia", "¿Qué tal los deberes de Ana?")
        with caplog.at_level(logging.ERROR):
            await day.house.say("lucia", "pausa")
            await day.taps("lucia", who_rests)
        assert not [one.message for one in caplog.records]
        assert not any("Todo hecho ✓" in labels(bubble) for bubble in day.screen("lucia"))


async def test_a_closure_after_the_nudge(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.at("19:46")
        await day.house.say("ruiz", "settings")
        with caplog.at_level(logging.ERROR):
            await day.taps("ruiz", "School day", "Today", "No school")
        assert not [one.message for one in caplog.records]


async def test_a_pause_after_the_card(tmp_path: Path) -> None:
    """The card is on the screens already: it says that there is nothing to look at, without buttons."""
    async with Day(quick(tmp_path)) as day:
        await day.at("17:31")
        await day.house.say("lucia", "pausa")
        await day.taps("lucia", "Ana no está")
        assert not any("Todo hecho ✓" in labels(bubble) for bubble in day.screen("lucia"))
        assert not any("I'll answer instead" in labels(bubble) for bubble in day.screen("tom"))
        await day.at("22:00")
        assert day.rings("tom") == 0


# --- several children, several homes ---------------------------------------------------------------------------------


async def test_one_of_two_children(database: str) -> None:
    """Leo is ill; Ana's card comes as ever."""
    async with Day(new_store(database), roster=ALONE, users=ALONE_USERS, start="12:00") as day:
        await day.house.say("lucia", "pausa")
        assert labels(day.newest("lucia")) == ["Ana no está", "Leo no está", "Solo mis mensajes", "Hasta otro día"]
        await day.taps("lucia", "Leo no está")
        await day.at("17:30")
        card = text(day.newest("lucia"))
        assert "Ana · martes" in card and "Leo" not in card
        await day.house.say("lucia", "pausa")
        assert labels(day.newest("lucia")) == ["Ana no está", "Solo mis mensajes", "Hasta otro día"]
        await day.taps("lucia", "Ana no está")
        await day.house.say("lucia", "seguir")
        assert text(day.newest("lucia")) == "El informe diario sigue: Ana y Leo."


async def test_the_only_guardian_rests(tmp_path: Path) -> None:
    """Nobody is asked and nobody is nudged; the teachers' side goes on, and nothing counts against the child."""
    async with Day(quick(tmp_path), roster=ALONE, users=ALONE_USERS, start="12:00") as day:
        await day.house.say("lucia", "pausa")
        await day.taps("lucia", "Solo mis mensajes")
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("22:00")
        assert len(day.screen("lucia")) == 1
        await day.at("15:10", WEDNESDAY)
        day.does_not_see("okafor", "not done")


async def test_a_child_of_two_classes_and_two_homes(tmp_path: Path) -> None:
    """Mr Lind says that Ana is away: four teachers and two homes read one silent line each, whoever they are."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("lind", "pause until Friday")
        await day.taps("lind", "Ana is away")
        for user in ("okafor", "park", "diaz", "tom"):
            assert text(day.newest(user)) == "Ana's daily report rests until Fri, Sep 18, says school."
            assert (len(day.screen(user)), day.rings(user)) == (1, 0)
        day.sees("lucia", "descansa hasta el vie, 18 de sept, dice el colegio.")
        day.does_not_see("ada", "rests")


# --- the school's side -----------------------------------------------------------------------------------------------


async def test_a_teacher_rests(database: str) -> None:
    """No card and no nudge until Thursday; at home the class is simply not confirmed, in the usual words."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("okafor", "pause until Thursday")
        assert labels(day.newest("okafor"))[-2:] == ["Only my messages", "Until another day"]
        await day.taps("okafor", "Only my messages")
        assert text(day.newest("okafor")).startswith("Your messages rest until Thu, Sep 17.")
        await day.at("17:30")
        assert len(day.screen("okafor")) == 1
        day.sees("lucia", "Maths: Ms Okafor aún no lo ha confirmado")
        await day.at("15:10", WEDNESDAY)
        assert len(day.screen("okafor")) == 1
        await day.at("15:10", date(2026, 9, 17))
        day.sees("okafor", "Thu, Sep 17 · planners seen?")


async def test_the_coordinator_has_no_child_to_pause(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "pause")
        assert not labels(day.newest("ruiz"))


async def test_the_coordinator_is_told_how(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "pause")
        assert text(day.newest("ruiz")) != "Nothing to answer today."


async def test_many_children_to_choose_from(tmp_path: Path) -> None:
    """Thirty in a class: fifteen a page (F03)."""
    rows = "".join(f"Child{n:02} X,Maths,Ms Okafor,yes\n" for n in range(30))
    roster = "student,class,teacher,daily\n" + rows
    async with Day(quick(tmp_path), roster=roster, users={"Ms Okafor": "okafor"}, start="12:00") as day:
        await day.house.say("okafor", "pause")
        await day.taps("okafor", "More names", "Child29 is away")
        assert text(day.newest("okafor")).startswith("Child29 is away today.")


async def test_fifteen_names_a_page(tmp_path: Path) -> None:
    rows = "".join(f"Child{n:02} X,Maths,Ms Okafor,yes\n" for n in range(30))
    roster = "student,class,teacher,daily\n" + rows
    async with Day(quick(tmp_path), roster=roster, users={"Ms Okafor": "okafor"}, start="12:00") as day:
        await day.house.say("okafor", "pause")
        assert len(labels(day.newest("okafor"))) <= 19


async def test_who_has_lost_the_right_pauses_nobody(tmp_path: Path) -> None:
    """The question stood on Tom's screen when his link ended."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "pause")
        old = day.newest("tom")
        tom = in_turn(day, lambda turn: find_person(turn, "Tom Romero"))
        mine = in_turn(day, lambda turn: [r.id for r in turn.bundle([], [tom]).relations[tom]])
        in_turn(day, lambda turn: [turn.set_relation(one, until=turn.today) for one in mine])
        answer = await day.house.tap("tom", old, "Ana is away")
        assert answer.toast == "This question is not for you."
        await day.at("15:10")
        day.sees("okafor", "Ana")


async def test_in_spanish(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("lucia", "pausa")
        await day.taps("lucia", "Hasta otro día")
        assert text(day.newest("lucia")) == "Escribe el día en que sigue, como lunes o 12 de octubre."
        await day.house.say("lucia", "cuando pueda")
        assert text(day.newest("lucia")) == "No entendí ese día. Escríbelo como lunes o 12 de octubre."
        await day.house.say("lucia", "el 12 de octubre")
        assert text(day.newest("lucia")) == "¿Qué descansa hasta el lun, 12 de oct?"
        await day.taps("lucia", "Ana no está")
        await day.house.say("lucia", "seguir")
        await day.house.say("lucia", "seguir")
        assert text(day.newest("lucia")) == "Nada estaba en descanso."
        well_said(day, "lucia", spanish=("lucia",))
