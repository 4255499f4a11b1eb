"""One child, one school date: the fold of what was said. Pure, and the same for every order of arrival.

Facts are folded by the time they were said, then by their number. What was marked by name always stands over what a
bulk button said; of two bulk buttons the first stands, unless the later one was pressed after `Change`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.model import Fact
from bot.schooldays import DayTimes

WORST_FIRST = ("not_done", "partly", "done")
SETTLED = ("written", "not_written", "no_homework", "absent")
NO_QUESTION = ("no_homework", "absent")
RULES = 1  # version of the rules a frozen night was made by


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class of one child on one date. `why` explains unknown: no_answer, cant_say, not_asked or dont_know."""

    student: int
    course: int
    state: str = "expected"  # expected, written, not_written, no_homework, absent, unknown
    why: str = ""
    by: int = 0
    at: datetime | None = None
    named: bool = False
    late: bool = False
    changed: bool = False

    @property
    def open(self) -> bool:
        return self.state == "expected" or (self.state == "unknown" and self.why in ("no_answer", "not_asked"))

    @property
    def asked_at_home(self) -> bool:
        return self.state not in NO_QUESTION


@dataclass(frozen=True, slots=True)
class Said:
    """What one guardian says of one night: a value for each class answered, and the last time something was said."""

    person: int
    classes: Mapping[int, str]
    cant_say: bool
    at: datetime
    reasons: Mapping[int, str] = field(default_factory=dict)
    rushed: bool = False
    late: bool = False

    @property
    def answered(self) -> bool:
        return bool(self.classes)

    @property
    def worst(self) -> str:
        return next((value for value in WORST_FIRST if value in self.classes.values()), "")


@dataclass(frozen=True, slots=True)
class Home:
    """The home answer. state: open, done, partly, not_done, cant_say, two_answers, no_answer, not_asked."""

    state: str = "open"
    said: tuple[Said, ...] = ()
    taken_by: int = 0  # who said `I'll answer instead` last
    late: bool = False

    def by(self, person: int) -> Said | None:
        return next((said for said in self.said if said.person == person), None)

    @property
    def answered(self) -> tuple[Said, ...]:
        return tuple(said for said in self.said if said.answered)


@dataclass(frozen=True, slots=True)
class Report:
    student: int
    day: date
    lines: tuple[ClassLine, ...]
    home: Home
    homework: tuple[ClassLine, ...]  # the lines that are asked about at home

    def line(self, course: int) -> ClassLine | None:
        return next((line for line in self.lines if line.course == course), None)

    @property
    def question(self) -> bool:
        """Whether home is asked at all (F05): some homework, and not absent unseen."""
        seen = any(line.state in ("written", "not_written") for line in self.lines)
        absent = any(line.state == "absent" for line in self.lines)
        return bool(self.homework) and (seen or not absent)


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.said_at, fact.n))


def fold(
    student: int, courses: Sequence[int], facts: Iterable[Fact], times: DayTimes, now: datetime, closed: bool
) -> Report:
    """The report of one child as it stands now; `closed`: the date's close has been reached on every lane."""
    said = in_order(facts)
    ticks: dict[int, list[Fact]] = {course: [] for course in courses}
    for fact in said:
        if fact.course in ticks and fact.kind in ("line", "unasked"):
            ticks[fact.course].append(fact)
    lines = tuple(_line(student, course, ticks[course], times, now) for course in courses)
    homework = tuple(line for line in lines if line.asked_at_home)
    return Report(student, times.day, lines, _home([line.course for line in homework], said, times, closed), homework)


def as_closed(student: int, courses: Sequence[int], facts: Iterable[Fact], times: DayTimes) -> Report:
    """The report as it stood at the close, from which alone rates are made: what came later is left out."""
    return fold(student, courses, (f for f in facts if f.said_at <= times.close), times, times.close, True)


def _line(student: int, course: int, facts: list[Fact], times: DayTimes, now: datetime) -> ClassLine:
    ticks = [fact for fact in facts if fact.kind == "line"]
    tick = _standing(ticks)
    if tick is None:
        if any(fact.kind == "unasked" for fact in facts):
            return ClassLine(student, course, "unknown", "not_asked")
        if now < times.home_card:
            return ClassLine(student, course)
        return ClassLine(student, course, "unknown", "no_answer")
    return ClassLine(
        student,
        course,
        tick.value if tick.value in SETTLED else "unknown",
        "" if tick.value in SETTLED else tick.value,
        by=tick.person,
        at=tick.said_at,
        named=bool(tick.data.get("named")),
        late=tick.said_at > times.close,
        changed=any(t.said_at < tick.said_at and t.value != tick.value for t in ticks if t.value in SETTLED),
    )


def _standing(ticks: list[Fact]) -> Fact | None:
    named = [tick for tick in ticks if tick.data.get("named")]
    if named:
        return named[-1]
    stands: Fact | None = None
    for tick in ticks:
        if stands is None or stands.value == "cant_say" or tick.data.get("change"):
            stands = tick
    return stands


def _home(asked: list[int], facts: list[Fact], times: DayTimes, closed: bool) -> Home:
    people = dict.fromkeys(fact.person for fact in facts if fact.kind == "home")
    said = tuple(_said(person, asked, facts, times) for person in people)
    takes = [fact for fact in facts if fact.kind == "take"]
    taken_by = takes[-1].person if takes else 0
    state = _night(said, takes)
    if state == "open" and closed:
        state = "not_asked" if any(f.kind == "unasked" and f.value == "home" for f in facts) else "no_answer"
    answered = [one for one in said if one.answered] or [one for one in said if one.cant_say]
    return Home(state, said, taken_by, late=bool(answered) and all(one.late for one in answered))


def _said(person: int, asked: list[int], facts: list[Fact], times: DayTimes) -> Said:
    """One guardian's night: marks by class, over one word for all; after `Change` one word replaces everything."""
    marks: dict[int, str] = {}
    reasons: dict[int, str] = {}
    whole, rushed = "", False
    at = times.close
    late = False
    for fact in facts:
        if fact.person != person or fact.kind not in ("home", "reason", "rushed"):
            continue
        if fact.kind == "reason":
            reasons[fact.course] = fact.value
            continue
        rushed = fact.kind == "rushed"
        if rushed:
            continue
        at, late = fact.said_at, fact.said_at > times.close
        if fact.course:
            marks[fact.course] = fact.value
            reasons.pop(fact.course, None)
        elif fact.data.get("change"):
            marks, reasons, whole = {}, {}, fact.value
        elif whole in ("", "cant_say"):
            whole = fact.value
    everything = {} if whole in ("", "cant_say") else dict.fromkeys(asked, whole)
    classes = {course: value for course, value in (everything | marks).items() if course in asked}
    return Said(person, classes, whole == "cant_say" and not classes, at, reasons, rushed, late)


def _night(said: tuple[Said, ...], takes: list[Fact]) -> str:
    answered = [one for one in said if one.answered]
    if answered:
        return "two_answers" if _differ(answered) else min((one.worst for one in answered), key=WORST_FIRST.index)
    unsure = [one for one in said if one.cant_say]
    if unsure and not (takes and takes[-1].said_at >= max(one.at for one in unsure)):
        return "cant_say"
    return "open"


def _differ(answered: Sequence[Said]) -> bool:
    seen: dict[int, str] = {}
    for one in answered:
        for course, value in one.classes.items():
            if seen.setdefault(course, value) != value:
                return True
    return False


# --- the close -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Night:
    """The frozen day of one child, from which alone rates are made. verdict: kept, missed, neither or none."""

    student: int
    day: date
    lines: Mapping[int, str]  # course → state at the close; unknown stays unknown
    home: str
    verdict: str
    asked: bool
    rules: int = RULES

    @property
    def answered(self) -> bool:
        return self.home in WORST_FIRST


def close(report: Report) -> Night:
    """Freezes a report that was folded by `as_closed`. Silence and *not asked* make no verdict (principle 2)."""
    lines = {line.course: _frozen(line) for line in report.lines}
    return Night(
        report.student,
        report.day,
        lines,
        report.home.state if report.question else "no_question",
        _verdict(report),
        asked=report.question and report.home.state != "not_asked",
    )


def _frozen(line: ClassLine) -> str:
    return line.state if line.state in SETTLED else f"unknown:{line.why or 'no_answer'}"


def _verdict(report: Report) -> str:
    home = report.home
    if not report.question or home.state not in WORST_FIRST:
        return "none"
    answers = {course: value for said in home.answered for course, value in said.classes.items()}
    reasons = {reason for said in home.answered for reason in said.reasons.values()}
    if "not_done" in answers.values():
        return "none" if "unwell" in reasons else "missed"
    all_done = all(answers.get(line.course) == "done" for line in report.homework)
    return "kept" if all_done and all(line.state != "not_written" for line in report.lines) else "neither"


@dataclass(frozen=True, slots=True)
class Week:
    """Counts of some nights of one child: ticks confirmed and written, nights answered and kept."""

    confirmed: int
    written: int
    answered: int
    done: int


def week(nights: Iterable[Night]) -> Week:
    """Written of confirmed class lines, done of answered nights; unknown is in neither (principle 2)."""
    nights = list(nights)
    states = [state for night in nights for state in night.lines.values()]
    answered = [night for night in nights if night.answered]
    return Week(
        sum(state in ("written", "not_written") for state in states),
        states.count("written"),
        len(answered),
        sum(night.home == "done" for night in answered),
    )


# --- when a child's report runs --------------------------------------------------------------------------------------

REPORT_LASTS = timedelta(weeks=8)
ALONE_FOR = 10  # school days without anybody at home, after which a report rests (F01)
ALONE = "alone:"  # how the source of such a pause begins


def ends(standing: Iterable[Fact]) -> date | None:
    """The first date on which a report that has begun is over."""
    begun = [fact for fact in sorted(standing, key=lambda fact: fact.n) if fact.value == "begun"]
    if not begun or begun[-1].day is None:
        return None
    until = begun[-1].data.get("until")
    return date.fromisoformat(until) if until else begun[-1].day + REPORT_LASTS


def runs(standing: Iterable[Fact], day: date) -> str:
    """Whether the daily report of a child runs on a date: running, away, paused, finished or off."""
    state, away = "off", False
    standing = sorted(standing, key=lambda fact: fact.n)
    for fact in standing:
        first = fact.day or date.min
        until = date.fromisoformat(fact.data["until"]) if fact.data.get("until") else None
        if first > day:
            continue
        if fact.kind == "away":
            away = fact.value == "on" if until is None or day < until else away
        elif fact.value == "begun":
            state = "running"
        elif fact.value == "pause" and state == "running":
            state = "running" if until and day >= until else "paused"
        elif fact.value == "resume" and state == "paused":
            state = "running"
        elif fact.value == "stop":
            state = "finished"
    over = ends(standing)
    if state == "running" and over and day >= over:
        return "finished"
    return "away" if state == "running" and away else state


def rests_alone(standing: Iterable[Fact]) -> Fact | None:
    """The pause that stands only because nobody at home could be asked; None for any other state."""
    said = [fact for fact in sorted(standing, key=lambda fact: fact.n) if fact.kind == "report"]
    last = said[-1] if said else None
    alone = last is not None and last.value == "pause" and (last.role == "guardian" or last.source.startswith(ALONE))
    return last if alone else None


def waits_to_begin(standing: Iterable[Fact]) -> Fact | None:
    """The start that no school date has followed yet: it begins with the next one the program opens."""
    last: Fact | None = None
    for fact in sorted(standing, key=lambda fact: fact.n):
        if fact.kind == "report" and fact.value in ("start", "begun", "stop"):
            last = fact
    return last if last and last.value == "start" else None
