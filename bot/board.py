"""The board says what every person should see now. Pure: facts and time in, faces out.

00:00  opens        a card and a nudge for everybody who may be asked today
15:10  teacher      one card, one tap: written down
16:10  nudge        once, only to who was asked and is silent
17:30  home         one card for all classes and children; a silent copy for the other guardian
19:45  nudge        once, to tonight's guardian only
23:00  close        what nobody said stays unknown; the buttons stay until the next school day's close
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from bot.bundle import ONE_DAY, TEACHING, Bundle
from bot.cards import adding, answers, home, late, links, office, people, rests, settings, setup, teacher, unreached
from bot.cards.parts import school_date
from bot.model import QUIET, RINGING, Card, Draft, Face, Fact
from bot.policy import may
from bot.ports import Turn
from bot.schooldays import is_school_day, local_day

FACES: Mapping[str, Callable[[Card, Bundle, datetime], Face]] = {
    "teacher": teacher.face,
    "teacher nudge": teacher.nudge_face,
    "home": home.face,
    "home nudge": home.nudge_face,
    "late": late.face,
    "join": people.join_face,
    "claims": people.claims_face,
    "left": answers.left_face,
    "settings": settings.face,
    "calendar": office.calendar_face,
    "no school": office.no_school_face,
    "pause": rests.face,
    "rests": rests.rests_face,
    "resumed": rests.resumed_face,
    "who": links.face,
    "agree": links.agree_face,
    "add": adding.face,
    "setup": setup.face,
    "unreached": unreached.face,
    "stand in": office.stand_in_face,
    "stand in said": office.stand_in_said_face,
} | dict.fromkeys(answers.SAYS, answers.face)

ABOUT = ("late", "rests", "agree")  # name one child, whenever they are shown
DAILY = ("teacher", "teacher nudge", "home", "home nudge")


def face(card: Card, b: Bundle, now: datetime) -> Face:
    """What this card should show now. Permission is asked again here: who lost the right sees a closed card."""
    if card.kind not in ("join", "left", "stopped") and not b.linked(card.person):
        return Face(ended=True, why="not joined")
    if card.kind in DAILY and not b.works(card.person) and b.stopped(card.person):
        return Face(why="stopped")  # not ended: who comes back today gets today's card
    if card.kind in DAILY and not _may_see(card, b):
        return Face(answers.left_face(card, b, now).message if card.ref else None, ended=True, why="no longer allowed")
    if card.kind in ABOUT and not _still_concerns(card, b):
        return Face(answers.left_face(card, b, now).message if card.ref else None, ended=True, why="no longer allowed")
    return FACES[card.kind](card, b, now)


def _still_concerns(card: Card, b: Bundle) -> bool:
    """Whether the child that such a card names is still one this person follows, today."""
    if card.kind == "agree":
        claim = b.invitations.get(int(card.subject))
        return claim is None or claim.student in b.children(card.person, b.today)
    return int(card.subject.split(".")[0]) in b.followed(card.person, b.today)


def _may_see(card: Card, b: Bundle) -> bool:
    """A live relation that allows the card's own side; without one there is nothing this person may be shown."""
    action = "see class line" if card.kind.startswith("teacher") else "see evening"
    days = {school_date(card), max(school_date(card), b.today)}
    own = b.relations.get(card.person, ())
    return any(may(action, [r], days, r.student, [r.course]) for r in own)


def opens(b: Bundle, day: date) -> list[Draft]:
    """The cards of a school date: a card and its nudge for every joined person with a live relation.

    Calendar, fading and pauses are asked of each face when its moment comes, never here.
    """
    if not is_school_day(b.school, day):
        return []
    drafts: list[Draft] = []
    for person, relations in b.relations.items():
        if not b.works(person):
            continue
        roles = {relation.role for relation in relations if relation.live(day)}
        if roles.intersection(TEACHING):
            own = b.own_times(person, day, "teacher")
            drafts.append(Draft(person, "teacher", day, own.teacher_card))
            drafts.append(Draft(person, "teacher nudge", day, own.teacher_nudge))
        if "guardian" in roles:
            own = b.own_times(person, day, "guardian")
            drafts.append(Draft(person, "home", day, own.home_card))
            drafts.append(Draft(person, "home nudge", day, own.home_nudge))
    return drafts


def births(fact: Fact, b: Bundle, now: datetime) -> list[Draft]:
    """The cards that a fact brings into the world beside the day's own: a late *not written* rings at home (F12)."""
    if fact.kind == "away" and fact.value == "on" and fact.day is not None and _longer(fact):
        side = "home" if fact.role == "guardian" else "school"
        subject, view = f"{fact.student}.{now:%H%M%S}", {"back": fact.data["until"], "side": side}
        return [Draft(p, "rests", fact.day, now, subject, QUIET, view) for p in touches(fact, b) - {fact.person}]
    if fact.kind != "line" or fact.value != "not_written" or fact.day is None:
        return []
    person = late.concerns(fact, b, now)
    subject = f"{fact.student}.{fact.course}"
    return [Draft(person, "late", fact.day, now, subject, RINGING)] if person else []


def _longer(fact: Fact) -> bool:
    until = fact.data.get("until")
    return until is not None and fact.day is not None and date.fromisoformat(until) > fact.day + ONE_DAY


def touches(fact: Fact, b: Bundle) -> set[int]:
    """Everybody whose screens a fact may change: the child's guardians and teachers, too many rather than too few."""
    if not fact.student:
        return {fact.person}
    staff = [r.person for course in b.enrolled.get(fact.student, ()) for r in b.teachers.get(course, ())]
    return {*staff, *(r.person for r in b.guardians.get(fact.student, ())), fact.person} - {0}


def lost(person: int, how: str, source: str, turn: Turn) -> Fact:
    """The program's word that a person cannot be reached; their children's plan owner reads it once (F18)."""
    return Fact("lost", how, turn.now, source, person, day=local_day(turn.now, turn.school.zone))


def found(person: int, source: str, turn: Turn) -> Fact:
    """The program's word that messages arrive with this person again."""
    return Fact("back", "yes", turn.now, source, person, day=local_day(turn.now, turn.school.zone))


def _colleague(person: int, course: int, b: Bundle, day: date) -> bool:
    """Whether somebody else is asked about that class too; the close knows whether anybody was."""
    return any(r.person != person and b.live(r, day) and b.works(r.person) for r in b.teachers.get(course, ()))


def unasked(card: Card, b: Bundle, now: datetime) -> list[Fact]:
    """What the record says of a teacher's card that could not be put in its window: *not asked*, nobody's fault (F19).

    Of the evening the close says it, which knows whether anybody at home was asked.
    """
    if card.kind != "teacher" or card.shown_at is not None:  # it was asked, though it vanished later
        return []
    day = school_date(card)
    open_ = [line for line in b.own_lines(card.person, day, now) if line.open]
    return [
        Fact(
            "unasked", "teacher", now, f"unasked:{day}:{line.student}.{line.course}",
            student=line.student, course=line.course, day=day,
        )
        for line in open_
        if not _colleague(card.person, line.course, b, day)
    ]  # fmt: skip
