"""Turns a message of the core into what Telegram shows: literal text, entities in UTF-16 units, an inline keyboard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from telegram import InlineKeyboardMarkup, MessageEntity

from bot.model import Button, Line, Message, Span

LONGEST = 4096  # UTF-16 units of text
MOST_ENTITIES = 100
STYLES = {"bold": MessageEntity.BOLD, "italic": MessageEntity.ITALIC}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as Telegram takes it; without a keyboard an edit removes the buttons that were there."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None


def render(message: Message) -> Rendered:
    """The whole message. Nothing in it needs escaping; its first line is what a lock screen shows (G-060, G-074)."""
    text = "\n".join("".join(span.text for span in line) for line in message.lines)
    shown = cut(text, LONGEST)
    entities = tuple(_entities(message.lines, _units(shown)))[:MOST_ENTITIES]
    return Rendered(shown, entities, _keyboard(message.rows))


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-16 units: cut short is better than never shown (G-064)."""
    raw = text.encode("utf-16-le")
    if len(raw) <= 2 * limit:
        return text
    return raw[: 2 * (limit - 1)].decode("utf-16-le", "ignore") + "…"


def _units(text: str) -> int:
    """Length as Telegram counts it: most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def _entities(lines: Sequence[Line], end: int) -> Iterator[MessageEntity]:
    """What is bold, italic or a link, clipped to the text's `end`."""
    at = 0
    for line in lines:
        for span in line:
            length = _units(span.text)
            if (seen := min(length, end - at)) > 0:
                yield from _marks(span, at, seen)
            at += length
        at += 1  # the end of the line


def _marks(span: Span, at: int, length: int) -> Iterator[MessageEntity]:
    if span.style in STYLES:
        yield MessageEntity(STYLES[span.style], at, length)
    if span.link.startswith(("https://", "http://")):  # never tg://user, which mentions somebody
        yield MessageEntity(MessageEntity.TEXT_LINK, at, length, url=span.link)


def _keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    # Plain, as it goes over the wire: the library takes either, and its own objects cost a twentieth of a card.
    return cast(InlineKeyboardMarkup, {"inline_keyboard": [[_button(b) for b in row] for row in rows]})


def _button(b: Button) -> dict[str, str]:
    return {"text": b.label, "callback_data": b.value}
