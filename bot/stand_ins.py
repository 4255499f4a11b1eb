"""A stand-in, as the desk does it: a colleague is asked, and with the yes has the classes for these days (F42)."""

from datetime import date, timedelta

from bot import plainly
from bot.bundle import Bundle
from bot.cards.settings import Sheet, colleagues
from bot.dialogue import asks, done, own, show
from bot.model import AWAITED, RINGING, Draft, Fact
from bot.ports import Answer, Push

LONGEST_STAND_IN = timedelta(days=60)


def chosen(push: Push, s: Sheet, choice: str = "", days: str = "") -> Answer:
    own(s, "t")
    if not choice:
        return show(push, {"step": "stand-in"})
    if choice != "d":
        person = int(choice, 36)
        if person not in colleagues(s.b, s.person, s.today):
            raise ValueError("not a colleague")
        return show(push, {"step": "stand-in days", "person": person})
    person = int(s.opened["person"])
    if days == "x":
        return asks(push, "stand-in", "write-stand-in", person=person)
    monday = s.today + timedelta(days=7 - s.today.weekday())
    return _ask_colleague(push, s, person, monday if days == "w" else s.today + timedelta(days=int(days)))


def typed(push: Push, s: Sheet, text: str) -> str:
    back = plainly.date_in(text, s.today)
    if back is None or not s.today < back <= s.today + LONGEST_STAND_IN:
        return "anew"
    _ask_colleague(push, s, int(s.opened["person"]), back)
    return ""


def _ask_colleague(push: Push, s: Sheet, colleague: int, back: date) -> Answer:
    """The colleague gets one card with a yes and a no, about days that are not over; before the yes nothing changes."""
    over = push.turn.now >= s.b.own_times(colleague, s.today, "teacher").teacher_until
    since = s.today + timedelta(days=1) if over else s.today
    view = {"for": s.person, "since": since.isoformat(), "back": max(back, since + timedelta(days=1)).isoformat()}
    place = s.b.place(colleague)
    if place is not None:
        draft = Draft(colleague, "stand in", s.today, push.turn.now, push.source[-200:], RINGING, view)
        push.turn.add([draft], {colleague: place})
    return done(push, "stand-in-asked", name=s.b.adult(colleague))


def answered(push: Push) -> Answer:
    """Yes: the colleague has the classes for these days and the teacher's own cards rest; no: nothing changes."""
    turn, card = push.turn, push.card
    b, view = turn.bundle([card], [int(card.view["for"])]), card.view
    if view.get("decided") or push.value not in ("y", "n"):
        turn.change(card)
        return Answer(toast=b.say(card.person)("thanks"))
    if card.person not in colleagues(b, int(view["for"]), turn.today):  # who has left the school meanwhile
        return Answer(toast=b.say(card.person)("not-for-you"))
    if push.value == "y":
        _takes_over(push, b, int(view["for"]), date.fromisoformat(view["since"]), date.fromisoformat(view["back"]))
    turn.change(card, view={**view, "decided": push.value})
    _tell(push, b, int(view["for"]))
    return Answer(toast=b.say(card.person)("thanks"))


def _takes_over(push: Push, b: Bundle, teacher: int, since: date, back: date) -> None:
    turn = push.turn
    courses = [r.course for r in b.relations.get(teacher, ()) if r.role == "teacher" and b.live(r, turn.today)]
    for course in courses:
        turn.grant(push.card.person, "stand_in", course=course, since=since, until=back, granted_by=teacher)
    until = {"until": back.isoformat(), "by": push.card.person}
    rests = Fact("mute", "yes", push.said_at, f"{push.source}#away", teacher, "teacher", day=since, data=until)
    turn.record([rests])
    fresh = turn.bundle([], [push.card.person])
    today = [d for d in _opening(fresh, turn.today) if d.person == push.card.person]
    turn.add(today, {push.card.person: push.place})
    turn.wake({teacher, push.card.person}, turn.today)


def _opening(b: Bundle, today: date) -> list[Draft]:
    from bot.board import opens  # the board knows these dialogues' cards

    opened = b.school.opened_through is not None and b.school.opened_through >= today
    return opens(b, today) if opened else []


def _tell(push: Push, b: Bundle, teacher: int) -> None:
    """Who asked reads the answer, once and without a sound."""
    place = b.place(teacher)
    if place is not None:
        view = {"for": push.card.person, "said": push.value, "back": push.card.view["back"]}
        draft = Draft(teacher, "stand in said", push.turn.today, push.turn.now, push.source[-200:], AWAITED, view)
        push.turn.add([draft], {teacher: place})
