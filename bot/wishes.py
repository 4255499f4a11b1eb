"""What a person chooses in the settings, as the desk does it: language, times, hours, place, evenings, stand-in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

from bot import closures, plainly, stand_ins, words
from bot.calendar_titles import EARLIEST, LATEST
from bot.cards import settings as face
from bot.cards.parts import lines
from bot.cards.settings import ROLES, Sheet, several, turns
from bot.codes import grouped
from bot.dialogue import AWAITS_FOR, asks, done, own, show
from bot.languages import LANGUAGES
from bot.model import NO_WISH, CalendarDay, Message, Wish
from bot.ports import Answer, Push

LONGEST_STAND_IN = timedelta(days=60)


def pressed(push: Push) -> Answer:
    """A button of the settings; an unknown one, or one whose right has gone, draws the card afresh."""
    turn, card = push.turn, push.card
    s = face.sheet(card, turn.bundle([card]), turn.now)
    what, *rest = push.value.split(":")
    try:
        return CHOICES[what](push, s, *rest) or Answer(toast=s.say("thanks"))
    except (KeyError, ValueError, TypeError, IndexError):
        show(push, {})
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


def _back(push: Push, s: Sheet) -> None:
    show(push, {})


# --- language, times, hours, zone ------------------------------------------------------------------------------------


def _language(push: Push, s: Sheet, code: str = "") -> None:
    if not code:
        return show(push, {"step": "language"})
    if code not in LANGUAGES:
        raise ValueError(f"no language {code}")
    push.turn.set_person(s.person, language=code)
    _wake_own(push, s)
    done(push)


def _card_time(push: Push, s: Sheet, mark: str, chosen: str = "") -> None:
    own(s, mark)
    if not chosen:
        return show(push, {"step": "time", "role": mark})
    if chosen == "x":
        first, last = face.EVENING if mark == "g" else face.AFTERNOON
        bounds = {"start": s.clock(first), "end": s.clock(last)}
        return asks(push, "time", "write-card-time", bounds, role=mark)
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
    own(s, mark)
    if not chosen:
        show(push, {"step": "hours", "role": mark})
    elif chosen == "x":
        asks(push, "hours", "write-hours", role=mark)
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
    done(push)


def _wake_own(push: Push, s: Sheet) -> None:
    push.turn.wake([s.person], s.today)


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))


def _zone(push: Push, s: Sheet, chosen: str = "") -> None:
    own(s, "g")
    asks(push, "zone", "write-zone", {"zone": s.b.school.zone.key.rsplit("/", 1)[-1].replace("_", " ")})


def _typed_zone(push: Push, s: Sheet, text: str) -> bool:
    zone = plainly.zone_of(text)
    if zone is None:
        return False
    push.turn.set_person(s.person, zone="" if zone == s.b.school.zone.key else zone)
    _wake_own(push, s)
    done(push)
    return True


# --- places and evenings ---------------------------------------------------------------------------------------------


def _app(push: Push, s: Sheet, chosen: str = "") -> Answer | None:
    if not chosen:
        show(push, {"step": "app"})
        return None
    if chosen == "new":
        code = push.turn.own_code(s.person, push.secret)
        show(push, {})
        sentence = s.say("another-app-code", code=f"join {grouped(code)}")
        return Answer(toast=s.say("thanks"), reply=Message(lines(sentence), preview=s.say("settings-title")))
    place = next(place for place in s.places if place.id == int(chosen, 36))
    push.turn.set_person(s.person, place=place.id)
    push.turn.move_cards(s.person, place, s.today)
    done(push)
    return None


def _nights(push: Push, s: Sheet, chosen: str = "") -> None:
    """One tap gives an evening to the next one at home; after the last it is again who joined first."""
    own(s, "g")
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
    show(push, {"step": "nights"})


# --- a school day ----------------------------------------------------------------------------------------------------


def _school_day(push: Push, s: Sheet, chosen: str = "", at: str = "") -> None:
    if not s.b.may(s.person, "change calendar", s.today):
        raise ValueError("no right")
    if not chosen:
        show(push, {"step": "day"})
    elif chosen.isdigit():
        show(push, {"step": "what day", "day": (s.today + timedelta(days=int(chosen))).isoformat()})
    elif chosen == "x":
        asks(push, "dismissal", "write-dismissal", day=s.opened["day"])
    else:
        _declared(push, s, face.DECLARED[chosen], f"{_clock(at):%H:%M}" if at else "")


def _typed_dismissal(push: Push, s: Sheet, text: str) -> bool:
    at = plainly.time_of(text)
    if at is None or not EARLIEST <= at <= LATEST:
        return False
    _declared(push, s, "early", f"{at:%H:%M}")
    return True


def _declared(push: Push, s: Sheet, kind: str, value: str) -> None:
    day = date.fromisoformat(str(s.opened["day"]))
    closures.declare(push.turn, s.person, CalendarDay(day, kind, value), push.source)
    done(push, f"declared-{kind}", date=words.short_date(s.b.language(s.person), day))


CHOICES: dict[str, Callable[..., Answer | None]] = {
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
TYPED: dict[str, Callable[[Push, Sheet, str], bool]] = {
    "time": _typed_time,
    "hours": _typed_hours,
    "zone": _typed_zone,
    "stand-in": stand_ins.typed,
    "dismissal": _typed_dismissal,
}
