"""Every error of the two platforms, row by row: what it is taken for, and what a person or the school sees then."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import hands as hands_module
from bot.hands import BACKOFF
from bot.model import Card
from bot.ports import ChatFailure, Later
from storage import load
from storage.load import card, fact
from tests.fakes.screens import Fault, Shown
from tests.fakes.wire import Wire
from tests.two_platforms import TwoPlatforms, two_platforms

DATA = Path(__file__).parent / "data"
SENDS = {"slack": "chat.postMessage", "telegram": "sendMessage"}
EDITS = {"slack": "chat.update", "telegram": "editMessageText"}
HELP = "You can write: today"
LOST, BACK = "Messages to Lucía Romero are not arriving.", "Messages to Lucía Romero arrive again."
FOREVER = 100.0  # seconds of real time: longer than any test waits
SHORT = 0.3  # seconds the hands wait here for an answer


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `why_not` says why it does not hold yet."""

    platform: str
    trouble: str
    on: str
    failure: str
    then: str
    why_not: str = ""


def rows() -> Iterator[Any]:
    for platform in ("slack", "telegram"):
        for line in (DATA / f"{platform}_faults.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                row = Row(platform, *(part.strip() for part in line.split(" | ")))
                marks = [pytest.mark.xfail(strict=True, reason=row.why_not)] if row.why_not else []
                yield pytest.param(row, id=f"{platform}: {row.trouble[:60]}: {row.on}", marks=marks)


# --- reading a trouble ------------------------------------------------------------------------------------------------

WIRES: dict[str, dict[str, Any]] = {
    "breaks off before": {"drop": True},
    "breaks off after": {"drop": True, "after": True},
    "never answers, and does nothing": {"delay": FOREVER},
    "never answers, but does it": {"delay": FOREVER, "after": True},
}


def how(row: Row) -> dict[str, Any]:
    """The row's trouble as a fault of a fake."""
    if row.trouble in WIRES:
        return WIRES[row.trouble]
    trouble, after, _ = row.trouble.partition(" after") if row.trouble.endswith(" after") else (row.trouble, "", "")
    if said := trouble.removeprefix("says ") if trouble.startswith("says ") else "":
        return {**(_slack_says(said) if row.platform == "slack" else _telegram_says(said)), "after": bool(after)}
    found = re.fullmatch(r"(\d+)(?: \[(.*?): (.*?)\])?(?: (.*))?", trouble)
    assert found, f"this is no trouble: {row.trouble}"
    status, header, value, body = found.groups()
    headers = {header: value} if header else {}
    body = "" if body == '""' else body
    return {"status": int(status), "headers": headers, "body": body, "after": bool(after)}


def _slack_says(code: str) -> dict[str, Any]:
    return {"body": json.dumps({"ok": False, "error": code})}


def _telegram_says(words: str) -> dict[str, Any]:
    found = re.fullmatch(r"(\d+) (.*?)(?: \[(\w+): (.*)\])?", words)
    assert found, f"Telegram does not say {words!r}"
    status, description, name, value = found.groups()
    more = {"parameters": {name: json.loads(value)}} if name else {}
    return {
        "status": int(status),
        "body": json.dumps({"ok": False, "error_code": int(status), "description": description, **more}),
    }


# --- what is done when it comes ---------------------------------------------------------------------------------------


async def evening_card(town: TwoPlatforms) -> None:
    await town.at("17:30")


async def word(town: TwoPlatforms) -> None:
    await town.says("lucia", "help")


async def teachers_tap(town: TwoPlatforms) -> None:
    await town.taps("okafor", "All written ✓")


Deed = Callable[[TwoPlatforms], Awaitable[None]]
DEEDS: dict[str, tuple[str, str, Deed]] = {  # what is tried → when, how the hands call it, and what brings it about
    "send": ("17:29", "send", evening_card),
    "answer": ("17:31", "send", word),
    "edit": ("17:40", "edit", teachers_tap),
}


def breaks(town: TwoPlatforms, row: Row, **more: Any) -> Fault:
    method = (EDITS if row.on == "edit" else SENDS)[row.platform]
    fault: dict[str, Any] = {**how(row), "to": town.user("lucia"), **more}
    return town.fake("lucia").fail(method, **fault)


async def in_trouble(town: TwoPlatforms, line: Wire, row: Row) -> None:
    """Brings the row's call about, in the row's trouble, up to the first failure."""
    when, _, deed = DEEDS[row.on]
    await town.at(when)
    if row.trouble == "cannot be reached":
        await line.cut()
        with pytest.raises(ConnectionRefusedError):  # by now the libraries know that their connections are gone
            await asyncio.open_connection("127.0.0.1", line.port)
        await deed(town)
        await line.mend()
        return
    breaks(town, row, times=2 if row.then in ("tried until it works", "Tom is asked after two") else 1)
    await deed(town)


def ends(town: TwoPlatforms, row: Row) -> list[ChatFailure | None]:
    """What the row's calls have ended in, those of before the trouble left out."""
    found = town.ends("lucia", DEEDS[row.on][1])
    return found[1:] if row.on == "answer" else found


def named(failure: ChatFailure | None) -> str:
    """A failure as the tables name it."""
    if not isinstance(failure, Later):
        return type(failure).__name__ if failure else "-"
    who = "everybody waits" if failure.whole_lane else "only she waits"
    return f"Later {failure.seconds:g} s, {who}"


def mine(town: TwoPlatforms, row: Row) -> list[Shown]:
    """Lucía's messages that the row is about."""
    part = HELP if row.on == "answer" else "Ana · Tuesday"
    return [shown for shown in town.screen("lucia") if part in shown.text]


def one_card(town: TwoPlatforms, kind: str, name: str = "lucia") -> Card:
    query = select(*load.CARD_COLUMNS).where(card.c.person == town.person(name), card.c.kind == kind)
    with town.store.engine.begin() as connection:
        return load.to_card(connection.execute(query).one())


def recorded(town: TwoPlatforms, kind: str, *values: str) -> int:
    where = fact.c.kind == kind, *([fact.c.value.in_(values)] if values else [])
    with town.store.engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(fact).where(*where)).scalar_one())


# --- what follows -----------------------------------------------------------------------------------------------------


async def waits(town: TwoPlatforms, row: Row, seconds: float) -> None:
    """Nothing is tried before that time, and something is right after it."""
    before = len(ends(town, row))
    await town.passes(seconds - 0.1)
    assert len(ends(town, row)) == before, "tried too early"
    await town.passes(0.2)
    assert len(ends(town, row)) == before + 1, "not tried in time"


async def then_it_comes(town: TwoPlatforms, row: Row) -> None:
    """After the time the platform asks for; whoever else writes there is answered now, or waits as well."""
    assert not mine(town, row)
    await town.says("jean", "help")
    later = ends(town, row)[0]
    assert isinstance(later, Later)
    assert town.told("jean", HELP) == (0 if later.whole_lane else 1)
    await waits(town, row, later.seconds)
    assert len(mine(town, row)) == town.told("jean", HELP) == 1
    assert mine(town, row)[0].rang or row.on == "answer"


async def then_it_is_drawn(town: TwoPlatforms, row: Row) -> None:
    later = ends(town, row)[0]
    assert isinstance(later, Later) and "all written" not in mine(town, row)[0].text
    await waits(town, row, later.seconds)
    drawn(town, row)


async def drawn_again(town: TwoPlatforms, row: Row) -> None:
    await waits(town, row, BACKOFF)
    drawn(town, row)


async def well(town: TwoPlatforms, row: Row) -> None:
    drawn(town, row)
    await town.passes(60.0)
    assert len(ends(town, row)) == 1


def drawn(town: TwoPlatforms, row: Row) -> None:
    """The card stands where it stood, as it should look, and nobody was rung."""
    assert [("all written" in shown.text, shown.rang) for shown in mine(town, row)] == [(True, True)]


async def sent_anew(town: TwoPlatforms, row: Row) -> None:
    assert not mine(town, row)
    await waits(town, row, BACKOFF)
    await settled_once(town, row)


async def first_copy_found(town: TwoPlatforms, row: Row) -> None:
    """Slack alone can be asked: the message that stands is the card's from now on, and nothing rings again."""
    assert len(mine(town, row)) == 1
    await waits(town, row, BACKOFF)
    await settled_once(town, row)
    sends = [call for call in town.fake("lucia").calls if call.method == SENDS[row.platform]]
    assert sum(call.args["channel"] in (town.user("lucia"), "D1") for call in sends) <= 2


async def settled_once(town: TwoPlatforms, row: Row) -> None:
    await town.passes(60.0)
    assert len(mine(town, row)) == 1
    if row.on == "send":
        assert town.fake("lucia").rings(town.user("lucia")) == 1
        await answers(town, row, mine(town, row)[0])


async def one_more_copy(town: TwoPlatforms, row: Row) -> None:
    """Both have the same buttons; pressed on the first one, the answer stands once and the first one closes."""
    await waits(town, row, BACKOFF)
    await town.passes(600.0)
    first, second = mine(town, row)
    assert first.buttons == second.buttons
    await answers(town, row, first)
    texts = [shown.text for shown in town.screen("lucia")]
    assert sum("done" in text for text in texts) == 1
    assert sum("This card has moved down." in text for text in texts) == 1


async def answers(town: TwoPlatforms, row: Row, shown: Shown) -> None:
    await town.taps("lucia", "All done ✓", shown)
    assert recorded(town, "home") == 1
    town.sees("lucia", "Ana · Tuesday · done")


async def never_twice(town: TwoPlatforms, row: Row) -> None:
    """Without buttons a second copy would say nothing new: the first one may stand there, and it is noted."""
    before = len(mine(town, row))
    await waits(town, row, BACKOFF)
    await town.passes(600.0)
    sends = [call for call in town.fake("lucia").calls if call.method == SENDS[row.platform]]
    assert sum(HELP in str(call.args.get("text")) for call in sends) == 1
    assert len(mine(town, row)) == before <= 1
    assert one_card(town, "help").fate == "unclear"


async def tom_is_asked(town: TwoPlatforms, row: Row) -> None:
    """At once; the coordinator reads it once; nothing is tried with her until she writes, and then she is reached."""
    assert not mine(town, row)
    await somebody_else(town, row)
    await town.starts("lucia")
    assert town.told("ruiz", LOST) == 0 and town.told("ruiz", BACK) == 1
    await town.says("lucia", "today")
    town.sees("lucia", "Ana · Tuesday", "All done ✓")


async def tom_is_asked_instead(town: TwoPlatforms, row: Row) -> None:
    """Her card stands as it was; it is drawn as soon as she is back, and she is not rung for it."""
    assert "all written" not in mine(town, row)[0].text
    rang = town.fake("lucia").rings(town.user("lucia"))
    await somebody_else(town, row)
    await town.taps("lucia", "Something's missing", mine(town, row)[0])
    assert town.told("ruiz", BACK) == 1
    assert "all written" in mine(town, row)[0].text
    assert town.fake("lucia").rings(town.user("lucia")) == rang


async def somebody_else(town: TwoPlatforms, row: Row) -> None:
    tried = len(ends(town, row))
    assert town.sees("tom", "Ana · Tuesday", "All done ✓").labels()[0] == "All done ✓"
    assert town.told("ruiz", LOST) == 1
    await town.passes(3_600.0)
    await town.at("18:10")
    assert (len(ends(town, row)), town.told("ruiz", LOST)) == (tried, 1)


async def lane_is_down(town: TwoPlatforms, row: Row) -> None:
    """readyz names it; the other platform goes on; its cards wait and come once when it is back."""
    hand = town.lanes[row.platform]
    assert hand.down
    await town.taps("ada", "All done ✓")
    town.sees("ada", "Ben · Tuesday · done")
    tried = len(ends(town, row))
    await town.passes(3_600.0)
    assert len(ends(town, row)) == tried
    hand.down = ""  # a new token, a new start
    await town.passes(30.0)
    assert len(mine(town, row)) == 1
    if row.on == "edit":
        drawn(town, row)


async def parked(town: TwoPlatforms, row: Row) -> None:
    """Our mistake is tried once; everybody else gets theirs."""
    kind = "help" if row.on == "answer" else "home"
    assert one_card(town, kind).fate == "parked"
    await town.passes(3_600.0)
    await town.at("19:30")
    assert len(ends(town, row)) == 1
    town.sees("jean", "Chloe · Tuesday", "All done ✓")


async def asked_after_two(town: TwoPlatforms, row: Row) -> None:
    """Refused for a reason nobody knows, and again, while others are served: Tom is asked meanwhile."""
    first = ends(town, row)[0]
    assert isinstance(first, Later)
    assert town.told("tom", "Ana · Tuesday") == 0 or "All done ✓" not in town.sees("tom", "Ana").labels()
    await town.says("jean", "help")
    await waits(town, row, first.seconds)
    town.sees("tom", "Ana · Tuesday", "All done ✓")
    assert town.told("ruiz", LOST) == 1


async def tried_until_it_works(town: TwoPlatforms, row: Row) -> None:
    """Never permanent: her own card is tried on, and when it comes she is reached again."""
    await asked_after_two(town, row)
    first = ends(town, row)[0]
    assert isinstance(first, Later)
    await waits(town, row, first.seconds)
    assert len(mine(town, row)) == 1 and ends(town, row)[-1] is None
    assert town.told("ruiz", BACK) == 1


async def silent_new_one(town: TwoPlatforms, row: Row) -> None:
    old, new = mine(town, row)
    assert ("all written" in new.text, new.rang) == (True, False)
    await town.passes(600.0)
    assert len(mine(town, row)) == 2 and old.rang


async def found_in_the_home(town: TwoPlatforms, row: Row) -> None:
    """Slack rings for every new message, so none is posted; the card is under `today`."""
    await town.passes(600.0)
    assert len(mine(town, row)) == 1
    await town.says("lucia", "today")
    assert "all written" in mine(town, row)[-1].text and "All done ✓" in mine(town, row)[-1].labels()


THEN: dict[str, Callable[[TwoPlatforms, Row], Awaitable[None]]] = {
    "then it comes, once": then_it_comes,
    "then it is drawn": then_it_is_drawn,
    "drawn again": drawn_again,
    "well": well,
    "sent anew, once": sent_anew,
    "the first copy is found": first_copy_found,
    "one more copy": one_more_copy,
    "never twice": never_twice,
    "Tom is asked": tom_is_asked,
    "Tom is asked instead": tom_is_asked_instead,
    "the lane is down": lane_is_down,
    "parked": parked,
    "Tom is asked after two": asked_after_two,
    "tried until it works": tried_until_it_works,
    "a silent new one": silent_new_one,
    "it is found in the App Home": found_in_the_home,
}


async def plays(row: Row, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands_module, "LONGEST_CALL", SHORT if row.trouble.startswith("never") else 15.0)
    async with two_platforms(database, row.platform) as (town, line):
        await in_trouble(town, line, row)
        assert named(ends(town, row)[0]) == row.failure
        await THEN[row.then](town, row)


@pytest.mark.parametrize("row", list(rows()))
async def test_fault(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLATFORMS 2.7, 2.12 and 3.6; G-150 to G-156."""
    await plays(row, f"sqlite:///{tmp_path / 'twoticks.db'}", monkeypatch)


def one_of_each() -> list[Any]:
    """The first row of every follow-up."""
    return list({one.values[0].then: one for one in reversed(list(rows())) if not one.marks}.values())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("row", one_of_each())
async def test_fault_on_postgresql(row: Row, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await plays(row, database, monkeypatch)


def test_every_follow_up_is_used() -> None:
    assert {row.values[0].then for row in rows()} == set(THEN)
