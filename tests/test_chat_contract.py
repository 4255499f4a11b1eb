"""One contract for every Chat: what a person sees and what the core hears is the same on each platform.

Each runs the real adapter with its real library over loopback against a fake as strict as the platform, which has
nothing to complain of at the end. What a platform cannot do stands in CANNOT, with the reason.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model import Address, Button, Line, Message, Span
from bot.ports import Answer, ChatFailure, Gone, LaneDown, Later, Said, Tapped, Unclear, Unreachable
from tests.contract import LANE, PLACES, Place, Recorder, Seen, listening

NO_NETWORK = "its screens live in the same process: nothing lies between that is slow, revoked or lost"
CANNOT = {
    ("slack", "silence"): "Slack rings for every new message (PLATFORMS 4); there the hands send no silent copy",
    ("slack", "block"): "nobody can block an app on Slack; people are deactivated",
    ("telegram", "look"): "Telegram has no history to look into (PLATFORMS 3.6); both copies' buttons say the same",
    ("web", "network"): NO_NETWORK,
    ("web", "look"): NO_NETWORK,
    ("web", "block"): NO_NETWORK,
    ("web", "deactivate"): "everybody on the page is there as long as it is",
    ("web", "group"): "there are no groups on the page",
    ("web", "again"): "a press is one request that the page does not repeat; whoever pressed sees that it failed",
    ("web", "garble"): "the page itself is the platform, and its own requests are refused with what is wrong",
    ("web", "heard"): "nothing waits at the page; the playhouse, which winds its clock, reports at each step",
}
SERVERS = ("<coroutine object RequestHandler.", "<coroutine object RequestResponseCycle.")  # aiohttp's and uvicorn's
KEY = "k3yk3yk3yk3yk3yk3yk3yk"
HOSTILE = {
    "slack": "<!channel> <@U2> <https://x.example|y> &amp; &",
    "markdown": "*_`[Ana](tg://user?id=1)`_* ~x~",
    "html": "<b>Bobby</b> <a href='x'>&lt;",
    "commands": "@everyone /stop :+1: {name} %s $1",
    "emoji": "👩‍👧 Zoë 🇺🇸 𝒜na",
    "letters": "אנה عمر 李雷",
}


@pytest.fixture(params=PLACES)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Each platform in turn, connected; nobody listens yet."""
    async with PLACES[request.param]() as place:
        yield place
        assert place.complaints() == []


@pytest.fixture
def ear() -> Recorder:
    return Recorder()


def needs(place: Place, what: str) -> None:
    """Skips the test, with the reason, where the platform cannot do that."""
    if why := CANNOT.get((place.name, what)):
        pytest.skip(why)


def at(user: str, chat: str = "") -> Address:
    return Address(id=1, person=1, lane=LANE, user=user, chat=chat)


def line(*words: str) -> Line:
    """A line of these words; those between stars are bold."""
    return tuple(Span(word.strip("*"), "bold" if word.startswith("*") else "") for word in words)


def data(number: int) -> str:
    """Button data of exactly 64 ASCII characters, some of which mean something in JSON, forms or HTML."""
    return f"{KEY}.{number}.<&>\"'%+=;~ ".ljust(64, "x")


def rows(*labels: list[str]) -> tuple[tuple[Button, ...], ...]:
    numbers = iter(range(100))
    return tuple(tuple(Button(label, data(next(numbers))) for label in row) for row in labels)


CARD = Message(
    lines=(line("*Monday, 14 September*"), line("Ana R. ", "*maths*", " not written"), line(""), line("Ben O. ✓")),
    rows=rows(["All written ✓"], ["Mark one", "Not today"]),
    preview="2 children today",
)
ANSWERED = Message(lines=(line("*All written*", " at 3:12 PM"),), rows=rows(["Change"]), preview="Done")
CLOSED = replace(ANSWERED, rows=())
CARD_BUTTONS = (("All written ✓", data(0)), ("Mark one", data(1)), ("Not today", data(2)))


async def given(place: Place, message: Message = CARD) -> Seen:
    """That message on Ana's screen, where it is the newest."""
    sent = await place.chat.send(at(place.ana), message, KEY, None)
    seen = (await place.screen(place.ana))[-1]
    assert seen.ref == sent.ref
    return seen


# --- what stands on the screen ----------------------------------------------------------------------------------------


async def test_a_card_appears_with_its_lines_its_bold_words_and_its_buttons_in_order(place: Place) -> None:
    seen = await given(place)
    assert seen.text == "Monday, 14 September\nAna R. maths not written\n\nBen O. ✓"
    assert seen.bold == ("Monday, 14 September", "maths")
    assert [[label for label, _ in row] for row in seen.rows] == [["All written ✓"], ["Mark one", "Not today"]]
    assert [value for _, value in seen.buttons] == [data(0), data(1), data(2)]
    assert await place.screen(place.ben) == []


async def test_the_core_is_told_of_a_sound_exactly_when_there_was_one(place: Place) -> None:
    for silent in (False, True):
        sent = await place.chat.send(at(place.ana), replace(CARD, silent=silent), KEY, None)
        assert sent.rang is (await place.screen(place.ana))[-1].rang
        assert sent.rang or silent


async def test_a_silent_message_makes_no_sound(place: Place) -> None:
    needs(place, "silence")
    assert not (await given(place, replace(CARD, silent=True))).rang


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_names_are_shown_as_they_are(place: Place, name: str) -> None:
    """G-060, G-061: in a new message and in an edit; what is bold is counted right behind wide characters."""
    shown = Message(
        ((Span("🎒𝒳 "), Span(name, "bold"), Span(" did it")), (Span(name),)), rows([name[:30]]), preview=name
    )
    before = await given(place)
    await given(place, shown)
    await place.chat.edit(at(place.ana), before.ref, shown)
    for seen in await place.screen(place.ana):
        assert seen.text == f"🎒𝒳 {name} did it\n{name}"
        assert seen.bold == (name,)
        assert seen.buttons == [(name[:30], data(0))]


@pytest.mark.parametrize("width", [1, 2, 3])
async def test_fifteen_names_and_two_buttons_fit(place: Place, ear: Recorder, width: int) -> None:
    """PLATFORMS 4: the long choice; each with a label of 30 characters and 64 bytes of data, and each works."""
    names = [f"{number:2} Maximiliana Featherstonehaugh"[:30] for number in range(15)]
    choice = [names[start : start + width] for start in range(0, 15, width)]
    message = replace(CARD, rows=rows(*choice, ["More names", "Back"]))
    seen = await given(place, message)
    assert seen.buttons == [(label, data(n)) for n, label in enumerate([*names, "More names", "Back"])]
    async with listening(place, ear):
        await place.tap(place.ana, seen, "Back")
    assert [tap.data for tap in ear.arrivals if isinstance(tap, Tapped)] == [data(16)]


# --- edits ------------------------------------------------------------------------------------------------------------


async def test_an_edit_changes_the_same_message_without_a_sound(place: Place) -> None:
    first, second = await given(place), await given(place)
    await place.chat.edit(at(place.ana), first.ref, ANSWERED)
    edited, other = await place.screen(place.ana)
    assert (edited.ref, edited.text, edited.bold) == (first.ref, "All written at 3:12 PM", ("All written",))
    assert edited.buttons == [("Change", data(0))]
    assert edited.rang == first.rang
    assert other == second


async def test_an_edit_without_a_change_is_well(place: Place) -> None:
    before = await given(place)
    for _ in range(2):
        await place.chat.edit(at(place.ana), before.ref, CARD)
    assert await place.screen(place.ana) == [before]


async def test_losing_all_buttons_and_getting_them_back_is_well(place: Place) -> None:
    before = await given(place)
    await place.chat.edit(at(place.ana), before.ref, CLOSED)
    [closed] = await place.screen(place.ana)
    assert (closed.text, closed.rows) == ("All written at 3:12 PM", ())
    await place.chat.edit(at(place.ana), before.ref, CARD)
    assert await place.screen(place.ana) == [before]


async def test_a_message_born_without_buttons_may_get_some(place: Place) -> None:
    before = await given(place, CLOSED)
    await place.chat.edit(at(place.ana), before.ref, CARD)
    [seen] = await place.screen(place.ana)
    assert [value for _, value in seen.buttons] == [data(0), data(1), data(2)]


async def test_an_edit_of_a_vanished_message_is_gone_and_nothing_new_appears(place: Place) -> None:
    before = await given(place)
    place.vanish(place.ana, before)
    with pytest.raises(Gone):
        await place.chat.edit(at(place.ana), before.ref, ANSWERED)
    assert await place.screen(place.ana) == []


# --- what can go wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["block", "deactivate"])
async def test_who_has_left_is_unreachable_and_the_others_are_not(place: Place, how: str) -> None:
    needs(place, how)
    getattr(place, how)(place.ana)
    with pytest.raises(Unreachable):
        await place.chat.send(at(place.ana), CARD, KEY, None)
    await place.chat.send(at(place.ben), CARD, KEY, None)
    assert (len(await place.screen(place.ana)), len(await place.screen(place.ben))) == (0, 1)


async def fails(place: Place, kind: type[ChatFailure], **how: object) -> list[ChatFailure]:
    """A send and an edit of Ana's only card that both go wrong this way; how they failed."""
    before = await given(place)
    failures = []
    place.goes_wrong(**how)
    for verb in (
        place.chat.send(at(place.ana), CARD, KEY, None),
        place.chat.edit(at(place.ana), before.ref, ANSWERED),
    ):
        with pytest.raises(ChatFailure) as caught:
            await verb
        assert type(caught.value) is kind
        failures.append(caught.value)
    return failures


async def test_a_revoked_token_is_lane_down(place: Place) -> None:
    needs(place, "network")
    before = await given(place)
    place.revoke()
    with pytest.raises(LaneDown):
        await place.chat.send(at(place.ana), CARD, KEY, None)
    with pytest.raises(LaneDown):
        await place.chat.edit(at(place.ana), before.ref, ANSWERED)
    assert await place.screen(place.ana) == [before]


async def test_too_many_requests_is_later_and_tells_how_long(place: Place) -> None:
    """Surely not done: what stood there stands, and nothing came to it."""
    needs(place, "network")
    failures = await fails(place, Later, status=429, headers={"Retry-After": "7"})
    assert [failure.seconds for failure in failures if isinstance(failure, Later)] == [7.0, 7.0]
    assert [seen.text.splitlines()[0] for seen in await place.screen(place.ana)] == ["Monday, 14 September"]


async def test_an_answer_lost_after_delivery_is_unclear_and_was_asked_once(place: Place) -> None:
    """The person has it, the core cannot know; no library may repeat it by itself."""
    needs(place, "network")
    await fails(place, Unclear, drop=True, after=True)
    edited, new = await place.screen(place.ana)
    assert (edited.text, new.buttons) == ("All written at 3:12 PM", list(CARD_BUTTONS))
    await place.chat.edit(at(place.ana), edited.ref, ANSWERED)  # an unclear edit is simply repeated


@pytest.mark.parametrize("arrived", [True, False])
async def test_after_an_unclear_send_the_card_is_there_and_every_copy_says_the_same(
    place: Place, arrived: bool
) -> None:
    """PLATFORMS 2.12, 3.6: a second copy is harmless, none at all is not."""
    needs(place, "network")
    began = datetime.now(UTC)
    place.goes_wrong(drop=True, after=arrived)
    with pytest.raises(Unclear):
        await place.chat.send(at(place.ana), CARD, KEY, None)
    sent = await place.chat.send(at(place.ana), CARD, KEY, began)
    copies = await place.screen(place.ana)
    assert sent.ref == copies[-1].ref
    assert {tuple(copy.buttons) for copy in copies} == {CARD_BUTTONS}
    assert len(copies) <= 1 + arrived


async def test_after_an_unclear_send_that_arrived_the_first_copy_is_found(place: Place) -> None:
    needs(place, "look")
    began = datetime.now(UTC)
    place.goes_wrong(drop=True, after=True)
    with pytest.raises(Unclear):
        await place.chat.send(at(place.ana), CARD, KEY, None)
    sent = await place.chat.send(at(place.ana), CARD, KEY, began)
    assert [seen.ref for seen in await place.screen(place.ana)] == [sent.ref]


# --- what a person does -----------------------------------------------------------------------------------------------


async def test_a_tap_reaches_the_ear_once_and_its_ref_can_be_edited(place: Place, ear: Recorder) -> None:
    seen = await given(place)
    async with listening(place, ear):
        assert await place.tap(place.ana, seen, "Mark one")
    [tap] = ear.arrivals
    assert isinstance(tap, Tapped)
    assert (tap.account.lane, tap.account.user, tap.account.private) == (LANE, place.ana, True)
    assert (tap.data, tap.ref) == (data(1), seen.ref)
    assert tap.source
    here = at(tap.account.user, tap.account.chat)
    await place.chat.edit(here, tap.ref, ANSWERED)
    await place.chat.send(here, CLOSED, KEY, None)
    assert [seen.rows for seen in await place.screen(place.ana)] == [((("Change", data(0)),),), ()]


async def test_two_taps_have_two_sources(place: Place, ear: Recorder) -> None:
    seen = await given(place)
    async with listening(place, ear):
        for _ in range(2):
            await place.tap(place.ana, seen, "Mark one")
    assert len({tap.source for tap in ear.arrivals}) == len(ear.arrivals) == 2


@pytest.mark.parametrize("deed", ["tap", "words"])
async def test_the_same_update_again_has_the_same_source(place: Place, ear: Recorder, deed: str) -> None:
    needs(place, "again")
    seen = await given(place)
    async with listening(place, ear):
        await (place.tap(place.ana, seen, "Mark one") if deed == "tap" else place.say(place.ana, "done"))
        await place.again()
    first, second = ear.arrivals
    assert (first.source, first.account) == (second.source, second.account)


@pytest.mark.parametrize("text", ["done", 'maths & <science> *_`" 🎒', "two\nlines", "/start AB2CD"])
async def test_typed_words_reach_the_ear_as_they_were_typed(place: Place, ear: Recorder, text: str) -> None:
    async with listening(place, ear):
        assert await place.say(place.ana, text)
    [said] = ear.arrivals
    assert isinstance(said, Said)
    assert (said.text, said.attached) == (text, False)
    assert (said.account.lane, said.account.user, said.account.private) == (LANE, place.ana, True)


async def test_words_in_a_group_are_not_private(place: Place, ear: Recorder) -> None:
    needs(place, "group")
    async with listening(place, ear):
        await place.say_in_group(place.ana, "done")
        await place.say(place.ana, "today")
    said = {arrival.text: arrival.account.private for arrival in ear.arrivals if isinstance(arrival, Said)}
    assert (said["done"], said["today"]) == (False, True)


async def test_a_reply_of_the_desk_appears_where_the_person_spoke(place: Place, ear: Recorder) -> None:
    ear.answer = Answer(reply=CLOSED)
    async with listening(place, ear):
        await place.say(place.ana, "hello?")
        await place.sees(place.ana, "All written at 3:12 PM")
    assert await place.screen(place.ben) == []


# --- stored, then acknowledged ----------------------------------------------------------------------------------------


async def test_a_tap_that_was_not_stored_is_not_acknowledged(place: Place, ear: Recorder) -> None:
    """Either the platform brings it again or the person sees that it failed; nobody is thanked for nothing."""
    seen = await given(place)
    ear.broken = 1
    async with listening(place, ear):
        told = await place.tap(place.ana, seen, "Mark one")
    assert len(ear.arrivals) == told
    assert place.refusals() == (not told and place.name != "web")


async def test_words_that_were_not_stored_come_again(place: Place, ear: Recorder) -> None:
    needs(place, "again")
    ear.broken = 2
    async with listening(place, ear):
        assert await place.say(place.ana, "done")
    assert (ear.asked, [getattr(said, "text", "") for said in ear.arrivals]) == (3, ["done"])
    place.refusals()


async def test_words_that_were_not_stored_are_not_acknowledged(place: Place, ear: Recorder) -> None:
    """For as long as the database is away."""
    ear.broken = 1_000
    async with listening(place, ear):
        saying = asyncio.create_task(place.say(place.ana, "done"))
        await ear.until(lambda: ear.asked > 0, "that something was to be stored")
        assert not (saying.done() and saying.result())
        ear.broken = 0
        told = await saying
    assert len(ear.arrivals) == told
    place.refusals()


async def test_what_cannot_be_read_is_parked_and_stops_nothing(place: Place, ear: Recorder) -> None:
    """G-009."""
    needs(place, "garble")
    async with listening(place, ear):
        await place.garble("no sense at all")
        await place.say(place.ana, "done")
    [(lane, source, raw)] = ear.parked
    assert lane == LANE and source and "no sense at all" in raw
    assert [getattr(said, "text", "") for said in ear.arrivals] == ["done"]


# --- listening --------------------------------------------------------------------------------------------------------


async def test_it_is_told_until_when_everything_was_heard(place: Place, ear: Recorder) -> None:
    needs(place, "heard")
    before = datetime.now(UTC)
    async with listening(place, ear):
        await place.say(place.ana, "done")
        await ear.until(lambda: bool(ear.reports), "that all is heard")
    lane, until = ear.reports[0]
    assert lane == LANE
    assert before <= until <= datetime.now(UTC)


async def test_a_platform_that_is_unwell_at_first_is_heard_all_the_same(place: Place, ear: Recorder) -> None:
    """Its own trouble never ends the listening."""
    needs(place, "network")
    place.fake.fail("*", status=502)
    async with listening(place, ear):
        await place.say(place.ana, "done")
    assert [getattr(said, "text", "") for said in ear.arrivals] == ["done"]


async def test_listening_ends_when_cancelled_leaves_nothing_running_and_can_begin_again(
    place: Place, ear: Recorder
) -> None:
    before = asyncio.all_tasks()
    for _ in range(2):
        async with listening(place, ear):
            await place.say(place.ana, "done")
    assert len(ear.arrivals) == 2
    await ended(asyncio.all_tasks() - before)


async def test_what_is_being_stored_when_listening_ends_is_not_lost(place: Place, ear: Recorder) -> None:
    """Stored and acknowledged at once, or brought again to who listens next."""
    ear.gate = asyncio.Event()
    async with listening(place, ear):
        saying = asyncio.create_task(place.say(place.ana, "done"))
        await ear.until(lambda: ear.asked > 0, "that something was to be stored")
        asyncio.get_running_loop().call_soon(ear.gate.set)
    ear.gate.set()
    async with listening(place, ear):
        assert await saying
    assert {getattr(said, "text", "") for said in ear.arrivals} == {"done"}
    assert len({said.source for said in ear.arrivals}) == 1
    place.refusals()


async def ended(tasks: set[asyncio.Task[Any]]) -> None:
    """All of these have ended, but for the servers' own, which keep their connections open."""
    ours = [task for task in tasks if not repr(task.get_coro()).startswith(SERVERS)]
    if ours:
        await asyncio.wait(ours, timeout=2.0)
    assert [task for task in ours if not task.done()] == []
