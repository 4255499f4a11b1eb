"""Somebody from outside reads along only with two yeses, one from school and one from home, and until a day (F43)."""

from bot import claims
from bot.ports import Answer, Push


def agreed(push: Push) -> Answer:
    """A guardian's yes or no; one yes from home is enough, one no ends it."""
    turn, card = push.turn, push.card
    claim = turn.invitation(int(card.subject))
    b = turn.bundle([card])
    say = b.say(card.person)
    if claim is None or claim.state != "claimed" or push.value not in ("y", "n"):
        turn.change(card)
        return Answer(toast=say("thanks"))
    if not b.may(card.person, "agree to provider", turn.today, claim.student):
        return Answer(toast=say("not-for-you"))
    claims.two_yeses(push, b, claim, "agreed_by", push.value == "y")
    turn.change(card, view={"decided": {"y": "yes", "n": "no"}[push.value]})
    return Answer(toast=say("thanks"))
