"""What a person chooses in the settings, as the desk does it: language, times, hours, place, evenings, stand-in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from bot import closures, plainly, words
from bot.bundle import Bundle
from bot.cards import settings as face
from bot.cards.parts import STEP_LASTS, lines
from bot.cards.settings import ROLES, Sheet, colleagues, several, turns
from bot.codes import grouped
from bot.languages import LANGUAGES
from bot.model import NO_WISH, RINGING, CalendarDay, Draft, Fact, Message, Wish
from bot.ports import Answer, Push

AWAITS_FOR = timedelta(hours=24)  # an open question waits so long for its typed answer
LONGEST_STAND_IN = timedelta(days=60)


def pressed(push: Push) -> Answer:
    """A button of the settings; an unknown one, or one whose right has gone, draws the card afresh."""
    turn, card = push.turn, push.card
    s = face.sheet(card, turn.bundle([card]), turn.now)
    what, *rest = push.value.split(":")
    try:
        return CHOICES[what](push, s, *rest) or Answer(toast=s.say("thanks"))
    except (KeyError, ValueError, TypeError, IndexError):
        _show(push, {})
        return Answer()


def heard(push: Push) -> Answer:
    """A typed word that an open question waited for; not understood, it is asked once more and says what fits."""
    turn, card = push.turn, push.card
    s = face.sheet(card, turn.bundle([card]), turn.now)
    found = TYPED[str(s.opened["what"])](push, s, push.value)
    if not found:
        view = {**s.opened, "until": (turn.now + AWAITS_FOR).isoformat()}
        turn.change(card, view={**view, "question": f"{s.opened['question'].removesuffix('-anew')}-anew"})
    return Answer()


# --- showing ---------------------------------------------------------------------------------------------------------


def _show(push: Push, view: dict[str, Any]) -> None:
    until = {"until": (push.turn.now + STEP_LASTS).isoformat()} if view else {}
    push.turn.change(push.card, view={**view, **until})


def _opens(step: str) -> Callable[..., None]:
    return lambda push, s: _show(push, {"step": step})


def _asks(push: Push, what: str, question: str, args: dict[str, str] | None = None, **more: object) -> None:
    """Opens a question that a typed word answers; it stands as a row, so no restart forgets it."""
    until = (push.turn.now + AWAITS_FOR).isoformat()
    view = {"step": "asking", "what": what, "question": question, "args": args or {}, "awaits": True, **more}
    push.turn.change(push.card, view={**view, "until": until})


def _done(push: Push, key: str = "", **args: str) -> None:
    """Back to what stands, with a line that says what has just been done."""
    s = face.sheet(push.card, push.turn.bundle([push.card]), push.turn.now)
    _show(push, {"step": "", "told": s.say(key, **args)} if key else {})


def _back(push: Push, s: Sheet) -> None:
    _show(push, {})


# --- language, times, hours, zone ------------------------------------------------------------------------------------


def _language(push: Push, s: Sheet, code: str = "") -> None:
    if not code:
        return _show(push, {"step": "language"})
    if code not in LANGUAGES:
        raise ValueError(f"no language {code}")
    push.turn.set_person(s.person, language=code)
    _wake_own(push, s)
    _done(push)


def _card_time(push: Push, s: Sheet, mark: str, chosen: str = "") -> None:
    _own(s, mark)
    if not chosen:
        return _show(push, {"step": "time", "role": mark})
    if chosen == "x":
        first, last = face.EVENING if mark == "g" else face.AFTERNOON
        bounds = {"start": s.clock(first), "end": s.clock(last)}
        return _asks(push, "time", "write-card-time", bounds, role=mark)
    _set_card(push, s, mark, None if chosen == "-" else _clock(chosen))


def _set_card(push: Push, s: Sheet, mark: str, at: time | None) -> None:
    first, last = face.EVENING if mark == "g" else face.AFTERNOON
    if at is not None and not first <= at <= last:
        raise ValueError("not within the day")
    _wish(push, s, mark, card_at=at)


def _typed_time(push: Push, s: Sheet, text: str) -> bool:
    at, mark = plainly.time_of(text), str(s.opened["role"])
    first, last = face.EVENING if mark == "g" else face.AFTERNOON
    if at is None or not first <= at <= last:
        return False
    _set_card(push, s, mark, at)
    return True


def _hours(push: Push, s: Sheet, mark: str, chosen: str = "") -> None:
    _own(s, mark)
    if not chosen:
        _show(push, {"step": "hours", "role": mark})
    elif chosen == "x":
        _asks(push, "hours", "write-hours", role=mark)
    elif chosen == "-":
        _wish(push, s, mark, hours_from=None, hours_until=None)
    elif chosen.startswith("-"):
        _wish(push, s, mark, hours_until=_clock(chosen[1:]))
    else:
        _wish(push, s, mark, hours_from=_clock(chosen))


def _typed_hours(push: Push, s: Sheet, text: str) -> bool:
    span = plainly.span_of(text)
    if span is None or span[0] == span[1]:
        return False
    _wish(push, s, str(s.opened["role"]), hours_from=span[0], hours_until=span[1])
    return True


def _wish(push: Push, s: Sheet, mark: str, **chosen: time | None) -> None:
    """Keeps a wish, wakes the day's cards, which may now come at another moment, and shows what stands."""
    role = ROLES[mark]
    person = s.b.people[s.person]
    wish: Wish = replace(person.wish(role), **chosen)
    others = {other: own for other, own in person.wishes.items() if other != role}
    push.turn.set_wishes(s.person, others if wish == NO_WISH else {**others, role: wish})
    _wake_own(push, s)
    _done(push)


def _wake_own(push: Push, s: Sheet) -> None:
    push.turn.wake([s.person], s.today)


def _own(s: Sheet, mark: str) -> None:
    if mark not in s.roles:
        raise ValueError("not this person's side")


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))


def _zone(push: Push, s: Sheet, chosen: str = "") -> None:
    _own(s, "g")
    _asks(push, "zone", "write-zone", {"zone": s.b.school.zone.key.rsplit("/", 1)[-1].replace("_", " ")})


def _typed_zone(push: Push, s: Sheet, text: str) -> bool:
    zone = plainly.zone_of(text)
    if zone is None:
        return False
    push.turn.set_person(s.person, zone="" if zone == s.b.school.zone.key else zone)
    _wake_own(push, s)
    _done(push)
    return True


# --- places and evenings ---------------------------------------------------------------------------------------------


def _app(push: Push, s: Sheet, chosen: str = "") -> Answer | None:
    if not chosen:
        _show(push, {"step": "app"})
        return None
    if chosen == "new":
        code = push.turn.own_code(s.person, push.secret)
        _show(push, {})
        sentence = s.say("another-app-code", code=f"join {grouped(code)}")
        return Answer(toast=s.say("thanks"), reply=Message(lines(sentence), preview=s.say("settings-title")))
    place = next(place for place in s.places if place.id == int(chosen, 36))
    push.turn.set_person(s.person, place=place.id)
    push.turn.move_cards(s.person, place, s.today)
    _done(push)
    return None


def _nights(push: Push, s: Sheet, chosen: str = "") -> None:
    """One tap gives an evening to the next one at home; after the last it is again who joined first."""
    _own(s, "g")
    shared = [r for r in several(s) if s.b.may(s.person, "choose nights", s.today, r.student)]
    if chosen and shared:
        day = int(chosen)
        people = list(dict.fromkeys(r.person for r in shared))
        now = turns(s, day)
        following = people[0] if not now else next(iter(people[people.index(now[-1]) + 1 :]), 0)
        for r in shared:
            kept = r.nights.replace(str(day), "")
            push.turn.set_relation(r.id, nights="".join(sorted(kept + (str(day) if r.person == following else ""))))
        push.turn.wake(set(people), s.today)
    _show(push, {"step": "nights"})


# --- a stand-in ------------------------------------------------------------------------------------------------------


def _stand_in(push: Push, s: Sheet, chosen: str = "", days: str = "") -> None:
    _own(s, "t")
    if not chosen:
        return _show(push, {"step": "stand-in"})
    if chosen != "d":
        person = int(chosen, 36)
        if person not in colleagues(s.b, s.person, s.today):
            raise ValueError("not a colleague")
        return _show(push, {"step": "stand-in days", "person": person})
    person = int(s.opened["person"])
    if days == "x":
        return _asks(push, "stand-in", "write-stand-in", person=person)
    monday = s.today + timedelta(days=7 - s.today.weekday())
    return _ask_colleague(push, s, person, monday if days == "w" else s.today + timedelta(days=int(days)))


def _typed_stand_in(push: Push, s: Sheet, text: str) -> bool:
    back = plainly.date_in(text, s.today)
    if back is None or not s.today < back <= s.today + LONGEST_STAND_IN:
        return False
    _ask_colleague(push, s, int(s.opened["person"]), back)
    return True


def _ask_colleague(push: Push, s: Sheet, colleague: int, back: date) -> None:
    """The colleague gets one card with a yes and a no; until the yes nothing changes."""
    view = {"for": s.person, "since": s.today.isoformat(), "back": back.isoformat()}
    place = s.b.place(colleague)
    if place is not None:
        draft = Draft(colleague, "stand in", s.today, push.turn.now, f"{s.person}:{back}", RINGING, view)
        push.turn.add([draft], {colleague: place})
    _done(push, "stand-in-asked", name=s.b.adult(colleague))


def stand_in_answered(push: Push) -> Answer:
    """Yes: the colleague has the classes for these days and the teacher's own cards rest; no: nothing changes."""
    turn, card = push.turn, push.card
    b, view = turn.bundle([card], [int(card.view["for"])]), card.view
    if view.get("decided") or push.value not in ("y", "n"):
        turn.change(card)
        return Answer(toast=b.say(card.person)("thanks"))
    if push.value == "y":
        _takes_over(push, b, int(view["for"]), date.fromisoformat(view["since"]), date.fromisoformat(view["back"]))
    turn.change(card, view={**view, "decided": push.value})
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


# --- a school day ----------------------------------------------------------------------------------------------------


def _school_day(push: Push, s: Sheet, chosen: str = "", at: str = "") -> None:
    if not s.b.may(s.person, "change calendar", s.today):
        raise ValueError("no right")
    if not chosen:
        _show(push, {"step": "day"})
    elif chosen.isdigit():
        _show(push, {"step": "what day", "day": (s.today + timedelta(days=int(chosen))).isoformat()})
    elif chosen == "x":
        _asks(push, "dismissal", "write-dismissal", day=s.opened["day"])
    else:
        _declared(push, s, face.DECLARED[chosen], f"{_clock(at):%H:%M}" if at else "")


def _typed_dismissal(push: Push, s: Sheet, text: str) -> bool:
    at = plainly.time_of(text)
    if at is None:
        return False
    _declared(push, s, "early", f"{at:%H:%M}")
    return True


def _declared(push: Push, s: Sheet, kind: str, value: str) -> None:
    day = date.fromisoformat(str(s.opened["day"]))
    closures.declare(push.turn, s.person, CalendarDay(day, kind, value), push.source)
    _done(push, f"declared-{kind}", date=words.short_date(s.b.language(s.person), day))


CHOICES: dict[str, Callable[..., Answer | None]] = {
    "b": _back,
    "l": _language,
    "t": _card_time,
    "h": _hours,
    "z": _zone,
    "a": _app,
    "n": _nights,
    "i": _stand_in,
    "d": _school_day,
}
TYPED: dict[str, Callable[[Push, Sheet, str], bool]] = {
    "time": _typed_time,
    "hours": _typed_hours,
    "zone": _typed_zone,
    "stand-in": _typed_stand_in,
    "dismissal": _typed_dismissal,
}
