"""`who`: who reads along with a child; codes are sent again, links ended, third persons agreed to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import folds_at, joined, lines, rows, text, view
from bot.model import Button, Card, Face, Line, Message, Relation, code36
from bot.report import runs
from bot.schooldays import hours_of, local_day

LASTS = timedelta(minutes=30)
FEW = 4  # children told in full; of more, those who wait for somebody at home, and the names of the others
PROVIDER_STAYS = timedelta(days=90)  # how long a third person from outside reads along (F43)


def face(card: Card, b: Bundle, now: datetime) -> Face:
    born = card.born_at or now
    return Face(_message(card, b, now), start=born, until=born + LASTS, again=folds_at(card, now))


def children_of(card: Card, b: Bundle, today: date) -> list[int]:
    """The child that was named, if this reader may see who reads along; else all of the reader's own."""
    named = [int(card.view["student"])] if card.view.get("student") else b.followed(card.person, today)
    return [s for s in named if s in b.students and b.may(card.person, "see who", today, s)]


def _message(card: Card, b: Bundle, now: datetime) -> Message:
    say, today = b.say(card.person), local_day(now, b.school.zone)
    opened = view(card, now)
    if opened.get("step") == "end":
        return _ending(card, b, int(opened["relation"]), say("preview-who"))
    told = say(str(opened["told"]), **opened.get("args", {})) if opened.get("told") else ""
    if opened.get("awaits"):
        return Message(lines(told), rows([Button(say("button-back"), "b")]), preview=say("preview-who"))
    if opened.get("told") in ("who-unknown", "who-which"):
        return Message(lines(told), preview=say("preview-who"))
    body: list[Line] = list(lines(told))
    buttons: list[Sequence[Button]] = []
    children = children_of(card, b, today)
    shown = children if len(children) <= FEW else [c for c in children if _waits(b, c, today)][:FEW]
    for child in shown:
        body.append(text(b.child(card.person, child), "bold"))
        body += lines(_teachers(card, b, child, today), _homes(card, b, child, today), _thirds(card, b, child, today))
        buttons += _buttons(card, b, child, today)
    if not children:
        body += lines(say("who-name-one" if b.may(card.person, "see who", today) else "status-nobody"))
    if len(shown) < len(children):
        body.append(text(joined(b.child(card.person, child) for child in children if child not in shown)))
        body.append(text(say("who-name-one")))
    return Message(tuple(body), rows(*buttons), preview=say("preview-who"))


def _waits(b: Bundle, child: int, today: date) -> bool:
    """Whether somebody at home has not joined yet, or nobody is known there."""
    live = [r for r in b.guardians.get(child, ()) if b.live(r, today)]
    return not live or any(not b.linked(r.person) for r in live)


def _teachers(card: Card, b: Bundle, child: int, today: date) -> str:
    say = b.say(card.person)
    named = []
    for course in b.enrolled.get(child, ()):
        for r in b.teachers.get(course, ()):
            if b.live(r, today) and b.takes(child, course, today):
                key = "who-teacher" if r.role == "teacher" else "who-stand-in"
                named.append(say(key, name=b.adult(r.person), course=b.courses[course].name))
    return say("who-school", names=", ".join(named)) if named else ""


def _homes(card: Card, b: Bundle, child: int, today: date) -> str:
    say = b.say(card.person)
    live = [r for r in b.guardians.get(child, ()) if b.live(r, today)]
    names = [(b.at_home(card.person, r.person, child), b.linked(r.person)) for r in live]
    named = [name if linked else say("who-not-joined", name=name) for name, linked in names]
    return say("who-home", names=", ".join(named)) if named else ""


def third_persons(b: Bundle, child: int) -> list[Relation]:
    """Counsellors and people from outside who were named for this child, waiting ones too."""
    named = [r for own in b.relations.values() for r in own if r.student == child]
    return [r for r in named if r.role in ("counsellor", "provider")]


def _thirds(card: Card, b: Bundle, child: int, today: date) -> str:
    say, language = b.say(card.person), b.language(card.person)
    named = []
    for r in third_persons(b, child):
        if b.live(r, today):
            until = words.short_date(language, r.until) if r.until else ""
            key = "who-until" if until else "who-third"
            named.append(say(key, name=b.adult(r.person), **({"date": until} if until else {})))
    return say("who-thirds", names=", ".join(named)) if named else ""


def may_end(b: Bundle, person: int, relation: Relation, today: date) -> bool:
    action = {"guardian": "end guardian's link", "provider": "end provider's link"}.get(relation.role)
    return action is not None and b.may(person, action, today, relation.student)


def _buttons(card: Card, b: Bundle, child: int, today: date) -> list[Sequence[Button]]:
    say = b.say(card.person)
    found: list[Sequence[Button]] = []
    live = [r for r in b.guardians.get(child, ()) if b.live(r, today)]
    for r in [*live, *(r for r in third_persons(b, child) if b.live(r, today))]:
        name, row = b.adult(r.person), []
        waits = r.role == "guardian" and not b.linked(r.person)
        if waits and b.may(card.person, "invite guardian", today, child):
            row.append(Button(say("button-new-code", name=name)[:30], f"v:{code36(r.id)}"))
        if may_end(b, card.person, r, today):
            row.append(Button(say("button-end-link", name=name)[:30], f"e:{code36(r.id)}"))
        if row:
            found.append(row)
    if b.may(card.person, "invite guardian", today, child) and len(children_of(card, b, today)) == 1:
        found.append([Button(say("button-another-guardian"), f"g:{code36(child)}")])
    if b.may(card.person, "start or pause report", today, child) and len(children_of(card, b, today)) == 1:
        state = runs(b.standing.get(child, ()), today)
        key = {"running": "button-report-rests", "paused": "button-report-goes-on"}.get(state)
        found += [[Button(say(key), f"{'r' if state == 'running' else 'R'}:{code36(child)}")]] if key else []
    if b.may(card.person, "end guardian's link", today, child) and len(live) > 1:
        key = "button-homes-together" if b.students[child].apart else "button-homes-apart"
        found.append([Button(say(key), f"h:{code36(child)}")])
    return found


def _ending(card: Card, b: Bundle, which: int, preview: str) -> Message:
    say = b.say(card.person)
    relation = next(r for own in b.relations.values() for r in own if r.id == which)
    told = {"name": b.adult(relation.person), "child": b.child(card.person, relation.student)}
    buttons = [Button(say("button-yes-end"), f"E:{code36(which)}"), Button(say("button-back"), "b")]
    return Message(lines(say("end-question", **told)), rows(buttons), preview=preview)


def agree_face(card: Card, b: Bundle, now: datetime) -> Face:
    """Home is asked whether somebody from outside may read along: who, what, until when; no answer is no (F43)."""
    claim = b.invitations.get(int(card.subject))
    if claim is None:
        return Face(ended=True, why="no invitation")
    say, decided = b.say(card.person), card.view.get("decided")
    until = local_day(card.born_at or now, b.school.zone) + PROVIDER_STAYS
    told = {"name": b.people[claim.person].name, "child": b.child(card.person, claim.student)}
    sentence = say("agree-question", date=words.short_date(b.language(card.person), until), **told)
    open_ = claim.state == "claimed" and now < claim.expires and not decided
    if not open_ and not card.ref:
        return Face(ended=True, why="decided already")
    buttons = [Button(say("button-agree"), "y"), Button(say("button-no"), "n")] if open_ else []
    after = say(f"agree-{decided}") if decided else "" if open_ else say("claims-none")
    start, end = hours_of(b.school, b.people.get(card.person), "guardian").span(now)
    return Face(
        Message(lines(sentence, say("agree-what"), after), rows(buttons), preview=say("preview-who")),
        start=start,
        until=end,
        again=start if start > now and not card.ref else None,
        slot="" if card.fate else "event",
    )
