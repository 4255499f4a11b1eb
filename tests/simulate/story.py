"""Tells what stood on somebody's screens and what they did, to understand a violation."""

from collections.abc import Iterator

from tests.simulate.diary import Press
from tests.simulate.screens import Shown
from tests.simulate.town import Member
from tests.simulate.world import World


def story(world: World, name: str) -> Iterator[str]:
    """Of everybody who has, or follows, such a name: messages and presses in order, as local times."""
    for member in world.town.members:
        around = [*member.children, *member.pupils] if member.role == "guardian" or member.children else []
        if name in member.name or any(name in child.name for child in around):
            yield f"== {member.name}, {member.role}, {member.habit}, {' and '.join(member.lanes)}"
            yield from _of(world, member)
    for since, until, how in world.deaths:
        yield f"away {world.town.local(since):%d %H:%M:%S} – {world.town.local(until):%d %H:%M:%S} {how}"


def _of(world: World, member: Member) -> Iterator[str]:
    told: list[tuple[object, str]] = []
    for lane in member.lanes:
        screen = world.platforms[lane].screens[member.user]
        told += [(look.at, _look(world, shown, n)) for shown in screen.messages for n, look in enumerate(shown.looks)]
        told += [(a, f"{world.town.local(a):%d %H:%M:%S} blocks until {world.town.local(b)}") for a, b in screen.blocks]
        told += [(at, f"{world.town.local(at):%d %H:%M:%S} a send ends unclear") for at in screen.unclear]
    told += [(press.at, _press(world, press)) for press in world.diary if press.who is member]
    yield from (line for _, line in sorted(told, key=lambda one: str(one[0])))


def _look(world: World, shown: Shown, n: int) -> str:
    look = shown.looks[n]
    what = "edited" if n else "rings" if shown.rang else "silent"
    labels = " ".join(f"[{label}]" for label, _ in look.buttons)
    return f"{world.town.local(look.at):%d %H:%M:%S} {shown.ref} {what}: {' / '.join(look.lines)} {labels}"


def _press(world: World, press: Press) -> str:
    heard = ", ".join(f"{world.town.local(at):%H:%M:%S}" for at in press.tries)
    what = press.label or press.text or press.verb
    return f"{world.town.local(press.at):%d %H:%M:%S} presses {what!r} → {press.fate} {heard} {press.toast!r}"
