"""Short stories of a school with one child, told by people who go on after the bot has died, for `test_matrix`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Fact
from bot.ports import Account
from bot.roster import read
from storage.office import find_person, link
from storage.rosters import put
from storage.turn import Turn
from tests.days import new_store
from tests.fakes.screens import Shown
from tests.live import LUCIA, Live
from tests.test_live import SPANISH

ROSTER = """student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,,Lucía Romero,,es,yes
"""
OKAFOR = ("slack", "U1")
AT_HOME = ("telegram", LUCIA)


@dataclass(frozen=True, slots=True)
class Story:
    """What has happened before, when the bot starts, when it starts again, what people do, and what then stands."""

    joined: Mapping[str, tuple[str, str]]  # name → (platform, user)
    before: str  # local moment at which they joined
    start: str
    again: str
    people: Callable[[Live], Awaitable[None]]
    facts: set[str]  # "kind value" of what is in the record afterwards about that date, each once
    messages: Mapping[tuple[str, str], int]  # (platform, user) → how many messages the bot has sent
    opened: bool = False  # the date of `before` was opened then, and the one class was confirmed as written


def prepare(database: str, story: Story) -> None:
    """The school as it stands before the story, written as the office and the desk would write it."""
    now = datetime.fromisoformat(f"{story.before}-04:00")
    store = new_store(database)
    store.turn("lincoln", now, lambda turn: put(turn, read(ROSTER.encode()).rows))
    lanes = {"slack": store.lane("slack", "", "T1").id, "telegram": store.lane("telegram").id}
    for name, (platform, user) in story.joined.items():
        chat = user if platform == "telegram" else ""
        store.turn("lincoln", now, _joins(name, Account(lanes[platform], user, chat, name)))
    if story.opened:
        store.open_days(now)
        fact = Fact("line", "written", now, "before", person=1, role="teacher", student=1, course=1, day=now.date())
        store.turn("lincoln", now, lambda turn: turn.record([fact]))
    store.close()


def _joins(name: str, account: Account) -> Callable[[Turn], object]:
    return lambda turn: link(turn, find_person(turn, name), account)


# --- people ----------------------------------------------------------------------------------------------------------


async def okafor_ticks(house: Live) -> None:
    """She presses until Slack has taken her press or the card shows it; then she sees it shown."""
    await house.slack.sees("U1", "planners seen?", "All written ✓", patience=30)
    while not _shows(house.slack.screen("U1"), "Change"):
        await house.slack.until(
            lambda: bool(house.slack.sockets) or _shows(house.slack.screen("U1"), "Change"), "Slack"
        )
        if house.slack.sockets and (await house.slack.tap("U1", "All written ✓")).ok:
            break
    await house.slack.sees("U1", "written", "Change", patience=30)


async def lucia_ticks(house: Live) -> None:
    """She presses once, on the message she saw first; Telegram keeps the press for us."""
    card = await house.telegram.sees(LUCIA, "Ana · martes", "Todo hecho ✓", patience=30)
    await house.telegram.tap(LUCIA, "Todo hecho ✓", shown=card)
    await house.telegram.sees(LUCIA, "Ana · martes · hecho", patience=30)


async def lucia_presses_twice(house: Live) -> None:
    """Her first press meets a fault of ours; nothing changes on her screen, so she presses once more."""
    card = await house.telegram.sees(LUCIA, "Ana · martes", "Todo hecho ✓", patience=30)
    await house.telegram.tap(LUCIA, "Todo hecho ✓", shown=card)
    await house.telegram.until(lambda: not house.telegram.updates.waiting, "the first press was taken", 30)
    await house.telegram.tap(LUCIA, "Todo hecho ✓", shown=card)
    await house.telegram.sees(LUCIA, "Ana · martes · hecho", patience=30)


async def lucia_joins(house: Live) -> None:
    """A code, two yeses, and the teacher's yes on Slack."""
    await house.telegram.start(LUCIA, house.codes["Lucía Romero"])
    for label in SPANISH:
        await house.telegram.sees(LUCIA, "", label, patience=30)
        await house.telegram.tap(LUCIA, label)
    await house.slack.sees("U1", "wants to join for Ana", "Yes, that's Lucía", patience=30)
    while not (await house.slack.tap("U1", "Yes, that's Lucía")).ok:
        await house.slack.until(lambda: bool(house.slack.sockets), "a socket", 30)
    await house.telegram.sees(LUCIA, "Te damos la bienvenida", patience=30)


async def nobody_answered(house: Live) -> None:
    """The next day's card tells the teacher how the evening went."""
    await house.slack.sees("U1", "Wed, Sep 16 · planners seen?", "All written ✓", patience=30)


def _shows(screen: list[Shown], label: str) -> bool:
    return any(label in shown.labels() for shown in screen)


AFTERNOON = Story(
    joined={"Ms Okafor": OKAFOR},
    before="2026-09-15T07:00:00",
    start="2026-09-15T15:09:30",
    again="2026-09-15T15:14:00",
    people=okafor_ticks,
    facts={"line written"},
    messages={OKAFOR: 1},
)
EVENING = Story(
    joined={"Ms Okafor": OKAFOR, "Lucía Romero": AT_HOME},
    before="2026-09-15T07:00:00",
    start="2026-09-15T17:29:30",
    again="2026-09-15T17:34:00",
    people=lucia_ticks,
    facts={"line written", "home done"},
    messages={AT_HOME: 1},
    opened=True,
)
UNLUCKY = replace(EVENING, people=lucia_presses_twice)
JOINING = Story(
    joined={"Ms Okafor": OKAFOR},
    before="2026-09-15T07:00:00",
    start="2026-09-15T12:00:00",
    again="2026-09-15T12:30:00",
    people=lucia_joins,
    facts={"joined guardian"},
    messages={OKAFOR: 1, AT_HOME: 1},
)
NIGHT = Story(
    joined={"Ms Okafor": OKAFOR, "Lucía Romero": AT_HOME},
    before="2026-09-15T07:00:00",
    start="2026-09-16T06:00:00",
    again="2026-09-16T15:09:30",
    people=nobody_answered,
    facts={"line written", "unasked home"},
    messages={OKAFOR: 1},
    opened=True,
)
