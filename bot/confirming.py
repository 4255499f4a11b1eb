"""Who is who, as the school says it: claims confirmed by name, refused or undone; a provider needs home's yes too."""

from collections.abc import Mapping
from typing import Any

from bot import board, words
from bot.bundle import Bundle
from bot.cards.links import PROVIDER_STAYS
from bot.cards.people import confirmers, open_claims
from bot.claims import joined, refuse, tell_newcomer
from bot.model import Address, Fact, Invitation, code36
from bot.ports import Answer, Push


def pressed(push: Push) -> Answer:
    """A teacher or coordinator says who is who; each claim is decided once, and by who has read it."""
    turn, card, source = push.turn, push.card, push.source
    b = turn.bundle([card])
    what, _, rest = push.value.partition(":")
    if what == "u":
        return _undo(push, b, int(rest, 36))
    waiting = open_claims(card.person, b, turn.now)
    read = [i for i in waiting if card.offers.get(code36(i.id), push.rev + 1) <= push.rev]
    chosen = read if what == "ya" else [i for i in waiting if rest and i.id == int(rest, 36)]
    allowed = [i for i in chosen if card.person in confirmers(i, b, turn.now)]
    gave = dict(card.view.get("gave", {}))
    for invitation in allowed:
        if invitation.role == "provider":
            _two_yeses(push, b, invitation, "granted_by", what in ("y", "ya"))
        elif what in ("y", "ya"):
            gave[str(invitation.id)] = joined(turn, invitation, push.said_at, f"{source}#{invitation.id}")
        elif what == "n":
            turn.set_invitation(invitation.id, state="refused")
            refuse(turn, invitation.address)
        tell_newcomer(turn, invitation)
    decided = [*card.view.get("decided", ()), *(i.id for i in allowed)]
    turn.change(card, view={"decided": decided, "gave": gave})
    for person in {person for i in allowed for person in confirmers(i, b, turn.now)} - {card.person}:
        _shows_too(push, person, [i.id for i in allowed], gave)
    others = {person for i in allowed for person in confirmers(i, b, turn.now)} - {card.person}
    turn.wake(others, turn.today)
    return Answer(toast=words.say(b.language(card.person), "thanks"))


def _shows_too(push: Push, person: int, decided: list[int], gave: Mapping[str, Any]) -> None:
    """Whoever else could have said it reads that it has been said."""
    theirs = push.turn.find_card(person, "claims", day=push.card.day)
    if theirs is not None:
        known = {**theirs.view.get("gave", {}), **gave}
        push.turn.change(theirs, view={"decided": [*theirs.view.get("decided", ()), *decided], "gave": known})


def _undo(push: Push, b: Bundle, which: int) -> Answer:
    """The wrong account was let in: it loses its place and every button at once; the invitation can be sent again."""
    turn, card = push.turn, push.card
    claim = b.invitations.get(which)
    thanks = Answer(toast=words.say(b.language(card.person), "thanks"))
    if claim is None or claim.state != "joined" or which not in card.view.get("decided", ()):
        turn.change(card)
        return thanks
    if card.person not in confirmers(claim, b, turn.now):
        return Answer(toast=words.say(b.language(card.person), "not-for-you"))
    turn.set_invitation(which, state="refused")
    place = turn.address(claim.address)
    if place is not None:
        _put_out(push, b, claim, place, card.view.get("gave", {}).get(str(which), {}))
    tell_newcomer(turn, claim)
    turn.change(card)
    return thanks


def _put_out(push: Push, b: Bundle, claim: Invitation, place: Address, gave: Mapping[str, Any]) -> None:
    """What the yes gave is taken back; whoever came in by it is out, with every account added since."""
    turn = push.turn
    source = f"{push.source}#undo"
    undone = Fact("joined", "undone", turn.now, source, push.card.person, student=claim.student, day=turn.today)
    turn.record([undone])
    for which in gave.get("moved", ()):
        turn.set_relation(which, person=claim.person)
    for which in gave.get("anew", ()):
        turn.set_relation(which, until=turn.today)
    turn.end_invitations(place.person, 0)  # a code for an own second account
    if gave.get("came_in", True):
        for other in turn.bundle([], [place.person]).addresses.get(place.person, ()):
            if other.id == place.id or (other.joined_at and place.joined_at and other.joined_at >= place.joined_at):
                turn.set_address(other.id, state="refused")
        turn.close_cards(place.person)
    else:
        turn.new_keys(place.person)
    turn.wake(board.touches(undone, b) | {place.person}, turn.today)


# --- somebody from outside -------------------------------------------------------------------------------------------


def _two_yeses(push: Push, b: Bundle, claim: Invitation, whose: str, yes: bool) -> None:
    """School or home says yes or no to somebody from outside; with both yeses it begins, and has its end (F43)."""
    turn = push.turn
    if not yes:
        turn.set_invitation(claim.id, state="refused")
        refuse(turn, claim.address)
        tell_newcomer(turn, claim)
        return
    mine = (r for own in b.relations.values() for r in own if r.person == claim.person and r.role == "provider")
    relation = next((r for r in mine if r.student == claim.student), None)
    if relation is None:
        return
    said = {"granted_by": relation.granted_by, "agreed_by": relation.agreed_by, whose: push.card.person}
    turn.set_relation(relation.id, since=turn.today, until=turn.today + PROVIDER_STAYS, **said)
    if all(said.values()):
        joined(turn, claim, push.said_at, f"{push.source}#{claim.id}")
        tell_newcomer(turn, claim)


def agreed(push: Push) -> Answer:
    """A guardian's yes or no; one yes from home is enough, one no ends it."""
    turn, card = push.turn, push.card
    claim = turn.invitation(int(card.subject))
    b = turn.bundle([card])
    say = b.say(card.person)
    if claim is None or claim.state != "claimed" or claim.expires <= turn.now or push.value not in ("y", "n"):
        turn.change(card)
        return Answer(toast=say("thanks"))
    if not b.may(card.person, "agree to provider", turn.today, claim.student):
        return Answer(toast=say("not-for-you"))
    _two_yeses(push, b, claim, "agreed_by", push.value == "y")
    turn.change(card, view={"decided": {"y": "yes", "n": "no"}[push.value]})
    return Answer(toast=say("thanks"))
