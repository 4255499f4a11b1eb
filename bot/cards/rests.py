"""What rests: a child who is away, or only one person's messages, for a day or until a date; and that it goes on."""

from datetime import date, datetime, timedelta

from bot import words
from bot.bundle import Bundle
from bot.cards.parts import PAGE, folds_at, in_threes, lines, notice, rows, school_date, view
from bot.model import Button, Card, Face, Message, code36
from bot.schooldays import hours_of, local_day

LASTS = timedelta(minutes=30)  # a question that could not be shown by then is not asked any more


def face(card: Card, b: Bundle, now: datetime) -> Face:
    """`pause`: who rests, and until when; asked, as the two differ for everybody else."""
    born = now if card.fate else card.born_at or now
    return Face(_question(card, b, now), start=born, until=born + LASTS, again=folds_at(card, now))


def back_on(card: Card, b: Bundle, now: datetime) -> date:
    """The day on which it goes on: the one that was named, else tomorrow."""
    named = card.view.get("back")
    return date.fromisoformat(named) if named else local_day(card.born_at or now, b.school.zone) + timedelta(days=1)


def _question(card: Card, b: Bundle, now: datetime) -> Message:
    say, today = b.say(card.person), local_day(now, b.school.zone)
    if card.view.get("done"):
        return _done(card, b, now)
    opened = view(card, now)
    if opened.get("awaits"):
        back = [Button(say("button-back"), "b")]
        return Message(lines(say(str(opened["question"]))), rows(back), preview=say("thanks"))
    running = [child for child in b.followed(card.person, today) if b.would_run(child, today)]
    running = [child for child in running if b.may(card.person, "say child is away", today, child)]
    buttons = [Button(say("button-is-away", child=b.child(card.person, c))[:30], f"aw:{code36(c)}") for c in running]
    last = [Button(say("button-only-mine"), "mu"), Button(say("button-another-day"), "un")]
    if not b.followed(card.person, today):
        named = b.may(card.person, "start or pause report", today)
        return notice(b, card.person, "pause-by-name" if named else "today-nothing")
    page = int(opened.get("page", 0))
    if len(buttons) > PAGE:
        following = page + 1 if len(buttons) > (page + 1) * PAGE else 0
        last.append(Button(say("button-more-names"), f"p:{following}"))
    shown = in_threes(buttons[page * PAGE : (page + 1) * PAGE])
    return Message(lines(_asked(card, b, now)), rows(*shown, *([one] for one in last)), preview=say("pause-question"))


def _asked(card: Card, b: Bundle, now: datetime) -> str:
    say = b.say(card.person)
    if not card.view.get("back"):
        return say("pause-question")
    return say("pause-question-until", date=words.short_date(b.language(card.person), back_on(card, b, now)))


def _done(card: Card, b: Bundle, now: datetime) -> Message:
    say, child = b.say(card.person), int(card.view.get("student", 0))
    if child and child not in b.followed(card.person, b.today):
        return notice(b, card.person, "card-closed")
    until = "-until" if card.view.get("back") else ""
    dated = {"date": words.short_date(b.language(card.person), back_on(card, b, now))} if until else {}
    if child:
        sentence = say(f"pause-away{until}", child=b.child(card.person, child), **dated)
    else:
        sentence = say(f"pause-mine{until}", **dated)
    return Message(lines(sentence, say("pause-resume")), preview=say("thanks"))


def rests_face(card: Card, b: Bundle, now: datetime) -> Face:
    """One silent line for the others around a child who rests for longer than a day."""
    say, student = b.say(card.person), int(card.subject.split(".")[0])
    back = date.fromisoformat(card.view["back"])
    over = b.would_run(student, min(b.today, back - timedelta(days=1)))
    if over and not card.ref:
        return Face(ended=True, why="goes on already")
    shown = words.short_date(b.language(card.person), back)
    told = {"child": b.child(card.person, student)}
    sentence = say("resumed-child", **told) if over else say(f"rests-{card.view['side']}", date=shown, **told)
    role = "guardian" if student in b.children(card.person, school_date(card)) else "teacher"
    start, until = hours_of(b.school, b.people.get(card.person), role).span(now)
    lane = b.lane(card)
    unheard = lane is not None and not lane.can_be_silent and not card.ref
    message = Message(lines(sentence), preview=say("rests-preview"), silent=True)
    return Face(None if unheard else message, start=start, until=until, again=start if start > now else None)


def resumed_face(card: Card, b: Bundle, now: datetime) -> Face:
    """`resume`: what goes on again."""
    say, born = b.say(card.person), card.born_at or now
    mine = b.followed(card.person, b.today)
    children = [b.child(card.person, child) for child in card.view.get("children", ()) if child in mine]
    named = words.listed(b.language(card.person), children)
    said = lines(
        say("resumed-mine") if card.view.get("mine") else "",
        say("resumed-child", child=named) if children else "",
    )
    return Face(Message(said or lines(say("resumed-nothing")), preview=say("thanks")), start=born, until=born + LASTS)
