"""How a test tells a day: `await day.at("15:10")`, `day.sees("okafor", "Ana")`, `await day.taps("okafor", …)`."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from adapters.web.chat import Bubble
from bot.model import School
from bot.playhouse import Playhouse
from bot.schooldays import instant
from storage.engine import open_engine, upgrade
from storage.store import Store

NEW_YORK = ZoneInfo("America/New_York")
LINCOLN = School("lincoln", "Lincoln Middle School", NEW_YORK)

ROSTER = """student,group,class,teacher,teacher_contact,guardian,guardian_contact,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,okafor@school.example,Lucía Romero,L1,es,yes
Ana Romero,7B,Science,Mr Lind,,Tom Romero,T1,en,yes
Ana Romero,7B,English,Ms Park,,,,,yes
Ana Romero,7B,History,Mr Díaz,,,,,yes
Ben Osei,7B,Maths,Ms Okafor,,Ada Osei,A1,en,yes
Ben Osei,7B,Science,Mr Lind,,,,,yes
Chloe Martin,7B,Maths,Ms Okafor,,Jean Martin,J1,en,yes
Dev Shah,7B,Maths,Ms Okafor,,Mina Shah,M1,en,yes
Eli Weiss,7B,Maths,Ms Okafor,,Ruth Weiss,R1,en,yes
Jo Kim,7A,History,Mr Díaz,,Sun Kim,S1,en,yes
Sam Costa,7A,History,Mr Díaz,,Rui Costa,C1,en,yes
"""
USERS = {
    "Ms Okafor": "okafor", "Mr Lind": "lind", "Ms Park": "park", "Mr Díaz": "diaz", "Lucía Romero": "lucia",
    "Tom Romero": "tom", "Ada Osei": "ada", "Jean Martin": "jean", "Mina Shah": "mina", "Ruth Weiss": "ruth",
    "Sun Kim": "sun", "Rui Costa": "rui",
}  # fmt: skip
TUESDAY = date(2026, 9, 15)


def text(bubble: Bubble) -> str:
    return "\n".join("".join(span.text for span in line) for line in bubble.message.lines)


def labels(bubble: Bubble) -> list[str]:
    return [button.label for row in bubble.message.rows for button in row]


def new_store(url: str, school: School = LINCOLN) -> Store:
    engine = open_engine(url)
    upgrade(engine)
    return Store(engine, [school])


class Day:
    """A school date on a playhouse, told in local times."""

    def __init__(
        self, store: Store, school: School = LINCOLN, day: date = TUESDAY, roster: str = ROSTER,
        users: dict[str, str] | None = None, start: str = "15:09",
    ) -> None:  # fmt: skip
        self.day = day
        self.house = Playhouse(store, school, instant(day, time.fromisoformat(start), school.zone))
        self.house.enrol(roster, USERS if users is None else users)

    async def __aenter__(self) -> "Day":
        await self.house.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.house.close()
        self.house.store.close()

    async def at(self, clock: str, day: date | None = None) -> None:
        """Winds to that local time of this (or a later) date."""
        self.day = day or self.day
        moment = datetime.combine(self.day, time.fromisoformat(clock), self.house.school.zone)
        await self.house.wind(instant(self.day, moment.time(), self.house.school.zone))

    def screen(self, user: str) -> list[Bubble]:
        return [bubble for bubble in self.house.chat.bubbles(user) if not bubble.mine]

    def newest(self, user: str, label: str = "") -> Bubble:
        fits = [bubble for bubble in self.screen(user) if not label or label in labels(bubble)]
        assert fits, f"{user} has no message with {label!r}:\n{self.describe(user)}"
        return fits[-1]

    def sees(self, user: str, *parts: str) -> Bubble:
        """The newest message that holds all these parts."""
        for bubble in reversed(self.screen(user)):
            if all(part in text(bubble) for part in parts):
                return bubble
        raise AssertionError(f"{user} does not see {parts}:\n{self.describe(user)}")

    def does_not_see(self, user: str, part: str) -> None:
        assert not any(part in text(bubble) for bubble in self.screen(user)), self.describe(user)

    async def taps(self, user: str, *path: str) -> None:
        """Presses these buttons one after the other, each on the newest message that has it."""
        for label in path:
            await self.house.tap(user, self.newest(user, label), label)

    def rings(self, user: str) -> int:
        return sum(bubble.rang for bubble in self.screen(user))

    def describe(self, user: str) -> str:
        return "\n".join(
            f"[{b.ref}{' 🔔' if b.rang else ''}] {text(b)}\n   {'  '.join(f'[{one}]' for one in labels(b))}"
            for b in self.screen(user)
        )
