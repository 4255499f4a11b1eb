"""`add`: a teacher's child in the daily report in under a minute, from a name to the parent's first card (F17, F48)."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.model import Fact
from storage.load import enrolment, student
from tests.days import Day, labels, new_store, text
from tests.test_settings import WEDNESDAY, child, in_turn, quick, well_said
from tests.test_two_homes import joined_coordinator
from tests.test_who import code_in, everything_kept

SMALL = """student,group,class,teacher,guardian,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,Tom Romero,en,yes
Ben Osei,7B,Physics,Ms Okafor,Ada Osei,en,yes
Leo Stern,7B,Art,Mr Lind,Max Stern,en,yes
"""
USERS = {"Ms Okafor": "okafor", "Mr Lind": "lind", "Tom Romero": "tom", "Ada Osei": "ada", "Max Stern": "max"}
ONE_CLASS = {"roster": SMALL.replace("Physics", "Maths"), "users": USERS}
TWO_CLASSES = {"roster": SMALL, "users": USERS}


def children(day: Day) -> list[str]:
    """Every child of the school, one by one."""
    with day.house.store.engine.begin() as connection:
        return sorted(connection.execute(select(student.c.name)).scalars())


def placed(day: Day, name: str) -> int:
    """In how many classes children of that name are."""
    both = enrolment.join(student, student.c.id == enrolment.c.student)
    with day.house.store.engine.begin() as connection:
        return len(connection.execute(select(enrolment).select_from(both).where(student.c.name == name)).all())


# --- the whole path --------------------------------------------------------------------------------------------------


async def test_from_a_name_to_the_first_card(database: str) -> None:
    """The teacher's five taps and messages, the parent's three, and tomorrow both cards come."""
    async with Day(new_store(database), **ONE_CLASS) as day:  # type: ignore[arg-type]
        steps = 0
        await day.house.say("okafor", "add Zoe Lane")
        assert text(day.newest("okafor")).splitlines() == [
            "New in Maths, please look:",
            "New: Zoe Lane",
            "The daily report starts with the next school day.",
        ]
        assert labels(day.newest("okafor")) == ["Add them", "Back"]
        await day.taps("okafor", "Add them")
        assert text(day.newest("okafor")) == "Thank you. The daily report starts with the next school day: Zoe."
        assert labels(day.newest("okafor")) == ["Zoe: invite home"]
        await day.taps("okafor", "Zoe: invite home")
        day.sees("okafor", "Who answers at home? Write the name, and the language if you like: Lucía Romero, Spanish.")
        await day.house.say("okafor", "Kim Lane, Spanish")
        code = code_in(day, "okafor")
        steps += 4
        await day.house.say("kim", f"join {code}")
        assert text(day.newest("kim")) == "Hola. Te unes por Z. L., Ms Okafor. ¿Es correcto?"
        await day.taps("kim", "Sí, es correcto", "Sí, me uno")
        await day.taps("okafor", "Yes, that's Kim")
        steps += 1
        assert steps <= 6
        day.sees("kim", "Te damos la bienvenida.", "Zoe")
        await day.at("15:10", WEDNESDAY)
        assert "Ana · Ben · Zoe" in text(day.sees("okafor", "Wed, Sep 16 · planners seen?"))
        await day.taps("okafor", "All written ✓")
        await day.at("17:30")
        assert text(day.newest("kim")).startswith("Zoe · miércoles · todo anotado ✓")
        await day.taps("kim", "Todo hecho ✓")
        day.sees("okafor", "Zoe done")
        well_said(day, "okafor", "kim", spanish=())


async def test_the_code_is_kept_nowhere(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        await day.taps("okafor", "Add them", "Zoe: invite home")
        await day.house.say("okafor", "Kim Lane")
        code, kept = code_in(day, "okafor"), everything_kept(tmp_path)
        assert b"Zoe Lane" in kept and code.encode() not in kept and code.replace("-", "").encode() not in kept


async def test_the_card_after_a_code(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        await day.taps("okafor", "Add them", "Zoe: invite home")
        await day.house.say("okafor", "Kim Lane")
        assert not any("Add them" in labels(bubble) for bubble in day.screen("okafor"))


async def test_two_families_one_after_the_other(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add\nZoe Lane\nMax Fox")
        await day.taps("okafor", "Add them", "Zoe: invite home")
        await day.house.say("okafor", "Kim Lane")
        await day.taps("okafor", "Max: invite home")
        await day.house.say("okafor", "Rae Fox")
        day.sees("okafor", "For Rae Fox, to hand over in person:")


# --- one class, several classes, none --------------------------------------------------------------------------------


async def test_the_names_are_asked_for(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add")
        assert text(day.newest("okafor")) == "Write the children's names, one on each line."
        await day.house.say("okafor", "Zoe Lane\nMax Fox")
        assert "New: Zoe Lane\nNew: Max Fox" in text(day.newest("okafor"))
        assert "Zoe Lane" not in children(day), "nothing is stored before the tap"
        await day.taps("okafor", "Add them")
        assert {"Zoe Lane", "Max Fox"} <= set(children(day))


async def test_which_class(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **TWO_CLASSES) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        assert text(day.newest("okafor")) == "Which class?\nNew: Zoe Lane"
        assert labels(day.newest("okafor")) == ["Maths", "Physics", "Back"]
        await day.taps("okafor", "Physics")
        assert text(day.newest("okafor")).startswith("New in Physics, please look:")
        await day.taps("okafor", "Add them")
        await day.at("15:10", WEDNESDAY)
        day.sees("okafor", "Physics: Ben · Zoe")


async def test_back_before_anything_is_stored(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **TWO_CLASSES) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        await day.taps("okafor", "Physics", "Back")
        assert text(day.newest("okafor")) == "Write the children's names, one on each line."
        await day.house.say("okafor", "Max Fox")
        await day.taps("okafor", "Maths", "Add them")
        assert "Max Fox" in children(day) and "Zoe Lane" not in children(day)


@pytest.mark.parametrize("path", [[], ["Add them", "Zoe: invite home"]])
async def test_back_stands_on_every_step(tmp_path: Path, path: list[str]) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane" if path else "add")
        await day.taps("okafor", *path)
        assert "Back" in labels(day.newest("okafor"))


@pytest.mark.parametrize("who", ["tom", "ruiz"])
async def test_who_is_no_teacher_adds_nobody(tmp_path: Path, who: str) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await joined_coordinator(day)
        await day.house.say(who, "add Zoe Lane")
        assert text(day.newest(who)) == "Teachers add children to their own classes here. The office imports a roster."
        assert not labels(day.newest(who)) and "Zoe Lane" not in children(day)


async def test_who_is_no_teacher_is_still_answered(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("tom", "add")
        before = len(day.screen("tom"))
        await day.house.say("tom", "thank you")
        assert len(day.screen("tom")) == before + 1


async def test_what_is_refused_is_not_kept(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("tom", "add Zoe Zimmermann")
        assert b"Zimmermann" not in everything_kept(tmp_path)


async def test_a_class_that_is_somebody_elses(tmp_path: Path) -> None:
    """A button altered to Mr Lind's Art: nobody is added."""
    async with Day(quick(tmp_path), **TWO_CLASSES) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        card = day.newest("okafor")
        own = card.message.rows[0][0].value
        for n in "123456789":
            await day.house.press("okafor", card.ref, own[:-1] + n)
        assert text(day.newest("okafor")).splitlines()[0] in (
            "New in Maths, please look:",
            "New in Physics, please look:",
        )


# --- how lists are pasted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "add\nZoe Lane\nMax Fox",
        "add\r\nZoe Lane\r\n\r\nMax Fox\r\n",
        "add\n1. Zoe Lane\n2. Max Fox",
        "add\n- Zoe Lane\n• Max Fox",
        "add\n  Zoe   Lane  \n\tMax Fox",
        "añadir\nZoe Lane\nMax Fox",
        "/add\nZoe Lane\nMax Fox",
    ],
)
async def test_a_list_in_several_shapes(tmp_path: Path, pasted: str) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", pasted)
        assert "New: Zoe Lane\nNew: Max Fox" in text(day.newest("okafor")), pasted


async def test_a_name_beside_the_word_and_more_below(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane\nMax Fox")
        assert "New: Zoe Lane\nNew: Max Fox" in text(day.newest("okafor"))


async def test_two_names_with_a_comma(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane, Max Fox")
        assert "New: Zoe Lane\nNew: Max Fox" in text(day.newest("okafor"))


async def test_what_was_beside_a_name_is_left_out_and_told(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add\nZoe Lane (7B)\nMax Fox; max@home.example; 555-1234\nZoe Lane (7B)")
        said = text(day.newest("okafor"))
        assert "New: Zoe Lane (7B)\nNew: Max Fox" in said
        assert "Line 2: I took “Max Fox” and did not keep the number or address." in said
        assert "Line 3: “Zoe Lane” stands in the list twice and counts once." in said
        await day.taps("okafor", "Add them")
        assert children(day).count("Zoe Lane") == 1
        assert b"max@home.example" not in everything_kept(tmp_path)


async def test_nothing_was_understood(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add\n???\n12")
        assert text(day.newest("okafor")).splitlines() == [
            "Line 1: I found no name there.",
            "Line 2: I found no name there.",
            "Write the children's names, one on each line.",
        ]
        await day.house.say("okafor", "Zoe Lane")
        assert "New: Zoe Lane" in text(day.newest("okafor"))


async def test_forty_one_names(tmp_path: Path) -> None:
    """Forty are taken, the one that is left is told by name."""
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say(
            "okafor", "add\n" + "\n".join(f"Kid Number{chr(65 + n // 9)}{chr(97 + n % 9)}" for n in range(41))
        )
        said = text(day.newest("okafor"))
        assert "+ 28" in said and "I read 40 names at once." in said
        await day.taps("okafor", "Add them")
        assert len([name for name in children(day) if name.startswith("Kid")]) == 40
        assert len(labels(day.newest("okafor"))) == 16 and labels(day.newest("okafor"))[-1] == "More names"
        well_said(day, "okafor")


async def test_the_thirteenth_family_is_invited_too(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add\n" + "\n".join(f"Kid{chr(97 + n)} Fox" for n in range(14)))
        await day.taps("okafor", "Add them")
        shown = text(day.newest("okafor")) + " ".join(labels(day.newest("okafor")))
        assert "More names" in shown or "who" in shown or "Kidn" in shown


# --- known children --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Leo Stern (7B)", "Leo  Stern (7B) ", "Leo Stern, 7B", "Leo Stern 7B"])
async def test_a_child_who_is_known_with_group(tmp_path: Path, typed: str) -> None:
    """Mr Lind's Leo comes to maths as well: the same child, two classes."""
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", f"add {typed}")
        assert "Known already: Leo Stern (7B)" in text(day.newest("okafor"))
        await day.taps("okafor", "Add them")
        assert children(day).count("Leo Stern") == 1 and placed(day, "Leo Stern") == 2


@pytest.mark.parametrize("typed", ["Leo Stern", "leo stern", "LEO STERN (7b)"])
async def test_a_child_who_is_known_is_no_second_child(tmp_path: Path, typed: str) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", f"add {typed}")
        assert "Known already:" in text(day.newest("okafor"))
        await day.taps("okafor", "Add them")
        assert len([name for name in children(day) if name.casefold() == "leo stern"]) == 1


async def test_whether_a_child_exists_elsewhere(tmp_path: Path) -> None:
    """A new name is told as new."""
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        assert "Known already" not in text(day.newest("okafor"))


async def test_a_pause_of_the_office_stands(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        now = day.house.clock.now()
        pause = Fact("report", "pause", now, "office", 0, "admin", child(day, "Leo Stern"), day=day.day)
        in_turn(day, lambda turn: turn.record([pause]))
        await day.house.say("okafor", "add Leo Stern (7B)")
        await day.taps("okafor", "Add them")
        await day.at("17:30", WEDNESDAY)
        day.does_not_see("max", "Leo · Wednesday")


# --- time ------------------------------------------------------------------------------------------------------------


async def test_added_before_the_card_of_the_day(tmp_path: Path) -> None:
    """It begins with the next school day, as was said; today's card stays as it is."""
    async with Day(quick(tmp_path), start="09:00", **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        await day.taps("okafor", "Add them")
        await day.at("15:10")
        assert "Zoe" not in text(day.sees("okafor", "Tue, Sep 15 · planners seen?"))


async def test_added_twice_by_a_double_tap(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add Zoe Lane")
        card = day.newest("okafor")
        await day.house.tap("okafor", card, "Add them")
        await day.house.tap("okafor", card, "Add them")
        assert children(day).count("Zoe Lane") == 1


async def test_a_question_that_waits_no_more_folds(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00", **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add")
        await day.at("12:05", WEDNESDAY)
        assert text(day.screen("okafor")[0]) != "Write the children's names, one on each line."


async def test_a_command_while_names_are_awaited(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), start="12:00", **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "add")
        await day.house.say("okafor", "today")
        assert text(day.newest("okafor")) == "Your card comes at 3:10 PM."
        await day.house.say("okafor", "Zoe Lane")
        day.sees("okafor", "New: Zoe Lane")


async def test_in_spanish(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "language")
        await day.taps("okafor", "Español")
        await day.house.say("okafor", "añadir")
        assert text(day.newest("okafor")) == "Escribe los nombres, uno en cada línea."
        await day.house.say("okafor", "???")
        assert text(day.newest("okafor")).startswith("Línea 1: no encontré ningún nombre.")
        await day.house.say("okafor", "Zoe Lane\nZoe Lane\nMax")
        await day.taps("okafor", "Añadirlos", "Zoe: invitar a casa")
        await day.house.say("okafor", "Kim Lane, español")
        assert "Para Kim Lane, para entregar en persona:" in text(day.newest("okafor"))
        well_said(day, "okafor", spanish=("okafor",))


async def test_a_teacher_finds_it_in_help(tmp_path: Path) -> None:
    async with Day(quick(tmp_path), **ONE_CLASS) as day:  # type: ignore[arg-type]
        await day.house.say("okafor", "help")
        assert " add" in text(day.newest("okafor"))
