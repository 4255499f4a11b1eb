"""What a person reads of Slack's blocks and markup."""

import html
import re

from .screens import Button
from .slack_blocks import LOTS, Json, interactive


def read_mrkdwn(text: str) -> str:
    """Slack's markup as a person reads it: labels instead of links, no style marks, no entities."""
    text = re.sub(r"<(?:[^<>|]+)\|([^<>]+)>", r"\1", text)
    text = re.sub(r"<([@#!]?)([^<>]+)>", lambda m: ("@" if m[1] in ("@", "!") else m[1]) + m[2], text)
    text = re.sub(r"(?<![\w*_~])([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?![\w*_~])", r"\2", text)
    return html.unescape(text)


def _read_text(part: Json) -> str:
    if part["type"] == "image":
        return f"[{part['alt_text']}]"
    return read_mrkdwn(part["text"]) if part["type"] == "mrkdwn" else str(part["text"])


def _read_inline(part: Json) -> str:
    match part["type"]:
        case "link":
            return str(part.get("text") or part["url"])
        case "emoji":
            points = part.get("unicode", "").split("-")
            return "".join(chr(int(p, 16)) for p in points) if points[0] else f":{part['name']}:"
        case "user":
            return f"@{part['user_id']}"
        case "channel":
            return f"#{part['channel_id']}"
        case "broadcast":
            return f"@{part['range']}"
        case "date":
            return str(part.get("fallback", part["format"]))
    return str(part["text"])


def _read_rich(part: Json) -> str:
    if part["type"] != "rich_text_list":
        return "".join(map(_read_inline, part["elements"]))
    marks = (f"{n}." if part["style"] == "ordered" else "•" for n in range(part.get("offset", 0) + 1, LOTS))
    return "\n".join(f"{mark} {_read_rich(item)}" for mark, item in zip(marks, part["elements"], strict=False))


def read_block(block: Json) -> str:
    """The lines of one block that a person reads; "" for actions and dividers."""
    match block["type"]:
        case "rich_text":
            return "\n".join(_read_rich(part).removesuffix("\n") for part in block["elements"])
        case "section":
            texts = [block["text"]] if "text" in block else []
            return "\n".join(map(_read_text, texts + block.get("fields", [])))
        case "context":
            return " ".join(map(_read_text, block["elements"]))
        case "header":
            return _read_text(block["text"])
        case "image":
            return f"[{block['alt_text']}]"
        case "input":
            return _read_text(block["label"])
    return ""


def read_blocks(blocks: list[Json]) -> str:
    """All lines of a message or view, blocks without words left out."""
    return "\n".join(words for words in map(read_block, blocks) if words)


def read_buttons(blocks: list[Json]) -> list[list[Button]]:
    """One row of buttons for each block that has any."""
    rows = ([part for part in interactive(block) if part["type"] == "button"] for block in blocks)
    return [[Button(part["text"]["text"], part.get("value", "")) for part in row] for row in rows if row]
