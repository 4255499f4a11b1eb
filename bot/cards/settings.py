"""Settings, as a card on both platforms: what stands, one step at a time, the same words everywhere (F09, F14, F22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import words
from bot.bundle import TEACHING, Bundle, Say
from bot.cards.parts import Rows, folds_at, in_threes, joined, lines, rows, text, view
from bot.languages import LANGUAGES, OWN_NAMES
from bot.model import Address, Button, Card, Face, Line, Message, Relation, code36
from bot.schooldays import hours_of, local_day

LASTS = timedelta(minutes=30)  # settings that could not be shown by then are not waited for any more
ROLES = {"t": "teacher", "g": "guardian"}
EVENING = (time(15, 30), time(21, 0))  # between these a guardian's card may come
AFTERNOON = (time(10, 0), time(17, 0))  # between these a teacher's
OFFERED = {"g": (time(17, 30), time(18, 30), time(20, 0)), "t": (time(14, 30), time(15, 30), time(16, 0))}
STARTS = {"g": (time(6, 0), time(7, 0), time(9, 0)), "t": (time(7, 0), time(8, 0), time(9, 0))}
ENDS = {"g": (time(20, 0), time(21, 0), time(22, 0)), "t": (time(16, 0), time(17, 0), time(18, 0))}
DISMISSALS = (time(11, 0), time(12, 0), time(13, 0))
DECLARED = {"c": "closed", "e": "early", "o": "open"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's settings: who they are here, and the step that is open."""

    card: Card
    b: Bundle
    now: datetime
    today: date
    opened: dict[str, Any]
    say: Say

    @property
    def person(self) -> int:
        return self.card.person

    @property
    def roles(self) -> str:
        """t, g or both, then c for a coordinator."""
        held = {r.role for r in self.b.relations.get(self.person, ()) if self.b.live(r, self.today)}
        marks = {"t": held.intersection(TEACHING), "g": "guardian" in held, "c": "coordinator" in held}
        return "".join(mark for mark, there in marks.items() if there)

    @property
    def places(self) -> Sequence[Address]:
        return [place for place in self.b.addresses.get(self.person, ()) if place.works]

    def clock(self, wall: time) -> str:
        return words.clock(self.b.language(self.person), datetime.combine(self.today, wall))


def face(card: Card, b: Bundle, now: datetime) -> Face:
    s = sheet(card, b, now)
    born = now if card.fate else card.born_at or now
    return Face(_message(s), start=born, until=born + LASTS, again=folds_at(card, now))


def sheet(card: Card, b: Bundle, now: datetime) -> Sheet:
    return Sheet(card, b, now, local_day(now, b.school.zone), dict(view(card, now)), b.say(card.person))


def _message(s: Sheet) -> Message:
    step = str(s.opened.get("step", ""))
    if step in STEPS:
        question, buttons = STEPS[step](s)
        back = [Button(s.say("button-back"), "b")]
        return Message((text(question, "bold"),), rows(*buttons, back), preview=s.say("settings-title"))
    told = s.opened.get("told", "")
    body = lines(told, text(s.say("settings-title"), "bold"), *_standing(s))
    return Message(body, _main(s), preview=s.say("settings-title"))


# --- what stands -----------------------------------------------------------------------------------------------------


def _standing(s: Sheet) -> list[str | Line]:
    person, language = s.b.people[s.person], s.b.language(s.person)
    found: list[str | Line] = [s.say("settings-language", language=OWN_NAMES[language])]
    for mark in s.roles.replace("c", ""):
        found += _times(s, mark)
    if person.zone:
        found.append(s.say("settings-zone", zone=_city(person.zone)))
    if len(s.places) > 1:
        found.append(s.say("settings-app", app=app_of(s.b, s.b.place(s.person))))
    if several(s):
        found.append(s.say("settings-nights", nights=_nights(s)))
    if (rest := resting_until(s.b, s.person, s.today)) is not None:
        found.append(s.say("settings-resting", date=words.short_date(language, rest)))
    return found


def _times(s: Sheet, mark: str) -> list[str | Line]:
    role, school = ROLES[mark], s.b.school
    person = s.b.people[s.person]
    usual = school.teacher_card if mark == "t" else school.home_card
    card = s.clock(person.wish(role).card_at or usual)
    hours = hours_of(school, person, role)
    both = f"-{role}" if {"t", "g"} <= set(s.roles) else ""
    span = s.say(f"settings-hours{both}", start=s.clock(hours.start), end=s.clock(hours.end))
    return [s.say(f"settings-card-{role}", time=card), span]


def _city(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def app_of(b: Bundle, place: Address | None) -> str:
    return b.lanes[place.lane].platform.title() if place is not None and place.lane in b.lanes else ""


def several(s: Sheet) -> list[Relation]:
    """The relations of everybody at home who shares the evenings of this person's children, if they are several."""
    mine = s.b.children(s.person, s.today)
    shared = [r for child in mine for r in s.b.guardians.get(child, ()) if s.b.live(r, s.today) and s.b.works(r.person)]
    return shared if len({r.person for r in shared}) > 1 else []


def turns(s: Sheet, day: int) -> list[int]:
    """Whose evening a weekday is, as chosen; nobody: who joined first."""
    return list(dict.fromkeys(r.person for r in several(s) if str(day) in r.nights))


def _nights(s: Sheet) -> str:
    days = sorted(s.b.school.weekdays)
    if any(turns(s, day) for day in days):
        return joined(f"{weekday(s, day)} {_whose(s, day)}" for day in days)
    return _whose(s, 0)


def at_home(s: Sheet) -> list[int]:
    """Everybody who shares the evenings, who joined first comes first."""
    return sorted({r.person for r in several(s)}, key=lambda person: (s.b.joined_at(person), person))


def _whose(s: Sheet, day: int) -> str:
    chosen = turns(s, day) or at_home(s)[:1]
    child = next(iter(s.b.children(s.person, s.today)), 0)
    named = [s.b.at_home(s.person, person, child) for person in chosen]
    return " + ".join(named)


def weekday(s: Sheet, day: int) -> str:
    return words.weekday_short(s.b.language(s.person), day)


def resting_until(b: Bundle, person: int, today: date) -> date | None:
    """The day on which this person's messages start again; None if they are not resting."""
    if not _rests(b, person, today):
        return None
    return next((day for n in range(1, 400) if not _rests(b, person, day := today + timedelta(days=n))), None)


def _rests(b: Bundle, person: int, day: date) -> bool:
    return any(b.muted(person, day, side) for side in ROLES.values())


# --- buttons ---------------------------------------------------------------------------------------------------------


def _main(s: Sheet) -> Rows:
    both = "t" in s.roles and "g" in s.roles
    entries = [("button-language", "l")]
    for mark in s.roles.replace("c", ""):
        role = f"-{ROLES[mark]}" if both else ""
        entries += [(f"button-card-time{role}", f"t:{mark}"), (f"button-hours{role}", f"h:{mark}")]
    if "g" in s.roles:
        entries += [("button-zone", "z")] + ([("button-nights", "n")] if several(s) else [])
    if "t" in s.roles:
        entries.append(("button-stand-in", "i"))
    entries.append(("button-app", "a"))
    if "c" in s.roles:
        entries.append(("button-school-day", "d"))
    buttons = [Button(s.say(key), value) for key, value in entries]
    return rows(*(buttons[i : i + 2] for i in range(0, len(buttons), 2)))


Step = tuple[str, list[Sequence[Button]]]


def _language(s: Sheet) -> Step:
    return s.say("which-language"), in_threes([Button(OWN_NAMES[code], f"l:{code}") for code in LANGUAGES])


def _card_time(s: Sheet) -> Step:
    mark = str(s.opened["role"])
    first, last = EVENING if mark == "g" else AFTERNOON
    usual = s.b.school.teacher_card if mark == "t" else s.b.school.home_card
    now = s.clock(s.b.people[s.person].wish(ROLES[mark]).card_at or usual)
    question = s.say("which-card-time", start=s.clock(first), end=s.clock(last), time=now)
    choices = [Button(s.clock(at), f"t:{mark}:{at:%H%M}") for at in OFFERED[mark]]
    return question, [choices, [Button(s.say("button-other-time"), f"t:{mark}:x"), _usual(s, f"t:{mark}:-")]]


def _hours(s: Sheet) -> Step:
    mark = str(s.opened["role"])
    starts = [Button(s.say("button-from", time=s.clock(at)), f"h:{mark}:{at:%H%M}") for at in STARTS[mark]]
    ends = [Button(s.say("button-until", time=s.clock(at)), f"h:{mark}:-{at:%H%M}") for at in ENDS[mark]]
    other = [Button(s.say("button-other-time"), f"h:{mark}:x"), _usual(s, f"h:{mark}:-")]
    hours = hours_of(s.b.school, s.b.people[s.person], ROLES[mark])
    return s.say("which-hours", start=s.clock(hours.start), end=s.clock(hours.end)), [starts, ends, other]


def _usual(s: Sheet, value: str) -> Button:
    return Button(s.say("button-as-school"), value)


def _asking(s: Sheet) -> Step:
    """A step that waits for a typed word; after one that was not understood it says what fits."""
    return s.say(str(s.opened["question"]), **s.opened.get("args", {})), []


def _app(s: Sheet) -> Step:
    asked = s.b.place(s.person)
    places = [
        Button(_place(s, place) + (" ✓" if asked and place.id == asked.id else ""), f"a:{code36(place.id)}")
        for place in s.places
    ]
    another = Button(s.say("button-another-app"), "a:new")
    return s.say("which-app"), [places if len(places) > 1 else [], [another]]


def _place(s: Sheet, place: Address) -> str:
    """The app, with the account's name where there are two on one."""
    app = app_of(s.b, place)
    twice = sum(app_of(s.b, other) == app for other in s.places) > 1
    return f"{app}: {place.name or place.user}"[:27] if twice else app


def _evenings(s: Sheet) -> Step:
    days = sorted(s.b.school.weekdays)
    return s.say("which-nights"), [[Button(f"{weekday(s, day)}: {_whose(s, day)}"[:30], f"n:{day}")] for day in days]


def _school_day(s: Sheet) -> Step:
    days = [("button-today", 0), ("button-tomorrow", 1)]
    return s.say("which-school-day"), [[Button(s.say(key), f"d:{n}") for key, n in days]]


def _what_day(s: Sheet) -> Step:
    day = date.fromisoformat(str(s.opened["day"]))
    question = s.say("what-school-day", date=words.short_date(s.b.language(s.person), day))
    ends = [Button(s.say("button-ends-at", time=s.clock(at)), f"d:e:{at:%H%M}") for at in DISMISSALS]
    other = [Button(s.say("button-other-time"), "d:x"), Button(s.say("button-school-open"), "d:o")]
    return question, [[Button(s.say("button-no-school"), "d:c")], ends, other]


def _colleagues(s: Sheet) -> Step:
    names = [Button(s.b.adult(person)[:30], f"i:{code36(person)}") for person in colleagues(s.b, s.person, s.today)]
    return s.say("which-stand-in" if names else "no-stand-in"), in_threes(names[:15])


def colleagues(b: Bundle, teacher: int, today: date) -> list[int]:
    """Teachers of the same children who have joined, then nobody else: they know the class."""
    courses = [r.course for r in b.relations.get(teacher, ()) if r.role == "teacher" and b.live(r, today)]
    children = {s for course in courses for s in b.pupils.get(course, ())}
    around = [r for s in children for course in b.enrolled.get(s, ()) for r in b.teachers.get(course, ())]
    people = {r.person for r in around if r.role == "teacher" and b.live(r, today) and b.works(r.person)}
    return sorted(people - {teacher}, key=lambda person: (b.adult(person), person))


def _stand_in_days(s: Sheet) -> Step:
    name = s.b.adult(int(s.opened["person"]))
    over = s.now >= s.b.own_times(int(s.opened["person"]), s.today, "teacher").teacher_until
    today = [("button-today", "i:d:1"), ("button-until-tomorrow", "i:d:2")]
    days = [*([("button-tomorrow", "i:d:2")] if over else today), ("button-this-week", "i:d:w")]
    return s.say("which-stand-in-days", name=name), [
        [Button(s.say(key), value) for key, value in days],
        [Button(s.say("button-other-day"), "i:d:x")],
    ]


STEPS = {
    "language": _language,
    "time": _card_time,
    "hours": _hours,
    "asking": _asking,
    "app": _app,
    "nights": _evenings,
    "day": _school_day,
    "what day": _what_day,
    "stand-in": _colleagues,
    "stand-in days": _stand_in_days,
}
