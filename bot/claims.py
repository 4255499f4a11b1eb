"""Joining, as the desk does it: a code is claimed, the newcomer says yes, the school confirms (script E, F17)."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import board, words
from bot.bundle import Bundle
from bot.cards.parts import lines
from bot.cards.people import confirmers
from bot.codes import hashed
from bot.languages import LANGUAGES
from bot.model import AWAITED, RINGING, Address, Card, Draft, Fact, Invitation, Message
from bot.ports import Account, Answer, Heard, Push, Turn
from bot.report import rests_alone
from bot.schooldays import local_day
from bot.texts import clean

CONFIRMED = ("guardian", "provider")  # a claim in these roles waits for the school's yes
TRIES, TRIES_IN = 5, timedelta(hours=1)
MANY_TRIES = 100  # wrong codes a bot sees in an hour before it slows down
log = logging.getLogger(__name__)
NAME = 60  # characters of an account's own name that a teacher is shown


def said(language: str, *keys: str, **args: object) -> Answer:
    """A reply of plain sentences, given at once and kept nowhere."""
    sentences = [words.say(language, key, **args) for key in keys]
    return Answer(toast=sentences[0], reply=Message(lines(*sentences), preview=sentences[0], sensitive=False))


def claim(heard: Heard, account: Account, code: str, secrets: Sequence[str]) -> Answer:
    """Somebody gives a code. Wrong, used and expired codes get one answer, and only a few tries an hour."""
    account = replace(account, name=clean(account.name, NAME))
    wrong = f"code {account.lane}:{account.user}"
    if heard.tries(wrong, heard.now - TRIES_IN) >= _tries(heard, account.lane):
        heard.outcome(wrong)
        return said(account.language, "code-not-working")
    for school in sorted(heard.schools):  # the order in which everybody locks them
        turn = heard.turn(school)
        found = (turn.invitation_by(hashed(code, secret)) for secret in secrets if secret)
        invitation = next((one for one in found if one is not None), None)
        if invitation is not None:
            mine = next((a for s, a in heard.addresses(account.user) if s == school), None)
            return _claimed(turn, invitation, mine, account) or _refused(heard, account, wrong)
    return _refused(heard, account, wrong)


def _tries(heard: Heard, lane: int) -> int:
    """How many tries an account has an hour; where a whole bot sees many wrong codes, everybody has one (G-030)."""
    if heard.tries(f"code {lane}:", heard.now - TRIES_IN, begins=True) < MANY_TRIES:
        return TRIES
    log.error("lane %s: %s wrong codes in an hour, now one try an hour for each account", lane, MANY_TRIES)
    return 1


def _refused(heard: Heard, account: Account, wrong: str) -> Answer:
    heard.outcome(wrong)
    return said(account.language, "code-not-working")


def _claimed(turn: Turn, invitation: Invitation, mine: Address | None, account: Account) -> Answer | None:
    """Opens the joining dialogue on this account, or None: the code is no longer good for it."""
    if mine is not None and invitation.address == mine.id and invitation.state in ("claimed", "joined"):
        return said(_language(turn, mine.person), "already-joined" if invitation.state == "joined" else "join-thanks")
    if invitation.state != "open" or invitation.expires <= turn.now or not _still_meant(turn, invitation):
        return None
    if invitation.role == "self":
        return _second_account(turn, invitation, mine, account)
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


def _still_meant(turn: Turn, invitation: Invitation) -> bool:
    """Staff who have left, and whoever asked for a second account and is out, get in by no old code (G-038, G-040)."""
    if invitation.role in CONFIRMED:
        return True
    b = turn.bundle([], [invitation.person])
    live = [r for r in b.relations.get(invitation.person, ()) if r.live(turn.today)]
    if invitation.role == "self":
        return bool(live) and b.linked(invitation.person)
    return any(r.role == invitation.role for r in live)


def _second_account(turn: Turn, invitation: Invitation, mine: Address | None, account: Account) -> Answer | None:
    """The code came from a person's own first account, so nobody needs to confirm who it is (G-035)."""
    if mine is not None and mine.state != "refused":
        return None
    place = turn.new_address(invitation.person, account)
    turn.set_address(place.id, state="reachable", joined_at=turn.now)
    turn.set_invitation(invitation.id, state="joined", address=place.id)
    turn.record([Fact("joined", "self", turn.now, f"self:{invitation.id}", invitation.person)])
    return said(_language(turn, invitation.person), "second-account")


def _language(turn: Turn, person: int) -> str:
    return turn.bundle([], [person]).language(person)


# --- the newcomer's taps ---------------------------------------------------------------------------------------------


def take_step(push: Push) -> Answer:
    """A tap in the joining dialogue; only an open invitation moves on, and only for whoever opened it last."""
    turn, card, where, value = push.turn, push.card, push.place, push.value
    invitation = turn.invitation(int(card.subject))
    if invitation is None or invitation.state != "open" or not invitation.address == card.address == where.id:
        turn.change(card)
        return Answer()
    if value == "r":
        turn.change(card, view={"step": "consent"})
    elif value in ("no", "q"):
        refuse(turn, card.address)
        turn.change(card, view={"step": "declined"})
    elif value == "j" and card.view.get("step") == "consent" and invitation.expires > turn.now:
        _agreed(turn, card, invitation, push.said_at, push.source)
    elif value == "l":
        turn.change(card, view={"step": "language", "before": card.view.get("step", "")})
    elif value.startswith("l:") and value[2:] in LANGUAGES:
        turn.set_person(card.person, language=value[2:])
        turn.change(card, view={"step": card.view.get("before", "")})
    return Answer()


def _agreed(turn: Turn, card: Card, invitation: Invitation, said_at: datetime, source: str) -> None:
    turn.change(card)
    if invitation.role not in CONFIRMED:
        joined(turn, invitation, said_at, source)
        return
    turn.set_invitation(invitation.id, state="claimed")
    if invitation.role == "provider":
        _forget_yeses(turn, invitation)
    _show_claims(turn)
    if invitation.role == "provider":
        _ask_home(turn, invitation)


def _forget_yeses(turn: Turn, claim: Invitation) -> None:
    """What was agreed for an earlier time does not count for this one (G-040, G-043)."""
    for r in turn.bundle([], [claim.person]).relations.get(claim.person, ()):
        if (r.role, r.student) == ("provider", claim.student):
            turn.set_relation(r.id, granted_by=0, agreed_by=0, until=None)


def _ask_home(turn: Turn, claim: Invitation) -> None:
    """Every guardian of the child is asked whether somebody from outside may read along (F43)."""
    b = turn.bundle([], [claim.person])
    for person in b.homes(claim.student, turn.today):
        draft = Draft(person, "agree", turn.today, turn.now, str(claim.id), RINGING)
        turn.add([draft], _reached(b))


def refuse(turn: Turn, which: int) -> None:
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
    """Where each person is reached."""
    return {person: place for person in b.addresses if (place := b.place(person)) is not None}


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


def joined(turn: Turn, invitation: Invitation, said_at: datetime, source: str) -> dict[str, Any]:
    """The address becomes a place where this person is reached; a second invitation adds to the same person.

    Returns what the yes gave, for whoever undoes it: came_in, relations that moved, links begun anew.
    """
    b = turn.bundle([], [invitation.person])
    place = _place(turn, b, invitation)
    if place is None or place.state == "refused":  # who has left meanwhile does not join
        turn.set_invitation(invitation.id, state="refused")
        return {}
    turn.set_invitation(invitation.id, state="joined")
    came_in = place.state == "joining"
    if came_in:  # confirmed as nobody yet: it becomes whoever is confirmed first
        place = replace(place, person=invitation.person)
    state = "stopped" if place.state == "stopped" else "reachable"  # a yes of the school does not undo STOP
    turn.set_address(place.id, state=state, joined_at=place.joined_at or turn.now, person=place.person)
    moved = turn.move_relations(invitation.person, place.person) if place.person != invitation.person else []
    fact = Fact("joined", invitation.role, said_at, f"{source}#joined", place.person, invitation.role)
    turn.record([fact])
    anew = _begin_anew(turn, b, invitation, place.person)
    if state != "stopped":
        welcome(turn, place)
    return {"came_in": came_in, "moved": moved, "anew": anew}


def _begin_anew(turn: Turn, b: Bundle, invitation: Invitation, person: int) -> list[int]:
    """A guardian's link that had ended begins with this yes, not before; earlier days stay closed (G-040)."""
    begun = []
    for r in b.relations.get(invitation.person, ()) if invitation.role == "guardian" else ():
        same = (r.role, r.student) == (invitation.role, invitation.student)
        if same and r.until is not None and r.until <= turn.today:
            turn.grant(person, r.role, r.student, r.course, since=turn.today)
            source = f"anew:{invitation.id}"
            turn.record([Fact("link", "begun", turn.now, source, person, r.role, r.student, day=turn.today)])
            begun.append(r.id)
    return begun


def _place(turn: Turn, b: Bundle, invitation: Invitation) -> Address | None:
    found = [a for places in b.addresses.values() for a in places if a.id == invitation.address]
    return found[0] if found else turn.address(invitation.address)


def tell_newcomer(turn: Turn, invitation: Invitation) -> None:
    place = turn.address(invitation.address)
    people = dict.fromkeys([place.person, invitation.person]) if place else {}
    for person in people:
        if (card := turn.find_card(person, "join", str(invitation.id))) is not None:
            turn.change(card)
