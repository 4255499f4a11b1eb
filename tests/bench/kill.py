"""`kill`: the real program, killed with -9 at random while cards go out to many families and are answered at once.

Half of the families are on Slack, half on Telegram, which take their time over every message, so that several are under
way when a kill comes. A control run goes the same way without kills.
"""

import asyncio
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text, update

from storage.engine import open_engine
from storage.load import address
from tests.bench import town
from tests.bench.figures import SEED, Figure, progress
from tests.bench.scratch import New
from tests.bench.stage import at
from tests.bench.town import SCHOOL
from tests.fakes.screens import Screens, Shown
from tests.live import Live, live
from tests.sound import wrong_in

SIZE = 20  # kills
FAMILIES = 20  # a kill; on average half of them are written to between two kills
PRESS = 0.6  # the share of families that answer at once
LATENCY = (0.01, 0.02, 0.04, 0.06, 0.1, 0.15)  # seconds a platform takes, by lot, half of them after it has shown it
SLOW = ("sendMessage", "editMessageText", "chat.postMessage", "chat.update")
PATIENCE = 120.0  # seconds without a new message after which cards count as lost


class Stuck(Exception):
    """Cards or presses do not arrive; the message holds the end of what the program wrote."""


async def measure(new: New, size: int) -> list[Figure]:
    """`size`: how many kills."""
    killed = await Evening(new(), size, kills=size).told()
    control = await Evening(new(), size, kills=0).told()
    copies = [float(n) for n in killed.copies_of_a_kill]
    return [
        Figure("arrivals lost", "", [killed.lost_in], 0),
        Figure("cards lost", "", [killed.lost_out], 0),
        Figure("facts that count twice", "", [killed.doubled], 0),
        Figure("extra copies a kill, mean", "", [sum(copies) / max(1, size)]),
        Figure("extra copies a kill, most", "", [max(copies, default=0.0)]),
        Figure("cards shown more than twice for one kill", "", [killed.thrice], 0),
        Figure("faults of the database afterwards", "", [killed.wrong], 0),
        Figure("extra copies without kills", "", [sum(control.copies_of_a_kill)], 0),
        Figure("lost or doubled without kills", "", [control.lost_in + control.lost_out + control.doubled], 0),
    ]


@dataclass(slots=True)
class Told:
    """How an evening went."""

    lost_in: int
    lost_out: int
    doubled: int
    copies_of_a_kill: Sequence[int]
    thrice: int
    wrong: int


@dataclass(slots=True)
class Evening:
    """One fan-out to its end."""

    url: str
    size: int
    kills: int
    sign: int = signal.SIGKILL
    lot: random.Random = field(default_factory=lambda: random.Random(SEED))
    killed_at: list[float] = field(default_factory=list)  # time.monotonic() of each kill
    presses: Counter[str] = field(default_factory=Counter)  # user → presses so far
    taken: set[str] = field(default_factory=set)  # action_ts of presses that Slack believes delivered

    @property
    def families(self) -> int:
        return FAMILIES * self.size

    async def told(self) -> Told:
        first = _settle(self.url, self.families)
        users = [_user(first + n) for n in range(self.families)]
        with tempfile.TemporaryDirectory(prefix="kill-") as place:
            async with live(Path(place), database=self.url) as house:
                await _known(house, users)
                people = [asyncio.ensure_future(self._answers(house, u)) for u in users if self.lot.random() < PRESS]
                await self._evening(house, users)
                await asyncio.wait(people, timeout=PATIENCE)
                for one in people:
                    one.cancel()
                await house.telegram.until(lambda: not house.telegram.updates.waiting, "every press is taken", PATIENCE)
                await house.stop()
                return self._count(house, users)

    async def _evening(self, house: Live, users: Sequence[tuple[str, str]]) -> None:
        """Kills after so many further messages as the lot says; then lets it go on until every card is shown."""
        began = time.monotonic()
        for n in range(self.kills):
            progress(f"kill: {n + 1} of {self.kills} …")
            await self._starts(house, began)
            seen = _messages(house) + self.lot.randint(1, FAMILIES)
            await _until(house, lambda: _messages(house) >= seen)  # noqa: B023  it is awaited in this round
            await house.stop(self.sign)
            self.killed_at.append(time.monotonic())
        progress("kill: the rest goes out …")
        await self._starts(house, began)
        with suppress(Stuck):  # what was not shown is counted
            await _until(house, lambda: all(_screen(house, user) for user in users))

    async def _starts(self, house: Live, began: float) -> None:
        """At the moment that it is by now. The dead one's leases have run out: half a minute nobody wants to wait."""
        engine = open_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text("update lane set owner = '', lease_until = 0"))
        engine.dispose()
        moment = at("17:30").astimezone(SCHOOL.zone) + timedelta(seconds=time.monotonic() - began)
        await house.run(moment.strftime("%Y-%m-%dT%H:%M:%S"), 1)

    async def _answers(self, house: Live, who: tuple[str, str]) -> None:
        """Presses the first message; on Slack again and again until it is taken, for Slack does not keep a press."""
        platform, user = who
        await _until(house, lambda: bool(_screen(house, who)))
        shown = _screen(house, who)[0]
        label = shown.labels()[0]
        if platform == "telegram":
            self.presses[user] += 1
            await house.telegram.tap(user, label, shown=shown)
            return
        button = shown.button(label)
        for n in range(1000):
            self.presses[user] += 1
            name = f"{1_900_000_000 + int(user[1:])}.{n:06}"
            if (await house.slack.press(user, shown, button, action_ts=name)).ok:
                self.taken.add(name)
                return
            await _until(house, lambda: bool(house.slack.sockets))

    def _count(self, house: Live, users: Sequence[tuple[str, str]]) -> Told:
        engine = open_engine(self.url)
        with engine.begin() as connection:
            stored = set(connection.execute(text("select source from arrival")).scalars())
            facts = connection.execute(text(_FACTS)).all()
        engine.dispose()
        sent = [[sum(killed < at for killed in self.killed_at) for at in _asked(house, who)] for who in users]
        again = Counter(life for lives in sent for life in lives[:-1])  # the kill that ended this life is to blame
        return Told(
            lost_in=len(self.taken - {source.rpartition(":")[2] for source in stored})
            + sum(f"telegram:cb:{tap.id}" not in stored for tap in house.telegram.taps),
            lost_out=sum(not _screen(house, who) for who in users),
            doubled=sum(max(0, row.n - self.presses[row.user]) for row in facts),
            copies_of_a_kill=[again[n] for n in range(max(1, self.kills))],
            thrice=sum(len(set(lives)) < len(lives) for lives in sent),
            wrong=len(wrong_in(self.url)),
        )


_FACTS = """
    select a."user" as user, count(*) as n from fact f join address a on a.person = f.person
    where f.kind = 'home' group by a."user"
"""


def _settle(url: str, families: int) -> int:
    """Everything is written down and the home cards are due at 17:30; the number of the first guardian."""
    store = town.new_store(url)
    joined = at("12:00")
    lanes = [store.lane("slack", "", "T1").id, store.lane("telegram").id]
    town.settle(store, lanes[0], families, joined)
    first = len(town.CLASSES) * (-(-families // town.IN_CARE)) + 1
    with store.engine.begin() as connection:
        for n in range(first, first + families):
            platform, user = _user(n)
            chat = user if platform == "telegram" else ""
            values = {"lane": lanes[platform == "telegram"], "user": user, "chat": chat}
            connection.execute(update(address).where(address.c.person == n).values(**values))
    store.open_days(joined)
    town.record(store, at("15:12"), town.written(families, at("15:12")))
    store.close()
    return first


def _user(n: int) -> tuple[str, str]:
    return ("telegram", str(6_000_000_000 + n)) if n % 2 else ("slack", f"U{n}")


async def _known(house: Live, users: Sequence[tuple[str, str]]) -> None:
    """Everybody has a screen; those on Telegram pressed Start long ago. Both platforms take their time."""
    for platform, user in users:
        if platform == "slack":
            house.slack.person(user, name=user)
        else:
            house.telegram.person(user)
            await house.telegram.start(user)
    house.telegram.updates.waiting.clear()
    for screens in (house.slack, house.telegram):
        for method in SLOW:
            _takes_its_time(screens, method)


def _takes_its_time(screens: Screens, method: str) -> None:
    """Each latency comes equally often, by the fake's own luck."""
    ways = [(delay, after) for delay in LATENCY for after in (False, True)]
    for n, (delay, after) in enumerate(ways):
        screens.fail(method, times=1_000_000, delay=delay, after=after, chance=1 / (len(ways) - n))


def _screen(house: Live, who: tuple[str, str]) -> list[Shown]:
    platform, user = who
    return (house.slack if platform == "slack" else house.telegram).screen(user)


def _asked(house: Live, who: tuple[str, str]) -> list[float]:
    """When the platform was asked to show this person something new; a message may appear after the kill."""
    platform, user = who
    if platform == "telegram":
        return [
            call.at
            for call in house.telegram.calls
            if call.method == "sendMessage" and str(call.args["chat_id"]) == user
        ]
    places = {user, *(channel.id for channel in house.slack.channels.values() if channel.user == user)}
    return [
        call.at for call in house.slack.calls if call.method == "chat.postMessage" and call.args["channel"] in places
    ]


def _messages(house: Live) -> int:
    return sum(len(shown) for one in (house.slack, house.telegram) for shown in one.people.values())


async def _until(house: Live, true: Callable[[], bool]) -> None:
    """Looks fifty times a second: two fakes change, and neither tells of the other."""
    seen, end = _messages(house), time.monotonic() + PATIENCE
    while not true():
        if _messages(house) != seen:
            seen, end = _messages(house), time.monotonic() + PATIENCE
        if time.monotonic() > end:
            raise Stuck(f"nothing moves any more; the program said:\n{house.log()[-2000:]}")
        await asyncio.sleep(0.02)
