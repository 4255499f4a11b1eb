"""School dates and their instants: wall-clock wishes of one school turned into UTC, date by date (DESIGN: Time)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import School

TEACHER_HOURS = (time(7, 0), time(18, 0))
GUARDIAN_HOURS = (time(7, 0), time(20, 0))
BEFORE_HOME = timedelta(minutes=10)  # nothing is asked of teachers so shortly before the home card
AFTER_CARD = timedelta(minutes=90)  # a card chosen later than usual extends the hours of the day that far
AFTER_DISMISSAL = timedelta(minutes=10)  # on a half day the teacher's card follows dismissal, not the clock
AFTER_EARLY_CARD = timedelta(minutes=60)
LONGEST_BREAK = 200  # days
NUDGE_LASTS = timedelta(minutes=50)
LATE_RINGS_UNTIL = time(19, 0)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time. In a gap it moves forward by the gap; of an overlap it is the first."""
    return datetime.combine(day, wall, zone).replace(fold=0).astimezone(UTC)


def local_day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def is_school_day(school: School, day: date) -> bool:
    return day.weekday() in school.weekdays and day not in school.closed


def next_school_day(school: School, day: date) -> date:
    return _step(school, day, 1)


def previous_school_day(school: School, day: date) -> date:
    return _step(school, day, -1)


def _step(school: School, day: date, by: int) -> date:
    for distance in range(1, LONGEST_BREAK):
        other = day + timedelta(days=by * distance)
        if is_school_day(school, other):
            return other
    raise ValueError(f"{school.id}: no school day in {LONGEST_BREAK} days around {day}; its calendar closes them all")


@dataclass(frozen=True, slots=True)
class DayTimes:
    """The instants of one school date, all UTC. `…_until`: a card may be started until then, no later."""

    day: date
    teacher_card: datetime
    teacher_until: datetime
    teacher_nudge: datetime
    teacher_nudge_until: datetime
    home_card: datetime
    home_until: datetime
    home_nudge: datetime
    late_rings_until: datetime
    close: datetime
    late_until: datetime


def day_times(school: School, day: date) -> DayTimes:
    def at(wall: time) -> datetime:
        return instant(day, wall, school.zone)

    home = at(school.home_card)
    teacher, nudge = at(school.teacher_card), at(school.teacher_nudge)
    if day in school.early:
        teacher = at(school.early[day]) + AFTER_DISMISSAL
        nudge = teacher + AFTER_EARLY_CARD
    teacher_until = min(home - BEFORE_HOME, max(at(TEACHER_HOURS[1]), teacher + AFTER_CARD))
    return DayTimes(
        day=day,
        teacher_card=teacher,
        teacher_until=teacher_until,
        teacher_nudge=nudge,
        teacher_nudge_until=min(nudge + NUDGE_LASTS, teacher_until),
        home_card=home,
        home_until=max(at(GUARDIAN_HOURS[1]), home + AFTER_CARD),
        home_nudge=at(school.home_nudge),
        late_rings_until=at(LATE_RINGS_UNTIL),
        close=at(school.day_closes),
        late_until=instant(next_school_day(school, day), school.day_closes, school.zone),
    )


def hours(school: School, role: str, now: datetime) -> tuple[datetime, datetime]:
    """The next (or running) span in which a person of that role may be rung: start and end, UTC."""
    first, last = TEACHER_HOURS if role == "teacher" else GUARDIAN_HOURS
    day = local_day(now, school.zone)
    for _ in range(LONGEST_BREAK):
        end = instant(day, last, school.zone)
        if now < end and (role != "teacher" or is_school_day(school, day)):
            return instant(day, first, school.zone), end
        day += timedelta(days=1)
    raise ValueError(f"{school.id}: no allowed hour in {LONGEST_BREAK} days")
