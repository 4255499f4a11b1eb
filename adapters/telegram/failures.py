"""Tells what a Telegram call that went wrong means for the core (the table of PLATFORMS 3.6)."""

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from bot.ports import ChatFailure, Gone, LaneDown, Later, Rejected, Unclear, Unreachable

UNREACHABLE = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation",
    "bot was kicked",
    "chat not found",
)
OURS = (
    "can't parse",
    "too long",
    "text is empty",
    "text must be non-empty",
    "button_",
    "reply markup",
    "reply_markup",
    "entity",
    "entities",
    "query is too old",
    "query id is invalid",
    "bad webhook",
    "encoded in utf-8",
)
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NEVER_SENT = (httpx.PoolTimeout, httpx.ConnectTimeout, httpx.ConnectError)

SOON = 1.0  # seconds: Telegram cannot be reached at the moment
BUSY = 30.0  # seconds: Telegram says "too many" and does not say until when
MOST = 6 * 3600.0  # seconds: no longer than this, whatever Telegram says
LONG = 300.0  # seconds: a refusal we do not know, so not taken as permanent (G-154)


def unchanged(problem: Exception) -> bool:
    """Whether an edit was refused because the screen already is as wanted, which is success."""
    return isinstance(problem, BadRequest) and "message is not modified" in _words(problem)


def failure_of(problem: Exception) -> ChatFailure:
    """The failure of `bot.ports` that an exception out of python-telegram-bot stands for; never raises.

    The order matters: BadRequest and TimedOut are kinds of NetworkError.
    """
    match problem:
        case ChatFailure():
            return problem
        case RetryAfter():
            return Later(_seconds(problem.retry_after), str(problem))
        case Forbidden():
            return _forbidden(problem)
        case ChatMigrated():
            return Rejected(f"a group, and we write to people only: {problem}")
        case BadRequest():
            return _bad_request(problem)
        case InvalidToken() | EndPointNotFound():
            return LaneDown(f"Telegram does not accept this bot's token: {problem}")
        case Conflict():
            return Later(SOON, str(problem))
        case NetworkError():
            return _network(problem)
        case UnicodeEncodeError():
            return Rejected(f"the text cannot be sent: {problem.reason}")
    return Unclear(f"{type(problem).__name__}: {problem}"[:200])  # such as an answer that is JSON null


def _forbidden(problem: Forbidden) -> ChatFailure:
    if any(known in _words(problem) for known in UNREACHABLE):
        return Unreachable(str(problem))
    return Later(LONG, str(problem), refused=True)


def _bad_request(problem: BadRequest) -> ChatFailure:
    words = _words(problem)
    if any(known in words for known in UNREACHABLE):
        return Unreachable(str(problem))
    if any(known in words for known in GONE):
        return Gone(str(problem))
    if any(known in words for known in OURS):
        return Rejected(str(problem))
    return Later(LONG, str(problem), refused=True)


def _network(problem: NetworkError) -> ChatFailure:
    """Timeouts too: what counts is whether the request can have left."""
    cause = problem.__cause__
    if isinstance(cause, NEVER_SENT):
        return Later(SOON, str(problem), whole_lane=not isinstance(cause, httpx.PoolTimeout))
    if isinstance(cause, UnicodeEncodeError):
        return Rejected(f"the text cannot be sent: {cause.reason}")
    if "too many requests" in _words(problem):
        return Later(BUSY, str(problem))
    return Unclear(str(problem)[:200])


def _seconds(wait: float | timedelta) -> float:
    return min(wait.total_seconds() if isinstance(wait, timedelta) else float(wait), MOST)


def _words(problem: Exception) -> str:
    """Telegram's own words, in small letters, for PTB capitalises some."""
    return str(problem).lower()
