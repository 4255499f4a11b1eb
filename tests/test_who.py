"""`who`: who reads along with a child, who may be told, new codes, and ending a link at once (F16, F17)."""

import re
from pathlib import Path

import pytest

from tests.days import Day, labels, new_store, text
from tests.test_settings import quick, well_said
from tests.test_two_homes import joined_coordinator

UNKNOWN = "I know no such child here. Write the name as the school does."
TWO_ANAS = """student,group,class,teacher,guardian,guardian_language,daily
Ana Romero,7A,Maths,Ms Okafor,Tom Romero,en,yes
Ana Smith,7B,Maths,Ms Okafor,Sue Smith,en,yes
Leo Stern,7B,Art,Mr Lind,Max Stern,en,yes
"""
TWO_USERS = {"Ms Okafor": "okafor", "Mr Lind": "lind", "Tom Romero": "tom", "Max Stern": "max"}


def code_in(day: Day, user: str) -> str:
    """The code that stands in the newest message of that person."""
    found = re.findall(r"join (\w{5}-\w{5})", text(day.newest(user)))
    assert found, day.describe(user)
    return str(found[0])


def everything_kept(folder: Path) -> bytes:
    """The database's files as bytes: what somebody with a disk and no key could read."""
    return b"".join(file.read_bytes() for file in folder.glob("twoticks.db*"))


# --- who may be told -------------------------------------------------------------------------------------------------


async def test_a_guardian_asks(database: str) -> None:
    """Four teachers, two homes; no account, no number, no button that is not hers."""
    async with Day(new_store(database)) as day:
        await day.house.say("lucia", "quién")
        card = day.newest("lucia")
        assert text(card).splitlines() == [
            "Ana",
            "Colegio: Ms Okafor (Maths), Mr Lind (Science), Ms Park (English), Mr Díaz (History)",
            "Casa: Lucía, Tom",
        ]
        assert not labels(card)
        assert not re.search(r"okafor@|L1|T1|lucia\b", text(card))
        well_said(day, "lucia", spanish=("lucia",))


async def test_a_guardian_names_the_child(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "who")
        every = text(day.newest("tom"))
        for said in ("who Ana", "who ana romero", "who Ana Romero (7B)", "Who  Ana"):
            await day.house.say("tom", said)
            assert text(day.newest("tom")) == every, said


@pytest.mark.parametrize("who", ["tom", "okafor"])
async def test_a_child_of_others_is_a_child_that_does_not_exist(tmp_path: Path, who: str) -> None:
    """Leo is Mr Lind's; neither Ana's father nor her teacher learns that there is a Leo."""
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        answers = []
        for said in ("who Leo Stern", "who Leo", "who Leo Stern (7B)", "who Nobody Atall", "who 17"):
            await day.house.say(who, said)
            answers.append((text(day.newest(who)), labels(day.newest(who))))
        assert answers[0][0].startswith(UNKNOWN)
        assert all(answer == answers[0] for answer in answers)
        day.does_not_see(who, "Leo")
        day.does_not_see(who, "Stern")


async def test_a_made_up_button_tells_of_no_other_child(tmp_path: Path) -> None:
    """Tom's own card, its buttons altered to every number there is."""
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Smith")
        card = day.newest("okafor")
        own = next(button.value for row in card.message.rows for button in row)
        pointer = own.rsplit(own[-3:], 1)[0] if own[-3] == "v" else own[: own.rindex("v")]
        for what in ("g", "v", "e", "E", "h"):
            for n in range(1, 12):
                await day.house.press("okafor", card.ref, f"{pointer}{what}:{n}")
        day.does_not_see("okafor", "Leo")
        day.does_not_see("okafor", "Max")
        await day.house.say("max", "who")
        assert "Home: Max" in text(day.newest("max"))


async def test_a_spoiled_button_is_no_fault_of_ours(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Smith")
        card = day.newest("okafor")
        own = next(button.value for row in card.message.rows for button in row)
        answer = await day.house.press("okafor", card.ref, own[: own.rindex("v")] + "g:!")
        assert "Something went wrong" not in answer.toast


async def test_two_of_one_name(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana")
        assert UNKNOWN not in text(day.newest("okafor"))


async def test_two_of_one_name_told_by_the_whole_name_and_by_the_group(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Smith")
        assert text(day.newest("okafor")).startswith("Ana S.\nSchool: Ms Okafor (Maths)")
        await day.house.say("okafor", "who Ana Romero (7A)")
        assert text(day.newest("okafor")) == "Ana R.\nSchool: Ms Okafor (Maths)\nHome: Tom"


async def test_an_unknown_name_gets_one_sentence(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Zoe")
        assert text(day.newest("okafor")) == UNKNOWN


async def test_a_coordinator_names_any_child(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "who")
        assert text(day.newest("ruiz")) == "Write who and a child's name, like: who Ana Romero."
        await day.house.say("ruiz", "who Leo Stern")
        assert text(day.newest("ruiz")) == "Leo\nSchool: Mr Lind (Art)\nHome: Max"
        assert labels(day.newest("ruiz")) == [
            "End: Max",
            "Invite somebody else at home",
            "Let the report rest",
        ]


async def test_five_children_are_not_twenty_lines(tmp_path: Path) -> None:
    """Of many, those who wait for somebody at home are told, then the names of the others."""
    async with Day(quick(tmp_path)) as day:
        await day.house.say("okafor", "who")
        assert text(day.newest("okafor")) == (
            "Ana · Ben · Chloe · Dev · Eli\nWrite who and a child's name, like: who Ana Romero."
        )


# --- codes -----------------------------------------------------------------------------------------------------------


async def test_a_new_code_is_kept_nowhere(tmp_path: Path) -> None:
    """Sue lost her letter: one tap, the code in a reply, and nothing of it in the database's files."""
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Smith")
        assert "Home: Sue (has not joined yet)" in text(day.newest("okafor"))
        await day.taps("okafor", "New code: Sue")
        first = code_in(day, "okafor")
        assert text(day.newest("okafor")).splitlines() == [
            "For Sue Smith, to hand over in person:",
            f"join {first}",
            "It works once, for 14 days. I do not keep it, so please note it now.",
        ]
        kept = everything_kept(tmp_path)
        assert len(kept) > 10_000 and first.encode() not in kept and first.replace("-", "").encode() not in kept
        await day.taps("okafor", "New code: Sue")
        second = code_in(day, "okafor")
        assert second != first
        assert (await day.house.say("sue", f"join {first}")).toast.startswith("This code does not work."), "the old one"
        await day.house.say("sue", f"join {second}")
        await day.taps("sue", "That's right", "Yes, join")
        await day.taps("okafor", "Yes, that's Sue")
        await day.house.say("okafor", "who Ana Smith")
        assert "Home: Sue" in text(day.newest("okafor")) and "New code: Sue" not in labels(day.newest("okafor"))


async def test_somebody_else_at_home_in_another_language(database: str) -> None:
    """A name and a language are typed; the newcomer is greeted in it."""
    async with Day(new_store(database), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        assert text(day.newest("okafor")).startswith(
            "Who answers at home? Write the name, and the language if you like: Lucía Romero, Spanish."
        )
        await day.house.say("okafor", "Lucía Romero, Spanish")
        code = code_in(day, "okafor")
        day.sees("okafor", "You have the code. They can join at once.", "Home: Tom, Lucía (has not joined yet)")
        await day.house.say("lucia", f"join {code}")
        assert text(day.newest("lucia")) == "Hola. Te unes por A. R., 7A, Ms Okafor. ¿Es correcto?"
        await day.taps("lucia", "Sí, es correcto", "Sí, me uno")
        await day.taps("okafor", "Yes, that's Lucía")
        await day.at("17:30")
        day.sees("lucia", "Ana · martes")
        well_said(day, "okafor", "lucia")


async def test_the_same_person_is_not_invited_twice(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        for _ in range(2):
            await day.house.say("okafor", "who Ana Romero")
            await day.taps("okafor", "Invite somebody else at home")
            await day.house.say("okafor", "lucía romero" if _ else "Lucía Romero")
        await day.house.say("okafor", "who Ana Romero")
        assert "Home: Tom, Lucía (has not joined yet)" in text(day.newest("okafor"))


async def test_who_has_joined_needs_no_code(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        await day.house.say("okafor", "Tom Romero")
        day.does_not_see("okafor", "For Tom Romero, to hand over in person:")


async def test_back_from_the_name(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        assert labels(day.newest("okafor")) == ["Back"]


async def test_the_question_for_a_name_folds(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS, start="12:00") as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        await day.at("12:15")
        await day.house.say("okafor", "Lucía Romero")
        folded = "Who answers at home?" not in text(day.screen("okafor")[0])
        assert folded, "she wrote to an open question and read that it was not understood"


async def test_a_command_is_no_name(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS, start="12:00") as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        await day.house.say("okafor", "today")
        assert text(day.newest("okafor")) == "Your card comes at 3:10 PM."
        await day.house.say("okafor", "Lucía Romero, Spanish")
        code_in(day, "okafor")


@pytest.mark.parametrize("typed", ["Lucía Romero (Spanish)", "Lucía Romero - Spanish", "Lucía Romero, Klingon"])
async def test_a_language_is_no_part_of_a_name(tmp_path: Path, typed: str) -> None:
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "who Ana Romero")
        await day.taps("okafor", "Invite somebody else at home")
        await day.house.say("okafor", typed)
        day.does_not_see("okafor", f"For {typed}")


async def test_a_guardian_invites_nobody(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("tom", "who")
        assert "Invite somebody else at home" not in labels(day.newest("tom"))


# --- ending ----------------------------------------------------------------------------------------------------------


async def test_a_link_ends_at_once(database: str) -> None:
    """The coordinator ends it: his cards close, his buttons are dead, and Lucía is asked tonight."""
    async with Day(new_store(database)) as day:
        await joined_coordinator(day)
        await day.at("17:30")
        card = day.sees("tom", "Ana · Tuesday")
        await day.house.say("ruiz", "who Ana Romero")
        await day.taps("ruiz", "End: Tom")
        asked = day.newest("ruiz")
        assert text(asked) == "Tom then gets nothing more about Ana, from this moment on. Is that right?"
        assert labels(asked) == ["Yes, end it", "Back"]
        await day.taps("ruiz", "Back")
        assert "End: Tom" in labels(day.newest("ruiz"))
        await day.taps("ruiz", "End: Tom", "Yes, end it")
        assert text(day.newest("ruiz")).startswith("It has ended. Nothing more goes there.")
        assert text(day.newest("tom")) == "This card is closed." and not labels(day.newest("tom"))
        await day.house.tap("tom", card, "I'll answer instead")
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"
        await day.house.say("tom", "who")
        assert text(day.newest("tom")) == "No child follows a daily report with you now."
        await day.at("23:30")
        day.does_not_see("tom", "Lucía")
        well_said(day, "ruiz", "tom")


async def test_a_teacher_ends_no_guardians_link(tmp_path: Path) -> None:
    async with Day(quick(tmp_path)) as day:
        await day.house.say("okafor", "who Ana Romero")
        assert not [label for label in labels(day.newest("okafor")) if label.startswith("End")]


async def test_an_ending_that_folds_ends_nothing(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00") as day:
        await joined_coordinator(day)
        await day.house.say("ruiz", "who Ana Romero")
        await day.taps("ruiz", "End: Tom")
        await day.at("12:11")
        assert "End: Tom" in labels(day.newest("ruiz"))
        await day.at("17:30")
        day.sees("tom", "Ana · Tuesday")


async def test_in_spanish(tmp_path: Path) -> None:
    """A teacher who reads Spanish: the whole of it, and not one English word but the school's own names."""
    async with Day(quick(tmp_path), roster=TWO_ANAS, users=TWO_USERS) as day:
        await day.house.say("okafor", "language")
        await day.taps("okafor", "Español")
        await day.house.say("okafor", "quién Ana Smith")
        assert labels(day.newest("okafor")) == [
            "Código: Sue",
            "Invitar a otra persona en casa",
            "Que el informe descanse",
        ]
        await day.taps("okafor", "Código: Sue")
        assert "Para Sue Smith, para entregar en persona:" in text(day.newest("okafor"))
        await day.taps("okafor", "Invitar a otra persona en casa")
        await day.house.say("okafor", "Lucía Romero, español")
        day.sees("okafor", "Ya tienes el código.")
        await day.house.say("okafor", "quién Nadie")
        day.sees("okafor", "No conozco a ese niño o niña aquí.")
        well_said(day, "okafor", spanish=("okafor",))
