"""Days on which something odd happens: messages deleted, people who leave and come back, buttons of another day."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from sqlalchemy import event, update

from adapters.web.chat import Bubble, WebChat
from bot.hands import backoff
from bot.lanes import LIMITS, Pace
from bot.model import Address, Message, code36
from bot.ports import Account, CameBack, Left, Sent, Unclear
from bot.roster import read
from bot.schooldays import instant
from storage.load import arrival, card, night
from storage.office import link, report
from storage.rosters import put
from storage.store import Store
from tests.days import LINCOLN, ROSTER, TUESDAY, USERS, Day, labels, new_store, text
from tests.test_engine import count, shaky
from tests.test_refused import child, joins, letter, on

MONDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 9, day) for day in (14, 16, 17, 18))
NEXT_MONDAY = date(2026, 9, 21)
ALL_DONE = {"All done ✓", "Todo hecho ✓"}
ONE_CHILD = """student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,L1,es,yes
"""


class Wiped(WebChat):
    """Screens from which a person deletes messages."""

    def __init__(self, lane: int) -> None:
        super().__init__("wiped", lane)

    def wipe(self, user: str, part: str) -> None:
        self._screens[user] = [bubble for bubble in self.bubbles(user) if part not in text(bubble)]


class Slow(WebChat):
    """Screens to which new messages are under way while the gate is shut."""

    def __init__(self, lane: int) -> None:
        super().__init__("slow", lane)
        self.gate, self.under_way = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        self.under_way.set()
        await self.gate.wait()
        return await super().send(address, message, key, again)


@contextmanager
def at_most(transactions: int, store: Store) -> Iterator[None]:
    """Fails where more are begun: hands that find no rest never give the word back, so no clock could stop them."""
    left = transactions

    def begun(_: object) -> None:
        nonlocal left
        left -= 1
        assert left >= 0, "the hands spin"

    event.listen(store.engine, "begin", begun)
    try:
        yield
    finally:
        event.remove(store.engine, "begin", begun)


def asked(day: Day) -> list[str]:
    """Ana's guardians who may answer tonight."""
    return [user for user in ("lucia", "tom") if any(ALL_DONE & set(labels(bubble)) for bubble in day.screen(user))]


def value(bubble: Bubble, label: str) -> str:
    """What the button with that label sends."""
    return next(button.value for row in bubble.message.rows for button in row if button.label == label)


def forged(bubble: Bubble, what: str) -> str:
    """A button of this message, altered to say something else."""
    key, rev, _ = bubble.message.rows[0][0].value.split(".", 2)
    return f"{key}.{rev}.{what}"


# --- who leaves and comes back ----------------------------------------------------------------------------------------


async def test_a_press_proves_that_the_person_is_back(database: str) -> None:
    """F18: whoever had blocked the bot and presses a button is heard, and reached again."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.house.desk.hear(Left(Account(day.house.lane.id, "okafor"), "left"))
        await day.taps("okafor", "All written ✓")
        day.sees("okafor", "all 5 written")


async def test_who_unblocks_before_the_card_is_asked(database: str) -> None:
    """F18: Lucía is back at noon, and tonight she is asked."""
    async with Day(new_store(database), day=MONDAY) as day:
        await day.at("22:00")
        lucia = Account(day.house.lane.id, "lucia")
        await day.house.desk.hear(Left(lucia, "left"))
        await day.at("12:00", TUESDAY)
        await day.house.desk.hear(CameBack(lucia, "back"))
        await day.at("17:31")
        assert "Todo hecho ✓" in labels(day.sees("lucia", "Ana · martes"))


async def test_stop_and_start_before_the_card_and_somebody_is_asked(database: str) -> None:
    """F22: Lucía stops and starts again at noon; the evening is as any other."""
    async with Day(new_store(database), start="12:00") as day:
        await day.house.say("lucia", "stop")
        await day.house.say("lucia", "start")
        await day.at("17:31")
        assert asked(day), day.describe("lucia") + day.describe("tom")


async def test_a_stop_at_the_weekend_is_told_on_monday(database: str) -> None:
    """F22: the other side reads it on its next card, also when that is not tomorrow's."""
    async with Day(new_store(database), day=FRIDAY) as day:
        await day.at("12:00", date(2026, 9, 19))
        await day.house.say("lucia", "stop")
        await day.at("15:10", NEXT_MONDAY)
        day.sees("okafor", "Lucía has stopped messages here.")


async def test_a_guardians_start_does_not_end_the_schools_pause(database: str) -> None:
    """F22: the office paused Ana's report; her only guardian writes STOP and START, and it still rests."""
    users = {"Ms Okafor": "okafor", "Lucía Romero": "lucia"}
    async with Day(new_store(database), roster=ONE_CHILD, users=users, start="09:00") as day:
        ana = child(day, "Ana Romero")
        day.house.store.turn("lincoln", day.house.clock.now(), lambda turn: report(turn, ana, "pause", None))
        await day.house.say("lucia", "stop")
        await day.house.say("lucia", "start")
        await day.at("18:00", WEDNESDAY)
        day.does_not_see("lucia", "Ana ·")


async def test_a_report_that_rested_for_want_of_a_guardian_goes_on(database: str) -> None:
    """F01: somebody at home joins after the ten days, and the next evening they are asked."""
    async with Day(new_store(database), roster=ONE_CHILD, users={"Ms Okafor": "okafor"}, day=MONDAY) as day:
        await day.at("09:00", date(2026, 9, 30))
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        await day.taps("okafor", "Yes, that's Lucía")
        await day.at("18:00", date(2026, 10, 1))
        day.sees("lucia", "Ana · jueves")


async def test_who_took_over_and_then_rests_is_not_asked(database: str) -> None:
    """F14: Tom takes the question, then pauses his messages; Lucía has her buttons again."""
    async with Day(new_store(database)) as day:
        await day.at("17:35")
        await day.taps("tom", "I'll answer instead")
        await day.house.say("tom", "pause today")
        await day.taps("tom", "Only my messages")
        await day.at("18:00")
        assert labels(day.newest("lucia"))[0] == "Todo hecho ✓"


async def test_a_teacher_who_joined_today_is_not_asked_about_yesterday(database: str) -> None:
    """Section 6: only who was asked yesterday may still say that it was written."""
    users = {name: user for name, user in USERS.items() if user != "diaz"}
    async with Day(new_store(database), users=users) as day:
        await day.at("09:00", WEDNESDAY)
        day.house.enrol(ROSTER, {"Mr Díaz": "diaz"})
        await day.at("15:11")
        assert "Yesterday" not in text(day.sees("diaz", "planners seen?"))


# --- what home and teachers read --------------------------------------------------------------------------------------


async def test_a_nudge_whose_question_somebody_took_does_not_say_there_is_nothing(database: str) -> None:
    """F14: Lucía was nudged, Tom takes it over; her nudge does not claim that there is nothing to look at."""
    async with Day(new_store(database)) as day:
        await day.at("19:46")
        await day.taps("tom", "I'll answer instead")
        day.does_not_see("lucia", "nada que mirar")


async def test_two_children_answered_and_no_question_stands(database: str) -> None:
    """F03: after the second child's answer the card asks nothing more."""
    roster = ROSTER.replace("Ada Osei,A1,en", "Lucía Romero,L1,es")
    users = {name: user for name, user in USERS.items() if user != "ada"}
    async with Day(new_store(database), roster=roster, users=users) as day:
        await day.at("18:00")
        await day.taps("lucia", "Todo hecho ✓", "Todo hecho ✓")
        assert "¿" not in text(day.sees("lucia", "Ana", "Ben"))


async def test_a_reason_is_not_in_the_line_a_lock_screen_shows(database: str) -> None:
    """G-074: a reason chosen at home stands on the card only."""
    async with Day(new_store(database)) as day:
        await day.at("18:00")
        await day.taps("lucia", "Falta algo", "Maths", "No hecho", "Otra cosa")
        await day.house.say("lucia", "hoy")
        assert "otra cosa" in text(day.newest("lucia", "Lo demás, hecho ✓"))
        assert "otra cosa" not in day.newest("lucia", "Lo demás, hecho ✓").message.preview


async def test_forty_messages_a_minute(database: str) -> None:
    """G-100: twenty are answered, then one notice, then nothing."""
    async with Day(new_store(database), start="12:00") as day:
        for _ in range(40):
            await day.house.say("lucia", "hola?")
        assert len(day.screen("lucia")) == 21


# --- buttons of another day, and made-up ones -------------------------------------------------------------------------


async def test_a_pause_button_of_yesterday_is_not_for_today(database: str) -> None:
    """G-023: Ana is asked about as usual."""
    async with Day(new_store(database), start="09:00") as day:
        await day.house.say("lucia", "pausa hoy")
        old = day.newest("lucia", "Ana no está")
        await day.at("09:00", WEDNESDAY)
        await day.house.tap("lucia", old, "Ana no está")
        await day.at("15:10")
        assert text(day.sees("okafor", "Wed, Sep 16")).split("\n")[1] == "Ana · Ben · Chloe · Dev · Eli"


async def test_a_made_up_class_stops_nobody(database: str) -> None:
    """G-021: a teacher's own button, altered to a class that is not there; whoever comes next is answered."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        bubble = day.newest("okafor")
        await day.house.press("okafor", bubble.ref, forged(bubble, "c:zzz"))
        await day.house.say("lucia", "help")
        assert len(day.screen("lucia")) == 1


async def test_a_made_up_name_shows_no_other_child(database: str) -> None:
    """G-021: altered to a child of somebody else's class, while that class is on its way to its own teacher."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        await day.taps("diaz", "Mark one")
        await day.taps("park", "Mark one")
        own, other = day.newest("diaz", "Back"), day.newest("park", "Ana")
        english = value(other, "Ana").rpartition(".")[2]
        altered = forged(other, f"n:{code36(child(day, 'Jo Kim'))}.{english}")
        for user, data, ref in ("diaz", value(own, "Back"), own.ref), ("park", altered, other.ref):
            await day.house.chat.tap(user, ref, data)
        await day.house.hands.rest()
        day.does_not_see("park", "Jo")


async def test_a_tap_on_the_old_copy_while_the_new_one_is_under_way(database: str) -> None:
    """F12: one live card is left, with its buttons or its answer; not two closed lines."""
    day = Day(new_store(database))
    chat = on(day, Slow(day.house.lane.id))
    async with day:
        await day.at("15:10")
        old = day.newest("okafor", "Mark one")
        chat.gate.clear()
        chat.under_way.clear()
        await chat.say("okafor", "today")
        hands = asyncio.ensure_future(day.house.hands.rest())
        await chat.under_way.wait()
        await chat.tap("okafor", old.ref, value(old, "Mark one"))
        chat.gate.set()
        await hands
        assert any(labels(bubble) for bubble in day.screen("okafor")), day.describe("okafor")


# --- rings ------------------------------------------------------------------------------------------------------------


async def test_a_claim_that_finds_no_ring_is_shown_on_monday(database: str) -> None:
    """F08: three nudges have used up the teacher's week; the claim waits for the next one, and so do the hands."""
    store = new_store(database)
    async with Day(store, day=MONDAY, users={"Ms Okafor": "okafor"}) as day:
        for used in (MONDAY, TUESDAY, WEDNESDAY):
            await day.at("16:11", used)
        await day.at("09:00", THURSDAY)
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        with at_most(1000, store):
            await day.at("10:00", FRIDAY)
            await day.at("10:00", NEXT_MONDAY)
        day.sees("okafor", "wants to join for Ana")


async def test_a_nudge_and_a_claim_of_one_moment_both_ring(database: str) -> None:
    """F08: two rings of one person that are booked together do not want the same free place."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor"}) as day:
        await day.at("15:11")
        await day.house.say("lucia", f"join {letter(day, 'Lucía Romero', 'Ana Romero')}")
        await day.taps("lucia", "Sí, es correcto")
        day.house.clock.at = instant(TUESDAY, time(16, 10), LINCOLN.zone)
        await day.taps("lucia", "Sí, me uno")
        day.sees("okafor", "still open")
        day.sees("okafor", "wants to join")


async def test_what_takes_a_deleted_cards_place_makes_no_sound(database: str) -> None:
    """F12: the teacher deleted the card; what home says at night comes on a new one, silently."""
    day = Day(new_store(database))
    chat = on(day, Wiped(day.house.lane.id))
    async with day:
        await day.at("15:10")
        await day.taps("okafor", "All written ✓")
        chat.wipe("okafor", "")
        await day.at("21:00")
        await day.taps("lucia", "Todo hecho ✓")
        assert not day.sees("okafor", "At home: Ana done").rang


async def test_a_deleted_nudge_does_not_ring_again(database: str) -> None:
    """F07: never a second one."""
    day = Day(new_store(database))
    chat = on(day, Wiped(day.house.lane.id))
    async with day:
        await day.at("16:11")
        assert day.rings("okafor") == 2
        chat.wipe("okafor", "still open")
        await day.taps("okafor", "Mark one", "Ana", "Written")
        assert day.rings("okafor") == 1


# --- what fails -------------------------------------------------------------------------------------------------------


def test_a_chat_that_must_wait_waits_however_often_it_is_asked() -> None:
    """G-150: asking whether the time is up does not make it so."""
    pace = Pace(LIMITS["telegram"])
    pace.hold(7, 100.0, 0.0)
    assert pace.wait(False, 1, 7, 1.0, 0) > 0
    assert pace.wait(False, 1, 7, 2.0, 0) > 0


async def test_a_card_found_by_a_press_is_kept_up_to_date(database: str) -> None:
    """G-152: two sends whose end nobody knew; the copy that is pressed is the card, and Tom's answer shows on it."""
    day = Day(new_store(database))
    chat = shaky(day)
    async with day:
        await day.at("17:29")
        chat.sends = [(Unclear("lost"), True)] * 40
        await day.at("17:31")
        for _ in range(2):
            day.house.hands.held.clear()  # the backoff after an unclear send has passed
            await day.house.hands.rest()
        chat.sends = []
        assert len(day.screen("lucia")) == 2
        await day.taps("lucia", "Todo hecho ✓")
        await day.taps("tom", "I'll answer instead")
        await day.taps("tom", "I see it differently", "Something's missing", "Maths", "Not done", "Skip")
        day.sees("lucia", "dos respuestas")


async def test_a_card_without_a_face_does_not_stop_the_others(database: str) -> None:
    """A newer Twoticks left a kind of card that this one does not know: it is parked, and the others come."""
    store = new_store(database)
    async with Day(store) as day:
        mine = (card.c.person == day.house.person("Ms Okafor")) & (card.c.kind == "teacher")
        with store.engine.begin() as connection:
            connection.execute(update(card).where(mine).values(kind="weather"))
        await day.at("15:10")
        day.sees("lind", "planners seen?")
        assert count(store, card, card.c.kind == "weather", card.c.fate == "parked") == 1


async def test_a_lane_that_is_no_more_does_not_hold_days_open(database: str) -> None:
    """F19: the school left Slack, an old address stays; a day is closed at the latest when nothing can count."""
    store = new_store(database)
    async with Day(store) as day:
        lind, slack = day.house.person("Mr Lind"), Account(store.lane("slack").id, "U1")
        store.turn("lincoln", day.house.clock.now(), lambda turn: link(turn, lind, slack))
        await day.at("12:00", FRIDAY)
        assert count(store, night, night.c.day == TUESDAY)


async def test_a_first_day_whose_close_was_slept_through_is_closed_later(database: str) -> None:
    """F19: off from Friday evening to Monday morning; Friday is in the rates all the same."""
    store = new_store(database)
    async with Day(store, day=FRIDAY) as day:
        await day.at("20:00")
        day.house.clock.at = instant(NEXT_MONDAY, time(9), LINCOLN.zone)
        await day.house.settle()
        assert count(store, night, night.c.day == FRIDAY)


async def test_dead_letters_end(database: str) -> None:
    """CASES 4: after 7 days their text is gone, after 30 they are."""
    store = new_store(database)
    async with Day(store) as day:
        await day.house.desk.park(day.house.lane.id, "bad", "Ana Romero has a cold")
        store.forget(day.house.clock.now() + timedelta(days=8))
        assert count(store, arrival, arrival.c.source == "bad", arrival.c.raw == "") == 1
        store.forget(day.house.clock.now() + timedelta(days=31))
        assert count(store, arrival, arrival.c.source == "bad") == 0


# --- the office -------------------------------------------------------------------------------------------------------


async def test_a_second_import_without_the_email_column_is_the_same_teacher(database: str) -> None:
    """F17: the office deletes a column and imports again: nobody new, no class new."""
    async with Day(new_store(database), start="12:00") as day:
        rows = read(ROSTER.replace("okafor@school.example", "").encode()).rows
        changes = day.house.store.turn("lincoln", day.house.clock.now(), lambda turn: put(turn, rows))
        assert (changes.teachers, changes.classes) == ([], [])


def test_a_second_chat_that_must_wait_means_everybody_must() -> None:
    """G-150; somebody whom the platform refuses says nothing of the others."""
    pace = Pace(LIMITS["telegram"])
    pace.hold(7, 100.0, 0.0)
    assert pace.open(1, 1.0)
    pace.hold(8, 50.0, 1.0, refused=True)
    assert pace.open(1, 1.0)
    pace.hold(9, 30.0, 2.0)
    assert not pace.open(1, 29.0)
    assert pace.open(1, 30.0)


def test_tries_whose_end_nobody_knows_come_ever_more_rarely() -> None:
    """G-151: twice as long each time, at most some five minutes, and no two cards in step."""
    assert [int(backoff(0, n)) for n in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert len({backoff(card, 3) for card in range(100)}) == 100
    assert max(backoff(card, 99) for card in range(100)) < 340
