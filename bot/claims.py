"""Joining, as the desk does it: a code is claimed, the newcomer says yes, the school confirms (script E, F17)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot import board, words
from bot.bundle import Bundle
from bot.cards.parts import lines
from bot.cards.people import confirmers, open_claims
from bot.codes import hashed
from bot.model import AWAITED, RINGING, Address, Card, Draft, Fact, Invitation, Message, School, code36
from bot.policy import may
from bot.ports import Account, Answer, Heard, Turn
from bot.report import rests_alone
from bot.schooldays import local_day
from bot.texts import clean

TRIES, TRIES_IN = 5, timedelta(hours=1)
NAME = 60  # characters of an account's own name that a teacher is shown


def said(language: str, *keys: str, **args: object) -> Answer:
    """A reply of plain sentences, given at once and kept nowhere."""
    sentences = [words.say(language, key, **args) for key in keys]
    return Answer(toast=sentences[0], reply=Message(lines(*sentences), preview=sentences[0], sensitive=False))


def claim(heard: Heard, account: Account, code: str, secret: str) -> Answer:
    """Somebody gives a code. Wrong, used and expired codes get one answer, and only a few tries an hour."""
    account = replace(account, name=clean(account.name, NAME))
    wrong = f"code {account.lane}:{account.user}"
    if heard.tries(wrong, heard.now - TRIES_IN) >= TRIES:
        heard.outcome(wrong)
        return said(account.language, "code-not-working")
    for school in sorted(heard.schools):  # the order in which everybody locks them
        turn = heard.turn(school)
        invitation = turn.invitation_by(hashed(code, secret))
        if invitation is not None:
            mine = next((a for s, a in heard.addresses(account.user) if s == school), None)
            return _claimed(turn, invitation, mine, account) or _refused(heard, account, wrong)
    return _refused(heard, account, wrong)


def _refused(heard: Heard, account: Account, wrong: str) -> Answer:
    heard.outcome(wrong)
    return said(account.language, "code-not-working")


def _claimed(turn: Turn, invitation: Invitation, mine: Address | None, account: Account) -> Answer | None:
    """Opens the joining dialogue on this account, or None: the code is no longer good for it."""
    if mine is not None and invitation.address == mine.id and invitation.state in ("claimed", "joined"):
        return said(_language(turn, mine.person), "already-joined" if invitation.state == "joined" else "join-thanks")
    if invitation.state != "open" or invitation.expires <= turn.now:
        return None
    if mine is None or mine.state == "refused":
        mine = turn.new_address(invitation.person, account)
    turn.set_invitation(invitation.id, address=mine.id)
    subject = str(invitation.id)
    before = turn.find_card(mine.person, "join", subject)
    if before is None:
        draft = Draft(mine.person, "join", None, turn.now, subject, AWAITED, address=mine.id)
        turn.add([draft], {mine.person: mine})
    else:
        turn.leave(before, before.ref)
        turn.change(before, ref="", digest="", view={}, fate="again", booked_at=None, lane=mine.lane, address=mine.id)
    return Answer()


def _language(turn: Turn, person: int) -> str:
    return turn.bundle([], [person]).language(person)


# --- the newcomer's taps ---------------------------------------------------------------------------------------------


def take_step(turn: Turn, card: Card, where: Address, value: str, said_at: datetime, source: str) -> Answer:
    """A tap in the joining dialogue; only an open invitation moves on, and only for whoever opened it last."""
    invitation = turn.invitation(int(card.subject))
    if invitation is None or invitation.state != "open" or not invitation.address == card.address == where.id:
        turn.change(card)
        return Answer()
    if value == "r":
        turn.change(card, view={"step": "consent"})
    elif value in ("no", "q"):
        _refuse(turn, card.address)
        turn.change(card, view={"step": "declined"})
    elif value == "j" and card.view.get("step") == "consent" and invitation.expires > turn.now:
        _agreed(turn, card, invitation, said_at, source)
    return Answer()


def _agreed(turn: Turn, card: Card, invitation: Invitation, said_at: datetime, source: str) -> None:
    turn.change(card)
    if invitation.role != "guardian":
        _joined(turn, invitation, said_at, source)
        return
    turn.set_invitation(invitation.id, state="claimed")
    _show_claims(turn)


def _refuse(turn: Turn, which: int) -> None:
    """Ends a place that only waits; where somebody has joined already, the rest goes on."""
    place = turn.address(which)
    if place is not None and place.state == "joining":
        turn.set_address(which, state="refused")


def _show_claims(turn: Turn, only: int = 0) -> None:
    """Whoever may confirm gets one card for all claims that are open today."""
    today = local_day(turn.now, turn.school.zone)
    b = turn.bundle([Card(0, turn.school.id, 0, "claims", day=today)])
    for claimed in [i for i in b.invitations.values() if i.state == "claimed"]:
        for person in [p for p in confirmers(claimed, b, turn.now) if only in (0, p)]:
            turn.add([Draft(person, "claims", today, turn.now, "", RINGING)], _reached(b))
            turn.wake([person], today)


def _reached(b: Bundle) -> dict[int, Address]:
    """Where each person is reached: the first address that works."""
    found = {person: next((a for a in places if a.works), None) for person, places in b.addresses.items()}
    return {person: place for person, place in found.items() if place is not None}


def welcome(turn: Turn, where: Address) -> None:
    """Who joins inside a window gets today's card (F19), and the claims that nobody could be shown before."""
    person, today = where.person, local_day(turn.now, turn.school.zone)
    _show_claims(turn, only=person)
    _go_on(turn, person, today)
    if turn.school.opened_through is None or turn.school.opened_through < today:
        return
    b = turn.bundle([], [person])
    turn.add([draft for draft in board.opens(b, today) if draft.person == person], {person: where})
    around = {p for s in b.students for p in board.touches(Fact("joined", "", turn.now, "", student=s), b)}
    turn.wake(around, today)


def _go_on(turn: Turn, person: int, today: date) -> None:
    """Reports that rested because nobody at home could be asked run again now that somebody can."""
    b = turn.bundle([], [person])
    pauses = {child: rests_alone(b.standing.get(child, ())) for child in b.children(person, today)}
    turn.record(
        Fact("report", "resume", turn.now, f"home:{pause.source}"[:240], person, "guardian", child, day=today)
        for child, pause in pauses.items()
        if pause is not None
    )


def _joined(turn: Turn, invitation: Invitation, said_at: datetime, source: str) -> None:
    """The address becomes a place where this person is reached; a second invitation adds to the same person."""
    b = turn.bundle([], [invitation.person])
    place = _place(turn, b, invitation)
    if place is None or place.state == "refused":  # who has left meanwhile does not join
        turn.set_invitation(invitation.id, state="refused")
        return
    turn.set_invitation(invitation.id, state="joined")
    if place.state == "joining":  # confirmed as nobody yet: it becomes whoever is confirmed first
        place = replace(place, person=invitation.person)
    turn.set_address(place.id, state="reachable", joined_at=place.joined_at or turn.now, person=place.person)
    if place.person != invitation.person:
        turn.move_relations(invitation.person, place.person)
    fact = Fact("joined", invitation.role, said_at, f"{source}#joined", place.person, invitation.role)
    turn.record([fact])
    welcome(turn, place)


def _place(turn: Turn, b: Bundle, invitation: Invitation) -> Address | None:
    found = [a for places in b.addresses.values() for a in places if a.id == invitation.address]
    return found[0] if found else turn.address(invitation.address)


# --- who confirms ----------------------------------------------------------------------------------------------------


def decide(turn: Turn, card: Card, rev: int, value: str, said_at: datetime, source: str) -> Answer:
    """A teacher or coordinator says who is who; each claim is decided once, and by who has read it."""
    b = turn.bundle([card])
    what, _, rest = value.partition(":")
    waiting = open_claims(card.person, b, turn.now)
    read = [i for i in waiting if card.offers.get(code36(i.id), rev + 1) <= rev]
    chosen = read if what == "ya" else [i for i in waiting if rest and i.id == int(rest, 36)]
    allowed = [i for i in chosen if _may_confirm(card.person, i, b, turn.school, turn.now)]
    for invitation in allowed:
        if what in ("y", "ya"):
            _joined(turn, invitation, said_at, f"{source}#{invitation.id}")
        elif what == "n":
            turn.set_invitation(invitation.id, state="refused")
            _refuse(turn, invitation.address)
        _tell_newcomer(turn, invitation)
    decided = [*card.view.get("decided", ()), *(i.id for i in allowed)]
    turn.change(card, view={"decided": decided})
    others = {person for i in allowed for person in confirmers(i, b, turn.now)} - {card.person}
    turn.wake(others, local_day(turn.now, turn.school.zone))
    return Answer(toast=words.say(b.language(card.person), "thanks"))


def _may_confirm(person: int, claimed: Invitation, b: Bundle, school: School, now: datetime) -> bool:
    courses = b.enrolled.get(claimed.student, ())
    day = local_day(now, school.zone)
    return may("confirm claim", b.relations.get(person, ()), day, claimed.student, courses)


def _tell_newcomer(turn: Turn, invitation: Invitation) -> None:
    place = turn.address(invitation.address)
    people = dict.fromkeys([place.person, invitation.person]) if place else {}
    for person in people:
        if (card := turn.find_card(person, "join", str(invitation.id))) is not None:
            turn.change(card)
