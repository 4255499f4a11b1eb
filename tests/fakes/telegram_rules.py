"""What Telegram's Bot API accepts: its limits, with its own error texts.

Error texts stand without the leading "Bad Request: ". [guess] marks a text we could not find published.
"""

import re
from urllib.parse import urlsplit

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
