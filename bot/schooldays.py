"""School dates and their instants: wall-clock wishes of one school turned into UTC, date by date (DESIGN: Time)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import NO_WISH, Person, School, Wish

TEACHER_HOURS = (time(7, 0), time(18, 0))
GUARDIAN_HOURS = (time(7, 0), time(20, 0))
BEFORE_HOME = timedelta(minutes=10)  # nothing is asked of teachers so shortly before the home card
AFTER_CARD = timedelta(minutes=90)  # a card chosen later than usual extends the hours of the day that far
AFTER_DISMISSAL = timedelta(minutes=10)  # on a half day the teacher's card follows dismissal, not the clock
AFTER_EARLY_CARD = timedelta(minutes=60)
LAST_HOUR = timedelta(hours=1)  # before the close, for who is so far west that the own evening begins after it
LONGEST_BREAK = 200  # days
NUDGE_LASTS = timedelta(minutes=50)
LATE_RINGS_UNTIL = time(19, 0)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time. In a gap it moves forward by the gap; of an overlap it is the first."""
    return datetime.combine(day, wall, zone).replace(fold=0).astimezone(UTC)


def local_day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def is_school_day(school: School, day: date) -> bool:
    return day in school.extra or (day.weekday() in school.weekdays and day not in school.closed)


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


# --- whose hours -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hours:
    """From when until when something may ring for a person, by the clock of their own zone, also over midnight.

    `school`: only on its school days (teachers).
    """

    start: time
    end: time
    zone: ZoneInfo
    school: School | None = None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """The running or next span in which something may ring: start and end, UTC."""
        day = local_day(now, self.zone) - timedelta(days=1)
        for _ in range(LONGEST_BREAK):
            start, end = self.on(day)
            if now < end and (self.school is None or is_school_day(self.school, day)):
                return start, end
            day += timedelta(days=1)
        raise ValueError(f"no allowed hour in {LONGEST_BREAK} days around {day}")

    def on(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.start < self.end else day + timedelta(days=1)
        return instant(day, self.start, self.zone), instant(last, self.end, self.zone)

    def first(self, moment: datetime) -> datetime:
        """That moment, or the first allowed one after it."""
        return max(moment, self.span(moment)[0])


def hours_of(school: School, person: Person | None, role: str) -> Hours:
    """A teacher's or guardian's hours: the usual ones, or those the person has chosen."""
    start, end = TEACHER_HOURS if role == "teacher" else GUARDIAN_HOURS
    wish = person.wish(role) if person else NO_WISH
    zone = ZoneInfo(person.zone) if person and person.zone and role != "teacher" else school.zone
    only_on = school if role == "teacher" else None
    return Hours(wish.hours_from or start, wish.hours_until or end, zone, only_on)


def own_times(times: DayTimes, school: School, person: Person | None, role: str) -> DayTimes:
    """The instants of a school date as one person has chosen them: own minute, own hours, own zone (F09)."""
    if person is None or (not person.zone and role not in person.wishes):
        return times
    hours, wish = hours_of(school, person, role), person.wish(role)
    return _teacher_times(times, school, hours, wish) if role == "teacher" else _home_times(times, school, hours, wish)


def _teacher_times(times: DayTimes, school: School, hours: Hours, wish: Wish) -> DayTimes:
    """On a half day the card follows dismissal, whatever minute was chosen; the reminder stays inside own hours."""
    chosen = wish.card_at if times.day not in school.early else None
    card = instant(times.day, chosen, school.zone) if chosen else times.teacher_card
    nudge = card + AFTER_EARLY_CARD if chosen else times.teacher_nudge
    start, end = hours.on(times.day)
    if wish.hours_until is None or (chosen and card >= end):
        end = max(end, card + AFTER_CARD)
    until = min(times.home_card - BEFORE_HOME, end)
    return replace(
        times,
        teacher_card=max(card, start),
        teacher_until=until,
        teacher_nudge=nudge,
        teacher_nudge_until=min(nudge + NUDGE_LASTS, until),
    )


def _home_times(times: DayTimes, school: School, hours: Hours, wish: Wish) -> DayTimes:
    """Elsewhere the card comes at the own local time, but not before school could answer and not after the close.

    Where no allowed moment is left before the close, it comes as a silent copy the next morning.
    """
    elsewhere = hours.zone != school.zone
    wall = wish.card_at or school.home_card
    wanted = _evening_there(times, wall, hours.zone) if elsewhere else instant(times.day, wall, hours.zone)
    card = hours.first(wanted) if wish.card_at is None or _wall(wanted, hours.zone) != wall else wanted
    if elsewhere and card >= times.close:
        card = hours.first(times.teacher_nudge)
    if card >= times.close:
        return replace(times, home_card=card, home_until=times.late_until, home_nudge=times.late_until)
    start, end = hours.span(card)
    inside = start <= card
    longer = wish.card_at is not None and (wish.hours_until is None or not inside)
    until = max(end if inside else card, card + AFTER_CARD) if longer else end
    soonest = card + AFTER_EARLY_CARD if wish.card_at or elsewhere else card
    usual = instant(local_day(card, hours.zone), school.home_nudge, hours.zone)
    nudge = soonest if elsewhere and usual >= times.close else max(usual, soonest)
    return replace(times, home_card=card, home_until=min(until, times.close), home_nudge=nudge)


def _evening_there(times: DayTimes, wall: time, zone: ZoneInfo) -> datetime:
    """The own evening between the teachers' reminder and the close, whichever date it has there.

    Where there is none: at the reminder, or an hour before the close for who is so far west that it begins after it.
    """
    evenings = [instant(times.day + timedelta(days=n), wall, zone) for n in (-1, 0, 1)]
    within = [evening for evening in evenings if times.teacher_nudge <= evening < times.close]
    last = times.close - LAST_HOUR
    return next(iter(within), last if evenings[1] >= times.close else times.teacher_nudge)


def _wall(moment: datetime, zone: ZoneInfo) -> time:
    return moment.astimezone(zone).time()
