"""People who come, change, leave and come back, as dialogues: who they are, what they may, and when it ends."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.web.chat import Bubble, WebChat
from bot.codes import new_code
from bot.hands import LaneHand
from bot.lanes import UNLIMITED, Pace
from bot.policy import MAY
from bot.ports import Account, Answer, Said, Tapped
from bot.roster import read
from bot.schooldays import instant
from storage import links
from storage.load import address, card, fact, invitation, person, relation
from storage.rosters import put
from tests.days import ROSTER, TUESDAY, USERS, Day, labels, new_store, text
from tests.test_joining import UNKNOWN, codes
from tests.test_oddities import Slow, forged, value
from tests.test_refused import child, joins, letter, on

WEDNESDAY, THURSDAY = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)
NOT_YOURS = "This question is not for you."
HEAD = "student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily\n"
TWO = HEAD + (
    "Ana Romero,7B,Maths,Ms Okafor,,Tom Romero,T1,en,yes\n"
    "Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,L1,en,yes\n"
    "Leo Romero,7A,History,Mr Díaz,,Tom Romero,T1,en,yes\n"
)
TWO_USERS = {"Ms Okafor": "okafor", "Mr Díaz": "diaz", "Tom Romero": "tom", "Lucía Romero": "lucia"}
TEACHERS = {name: user for name, user in USERS.items() if user in ("okafor", "lind", "diaz", "park")}
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def rows(day: Day, table: Any) -> list[Any]:
    with day.house.store.engine.begin() as connection:
        return list(connection.execute(select(table).order_by(table.c.id if "id" in table.c else table.c.n)))


def facts(day: Day, *kinds: str) -> list[Any]:
    return [row for row in rows(day, fact) if not kinds or row.kind in kinds]


async def coordinator(day: Day) -> str:
    """Mr Ruiz, whose user is ruiz."""
    await joins(day, "ruiz", codes(day, role="coordinator", name="Mr Ruiz")["Mr Ruiz"].code)
    return "ruiz"


async def ends(day: Day, guardian: str, student: str, when: date | None = None) -> None:
    """The office ends that link, today or on a date."""
    store, now = day.house.store, day.house.clock.now()
    assert store.turn("lincoln", now, lambda turn: links.end(turn, guardian, child(day, student), when, "by order"))
    await day.house.hands.rest()


async def import_(day: Day, roster: str) -> None:
    """The office imports this sheet."""
    day.house.enrol(roster, {})
    await day.house.settle()


def buttons(day: Day, user: str) -> list[tuple[Bubble, str]]:
    """Every button that stands on that screen now, as (message, data)."""
    return [(bubble, b.value) for bubble in day.screen(user) for row in bubble.message.rows for b in row]


def offered(answer: Answer) -> str:
    """The code in a reply, as it is typed."""
    assert answer.reply is not None
    whole = "\n".join("".join(span.text for span in line) for line in answer.reply.lines)
    return whole.split("join ", 1)[1].split("\n", 1)[0].split(". ", 1)[0].removesuffix(".")


def newer(day: Day, user: str, after: int) -> str:
    """What has come to that screen after its first `after` messages."""
    return "\n".join(text(bubble) for bubble in day.screen(user)[after:])


class Second:
    """A second lane of the same bot, on which people have other accounts."""

    def __init__(self, day: Day, name: str = "second") -> None:
        self.day = day
        self.lane = day.house.store.lane("web", name)
        self.chat = WebChat(name, self.lane.id)
        day.house.hands.lanes[self.lane.id] = LaneHand(self.lane, self.chat, Pace(UNLIMITED, 1000))

    def screen(self, user: str) -> list[Bubble]:
        return [bubble for bubble in self.chat.bubbles(user) if not bubble.mine]

    async def say(self, user: str, said: str) -> Answer:
        answer = await self.chat.say(user, said)
        await self.day.house.hands.rest()
        return answer

    async def press(self, user: str, bubble: Bubble, label: str) -> Answer:
        answer = await self.chat.tap(user, bubble.ref, value(bubble, label))
        await self.day.house.hands.rest()
        return answer


@asynccontextmanager
async def second(day: Day) -> AsyncIterator[Second]:
    other = Second(day)
    listening = asyncio.create_task(other.chat.listen(day.house.desk))
    try:
        yield other
    finally:
        listening.cancel()
        await asyncio.wait([listening])


# --- buttons in other hands, and of other days ------------------------------------------------------------------------


async def test_every_button_of_everybody_pressed_by_everybody_else(database: str) -> None:
    """G-020, G-022: forwarded buttons of the day's cards, of claims and of every dialogue are refused and change none."""
    users = {name: user for name, user in USERS.items() if user not in ("mina", "ruth", "sun", "rui", "jean")}
    async with Day(new_store(database), users=users) as day:
        await coordinator(day)
        await joins(day, "mina", letter(day, "Mina Shah", "Dev Shah"))
        await day.at("17:31")
        for user, words in {
            "okafor": ("settings", "who", "pause", "add Zoe Zed"), "tom": ("settings", "pause"),
            "ruiz": ("settings", "who Ana Romero", "help"),
        }.items():  # fmt: skip
            for word in words:
                await day.house.say(user, word)
        before = [[row._mapping[c] for c in ("id", "kind", "view", "ref", "key")] for row in rows(day, card)]
        said, pressed = len(facts(day)), 0
        for owner in ("okafor", "tom", "lucia", "ruiz", "ada"):
            for bubble, data in buttons(day, owner):
                for thief in {"okafor", "tom", "ruiz", "diaz", "nobody", "mina"} - {owner}:
                    answer = await day.house.press(thief, bubble.ref, data)
                    assert (answer.toast, answer.reply) == (NOT_YOURS, None), data
                    pressed += 1
        assert pressed > 150 and len(facts(day)) == said
        after = [[row._mapping[c] for c in ("id", "kind", "view", "ref", "key")] for row in rows(day, card)]
        assert after == before


async def test_buttons_of_last_week_are_not_for_today(database: str) -> None:
    """G-023: the day's cards and `pause`, pressed seven days later, say nothing of this Tuesday."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        for user in ("okafor", "tom"):
            await day.house.say(user, "pause")
        old = {user: buttons(day, user) for user in ("okafor", "tom", "lucia")}
        await day.at("18:00", TUESDAY + timedelta(days=7))
        said = len(facts(day))
        for user, stood in old.items():
            for bubble, data in stood:
                await day.house.press(user, bubble.ref, data)
        assert [row for row in facts(day)[said:] if row.student] == []


@on_postgresql
async def test_two_guardians_at_the_same_instant_many_times(database: str) -> None:
    """G-025: both behind one barrier on four evenings; both are kept each time."""
    async with Day(new_store(database)) as day:
        house, n = day.house, 0
        for n in range(4):
            await day.at("17:31", TUESDAY + timedelta(days=n if n < 4 else n + 2))
            await day.taps("tom", "I'll answer instead")
            barrier = threading.Barrier(2)

            def press(user: str, n: int = n, barrier: threading.Barrier = barrier) -> None:
                bubble = [b for b in day.screen(user) if b.message.rows][-1]
                student = bubble.message.rows[0][0].value.rsplit(":", 1)[1]
                tap = Tapped(Account(house.lane.id, user), f"{user}{n}", data=forged(bubble, f"d:{student}"))
                barrier.wait()
                house.store.hear(tap, house.clock.now(), lambda heard: house.desk.decide(tap, heard))

            with ThreadPoolExecutor(2) as threads:
                list(threads.map(press, ("lucia", "tom")))
            await house.hands.rest()
            assert len([row for row in facts(day, "home") if row.day == day.day]) == 2
            assert text(day.sees("okafor", "At home:")).count("Ana done") == 1


# --- a link ends ------------------------------------------------------------------------------------------------------


async def test_after_the_end_every_button_on_the_screen_is_dead(database: str) -> None:
    """G-027: home card with its menu, settings, pause and status still stand there; each press is refused."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        for word in ("settings", "pause", "status", "who"):
            await day.house.say("lucia", word)
        await day.taps("lucia", "Falta algo")
        old = buttons(day, "lucia")
        assert len(old) > 8
        await ends(day, "Lucía Romero", "Ana Romero")
        said = len(facts(day))
        for bubble, data in old:
            assert (await day.house.press("lucia", bubble.ref, data)).toast.startswith("Esta pregunta no es"), data
        assert len(facts(day)) == said and not buttons(day, "lucia")
        day.does_not_see("lucia", "Ana")
        assert "All done ✓" in labels(day.newest("tom"))


STEPS = {
    "before the day": ("09:00", ()),
    "card waits": ("17:29", ()),
    "card stands": ("17:31", ()),
    "menu is open": ("17:40", ("Something's missing",)),
    "answered": ("18:00", ("All done ✓",)),
    "nudged": ("19:46", ()),
    "after the close": ("23:30", ()),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_link_ends_at_every_step_of_a_cards_life(database: str, step: str) -> None:
    """G-039: from that moment no card, no press, no word shows anything of Ana; Lucía is asked instead."""
    clock, path = STEPS[step]
    roster = ROSTER.replace("Lucía Romero,L1,es", "Lucía Romero,L1,en")
    users = {**TEACHERS, "Tom Romero": "tom"}
    async with Day(new_store(database), roster=roster, users=users, start="08:00") as day:
        day.house.enrol(roster, {"Lucía Romero": "lucia"})
        await day.at(clock)
        await day.taps("tom", *path)
        old = buttons(day, "tom")
        await ends(day, "Tom Romero", "Ana Romero")
        said, stood = len(facts(day)), len(day.screen("tom"))
        for bubble, data in old:
            await day.house.press("tom", bubble.ref, data)
        assert len(facts(day)) == said and not buttons(day, "tom")
        day.does_not_see("tom", "Ana")
        for word in ("today", "status", "who", "who Ana Romero", "why", "pause", "resume", "help"):
            await day.house.say("tom", word)
        await day.at("18:00", WEDNESDAY)
        assert "Ana" not in newer(day, "tom", stood)
        assert "All done ✓" in labels(day.newest("lucia"))


async def test_a_link_that_ends_on_a_date_works_until_then(database: str) -> None:
    """G-039: ordered for Thursday: Wednesday's card comes; on Thursday its buttons are dead and no card comes."""
    async with Day(new_store(database)) as day:
        await ends(day, "Tom Romero", "Ana Romero", THURSDAY)
        await day.at("17:31", WEDNESDAY)
        await day.taps("tom", "I'll answer instead")
        old = buttons(day, "tom")
        await day.at("00:01", THURSDAY)
        said, stood = len(facts(day)), len(day.screen("tom"))
        for bubble, data in old:
            await day.house.press("tom", bubble.ref, data)
        await day.at("20:00")
        assert not [row for row in facts(day)[said:] if row.person == day.house.person("Tom Romero")]
        assert "Ana" not in newer(day, "tom", stood)


async def test_a_link_that_ends_on_a_date_closes_what_still_stands(database: str) -> None:
    """G-039: on the date itself Wednesday's card, on which nobody presses, does not go on naming Ana."""
    async with Day(new_store(database)) as day:
        await ends(day, "Tom Romero", "Ana Romero", THURSDAY)
        await day.at("17:31", WEDNESDAY)
        day.sees("tom", "Ana · Wednesday")
        await day.at("08:00", THURSDAY)
        await day.house.settle()
        assert not any("Ana · Wednesday" in text(bubble) for bubble in day.screen("tom"))


async def test_a_card_under_way_while_the_link_ends(database: str) -> None:
    """G-039: it cannot be called back; once it stands there, it is closed."""
    day = Day(new_store(database))
    chat = on(day, Slow(day.house.lane.id))
    async with day:
        await day.at("17:29")
        chat.gate.clear()
        chat.under_way.clear()
        winding = asyncio.create_task(day.at("17:31"))
        await chat.under_way.wait()
        store, now = day.house.store, day.house.clock.now()
        store.turn("lincoln", now, lambda turn: links.end(turn, "Tom Romero", child(day, "Ana Romero"), None, ""))
        chat.gate.set()
        await winding
        await day.house.settle()
        day.does_not_see("tom", "Ana")
        assert not buttons(day, "tom")


async def test_news_of_a_child_that_waits_for_the_morning_is_not_sent_after_the_end(database: str) -> None:
    """G-039: at 23:30 the school says Ana rests for a week; Tom's link to Ana ends at midnight's side, Leo's does not."""
    async with Day(new_store(database), roster=TWO, users=TWO_USERS) as day:
        await day.at("22:30")
        await day.house.say("okafor", "pause until Monday")
        await day.taps("okafor", "Ana is away")
        await ends(day, "Tom Romero", "Ana Romero")
        stood = len(day.screen("tom"))
        await day.at("12:00", WEDNESDAY)
        assert "Ana" not in newer(day, "tom", stood)


async def test_what_stands_about_a_child_is_not_drawn_again_after_the_end(database: str) -> None:
    """G-039: Tom keeps Leo, so his cards are drawn afresh with new keys: none of them names Ana any more."""
    async with Day(new_store(database), roster=TWO, users=TWO_USERS) as day:
        await day.at("17:31")
        await day.house.say("okafor", "pause until Monday")
        await day.taps("okafor", "Ana is away")
        await day.house.say("tom", "resume")
        await day.house.say("tom", "status")
        await day.house.say("tom", "who")
        before = {bubble.ref: bubble.edits for bubble in day.screen("tom")}
        await ends(day, "Tom Romero", "Ana Romero")
        again = [text(b) for b in day.screen("tom") if b.edits > before[b.ref] and "Ana" in text(b)]
        assert not again, again


async def test_a_late_line_is_not_drawn_again_after_the_end(database: str) -> None:
    """G-039, F12: Ana's event stands at Tom's; Ana's link ends, Leo's goes on: the event names Ana no more."""
    roster = TWO.replace("Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,L1,en,yes\n", "")
    async with Day(new_store(database), roster=roster, users=TWO_USERS | {}) as day:
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("17:31")
        await day.taps("okafor", "Change", "Mark one", "Ana", "Not written")
        event = day.sees("tom", "Ana · Tuesday", "1 thing")
        edits = event.edits
        await ends(day, "Tom Romero", "Ana Romero")
        now = next(bubble for bubble in day.screen("tom") if bubble.ref == event.ref)
        assert now.edits == edits or "Ana" not in text(now)


async def test_who_is_added_again_starts_anew(database: str) -> None:
    """G-040: old buttons and the old code stay dead, consent is asked anew, the days before stay closed."""
    async with Day(new_store(database)) as day:
        await coordinator(day)
        await day.at("17:31")
        await day.house.say("tom", "settings")
        old = buttons(day, "tom")
        await ends(day, "Tom Romero", "Ana Romero")
        await day.at("10:00", THURSDAY)
        await day.house.say("ruiz", "who Ana Romero")
        await day.taps("ruiz", "Invite somebody else at home")
        code = offered(await day.house.say("ruiz", "Tom Romero"))
        await day.house.say("tom", f"join {code}")
        assert labels(day.newest("tom"))[0] == "That's right"
        await day.taps("tom", "That's right")
        assert "Yes, join" in labels(day.newest("tom"))
        await day.taps("tom", "Yes, join")
        day.sees("ruiz", "wants to join for Ana")
        assert not any("wants to join" in text(bubble) for bubble in day.screen("okafor"))
        await day.taps("ruiz", "Yes, that's Tom")
        said = len(facts(day))
        for bubble, data in old:
            assert (await day.house.press("tom", bubble.ref, data)).toast == NOT_YOURS
        assert len(facts(day)) == said
        await day.at("17:31")
        day.sees("tom", "Ana · Thursday")


async def test_an_own_code_from_before_the_end_is_dead(database: str) -> None:
    """G-040: Tom asked for a code for his other app; then his link ended; the code opens nothing."""
    async with Day(new_store(database)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App")
        bubble = day.newest("tom", "Add another app")
        code = offered(await day.house.tap("tom", bubble, "Add another app"))
        await ends(day, "Tom Romero", "Ana Romero")
        async with second(day) as other:
            assert (await other.say("tommy", f"join {code}")).toast == UNKNOWN


# --- staff who leave --------------------------------------------------------------------------------------------------

WITHOUT_LIND = "".join(line for line in ROSTER.splitlines(keepends=True) if "Mr Lind" not in line)


async def test_a_teacher_removed_between_reading_and_sending(database: str) -> None:
    """G-038: the card was booked; the office removes the teacher; it is not sent."""
    async with Day(new_store(database)) as day:
        day.house.clock.at = instant(day.day, time(15, 10), day.house.school.zone)
        await day.house.hands.turn()
        assert day.house.hands.wanted and not day.screen("lind")
        day.house.enrol(WITHOUT_LIND, {})
        await day.house.settle()
        assert not day.screen("lind") and day.screen("okafor")


async def test_a_removed_teacher_sees_and_says_nothing_more(database: str) -> None:
    """G-038: the standing card closes, its buttons are dead, no word tells anything; what was said keeps its author."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("lind", "Mark one", "Ana", "Written")
        for word in ("who", "settings", "pause"):
            await day.house.say("lind", word)
        old = buttons(day, "lind")
        await import_(day, WITHOUT_LIND)
        said, stood = len(facts(day)), len(day.screen("lind"))
        for bubble, data in old:
            await day.house.press("lind", bubble.ref, data)
        for word in ("today", "status", "who", "who Ana Romero", "why", "pause", "resume", "add Ana Romero (7B)"):
            await day.house.say("lind", word)
        await day.at("18:00", WEDNESDAY)
        mr_lind = day.house.person("Mr Lind")
        assert not [row for row in facts(day)[said:] if row.person == mr_lind and row.student]
        assert not {"Ana", "Ben"} & set(newer(day, "lind", stood).replace(":", " ").split())
        assert [row.person for row in facts(day, "line")] == [mr_lind]


async def test_who_has_left_does_not_stand_in(database: str) -> None:
    """G-038: Ms Okafor asked Mr Lind to stand in; he left the school, then pressed yes: he gets nothing."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("okafor", "settings")
        await day.taps("okafor", "Stand-in", "Mr Lind", "Today and tomorrow")
        await import_(day, WITHOUT_LIND)
        await day.taps("lind", "Yes, gladly")
        assert not [row for row in rows(day, relation) if row.role == "stand_in"]
        await day.at("15:11")
        assert not any("Ana" in text(bubble) for bubble in day.screen("lind"))


async def test_an_old_code_makes_no_teacher_of_who_has_left(database: str) -> None:
    """G-038, G-040: Ms Park got a code, then left the school before she used it; the code is dead."""
    without = "".join(line for line in ROSTER.splitlines(keepends=True) if "Ms Park" not in line)
    async with Day(new_store(database), users={"Ms Okafor": "okafor"}, start="09:00") as day:
        code = codes(day, role="teacher")["Ms Park"].code
        await import_(day, without)
        await day.house.say("park", f"join {code}")
        for label in ("That's right", "Yes, join"):
            if any(label in labels(bubble) for bubble in day.screen("park")):
                await day.taps("park", label)
        ms_park = day.house.person("Ms Park")
        assert not [r for r in rows(day, relation) if r.person == ms_park and r.until is None]
        await day.at("15:11")
        day.does_not_see("park", "Ana")


# --- codes ------------------------------------------------------------------------------------------------------------


async def test_a_code_of_the_previous_key(database: str) -> None:
    """G-028: the key is rotated in mid-day; letters under the previous key go on, under an older one they do not."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        made, desk = codes(day), day.house.desk
        desk.secret, desk.previous = "a new key", desk.secret
        await joins(day, "tom", made["Tom Romero"].code)
        day.sees("okafor", "Tom", "wants to join for Ana")
        desk.secret, desk.previous = "a newer key", "a new key"
        assert (await day.house.say("ada", f"join {made['Ada Osei'].code}")).toast == UNKNOWN


async def test_buttons_outlive_the_key(database: str) -> None:
    """G-028: a button is a random pointer, made with no key; the key is rotated and the card on the screen counts."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        day.house.desk.secret, day.house.desk.previous = "a new key", ""
        await day.taps("lucia", "Todo hecho ✓")
        assert len(facts(day, "home")) == 1


async def test_a_bot_that_sees_many_wrong_codes_slows_down(database: str) -> None:
    """G-030: after a hundred in an hour an account has one try; who types right at once still gets in."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        made = codes(day)
        await day.house.say("mistyped", f"join {new_code()}")
        for n in range(100):
            await day.house.say(f"guesser{n // 5}", f"join {new_code()}")
        assert (await day.house.say("mistyped", f"join {made['Tom Romero'].code}")).toast == UNKNOWN
        await day.house.say("ada", f"join {made['Ada Osei'].code}")
        day.sees("ada", "You are joining for B. O.")
        day.house.clock.at += timedelta(hours=1, minutes=1)
        await day.house.say("mistyped", f"join {made['Tom Romero'].code}")
        day.sees("mistyped", "You are joining for A. R.")


async def test_slow_mode_of_one_bot_is_not_that_of_another(database: str) -> None:
    """G-030: the limit is per bot; families on the other platform are not slowed down."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day, second(day) as other:
        code = codes(day)["Tom Romero"].code
        for n in range(101):
            await day.house.say(f"guesser{n // 5}", f"join {new_code()}")
        await other.say("tom", f"join {new_code()}")
        await other.say("tom", f"join {code}")
        assert "A. R." in text(other.screen("tom")[-1])


async def test_many_redeem_one_code_at_the_same_instant(database: str) -> None:
    """G-032: twelve accounts behind one barrier; all press on; one claim stands and one account gets in."""
    async with Day(new_store(database), users=TEACHERS, start="12:00") as day:
        code, house = letter(day, "Tom Romero", "Ana Romero"), day.house
        names = [f"one{n}" for n in range(12)]
        barrier = threading.Barrier(len(names))

        def redeem(user: str) -> None:
            said = Said(Account(house.lane.id, user, user, user), f"said {user}", text=f"join {code}")
            barrier.wait()
            house.store.hear(said, house.clock.now(), lambda heard: house.desk.decide(said, heard))

        with ThreadPoolExecutor(len(names)) as threads:
            list(threads.map(redeem, names))
        await house.hands.rest()
        for label in ("That's right", "Yes, join"):
            for user in names:
                if any(label in labels(bubble) for bubble in day.screen(user)):
                    await day.taps(user, label)
        assert [row.state for row in rows(day, invitation)] == ["claimed"]
        await day.taps("okafor", "Yes, that's Tom")
        tom = house.person("Tom Romero")
        inside = [row for row in rows(day, address) if row.state == "reachable" and row.person == tom]
        assert len(inside) == 1


async def test_a_parents_code_makes_a_guardian_and_nothing_else(database: str) -> None:
    """G-034: whoever redeems it, in whatever words: the role is the invitation's."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor"}, start="09:00") as day:
        code = letter(day, "Tom Romero", "Ana Romero")
        for said in (f"join {code} teacher", f"join {code} --role coordinator", f"join teacher {code}"):
            await day.house.say("eve", said)
        day.house.clock.at += timedelta(hours=2)
        await joins(day, "eve", code)
        await day.taps("okafor", "Yes, that's Tom")
        mine = next(row.person for row in rows(day, address) if row.user == "eve")
        assert {(r.role, r.student) for r in rows(day, relation) if r.person == mine} == {
            ("guardian", child(day, "Ana Romero"))
        }


@pytest.mark.parametrize("role", ["provider", "counsellor"])
async def test_a_third_person_of_a_teachers_name_is_somebody_else(database: str, role: str) -> None:
    """G-034: a tutor called Mr Lind, as the science teacher is; the tutor's code makes no teacher."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor", "Lucía Romero": "lucia"}, start="09:00") as day:
        await coordinator(day)
        code = codes(day, role=role, name="Mr Lind", children=[child(day, "Ana Romero")])["Mr Lind"].code
        await joins(day, "tutor", code)
        if role == "provider":
            await day.taps("ruiz", "Yes, that's Mr Lind")
            await day.taps("lucia", "De acuerdo")
        await day.at("15:11")
        day.does_not_see("tutor", "Ben")
        mine = next(row.person for row in rows(day, address) if row.user == "tutor")
        assert {r.role for r in rows(day, relation) if r.person == mine} == {role}


# --- the wrong one was let in -----------------------------------------------------------------------------------------


async def test_undo_reaches_a_second_account_too(database: str) -> None:
    """G-033, G-035: the stranger added another app before the teacher pressed Undo; that account is out as well."""
    async with Day(new_store(database), users=TEACHERS, start="09:00") as day, second(day) as other:
        await joins(day, "eve", letter(day, "Tom Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Tom")
        await day.house.say("eve", "settings")
        await day.taps("eve", "App")
        code = offered(await day.house.tap("eve", day.newest("eve", "Add another app"), "Add another app"))
        await other.say("eve2", f"join {code}")
        await day.taps("okafor", "Undo")
        await day.at("17:31", WEDNESDAY)
        await other.say("eve2", "status")
        assert not any("Ana" in text(bubble) for bubble in other.screen("eve2"))


async def test_undo_ends_the_code_for_a_second_account(database: str) -> None:
    """G-033, G-035: the code for another app that the stranger got before Undo opens nothing after it."""
    async with Day(new_store(database), users=TEACHERS, start="09:00") as day, second(day) as other:
        await joins(day, "eve", letter(day, "Tom Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Tom")
        await day.house.say("eve", "settings")
        await day.taps("eve", "App")
        code = offered(await day.house.tap("eve", day.newest("eve", "Add another app"), "Add another app"))
        await day.taps("okafor", "Undo")
        await other.say("eve2", f"join {code}")
        await day.at("17:31")
        await other.say("eve2", "status")
        assert not any("Ana" in text(bubble) for bubble in other.screen("eve2"))


async def test_undo_of_a_second_claim_leaves_the_first(database: str) -> None:
    """G-033: Tom follows Ana for long; the claim for Jo was a mistake; undone, Ana's card comes all the same."""
    roster = ROSTER + "Leo Romero,7A,History,Mr Díaz,,Tom Romero,T2,en,yes\n"
    async with Day(new_store(database), roster=roster, start="09:00") as day:
        await joins(day, "tom", letter(day, "Tom Romero", "Leo Romero"))
        await day.taps("diaz", "Yes, that's Tom")
        await day.taps("diaz", "Undo")
        await day.at("17:31")
        day.sees("tom", "Ana · Tuesday")
        assert not any("Leo · " in text(bubble) for bubble in day.screen("tom"))


async def test_an_undone_claim_does_not_come_back_with_another(database: str) -> None:
    """G-033: the wrong account was let in for Leo and undone; later it is confirmed for Ana, and sees Ana only."""
    roster = ROSTER + "Leo Romero,7A,History,Mr Díaz,,Tom Romero,T2,en,yes\n"
    users = {name: user for name, user in USERS.items() if user != "tom"}
    async with Day(new_store(database), roster=roster, users=users, start="09:00") as day:
        await joins(day, "eve", letter(day, "Tom Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Tom")
        await joins(day, "eve", letter(day, "Tom Romero", "Leo Romero"))
        await day.taps("diaz", "Yes, that's Tom")
        await day.taps("diaz", "Undo")
        await joins(day, "eve", letter(day, "Tom Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Tom")
        await day.at("17:31")
        await day.house.say("eve", "status")
        assert not any("Leo" in text(bubble) for bubble in day.screen("eve")[1:])


async def test_nobody_confirms_an_own_claim(database: str) -> None:
    """G-047, G-033: a teacher who redeems a letter to a family of the own class waits for somebody else's yes."""
    async with Day(new_store(database), users=TEACHERS, start="09:00") as day:
        await coordinator(day)
        await joins(day, "okafor", letter(day, "Tom Romero", "Ana Romero"))
        assert not any("Yes, that's Tom" in labels(bubble) for bubble in day.screen("okafor"))
        assert "Yes, that's Tom" in labels(day.newest("ruiz"))


async def test_a_stop_outlives_the_schools_yes(database: str) -> None:
    """G-176: Tom claims for Leo as well, then writes STOP; the teacher's yes does not start his messages again."""
    roster = ROSTER + "Leo Romero,7A,History,Mr Díaz,,Tom Romero,T2,en,yes\n"
    async with Day(new_store(database), roster=roster, start="09:00") as day:
        await joins(day, "tom", letter(day, "Tom Romero", "Leo Romero"))
        await day.house.say("tom", "stop")
        stood = len(day.screen("tom"))
        await day.taps("diaz", "Yes, that's Tom")
        await day.at("17:31")
        assert len(day.screen("tom")) == stood
