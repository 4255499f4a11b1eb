"""The fake Telegram's people and groups, the messages in their chats, and the buttons they press."""

import time
from dataclasses import dataclass, field
from typing import Any

from .screens import PATIENCE, Screens, Shown

Json = dict[str, Any]
Args = dict[str, Any]

_PREFIXES = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}
SENT_THINGS: dict[str, Any] = {
    "photo": [{"file_id": "photo-1", "file_unique_id": "p1", "width": 90, "height": 90}],
    "voice": {"file_id": "voice-1", "file_unique_id": "v1", "duration": 3, "mime_type": "audio/ogg"},
    "document": {"file_id": "document-1", "file_unique_id": "d1", "file_name": "homework.pdf"},
    "contact": {"phone_number": "+15550100", "first_name": "Somebody"},
    "location": {"latitude": 40.4168, "longitude": -3.7038},
}


class Refused(Exception):
    """Telegram says no: its HTTP status and its text; `ours` says that the program did what it never should."""

    def __init__(self, code: int, text: str, ours: bool = False, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.description = _PREFIXES.get(code, "") + text
        self.ours = ours
        self.retry_after = retry_after


@dataclass(slots=True)
class Person:
    """One person with Telegram; `started` once they wrote to the bot, for it cannot write first."""

    key: str
    name: str
    language: str | None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def names(self) -> Json:
        first, _, last = self.name.partition(" ")
        return {"first_name": first, "last_name": last} if last else {"first_name": first}

    def user(self) -> Json:
        spoken = {"language_code": self.language} if self.language else {}
        return {"id": int(self.key), "is_bot": False, **self.names(), **spoken}

    def chat(self) -> Json:
        return {"id": int(self.key), "type": "private", **self.names()}


@dataclass(slots=True)
class Group:
    """A chat with more than one person in it; `member` while the bot is inside."""

    id: int
    title: str
    member: bool = True

    def chat(self) -> Json:
        return {"id": self.id, "type": "supergroup", "title": self.title}


@dataclass(slots=True)
class Post:
    """One message in a chat, by a person (`shown` is None) or by the bot."""

    id: int
    chat: int
    date: int  # Unix seconds
    shown: Shown | None = None
    gone: bool = False
    edited: int | None = None


@dataclass(slots=True)
class Tap:
    """One press of a button, waiting for the program's answer."""

    id: str  # callback_query.id
    user: str
    data: str
    update_id: int
    at: float  # time.monotonic()
    screens: Screens = field(repr=False)
    toast: str | None = None  # None = not answered yet
    alert: bool = False
    took: float | None = None  # seconds from the press to the answer
    tried: bool = False  # the program called answerCallbackQuery, even if a fault or its age made it fail

    async def answered(self, patience: float = PATIENCE) -> str:
        """Waits for the answer and gives its text, "" for an answer that says nothing."""
        await self.screens.until(
            lambda: self.toast is not None, f"an answer to {self.user}'s tap {self.data!r}", patience
        )
        return self.toast or ""


class Chats(Screens):
    """Who has Telegram, and what stands in the chats with the bot."""

    def __init__(self, bot: Json) -> None:
        super().__init__()
        self.bot = bot
        self.taps: list[Tap] = []
        self._persons: dict[str, Person] = {}
        self._groups: dict[int, Group] = {}
        self._posts: dict[int, Post] = {}
        self._tap_ids: dict[str, Tap] = {}
        self._tap_updates: dict[int, Tap] = {}

    def person(self, user: str, name: str = "Somebody", language: str | None = None) -> str:
        """Somebody who has Telegram but never wrote to the bot; the key is their numeric id as text."""
        self._persons[user] = Person(user, name, language)
        self.screen(user)
        return user

    def complain(self, text: str) -> None:
        self.complaints.append(text)
        self.changed()

    def _person(self, user: str) -> Person:
        assert user in self._persons, f"nobody is called {user!r}; call telegram.person({user!r}) first"
        return self._persons[user]

    def _newest(self, user: str, label: str) -> Shown | None:
        return next((shown for shown in reversed(self.screen(user)) if label in shown.labels()), None)

    def _new_post(self, chat: int, shown: Shown | None = None) -> Post:
        post = Post(len(self._posts) + 1, chat, int(time.time()), shown)
        self._posts[post.id] = post
        return post

    def _chat_json(self, chat: int) -> Json:
        group = self._groups.get(chat)
        return group.chat() if group else self._persons[str(chat)].chat()

    def _post_json(self, post: Post) -> Json:
        """The bot's own message as the Bot API gives it back."""
        assert post.shown is not None
        raw, photo = post.shown.raw, "photo" in post.shown.raw
        about = {"message_id": post.id, "from": self.bot, "chat": self._chat_json(post.chat), "date": post.date}
        optional = {
            "caption" if photo else "text": post.shown.text,
            "caption_entities" if photo else "entities": raw.get("caption_entities" if photo else "entities"),
            "photo": SENT_THINGS["photo"] if photo else None,
            "reply_markup": {"inline_keyboard": rows(raw)} if rows(raw) else None,
            "edit_date": post.edited,
            "has_protected_content": raw.get("protect_content") or None,
        }
        return about | {name: value for name, value in optional.items() if value not in (None, [])}


def refuse_ours(error: str | None) -> None:
    """Raises what a rule says: the program asked for something Telegram does not take."""
    if error:
        raise Refused(400, error, ours=True)


def is_inline(raw: Args) -> bool:
    return "inline_keyboard" in (raw.get("reply_markup") or {})


def rows(raw: Args) -> list[list[Json]]:
    """Rows of inline buttons without the empty ones, which Telegram drops."""
    return [row for row in raw["reply_markup"]["inline_keyboard"] if row] if is_inline(raw) else []
