"""Reads one raw Telegram update as something a person did; pure."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Update, User
from telegram import Message as Posted

from bot.ports import Account, Arrival, CameBack, Left, Said, Tapped

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
PRESENT = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.RESTRICTED)
_TAP = "telegram:cb:"


def read(raw: object, lane: int, resumed: bool, real: bool) -> Arrival | None:
    """The arrival in an update, or None if it says nothing to us: a bot, a changed message, a service message.

    `real`: the platform's time counts, for no practice clock runs. Raises anything at all for an update that cannot
    be read; the caller parks it.
    """
    arrival = _arrival(raw, lane)
    if arrival is None:
        return None
    return replace(arrival, resumed=resumed, said_at=arrival.said_at if real else None)


def number_of(raw: object) -> int | None:
    """The update's running number, if it has one; it starts anew at random after a quiet week."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def parked_source(raw: object, lane: int) -> str:
    """A name for an update that cannot be read, the same each time it comes."""
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    return f"telegram:u:{lane}:{number_of(raw)}:{digest[:16]}"


def query_id(tapped: Tapped) -> str:
    """What the answer to a tap has to name."""
    return tapped.source.removeprefix(_TAP)


def _arrival(raw: object, lane: int) -> Arrival | None:
    if not isinstance(raw, dict):
        raise TypeError("an update is an object")
    update = Update.de_json(raw, None)
    if update.callback_query:
        return _tapped(update.callback_query, lane)
    if update.message:
        return _said(update.message, lane)
    if update.my_chat_member:
        return _moved(update.my_chat_member, lane)
    return None


def _tapped(query: CallbackQuery, lane: int) -> Arrival | None:
    if query.from_user.is_bot or query.data is None or query.message is None:
        return None
    account = _account(query.from_user, query.message.chat, lane)
    return Tapped(account, _TAP + _text(query.id), data=_text(query.data), ref=_number(query.message.message_id))


def _said(message: Posted, lane: int) -> Arrival | None:
    """Words, or something attached, which is never fetched."""
    attached = not message.text and message.effective_attachment is not None
    if message.from_user is None or message.from_user.is_bot or not (message.text or attached):
        return None
    account = _account(message.from_user, message.chat, lane)
    source = f"telegram:m:{lane}:{account.chat}:{_number(message.message_id)}"  # ids repeat from bot to bot
    return Said(account, source, _moment(message.date), text=_text(message.text or ""), attached=attached)


def _moved(change: ChatMemberUpdated, lane: int) -> Arrival | None:
    """Blocked or unblocked by a person; put into a group, which is heard as a word said there."""
    account, at = _account(change.from_user, change.chat, lane), _moment(change.date)
    status = change.new_chat_member.status
    source = f"telegram:my:{lane}:{account.chat}:{at.timestamp():.0f}:{status}"
    if not account.private:
        return Said(account, source, at) if status in PRESENT and not change.from_user.is_bot else None
    if status == ChatMember.BANNED:
        return Left(account, source, at)
    return CameBack(account, source, at) if status == ChatMember.MEMBER else None


def _account(user: User, chat: Chat, lane: int) -> Account:
    private = chat.type == Chat.PRIVATE
    language = _text(user.language_code or "")
    return Account(lane, _number(user.id), _number(chat.id), _text(user.full_name), language, private)


def _number(value: object) -> str:
    """A number as text; PTB does not check what it was given."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("not a time")
    return value
