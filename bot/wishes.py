"""What a person chooses in the settings, as the desk does it: language, times, hours, place, evenings, stand-in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot import closures, plainly, stand_ins, words
from bot.calendar_titles import EARLIEST, LATEST
from bot.cards import settings as face
from bot.cards.parts import AWAITS_FOR, lines
from bot.cards.settings import ROLES, Sheet, at_home, several, turns
from bot.codes import grouped
from bot.dialogue import asks, asks_below, done, own, show
from bot.languages import LANGUAGES
from bot.model import NO_WISH, CalendarDay, Message, Wish
from bot.ports import Answer, Push
from bot.schooldays import DayTimes

LONGEST_STAND_IN = timedelta(days=60)


def pressed(push: Push) -> Answer:
    """A button of the settings; an unknown one, or one whose right has gone, draws the card afresh."""
    turn, card = push.turn, push.card
    s = face.sheet(card, turn.bundle([card]), turn.now)
    what, *rest = push.value.split(":")
    try:
        return CHOICES[what](push, s, *rest)
    except (KeyError, ValueError, TypeError, IndexError, StopIteration):
        show(push, {})
        return Answer()


def heard(push: Push) -> Answer:
    """A typed word that an open question waited for; not understood, it is asked once more and says what fits."""
    turn, card = push.turn, push.card
    s = face.sheet(card, turn.bundle([card]), turn.now)
    problem = TYPED[str(s.opened["what"])](push, s, push.value)
    if problem:
        question = s.opened["question"].partition("-anew")[0].partition("-outside")[0]
        until = (turn.now + AWAITS_FOR).isoformat()
        asks_below(turn, card, {**s.opened, "question": f"{question}-{problem}", "until": until})
    return Answer()


def _back(push: Push, s: Sheet) -> Answer:
    return show(push, {})


# --- language, times, hours, zone ------------------------------------------------------------------------------------


def _language(push: Push, s: Sheet, code: str = "") -> Answer:
    if not code:
        return show(push, {"step": "language"})
    if code not in LANGUAGES:
        raise ValueError(f"no language {code}")
    push.turn.set_person(s.person, language=code)
    push.turn.wake([s.person], None)
    return done(push)


def _card_time(push: Push, s: Sheet, mark: str, chosen: str = "") -> Answer:
    own(s, mark)
    if not chosen:
        return show(push, {"step": "time", "role": mark})
    if chosen == "x":
        first, last = face.EVENING if mark == "g" else face.AFTERNOON
        bounds = {"start": s.clock(first), "end": s.clock(last)}
        return asks(push, "time", "write-card-time", bounds, role=mark)
    return _set_card(push, s, mark, None if chosen == "-" else _clock(chosen))


def _set_card(push: Push, s: Sheet, mark: str, at: time | None) -> Answer:
    first, last = face.EVENING if mark == "g" else face.AFTERNOON
    if at is not None and not first <= at <= last:
        raise ValueError("not within the day")
    return _wish(push, s, mark, card_at=at)


def _typed_time(push: Push, s: Sheet, text: str) -> str:
    at, mark = plainly.time_of(text), str(s.opened["role"])
    first, last = face.EVENING if mark == "g" else face.AFTERNOON
    if at is None:
        return "anew"
    if not first <= at <= last:
        return "outside"
    _set_card(push, s, mark, at)
    return ""


def _hours(push: Push, s: Sheet, mark: str, chosen: str = "") -> Answer:
    """Both ends are chosen on one step, which stays open and shows what stands."""
    own(s, mark)
    if not chosen:
        return show(push, {"step": "hours", "role": mark})
    if chosen == "x":
        return asks(push, "hours", "write-hours", role=mark)
    if chosen == "-":
        return _wish(push, s, mark, hours_from=None, hours_until=None)
    end = chosen.startswith("-")
    _wish(push, s, mark, **{"hours_until" if end else "hours_from": _clock(chosen.lstrip("-"))})
    show(push, {"step": "hours", "role": mark})
    return Answer(toast=s.say("thanks"))


def _typed_hours(push: Push, s: Sheet, text: str) -> str:
    span = plainly.span_of(text)
    if span is None or span[0] == span[1]:
        return "anew"
    _wish(push, s, str(s.opened["role"]), hours_from=span[0], hours_until=span[1])
    return ""


def _wish(push: Push, s: Sheet, mark: str, **chosen: time | None) -> Answer:
    """Keeps a wish, wakes the day's cards, which may now come at another moment, and shows what stands."""
    role = ROLES[mark]
    person = s.b.people[s.person]
    wish: Wish = replace(person.wish(role), **chosen)
    others = {other: own for other, own in person.wishes.items() if other != role}
    push.turn.set_wishes(s.person, others if wish == NO_WISH else {**others, role: wish})
    _wake_own(push, s)
    return done(push)


def _wake_own(push: Push, s: Sheet) -> None:
    """The day's cards follow; one whose new moment is over already comes now: still one card that day (G-121)."""
    turn = push.turn
    turn.wake([s.person], None)
    after = turn.bundle([], [s.person])
    for role, kind in (("teacher", "teacher"), ("guardian", "home")):
        waiting = turn.find_card(s.person, kind, day=s.today)
        until = [_until(b.own_times(s.person, s.today, role), role) for b in (s.b, after)]
        if waiting is not None and not waiting.ref and not waiting.fate and until[1] <= turn.now < until[0]:
            turn.change(waiting, fate="again")


def _until(times: DayTimes, role: str) -> datetime:
    return times.teacher_until if role == "teacher" else times.home_until


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))


def _zone(push: Push, s: Sheet, chosen: str = "") -> Answer:
    own(s, "g")
    return asks(push, "zone", "write-zone", {"zone": s.b.school.zone.key.rsplit("/", 1)[-1].replace("_", " ")})


def _typed_zone(push: Push, s: Sheet, text: str) -> str:
    zone = plainly.zone_of(text)
    if zone is None:
        return "anew"
    push.turn.set_person(s.person, zone="" if zone == s.b.school.zone.key else zone)
    _wake_own(push, s)
    done(push)
    return ""


# --- places and evenings ---------------------------------------------------------------------------------------------


def _app(push: Push, s: Sheet, chosen: str = "") -> Answer:
    if not chosen:
        return show(push, {"step": "app"})
    if chosen == "new":
        code = push.turn.own_code(s.person, push.secret)
        show(push, {})
        sentences = [s.say("another-app-code"), f"join {grouped(code)}", s.say("another-app-lasts")]
        return Answer(toast=s.say("thanks"), reply=Message(lines(*sentences), preview=s.say("settings-title")))
    place = next(place for place in s.places if place.id == int(chosen, 36))
    push.turn.set_person(s.person, place=place.id)
    push.turn.move_cards(s.person, place, s.today)
    return done(push)


def _nights(push: Push, s: Sheet, chosen: str = "") -> Answer:
    """One tap gives an evening to the next one at home; after the last it is again who joined first."""
    own(s, "g")
    if not chosen:
        return show(push, {"step": "nights"})
    shared = [r for r in several(s) if s.b.may(s.person, "choose nights", s.today, r.student)]
    people, now, day = at_home(s), turns(s, int(chosen)), str(int(chosen))
    following = next(iter(people[people.index((now or people[:1])[-1]) + 1 :]), 0)
    theirs = {r.student for r in shared if r.person == following}
    for r in [r for r in shared if not following or r.student in theirs]:
        kept = r.nights.replace(day, "")
        push.turn.set_relation(r.id, nights="".join(sorted(kept + (day if r.person == following else ""))))
    push.turn.wake(set(people), s.today)
    show(push, {"step": "nights"})
    return Answer(toast=s.say("thanks"))


# --- a school day ----------------------------------------------------------------------------------------------------


def _school_day(push: Push, s: Sheet, chosen: str = "", at: str = "") -> Answer:
    if not s.b.may(s.person, "change calendar", s.today):
        raise ValueError("no right")
    if not chosen:
        return show(push, {"step": "day"})
    if chosen.isdigit():
        return show(push, {"step": "what day", "day": (s.today + timedelta(days=int(chosen))).isoformat()})
    if chosen == "x":
        return asks(push, "dismissal", "write-dismissal", day=s.opened["day"])
    return _declared(push, s, face.DECLARED[chosen], f"{_clock(at):%H:%M}" if at else "")


def _typed_dismissal(push: Push, s: Sheet, text: str) -> str:
    at = plainly.time_of(text)
    if at is None or not EARLIEST <= at <= LATEST or not s.b.may(s.person, "change calendar", s.today):
        return "anew"
    _declared(push, s, "early", f"{at:%H:%M}")
    return ""


def _declared(push: Push, s: Sheet, kind: str, value: str) -> Answer:
    day = date.fromisoformat(str(s.opened["day"]))
    closures.declare(push.turn, s.person, CalendarDay(day, kind, value), push.source)
    return done(push, f"declared-{kind}", date=words.short_date(s.b.language(s.person), day))


CHOICES: dict[str, Callable[..., Answer]] = {
    "b": _back,
    "l": _language,
    "t": _card_time,
    "h": _hours,
    "z": _zone,
    "a": _app,
    "n": _nights,
    "i": stand_ins.chosen,
    "d": _school_day,
}
TYPED: dict[str, Callable[[Push, Sheet, str], str]] = {  # "" or how the question is asked once more
    "time": _typed_time,
    "hours": _typed_hours,
    "zone": _typed_zone,
    "stand-in": stand_ins.typed,
    "dismissal": _typed_dismissal,
}
