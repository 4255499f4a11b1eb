"""Settings as people use them: what stands, one step at a time, by button and by word (F09, F14, F22, F42)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.calendar import Calendar
from bot.closures import take
from bot.desk import Desk
from bot.hands import Hands, LaneHand
from bot.lanes import UNLIMITED, Pace
from bot.playhouse import Playhouse
from storage.engine import open_engine
from storage.load import card, invitation
from storage.store import Store
from tests.days import LINCOLN, ROSTER, USERS, Day, labels, new_store, text
from tests.test_two_homes import joined_coordinator

WEDNESDAY, THURSDAY = date(2026, 9, 16), date(2026, 9, 17)
FRIDAY, SATURDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 19), date(2026, 9, 21)
WORDS_OF_BLAME = re.compile(r"\b(failed|missed|you didn't|you forgot|overdue|must|need to|again, please|error)\b", re.I)
RAW = re.compile(r"\bNone\b|\{|\}|\b(?:button|settings|write|which|pause|why|who|add|setup)-[a-z]+-?[a-z]*\b")
ENGLISH = re.compile(r"\b(the|your|write|which|when|back|until|from|you|is|are|and|thank|what|comes?|asks?)\b", re.I)
BOTH = """student,group,class,teacher,guardian,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Lucía Romero,en,yes
Leo Okafor,5A,Science,Mr Lind,Ken Okafor,en,yes
Ana Romero,7B,Science,Mr Lind,,,yes
"""
BOTH_USERS = {"Ms Okafor": "okafor", "Mr Lind": "lind", "Lucía Romero": "lucia", "Ken Okafor": "ken"}


def quick(tmp_path: Path) -> Store:
    """One embedded database: for dialogues that are the same on every database."""
    return new_store(f"sqlite:///{tmp_path / 'twoticks.db'}")


def well_said(day: Day, *users: str, spanish: tuple[str, ...] = ()) -> None:
    """Nothing raw, nothing blaming, buttons of thirty characters at most; Spanish people read Spanish alone."""
    for user in users:
        for bubble in day.screen(user):
            whole = "\n".join([text(bubble), *labels(bubble)])
            assert not RAW.search(whole), whole
            assert not WORDS_OF_BLAME.search(text(bubble)), whole
            assert all(0 < len(label) <= 30 for label in labels(bubble)), labels(bubble)
            if user in spanish:
                assert not ENGLISH.search(whole), whole


def in_turn(day: Day, what: Callable[[Any], Any]) -> Any:
    return day.house.store.turn("lincoln", day.house.clock.now(), what)


def named(day: Day, name: str) -> int:
    return day.house.person(name)


def child(day: Day, name: str) -> int:
    """The one child of that name."""
    [found] = in_turn(day, lambda turn: turn.students_named(name))
    return int(found.id)


def of_leo(day: Day) -> None:
    """Ms Okafor teaches Ana, and Leo, whom Mr Lind teaches, is her son."""
    teacher, leo = named(day, "Ms Okafor"), child(day, "Leo Okafor")
    in_turn(day, lambda turn: turn.grant(teacher, "guardian", student=leo))


async def restarted(day: Day) -> None:
    """The program ends and starts anew over the same database; the platform and its screens live on."""
    old, url = day.house, day.house.store.engine.url.render_as_string(hide_password=False)
    await old.close()
    old.store.close()
    new = Playhouse(Store(open_engine(url.replace("+psycopg", "")), [LINCOLN]), LINCOLN, old.clock.now())
    new.chat = old.chat
    new.hands = Hands(
        new.store, new.clock, new.blocking, [LaneHand(new.lane, new.chat, Pace(UNLIMITED, 1000))]
    )  # fmt: skip
    new.desk = Desk(new.store, new.clock, new.blocking, old.desk.secret, new.hands.knock)
    day.house = new
    await new.open()


# --- what stands -----------------------------------------------------------------------------------------------------


async def test_a_teachers_settings(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("okafor", "settings")
        card = day.newest("okafor")
        assert text(card).splitlines() == [
            "Settings",
            "Language: English",
            "Your class card: 3:10 PM",
            "Messages may ring: 7:00 AM – 6:00 PM",
        ]
        assert labels(card) == ["Language", "Card time", "Hours", "Stand-in", "App"]


async def test_a_guardians_settings_in_her_language(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("lucia", "ajustes")
        card = day.newest("lucia")
        assert text(card).splitlines() == [
            "Ajustes",
            "Idioma: Español",
            "Tu tarjeta de la tarde: 5:30 p.m.",
            "Los mensajes pueden sonar: 7:00 a.m. – 8:00 p.m.",
            "Tardes: Lucía",
        ]
        assert labels(card) == ["Idioma", "Hora de la tarjeta", "Horario", "Mi reloj", "Quién responde", "Aplicación"]


async def test_a_coordinators_settings(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        card = day.newest("ruiz")
        assert text(card) == "Settings\nLanguage: English" and labels(card) == ["Language", "App", "School day"]


async def test_somebody_who_teaches_and_has_a_child_here(tmp_path: Path) -> None:
    """Each side has its own time; the two do not mix."""
    async with Day(quick(tmp_path), roster=BOTH, users=BOTH_USERS) as day:
        of_leo(day)
        await day.house.say("okafor", "settings")
        assert {"Class card time", "School hours", "Evening card time", "Home hours"} <= set(
            labels(day.newest("okafor"))
        )
        await day.taps("okafor", "Evening card time", "6:30 PM")
        card = day.newest("okafor")
        assert "Your class card: 3:10 PM" in text(card) and "Your evening card: 6:30 PM" in text(card)
        await day.taps("okafor", "School hours", "Until 4:00 PM", "Back")
        assert "7:00 AM – 4:00 PM" in text(day.newest("okafor")) and "7:00 AM – 8:00 PM" in text(day.newest("okafor"))
        well_said(day, "okafor")


async def test_whose_hours_are_told_apart(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=BOTH, users=BOTH_USERS) as day:
        of_leo(day)
        await day.house.say("okafor", "settings")
        said = [line.partition(":")[0] for line in text(day.newest("okafor")).splitlines()]
        assert len(said) == len(set(said)), said


# --- language --------------------------------------------------------------------------------------------------------


async def test_another_language_at_once(database: str) -> None:
    """The settings and tonight's card, which is open, are told anew in it; and so is what comes later."""
    async with Day(new_store(database)) as day:
        await day.at("17:30")
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"
        await day.house.say("lucia", "idioma")
        assert labels(day.newest("lucia")) == ["English", "Español", "Atrás"]
        await day.taps("lucia", "English")
        assert text(day.newest("lucia")).startswith("Settings\nLanguage: English")
        assert labels(day.newest("lucia", "All done ✓")) == ["All done ✓", "Something's missing", "Can't check tonight"]
        assert len(day.screen("lucia")) == 2, "nothing new came, and nothing rang"
        await day.taps("lucia", "All done ✓")
        day.sees("lucia", "Ana · Tuesday · done")


async def test_another_language_on_every_open_dialogue(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("lucia", "pausa")
        await day.house.say("lucia", "idioma")
        await day.taps("lucia", "English")
        assert "Only my messages" in labels(day.screen("lucia")[0])


# --- times and hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["6:15 pm", "18:15", "at 6:15pm", "las 6:15 de la tarde"])
async def test_a_card_time_is_typed(tmp_path: Path, typed: str) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time")
        asked = day.newest("tom")
        assert text(asked).startswith("When should your card come?") and "3:30 PM and 9:00 PM" in text(asked)
        assert labels(asked) == ["5:30 PM", "6:30 PM", "8:00 PM", "Another time", "As the school has it", "Back"]
        await day.taps("tom", "Another time")
        assert text(day.newest("tom")) == "Write a time between 3:30 PM and 9:00 PM, like 6:15 PM."
        await day.house.say("tom", typed)
        assert "Your evening card: 6:15 PM" in text(day.newest("tom"))
        assert len(day.screen("tom")) == 1
        await day.at("18:14")
        assert len(day.screen("tom")) == 1
        await day.at("18:15")
        assert "Ana · Tuesday" in text(day.newest("tom"))


async def test_what_does_not_fit_is_asked_once_more(tmp_path: Path) -> None:
    """Nonsense, half a time and a time out of bounds: nothing changes, and it says what fits."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        for typed in ("when I am home", "6:15", "99:99"):
            await day.house.say("tom", typed)
            assert text(day.newest("tom")) == (
                "I could not read that time. Write one between 3:30 PM and 9:00 PM, like 6:15 PM."
            ), typed
        for typed in ("10:30 pm", "3 am"):
            await day.house.say("tom", typed)
            assert text(day.newest("tom")) == "Cards come between 3:30 PM and 9:00 PM. Write such a time, like 6:15 PM."
        await day.house.say("tom", "20:30")
        assert "Your evening card: 8:30 PM" in text(day.newest("tom"))
        await day.taps("tom", "Card time", "As the school has it")
        assert "Your evening card: 5:30 PM" in text(day.newest("tom"))
        well_said(day, "tom")


async def test_a_time_out_of_bounds_is_told_as_such(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        await day.house.say("tom", "10:30 pm")
        assert "could not read" not in text(day.newest("tom"))


async def test_a_typed_word_always_gets_an_answer_one_can_see(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        await day.house.say("tom", "late")
        before = [(b.ref, b.edits) for b in day.screen("tom")]
        await day.house.say("tom", "later")
        assert [(b.ref, b.edits) for b in day.screen("tom")] != before


async def test_a_teachers_own_minute_and_hours(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Card time", "2:30 PM")
        await day.taps("okafor", "Hours", "From 8:00 AM", "Until 4:00 PM", "Back")
        assert "Your class card: 2:30 PM\nMessages may ring: 8:00 AM – 4:00 PM" in text(day.newest("okafor"))
        await day.at("14:30")
        assert labels(day.newest("okafor"))[0] == "All written ✓"
        assert day.rings("okafor") == 2, "the settings one had asked for, and the card"
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Hours", "As the school has it")
        assert "7:00 AM – 6:00 PM" in text(day.newest("okafor", "Hours"))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("7:00-19:00", "7:00 AM – 7:00 PM"),
        ("22:00–07:00 quiet", "7:00 AM – 10:00 PM"),
        ("from 8 am to 9 pm", "8:00 AM – 9:00 PM"),
        ("20:00-06:00", "8:00 PM – 6:00 AM"),
    ],
)
async def test_hours_are_typed(tmp_path: Path, typed: str, shown: str) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Hours", "Another time")
        assert text(day.newest("tom")) == "Write from when until when, like 7:00-20:00."
        await day.house.say("tom", "evenings")
        assert text(day.newest("tom")).startswith("I could not read that.")
        await day.house.say("tom", typed)
        assert f"Messages may ring: {shown}" in text(day.newest("tom"))


async def test_both_ends_of_the_hours_in_a_row(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Hours", "From 9:00 AM")
        assert "Until 9:00 PM" in labels(day.newest("tom"))


async def test_my_clock(tmp_path: Path) -> None:
    """Tom works in London this autumn: his hours follow his clock, the school's date stays the school's."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "My clock")
        assert text(day.newest("tom")) == "Write a big city near you. The school's is New York."
        await day.house.say("tom", "Atlantis")
        assert text(day.newest("tom")).startswith("I do not know that city. Write a bigger one near you.")
        await day.house.say("tom", "london")
        assert "Your clock: London" in text(day.newest("tom"))
        await day.taps("tom", "My clock")
        await day.house.say("tom", "New York")
        assert "Your clock" not in text(day.newest("tom"))
        well_said(day, "tom")


async def test_times_are_told_by_my_clock(tmp_path: Path) -> None:
    """Denver is two hours behind: the card comes at 17:30 there, and that is what he reads."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "My clock")
        await day.house.say("tom", "Denver")
        await day.house.say("tom", "today")
        assert text(day.newest("tom")) == "Your card comes at 5:30 PM."


# --- evenings --------------------------------------------------------------------------------------------------------

THREE = ROSTER + "Ana Romero,7B,Maths,Ms Okafor,,Nana Romero,N1,en,yes\n"


async def test_three_at_home_take_turns(database: str) -> None:
    """A tap gives the evening to the next one, at last to who joined first; tonight's guardian follows at once."""
    async with Day(new_store(database), roster=THREE, users={**USERS, "Nana Romero": "nana"}) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening")
        assert text(day.newest("tom")) == "Whose evening is it? A tap gives it to the next person."
        for now, next_ in (("Lucía", "Tom"), ("Tom", "Nana")):
            await day.taps("tom", f"Tue: {now}")
            assert f"Tue: {next_}" in labels(day.newest("tom"))
        await day.at("17:30")
        day.sees("tom", "Nana answers tonight.")
        day.sees("lucia", "Hoy responde Nana")
        assert labels(day.newest("nana"))[0] == "All done ✓"
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening", "Tue: Nana")
        assert "Tue: Lucía" in labels(day.newest("tom")), "after the last it is who joined first"
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓", "the cards on the screens have swapped roles"
        day.sees("nana", "Lucía answers tonight.")


async def test_evenings_that_stand_are_told_in_a_line(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening", "Fri: Lucía", "Back")
        assert "Evenings: Mon Lucía · Tue Lucía · Wed Lucía · Thu Lucía · Fri Tom" in text(day.newest("tom"))
        await day.house.say("lucia", "ajustes")
        assert "Tardes: lun Lucía · mar Lucía · mié Lucía · jue Lucía · vie Tom" in text(day.newest("lucia"))


async def test_two_children_with_another_parent_each(tmp_path: Path) -> None:
    """Lucía has Ana with Tom and Leo with Max. Tuesday is Tom's for Ana; that says nothing about Leo."""
    roster = """student,class,teacher,guardian,guardian_contact,daily
Ana Romero,Maths,Ms Okafor,Lucía Romero,L1,yes
Ana Romero,Maths,Ms Okafor,Tom Romero,T1,yes
Leo Romero,Maths,Ms Okafor,Lucía Romero,L1,yes
Leo Romero,Maths,Ms Okafor,Max Stern,X1,yes
"""
    users = {"Ms Okafor": "okafor", "Lucía Romero": "lucia", "Tom Romero": "tom", "Max Stern": "max"}
    async with Day(quick(tmp_path), roster=roster, users=users) as day:
        await day.house.say("max", "settings")
        await day.taps("max", "Whose evening", "Tue: Lucía")
        assert "Tue: Max" in labels(day.newest("max"))
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening", "Tue: Lucía")
        assert "Tue: Tom" in labels(day.newest("tom"))
        await day.house.say("lucia", "settings")
        await day.taps("lucia", "Whose evening")
        shown = [label for label in labels(day.newest("lucia")) if label.startswith("Tue")]
        assert any("Tom" in label for label in shown) and any("Max" in label for label in shown), shown
        assert "All done ✓" not in labels(day.newest("lucia"))
        await day.at("17:30")
        day.sees("max", "Leo")
        assert "All done ✓" in labels(day.newest("max"))


# --- a second account ------------------------------------------------------------------------------------------------


async def with_a_second_account(day: Day) -> str:
    """Tom adds his other phone by a code; which is returned."""
    await day.house.say("tom", "settings")
    await day.taps("tom", "App")
    assert text(day.newest("tom")) == "Where should your cards come?"
    assert labels(day.newest("tom")) == ["Add another app", "Back"]
    await day.taps("tom", "Add another app")
    told = text(day.newest("tom"))
    assert re.fullmatch(r"On your other app, write:\njoin \w{5}-\w{5}\nIt works for one hour\.", told), told
    code = re.findall(r"join (\S+)", told)[0]
    await day.house.say("tom at work", f"join {code}")
    assert text(day.newest("tom at work")) == (
        "Welcome. This account is yours now, too. Choose in settings where your cards come."
    )
    return str(code)


async def test_cards_come_on_the_other_app(database: str) -> None:
    """What waits moves to it, what stands on a screen stays there; the code is kept nowhere and works once."""
    async with Day(new_store(database)) as day:
        code = await with_a_second_account(day)
        again = await day.house.say("stranger", f"join {code}")
        assert again.toast == "This code does not work. Please ask the school for a new one."
        with day.house.store.engine.begin() as connection:
            kept = str([tuple(row) for table in (invitation, card) for row in connection.execute(select(table))])
        assert code not in kept and code.replace("-", "") not in kept
        await day.house.say("tom at work", "settings")
        assert "Cards come on: Web" in text(day.newest("tom at work"))
        await day.taps("tom at work", "App")
        here = [button for row in day.newest("tom at work").message.rows for button in row][1]
        await day.house.press("tom at work", day.newest("tom at work").ref, here.value)
        await day.at("17:30")
        day.sees("tom at work", "Ana · Tuesday")
        day.does_not_see("tom", "Ana · Tuesday")


async def test_a_standing_card_stays_where_it_is(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await with_a_second_account(day)
        await day.at("17:30")
        assert "Ana · Tuesday" in text(day.newest("tom"))
        await day.house.say("tom at work", "settings")
        await day.taps("tom at work", "App")
        here = [button for row in day.newest("tom at work").message.rows for button in row][1]
        await day.house.press("tom at work", day.newest("tom at work").ref, here.value)
        await day.taps("tom", "I'll answer instead", "All done ✓")
        day.sees("tom", "Ana · Tuesday · done")
        await day.at("17:30", WEDNESDAY)
        day.sees("tom at work", "Ana · Wednesday")
        day.does_not_see("tom", "Ana · Wednesday")


async def test_two_accounts_on_one_platform_are_told_apart(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await with_a_second_account(day)
        await day.house.say("tom", "settings")
        await day.taps("tom", "App")
        assert len(set(labels(day.newest("tom")))) == len(labels(day.newest("tom")))


@pytest.mark.parametrize(
    "typed",
    [
        "join {}", "JOIN {}", "/join {}", "/start {}",
        "join {}.",
    ],
)  # fmt: skip
async def test_the_code_as_people_copy_it(tmp_path: Path, typed: str) -> None:
    """Marked with the full stop behind it, in capitals, with a slash."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App", "Add another app")
        code = re.findall(r"join (\S+)", text(day.newest("tom")))[0]
        await day.house.say("tom at work", typed.format(code))
        assert text(day.newest("tom at work")).startswith("Welcome. This account is yours now, too.")


async def test_a_code_stands_on_its_own_line(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App", "Add another app")
        assert any(re.fullmatch(r"join \w{5}-\w{5}", line) for line in text(day.newest("tom")).splitlines())


async def test_a_second_account_after_an_hour(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App", "Add another app")
        code = re.findall(r"join (\S+)", text(day.newest("tom")))[0]
        day.house.clock.at += timedelta(hours=1, minutes=1)
        answer = await day.house.say("tom at work", f"join {code}")
        assert answer.toast.startswith("This code does not work.")


# --- a stand-in ------------------------------------------------------------------------------------------------------


async def asked_mr_lind(day: Day, *days: str) -> None:
    await day.house.say("okafor", "settings")
    await day.taps("okafor", "Stand-in")
    assert text(day.newest("okafor")) == "Who answers your card?"
    assert labels(day.newest("okafor")) == ["Mr Díaz", "Mr Lind", "Ms Park", "Back"]
    await day.taps("okafor", "Mr Lind")
    assert labels(day.newest("okafor")) == ["Today", "Today and tomorrow", "This week", "Another day", "Back"]
    await day.taps("okafor", *days)


async def test_a_colleague_stands_in(database: str) -> None:
    """Asked, yes, and the card is his for two days; her own rests, the tick is his, and it ends by itself."""
    async with Day(new_store(database), start="12:00") as day:
        await asked_mr_lind(day, "Today and tomorrow")
        assert text(day.newest("okafor")).startswith("Mr Lind is asked. Nothing changes before the yes.")
        asked = day.sees("lind", "Ms Okafor asks: will you answer the homework card from Tue, Sep 15?")
        assert "Back on Thu, Sep 17." in text(asked) and labels(asked) == ["Yes, gladly", "No"] and asked.rang
        await day.taps("lind", "Yes, gladly")
        assert text(day.newest("lind")).endswith("Thank you. The card comes to you.")
        await day.at("15:10")
        day.sees("lind", "Maths: Ana · Ben · Chloe · Dev · Eli", "Science: Ana · Ben")
        day.does_not_see("okafor", "planners seen?")
        await day.taps("lind", "All written ✓")
        await day.at("17:30")
        day.sees("lucia", "Maths ✓ · Science ✓")
        await day.house.say("okafor", "settings")
        assert "Your messages rest until Thu, Sep 17." in text(day.newest("okafor"))
        await day.at("15:10", WEDNESDAY)
        day.sees("lind", "Wed, Sep 16", "Maths: Ana")
        await day.at("15:10", THURSDAY)
        day.sees("okafor", "Thu, Sep 17 · planners seen?", "Ana · Ben · Chloe · Dev · Eli")
        assert "Chloe" not in text(day.sees("lind", "Thu, Sep 17"))
        well_said(day, "okafor", "lind", "lucia")


async def test_a_colleague_says_no(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await asked_mr_lind(day, "Today")
        await day.taps("lind", "No")
        assert text(day.newest("lind")).endswith("All right. Nothing changes.")
        await day.at("15:10")
        day.sees("okafor", "planners seen?")
        assert "Chloe" not in text(day.sees("lind", "Tue, Sep 15 · planners"))


@pytest.mark.parametrize("answer", ["Yes, gladly", "No"])
async def test_who_asked_is_told_the_answer(tmp_path: Path, answer: str) -> None:
    """She is ill and waits for one thing: is the card taken care of?"""
    async with Day(quick(tmp_path), start="12:00") as day:
        await asked_mr_lind(day, "Today")
        before = [text(bubble) for bubble in day.screen("okafor")]
        await day.taps("lind", answer)
        assert [text(bubble) for bubble in day.screen("okafor")] != before
        answers = {"Yes, gladly": "Mr Lind answers your card until Wed, Sep 16.", "No": "Mr Lind cannot this time."}
        day.sees("okafor", answers[answer])
        assert day.rings("okafor") == 1, "the settings she had asked for"


async def test_a_day_is_typed_for_the_stand_in(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await asked_mr_lind(day, "Another day")
        assert text(day.newest("okafor")) == "Write the day you are back, like Monday or October 12."
        for typed in ("soon", "today week maybe", "January 30"):
            await day.house.say("okafor", typed)
            assert text(day.newest("okafor")) == "I could not read that day. Write it like Monday or October 12."
        await day.house.say("okafor", "Monday")
        day.sees("okafor", "Mr Lind is asked.")
        day.sees("lind", "Back on Mon, Sep 21.")


async def test_no_colleague_has_joined(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), users={"Ms Okafor": "okafor"}) as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Stand-in")
        assert text(day.newest("okafor")) == "No colleague of these children has joined yet."
        assert labels(day.newest("okafor")) == ["Back"]


async def test_a_co_teacher_closes_the_line(tmp_path: Path) -> None:
    """Ms Park stands in for Mr Díaz, and he answers all the same: hers shows it, and the first answer stands."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("diaz", "settings")
        await day.taps("diaz", "Stand-in", "Ms Park", "Today")
        await day.taps("park", "Yes, gladly")
        await day.house.say("diaz", "resume")
        day.sees("diaz", "Your messages come again.")
        await day.at("15:10")
        day.sees("park", "Ana", "Jo")
        await day.taps("diaz", "All written ✓")
        assert "open" not in text(day.sees("park", "Tue, Sep 15 ·")).replace("1 open", "")
        await day.at("17:30")
        day.sees("lucia", "History ✓")


async def test_the_stand_ins_name_is_on_the_nudge(tmp_path: Path) -> None:
    """F42: answers carry the name of who gave them."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await asked_mr_lind(day, "Today")
        await day.taps("lind", "Yes, gladly")
        await day.house.say("okafor", "resume")
        await day.at("16:10")
        day.sees("okafor", "5 planners are still open today")
        await day.taps("lind", "All written ✓")
        day.sees("okafor", "Answered by Mr Lind, 4:10 PM")


async def test_a_teacher_away_is_still_a_mother(tmp_path: Path) -> None:
    """Ms Okafor is ill, Mr Lind has her class; in the evening she is asked about Leo as ever."""
    async with Day(quick(tmp_path), roster=BOTH, users=BOTH_USERS, start="12:00") as day:
        of_leo(day)
        ken = _place(day, "ken")
        in_turn(day, lambda turn: turn.set_address(ken, state="refused"))
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Stand-in", "Mr Lind", "Today and tomorrow")
        await day.taps("lind", "Yes, gladly")
        await day.at("17:30", WEDNESDAY)
        day.sees("okafor", "Leo · Wednesday")
        day.does_not_see("okafor", "Wed, Sep 16 · planners")


def _place(day: Day, user: str) -> int:
    from storage.load import address

    with day.house.store.engine.begin() as connection:
        return int(connection.execute(select(address.c.id).where(address.c.user == user)).scalar_one())


async def test_asked_once_more_after_a_no(tmp_path: Path) -> None:
    """Mr Lind tapped No too fast; she asks him again, and he can say yes."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await asked_mr_lind(day, "Today")
        await day.taps("lind", "No")
        await asked_mr_lind(day, "Today")
        day.sees("okafor", "Mr Lind is asked.")
        day.newest("lind", "Yes, gladly")


async def test_asked_in_the_evening_for_today(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="19:00") as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Stand-in", "Mr Lind")
        await day.taps("okafor", labels(day.newest("okafor"))[0])
        await day.at("07:30", WEDNESDAY)
        day.does_not_see("lind", "from Tue, Sep 15")


async def test_asked_on_a_day_on_which_he_was_rung_already(tmp_path: Path) -> None:
    """A family joined at noon, which rang once; the question for a stand-in comes all the same, without a sound."""
    users = {name: user for name, user in USERS.items() if name != "Ada Osei"}
    async with Day(quick(tmp_path), users=users, start="12:00") as day:
        ada, ben = named(day, "Ada Osei"), child(day, "Ben Osei")
        code = in_turn(day, lambda turn: turn.new_invitation(ada, "guardian", ben, day.house.desk.secret, 0))
        await day.house.say("ada", f"join {code}")
        await day.taps("ada", "That's right", "Yes, join")
        await day.taps("okafor", "Yes, that's Ada")
        await day.house.say("lind", "settings")
        await day.taps("lind", "Stand-in", "Ms Okafor", "Today")
        day.sees("lind", "Ms Okafor is asked.")
        day.sees("okafor", "Mr Lind asks: will you answer the homework card")


async def test_a_changed_calendar_on_a_day_on_which_he_was_rung_already(tmp_path: Path) -> None:
    users = {name: user for name, user in USERS.items() if name != "Ada Osei"}
    async with Day(quick(tmp_path), users=users, start="12:00") as day:
        await joined_coordinator(day)
        ada, ben = named(day, "Ada Osei"), child(day, "Ben Osei")
        code = in_turn(day, lambda turn: turn.new_invitation(ada, "guardian", ben, day.house.desk.secret, 0))
        await day.house.say("ada", f"join {code}")
        await day.taps("ada", "That's right", "Yes, join")
        await day.taps("ruiz", "Yes, that's Ada")
        first = Calendar({date(2026, 11, 26): "Thanksgiving"}, {}, until=date(2027, 6, 30))
        second = Calendar({**first.closed, THURSDAY: "Strike"}, {}, until=date(2027, 6, 30))
        assert [in_turn(day, partial(take, read=read)) for read in (first, second)] == ["used", "offered"]
        await day.house.settle()
        day.sees("ruiz", "The school calendar has changed", "Thu, Sep 17 (Strike)")


async def test_today_is_not_offered_when_it_is_over(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="19:00") as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Stand-in", "Mr Lind")
        assert "Today" not in labels(day.newest("okafor"))


# --- a school day ----------------------------------------------------------------------------------------------------


async def test_a_snow_day(database: str) -> None:
    """The coordinator says it at noon: nobody is asked, and `why` says so."""
    async with Day(new_store(database), start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        await day.taps("ruiz", "School day")
        assert text(day.newest("ruiz")) == "Which day?" and labels(day.newest("ruiz")) == ["Today", "Tomorrow", "Back"]
        await day.taps("ruiz", "Today")
        assert text(day.newest("ruiz")) == "Tue, Sep 15: what is it like?"
        assert labels(day.newest("ruiz")) == [
            "No school", "Ends 11:00 AM", "Ends 12:00 PM", "Ends 1:00 PM", "Another time", "School as usual", "Back",
        ]  # fmt: skip
        await day.taps("ruiz", "No school")
        assert text(day.newest("ruiz")).startswith("Tue, Sep 15: no school. Nobody is asked.")
        await day.at("20:00")
        assert not day.screen("okafor") and not day.screen("lucia")
        await day.house.say("tom", "why")
        assert text(day.newest("tom")).startswith("Tue, Sep 15: school was closed")


async def test_why_after_a_snow_day_reads_well(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        await day.taps("ruiz", "School day", "Today", "No school")
        await day.house.say("tom", "why")
        assert "()" not in text(day.newest("tom"))


async def test_lessons_end_early_and_then_they_do_not(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="09:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        await day.taps("ruiz", "School day", "Today", "Ends 12:00 PM")
        assert text(day.newest("ruiz")).startswith("Tue, Sep 15: a short day. Cards follow the end of lessons.")
        await day.taps("ruiz", "School day", "Today", "Another time")
        assert text(day.newest("ruiz")) == "Write when lessons end, like 12:30 PM."
        await day.house.say("ruiz", "noonish")
        assert text(day.newest("ruiz")) == "I could not read that time. Write it like 12:30 PM."
        await day.house.say("ruiz", "12:30 pm")
        assert text(day.newest("ruiz")).startswith("Tue, Sep 15: a short day.")
        await day.at("12:39")
        assert not day.screen("okafor")
        await day.at("12:40")
        day.sees("okafor", "planners seen?")
        await day.taps("ruiz", "School day", "Tomorrow", "No school")
        assert text(day.newest("ruiz")).startswith("Wed, Sep 16: no school.")
        await day.taps("ruiz", "School day", "Tomorrow", "School as usual")
        assert text(day.newest("ruiz")).startswith("Wed, Sep 16: school as usual.")
        await day.at("15:10", WEDNESDAY)
        day.sees("okafor", "Wed, Sep 16 · planners seen?")
        well_said(day, "ruiz", "okafor")


async def test_lessons_do_not_end_at_night(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="09:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        await day.taps("ruiz", "School day", "Today", "Another time")
        await day.house.say("ruiz", "23:00")
        assert text(day.newest("ruiz")) == "I could not read that time. Write it like 12:30 PM."


async def test_school_on_a_saturday_is_not_promised_in_vain(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), day=FRIDAY, start="09:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "settings")
        await day.taps("ruiz", "School day", "Tomorrow")
        if "School as usual" in labels(day.newest("ruiz")):
            await day.taps("ruiz", "School as usual")
            await day.at("15:10", SATURDAY)
            day.sees("okafor", "Sat, Sep 19 · planners seen?")


# --- steps -----------------------------------------------------------------------------------------------------------

STEPS = [
    ("tom", ["Language"]),
    ("tom", ["Card time"]),
    ("tom", ["Card time", "Another time"]),
    ("tom", ["Hours"]),
    ("tom", ["Hours", "Another time"]),
    ("tom", ["My clock"]),
    ("tom", ["Whose evening"]),
    ("tom", ["App"]),
    ("okafor", ["Stand-in"]),
    ("okafor", ["Stand-in", "Mr Lind"]),
    ("okafor", ["Stand-in", "Mr Lind", "Another day"]),
    ("ruiz", ["School day"]),
    ("ruiz", ["School day", "Today"]),
    ("ruiz", ["School day", "Today", "Another time"]),
]


@pytest.mark.parametrize(("who", "path"), STEPS)
async def test_back_stands_on_every_step(tmp_path: Path, who: str, path: list[str]) -> None:
    """One question, `Back` last, and it changes nothing."""
    async with Day(quick(tmp_path)) as day:
        if who == "ruiz":
            await joined_coordinator(day)
        await day.house.say(who, "settings")
        stands = text(day.newest(who))
        await day.taps(who, *path)
        step = day.newest(who)
        assert labels(step)[-1] == "Back" and len(text(step).splitlines()) == 1
        well_said(day, who)
        await day.taps(who, "Back")
        assert text(day.newest(who)) == stands


@pytest.mark.parametrize("label", ["Language", "Card time", "Hours", "My clock", "Whose evening", "App"])
async def test_opening_a_step_is_not_thanked_for(tmp_path: Path, label: str) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        assert (await day.house.tap("tom", day.newest("tom"), label)).toast == ""
        assert (await day.house.tap("tom", day.newest("tom"), "Back")).toast == ""


@pytest.mark.parametrize(("label", "now"), [("Card time", "5:30 PM"), ("Hours", "7:00 AM – 8:00 PM")])
async def test_a_question_says_what_stands_now(tmp_path: Path, label: str, now: str) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", label)
        assert now in text(day.newest("tom"))


async def test_whose_evening_it_is_by_name(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Whose evening")
        assert all("Lucía" in label for label in labels(day.newest("tom"))[:-1])


async def test_an_open_step_folds_by_itself(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "settings")
        stands = text(day.newest("tom"))
        await day.taps("tom", "Card time")
        await day.at("12:09")
        assert text(day.newest("tom")) != stands
        await day.at("12:11")
        assert text(day.newest("tom")) == stands
        await day.taps("tom", "Card time", "6:30 PM")
        assert "6:30 PM" in text(day.newest("tom"))


async def test_two_settings_cards_at_once(tmp_path: Path) -> None:
    """An older card's buttons still do what they say; each card is at its own step."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.house.say("tom", "settings")
        first, second = day.screen("tom")
        await day.house.tap("tom", first, "Card time")
        await day.house.tap("tom", second, "Hours")
        first, second = day.screen("tom")
        assert "6:30 PM" in labels(first) and "From 9:00 AM" in labels(second)
        await day.house.tap("tom", first, "6:30 PM")
        await day.house.tap("tom", second, "From 9:00 AM")
        await day.house.tap("tom", day.screen("tom")[1], "Back")
        assert all("Your evening card: 6:30 PM" in text(card) and "9:00 AM" in text(card) for card in day.screen("tom"))


async def test_the_older_card_shows_what_stands(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.house.say("tom", "settings")
        await day.house.tap("tom", day.screen("tom")[1], "Card time")
        await day.house.tap("tom", day.screen("tom")[1], "6:30 PM")
        assert all("6:30 PM" in text(card) for card in day.screen("tom"))


async def test_a_button_that_stood_there_before(tmp_path: Path) -> None:
    """A slow phone still shows the first buttons: the press is taken as it was meant, or nothing changes."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        old = day.newest("tom")
        await day.taps("tom", "Language", "Español")
        await day.house.tap("tom", old, "Card time")
        assert "6:30 p.m." in labels(day.newest("tom"))
        await day.taps("tom", "6:30 p.m.")
        await day.house.press(
            "tom", old.ref, old.message.rows[0][0].value.replace(old.message.rows[0][0].value[-1], "?")
        )
        assert "6:30 p.m." in text(day.newest("tom"))


async def test_a_choice_can_be_seen(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Hours")
        before = day.newest("tom").message
        await day.taps("tom", "From 9:00 AM")
        assert [text(day.newest("tom")), labels(day.newest("tom"))] != [
            "\n".join("".join(span.text for span in line) for line in before.lines),
            [button.label for row in before.rows for button in row],
        ]


async def test_a_made_up_place_is_no_fault_of_ours(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "settings")
        card = day.newest("tom")
        own = card.message.rows[0][0].value
        answer = await day.house.press("tom", card.ref, own[: own.rindex("l")] + "a:zz")
        assert "Something went wrong" not in answer.toast


async def test_a_command_while_a_question_is_open(tmp_path: Path) -> None:
    """A command is a command; the question still stands, and its answer still counts."""
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        await day.house.say("tom", "today")
        assert text(day.newest("tom")) == "Your card comes at 5:30 PM."
        await day.house.say("tom", "18:15")
        day.sees("tom", "Your evening card: 6:15 PM")
        await day.house.say("tom", "18:30")
        assert text(day.newest("tom")).startswith("I did not understand that.")


async def test_a_restart_in_the_middle(database: str) -> None:
    """The question was asked before and answered after; the answer counts, and comes on the card that asked."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        await restarted(day)
        await day.house.say("tom", "6:15 pm")
        assert "Your evening card: 6:15 PM" in text(day.newest("tom")) and len(day.screen("tom")) == 1
        await day.taps("tom", "Hours", "From 9:00 AM")
        await restarted(day)
        await day.taps("tom", "Back")
        assert "9:00 AM – 8:00 PM" in text(day.newest("tom"))
        await day.at("18:15")
        day.sees("tom", "Ana · Tuesday")


async def test_a_day_later_nothing_waits_any_more(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "Card time", "Another time")
        await day.at("12:01", WEDNESDAY)
        assert "Write a time" not in text(day.screen("tom")[0]), "the question has folded"
        await day.house.say("tom", "18:15")
        assert text(day.newest("tom")).startswith("I did not understand that.")
        await day.house.tap("tom", day.screen("tom")[0], "Card time")
        assert "6:30 PM" in labels(day.screen("tom")[0]), "its buttons live on"


# --- wholly in Spanish -----------------------------------------------------------------------------------------------


async def test_everything_in_spanish(tmp_path: Path) -> None:
    """Lucía goes through all her settings; not one English word."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("lucia", "ajustes")
        await day.taps("lucia", "Idioma")
        assert text(day.newest("lucia")) == "¿En qué idioma?"
        await day.taps("lucia", "Español", "Hora de la tarjeta")
        assert text(day.newest("lucia")).startswith("¿Cuándo quieres tu tarjeta?")
        await day.taps("lucia", "Otra hora")
        await day.house.say("lucia", "cuando pueda")
        assert (
            text(day.newest("lucia")) == "No entendí esa hora. Escribe una entre 3:30 p.m. y 9:00 p.m., como 6:15 p.m."
        )
        await day.house.say("lucia", "las 6 y cuarto de la tarde")
        assert "Tu tarjeta de la tarde: 6:15 p.m." in text(day.newest("lucia"))
        await day.taps("lucia", "Hora de la tarjeta", "Como el colegio", "Horario", "Desde 9:00 a.m.", "Atrás")
        await day.taps("lucia", "Horario", "Otra hora")
        await day.house.say("lucia", "siempre")
        await day.house.say("lucia", "de 8:00 a 21:00")
        assert "8:00 a.m. – 9:00 p.m." in text(day.newest("lucia"))
        await day.taps("lucia", "Mi reloj")
        await day.house.say("lucia", "la luna")
        await day.house.say("lucia", "Ciudad de México")
        await day.taps("lucia", "Quién responde", "mar: Lucía", "Atrás")
        assert "Tardes: lun Lucía · mar Tom" in text(day.newest("lucia"))
        await day.taps("lucia", "Aplicación", "Añadir otra aplicación")
        assert text(day.newest("lucia")).startswith("En tu otra aplicación escribe:\njoin ")
        seen = {label for bubble in day.screen("lucia") for label in labels(bubble)}
        assert "Back" not in seen
        for bubble in day.screen("lucia"):
            assert not ENGLISH.search(text(bubble).replace("join", "")), text(bubble)
        well_said(day, "lucia")
