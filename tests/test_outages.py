"""Trouble that lasts: one person out of reach for days, a platform that is away or hangs, events that never arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession

from bot.ports import Unclear
from tests.days import LINCOLN
from tests.fakes.telegram import TelegramFake
from tests.fakes.wire import Wire
from tests.live import PARK, Live, live
from tests.test_crash import park_and_okafor
from tests.test_faults import BACK, LOST, SENDS, recorded
from tests.two_platforms import TwoPlatforms, two_platforms

both = pytest.mark.parametrize("homes", ["slack", "telegram"])
NIGHT, ASKED = "Ana · Tuesday", "All done ✓"


def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'twoticks.db'}"


async def time_goes_by(town: TwoPlatforms, until: str) -> None:
    """Both clocks run together, ten minutes at a time."""
    hour, minute = map(int, until.split(":"))
    end = town.clock.now().astimezone(LINCOLN.zone).replace(hour=hour, minute=minute)
    while town.clock.now() < end:
        await town.winds_to(min(end, town.clock.now() + timedelta(minutes=10)))
        await town.passes(600.0)


# --- one person -------------------------------------------------------------------------------------------------------


@both
async def test_an_account_that_is_gone(tmp_path: Path, homes: str) -> None:
    """G-153, G-155: the other guardian is asked, every day; the teacher reads it that day and on the next card."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        town.fakes[homes].deactivate(town.user("lucia"))
        await town.at("17:30")
        await town.taps("tom", ASKED)
        await town.next_day("15:10")
        assert "Messages to Lucía are not arriving." in town.sees("okafor", "Wed, Sep 16").text
        assert (town.told("ruiz", LOST), len(town.ends("lucia", "send"))) == (1, 1)
        await town.winds_to(town.clock.now() + timedelta(days=1))
        assert "Lucía" not in town.sees("okafor", "Thu, Sep 17").text
        town.sees("tom", "Ana · Wednesday")
        assert (town.told("ruiz", LOST), len(town.ends("lucia", "send"))) == (1, 1)


async def test_who_blocks_the_bot_in_the_evening_and_is_back_by_start(tmp_path: Path) -> None:
    """G-153: Telegram tells of both; Tom is asked at once, and she is reached again with her own /start."""
    async with two_platforms(database(tmp_path), "telegram") as (town, _):
        telegram = town.fakes["telegram"]
        assert isinstance(telegram, TelegramFake)
        await town.at("17:30")
        await town.hears(lambda: telegram.block(town.user("lucia")))
        town.sees("tom", NIGHT, ASKED)
        assert town.told("ruiz", LOST) == 1
        await town.starts("lucia")
        assert town.told("ruiz", BACK) == 1
        await town.taps("lucia", "Something's missing")
        assert not [end for end in town.ends("lucia", "send") if end is not None], "nothing was tried meanwhile"


@both
async def test_an_unknown_refusal_is_waited_out_to_the_end_of_the_window(tmp_path: Path, homes: str) -> None:
    """G-154, F19: tried on until 20:00, then not asked, and nobody's fault; the next evening is as any other."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        fault = town.fake("jean").fail(SENDS[homes], times=999, status=403, body="<html>", to=town.user("jean"))
        await town.at("17:30")
        await time_goes_by(town, "19:59")
        tries = len(town.ends("jean", "send"))
        assert 10 <= tries <= 20
        await time_goes_by(town, "23:30")
        assert len(town.ends("jean", "send")) <= tries + 1
        fault.times = 0
        await town.next_day("15:10")
        assert "Chloe: not asked" in town.sees("okafor", "Last night at home").text
        await town.next_day("17:30")
        assert town.sees("jean", "Chloe · Wednesday", ASKED).rang


@both
async def test_who_was_refused_yesterday_is_tried_again_today(tmp_path: Path, homes: str) -> None:
    """G-154: never permanent. The platform is well again, but nobody has written."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        town.fake("lucia").fail(SENDS[homes], times=2, status=403, body="<html>", to=town.user("lucia"))
        await town.at("17:30")
        await town.says("jean", "help")
        await town.passes(301.0)
        assert town.told("ruiz", LOST) == 1
        await town.next_day("17:30")
        await town.passes(301.0)
        town.sees("lucia", "Ana · Wednesday", ASKED)


@both
async def test_who_is_refused_day_after_day(tmp_path: Path, homes: str) -> None:
    """F18: each day she is tried first, then the other guardian is asked; the coordinator reads it once."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        for night, comes in (("Ana · Tuesday", town.at), ("Ana · Wednesday", town.next_day)):
            await comes("17:29")
            town.fake("lucia").fail(SENDS[homes], times=2, status=403, body="<html>", to=town.user("lucia"))
            await comes("17:30")
            await town.says("jean", "help")
            await town.passes(301.0)
            town.sees("tom", night, ASKED)
        assert town.told("ruiz", LOST) == 1
        assert town.told("okafor", "Messages to Lucía") == 1


async def test_a_coordinator_reads_it_when_somebody_is_back_days_later(tmp_path: Path) -> None:
    """F18: what was told on Tuesday is put right on Wednesday, where it stands."""
    async with two_platforms(database(tmp_path), "telegram") as (town, _):
        await town.at("17:29")
        town.fakes["telegram"].deactivate(town.user("jean"))
        await town.at("17:30")
        assert town.told("ruiz", "Messages to Jean Martin are not arriving.") == 1
        await town.next_day("12:00")
        town.fakes["telegram"].person(town.user("jean"), name="jean")
        await town.starts("jean")
        assert town.told("ruiz", "Messages to Jean Martin are not arriving.") == 0


@both
async def test_a_send_that_stays_unclear(tmp_path: Path, homes: str) -> None:
    """Nobody knows whether she has it: the other guardian is asked, and the record does not say that she was silent."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        town.fake("lucia").fail(SENDS[homes], times=2, drop=True, to=town.user("lucia"))
        await town.at("17:30")
        await town.passes(60.0)
        assert all(isinstance(end, Unclear) for end in town.ends("lucia", "send"))
        town.sees("tom", NIGHT, ASKED)


# --- what is unclear, and then something else -------------------------------------------------------------------------


@both
async def test_an_unclear_send_is_not_forgotten_while_the_platform_is_busy(tmp_path: Path, homes: str) -> None:
    """G-152: delivered, the answer lost; then "slow down"; on Telegram lost once more: one extra copy at most."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        lucia, fake = town.user("lucia"), town.fakes[homes]
        await town.at("17:29")
        fake.fail(SENDS[homes], drop=True, after=True, to=lucia)
        busy = "conversations.history" if homes == "slack" else SENDS[homes]
        fake.fail(busy, status=429, headers={"Retry-After": "3"}, to=lucia)
        if homes == "telegram":
            fake.fail(SENDS[homes], drop=True, after=True, to=lucia)
        await town.at("17:30")
        for _ in range(20):
            await town.passes(6.0)
        assert town.told("lucia", NIGHT) == (1 if homes == "slack" else 2)


@both
async def test_two_lost_answers_and_then_the_teachers_tap(tmp_path: Path, homes: str) -> None:
    """G-152: what wakes the card later sends no third copy."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        town.fake("lucia").fail(SENDS[homes], times=2, drop=True, after=True, to=town.user("lucia"))
        await town.at("17:30")
        await town.passes(60.0)
        await town.taps("okafor", "All written ✓")
        await town.passes(600.0)
        assert town.told("lucia", NIGHT) <= 2


async def test_a_tap_while_the_last_try_is_under_way(tmp_path: Path) -> None:
    """G-152: the teacher's tap comes between the second copy and its lost answer: it sends no third one."""
    async with two_platforms(database(tmp_path), "telegram") as (town, _):
        await town.at("17:29")
        telegram, lucia = town.fakes["telegram"], town.user("lucia")
        telegram.fail("sendMessage", drop=True, after=True, to=lucia)
        telegram.fail("sendMessage", drop=True, after=True, delay=1.0, to=lucia)
        await town.at("17:30")
        second = asyncio.create_task(town.passes(6.0))
        await telegram.until(lambda: town.told("lucia", NIGHT) == 2, "the second copy")
        await town.fakes["slack"].tap(town.user("okafor"), "All written ✓")
        await second
        await town.passes(600.0)
        assert town.told("lucia", NIGHT) == 2


@both
@pytest.mark.parametrize("trouble", [{"status": 502, "body": "<html>"}, {"drop": True}], ids=["502", "reset"])
async def test_a_platform_that_is_ill_for_minutes(tmp_path: Path, homes: str, trouble: dict[str, object]) -> None:
    """G-151: at half past five every call fails, for ten minutes; afterwards everybody has the card, once."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("17:29")
        fault = town.fakes[homes].fail("*", times=9_999, **trouble)
        await town.at("17:30")
        for _ in range(60):
            await town.passes(10.0)
        fault.times = 0
        for _ in range(31):
            await town.passes(10.0)
        assert (town.told("lucia", NIGHT), town.told("jean", "Chloe · Tuesday")) == (1, 1)
        assert town.sees("lucia", NIGHT, ASKED).rang
        assert len(town.chats[homes].ends) < 100, "no busy loop"


@both
async def test_a_message_that_vanished_is_not_replaced_at_night(tmp_path: Path, homes: str) -> None:
    """G-162: at 22:30 everything of hers is deleted, then the teacher's late tap would redraw it: nothing rings."""
    async with two_platforms(database(tmp_path), homes) as (town, _):
        await town.at("22:30")
        rang = sum(shown.rang for shown in town.screen("lucia"))
        assert rang == 2
        for shown in list(town.screen("lucia")):
            town.fakes[homes].delete(shown)
        await town.taps("okafor", "All written ✓")
        await town.passes(600.0)
        assert town.ends("lucia", "edit")[-1] is not None
        await town.next_day("12:00")
        assert not town.screen("lucia")


async def test_a_chat_that_must_wait_stops_nobody_else_on_telegram(tmp_path: Path) -> None:
    """G-150: two chats are told to wait, each for its own time."""
    async with two_platforms(database(tmp_path), "telegram") as (town, _):
        await town.at("17:29")
        for name, wait in (("lucia", "20"), ("tom", "40")):
            town.fake(name).fail("sendMessage", status=429, headers={"Retry-After": wait}, to=town.user(name))
        await town.at("17:30")
        town.sees("jean", "Chloe · Tuesday", ASKED)
        for seconds, seen in ((19.0, (0, 0)), (2.0, (1, 0)), (18.0, (1, 0)), (2.0, (1, 1))):
            await town.passes(seconds)
            assert (town.told("lucia", NIGHT), town.told("tom", NIGHT)) == seen


# --- events that never arrive -----------------------------------------------------------------------------------------


async def test_a_press_that_slack_lost_can_be_made_again(tmp_path: Path) -> None:
    """G-159: what was lost for good leaves the question open; the words blame nobody; a later press is as good."""
    async with two_platforms(database(tmp_path), "slack") as (town, _):
        await town.at("17:30")
        assert town.sees("lucia", NIGHT, ASKED)  # she pressed at 18:00, and Slack never told us
        await time_goes_by(town, "23:01")
        assert "no answer" in town.sees("lucia", NIGHT).text
        await town.next_day("15:10")
        last_night = town.sees("okafor", "Last night at home").text
        assert "Ana: no answer" in last_night and "did not answer" not in last_night
        await town.taps("lucia", ASKED, town.sees("lucia", NIGHT, ASKED))
        assert recorded(town, "home", "done") == 1
        town.sees("lucia", f"{NIGHT} · done")


# --- the real program -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def on_the_line(folder: Path, platform: str) -> AsyncIterator[tuple[Live, Wire]]:
    """The real program on a school day, Ms Park joined, and the line to one of its platforms."""
    async with live(folder, mode="http") as house:
        there = (house.slack if platform == "slack" else house.telegram).api_base_url
        async with Wire(there) as line:
            config = folder / "config.toml"
            config.write_text(config.read_text().replace(there, line.through(there)))
            await park_and_okafor(house)
            yield house, line
            await house.stop()
            assert not house.slack.complaints + house.telegram.complaints


async def okafors_evening(house: Live) -> None:
    """She sees her card on Slack, taps, and it is drawn."""
    await house.slack.sees("U1", "Tue, Sep 15 · planners seen?", "All written ✓", patience=30)
    ack = await house.slack.tap("U1", "All written ✓")
    assert ack.ok
    await house.slack.sees("U1", "both written", "Change")


async def parks_evening(house: Live) -> None:
    """The same on Telegram, where her tap is thanked for."""
    await house.telegram.sees(PARK, "Tue, Sep 15 · planners seen?", "All written ✓", patience=30)
    tap = await house.telegram.tap(PARK, "All written ✓")
    assert await tap.answered() == "Thank you."
    await house.telegram.sees(PARK, "written", "Change")


EVENINGS = {"slack": okafors_evening, "telegram": parks_evening}
troubled = pytest.mark.parametrize(("ill", "well"), [("slack", "telegram"), ("telegram", "slack")])


def cards(house: Live, platform: str) -> int:
    screen = house.slack.screen("U1") if platform == "slack" else house.telegram.screen(PARK)
    return sum(shown.text.startswith("Tue, Sep 15") for shown in screen)


@troubled
async def test_a_platform_that_hangs_does_not_slow_the_other(tmp_path: Path, ill: str, well: str) -> None:
    """G-163: it takes every connection and answers none; on the other one a card is seen and a tap is answered."""
    async with on_the_line(tmp_path, ill) as (house, line):
        await house.run("2026-09-15T15:08:00", 60)
        await line.hang()
        await EVENINGS[well](house)
        assert cards(house, ill) == 0
        await line.mend()
        await EVENINGS[ill](house)
        assert (cards(house, ill), cards(house, well)) == (1, 1)


@troubled
async def test_a_platform_that_is_away_at_the_start_and_comes_later(tmp_path: Path, ill: str, well: str) -> None:
    """G-151: readyz names it; the other one works meanwhile; it is taken up as soon as it is there."""
    async with on_the_line(tmp_path, ill) as (house, line):
        await line.cut()
        house.process = await house._start("run", "--practice-clock", "2026-09-15T15:09:30-04:00@60")
        await EVENINGS[well](house)
        assert ill in await readyz(house)
        await line.mend()
        await EVENINGS[ill](house)
        await house.ready()
        assert (cards(house, ill), cards(house, well)) == (1, 1)


@troubled
async def test_a_token_that_is_revoked(tmp_path: Path, ill: str, well: str) -> None:
    """G-156: readyz says which lane is down, the other goes on, and the cards wait for a token that works."""
    async with on_the_line(tmp_path, ill) as (house, _):
        await house.run("2026-09-15T15:08:00", 60)
        house.slack.revoked = ill == "slack"
        house.telegram.token = "123456:another" if ill == "telegram" else house.telegram.token
        await EVENINGS[well](house)
        assert ill in await readyz(house) and cards(house, ill) == 0
        await house.stop()
        house.slack.revoked, house.telegram.token = False, "123456:TEST-token"
        await house.run("2026-09-15T15:25:00", 60)
        await EVENINGS[ill](house)
        assert (cards(house, ill), cards(house, well)) == (1, 1)


async def readyz(house: Live) -> str:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{house.port}/readyz") as answer:
        return await answer.text()


async def test_three_of_ten_calls_are_answered_with_slow_down(tmp_path: Path) -> None:
    """G-150: on both platforms, whatever is called: everybody has each message once, and nobody is asked in a loop."""
    async with on_the_line(tmp_path, "telegram") as (house, _):
        for seed, fake in enumerate((house.slack, house.telegram), 1):
            print(f"seed {seed}")
            fake.luck = Random(seed)
            fake.calls.clear()
            fake.fail("*", times=9_999, status=429, chance=0.3)
        await house.run("2026-09-15T15:08:00", 60)
        await parks_evening_in_time(house)
        await okafors_evening(house)
        assert (cards(house, "slack"), cards(house, "telegram")) == (1, 1)
        sends = [call for call in house.telegram.calls + house.slack.calls if call.method in SENDS.values()]
        assert len(sends) < 40


async def parks_evening_in_time(house: Live) -> None:
    """Her toast may be what was refused, so only the screen is looked at."""
    await house.telegram.sees(PARK, "Tue, Sep 15 · planners seen?", "All written ✓", patience=30)
    await house.telegram.tap(PARK, "All written ✓")
    await house.telegram.sees(PARK, "written", "Change")
