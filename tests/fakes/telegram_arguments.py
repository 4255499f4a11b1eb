"""The methods of Telegram's Bot API that we use, and how it reads their arguments.

A kind is written as a word: `int`, `str`, `bool`, `file`, `chat` (a number or a name), the name of an object in
`OBJECTS`, `[kind]` for a list, `A|B` for one of several objects; `!` at the end says that it is required.
Error texts are as in `telegram_rules`.
"""

import json
import re

from .telegram_rules import QUERY_TOO_OLD

Fields = dict[str, str]

_MARKUP = "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
_SENDING: Fields = {
    "business_connection_id": "str",
    "chat_id": "chat!",
    "message_thread_id": "int",
    "direct_messages_topic_id": "int",
    "parse_mode": "str",
    "disable_notification": "bool",
    "protect_content": "bool",
    "allow_paid_broadcast": "bool",
    "message_effect_id": "str",
    "reply_parameters": "ReplyParameters",
    "reply_markup": _MARKUP,
}
_EDITING: Fields = {
    "business_connection_id": "str",
    "chat_id": "chat",
    "message_id": "int",
    "inline_message_id": "str",
    "reply_markup": "InlineKeyboardMarkup",
}

METHODS: dict[str, Fields] = {
    "getMe": {},
    "getUpdates": {"offset": "int", "limit": "int", "timeout": "int", "allowed_updates": "[str]"},
    "sendMessage": _SENDING
    | {"text": "str!", "entities": "[MessageEntity]", "link_preview_options": "LinkPreviewOptions"},
    "sendPhoto": _SENDING
    | {
        "photo": "file!",
        "caption": "str",
        "caption_entities": "[MessageEntity]",
        "show_caption_above_media": "bool",
        "has_spoiler": "bool",
    },
    "editMessageText": _EDITING
    | {
        "text": "str!",
        "parse_mode": "str",
        "entities": "[MessageEntity]",
        "link_preview_options": "LinkPreviewOptions",
    },
    "editMessageReplyMarkup": _EDITING,
    "answerCallbackQuery": {
        "callback_query_id": "str!",
        "text": "str",
        "show_alert": "bool",
        "url": "str",
        "cache_time": "int",
    },
    "setMyCommands": {"commands": "[BotCommand]!", "scope": "BotCommandScope", "language_code": "str"},
    "getMyCommands": {"scope": "BotCommandScope", "language_code": "str"},
    "setMyDescription": {"description": "str", "language_code": "str"},
    "getMyDescription": {"language_code": "str"},
    "setMyShortDescription": {"short_description": "str", "language_code": "str"},
    "getMyShortDescription": {"language_code": "str"},
    "setWebhook": {
        "url": "str!",
        "certificate": "file",
        "ip_address": "str",
        "max_connections": "int",
        "allowed_updates": "[str]",
        "drop_pending_updates": "bool",
        "secret_token": "str",
    },
    "deleteWebhook": {"drop_pending_updates": "bool"},
    "getWebhookInfo": {},
    "leaveChat": {"chat_id": "chat!"},
    "setMessageReaction": {"chat_id": "chat!", "message_id": "int!", "reaction": "[ReactionType]", "is_big": "bool"},
}
_METHOD_NAMES = {name.lower(): name for name in METHODS}

OBJECTS: dict[str, Fields] = {
    "MessageEntity": {
        "type": "str!",
        "offset": "int!",
        "length": "int!",
        "url": "str",
        "user": "User",
        "language": "str",
        "custom_emoji_id": "str",
        "unix_time": "int",
        "date_time_format": "str",
    },
    "User": {
        "id": "int!",
        "is_bot": "bool",
        "first_name": "str",
        "last_name": "str",
        "username": "str",
        "language_code": "str",
    },
    "LinkPreviewOptions": {
        "is_disabled": "bool",
        "url": "str",
        "prefer_small_media": "bool",
        "prefer_large_media": "bool",
        "show_above_text": "bool",
    },
    "ReplyParameters": {
        "message_id": "int!",
        "chat_id": "chat",
        "allow_sending_without_reply": "bool",
        "quote": "str",
        "quote_parse_mode": "str",
        "quote_entities": "[MessageEntity]",
        "quote_position": "int",
    },
    "InlineKeyboardMarkup": {"inline_keyboard": "[[InlineKeyboardButton]]!"},
    "InlineKeyboardButton": {
        "text": "str!",
        "icon_custom_emoji_id": "str",
        "style": "str",
        "url": "str",
        "callback_data": "str",
        "copy_text": "CopyTextButton",
        "switch_inline_query": "str",
        "switch_inline_query_current_chat": "str",
    },
    "CopyTextButton": {"text": "str!"},
    "ReplyKeyboardMarkup": {
        "keyboard": "[[KeyboardButton]]!",
        "is_persistent": "bool",
        "resize_keyboard": "bool",
        "one_time_keyboard": "bool",
        "input_field_placeholder": "str",
        "selective": "bool",
    },
    "KeyboardButton": {"text": "str!", "style": "str", "request_contact": "bool", "request_location": "bool"},
    "ReplyKeyboardRemove": {"remove_keyboard": "bool!", "selective": "bool"},
    "ForceReply": {"force_reply": "bool!", "input_field_placeholder": "str", "selective": "bool"},
    "BotCommand": {"command": "str!", "description": "str!"},
    "BotCommandScope": {"type": "str!", "chat_id": "chat", "user_id": "int"},
    "ReactionType": {"type": "str!", "emoji": "str", "custom_emoji_id": "str"},
}

_MISSING = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "callback_query_id": QUERY_TOO_OLD,
}
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "Number"),
    "str": ((str,), "String"),
    "bool": ((bool,), "Boolean"),
    "chat": ((int, str), "Number or String"),
    "file": ((bytes, str), "File"),
}
_PREFIXES = {
    "InlineKeyboardButton": "can't parse inline keyboard button: ",
    "KeyboardButton": "can't parse keyboard button: ",
    "MessageEntity": "can't parse MessageEntity: ",
    "BotCommand": "can't parse BotCommand: ",
}


def method_name(written: str) -> str | None:
    """The method's usual spelling, or None if we do not know it; Telegram does not mind the case."""
    return _METHOD_NAMES.get(written.lower())


def read_args(method: str, raw: dict[str, object]) -> tuple[dict[str, object], str | None]:
    """The arguments with their real types, and what is wrong with their names or types, if anything."""
    fields = METHODS[method]
    args = {name: _typed(fields.get(name, "str").removesuffix("!"), value) for name, value in raw.items()}
    return args, _args_error(fields, args)


def _args_error(fields: Fields, args: dict[str, object]) -> str | None:
    for name, value in args.items():
        if name not in fields:
            return f'unknown parameter "{name}"'
        if error := _type_error(fields[name].removesuffix("!"), value, name):
            return error
    for name, kind in fields.items():
        if kind.endswith("!") and args.get(name) in (None, "") and not (name == "url" and name in args):
            return _MISSING.get(name, f'parameter "{name}" is required')
    return None


def _typed(kind: str, value: object) -> object:
    """The value as its kind, if it came as the text of a form; otherwise as it was."""
    if not isinstance(value, str):
        return value
    if kind in ("int", "chat") and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if kind.startswith("[") or kind.split("|")[0] in OBJECTS:
        return _parsed(value)
    return value


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _type_error(kind: str, value: object, name: str) -> str | None:
    if kind.startswith("["):
        if not isinstance(value, list):
            return f'field "{name}" must be of type Array'
        return next(filter(None, (_type_error(kind[1:-1], item, name) for item in value)), None)
    if kind in _TYPES:
        return _plain_error(kind, value, name)
    if not isinstance(value, dict):
        return f"object expected as {name.replace('_', ' ')}"
    return _object_error(_variant(kind, value), value)


def _plain_error(kind: str, value: object, name: str) -> str | None:
    types, title = _TYPES[kind]
    wrong_bool = isinstance(value, bool) and kind != "bool"
    if wrong_bool or not isinstance(value, types):
        return f'field "{name}" must be of type {title}'
    if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
        return "strings must be encoded in UTF-8"
    return None


def _variant(kind: str, value: dict[str, object]) -> str:
    """Of several objects the one whose first field is there."""
    names = kind.split("|")
    return next((name for name in names if next(iter(OBJECTS[name])) in value), names[0])


def _object_error(kind: str, value: dict[str, object]) -> str | None:
    fields = OBJECTS[kind]
    for name in value.keys() - fields.keys():
        return f'{_PREFIXES.get(kind, "")}unknown field "{name}" in {kind}'
    for name, spec in fields.items():
        if name not in value:
            if spec.endswith("!"):
                return _about(kind, f'can\'t find field "{name}"')
        elif error := _type_error(spec.removesuffix("!"), value[name], name):
            return _about(kind, error) if error.startswith("field ") else error
    return None


def _about(kind: str, error: str) -> str:
    prefix = _PREFIXES.get(kind)
    return f"{prefix}{error[0].upper()}{error[1:]}" if prefix else error
