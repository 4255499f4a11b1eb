"""What holds the engine: nothing lost, nothing doubled, in every order and under every failure."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from adapters.web.chat import WebChat
from bot import board
from bot.hands import act, after, digest
from bot.model import Address, Card, Face, Fact, Message, Span, pointer
from bot.ports import (
    Account,
    Booking,
    ChatFailure,
    Gone,
    LaneDown,
    Later,
    Note,
    Rejected,
    Sent,
    Tapped,
    Unclear,
    Unreachable,
    Wants,
)
from storage import load
from storage.load import arrival, card, fact, student
from storage.store import Store
from tests.days import Day, labels, new_store, text

WEDNESDAY = date(2026, 9, 16)


class Shaky(WebChat):
    """Screens that fail as told: `sends` and `edits` hold what happens to the next calls; None is well.

    A failure marked `delivered` shows the message first: the caller cannot know.
    """

    def __init__(self, lane: int) -> None:
        super().__init__("shaky", lane)
        self.sends: list[tuple[ChatFailure, bool]] = []
        self.edits: list[ChatFailure] = []

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        if not self.sends:
            return await super().send(address, message, key, again)
        failure, delivered = self.sends.pop(0)
        if delivered:
            await super().send(address, message, key, again)
        raise failure

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        if self.edits:
            raise self.edits.pop(0)
        await super().edit(address, ref, message)


def shaky(day: Day) -> Shaky:
    """Puts shaky screens under a day that has not begun."""
    chat = Shaky(day.house.lane.id)
    day.house.chat = chat
    next(iter(day.house.hands.lanes.values())).chat = chat
    return chat


def count(store: Store, table: Any, *where: Any) -> int:
    with store.engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def one_card(store: Store, person: int, kind: str) -> Card:
    with store.engine.begin() as connection:
        query = select(*load.CARD_COLUMNS).where(card.c.person == person, card.c.kind == kind)
        return load.to_card(connection.execute(query.order_by(card.c.id)).first())  # type: ignore[arg-type]


# --- the same thing twice ---------------------------------------------------------------------------------------------


async def test_ten_equal_taps_at_once_are_one_answer(database: str) -> None:
    """G-024: ten presses of one button, all at the same moment from ten threads."""
    async with Day(new_store(database)) as day:
        await day.at("18:00")
        bubble = day.newest("lucia", "Todo hecho ✓")
        data = bubble.message.rows[0][0].value
        house = day.house

        def press(n: int) -> None:
            tap = Tapped(Account(house.lane.id, "lucia"), f"tap{n}", data=data, ref=bubble.ref)
            house.store.hear(tap, house.clock.now(), lambda heard: house.desk.decide(tap, heard))

        with ThreadPoolExecutor(10) as threads:
            list(threads.map(press, range(10)))
        assert count(house.store, fact, fact.c.kind == "home") == 1
        await house.hands.rest()
        day.sees("lucia", "hecho · 6:00 p.m.")


async def test_a_redelivered_update_changes_nothing(database: str) -> None:
    """G-158: the same source again, also later."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        bubble = day.newest("okafor")
        tap = Tapped(Account(day.house.lane.id, "okafor"), "once", data=bubble.message.rows[0][0].value, ref=bubble.ref)
        await day.house.desk.hear(tap)
        facts = count(day.house.store, fact)
        await day.at("15:30")
        await day.house.desk.hear(tap)
        assert count(day.house.store, fact) == facts
        assert count(day.house.store, arrival, arrival.c.source == "once") == 1


async def test_two_guardians_at_the_same_instant(database: str) -> None:
    """G-025: both are kept as having said it; the teacher reads it once."""
    async with Day(new_store(database)) as day:
        await day.at("17:30")
        await day.taps("tom", "I'll answer instead")
        house = day.house
        taps = []
        for user in ("lucia", "tom"):
            bubble = day.newest(user)
            first = bubble.message.rows[0][0].value
            key, rev, _ = first.split(".", 2)
            student = first.rsplit(":", 1)[1]
            account = Account(house.lane.id, user)
            taps.append(Tapped(account, f"both-{user}", data=f"{key}.{rev}.d:{student}", ref=bubble.ref))
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda tap: house.store.hear(
                tap, house.clock.now(), lambda heard: house.desk.decide(tap, heard)), taps))  # fmt: skip
        await house.hands.rest()
        day.sees("lucia", "hecho (", "Tom, 5:30 p.m.", "Lucía, 5:30 p.m.")
        assert text(day.sees("okafor", "At home:")).count("Ana done") == 1


async def test_five_taps_in_all_orders_end_the_same(database: str) -> None:
    """G-157: facts are folded by when they were said, not by when they arrived."""
    ends = set()
    orders = list(itertools.permutations(range(5)))
    store = new_store(database)
    async with Day(store) as day:
        await day.at("18:00")
        bubble = day.newest("lucia", "Todo hecho ✓")
        student = bubble.message.rows[0][0].value.rsplit(":", 1)[1]
        key, rev, _ = bubble.message.rows[0][0].value.split(".", 2)
        course = _course(store, "Maths")
        values = [f"d:{student}", f"a:{student}.{course}:n", f"K:{student}", f"a:{student}.{course}:p", f"D:{student}"]
        said = [day.house.clock.now() + timedelta(minutes=n) for n in range(5)]
        day.house.clock.at += timedelta(minutes=10)
        for number, order in enumerate(orders):
            with store.engine.begin() as connection:
                connection.execute(fact.delete().where(fact.c.kind == "home"))
                connection.execute(update(card).values(pressed={}))
            for n in order:
                account = Account(day.house.lane.id, "lucia")
                data = f"{key}.{rev}.{values[n]}"
                tap = Tapped(account, f"{number}/{n}", said[n], data=data, ref=bubble.ref)
                await day.house.desk.hear(tap)
            ends.add(_home(store, day))
    assert len(ends) == 1, ends


def _course(store: Store, name: str) -> str:
    from bot.model import code36
    from storage.load import course, enrolment

    query = (
        select(course.c.id)
        .join(enrolment, enrolment.c.course == course.c.id)
        .join(student, student.c.id == enrolment.c.student)
        .where(course.c.name == name, student.c.name == "Ana Romero")
    )
    with store.engine.begin() as connection:
        return code36(int(connection.execute(query).scalar_one()))


def _home(store: Store, day: Day) -> str:
    """Ana's night as it stands, without when it was said."""
    found = one_card(store, _person(store, "Lucía Romero"), "home")
    b = store.turn("lincoln", day.house.clock.now(), lambda turn: turn.bundle([found], whole=True))
    student = next(s for s in b.students if b.students[s].name == "Ana Romero")
    home = b.report(student, day.day, day.house.clock.now()).home
    return f"{home.state} {[sorted(said.classes.items()) for said in home.said]}"


def _person(store: Store, name: str) -> int:
    from storage.load import person

    with store.engine.begin() as connection:
        return int(connection.execute(select(person.c.id).where(person.c.name == name)).scalar_one())


# --- wrong people, old buttons ----------------------------------------------------------------------------------------


async def test_a_stranger_and_a_neighbour_are_refused(database: str) -> None:
    """G-020, G-022: whoever presses somebody else's button is told so, without any name; nothing changes."""
    async with Day(new_store(database)) as day:
        await day.at("17:30")
        bubble = day.newest("lucia")
        data = bubble.message.rows[0][0].value
        facts = count(day.house.store, fact)
        for user in ("ada", "okafor", "tom", "nobody"):
            answer = await day.house.press(user, bubble.ref, data)
            assert answer.toast == "This question is not for you."
        assert count(day.house.store, fact) == facts
        reply = await day.house.say("nobody", "hello?")
        assert reply.reply is not None and "ask the school" in str(reply.reply)


async def test_altered_buttons_give_a_stranger_nothing(database: str) -> None:
    """G-021: every single-bit change of a button, pressed by a neighbour and by its owner."""
    async with Day(new_store(database)) as day:
        await day.at("17:30")
        bubble = day.newest("lucia")
        data = bubble.message.rows[0][0].value
        before = count(day.house.store, fact, fact.c.student != 0, fact.c.kind == "home")
        for place, bit in itertools.product(range(len(data)), range(7)):
            forged = data[:place] + chr(ord(data[place]) ^ (1 << bit)) + data[place + 1 :]
            await day.house.desk.hear(
                Tapped(Account(day.house.lane.id, "ada"), f"f{place}.{bit}", data=forged, ref=bubble.ref)
            )
        assert count(day.house.store, fact, fact.c.kind == "home") == before
        assert not count(day.house.store, arrival, arrival.c.outcome == "unreadable")


async def test_a_tap_on_yesterdays_card(database: str) -> None:
    """G-023, G-029: late until the next school day's close; afterwards the day is closed."""
    async with Day(new_store(database)) as day:
        await day.at("18:00")
        bubble = day.newest("lucia", "Todo hecho ✓")
        await day.at("08:00", WEDNESDAY)
        await day.house.tap("lucia", bubble, "Todo hecho ✓")
        day.sees("lucia", "Ana · martes · hecho", "tarde")
        await day.at("23:30", WEDNESDAY)
        answer = await day.house.tap("lucia", bubble, "Todo hecho ✓")
        assert answer.toast == "Ese día ya está cerrado."
        day.sees("lucia", "Ese día ya está cerrado.")


async def test_a_bulk_press_of_an_older_revision(database: str) -> None:
    """A bulk button answers only the lines its own revision had offered: Dev came back after it was drawn."""
    async with Day(new_store(database), start="09:00") as day:
        await day.house.say("okafor", "pause today")
        await day.taps("okafor", "Dev is away")
        await day.at("15:10")
        old = day.newest("okafor", "All written ✓")
        assert "Dev" not in text(old)
        _away(day, "Dev Shah", "off")
        await day.at("15:20")
        assert "Dev" in text(day.newest("okafor", "All written ✓"))
        await day.house.tap("okafor", old, "All written ✓")
        day.sees("okafor", "1 open", "Dev")


def _away(day: Day, name: str, value: str) -> None:
    """A child goes away ("on") or is back ("off"), said by somebody else than the card's reader."""
    store, now = day.house.store, day.house.clock.now()
    with store.engine.begin() as connection:
        child = int(connection.execute(select(student.c.id).where(student.c.name == name)).scalar_one())
    teacher = _person(store, "Ms Okafor")

    def say(turn: Any) -> None:
        turn.record([Fact("away", value, now, f"away {name} {value}", student=child, day=day.day)])
        turn.wake([teacher], day.day)

    store.turn("lincoln", now, say)


# --- failures ---------------------------------------------------------------------------------------------------------


async def test_a_crash_between_send_and_note_repeats_at_most_once(database: str) -> None:
    """The message was delivered, the answer was not: sent once more; the copy that is pressed second closes."""
    day = Day(new_store(database))
    chat = shaky(day)
    chat.sends = [(Unclear("dropped"), True)]
    day.house.hands.held.clear()
    async with day:
        await day.at("15:10")
        _unhold(day)
        await day.house.hands.rest()
        users = [u for u in ("okafor", "lind", "park", "diaz") if len(day.screen(u)) == 2]
        assert len(users) == 1
        first, second = day.screen(users[0])
        await day.house.tap(users[0], first, "All written ✓")
        assert text(first_now := day.screen(users[0])[0]) == "This card has moved down." and not labels(first_now)
        assert "written" in text(day.screen(users[0])[1]) and second.ref != first.ref


def _unhold(day: Day) -> None:
    """The backoff after an unclear call has passed."""
    day.house.hands.held.clear()


async def test_a_press_brings_the_place_of_a_message_that_was_never_noted(database: str) -> None:
    """An unclear send that was delivered: the tap proves it, nothing is sent again."""
    day = Day(new_store(database))
    chat = shaky(day)
    chat.sends = [(Unclear("dropped"), True)]
    async with day:
        await day.at("15:10")
        user = next(u for u in ("okafor", "lind", "park", "diaz") if _unnoted(day, u))
        await day.house.tap(user, day.newest(user), "All written ✓")
        _unhold(day)
        await day.house.hands.rest()
        assert len(day.screen(user)) == 1
        assert "written" in text(day.newest(user)) and labels(day.newest(user)) == ["Change"]


def _unnoted(day: Day, user: str) -> bool:
    names = {"okafor": "Ms Okafor", "lind": "Mr Lind", "park": "Ms Park", "diaz": "Mr Díaz"}
    return one_card(day.house.store, _person(day.house.store, names[user]), "teacher").ref == ""


async def test_blocked_and_the_other_guardian_is_asked(database: str) -> None:
    """F18, G-153: at once when blocked; comes back with any message."""
    day = Day(new_store(database))
    chat = shaky(day)
    async with day:
        await day.at("17:29")
        chat.sends = [(Unreachable("blocked"), False)] * 30
        await day.at("17:30")
        chat.sends = []
        asked = [user for user in ("lucia", "tom") if day.screen(user)]
        assert asked == []
        await day.house.say("tom", "help")
        await day.house.hands.rest()
        assert labels(day.newest("tom", "All done ✓"))[0] == "All done ✓"


class Refusing(WebChat):
    """Screens that refuse some people for a reason nobody knows."""

    def __init__(self, lane: int, *users: str) -> None:
        super().__init__("refusing", lane)
        self.users = set(users)

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        if address.user in self.users:
            raise Later(0.2, "a new kind of 403", refused=True)
        return await super().send(address, message, key, again)


async def test_refused_twice_for_an_unknown_reason_and_the_other_guardian_is_asked(database: str) -> None:
    """F18, G-154: never permanent: it is tried further, and comes back by itself with the first message taken."""
    day = Day(new_store(database))
    chat = Refusing(day.house.lane.id, "lucia")
    day.house.chat = next(iter(day.house.hands.lanes.values())).chat = chat
    async with day:
        await day.at("17:30")
        for _ in range(3):
            await asyncio.sleep(0.25)
            await day.house.hands.rest()
        assert labels(day.newest("tom", "All done ✓"))[0] == "All done ✓"
        assert not day.screen("lucia")
        chat.users.clear()
        await asyncio.sleep(0.25)
        await day.house.hands.rest()
        assert day.screen("lucia")
        with day.house.store.engine.begin() as connection:
            assert not connection.execute(select(load.address).where(load.address.c.state == "failing")).all()


async def test_a_platform_that_refuses_everybody_counts_against_nobody(database: str) -> None:
    """A platform outage is not a person's failure."""
    day = Day(new_store(database))
    users = ("lucia", "tom", "ada", "jean", "mina", "ruth", "sun", "rui")
    day.house.chat = next(iter(day.house.hands.lanes.values())).chat = Refusing(day.house.lane.id, *users)
    async with day:
        await day.at("17:30")
        for _ in range(5):
            await asyncio.sleep(0.25)
            await day.house.hands.rest()
        assert count(day.house.store, load.address, load.address.c.state == "failing") == 0


async def test_a_message_that_vanished_is_not_sent_anew_at_night(database: str) -> None:
    """`Gone` at 22:30: outside own hours nothing new is started; what was said is kept all the same."""
    day = Day(new_store(database))
    chat = shaky(day)
    async with day:
        await day.at("22:30")
        chat.edits = [Gone("deleted")] * 4
        await day.taps("lucia", "Todo hecho ✓")
        await day.at("22:59")
        assert len([b for b in day.screen("lucia") if b.rang]) <= 2
        assert count(day.house.store, fact, fact.c.kind == "home", fact.c.value == "done") == 1


async def test_later_moves_no_alarm_and_rings_once(database: str) -> None:
    """G-150: told to wait, the same card goes out afterwards, with one ring."""
    day = Day(new_store(database))
    chat = shaky(day)
    chat.sends = [(Later(0.01), False)] * 3
    async with day:
        await day.at("15:10")
        await asyncio.sleep(0.05)
        await day.house.hands.rest()
        assert [len(day.screen(u)) for u in ("okafor", "lind", "park", "diaz")] == [1, 1, 1, 1]
        assert day.rings("okafor") == 1


async def test_a_lane_that_is_down_keeps_its_cards(database: str) -> None:
    """G-156: the lane stops and says why; its cards are still there when it is back."""
    day = Day(new_store(database))
    chat = shaky(day)
    chat.sends = [(LaneDown("token revoked"), False)]
    async with day:
        await day.at("15:10")
        hand = next(iter(day.house.hands.lanes.values()))
        assert hand.down == "token revoked"
        hand.down = ""
        await day.house.hands.rest()
        assert all(len(day.screen(u)) == 1 for u in ("okafor", "lind", "park", "diaz"))


async def test_our_own_mistake_is_parked(database: str) -> None:
    day = Day(new_store(database))
    chat = shaky(day)
    chat.sends = [(Rejected("invalid_blocks"), False)]
    async with day:
        await day.at("16:30")
        assert count(day.house.store, card, card.c.fate == "parked") == 1


async def test_an_outage_across_the_window_is_not_asked(database: str) -> None:
    """F19, G-119: down from 15:00 to 17:25: no card, noted as not asked, and home reads an honest unknown."""
    async with Day(new_store(database), start="15:00") as day:
        day.house.clock.at += timedelta(hours=2, minutes=25)
        await day.house.settle()
        assert not day.screen("okafor")
        assert count(day.house.store, fact, fact.c.kind == "unasked", fact.c.value == "teacher") == 11
        await day.at("17:30")
        day.sees("lucia", "Ana · martes · sin confirmar todavía", "Pregúntale a Ana")


async def test_days_of_outage_leave_no_backlog(database: str) -> None:
    """G-120: down from Tuesday to Friday: only Friday's cards."""
    friday = date(2026, 9, 18)
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        day.house.clock.at += timedelta(days=3)
        await day.house.settle()
        day.sees("okafor", "Fri, Sep 18", "planners seen?")
        assert len(day.screen("okafor")) == 2
        await day.at("17:30", friday)
        assert len(day.screen("lucia")) == 1


async def test_a_date_is_not_closed_before_its_lanes_were_heard(database: str) -> None:
    """An answer that waited for us is never late: pressed at 22:50, heard after midnight."""
    async with Day(new_store(database)) as day:
        await day.at("22:50")
        store, house = day.house.store, day.house
        bubble = day.newest("lucia", "Todo hecho ✓")
        house.clock.at += timedelta(hours=2)
        assert store.close_days(house.clock.now()) == 0
        data = bubble.message.rows[0][0].value
        tap = Tapped(Account(house.lane.id, "lucia"), "waited", resumed=True, data=data, ref=bubble.ref)
        await house.desk.hear(tap)
        await house.settle()
        assert "tarde" not in text(day.sees("lucia", "Ana · martes · hecho · 10:50 p.m."))


# --- the pure decisions -----------------------------------------------------------------------------------------------

HERE = Message(((Span("hello"),),))
THERE = Message(((Span("changed"),),))
NOW = datetime.fromisoformat("2026-09-15T19:10:00+00:00")


@pytest.mark.parametrize(
    ("stands", "face", "deed"),
    [
        ({}, Face(HERE), "book"),
        ({}, Face(HERE, start=NOW + timedelta(minutes=1)), "sleep"),
        ({}, Face(HERE, until=NOW), "miss"),
        ({}, Face(None), "sleep"),
        ({}, Face(HERE, ended=True), "end"),
        ({"ref": "1"}, Face(HERE), "edit"),
        ({"ref": "1", "digest": digest(HERE)}, Face(HERE), "sleep"),
        ({"ref": "1", "digest": digest(HERE)}, Face(THERE, ended=True), "edit"),
        ({"ref": "1", "digest": digest(HERE)}, Face(HERE, ended=True), "end"),
    ],
)
def test_what_to_do_with_a_card(stands: dict[str, Any], face: Face, deed: str) -> None:
    assert act(replace(Card(1, "s", 1, "home"), **stands), face, NOW) == deed


@pytest.mark.parametrize(
    ("deed", "failure", "noted"),
    [
        ("book", Unreachable("x"), {"release": True, "address_state": "blocked"}),
        ("edit", Unreachable("x"), {"release": False, "address_state": "blocked"}),
        ("book", LaneDown("x"), {"release": True, "keep_alarm": True}),
        ("book", Later(3), {"release": True, "keep_alarm": True}),
        ("edit", Later(3), {"release": False, "keep_alarm": True}),
        ("edit", Gone("x"), {"gone": True, "fate": "gone"}),
        ("book", Unclear("x"), {"keep_alarm": True, "release": False, "fate": None}),
        ("edit", Unclear("x"), {"keep_alarm": True, "fate": None}),
        ("book", Rejected("x"), {"fate": "parked"}),
    ],
)
def test_what_every_failure_leads_to(deed: str, failure: ChatFailure, noted: dict[str, Any]) -> None:
    note = after(Card(1, "s", 1, "home"), Face(HERE), deed, failure, NOW)
    assert {name: getattr(note, name) for name in noted} == noted


def test_a_second_unclear_send_is_the_last(database: str) -> None:
    note = after(Card(1, "s", 1, "home", attempts=1), Face(HERE), "book", Unclear("x"), NOW)
    assert note.fate == "unclear"


# --- what the whole school shows --------------------------------------------------------------------------------------


async def test_no_screen_changes_that_was_not_woken(database: str) -> None:
    """After each fact, the faces of all open cards are computed anew: only a woken card may look different.

    And whenever a face says when to look again, that is later than now.
    """
    async with Day(new_store(database)) as day:
        store, house = day.house.store, day.house
        steps = [
            ("15:10", "okafor", "Mark one"), ("15:10", "okafor", "Ana"), ("15:11", "okafor", "Not written"),
            ("15:12", "okafor", "Others written ✓"), ("15:15", "diaz", "Not today"), ("17:30", "lind", "All written ✓"),
            ("17:40", "tom", "I'll answer instead"), ("18:00", "tom", "Something's missing"), ("18:00", "tom", "Maths"),
            ("18:01", "tom", "Partly"), ("18:02", "tom", "Forgot"), ("18:10", "tom", "Others done ✓"),
            ("18:20", "lucia", "Yo lo veo distinto"), ("18:20", "lucia", "Todo hecho ✓"),
            ("18:40", "park", "All written ✓"),
        ]  # fmt: skip
        for at, user, label in steps:
            await day.at(at)
            bubble = day.newest(user, label)
            data = next(b.value for row in bubble.message.rows for b in row if b.label == label)
            await house.chat.tap(user, bubble.ref, data)
            _nothing_unwoken_changed(store, house.clock.now())
            await house.hands.rest()


def _nothing_unwoken_changed(store: Store, now: datetime) -> None:
    with store.engine.begin() as connection:
        rows = connection.execute(select(*load.CARD_COLUMNS).where(card.c.fate == "")).all()
    cards = [load.to_card(row) for row in rows]
    b = store.turn("lincoln", now, lambda turn: turn.bundle(cards, whole=True))
    for one in cards:
        face = board.face(one, b, now)
        assert face.again is None or face.again > now, one
        woken = one.wake_at is not None and one.wake_at <= now
        if one.ref and not woken and face.message is not None:
            assert digest(face.message) == one.digest, f"{one.kind} of {one.person} changed unwoken"


async def test_caps_are_keys(database: str) -> None:
    """F08: a second day card of the week's key, a second nudge or a ninth ring cannot be booked, whoever tries."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        store = day.house.store
        with store.engine.begin() as connection:
            slots = connection.execute(select(load.ring.c.slot, load.ring.c.n)).all()
        assert {tuple(row) for row in slots} == {("day", 2)}
        found = one_card(store, _person(store, "Ms Okafor"), "teacher")
        place = store.turn("lincoln", day.house.clock.now(), lambda turn: turn.address(found.address))
        assert place is not None
        rival = replace(found, id=found.id + 9999)
        work = store.step(day.house.clock.now(), [], [Booking(rival, place, day.day, "nudge")], [], set())
        assert work.booked == {}


async def test_a_woken_card_is_not_booked(database: str) -> None:
    """A fact between reading what is due and booking it: nothing starts on stale knowledge."""
    async with Day(new_store(database)) as day:
        store, house = day.house.store, day.house
        now = house.clock.now() + timedelta(minutes=1)
        work = store.step(now, [], [], [Wants(house.lane.id, {0: 100, 1: 100, 2: 100})], set())
        b, due = work.due[0]
        one = next(c for c in due if c.kind == "teacher")
        store.turn("lincoln", now, lambda turn: turn.wake([one.person], one.day))
        booking = Booking(one, b.addresses[one.person][0], day.day, "day")
        assert store.step(now, [], [booking], [], set()).booked == {}


async def test_an_alarm_is_not_overwritten_by_a_note_that_is_older_than_a_wake(database: str) -> None:
    """An alarm with two writers: whoever was woken meanwhile stays woken."""
    async with Day(new_store(database)) as day:
        await day.at("15:10")
        store, now = day.house.store, day.house.clock.now()
        read = one_card(store, _person(store, "Ms Okafor"), "teacher")
        store.turn("lincoln", now, lambda turn: turn.wake([read.person], read.day))
        store.step(now, [Note(read, wake_at=now + timedelta(hours=5))], [], [], set())
        assert one_card(store, read.person, "teacher").wake_at == now


def test_a_button_fits_into_64_bytes_with_the_largest_ids() -> None:
    largest = 2**63 - 1
    from bot.cards.parts import line_key

    one = Card(largest, "s", largest, "home", key="k" * 22)
    assert len(pointer(one, 36**3 - 1) + f"s:{line_key(largest, largest)}:nw") <= 64


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("second", range(5))
async def test_facts_between_the_parts_of_a_step(database: str, first: int, second: int) -> None:
    """Two children go away, each between some two parts of read, book, send and note: one message, the newest truth."""
    async with Day(new_store(database)) as day:
        house, chat = day.house, Held(day.house.lane.id)
        hand = next(iter(house.hands.lanes.values()))
        house.chat = hand.chat = chat
        house.clock.at += timedelta(minutes=1)
        parts: list[Callable[[], Awaitable[object]]] = [house.hands.turn, house.hands.turn, chat.let, house.hands.turn]
        for place in range(5):
            for when, name in ((first, "Ben Osei"), (second, "Dev Shah")):
                if when == place:
                    _away(day, name, "on")
            if place < len(parts):
                await parts[place]()
        chat.held.set()
        await house.hands.rest()
        shown = day.screen("okafor")
        assert len(shown) == 1 and "Ana · Chloe · Eli" in text(shown[0]), day.describe("okafor")


class Held(WebChat):
    """Screens on which nothing appears before `let`."""

    def __init__(self, lane: int) -> None:
        super().__init__("held", lane)
        self.held = asyncio.Event()

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        await self.held.wait()
        return await super().send(address, message, key, again)

    async def let(self) -> None:
        """Lets everything that is under way end."""
        self.held.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_two_events_racing_for_one_ring(database: str) -> None:
    """Caps are keys: booked at the same moment by two hands, one of them rings and the other waits."""
    async with Day(new_store(database)) as day:
        store, now = day.house.store, day.house.clock.now()
        person = _person(store, "Ms Okafor")
        cards = [one_card(store, person, kind) for kind in ("teacher", "teacher nudge")]
        place = store.turn("lincoln", now, lambda turn: turn.address(cards[0].address))
        assert place is not None
        bookings = [Booking(one, place, day.day, "event") for one in cards]
        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(lambda booking: store.step(now, [], [booking], [], set()).booked, bookings))
        assert sorted(len(booked) for booked in done) == [0, 1]
        assert count(store, load.ring) == 1
