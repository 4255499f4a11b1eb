"""Two workspaces of one Slack app, told as what people in each of them see: over one socket, and over one address."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.slack.app import SlackApp
from adapters.slack.chat import SlackChat
from bot.model import Address, Button, Message, Span
from bot.ports import Answer, LaneDown, Said, Tapped
from tests.contract import PATIENCE, Recorder, serving
from tests.fakes.slack import SlackFake

MODES = ("socket", "http")
HELLO = Message(lines=((Span("Please write to me directly."),),), preview="Hello")


@dataclass(slots=True)
class Ward:
    """One workspace: what its people see, the chat that speaks there, and the ear that hears them."""

    slack: SlackFake
    chat: SlackChat
    ear: Recorder = field(default_factory=Recorder)
    listening: "asyncio.Task[None] | None" = None

    async def hears(self) -> None:
        """Waits until what people do now reaches the ear."""
        told = len(self.ear.reports)
        self.listening = asyncio.create_task(self.chat.listen(self.ear))
        await self.ear.until(lambda: len(self.ear.reports) > told, "that the workspace is heard")

    async def deaf(self) -> None:
        assert self.listening
        self.listening.cancel()
        with suppress(asyncio.CancelledError, LaneDown):
            await self.listening

    async def card(self, words: str) -> None:
        message = Message(((Span(words),),), ((Button("Done", f"key-of-{words}"),),), words)
        await self.chat.send(Address(id=1, person=1, lane=self.chat.lane, user="U1", chat=""), message, words, None)
        await self.slack.sees("U1", words, "Done")


@asynccontextmanager
async def town(mode: str) -> AsyncIterator[tuple[Ward, Ward]]:
    """T1 and T2, on lanes 1 and 2; nobody listens yet. U1 is somebody else in each."""
    async with SlackFake("T1") as west, SlackFake("T2", bot_token="xoxb-east") as east:
        west.beside[east.bot_token], east.through = east, west
        app = SlackApp(west.app_token, west.signing_secret, mode, west.api_base_url, "I have written to you.")
        wards = []
        for lane, slack in enumerate((west, east), 1):
            slack.person("U1", name=f"Okafor of {slack.team}")
            slack.ack_seconds = 1.0
            wards.append(Ward(slack, await connected(app, west, slack.bot_token, lane)))
        async with serving(app.routes) as front:
            west.events_url = east.events_url = f"{front}/slack/events" if mode == "http" else None
            yield wards[0], wards[1]
            for ward in wards:
                if ward.listening:
                    await ward.deaf()
        for ward in wards:
            await ward.chat.close()


async def connected(app: SlackApp, slack: SlackFake, token: str, lane: int) -> SlackChat:
    """As bot/workspaces.py makes one."""
    chat = SlackChat(
        bot_token=token, app_token="", signing_secret="", mode=app.mode, api_base_url=slack.api_base_url, app=app
    )
    app.inbox.known.add(await chat.connect())
    chat.lane = lane
    return chat


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=MODES)
async def both(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Ward, Ward]]:
    """Two workspaces that are heard."""
    async with town(request.param) as (west, east):
        await west.hears()
        await east.hears()
        yield west, east


def of_team(team: str, **event: Any) -> dict[str, Any]:
    """What Slack tells of a workspace."""
    about = {"type": "message", "user": "U1", "text": "hello", "ts": "1700000000.000100", "channel": "D1"}
    about |= {"channel_type": "im", "team": team}
    return {"type": "event_callback", "team_id": team, "event_id": "Ev77", "event": about | event}


# --- each its own ---


async def test_a_press_reaches_the_lane_of_its_own_workspace(both: tuple[Ward, Ward]) -> None:
    west, east = both
    await west.card("West")
    await east.card("East")
    assert (await east.slack.tap("U1", "Done")).ok
    [tap] = east.ear.arrivals
    assert isinstance(tap, Tapped)
    assert (tap.account.lane, tap.data) == (2, "key-of-East")
    assert west.ear.arrivals == []
    assert (await west.slack.tap("U1", "Done")).ok
    assert [tap.account.lane for tap in west.ear.arrivals] == [1]
    assert [len(ward.slack.screen("U1")) for ward in both] == [1, 1]
    assert west.slack.complaints == east.slack.complaints == []


async def test_one_user_id_in_two_workspaces_is_two_people(both: tuple[Ward, Ward]) -> None:
    """G-036: told apart by their lanes, and what each said by its source, though Slack's ids of it are the same."""
    for ward in both:
        assert (await ward.slack.event(of_team(ward.slack.team, text=f"here {ward.slack.team}"))).ok
    west, east = (ward.ear.arrivals[0] for ward in both)
    assert isinstance(west, Said) and isinstance(east, Said)
    assert (west.text, west.account.lane, east.text, east.account.lane) == ("here T1", 1, "here T2", 2)
    assert west.account.user == east.account.user
    assert west.source != east.source


async def test_a_reply_and_the_home_tab_stand_in_the_own_workspace(both: tuple[Ward, Ward]) -> None:
    west, east = both
    east.ear.answer = Answer(reply=HELLO)
    assert (await east.slack.say("U1", "who are you")).ok
    await east.slack.sees("U1", "write to me")
    assert (await east.slack.opens_home("U1")).ok
    await east.slack.until(lambda: east.slack.home("U1") is not None, "the Home tab")
    assert (west.slack.screen("U1"), west.slack.home("U1")) == ([], None)


async def test_a_command_is_answered_and_heard_in_its_workspace(both: tuple[Ward, Ward]) -> None:
    west, east = both
    ack = await east.slack.command("U1", "today", channel="C1")
    assert ack.ok
    assert ack.body == "I have written to you."
    assert ([type(one) for one in east.ear.arrivals], west.ear.arrivals) == ([Said], [])


# --- who does not belong here ---


async def test_a_workspace_that_never_installed_us_is_refused(
    both: tuple[Ward, Ward], caplog: pytest.LogCaptureFixture
) -> None:
    """G-011: acknowledged, in the log, and nothing of it kept; also what cannot be read."""
    west, _ = both
    unreadable = of_team("T9") | {"event": None}
    for body in (of_team("T9", text="canary"), unreadable, of_team("T9", ts="no number")):
        assert (await west.slack.event(body, retry_num=1)).ok
    for ward in both:
        assert (ward.ear.arrivals, ward.ear.parked) == ([], [])
    assert caplog.text.count("of another workspace") == 3
    assert "canary" not in caplog.text


async def test_a_guest_from_our_other_workspace_is_no_member_here(both: tuple[Ward, Ward]) -> None:
    """Slack Connect: both workspaces are ours, and still nobody of one is heard, or answered, in the other."""
    west, _ = both
    west.slack.person("U9", name="Guest", team="T2")
    await west.card("West")
    shown = await west.slack.sees("U1", "West")
    assert (await west.slack.press("U9", shown, shown.button("Done"))).ok
    assert (await west.slack.event(of_team("T1", user_team="T2"), retry_num=1)).ok
    for ward in both:
        assert (ward.ear.arrivals, ward.ear.parked) == ([], [])


@pytest.mark.parametrize("broken", [{"event": None}, {"event": {"type": "message", "user": 5, "channel_type": "im"}}])
async def test_what_cannot_be_read_is_put_aside_in_its_own_lane(
    both: tuple[Ward, Ward], broken: dict[str, Any]
) -> None:
    west, east = both
    assert (await east.slack.event(of_team("T2") | broken, retry_num=1)).ok
    [(lane, source, raw)] = east.ear.parked
    assert (lane, json.loads(raw)["team_id"]) == (2, "T2")
    assert source.startswith("slack:T2:unreadable:")
    assert west.ear.parked == []


async def test_the_app_leaves_one_workspace_and_the_other_goes_on(both: tuple[Ward, Ward]) -> None:
    west, east = both
    assert (await west.slack.event({"type": "app_uninstalled"})).ok
    assert west.listening
    with pytest.raises(LaneDown, match="removed"):
        await asyncio.wait_for(west.listening, PATIENCE)
    await east.card("East")
    assert (await east.slack.tap("U1", "Done")).ok
    assert len(east.ear.arrivals) == 1
    assert (await west.slack.event(of_team("T1"), retry_num=1)).ok, "what is late of a workspace that left is refused"
    assert (west.ear.arrivals, west.ear.parked) == ([], [])
    await west.hears()
    assert (await west.slack.say("U1", "back again")).ok
    assert len(west.ear.arrivals) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_what_comes_before_a_workspace_is_heard_is_not_acknowledged(mode: str) -> None:
    """It would be lost: Slack is told so, and sends events again."""
    async with town(mode) as (west, east):
        await west.hears()
        assert not (await east.slack.event(of_team("T2"), retry_num=1)).ok
        assert not (await east.slack.event(of_team("T2") | {"event": None}, retry_num=1)).ok
        await east.hears()
        assert (await east.slack.event(of_team("T2"), retry_num=2)).ok
        assert len(east.ear.arrivals) == 1
        assert (west.ear.arrivals, west.ear.parked, east.ear.parked) == ([], [], [])


# --- one connection ---


async def test_all_workspaces_share_one_socket_until_the_last_one_goes() -> None:
    async with town("socket") as (west, east):
        await west.hears()
        await east.hears()
        opened = [call.method for call in west.slack.calls].count("apps.connections.open")
        assert (opened, len(west.slack.sockets)) == (1, 1)
        await west.deaf()
        assert len(west.slack.sockets) == 1
        assert (await east.slack.say("U1", "today")).ok
        await east.deaf()
        await west.slack.until(lambda: not west.slack.sockets, "that the socket is closed")
        await west.hears()
        assert (await west.slack.say("U1", "today")).ok


async def test_one_comes_while_the_last_one_goes() -> None:
    """Whoever comes gets a socket, and not the end of the one before."""
    async with town("socket") as (west, east):
        await west.hears()
        assert west.listening
        west.listening.cancel()
        for _ in range(3):
            await asyncio.sleep(0)
        await east.hears()
        await west.deaf()
        assert (await east.slack.say("U1", "today")).ok
        assert len(east.ear.arrivals) == 1


async def test_a_refused_app_token_is_everybodys_trouble() -> None:
    async with town("socket") as wards:
        for ward in wards:
            await ward.hears()
        wards[0].slack.app_token = "xapp-another"
        wards[0].slack.drop_sockets()
        for ward in wards:
            assert ward.listening
            with pytest.raises(LaneDown):
                await asyncio.wait_for(ward.listening, PATIENCE)


async def test_a_slow_store_of_one_workspace_holds_back_what_the_other_calls_heard() -> None:
    """Careful rather than exact: what is under way on the common connection counts for both."""
    async with town("http") as (west, east):
        await west.hears()
        west.ear.gate = asyncio.Event()
        saying = asyncio.create_task(west.slack.say("U1", "today"))
        await west.ear.until(lambda: west.ear.asked == 1, "that it is being stored")
        came = west.ear.now()
        await east.hears()
        assert east.ear.reports[-1][1] <= came
        west.ear.gate.set()
        assert (await saying).ok
