"""People who come, change, leave and come back, as dialogues: who they are, what they may, and when it ends."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.web.chat import Bubble, WebChat
from bot.codes import new_code
from bot.hands import LaneHand
from bot.lanes import UNLIMITED, Pace
from bot.policy import MAY
from bot.ports import Account, Answer, Said, Tapped
from bot.schooldays import instant
from storage import links
from storage.load import address, card, fact, invitation, relation
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
    _end(day, guardian, student, when)
    await day.house.hands.rest()


def _end(day: Day, guardian: str, student: str, when: date | None = None) -> None:
    store, which = day.house.store, child(day, student)
    assert store.turn("lincoln", day.house.clock.now(), lambda turn: links.end(turn, guardian, which, when, "by order"))


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
    """G-020, G-022: forwarded buttons of cards, claims and dialogues are refused and change none."""
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
            tonight = text(day.sees("okafor", "At home:")).rsplit("At home:", 1)[1]
            assert tonight.count("Ana done") == 1


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
            assert (await day.house.press("lucia", bubble.ref, data)).toast == NOT_YOURS, data
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
        await day.at("08:30")
        day.house.enrol(roster, {"Lucía Romero": "lucia"})  # who joined first is asked: Tom
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
        _end(day, "Tom Romero", "Ana Romero")
        chat.gate.set()
        await winding
        await day.house.settle()
        assert [text(bubble) for bubble in day.screen("tom")] == ["This card is closed."]


async def test_news_of_a_child_that_waits_for_the_morning_is_not_sent_after_the_end(database: str) -> None:
    """G-039: late at night the school says Ana rests; then Tom's link to Ana ends, and Leo's does not."""
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
    async with Day(new_store(database), roster=roster, users=TWO_USERS) as day:
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        await day.at("17:31")
        await day.taps("okafor", "Change", "Mark one", "Ana", "Not written")
        event = day.sees("tom", "Ana · Tuesday", "1 thing")
        edits = event.edits
        await ends(day, "Tom Romero", "Ana Romero")
        now = next(bubble for bubble in day.screen("tom") if bubble.ref == event.ref)
        assert now.edits == edits or "Ana" not in text(now)


async def test_a_reminder_of_a_child_that_is_gone_is_closed(database: str) -> None:
    """G-039, F07: Tom was reminded of Ana; her link ends, Leo has no question: it names her no more."""
    async with Day(new_store(database), roster=TWO, users=TWO_USERS) as day:
        await day.at("15:10")
        await day.taps("diaz", "No homework")
        await day.at("19:50")
        reminder = day.newest("tom", "All done ✓")
        assert "Ana" in text(reminder)
        await ends(day, "Tom Romero", "Ana Romero")
        assert not any("Ana" in text(bubble) for bubble in day.screen("tom") if bubble.ref == reminder.ref)
        assert not [row for row in rows(day, card) if row.fate == "parked"]


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
        assert [row.state for row in rows(day, invitation) if row.address] == ["claimed"]
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


async def test_an_undone_claim_leaves_the_letter_for_whom_it_was_meant(database: str) -> None:
    """G-033: Eve's account got in for Ana and then, wrongly, for Leo; undone, Leo's father can be invited and joins."""
    roster = ROSTER + "Leo Romero,7A,History,Mr Díaz,,Tom Romero,T2,en,yes\n"
    users = {name: user for name, user in USERS.items() if user != "tom"}
    async with Day(new_store(database), roster=roster, users=users, start="09:00") as day:
        await joins(day, "eve", letter(day, "Tom Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Tom")
        await joins(day, "eve", letter(day, "Tom Romero", "Leo Romero"))
        await day.taps("diaz", "Yes, that's Tom", "Undo")
        await joins(day, "dad", letter(day, "Tom Romero", "Leo Romero"))
        await day.taps("diaz", "Yes, that's Tom")
        await day.at("17:31")
        day.sees("dad", "Leo · Tuesday")
        day.does_not_see("dad", "Ana")
        assert not any("Leo · " in text(bubble) for bubble in day.screen("eve"))


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


# --- two accounts, two workspaces -------------------------------------------------------------------------------------


async def adds_app(day: Day, user: str, other: Second, name: str) -> None:
    """Settings, App, Add another app; then the code on the other app."""
    await day.house.say(user, "settings")
    await day.taps(user, "App")
    answer = await day.house.tap(user, day.newest(user, "Add another app"), "Add another app")
    await other.say(name, f"join {offered(answer)}")
    assert "This account is yours now, too" in text(other.screen(name)[-1])


async def test_one_person_with_two_apps(database: str) -> None:
    """G-035: each card on one of them, no reminder twice, an answer from either counts, and the place can be chosen."""
    async with Day(new_store(database), users={**TEACHERS, "Tom Romero": "tom"}) as day, second(day) as other:
        await adds_app(day, "tom", other, "tommy")
        await day.at("17:31")
        assert "All done ✓" in labels(day.newest("tom")) and len(other.screen("tommy")) == 1
        await day.at("20:00")
        both = [text(b) for b in [*day.screen("tom"), *other.screen("tommy")]]
        assert sum("how did tonight go" in one.lower() or "still open" in one for one in both) <= 1
        assert len(other.screen("tommy")) == 1
        await day.house.say("tom", "settings")
        await day.taps("tom", "App")
        bubble = day.newest("tom", "Add another app")
        data = [b.value for row in bubble.message.rows for b in row if re.search(r"\.a:(?!new)", b.value)]
        assert len(data) == 2
        await day.house.press("tom", bubble.ref, data[1])
        stood = len(day.screen("tom"))
        await day.at("17:31", WEDNESDAY)
        assert len(day.screen("tom")) == stood
        card_ = other.screen("tommy")[-1]
        assert "Ana · Wednesday" in text(card_)
        await day.house.press("tom", card_.ref, value(card_, "All done ✓"))  # pressed from the other account
        assert "done" in text(other.screen("tommy")[-1]).splitlines()[0]
        assert len(facts(day, "home")) == 1


async def test_a_tap_delivered_twice_makes_one_code(database: str) -> None:
    """G-035, G-158: the platform delivers the press on Add another app again: it is not heard again."""
    async with Day(new_store(database)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App")
        bubble = day.newest("tom", "Add another app")
        tap = Tapped(Account(day.house.lane.id, "tom"), "once", data=value(bubble, "Add another app"), ref=bubble.ref)
        assert (await day.house.desk.hear(tap)).reply is not None
        assert (await day.house.desk.hear(tap)) == Answer()
        assert len([row for row in rows(day, invitation) if row.role == "self"]) == 1


async def test_stop_on_one_app_is_stop_on_both(database: str) -> None:
    """G-035, G-176: STOP from either account is heard for the person."""
    async with Day(new_store(database)) as day, second(day) as other:
        await adds_app(day, "tom", other, "tommy")
        await other.say("tommy", "stop")
        await day.at("18:00")
        assert not any("Ana · " in text(bubble) for bubble in [*day.screen("tom"), *other.screen("tommy")])


async def test_an_own_code_on_an_account_of_somebody_else(database: str) -> None:
    """G-035: Tom's code for his other app, written by Ada, who has joined already: she stays Ada and sees no Ana."""
    async with Day(new_store(database)) as day:
        await day.house.say("tom", "settings")
        await day.taps("tom", "App")
        answer = await day.house.tap("tom", day.newest("tom", "Add another app"), "Add another app")
        assert (await day.house.say("ada", f"join {offered(answer)}")).toast == UNKNOWN
        await day.at("18:00")
        day.does_not_see("ada", "Ana")


async def test_one_user_id_in_two_workspaces(database: str) -> None:
    """G-036: the same id on another lane is a stranger: no button, no word, no card."""
    async with Day(new_store(database)) as day, second(day) as other:
        await day.at("17:31")
        said = len(facts(day))
        for bubble, data in buttons(day, "tom"):
            assert (await other.chat.tap("tom", bubble.ref, data)).toast == NOT_YOURS
        for word in ("status", "today", "who", "stop"):
            await other.say("tom", word)
        assert len(facts(day)) == said
        assert not any("Ana" in text(bubble) for bubble in other.screen("tom"))
        assert "I'll answer instead" in labels(day.newest("tom"))


async def test_a_chat_that_changed_hands_inherits_nothing(database: str) -> None:
    """G-037: another user id in the same chat and of the same name is somebody new, by word and by button."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        house, bubble = day.house, day.newest("tom")
        other = Account(house.lane.id, "tom-2", "tom", "Tom Romero")
        tap = Tapped(other, "hands1", data=bubble.message.rows[0][0].value, ref=bubble.ref)
        assert (await house.desk.hear(tap)).toast == NOT_YOURS
        answer = await house.desk.hear(Said(other, "hands2", text="status"))
        assert answer.reply is not None and "Ana" not in str(answer.reply)


async def test_in_a_group_nothing_of_a_child_is_said(database: str) -> None:
    """G-045: a command in a channel, by whomever: one sentence, no card, no fact."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        before = (len(facts(day)), len(rows(day, card)))
        for user in ("okafor", "tom", "nobody"):
            for word in ("today", "status", "who Ana Romero", "stop", "add Zoe Zed", "help"):
                account = Account(day.house.lane.id, user, "channel", private=False)
                answer = await day.house.desk.hear(Said(account, f"{user}{word}", text=word))
                assert answer.reply is not None and "Ana" not in str(answer.reply)
        assert (len(facts(day)), len(rows(day, card))) == before


async def test_a_guest_who_was_not_invited_is_a_stranger(database: str) -> None:
    """G-044: every word of the contract gets the stranger's sentence; then a personal code is the way in."""
    async with Day(new_store(database), users=TEACHERS) as day:
        for word in ("today", "status", "who", "why", "pause", "resume", "settings", "add Zoe Zed", "help", "stop"):
            assert "please ask" in str((await day.house.say("guest", word)).reply).lower(), word
        assert not [row for row in rows(day, card) if row.person == 0]
        await day.house.say("guest", f"join {letter(day, 'Tom Romero', 'Ana Romero')}")
        day.sees("guest", "You are joining for A. R.")


# --- names ------------------------------------------------------------------------------------------------------------

ALIKE = HEAD + (
    "Ana Romero,7A,Maths,Ms Okafor,,Tom Romero,T1,en,yes\n"
    "Ana Sosa,7B,Maths,Ms Okafor,,Tom Romero,T1,en,yes\n"
    "Leo Romero,7A,Maths,Ms Okafor,,Tom Romero,T1,en,yes\n"
)


@pytest.mark.parametrize("said", ["done", "all done", "hecho", "Ana done", "Ana", "✓", "yes", "no", "👍", "listo"])
async def test_a_written_answer_is_never_guessed(database: str, said: str) -> None:
    """G-041: a father of three, two of them Anas, writes an answer: nothing is recorded."""
    async with Day(new_store(database), roster=ALIKE, users={"Ms Okafor": "okafor", "Tom Romero": "tom"}) as day:
        await day.at("17:31")
        stood = len(facts(day))
        await day.house.say("tom", said)
        assert len(facts(day)) == stood
        card_ = day.newest("tom", "All done ✓")
        assert {"Ana S.", "Leo"} <= set(labels(card_)) and "Ana R. · Tuesday" in text(card_)


async def test_who_with_a_first_name_that_two_have(database: str) -> None:
    """G-041: the coordinator writes `who Ana`: nothing of either is shown, the whole name is asked for."""
    async with Day(new_store(database), roster=ALIKE, users={"Ms Okafor": "okafor", "Tom Romero": "tom"}) as day:
        await coordinator(day)
        await day.house.say("ruiz", "who Ana")
        told = text(day.newest("ruiz"))
        assert "whole name" in told and "Ana Romero (7A)" in told and "Tom" not in told


@pytest.mark.xfail(strict=True, reason="not built: no student's own rights, no date of majority")
def test_a_student_of_eighteen() -> None:
    """G-042: a row for the student who is of age."""
    assert any("student" in roles for roles in MAY.values())


# --- somebody from outside --------------------------------------------------------------------------------------------


async def provider(day: Day, user: str = "tan") -> None:
    """Ms Tan has a code for Ana and has said yes; school and home have not yet."""
    code = codes(day, role="provider", name="Tan Wei", children=[child(day, "Ana Romero")])["Tan Wei"].code
    await joins(day, user, code)


ENGLISH = ROSTER.replace("Lucía Romero,L1,es", "Lucía Romero,L1,en")


async def admitted(day: Day) -> None:
    await coordinator(day)
    await provider(day)
    await day.taps("ruiz", "Yes, that's Tan")
    await day.taps("lucia", "Agree")


@pytest.mark.parametrize("first", ["school", "home"])
async def test_a_provider_needs_both_yeses(database: str, first: str) -> None:
    """G-043: after one yes, whoever's, nothing is read; after both the week's counts, and no card ever."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await coordinator(day)
        await provider(day)
        assert labels(day.newest("lucia", "Agree")) == ["Agree", "No"]
        yeses = [("ruiz", "Yes, that's Tan"), ("lucia", "Agree")]
        for n, (user, label) in enumerate(yeses if first == "school" else yeses[::-1]):
            await day.house.say("tan", "status")
            assert not any("Ana" in text(bubble) for bubble in day.screen("tan")), n
            await day.taps(user, label)
        await day.house.say("tan", "status")
        day.sees("tan", "Ana: written 0 of 0 confirmed · done 0 of 0 answered nights")
        await day.at("18:00")
        assert not any("Tuesday" in text(b) or "planners" in text(b) for b in day.screen("tan"))


@pytest.mark.parametrize("whose", ["school", "home"])
async def test_one_no_keeps_a_provider_out(database: str, whose: str) -> None:
    """G-043: school says yes and home no, or the other way round: they read nothing, now and later."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await coordinator(day)
        await provider(day)
        await day.taps("lucia", "Agree" if whose == "school" else "No")
        if whose == "school":
            await day.house.tap("ruiz", day.newest("ruiz", "Yes, that's Tan"), "No")
        await day.house.say("tan", "status")
        await day.at("18:00", WEDNESDAY)
        assert not any("Ana" in text(bubble) for bubble in day.screen("tan"))


async def test_what_a_provider_may_say(database: str) -> None:
    """G-043: reads only: every word and button they are given leaves the record of the child as it was."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await admitted(day)
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        said = [row for row in facts(day) if row.student]
        for word in (
            "today",
            "status",
            "who",
            "who Ana Romero",
            "why",
            "pause",
            "resume",
            "add Ana Romero (7B)",
            "help",
        ):
            await day.house.say("tan", word)
        for bubble, data in buttons(day, "tan"):
            await day.house.press("tan", bubble.ref, data)
        assert [row for row in facts(day) if row.student] == said
        told = "\n".join(text(bubble) for bubble in day.screen("tan"))
        assert "Ana: written 1 of 1" in told
        assert not any(name in told for name in ("Ben", "Lucía", "Tom", "Okafor", "Maths"))


@pytest.mark.parametrize("role", ["provider", "counsellor"])
async def test_a_third_person_does_not_end_homes_pause(database: str, role: str) -> None:
    """G-043, G-047: both guardians have stopped, so the report rests; `resume` from outside changes none."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await coordinator(day)
        if role == "provider":
            await admitted(day)
        else:
            which = [child(day, "Ana Romero")]
            await joins(day, "tan", codes(day, role=role, name="Tan Wei", children=which)["Tan Wei"].code)
        for user in ("tom", "lucia"):
            await day.house.say(user, "stop")
        await day.at("09:00", WEDNESDAY)
        said = [row for row in facts(day, "report")]
        assert said[-1].value == "pause"
        await day.house.say("tan", "resume")
        assert facts(day, "report") == said


async def test_a_provider_runs_out_by_itself(database: str) -> None:
    """G-043: ninety days, to the day; nobody has to think of it."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await admitted(day)
        [until] = [row.until for row in rows(day, relation) if row.role == "provider"]
        assert until == TUESDAY + timedelta(days=90)
        day.house.clock.at += timedelta(days=89)
        await day.house.say("tan", "status")
        day.sees("tan", "Ana: written")
        day.house.clock.at += timedelta(days=1)
        stood = len(day.screen("tan"))
        await day.house.say("tan", "status")
        assert "Ana" not in newer(day, "tan", stood)


@pytest.mark.parametrize("user", ["lucia", "ruiz", "okafor"])
async def test_either_side_ends_a_provider_at_once(database: str, user: str) -> None:
    """G-043: by `who`, End, Yes; from then on `status` knows no child."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await admitted(day)
        await day.house.say(user, "who Ana Romero")
        await day.taps(user, "End: Tan", "Yes, end it")
        stood = len(day.screen("tan"))
        await day.house.say("tan", "status")
        assert "Ana" not in newer(day, "tan", stood)


@pytest.mark.parametrize("how", ["ended", "expired", "refused"])
async def test_a_provider_who_comes_again_needs_both_yeses_again(database: str, how: str) -> None:
    """G-040, G-043: a year later, or after a no, one yes is not enough."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        if how == "refused":
            await coordinator(day)
            await provider(day)
            await day.taps("ruiz", "Yes, that's Tan")
            await day.house.tap("lucia", day.newest("lucia", "Agree"), "No")
        else:
            await admitted(day)
        if how == "ended":
            await day.house.say("lucia", "who")
            await day.taps("lucia", "End: Tan", "Yes, end it")
        day.house.clock.at += timedelta(days=100 if how == "expired" else 1)
        await day.house.settle()
        await provider(day)
        stood = len(day.screen("tan"))
        await day.taps("lucia", "Agree")
        await day.house.say("tan", "status")
        assert "Ana" not in newer(day, "tan", stood)
        assert "Yes, that's Tan" in labels(day.newest("ruiz"))


async def test_homes_yes_to_a_provider_after_the_code_has_run_out(database: str) -> None:
    """G-031, G-043: three weeks later the question on Lucía's screen opens nothing any more."""
    async with Day(new_store(database), roster=ENGLISH) as day:
        await coordinator(day)
        await provider(day)
        await day.taps("ruiz", "Yes, that's Tan")
        await day.at("18:00", TUESDAY + timedelta(days=20))
        if any("Agree" in labels(bubble) for bubble in day.screen("lucia")):
            await day.taps("lucia", "Agree")
        await day.house.say("tan", "status")
        assert not any("Ana" in text(bubble) for bubble in day.screen("tan"))


async def test_a_guardian_who_was_ended_is_not_asked_about_a_provider(database: str) -> None:
    """G-039, G-043: the question waits at Tom's for the morning; his link to Ana ends, Leo's does not."""
    async with Day(new_store(database), roster=TWO, users=TWO_USERS) as day:
        await coordinator(day)
        await day.at("22:30")
        await provider(day)
        await ends(day, "Tom Romero", "Ana Romero")
        stood = len(day.screen("tom"))
        await day.at("12:00", WEDNESDAY)
        assert "Ana" not in newer(day, "tom", stood)


# --- the other side's answers -----------------------------------------------------------------------------------------


async def test_a_teacher_answers_as_a_parent_and_a_parent_as_a_teacher(database: str) -> None:
    """G-047: the other side's buttons on the own card, child and class right: no fact."""
    async with Day(new_store(database)) as day:
        await day.at("17:31")
        tom, okafor = day.newest("tom"), day.newest("okafor")
        ana = value(tom, "I'll answer instead").rsplit(":", 1)[1]
        course = "1"
        said = len(facts(day))
        for what in ("d", "D", "k", "K", "x", "t", "ru", "i", "f"):
            await day.house.press("okafor", okafor.ref, forged(okafor, f"{what}:{ana}"))
        for what in ("a", "r"):
            await day.house.press("okafor", okafor.ref, forged(okafor, f"{what}:{ana}.{course}:d"))
        for what in ("w", "W", "nh", "NH", "nt", "yw", "yd", f"s:{ana}.{course}:w", f"s:{ana}.{course}:nw"):
            await day.house.press("tom", tom.ref, forged(tom, what))
        assert not [row for row in facts(day)[said:] if row.kind in ("home", "line", "take", "reason", "rushed")]


async def test_a_counsellor_reads_the_week_and_says_nothing(database: str) -> None:
    """G-047: named for Ana: `status` and `who`, no card, no answer, no invitation, no pause."""
    async with Day(new_store(database)) as day:
        code = codes(day, role="counsellor", name="Ms Vega", children=[child(day, "Ana Romero")])["Ms Vega"].code
        await joins(day, "vega", code)
        await day.at("17:31")
        said = [row for row in facts(day) if row.student]
        for word in ("status", "who", "pause", "resume", "add Zoe Zed", "settings", "today"):
            await day.house.say("vega", word)
        for bubble, data in buttons(day, "vega"):
            await day.house.press("vega", bubble.ref, data)
        assert [row for row in facts(day) if row.student] == said
        day.sees("vega", "Ana: written")
        day.does_not_see("vega", "Ben")
        assert not any("Invite" in label for bubble in day.screen("vega") for label in labels(bubble))


FORGED = [
    "", "y", "n", "ya", "u:", "u:!", "y:", "y:zzzzzzzzzzzzzzzzzzzz", "n:-1", "c:", "c:!", "f:", "f:1", "e:", "e:!",
    "E:", "E:1", "v:1", "v:zzzzzzzzzzzzzzzzz", "g:", "g:!", "g:1", "aw:", "aw:!", "aw:1", "aw:zzzzzzzzzzzzzzzz", "mu:",
    "i:", "i:d", "i:d:", "i:d:99999999999", "n:99", "t:g:9999", "d:99999999999", "d:c", "d:e:9999", "l:xx", "a:1",
    "a:zz",
    "s:1.1:w", "s:1.1:", "n:1.1", "n:.", "p:-1", "p:999999999999", "m:x", "b:b", "r:1.1:forgot", "x:1", "x:", "j", "q",
]  # fmt: skip


@pytest.mark.parametrize("word", ["settings", "who", "pause", "add Zoe Zed", "claims", "home", "teacher"])
async def test_altered_buttons_of_the_dialogues_are_no_fault_of_ours(database: str, word: str) -> None:
    """G-021: values that no such card offers, by its own addressee: answered calmly, no dead letter."""
    async with Day(new_store(database)) as day:
        user = "tom" if word == "home" else "okafor"
        await day.at("17:31")
        if word not in ("home", "teacher", "claims"):
            await day.house.say(user, word)
        if word == "claims":
            await coordinator(day)
            await provider(day)
            user = "ruiz"
        bubble = [b for b in day.screen(user) if b.message.rows][-1]
        for what in FORGED:
            answer = await day.house.press(user, bubble.ref, forged(bubble, what))
            assert "Something went wrong" not in answer.toast, what


@pytest.mark.xfail(strict=True, reason="not built: `record export` and `erase` are no commands yet")
def test_admin_exports_and_erases() -> None:
    """G-046: a row in the policy for each."""
    assert {"export record", "erase"} <= set(MAY)
