"""What Telegram's Bot API accepts: the methods we use, their parameters, and the limits with its own error texts.

A kind is written as a word: `int`, `str`, `bool`, `file`, `chat` (a number or a name), the name of an object in
`OBJECTS`, `[kind]` for a list, `A|B` for one of several objects; `!` at the end says that it is required.
Error texts stand without the leading "Bad Request: ". [guess] marks a text we could not find published.
"""

import json
import re
from urllib.parse import urlsplit

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

_UPDATE_KINDS_WORDS = (
    "message edited_message channel_post edited_channel_post business_connection business_message"
    " edited_business_message deleted_business_messages guest_message message_reaction message_reaction_count"
    " inline_query chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media poll"
    " poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot"
)
UPDATE_KINDS = frozenset(_UPDATE_KINDS_WORDS.split())
DEFAULT_UPDATE_KINDS = UPDATE_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current"
    " content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

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


def utf16(text: str) -> int:
    """Length as Telegram counts it: most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def text_error(text: str) -> str | None:
    """1 to 4,096 units, and something to see."""
    if not text:
        return "message text is empty"
    if not text.strip():
        return "text must be non-empty"
    return "message is too long" if utf16(text) > 4096 else None


def caption_error(text: str) -> str | None:
    """At most 1,024 units."""
    return "message caption is too long" if utf16(text) > 1024 else None


def toast_error(text: str) -> str | None:
    """At most 200 characters in the answer to a tap."""
    return "MESSAGE_TOO_LONG" if utf16(text) > 200 else None


def photo_error(photo: object) -> str | None:
    """At most 10 MB. [guess]"""
    return "file is too big" if isinstance(photo, bytes) and len(photo) > 10 * 1024 * 1024 else None


_ENTITY_TYPES_WORDS = (
    "mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote"
    " expandable_blockquote code pre text_link text_mention custom_emoji date_time"
)
_ENTITY_TYPES = frozenset(_ENTITY_TYPES_WORDS.split())
_ENTITY_NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}


def entities_error(text: str, entities: list[dict[str, object]]) -> str | None:
    """At most 100, each of a known type and inside the text, in UTF-16 units; stricter than Telegram on empty ones."""
    if len(entities) > 100:
        return "ENTITIES_TOO_LONG"
    return next(filter(None, (_entity_error(text, entity) for entity in entities)), None)


def _entity_error(text: str, entity: dict[str, object]) -> str | None:
    kind = str(entity["type"])
    if kind not in _ENTITY_TYPES:
        return "can't parse MessageEntity: Unsupported type specified"
    needed = _ENTITY_NEEDS.get(kind)
    if needed and needed not in entity:
        return f"can't parse MessageEntity: Can't find field \"{needed}\""
    if kind == "text_link" and (why := _link_error(str(entity["url"]))):
        return f"entity URL '{entity['url']}' is invalid: {why}"
    return _place_error(text, int(str(entity["offset"])), int(str(entity["length"])))


def _place_error(text: str, start: int, length: int) -> str | None:
    end = start + length
    if start < 0:
        return f"receive an entity with incorrect offset {start}"
    if length <= 0:
        return f"receive an entity with incorrect length {length}"
    if start >= utf16(text):
        return f"entity begins after the end of the text at UTF-16 offset {start}"
    if end > utf16(text):
        return f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
    if _splits(text, start):
        return f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}"
    if _splits(text, end):
        return f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}"
    return None


def _splits(text: str, offset: int) -> bool:
    """Whether this offset lies between the two halves of one character."""
    unit = text.encode("utf-16-le")[2 * offset : 2 * offset + 2]
    return len(unit) == 2 and 0xDC <= unit[1] <= 0xDF


def _link_error(url: str) -> str | None:
    scheme, found, rest = url.partition("://")
    if found and scheme.lower() not in ("http", "https", "tg", "ton", "tonsite"):
        return "Unsupported URL protocol"
    if not (rest if found else url):
        return "URL host is empty"
    if scheme.lower() in ("http", "https", "") or not found:
        host = re.split(r"[/?#]", rest if found else url)[0]
        return None if re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s.]+(\.[^\s.]+)+)", host) else "Wrong HTTP URL"
    return None


_ACTIONS = ("url", "callback_data", "copy_text", "switch_inline_query", "switch_inline_query_current_chat")


def keyboard_error(rows: list[list[dict[str, object]]]) -> str | None:
    """At most 100 buttons, 8 a row, each with a text and one thing it does; data of 1 to 64 bytes of UTF-8."""
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        return "reply markup is too long"
    return next(filter(None, (_button_error(button) for row in rows for button in row)), None)


def _button_error(button: dict[str, object]) -> str | None:
    actions = [name for name in _ACTIONS if name in button and button[name] != ""]
    if not str(button["text"]).strip():
        return "BUTTON_TEXT_INVALID"  # [guess]
    if not actions:
        return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    if len(actions) > 1:
        return "can't parse inline keyboard button: exactly one action must be specified"  # [guess]
    if len(str(button.get("callback_data", "")).encode()) > 64:
        return "BUTTON_DATA_INVALID"
    if "url" in button and (why := _link_error(str(button["url"]))):
        return f"inline keyboard button URL '{button['url']}' is invalid: {why}"
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        return "BUTTON_STYLE_INVALID"  # [guess]
    return None


def commands_error(commands: list[dict[str, str]]) -> str | None:
    """At most 100, names of 1 to 32 of a-z, 0-9 and _, descriptions of 1 to 256 characters."""
    if len(commands) > 100:
        return "BOT_COMMANDS_TOO_MUCH"  # [guess]
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command["command"]):
            return "BOT_COMMAND_INVALID"
        if not 1 <= utf16(command["description"]) <= 256:
            return "BOT_COMMAND_DESCRIPTION_INVALID"
    return None


_SCOPE_NEEDS: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def scope_error(scope: dict[str, object]) -> str | None:
    """A known kind of audience, with the ids it needs."""
    needs = _SCOPE_NEEDS.get(str(scope["type"]))
    if needs is None:
        return "can't parse BotCommandScope: Unsupported type specified"
    missing = [name for name in needs if name not in scope]
    return f"can't parse BotCommandScope: Can't find field \"{missing[0]}\"" if missing else None


def language_error(code: str) -> str | None:
    """Two small letters, or nothing for everybody else."""
    return None if re.fullmatch(r"([a-z]{2})?", code) else "invalid language code specified"


def description_error(text: str) -> str | None:
    """At most 512 characters in what an empty chat shows."""
    return "BOT_DESC_INVALID" if utf16(text) > 512 else None


def short_description_error(text: str) -> str | None:
    """At most 120 characters on the bot's page. [guess]"""
    return "BOT_ABOUT_INVALID" if utf16(text) > 120 else None


def start_code_error(code: str) -> str | None:
    """What a t.me link can carry; ours to say, for Telegram just drops a code it does not like."""
    if re.fullmatch(r"[A-Za-z0-9_-]{0,64}", code):
        return None
    return f"the start code {code!r} cannot be in a link: at most 64 of A-Z, a-z, 0-9, _ and -"


def webhook_error(url: str, secret: str) -> str | None:
    """HTTPS on 443, 80, 88 or 8443, plain HTTP to this machine only; secret of at most 256 of A-Z, a-z, 0-9, _, -."""
    parts = urlsplit(url)
    at_home = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname:
        return "invalid webhook URL specified"
    if parts.scheme != "https" and not at_home:
        return "bad webhook: An HTTPS URL must be provided for webhook"
    if (parts.port or 443) not in (443, 80, 88, 8443) and not at_home:
        return "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    if len(secret) > 256:
        return "secret token is too long"
    return None if re.fullmatch(r"[A-Za-z0-9_-]*", secret) else "secret token contains unallowed characters"


_REACTIONS_WORDS = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥"
    " 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨"
    " 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
_REACTIONS = frozenset(_REACTIONS_WORDS.split())


def reaction_error(reaction: list[dict[str, object]]) -> str | None:
    """At most one, and only of Telegram's fixed list."""
    if len(reaction) > 1:
        return "REACTIONS_TOO_MANY"
    fine = all(one["type"] == "emoji" and one.get("emoji") in _REACTIONS for one in reaction)
    return None if fine else "REACTION_INVALID"
