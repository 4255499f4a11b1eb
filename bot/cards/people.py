"""Joining (script E): the newcomer's dialogue, and the one card on which a teacher confirms who wants to join (F17)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import words
from bot.bundle import Bundle, Say
from bot.cards.parts import joined, lines, notice, rows, text
from bot.languages import LANGUAGES, OWN_NAMES
from bot.model import Address, Button, Card, Face, Invitation, Line, Message, code36
from bot.schooldays import hours_of, local_day

# --- the newcomer ----------------------------------------------------------------------------------------------------


def join_face(card: Card, b: Bundle, now: datetime) -> Face:
    """Who you are joining for, what is kept, and then: the school confirms it is you. Two taps."""
    invitation = b.invitations.get(int(card.subject))
    if invitation is None:
        return Face(ended=True, why="no invitation")
    return Face(_join_message(card, b, invitation), start=card.born_at, until=now + timedelta(hours=1))


def _join_message(card: Card, b: Bundle, invitation: Invitation) -> Message:
    state = "declined" if card.view.get("step") == "declined" else invitation.state
    if state == "open" and card.view.get("step") == "language":
        return _which_language(card, b)
    if state == "open":
        return _consent(card, b) if card.view.get("step") == "consent" else _who(card, b, invitation)
    if state == "joined":
        return _welcome(card, b, invitation)
    told = {"claimed": "join-thanks", "refused": "join-refused", "revoked": "code-not-working"}
    said = [b.say(card.person)(told.get(state, "join-no-more"))]
    return Message(lines(*said), preview=said[0])


def _tongue(say: Say) -> Button:
    return Button(say("button-language"), "l")


def _which_language(card: Card, b: Bundle) -> Message:
    buttons = [Button(OWN_NAMES[code], f"l:{code}") for code in LANGUAGES]
    question = b.say(card.person)("which-language")
    return Message(lines(question), rows(buttons), preview=b.say(card.person)("join-preview", school=b.school.name))


def _who(card: Card, b: Bundle, invitation: Invitation) -> Message:
    """Before the school has confirmed, a child is initials only."""
    say = b.say(card.person)
    if invitation.role == "guardian":
        children = b.children(invitation.person, _born(b, card)) or [invitation.student]
        who = words.listed(b.language(card.person), [b.disguised(child) for child in children])
    else:
        own = b.relations.get(invitation.person, ())
        courses = [b.courses[r.course].name for r in own if r.course in b.courses]
        who = joined([b.adult(invitation.person), *dict.fromkeys(courses)])
    sentence = say("join-hello", who=who)
    no = "button-not-mine" if invitation.role == "guardian" else "button-no"
    buttons = [Button(say("button-right"), "r")], [Button(say(no), "no"), _tongue(say)]
    return Message(lines(sentence), rows(*buttons), preview=say("join-preview", school=b.school.name))


def _born(b: Bundle, card: Card) -> date:
    if card.born_at is None:
        raise ValueError(f"card {card.id}: a joining card knows when it was born")
    return local_day(card.born_at, b.school.zone)


def _consent(card: Card, b: Bundle) -> Message:
    say = b.say(card.person)
    parts = [say("join-kept"), say("join-seen"), say("join-ends")]
    buttons = [Button(say("button-yes-join"), "j")], [Button(say("button-no-thanks"), "q"), _tongue(say)]
    return Message(lines(*parts), rows(*buttons), preview=say("join-preview", school=b.school.name))


def _welcome(card: Card, b: Bundle, invitation: Invitation) -> Message:
    say, born = b.say(card.person), _born(b, card)
    if invitation.role in ("coordinator", "counsellor", "provider"):
        third = "coordinator" if invitation.role == "coordinator" else "third"
        return Message(lines(say(f"welcome-{third}"), say("welcome-stop")), preview=say("welcome"))
    if invitation.role != "guardian":
        time = b.clock(card.person, b.own_times(card.person, born, "teacher").teacher_card)
        return Message(lines(say("welcome-teacher", time=time), say("welcome-stop")), preview=say("welcome"))
    own = b.children(card.person, b.today)
    if not own:  # the link has ended since, or it is a card of who has become one with another
        held = b.relations.get(card.person, ())
        ended = any((r.role, r.student) == ("guardian", invitation.student) for r in held)
        return notice(b, card.person, "card-closed" if ended else "welcome")
    children = [b.child(card.person, child) for child in own]
    names = words.listed(b.language(card.person), children)
    time = b.clock(card.person, b.own_times(card.person, born, "guardian").home_card)
    return Message(
        lines(say("welcome"), say("welcome-guardian", child=names, time=time), say("welcome-stop")),
        preview=say("welcome"),
    )


# --- who confirms ----------------------------------------------------------------------------------------------------


def claims_face(card: Card, b: Bundle, now: datetime) -> Face:
    """All open claims on one card, so that twenty families joining in a morning ring once."""
    waiting = open_claims(card.person, b, now)
    known = [b.invitations[i] for i in card.view.get("decided", ()) if i in b.invitations]
    today = local_day(now, b.school.zone)
    decided = [claim for claim in known if b.may(card.person, "see who", today, claim.student)]  # not who has left
    if not waiting and not card.ref:
        return Face(ended=True, why="confirmed by somebody else")
    start, until = hours_of(b.school, b.people.get(card.person), "teacher").span(now)
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
    claims = [i for i in b.invitations.values() if i.state == "claimed" and now < i.expires and not _granted(i, b)]
    return sorted((i for i in claims if confirmer in confirmers(i, b, now)), key=lambda i: i.id)


def _granted(claim: Invitation, b: Bundle) -> bool:
    """Whether the school has said its yes to somebody from outside, and home's is still open."""
    own = b.relations.get(claim.person, ())
    return any(r.role == claim.role == "provider" and r.student == claim.student and r.granted_by for r in own)


def confirmers(claim: Invitation, b: Bundle, now: datetime) -> list[int]:
    """The plan owner and coordinators; if none of them has joined, the child's other teachers."""
    today = local_day(now, b.school.zone)
    staff = [r.person for relations in b.relations.values() for r in relations if r.live(today) and b.works(r.person)]
    account = _claimed_by(b, claim)
    own = {claim.person, account.person if account else 0}  # nobody says themselves who they are
    able = [p for p in dict.fromkeys(staff) if p not in own and b.may(p, _right(claim, b, today), today, claim.student)]
    first = [p for p in able if p == b.owner(claim.student) or any(r.role == "coordinator" for r in b.relations[p])]
    return first or able


def _right(claim: Invitation, b: Bundle, today: date) -> str:
    """What a yes to this claim takes; a link that somebody has ended is begun again only by who may end one."""
    if claim.role == "provider":
        return "grant provider for school"
    own = [r for r in b.relations.get(claim.person, ()) if (r.role, r.student) == (claim.role, claim.student)]
    ended = any(r.until is not None and r.until <= today for r in own)
    return "end guardian's link" if ended else "confirm claim"


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
    for claim in [claim for claim in decided if claim.state == "joined"]:
        label = say("button-undo") if len(decided) == 1 else say("button-undo-name", name=b.adult(claim.person))
        buttons.append([Button(label[:30], f"u:{code36(claim.id)}")])
    body = body or [text(say("claims-none"))]
    return Message(tuple(body), rows(*buttons), preview=say("claims-preview", count=len(waiting)))


def _claim_line(card: Card, b: Bundle, claim: Invitation) -> str:
    say = b.say(card.person)
    address = _claimed_by(b, claim)
    platform = (b.lanes[address.lane].platform if address and address.lane in b.lanes else "").title()
    child = b.child(card.person, claim.student)
    name = b.adult(claim.person)
    if claim.role == "provider":
        return say("claim-line-provider", name=b.people[claim.person].name, child=child)
    if address is None or not address.name:
        return say("claim-line", name=name, child=child)
    return say("claim-line-named", name=name, child=child, platform=platform, account=address.name)


def _claimed_by(b: Bundle, claim: Invitation) -> Address | None:
    return next((a for places in b.addresses.values() for a in places if a.id == claim.address), None)


def _decided_line(card: Card, b: Bundle, claim: Invitation) -> str:
    key = "claim-joined" if claim.state == "joined" else "claim-refused"
    return b.say(card.person)(key, name=b.adult(claim.person), child=b.child(card.person, claim.student))
