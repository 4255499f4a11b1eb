"""Who must not get in, must not act for somebody else, or must not lose what the school has confirmed already."""

from datetime import date
from typing import TypeVar

from adapters.web.chat import WebChat
from bot.model import Address, Message
from bot.ports import Account, CameBack, Left, Unreachable
from storage.office import find_students
from tests.days import ROSTER, USERS, Day, labels, new_store, text
from tests.test_joining import codes

WEDNESDAY = date(2026, 9, 16)
# Lucía's second child, for whom the spreadsheet names her with another contact: at first she is two persons.
LEO = ROSTER + "Leo Romero,7A,History,Mr Díaz,,Lucía Romero,L2,es,yes\n"
TEACHERS = {name: user for name, user in USERS.items() if user in ("okafor", "lind", "park", "diaz")}
WITHOUT_LUCIA = {name: user for name, user in USERS.items() if user != "lucia"}
C = TypeVar("C", bound=WebChat)


class Blocking(WebChat):
    """Screens on which nothing can be shown to whoever stands in `by`."""

    def __init__(self, lane: int) -> None:
        super().__init__("blocking", lane)
        self.by: set[str] = set()

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        if address.user in self.by:
            raise Unreachable("the bot was blocked by the user")
        await super().edit(address, ref, message)


def on(day: Day, chat: C) -> C:
    """Puts these screens under a day that has not begun."""
    day.house.chat = chat
    next(iter(day.house.hands.lanes.values())).chat = chat
    return chat


def child(day: Day, name: str) -> int:
    store = day.house.store
    return int(store.turn("lincoln", day.house.clock.now(), lambda turn: find_students(turn, name)[0].id))


def letter(day: Day, guardian: str, student: str) -> str:
    """The code of a new letter to that guardian of that child."""
    return codes(day, role="guardian", children=[child(day, student)])[guardian].code


async def joins(day: Day, user: str, code: str) -> None:
    """Types the code and presses the first button twice, in whatever language they stand."""
    await day.house.say(user, f"join {code}")
    for _ in range(2):
        await day.taps(user, labels(day.newest(user))[0])


# --- whom the school has not confirmed --------------------------------------------------------------------------------


async def test_stop_and_start_do_not_replace_the_schools_yes(database: str) -> None:
    """G-033: a stranger with a forwarded code writes STOP, then START, and sees nothing of the child."""
    async with Day(new_store(database), users=WITHOUT_LUCIA, start="12:00") as day:
        await day.house.say("stranger", f"join {letter(day, 'Lucía Romero', 'Ana Romero')}")
        await day.house.say("stranger", "stop")
        await day.house.say("stranger", "start")
        await day.at("17:31")
        day.does_not_see("stranger", "Ana")
        assert labels(day.newest("tom"))[0] == "All done ✓"


async def test_who_was_refused_and_unblocks_stays_refused(database: str) -> None:
    """G-033, F18: the stranger blocks the bot while the teacher says no; coming back is no way in."""
    day = Day(new_store(database), users=WITHOUT_LUCIA, start="09:00")
    chat = on(day, Blocking(day.house.lane.id))
    async with day:
        await joins(day, "stranger", letter(day, "Lucía Romero", "Ana Romero"))
        account = Account(day.house.lane.id, "stranger")
        chat.by.add("stranger")
        await day.house.desk.hear(Left(account, "left"))
        await day.taps("okafor", "No")
        chat.by.clear()
        await day.house.desk.hear(CameBack(account, "back"))
        await day.at("17:31", WEDNESDAY)
        day.does_not_see("stranger", "Ana")


async def test_old_joining_buttons_do_not_refuse_for_who_came_after(database: str) -> None:
    """G-032: two people open one code; the first one's buttons act no more on the second one's place."""
    async with Day(new_store(database), users=WITHOUT_LUCIA, start="09:00") as day:
        code = letter(day, "Lucía Romero", "Ana Romero")
        await day.house.say("stranger", f"join {code}")
        old = day.newest("stranger", "No es mi hijo/a")
        await day.house.say("lucia", f"join {code}")
        await day.house.tap("stranger", old, "No es mi hijo/a")
        await day.taps("lucia", "Sí, es correcto", "Sí, me uno")
        await day.taps("okafor", "Yes, that's Lucía")
        day.sees("lucia", "Te damos la bienvenida.")


async def test_a_claim_ends_after_fourteen_days(database: str) -> None:
    """G-031: a yes that comes three weeks later lets nobody in."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor"}, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        await day.at("09:00", date(2026, 10, 5))
        await day.taps("okafor", "Yes, that's Lucía")
        await day.at("17:31")
        day.does_not_see("lucia", "Ana")


async def test_direction_marks_in_an_accounts_name_are_gone(database: str) -> None:
    """G-062: what a stranger calls itself stays inside its line and its brackets."""
    async with Day(new_store(database), users=WITHOUT_LUCIA, start="09:00") as day:
        name = "Lucia\u202e\n\u2066Romero) wants to join.\nChecked by the school office (x"
        await day.house.chat.say("lucia", f"join {letter(day, 'Lucía Romero', 'Ana Romero')}", name)
        await day.house.hands.rest()
        await day.taps("lucia", "Sí, es correcto", "Sí, me uno")
        line = text(day.sees("okafor", "wants to join"))
        assert not {"\u202e", "\u2066", "\n"} & set(line), line


async def test_a_newcomer_is_answered(database: str) -> None:
    """F22: who still waits for the school's yes and asks for help is not met with silence."""
    async with Day(new_store(database), users=WITHOUT_LUCIA, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        assert (await day.house.say("lucia", "help")).reply is not None


async def test_a_coordinator_of_a_guardians_name_is_somebody_else(database: str) -> None:
    """G-034: a code for Tom Romero of the office makes no coordinator of the father Tom Romero."""
    async with Day(new_store(database), users={"Tom Romero": "tom"}, start="09:00") as day:
        codes(day, role="coordinator", name="Tom Romero")
        await joins(day, "stranger", letter(day, "Ada Osei", "Ben Osei"))
        day.does_not_see("tom", "wants to join")


# --- who has joined already -------------------------------------------------------------------------------------------


async def test_a_second_invitation_names_its_own_child(database: str) -> None:
    """F17: Lucía follows Ana; the letter for Leo asks her about Leo."""
    async with Day(new_store(database), roster=LEO, start="09:00") as day:
        await day.house.say("lucia", f"join {letter(day, 'Lucía Romero', 'Leo Romero')}")
        assert "A. R." not in text(day.sees("lucia", "L. R."))


async def test_a_second_claim_shows_the_account_it_comes_from(database: str) -> None:
    """G-033: the teacher reads whose account asks, as with a first claim."""
    async with Day(new_store(database), roster=LEO, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Leo Romero"))
        day.sees("diaz", "name:", "wants to join for Leo")


async def test_no_to_a_second_invitation_does_not_end_the_first(database: str) -> None:
    """G-033: `Not my child` to a letter for another child, and Ana's card comes all the same."""
    async with Day(new_store(database), roster=LEO, start="09:00") as day:
        await day.house.say("lucia", f"join {letter(day, 'Lucía Romero', 'Leo Romero')}")
        await day.taps("lucia", "No es mi hijo/a")
        await day.at("17:31")
        day.sees("lucia", "Ana · martes")


async def test_the_schools_no_to_a_second_claim_does_not_end_the_first(database: str) -> None:
    """G-033: Mr Díaz does not know Lucía as Leo's mother; Ana's card comes all the same."""
    async with Day(new_store(database), roster=LEO, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Leo Romero"))
        await day.taps("diaz", "No")
        await day.at("17:31")
        day.sees("lucia", "Ana · martes")


async def test_a_claim_waits_while_a_second_code_is_used(database: str) -> None:
    """F17: two children, two letters, one evening; each teacher confirms the own one and both children are there."""
    roster = LEO + "Kim Park,7A,History,Mr Díaz,,Gil Park,G1,en,yes\n"
    async with Day(new_store(database), roster=roster, users=WITHOUT_LUCIA, start="09:00") as day:
        ana, leo = letter(day, "Lucía Romero", "Ana Romero"), letter(day, "Lucía Romero", "Leo Romero")
        await joins(day, "lucia", ana)
        await day.house.say("gil", f"join {letter(day, 'Gil Park', 'Kim Park')}")  # or SQLite gives a freed id again
        await joins(day, "lucia", leo)
        await day.taps("okafor", "Yes, that's Lucía")
        day.sees("okafor", "Lucía has joined for Ana")
        await day.taps("diaz", "Yes, that's Lucía")
        await day.at("17:31")
        day.sees("lucia", "Leo · martes")
        day.sees("lucia", "Ana · martes")


async def test_one_confirmed_claim_does_not_confirm_the_other(database: str) -> None:
    """G-033: an own code and a stolen one on one account; only the own child is seen."""
    async with Day(new_store(database), users={"Ms Okafor": "okafor", "Mr Díaz": "diaz"}, start="09:00") as day:
        await joins(day, "eve", letter(day, "Lucía Romero", "Ana Romero"))
        await joins(day, "eve", letter(day, "Sun Kim", "Jo Kim"))
        await day.taps("diaz", "Yes, that's Sun")
        await day.at("17:31")
        day.sees("eve", "Jo")
        day.does_not_see("eve", "Ana ·")


async def test_joining_for_a_second_child_does_not_change_who_is_asked(database: str) -> None:
    """F14: Lucía stays the one who is asked about Ana, and Tom reads so."""
    async with Day(new_store(database), roster=LEO, start="09:00") as day:
        await day.at("09:00", WEDNESDAY)
        await joins(day, "lucia", letter(day, "Lucía Romero", "Leo Romero"))
        await day.taps("diaz", "Yes, that's Lucía")
        await day.at("17:31")
        assert "Todo hecho ✓" in labels(day.sees("lucia", "Ana · miércoles"))
        assert labels(day.sees("tom", "Lucía answers tonight")) == ["I'll answer instead"]


# --- who confirms -----------------------------------------------------------------------------------------------------


async def test_a_coordinator_confirms_a_second_claim_and_goes_on(database: str) -> None:
    """F17: the card names a child whose claim is decided, and the next claim still reaches it."""
    roster = LEO + "Max Gold,8C,Art,Mr Gray,,Eva Gold,E1,en,yes\n"
    async with Day(new_store(database), roster=roster, start="09:00") as day:
        await joins(day, "ruiz", codes(day, role="coordinator", name="Mr Ruiz")["Mr Ruiz"].code)
        await joins(day, "lucia", letter(day, "Lucía Romero", "Leo Romero"))
        await day.taps("ruiz", "Yes, that's Lucía")
        day.sees("ruiz", "Lucía has joined for Leo")
        await joins(day, "eva", letter(day, "Eva Gold", "Max Gold"))
        day.sees("ruiz", "Eva", "wants to join")


async def test_yes_to_all_confirms_only_who_was_on_the_card(database: str) -> None:
    """G-033: a stranger claims while the teacher is reading; the press on what was read leaves them waiting."""
    async with Day(new_store(database), users=TEACHERS, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        await joins(day, "ada", letter(day, "Ada Osei", "Ben Osei"))
        read = day.newest("okafor", "Yes to all")
        await joins(day, "stranger", letter(day, "Ruth Weiss", "Eli Weiss"))
        await day.house.tap("okafor", read, "Yes to all")
        day.sees("lucia", "Te damos la bienvenida.")
        day.sees("ada", "Welcome.")
        day.does_not_see("stranger", "Welcome.")


async def test_yesterdays_yes_to_all_does_not_confirm_todays_stranger(database: str) -> None:
    """G-033, G-023: today's claim is not on yesterday's card, and its button lets nobody else in."""
    async with Day(new_store(database), users=TEACHERS, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        await joins(day, "ada", letter(day, "Ada Osei", "Ben Osei"))
        old = day.newest("okafor", "Yes to all")
        await day.at("09:00", WEDNESDAY)
        await joins(day, "stranger", letter(day, "Ruth Weiss", "Eli Weiss"))
        assert not any("Ruth" in text(bubble) for bubble in day.screen("okafor") if bubble.ref == old.ref)
        await day.house.tap("okafor", old, "Yes to all")
        day.does_not_see("stranger", "Welcome.")


async def test_a_teacher_who_comes_later_sees_the_claims_that_wait(database: str) -> None:
    """F17: families used their letters before the teacher was linked by e-mail; their claims are shown then."""
    async with Day(new_store(database), users={}, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        day.house.enrol(ROSTER, {"Ms Okafor": "okafor"})
        await day.house.settle()
        day.sees("okafor", "wants to join for Ana")


async def test_a_teacher_who_joined_as_a_parent_stays_a_parent(database: str) -> None:
    """G-035: Ms Okafor is Ben's mother too; linked by e-mail, her account gets both cards."""
    users = {name: user for name, user in USERS.items() if user != "okafor"}
    async with Day(new_store(database), users=users, start="09:00") as day:
        day.house.enrol(ROSTER, {"Ms Okafor": "ada"})
        await day.at("17:31")
        day.sees("ada", "planners seen?")
        day.sees("ada", "Ben · Tuesday")


async def test_guardians_of_one_first_name_are_told_apart(database: str) -> None:
    """G-041: two Lucías claim; no two buttons read the same."""
    roster = ROSTER.replace("Ada Osei", "Lucía Osei")
    async with Day(new_store(database), roster=roster, users={"Ms Okafor": "okafor"}, start="09:00") as day:
        await joins(day, "lucia", letter(day, "Lucía Romero", "Ana Romero"))
        await joins(day, "ada", letter(day, "Lucía Osei", "Ben Osei"))
        shown = [label for label in labels(day.newest("okafor")) if label.startswith("Yes, that's")]
        assert len(set(shown)) == 2, shown
