"""Days as PRODUCT section 7 tells them, on both databases: who taps what, and what everybody sees then."""

from dataclasses import replace
from datetime import date, time

import pytest

from bot.closures import declare
from bot.model import CalendarDay
from tests.days import LINCOLN, Day, labels, new_store, text

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 9, 16), date(2026, 9, 17), date(2026, 9, 18)
ALL_DONE, MISSING = "Todo hecho ✓", "Falta algo"


async def test_a_day_on_which_all_is_well(database: str) -> None:
    """Script A."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        card = day.sees("okafor", "planners seen?", "Ana · Ben · Chloe · Dev · Eli")
        assert labels(card) == ["All written ✓", "Mark one", "No homework", "Not today"]
        assert "Ana" not in card.message.preview
        await day.taps("okafor", "All written ✓")
        assert labels(day.sees("okafor", "all 5 written · 3:10 PM")) == ["Change"]
        for teacher in ("lind", "park"):
            await day.taps(teacher, "All written ✓")
        await day.taps("diaz", "No homework")

        await day.at("17:30")
        card = day.sees("lucia", "Ana · martes · todo anotado ✓", "Pídele a Ana que te enseñe la agenda.")
        assert "Maths ✓ · Science ✓ · English ✓ · History: sin deberes" in text(card)
        assert labels(card) == [ALL_DONE, MISSING, "Hoy no puedo mirarlo"] and card.rang
        copy = day.sees("tom", "Ana · Tuesday · all written ✓", "Lucía answers tonight.")
        assert labels(copy) == ["I'll answer instead"] and not copy.rang

        await day.at("19:05")
        await day.taps("lucia", ALL_DONE)
        assert labels(day.sees("lucia", "Ana · martes · hecho · 7:05 p.m.", "Gracias.")) == [
            "Cambiar",
            "Hecho, pero con prisa",
        ]
        day.sees("tom", "Ana · Tuesday · done (Lucía, 7:05 PM)")
        day.sees("okafor", "At home: Ana done")
        await day.at("22:59")
        assert [day.rings(user) for user in ("okafor", "lind", "park", "diaz", "lucia", "tom")] == [1, 1, 1, 1, 1, 0]
        assert [len(day.screen(user)) for user in ("okafor", "lucia", "tom")] == [1, 1, 1]


async def test_a_teacher_who_does_not_answer(database: str) -> None:
    """Script B."""
    async with Day(new_store(database), day=WEDNESDAY) as day:
        await day.at("15:10")
        await day.taps("okafor", "Mark one", "Ana", "Not written")
        card = day.sees("okafor", "Ana: not written · 4 open", "Ben · Chloe · Dev · Eli")
        assert labels(card)[0] == "Others written ✓"
        await day.taps("okafor", "Others written ✓")
        day.sees("okafor", "4 written", "Ana: not written")
        for teacher in ("lind", "park"):
            await day.taps(teacher, "All written ✓")
        await day.at("16:10")
        nudge = day.sees("diaz", "3 planners are still open today: Ana · Jo · Sam")
        assert labels(nudge) == ["All written ✓", "Mark one", "No homework", "Not today"] and nudge.rang

        await day.at("17:30")
        card = day.sees("lucia", "Ana · miércoles · 1 cosa que mirar", "Science ✓ · English ✓", "Maths: no anotado")
        assert "History: Mr Díaz aún no lo ha confirmado" in text(card)
        await day.at("18:40")
        await day.taps("diaz", "All written ✓")
        day.sees("lucia", "Science ✓ · English ✓ · History ✓")
        day.sees("tom", "History ✓")
        day.sees("diaz", "Answered by Mr Díaz, 6:40 PM")

        await day.at("19:30")
        await day.taps("lucia", MISSING, "Maths", "No hecho", "Otra cosa")
        card = day.sees("lucia", "Maths sin hacer", "¿Science, English, History?")
        assert labels(card)[0] == "Lo demás, hecho ✓"
        await day.taps("lucia", "Lo demás, hecho ✓")
        assert labels(day.sees("lucia", "no todo hecho · 7:30 p.m.", "Maths sin hacer (otra cosa)")) == ["Cambiar"]
        assert day.rings("lucia") == 1 and day.rings("diaz") == 2
        await day.at("15:10", THURSDAY)
        day.sees("okafor", "Thu, Sep 17", "Ana: Maths not done (was not written)")
        day.sees("lind", "Thu, Sep 17", "Ana: not all done")


async def test_a_home_that_does_not_answer(database: str) -> None:
    """Script C: unknown is shown as unknown, and counts against nobody."""
    async with Day(new_store(database), day=THURSDAY) as day:
        await day.at("15:10")
        for teacher in ("okafor", "lind", "park", "diaz"):
            await day.taps(teacher, "All written ✓")
        await day.at("19:45")
        nudge = day.sees("lucia", "¿Qué tal los deberes de Ana?")
        assert labels(nudge) == [ALL_DONE, MISSING, "Hoy no puedo mirarlo"] and nudge.rang
        assert len(day.screen("tom")) == 1 and day.rings("tom") == 0
        await day.at("23:01")
        card = day.sees("lucia", "Ana · jueves · sin respuesta", "No pasa nada.")
        assert labels(card)[0] == ALL_DONE
        await day.at("15:09", FRIDAY)
        assert day.rings("lucia") == 2 and day.rings("okafor") == 1
        await day.at("15:10")
        day.sees("okafor", "Fri, Sep 18", "Ana: no answer")
        await day.taps("lucia", ALL_DONE)
        day.sees("lucia", "Ana · jueves · hecho", "tarde")
        day.sees("okafor", "Fri, Sep 18", "Last night at home: Ana: done, late")


async def test_the_other_guardian_answers_instead(database: str) -> None:
    """F14: the nudge goes to whoever took the question over; the first answer closes it for both."""
    async with Day(new_store(database)) as day:
        await day.at("17:35")
        await day.taps("tom", "I'll answer instead")
        assert labels(day.newest("tom"))[0] == "All done ✓"
        assert labels(day.newest("lucia")) == ["Respondo yo"]
        await day.at("19:45")
        day.sees("tom", "How did Ana's homework go?")
        day.does_not_see("lucia", "¿Qué tal los deberes")
        await day.taps("tom", "All done ✓")
        day.sees("lucia", "hecho (Tom, 7:45 p.m.)")
        day.sees("tom", "Answered by Tom, 7:45 PM")


async def test_two_homes_that_differ_are_both_kept(database: str) -> None:
    """G-026: two answers with names; teachers read that there are two."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("18:00")
        await day.taps("lucia", ALL_DONE)
        await day.taps("tom", "I see it differently", "Something's missing", "Maths", "Not done", "Forgot")
        day.sees("tom", "two answers: Lucía done, Tom not done")
        day.sees("okafor", "At home: Ana: two answers from home")
        await day.taps("tom", "Change", "All done ✓")
        day.sees("lucia", "hecho (Lucía, 6:00 p.m., Tom, 6:00 p.m.)")
        day.sees("okafor", "At home: Ana done")


async def test_cannot_check_tonight_is_an_answer(database: str) -> None:
    """F06: no nudge, and it is in no rate."""
    async with Day(new_store(database)) as day:
        await day.at("18:00")
        await day.taps("lucia", "Hoy no puedo mirarlo")
        day.sees("lucia", "hoy no se puede mirar", "No pasa nada. Gracias por decirlo.")
        await day.at("20:00")
        assert day.rings("lucia") == 1
        await day.at("15:10", WEDNESDAY)
        day.sees("okafor", "Ana: can't say")


async def test_change_replaces_bulk_answers_but_no_name(database: str) -> None:
    """F13: after `Change` a bulk button replaces what a bulk button said, never what was marked by name."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("okafor", "Mark one", "Dev", "Absent")
        await day.taps("okafor", "Others written ✓", "Change")
        assert labels(day.newest("okafor"))[-1] == "Back"
        await day.taps("okafor", "No homework")
        day.sees("okafor", "Dev: absent", "Ana: no homework")
        await day.taps("okafor", "Change", "Back")
        day.sees("okafor", "Dev: absent")


async def test_an_open_step_folds_by_itself(database: str) -> None:
    """F13: after ten minutes the first buttons stand again."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("okafor", "Mark one", "Ana")
        assert "Absent" in labels(day.newest("okafor"))
        await day.at("15:21")
        assert labels(day.newest("okafor"))[0] == "All written ✓"


async def test_no_homework_in_any_class_and_nobody_is_asked(database: str) -> None:
    """F05, F11: no message at home; a later tick inside the window sends it."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        for teacher in ("okafor", "lind", "park", "diaz"):
            await day.taps(teacher, "No homework")
        await day.at("18:00")
        assert not day.screen("lucia") and not day.screen("tom")
        await day.taps("okafor", "Change", "All written ✓")
        day.sees("lucia", "Ana · martes · todo anotado ✓", "Science: sin deberes")


async def test_an_absent_child_whom_nobody_saw(database: str) -> None:
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("park", "Mark one", "Ana", "Absent")
        await day.at("18:00")
        assert not day.screen("lucia")


async def test_a_child_who_is_away_is_asked_of_nobody(database: str) -> None:
    """F10: away, said by a guardian in the morning: no card to anyone for that child."""
    async with Day(new_store(database), start="09:00") as day:
        await day.house.say("lucia", "pausa hoy")
        assert labels(day.newest("lucia")) == ["Ana no está", "Solo mis mensajes", "Hasta otro día"]
        await day.taps("lucia", "Ana no está")
        await day.at("15:10")
        assert "Ana" not in text(day.sees("okafor", "planners seen?"))
        assert not day.screen("park")
        await day.at("18:00")
        assert len(day.screen("lucia")) == 1 and not day.screen("tom")


async def test_only_my_messages_rest(database: str) -> None:
    """The next guardian is asked instead."""
    async with Day(new_store(database), start="09:00") as day:
        await day.house.say("lucia", "pausa hoy")
        await day.taps("lucia", "Solo mis mensajes")
        await day.at("17:30")
        assert labels(day.newest("tom"))[0] == "All done ✓" and day.rings("tom") == 1
        assert len(day.screen("lucia")) == 1


async def test_no_school_and_no_message(database: str) -> None:
    """F10: a weekend is silent."""
    async with Day(new_store(database), day=FRIDAY) as day:
        await day.at("23:01")
        before = {user: len(day.screen(user)) for user in ("okafor", "lucia", "diaz")}
        await day.at("15:09", date(2026, 9, 21))
        assert {user: len(day.screen(user)) for user in before} == before


async def test_yesterdays_open_lines_are_asked_once_more(database: str) -> None:
    """Section 6: `They were written ✓` on the next card, marked late; rates keep the state at the close."""
    async with Day(new_store(database)) as day:
        await day.at("15:10", WEDNESDAY)
        card = day.sees("diaz", "Wed, Sep 16", "Yesterday, 3 open: Ana · Jo · Sam")
        assert labels(card)[-2:] == ["They were written ✓", "Don't know"]
        await day.taps("diaz", "They were written ✓")
        assert "They were written ✓" not in labels(day.newest("diaz"))


async def test_today_shows_the_card_again_and_closes_the_copy(database: str) -> None:
    """F12."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.house.say("okafor", "today")
        assert len(day.screen("okafor")) == 2
        assert text(day.screen("okafor")[0]) == "This card has moved down." and not day.screen("okafor")[0].message.rows
        await day.taps("okafor", "All written ✓")
        day.sees("okafor", "all 5 written")
        await day.at("17:00")
        assert len(day.screen("okafor")) == 2


@pytest.mark.parametrize("word", ["STOP", "stop", "alto", "توقف", "/stop"])
async def test_stop_acts_at_once_in_every_language(database: str, word: str) -> None:
    """F22, G-176: nothing more comes, the other side reads it neutrally; START comes back."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("lucia", word)
        day.sees("lucia", "Ya no recibes más mensajes aquí.", "START")
        await day.at("15:10")
        day.sees("okafor", "Lucía has stopped messages here.")
        await day.at("20:00")
        assert len(day.screen("lucia")) == 1
        assert labels(day.newest("tom"))[0] == "All done ✓"
        await day.house.say("lucia", "start")
        day.sees("lucia", "Tus tarjetas llegan de nuevo")


async def test_words_are_answered(database: str) -> None:
    """F22: help, who, status; anything else gets help and is kept nowhere."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("tom", "who")
        day.sees("tom", "Ana", "Ms Okafor (Maths)", "Home: Lucía, Tom")
        await day.house.say("tom", "what is this?")
        day.sees("tom", "I did not understand that.", "today · status · why · who")
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.house.say("tom", "/status")
        day.sees("tom", "Ana: written 1 of 1 confirmed · done 0 of 0 answered nights")
        await day.house.say("tom", "today")
        day.sees("tom", "Your card comes at 5:30 PM.")


async def test_a_late_not_written_rings_once_before_seven(database: str) -> None:
    """F12: written turns into not written after the home card; only tonight's guardian hears it."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("18:00")
        await day.taps("okafor", "Change", "Mark one", "Ana", "Not written")
        assert day.rings("lucia") == 2 and day.rings("tom") == 0
        day.sees("lucia", "Ana · martes · 1 cosa que mirar", "Maths: no anotado")
        await day.at("19:10")
        await day.taps("lind", "Mark one", "Ana", "Not written")
        assert day.rings("lucia") == 2


async def test_a_report_of_which_nobody_at_home_has_heard_rests(database: str) -> None:
    """F01: after ten school days without a guardian the report pauses, and the teacher is told."""
    roster = "student,class,teacher,guardian,daily\nAna Romero,Maths,Ms Okafor,Lucía Romero,yes\n"
    async with Day(new_store(database), roster=roster, users={"Ms Okafor": "okafor"}) as day:
        await day.at("16:00", date(2026, 9, 28))
        assert len([b for b in day.screen("okafor") if "planners seen?" in text(b)]) == 10
        await day.at("16:00", date(2026, 9, 29))
        day.sees("okafor", "Tue, Sep 29", "Ana's report rests, as nobody at home has joined yet.")
        await day.at("16:00", date(2026, 10, 1))
        assert "Sep 29" in text(day.newest("okafor"))


async def test_the_last_guardian_stops_and_the_report_rests_until_they_are_back(database: str) -> None:
    """F22."""
    roster = "student,class,teacher,guardian,daily\nAna Romero,Maths,Ms Okafor,Ada Romero,yes\n"
    users = {"Ms Okafor": "okafor", "Ada Romero": "ada"}
    async with Day(new_store(database), roster=roster, users=users) as day:
        await day.at("18:00")
        await day.house.say("ada", "stop")
        await day.at("16:00", WEDNESDAY)
        assert "Wed" not in text(day.newest("okafor"))
        await day.house.say("ada", "start")
        await day.at("16:00", THURSDAY)
        assert "Thu" in text(day.newest("okafor"))


async def test_messages_that_do_not_arrive_are_told_once_to_the_plan_owner(database: str) -> None:
    """F18."""
    from bot.ports import Account, Left

    async with Day(new_store(database), start="12:00") as day:
        await day.house.desk.hear(Left(Account(day.house.lane.id, "lucia"), "left"))
        await day.at("15:10")
        day.sees("okafor", "Messages to Lucía are not arriving.")
        assert "arriving" not in text(day.newest("lind"))
        await day.at("17:30")
        assert labels(day.newest("tom"))[0] == "All done ✓" and day.rings("tom") == 1
        await day.at("15:10", THURSDAY)
        assert "arriving" not in text(day.newest("okafor"))


async def test_a_report_says_when_it_ends(database: str) -> None:
    """Both sides read it on the last day; afterwards nobody is asked."""
    async with Day(new_store(database)) as day:
        last, after = date(2026, 11, 9), date(2026, 11, 10)
        await day.at("18:00", last)
        day.sees("lucia", "El informe diario de Ana termina con la tarjeta de hoy.")
        day.sees("okafor", "Ana's daily report ends with today's card.")
        await day.at("21:00", last)
        count = len(day.screen("lucia"))
        await day.at("22:00", after)
        assert len(day.screen("lucia")) == count


# --- the school's own calendar ----------------------------------------------------------------------------------------


async def test_a_day_off_is_silent_and_the_next_card_speaks_of_the_last_day(database: str) -> None:
    """F10, G-116: Wednesday is a staff day; Thursday's card tells Tuesday's evening by name."""
    school = replace(LINCOLN, closed={WEDNESDAY: "Staff day"})
    async with Day(new_store(database, school), school) as day:
        await day.at("19:00")
        await day.taps("lucia", ALL_DONE)
        await day.at("23:00", WEDNESDAY)
        assert [len(day.screen(user)) for user in ("okafor", "lucia", "tom")] == [2, 1, 1]
        await day.at("15:10", THURSDAY)
        day.sees("okafor", "Thu, Sep 17", "Tuesday at home: Ana done")


async def test_a_snow_day_declared_after_the_card(database: str) -> None:
    """G-117: the cards that stand are edited without a sound, nobody is asked any more, and no card comes at home."""
    async with Day(new_store(database)) as day:
        await day.at("15:20")
        rings = day.rings("okafor")
        snow = CalendarDay(day.day, "closed", "Snow day")
        day.house.store.turn("lincoln", day.house.clock.now(), lambda turn: declare(turn, 0, snow, "test"))
        await day.at("20:00")
        day.sees("okafor", "nobody to ask about today")
        assert [text(shown) for shown in day.screen("lucia")] == [
            "mar, 15 de sept: el colegio está cerrado. Esta noche no hay nada que mirar."
        ]
        assert day.rings("lucia") == 0 and day.rings("okafor") == rings


async def test_a_half_day_follows_dismissal(database: str) -> None:
    """G-118: the teacher's card ten minutes after early dismissal, the nudge an hour after the card."""
    school = replace(LINCOLN, early={date(2026, 9, 15): time(12, 0)})
    async with Day(new_store(database, school), school, start="12:00") as day:
        await day.at("12:09")
        assert not day.screen("okafor")
        await day.at("12:10")
        day.sees("okafor", "planners seen?")
        await day.at("13:10")
        day.sees("okafor", "5 planners are still open today")
        await day.at("17:30")
        day.sees("lucia", "sin confirmar todavía")
