"""Everybody presses everything: a state machine whose oracle is a plain set of who is what to whom, and when."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update

from adapters.web.chat import Bubble
from bot.model import code36
from bot.schooldays import instant, local_day
from storage import links
from storage.load import arrival, card, fact, relation, student
from storage.load import invitation as invitations
from tests.days import Day, labels, new_store, text
from tests.test_joining import codes

# First names that stand nowhere else: whoever reads one has been shown that child.
QUILLAN, ZEPHYRINE, OTTOLINE, BARNABAS = CHILDREN = ("Quillan", "Zephyrine", "Ottoline", "Barnabas")
TAUGHT = {"Ms Okafor": (QUILLAN, ZEPHYRINE), "Mr Díaz": (OTTOLINE,), "Ms Park": (QUILLAN, BARNABAS)}
HOME = {"Tom Vex": (QUILLAN, OTTOLINE), "Lucía Vex": (QUILLAN,), "Ada Osei": (ZEPHYRINE,), "Rui Costa": (BARNABAS,)}
JOINED = {
    "okafor": "Ms Okafor",
    "diaz": "Mr Díaz",
    "park": "Ms Park",
    "tom": "Tom Vex",
    "lucia": "Lucía Vex",
    "ada": "Ada Osei",
}
CONFIRM = ("ruiz", "okafor", "diaz", "park")
USERS = (*JOINED, "ruiz", "tan", "eve", "nobody", "tom2", "lucia2", "eve2")
CLASSES = {"Ms Okafor": "Maths", "Mr Díaz": "History", "Ms Park": "Art"}
ROSTER = "student,class,teacher,guardian,guardian_contact,daily\n" + "".join(
    f"{child} Vex,{CLASSES[teacher]},{teacher},{guardian},{guardian[:3]},yes\n"
    for teacher, taught in TAUGHT.items()
    for child in taught
    for guardian in [name for name, own in HOME.items() if child in own]
)
DECIDE = ("claims", "agree", "add", "stand in", "who")  # their buttons change rights: pressed by rules of their own
SLOWLY = settings(max_examples=1000, stateful_step_count=50)
# The usual run is the same every time; RIGHTS=slowly looks further, in another place each time, and shrinks.
USUAL = settings(max_examples=30, stateful_step_count=18, phases=[Phase.generate], derandomize=True)


@dataclass
class Model:
    """Who is whom, and who is what to which child: [since, until) each. All that rights are, in a hundred words."""

    who: dict[str, str] = field(default_factory=lambda: dict(JOINED))  # account → person
    held: dict[tuple[str, str, str], tuple[date, date]] = field(default_factory=dict)  # person, role, child

    def grant(self, person: str, role: str, child: str, since: date = date.min, until: date = date.max) -> None:
        self.held[(person, role, child)] = (since, until)

    def end(self, person: str, role: str, child: str, day: date) -> None:
        since, until = self.held.get((person, role, child), (day, day))
        self.held[(person, role, child)] = (since, min(until, day))

    def live(self, person: str, role: str, child: str, day: date) -> bool:
        since, until = self.held.get((person, role, child), (day, day))
        return since <= day < until

    def ended(self, person: str, child: str, day: date) -> bool:
        spell = self.held.get((person, "guardian", child))
        return spell is not None and spell[1] <= day

    def near(self, person: str, child: str, day: date) -> set[str]:
        """What a person is to a child on that date."""
        roles = {role for p, role, c in self.held if p == person and c in (child, "*") and self.live(p, role, c, day)}
        return roles

    def sees(self, user: str, child: str, day: date) -> bool:
        return user in self.who and bool(self.near(self.who[user], child, day))

    def confirms(self, user: str, guardian: str, child: str, day: date) -> bool:
        """Whether a yes of this account to such a claim counts: staff, but for an ended link the coordinator alone."""
        roles = self.near(self.who[user], child, day) if user in self.who else set()
        return "coordinator" in roles or bool(roles & {"teacher", "stand_in"} and not self.ended(guardian, child, day))


@dataclass
class Claim:
    """An invitation as the test knows it; `before`: what stood before the yes, for the undo."""

    user: str
    guardian: str
    child: str
    joined: bool = False
    before: Model | None = None


@dataclass
class Seen:
    """A button that has stood on a screen, and whose it was then."""

    owner: str
    person: str
    ref: str
    data: str
    kind: str


class Rights(RuleBasedStateMachine):
    """Rules are what people and the office do; after each, what was shown and stored is held to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.day = Day(new_store("sqlite://"), roster=ROSTER, users={name: user for user, name in JOINED.items()})
        self.model = Model()
        self.claims: dict[int, Claim] = {}
        self.seen: list[Seen] = []
        self.known: set[str] = set()
        self.shown: dict[str, dict[str, Bubble]] = {user: {} for user in USERS}
        self.facts: list[tuple[object, ...]] = []
        self.stopped: set[str] = set()
        self.acted: set[str] = set()  # who did something in this step: an answer is no message out of the blue
        self.yeses: dict[int, set[str]] = {}
        self.apps: list[tuple[str, str, str, datetime]] = []  # codes for a second account: user, code, person, made
        for teacher, taught in TAUGHT.items():
            for child in taught:
                self.model.grant(teacher, "teacher", child)
        for guardian, own in HOME.items():
            for child in own:
                self.model.grant(guardian, "guardian", child)

    @initialize(clock=st.sampled_from(["12:00", "16:00", "17:31"]))
    def opens(self, clock: str) -> None:
        self.run(self.day.__aenter__())
        code = codes(self.day, role="coordinator", name="Mr Ruiz")["Mr Ruiz"].code
        self.model.who["ruiz"] = "Mr Ruiz"
        self.model.grant("Mr Ruiz", "coordinator", "*")
        self.joins("ruiz", code)
        self.look()
        self.run(self.day.at(clock))
        for user in ("okafor", "tom", "ada"):
            self.tell(user, "pause")

    def teardown(self) -> None:
        self.run(self.day.__aexit__())
        self.runner.close()

    # --- what the rules need ------------------------------------------------------------------------------------------

    def run(self, doing: object) -> object:
        return self.runner.run(doing)  # type: ignore[arg-type]

    @property
    def now(self) -> datetime:
        return self.day.house.clock.now()

    @property
    def today(self) -> date:
        return local_day(self.now, self.day.house.school.zone)

    def turn(self, do: object) -> object:
        return self.day.house.store.turn("lincoln", self.now, do)  # type: ignore[arg-type]

    def person(self, name: str) -> int:
        return self.day.house.person(name)

    def child(self, name: str) -> int:
        query = select(student.c.id).where(student.c.name == f"{name} Vex")
        with self.day.house.store.engine.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def settle(self) -> None:
        self.run(self.day.house.settle())

    def tell(self, user: str, said: str) -> None:
        self.acted.add(user)
        answer = self.run(self.day.house.say(user, said))
        self.no_name(user, answer.toast)  # type: ignore[attr-defined]

    def joins(self, user: str, code: str) -> None:
        """The code, then the first button twice, as far as they come."""
        self.tell(user, f"join {code}")
        for label in ("That's right", "Yes, join"):
            offers = [bubble for bubble in self.day.screen(user) if label in labels(bubble)]
            if offers:
                self.run(self.day.house.tap(user, offers[-1], label))

    def press(self, user: str, button: Seen, data: str = "") -> None:
        self.acted.add(user)
        answer = self.run(self.day.house.press(user, button.ref, data or button.data))
        self.no_name(user, answer.toast)  # type: ignore[attr-defined]

    def no_name(self, user: str, said: str) -> None:
        for child in CHILDREN:
            assert child not in said or self.model.sees(user, child, self.today), (user, said)

    def offered(self, user: str, kind: str, value: str) -> Seen | None:
        """The newest button with that value that stands on this person's screen now."""
        standing = {(b.ref, x.value) for b in self.day.screen(user) for row in b.message.rows for x in row}
        fits = [s for s in self.seen if (s.owner, s.kind) == (user, kind) and s.data.split(".", 2)[2] == value]
        return next((s for s in reversed(fits) if (s.ref, s.data) in standing), None)

    # --- people -------------------------------------------------------------------------------------------------------

    @rule(
        user=st.sampled_from(["tom", "lucia", "ada", "eve"]),
        guardian=st.sampled_from(list(HOME)),
        pick=st.integers(0, 1),
        then=st.sampled_from(["waits", "yes", "yes", "yes, undone"]),
    )
    def claims_a_letter(self, user: str, guardian: str, pick: int, then: str) -> None:
        """A new letter to that guardian, redeemed on that account, its own or not; perhaps with a yes at once."""
        own = HOME[guardian]
        child = own[pick % len(own)]
        if (guardian, "guardian", child) not in self.model.held:  # has become one with somebody else
            return
        which, who, secret = self.child(child), self.person(guardian), self.day.house.desk.secret
        code = self.turn(lambda turn: turn.new_invitation(who, "guardian", which, secret, 0))
        with self.day.house.store.engine.begin() as connection:
            number = int(connection.execute(select(func.max(invitations.c.id))).scalar_one())
        self.claims[number] = Claim(user, guardian, child)
        self.joins(user, str(code))
        self.look()
        if then.startswith("yes"):
            self.decides_a_claim("ruiz", True)
            self.look()
        if then.endswith("undone"):
            self.undoes_a_claim("ruiz")

    @rule(user=st.sampled_from(CONFIRM), yes=st.sampled_from([True, True, False]))
    def decides_a_claim(self, user: str, yes: bool) -> None:
        """The newest claim on this screen, or on the next one that has any."""
        for which, claim in reversed(list(self.claims.items())):
            for one in [user, *CONFIRM]:
                button = self.offered(one, "claims", f"{'y' if yes else 'n'}:{code36(which)}")
                if button is not None:
                    before = Model(dict(self.model.who), dict(self.model.held))
                    self.press(one, button)
                    if yes and self.model.confirms(one, claim.guardian, claim.child, self.today):
                        self.lets_in(claim, before)
                    return

    def lets_in(self, claim: Claim, before: Model) -> None:
        """Who has joined stays one person, to whom comes what the letter named; else the account is that person."""
        model = self.model
        person = model.who.setdefault(claim.user, claim.guardian)
        for who, role, child in list(model.held) if person != claim.guardian else ():
            if who == claim.guardian and (person, role, child) not in model.held:
                model.held[(person, role, child)] = model.held.pop((who, role, child))
        for who in (claim.guardian, person):
            if model.ended(who, claim.child, self.today) and before.ended(claim.guardian, claim.child, self.today):
                model.grant(person, "guardian", claim.child, self.today)
        claim.joined, claim.before = True, before

    @rule(user=st.sampled_from(CONFIRM))
    def undoes_a_claim(self, user: str) -> None:
        """What the yes gave is taken back: an account that came in by it is out, and so are those added since."""
        for which, claim in reversed(list(self.claims.items())):
            for one in [user, *CONFIRM] if claim.joined and claim.before else ():
                button = self.offered(one, "claims", f"u:{code36(which)}")
                if button is not None:
                    allowed = self.model.confirms(one, claim.guardian, claim.child, self.today)
                    self.press(one, button)
                    if allowed:
                        self.takes_back(claim)
                    return

    def takes_back(self, claim: Claim) -> None:
        model, before = self.model, claim.before or self.model
        person = model.who.get(claim.user, "")
        for who, role, child in list(model.held):
            if who == person and (who, role, child) not in before.held and (claim.guardian, role, child) in before.held:
                model.held[(claim.guardian, role, child)] = model.held.pop((who, role, child))
        if before.ended(person, claim.child, self.today):
            model.end(person, "guardian", claim.child, self.today)
        if claim.user not in before.who:
            model.who = {user: who for user, who in model.who.items() if user in before.who or who != person}
        claim.joined = False

    @rule(guardian=st.sampled_from(list(HOME)), pick=st.integers(0, 1), days=st.sampled_from([0, 0, 0, 1, 2]))
    def the_office_ends_a_link(self, guardian: str, pick: int, days: int) -> None:
        child = HOME[guardian][pick % len(HOME[guardian])]
        which, day = self.child(child), self.today + timedelta(days=days)
        if self.turn(lambda turn: links.end(turn, guardian, which, day, "by order")):
            self.model.end(guardian, "guardian", child, day)
        self.run(self.day.house.hands.rest())

    @rule(teacher=st.sampled_from(["Mr Díaz", "Ms Park"]))
    def a_teacher_leaves(self, teacher: str) -> None:
        """As an import does it: the relation ends today."""
        who = self.person(teacher)
        here = (relation.c.person == who) & (relation.c.role == "teacher")

        def do(turn: object) -> None:
            turn.connection.execute(update(relation).where(here).values(until=self.today))  # type: ignore[attr-defined]
            turn.wake_all(self.today)  # type: ignore[attr-defined]

        self.turn(do)
        for child in TAUGHT[teacher]:
            self.model.end(teacher, "teacher", child, self.today)
        self.settle()

    @rule(teacher=st.sampled_from(list(TAUGHT)), colleague=st.sampled_from(list(TAUGHT)), days=st.integers(1, 3))
    def a_colleague_stands_in(self, teacher: str, colleague: str, days: int) -> None:
        if teacher == colleague or not self.model.near(colleague, TAUGHT[colleague][0], self.today):
            return
        who, by, until = self.person(colleague), self.person(teacher), self.today + timedelta(days=days)
        query = select(relation.c.course).where(relation.c.person == by, relation.c.role == "teacher")
        with self.day.house.store.engine.begin() as connection:
            course = int(connection.execute(query).scalars().first() or 0)
        self.turn(lambda turn: turn.grant(who, "stand_in", course=course, since=self.today, until=until, granted_by=by))
        for child in TAUGHT[teacher]:
            self.model.grant(colleague, "stand_in", child, self.today, until)
        self.settle()

    @rule()
    def a_provider_claims(self) -> None:
        """A new letter to Tan Wei, for Quillan; what was agreed before does not count for it."""
        made = codes(self.day, role="provider", name="Tan Wei", children=[self.child(QUILLAN)])
        with self.day.house.store.engine.begin() as connection:
            number = int(connection.execute(select(func.max(invitations.c.id))).scalar_one())
        self.yeses = {number: set()}
        self.joins("tan", made["Tan Wei"].code)

    @rule(users=st.permutations(["ruiz", "tom", "lucia"]), yes=st.sampled_from([True, True, False]))
    def says_of_a_provider(self, users: list[str], yes: bool) -> None:
        """One yes or no to the newest letter, of school or home, by the first who is asked."""
        for number, said in self.yeses.items():
            for user in users:
                side = "school" if user == "ruiz" else "home"
                value = "y" if yes else "n"
                kind, value = ("claims", f"{value}:{code36(number)}") if side == "school" else ("agree", value)
                button = self.offered(user, kind, value)
                if button is None:
                    continue
                if yes and (side == "school" or self.model.sees(user, QUILLAN, self.today)):
                    said.add(side)
                self.press(user, button)
                if said == {"school", "home"}:
                    self.model.who["tan"] = "Tan Wei"
                    self.model.grant("Tan Wei", "provider", QUILLAN, self.today, self.today + timedelta(days=90))
                return

    @rule(user=st.sampled_from(["tom", "lucia", "eve"]))
    def adds_another_app(self, user: str) -> None:
        """Settings, App, Add another app; the code is redeemed on an account of its own."""
        if user not in self.model.who or self.model.who[user] in self.stopped:
            return
        self.tell(user, "settings")
        for value in ("a", "a:new"):
            self.look()
            button = self.offered(user, "settings", value)
            if button is None:
                return
            before = len(self.day.screen(user))
            self.press(user, button)
        reply = "\n".join(text(bubble) for bubble in self.day.screen(user)[before:])
        if "join " in reply:
            code = reply.split("join ", 1)[1].split(".", 1)[0]
            self.apps.append((f"{user}2", code, self.model.who[user], self.now))

    @precondition(lambda self: self.apps)
    @rule()
    def redeems_for_another_app(self) -> None:
        user, code, person, made = self.apps.pop()
        fits = person in self.model.who.values() and self.now < made + timedelta(hours=1)
        if fits and user not in self.model.who and any(self.model.near(person, c, self.today) for c in CHILDREN):
            self.model.who[user] = person
        self.tell(user, f"join {code}")

    @rule()
    def the_office_ends_a_provider(self) -> None:
        which = self.child(QUILLAN)
        if self.turn(lambda turn: links.end(turn, "Tan Wei", which, None, "")):
            self.model.end("Tan Wei", "provider", QUILLAN, self.today)
        self.run(self.day.house.hands.rest())

    @rule(user=st.sampled_from(USERS), word=st.sampled_from(["stop", "start", "start"]))
    def stops_or_starts(self, user: str, word: str) -> None:
        self.tell(user, word)
        person = self.model.who.get(user, "")
        self.stopped = self.stopped | {person} if word == "stop" else self.stopped - {person}

    @rule(
        user=st.sampled_from(USERS),
        word=st.sampled_from(
            ["today", "status", "who", "who Quillan Vex", "who Ottoline", "why", "pause", "pause until Friday",
             "resume", "settings", "help", "done", "Tom Vex"]
        ),
    )  # fmt: skip
    def writes(self, user: str, word: str) -> None:
        self.tell(user, word)

    # --- buttons ------------------------------------------------------------------------------------------------------

    @rule(users=st.permutations(USERS), which=st.integers(0, 10_000), newest=st.booleans())
    def presses_own_buttons(self, users: list[str], which: int, newest: bool) -> None:
        """Three people press any button that ever stood on their screens, but those that change rights."""
        able = [user for user in users if self.own(user)]
        for user in able[:3]:
            mine = self.own(user)
            self.press(user, mine[-1 - which % min(8, len(mine))] if newest else mine[which % len(mine)])

    @rule(users=st.permutations(USERS), which=st.integers(0, 10_000), bit=st.integers(-1, 63 * 7))
    def presses_forwarded_buttons(self, users: list[str], which: int, bit: int) -> None:
        """Somebody else's, of now or long ago, as it is or one bit flipped: nothing is stored, no screen changes."""
        for n, user in enumerate(users[:4] if self.seen else ()):
            button = self.seen[(which + 7 * n) % len(self.seen)]
            if user == button.owner or self.model.who.get(user, user) in (
                button.person,
                self.model.who.get(button.owner),
            ):
                continue
            before, said = self.screens(), self.recorded()
            self.press(user, button, flipped(button.data, bit))
            assert self.screens() == before and self.recorded() == said, (user, button)

    @rule(users=st.permutations(USERS), which=st.integers(0, 10_000), bit=st.integers(0, 63 * 7))
    def presses_altered_buttons(self, users: list[str], which: int, bit: int) -> None:
        for user in [user for user in users if self.own(user)][:3]:
            mine = self.own(user)
            button = mine[which % len(mine)]
            self.press(user, button, flipped(button.data, bit))

    def own(self, user: str) -> list[Seen]:
        return [one for one in self.seen if one.owner == user and one.kind not in DECIDE]

    # --- time ---------------------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 2, 5]))
    def hours_pass(self, hours: int) -> None:
        self.wind(self.now + timedelta(hours=hours))

    @rule(clock=st.sampled_from(["08:30", "15:11", "17:31"]))
    def a_night_passes(self, clock: str) -> None:
        self.wind(instant(self.today + timedelta(days=1), time.fromisoformat(clock), self.day.house.school.zone))

    def wind(self, until: datetime) -> None:
        """Looks at all screens at the end of each date, as rights change with it."""
        while (night := instant(self.today + timedelta(days=1), time(0), self.day.house.school.zone)) <= until:
            self.run(self.day.house.wind(night - timedelta(seconds=1)))
            self.look()
            self.run(self.day.house.wind(night))
            self.look()
        self.run(self.day.house.wind(until))

    # --- what must hold -----------------------------------------------------------------------------------------------

    def screens(self) -> dict[str, list[Bubble]]:
        return {user: self.day.screen(user) for user in USERS}

    def recorded(self) -> list[tuple[object, ...]]:
        with self.day.house.store.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(select(fact).order_by(fact.c.n))]

    def fresh(self) -> Iterator[tuple[str, Bubble]]:
        """Every message that is new or changed since the last look."""
        for user, stood in self.shown.items():
            for bubble in self.day.screen(user):
                if stood.get(bubble.ref) != bubble:
                    yield user, bubble

    @invariant()
    def look(self) -> None:
        """Every name that went out belongs to a child its reader has a live relation with, now."""
        for user, bubble in self.fresh():
            out = "\n".join([text(bubble), *labels(bubble), bubble.message.preview])
            for child in CHILDREN:
                assert child not in out or self.model.sees(user, child, self.today), f"{user} reads {child}: {out}"
            new = bubble.ref not in self.shown[user]
            quiet = self.model.who.get(user) in self.stopped and user not in self.acted
            assert not (new and quiet), f"{user} has stopped and gets: {out}"
            self.remember(user, bubble)
        self.shown = {user: {b.ref: b for b in self.day.screen(user)} for user in USERS}
        self.acted.clear()

    def remember(self, user: str, bubble: Bubble) -> None:
        for row in bubble.message.rows:
            for button in row:
                if button.value not in self.known:
                    self.known.add(button.value)
                    query = select(card.c.kind).where(card.c.key == button.value.split(".", 1)[0])
                    with self.day.house.store.engine.begin() as connection:
                        kind = connection.execute(query).scalar() or ""
                    self.seen.append(Seen(user, self.model.who.get(user, user), bubble.ref, button.value, kind))

    @invariant()
    def facts_only_grow(self) -> None:
        """What was said stays as it was; what is new was said by somebody who is something to that child, today."""
        now = self.recorded()
        assert now[: len(self.facts)] == self.facts
        names = {self.person(name): name for name in {*self.model.who.values(), *HOME, *TAUGHT}}
        children = {self.child(child): child for child in CHILDREN}
        with self.day.house.store.engine.begin() as connection:
            rows = list(connection.execute(select(fact).where(fact.c.n > len(self.facts)).order_by(fact.c.n)))
        for row in rows:
            if row.person and row.student:
                roles = self.model.near(names[row.person], children[row.student], self.today)
                sides = {"teacher" if role == "stand_in" else role for role in roles}
                assert (roles and row.role in ("", *sides)) or row.kind in ("link", "report"), row
        self.facts = now

    @invariant()
    def nothing_is_parked(self) -> None:
        """Whatever was pressed or written, nothing ended as a fault of ours."""
        with self.day.house.store.engine.begin() as connection:
            assert not connection.execute(select(arrival.c.raw).where(arrival.c.outcome == "unreadable")).all()
            assert not connection.execute(select(card.c.kind, card.c.error).where(card.c.fate == "parked")).all()


def flipped(data: str, bit: int) -> str:
    """The data with one of its bits turned over; as it is for -1 or past its end."""
    place, low = divmod(bit, 7)
    if bit < 0 or place >= len(data):
        return data
    return data[:place] + chr(ord(data[place]) ^ (1 << low)) + data[place + 1 :]


def test_rights() -> None:
    """G-020, G-021, G-022, G-027, G-039, G-040, G-047: nobody acts or reads but through a live relation."""
    chosen = SLOWLY if os.environ.get("RIGHTS") == "slowly" else USUAL
    suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Rights,
        settings=settings(chosen, deadline=None, print_blob=True, database=None, suppress_health_check=suppressed),
    )
