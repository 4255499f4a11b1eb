"""Pure: a Message as Slack shows it, one rich_text block and its buttons, so that nobody's words become markup.

A card keeps this skeleton for life: Slack refuses an update that replaces rich_text by another kind of block.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from bot.model import Button, Line, Message, Span

Json = dict[str, Any]

MOST_WORDS = 2_900  # UTF-16 units in one rich_text block; Slack takes 3,000
MOST_PREVIEW = 800  # of the preview before escaping, which makes each at most five; an update takes 4,000
MOST_BUTTONS = 25  # in one actions block
MOST_ROWS = 5  # shown as they are; more are packed
MOST_HOME = 100  # blocks of an App Home
SAFE_LINKS = ("https://", "http://", "mailto:")


def text(message: Message) -> str:
    """The notification and lock-screen line, at most 4,000 characters; the only place where Slack reads markup."""
    lines = ("".join(span.text for span in line) for line in message.lines)
    words = message.preview or next((line for line in lines if line.strip()), "")
    return escaped(_cut(words.strip() or "…", MOST_PREVIEW))


def escaped(words: str) -> str:
    """Literal words where mrkdwn is unavoidable: without < and > nobody is called and no link is disguised."""
    return words.translate(_ESCAPES)


def blocks(message: Message) -> list[Json]:
    """The blocks of one message: its words, then its buttons with numbered ids."""
    return list(_blocks(message, "", count()))


def home(messages: Sequence[Message]) -> Json:
    """The App Home view: the same messages one below the other, buttons included, as many as Slack's limits hold."""
    shown: list[Json] = []
    numbers = count()
    for place, message in enumerate(messages):
        more = [*([{"type": "divider"}] if shown else []), *_blocks(message, f"{place}-", numbers)]
        if len(shown) + len(more) > MOST_HOME:
            break
        shown += more
    return {"type": "home", "blocks": shown or blocks(Message(()))}


def _blocks(message: Message, prefix: str, numbers: Iterator[int]) -> Iterator[Json]:
    section = {"type": "rich_text_section", "elements": _words(message.lines)}
    yield {"type": "rich_text", "block_id": f"{prefix}words", "elements": [section]}
    for place, row in enumerate(_packed(message.rows)):
        buttons = [_button(button, next(numbers)) for button in row]
        yield {"type": "actions", "block_id": f"{prefix}row{place}", "elements": buttons}


def _packed(rows: Sequence[Sequence[Button]]) -> list[list[Button]]:
    """Rows as they are while there are few, else as many whole rows in one block as fit."""
    packed: list[list[Button]] = []
    for row in filter(None, rows):
        for start in range(0, len(row), MOST_BUTTONS):
            part = list(row[start : start + MOST_BUTTONS])
            if packed and len(rows) > MOST_ROWS and len(packed[-1]) + len(part) <= MOST_BUTTONS:
                packed[-1] += part
            else:
                packed.append(part)
    return packed


def _button(button: Button, number: int) -> Json:
    label = {"type": "plain_text", "text": _cut(button.label, 75), "emoji": False}
    return {"type": "button", "action_id": f"a{number}", "text": label, "value": button.value}


def _words(lines: Sequence[Line]) -> list[Json]:
    """All lines as literal elements, cut after rendering where Slack would refuse them."""
    elements: list[Json] = []
    room = MOST_WORDS
    for span in _runs(lines):
        words = _cut(span.text, room)
        room -= _units(words)
        if words:
            elements.append(_element(Span(words, span.style, span.link)))
        if words != span.text:
            break
    return elements or [{"type": "text", "text": " "}]


def _runs(lines: Sequence[Line]) -> Iterator[Span]:
    """The spans of all lines with the line ends between them, neighbours of one style joined."""
    ends = ((*line, Span("\n")) for line in lines[:-1])
    spans = [span for line in (*ends, *lines[-1:]) for span in line if span.text]
    run: Span | None = None
    for span in spans:
        if run and (run.style, run.link) == (span.style, span.link):
            run = Span(run.text + span.text, run.style, run.link)
            continue
        if run:
            yield run
        run = span
    if run:
        yield run


def _element(span: Span) -> Json:
    style: Json = {"style": {span.style: True}} if span.style in ("bold", "italic") else {}
    if span.link.startswith(SAFE_LINKS):
        return {"type": "link", "url": span.link, "text": span.text, **style}
    return {"type": "text", "text": span.text, **style}


def _cut(words: str, most: int) -> str:
    """At most that many UTF-16 units, ended at a space where there is one; "…" tells that something is missing."""
    if _units(words) <= most:
        return words
    kept = words.encode("utf-16-le", "surrogatepass")[: 2 * max(0, most - 1)].decode("utf-16-le", "ignore")
    return (kept.rpartition(" ")[0] or kept) + "…" if kept else ""


def _units(words: str) -> int:
    """Length as Slack's clients count it, in UTF-16 units."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
