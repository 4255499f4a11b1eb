"""Joining as script E tells it: a code, two taps, the school's yes; and everybody who should not get in."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.codes import hashed, new_code
from storage.load import address, invitation
from storage.office import Invited, invite
from storage.store import Store
from tests.days import Day, labels, new_store, text

TEACHERS = {"Ms Okafor": "okafor", "Mr Lind": "lind", "Mr Díaz": "diaz"}
UNKNOWN = "This code does not work. Please ask the school for a new one."


def codes(day: Day, **how: Any) -> dict[str, Invited]:
    store = day.house.store
    made: list[Invited] = store.turn(
        "lincoln",
        day.house.clock.now(),
        lambda turn: invite(
            turn, day.house.desk.secret, how.get("role"), how.get("children"), how.get("name", ""), True
        ),
    )
    return {one.person: one for one in made}


def states(store: Store) -> set[str]:
    with store.engine.begin() as connection:
        return set(connection.execute(select(invitation.c.state)).scalars())


async def test_two_taps_and_the_schools_yes(database: str) -> None:
    """Script E: before the confirming tap a child is initials; afterwards today's card comes."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        made = codes(day)
        assert set(made) >= {"Lucía Romero", "Tom Romero", "Ms Park"} and "Ms Okafor" not in made
        lucia = made["Lucía Romero"]
        assert (lucia.student, lucia.language, len(lucia.code)) == ("Ana Romero", "es", 10)
        await day.house.say("new", f"/start {lucia.token}")
        hello = day.sees("new", "A. R., 7B, Ms Okafor")
        assert "Ana" not in text(hello) and labels(hello) == ["Sí, es correcto", "No es mi hijo/a", "Idioma"]
        await day.taps("new", "Sí, es correcto", "Sí, me uno")
        day.sees("new", "Gracias. El colegio confirma que eres tú")
        claim = day.sees("okafor", "Lucía", "wants to join for Ana.")
        assert labels(claim) == ["Yes, that's Lucía", "No"] and claim.rang
        await day.taps("okafor", "Yes, that's Lucía")
        day.sees("new", "Te damos la bienvenida.", "5:30 p.m.", "Ana")
        assert len(day.screen("new")) == 1 and day.rings("okafor") == 1
        await day.at("17:30")
        assert labels(day.newest("new"))[0] == "Todo hecho ✓"


async def test_who_joins_inside_the_window_gets_todays_card(database: str) -> None:
    async with Day(new_store(database), users=TEACHERS, start="15:09") as day:
        made = codes(day)
        await day.at("17:40")
        await day.house.say("new", f"join {made['Tom Romero'].code.lower()}")
        await day.taps("new", "That's right", "Yes, join")
        await day.taps("okafor", "Yes, that's Tom")
        assert labels(day.newest("new", "All done ✓"))[0] == "All done ✓"


async def test_twenty_families_ring_once(database: str) -> None:
    """F17: all open claims stand on one card, with `Yes to all` from two on."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        made = codes(day)
        for name in ("Ada Osei", "Jean Martin", "Mina Shah", "Ruth Weiss"):
            await day.house.say(name, f"join {made[name].code}")
            await day.taps(name, "That's right", "Yes, join")
        assert day.rings("okafor") == 1
        assert "Yes to all" in labels(day.newest("okafor"))
        await day.taps("okafor", "Yes to all")
        assert labels(day.newest("okafor")) == ["Undo Ada", "Undo Jean", "Undo Mina", "Undo Ruth"]
        for name in ("Ada Osei", "Mina Shah"):
            day.sees(name, "Welcome.")


async def test_the_school_says_no(database: str) -> None:
    """G-033: nothing of the child was shown, and nothing comes."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        made = codes(day)
        await day.house.say("stranger", f"join {made['Tom Romero'].code}")
        await day.taps("stranger", "That's right", "Yes, join")
        await day.taps("okafor", "No")
        day.sees("stranger", "We could not confirm this.")
        day.does_not_see("stranger", "Ana")
        await day.at("20:00")
        assert len(day.screen("stranger")) == 1
        assert (await day.house.say("stranger", "today")).reply is not None


@pytest.mark.parametrize("spoiled", ["used", "expired", "revoked", "invented", "declined"])
async def test_wrong_used_and_expired_codes_get_one_answer(database: str, spoiled: str) -> None:
    """G-030, G-031, G-032."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        code = codes(day)["Tom Romero"].code
        if spoiled in ("used", "declined"):
            await day.house.say("first", f"join {code}")
            await day.taps("first", "That's right", *(["Yes, join"] if spoiled == "used" else []))
            if spoiled == "declined":
                return await _declines(day)
            await day.taps("okafor", "Yes, that's Tom")
        if spoiled == "expired":
            day.house.clock.at += timedelta(days=15)
        if spoiled == "revoked":
            codes(day)
        answer = await day.house.say("second", f"join {new_code() if spoiled == 'invented' else code}")
        assert answer.reply is not None and answer.toast == UNKNOWN
        with day.house.store.engine.begin() as connection:
            assert "second" not in set(connection.execute(select(address.c.user)).scalars())


async def _declines(day: Day) -> None:
    await day.taps("first", "No, thanks")
    day.sees("first", "This invitation is not in use.")


async def test_only_a_few_tries_an_hour(database: str) -> None:
    """G-030: after five wrong codes even the right one has to wait an hour."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        code = codes(day)["Tom Romero"].code
        for _ in range(5):
            await day.house.say("guesser", f"join {new_code()}")
        assert (await day.house.say("guesser", f"join {code}")).toast == UNKNOWN
        day.house.clock.at += timedelta(hours=1, minutes=1)
        await day.house.say("guesser", f"join {code}")
        day.sees("guesser", "You are joining for A. R.")


async def test_a_code_is_kept_as_a_hash_only(database: str) -> None:
    """G-084."""
    async with Day(new_store(database), users=TEACHERS) as day:
        made = codes(day)["Tom Romero"]
        with day.house.store.engine.begin() as connection:
            rows = [dict(row._mapping) for row in connection.execute(select(invitation))]
        assert made.code not in json.dumps(rows, default=str) and made.token not in json.dumps(rows, default=str)
        assert hashed(made.code, "another key") not in json.dumps(rows, default=str)


async def test_a_second_invitation_makes_no_second_person(database: str) -> None:
    """A guardian of two children, invited twice, is one person with one card."""
    roster = """student,class,teacher,guardian,daily
Ana Romero,Maths,Ms Okafor,Lucía Romero,yes
Leo Romero,Maths,Ms Okafor,Lucía Romero,yes
"""
    async with Day(new_store(database), roster=roster, users={"Ms Okafor": "okafor"}, start="12:00") as day:
        store = day.house.store
        made: list[Invited] = store.turn(
            "lincoln", day.house.clock.now(), lambda turn: invite(turn, day.house.desk.secret, None, None, "", True)
        )
        assert [one.person for one in made] == ["Lucía Romero", "Lucía Romero"]
        for one in made:
            await day.house.say("lucia", f"join {one.code}")
            await day.taps("lucia", "That's right", "Yes, join")
            await day.taps("okafor", "Yes, that's Lucía")
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("17:30")
        card = day.newest("lucia")
        assert "Ana · Tuesday" in text(card) and "Leo · Tuesday" in text(card)
        await day.taps("lucia", "All done ✓")
        assert "Ana · Tuesday · done" in text(day.newest("lucia")) and "Leo: how did it go?" in text(
            day.newest("lucia")
        )
        await day.taps("lucia", "All done ✓")
        day.sees("okafor", "At home: 2 done")


async def test_a_teacher_joins_with_a_code(database: str) -> None:
    """A teacher without an e-mail address: two taps, no further yes; today's card follows."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        await day.house.say("park", f"/start {codes(day)['Ms Park'].token}")
        day.sees("park", "Ms Park · English")
        await day.taps("park", "That's right", "Yes, join")
        day.sees("park", "Each school day at 3:10 PM")
        await day.at("15:10")
        assert labels(day.newest("park"))[0] == "All written ✓"


async def test_two_children_of_one_first_name_are_told_apart(database: str) -> None:
    """G-041: by initial, by group, at last by the whole name."""
    roster = """student,group,class,teacher,daily
Ana Romero,7A,Maths,Ms Okafor,yes
Ana Smith,7A,Maths,Ms Okafor,yes
Ben Osei,7A,Maths,Ms Okafor,yes
Ben Owen,7B,Maths,Ms Okafor,yes
"""
    async with Day(new_store(database), roster=roster, users={"Ms Okafor": "okafor"}) as day:
        await day.at("15:10")
        day.sees("okafor", "Ana R. · Ana S. · Ben O. (7A) · Ben O. (7B)")


async def test_a_long_list_has_pages(database: str) -> None:
    """F03: fifteen names a page, `More names` and `Back` last; several classes stand by name before their children."""
    rows = "".join(f"Child{n:02} X,Maths,Ms Okafor,yes\n" for n in range(20)) + "Child00 X,Physics,Ms Okafor,yes\n"
    roster = "student,class,teacher,daily\n" + rows
    async with Day(new_store(database), roster=roster, users={"Ms Okafor": "okafor"}) as day:
        await day.at("15:10")
        await day.taps("okafor", "Mark one")
        first = labels(day.newest("okafor"))
        assert first[0] == "Maths" and first[-2:] == ["More names", "Back"] and len(first) == 17
        assert "Child00 (Maths)" in first
        await day.taps("okafor", "More names", "Child19", "Absent")
        day.sees("okafor", "Child19: absent", "20 open")
        await day.taps("okafor", "Mark one", "More names", "Physics", "No homework")
        day.sees("okafor", "19 open")


async def test_nobody_has_joined_at_home_yet(database: str) -> None:
    """F01: the teacher's card runs and says so."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor"}, day=date(2026, 9, 15)) as day:
        await day.at("15:10")
        day.sees("okafor", "Home has not joined yet: Ana · Ben · Chloe · Dev · Eli")
