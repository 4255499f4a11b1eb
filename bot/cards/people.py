"""Joining (script E): the newcomer's dialogue, and the one card on which a teacher confirms who wants to join (F17)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import words
from bot.bundle import Bundle, initials
from bot.cards.parts import joined, lines, rows, text
from bot.model import Address, Button, Card, Face, Invitation, Line, Message, code36
from bot.schooldays import hours, instant, local_day

# --- the newcomer ----------------------------------------------------------------------------------------------------


def join_face(card: Card, b: Bundle, now: datetime) -> Face:
    """Who you are joining for, what is kept, and then: the school confirms it is you. Two taps."""
    invitation = b.invitations.get(int(card.subject))
    if invitation is None:
        return Face(ended=True, why="no invitation")
    return Face(_join_message(card, b, invitation), start=card.born_at, until=now + timedelta(hours=1))


def _join_message(card: Card, b: Bundle, invitation: Invitation) -> Message:
    state = "declined" if card.view.get("step") == "declined" else invitation.state
    if state == "open":
        return _consent(card, b) if card.view.get("step") == "consent" else _who(card, b, invitation)
    if state == "joined":
        return _welcome(card, b, invitation)
    sentences = {"claimed": ("join-thanks",), "refused": ("join-refused",)}.get(state, ("join-no-more",))
    said = [b.say(card.person)(key) for key in sentences]
    return Message(lines(*said), preview=said[0])


def _who(card: Card, b: Bundle, invitation: Invitation) -> Message:
    """Before the school has confirmed, a child is initials only."""
    say = b.say(card.person)
    if invitation.role == "guardian":
        children = b.children(invitation.person, _born(b, card)) or [invitation.student]
        who = words.listed(b.language(card.person), [_disguised(b, child) for child in children])
    else:
        own = b.relations.get(invitation.person, ())
        courses = [b.courses[r.course].name for r in own if r.course in b.courses]
        who = joined([b.adult(invitation.person), *dict.fromkeys(courses)])
    sentence = say("join-hello", who=who)
    buttons = [Button(say("button-right"), "r")], [Button(say("button-not-mine"), "no")]
    return Message(lines(sentence), rows(*buttons), preview=say("join-preview", school=b.school.name))


def _born(b: Bundle, card: Card) -> date:
    if card.born_at is None:
        raise ValueError(f"card {card.id}: a joining card knows when it was born")
    return local_day(card.born_at, b.school.zone)


def _disguised(b: Bundle, child: int) -> str:
    """A. R., 7B, Ms Okafor."""
    student = b.students[child]
    return ", ".join(part for part in (initials(student.name), student.group, b.adult(b.owner(child))) if part)


def _consent(card: Card, b: Bundle) -> Message:
    say = b.say(card.person)
    parts = [say("join-kept"), say("join-seen"), say("join-ends")]
    buttons = [Button(say("button-yes-join"), "j")], [Button(say("button-no-thanks"), "q")]
    return Message(lines(*parts), rows(*buttons), preview=say("join-preview", school=b.school.name))


def _welcome(card: Card, b: Bundle, invitation: Invitation) -> Message:
    say, born = b.say(card.person), _born(b, card)
    if invitation.role != "guardian":
        time = b.clock(card.person, instant(born, b.school.teacher_card, b.school.zone))
        return Message(lines(say("welcome-teacher", time=time), say("welcome-stop")), preview=say("welcome"))
    own = b.children(card.person, born) or [invitation.student]  # a card of who has become one with another
    children = [b.child(card.person, child) for child in own]
    names = words.listed(b.language(card.person), children)
    time = b.clock(card.person, instant(born, b.school.home_card, b.school.zone))
    return Message(
        lines(say("welcome"), say("welcome-guardian", child=names, time=time), say("welcome-stop")),
        preview=say("welcome"),
    )


# --- who confirms ----------------------------------------------------------------------------------------------------


def claims_face(card: Card, b: Bundle, now: datetime) -> Face:
    """All open claims on one card, so that twenty families joining in a morning ring once."""
    waiting = open_claims(card.person, b, now)
    decided = [b.invitations[i] for i in card.view.get("decided", ()) if i in b.invitations]
    if not waiting and not card.ref:
        return Face(ended=True, why="confirmed by somebody else")
    start, until = hours(b.school, "teacher", now)
    return Face(
        _claims_message(card, b, waiting, decided),
        start=start if not card.fate else now,
        until=until,
        again=start if start > now and not card.ref else None,
        slot="" if card.fate else "event",
        offers=tuple(code36(claim.id) for claim in waiting),
    )


def open_claims(confirmer: int, b: Bundle, now: datetime) -> list[Invitation]:
    """Claims that wait for this person: for a child in one of the own classes, or any for a coordinator."""
    claims = [i for i in b.invitations.values() if i.state == "claimed" and i.role == "guardian" and now < i.expires]
    return sorted((i for i in claims if confirmer in confirmers(i, b, now)), key=lambda i: i.id)


def confirmers(claim: Invitation, b: Bundle, now: datetime) -> list[int]:
    """The plan owner and coordinators; if none of them has joined, the child's other teachers."""
    today = local_day(now, b.school.zone)
    staff = [r for relations in b.relations.values() for r in relations if r.live(today) and b.works(r.person)]
    first = [r.person for r in staff if r.role == "coordinator" or r.person == b.owner(claim.student)]
    courses = set(b.enrolled.get(claim.student, ()))
    return list(dict.fromkeys(first or [r.person for r in staff if r.role == "teacher" and r.course in courses]))


def _claims_message(card: Card, b: Bundle, waiting: Sequence[Invitation], decided: Sequence[Invitation]) -> Message:
    say = b.say(card.person)
    body: list[Line] = []
    buttons: list[list[Button]] = []
    for claim in waiting:
        body.append(text(_claim_line(card, b, claim)))
        alike = sum(b.adult(other.person) == b.adult(claim.person) for other in waiting) > 1
        name = b.people[claim.person].name if alike else b.adult(claim.person)
        yes = Button(say("button-yes-thats", name=name)[:30], f"y:{code36(claim.id)}")
        buttons.append([yes, Button(say("button-no"), f"n:{code36(claim.id)}")])
    if len(waiting) > 1:
        buttons.append([Button(say("button-yes-all"), "ya")])
    body += [text(_decided_line(card, b, claim)) for claim in decided if claim.state in ("joined", "refused")]
    body = body or [text(say("claims-none"))]
    return Message(tuple(body), rows(*buttons), preview=say("claims-preview", count=len(waiting)))


def _claim_line(card: Card, b: Bundle, claim: Invitation) -> str:
    say = b.say(card.person)
    address = _claimed_by(b, claim)
    platform = (b.lanes[address.lane].platform if address and address.lane in b.lanes else "").title()
    child = b.child(card.person, claim.student)
    name = b.adult(claim.person)
    if address is None or not address.name:
        return say("claim-line", name=name, child=child)
    return say("claim-line-named", name=name, child=child, platform=platform, account=address.name)


def _claimed_by(b: Bundle, claim: Invitation) -> Address | None:
    return next((a for places in b.addresses.values() for a in places if a.id == claim.address), None)


def _decided_line(card: Card, b: Bundle, claim: Invitation) -> str:
    key = "claim-joined" if claim.state == "joined" else "claim-refused"
    return b.say(card.person)(key, name=b.adult(claim.person), child=b.child(card.person, claim.student))
