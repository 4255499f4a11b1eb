"""Slack's published rules as small tables and pure functions: methods, Block Kit limits, and what a person reads."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .screens import Button

Json = dict[str, Any]
Check = Callable[[object, str], list[str]]  # (value, its JSON pointer) -> what Slack says is wrong with it

POST_TEXT, UPDATE_TEXT = 40_000, 4_000  # characters of top-level `text`
RICH_TEXT = 3_000  # characters in one rich_text block; a guess on the safe side
METADATA_BYTES = 8_000  # a guess
VIEW_BYTES = 250_000
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
LOTS = 1_000

# The caller's own mistakes: Slack refuses them every time, so the fake complains as well.
OUR_BUGS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_arguments",
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "metadata_too_large",
        "invalid_metadata_format",
        "block_mismatch",
        "markdown_text_conflict",
        "view_too_large",
        "unknown_method",
        "invalid_json",
        "json_not_object",
        "invalid_post_type",
        "not_allowed_token_type",
        "invalid_trigger_id",
    }
)
# What the manifest asks for; team.info needs team:read, which is not among them.
SCOPES = ("chat:write", "commands", "im:write", "im:history", "im:read", "users:read", "users:read.email")


@dataclass(frozen=True, slots=True)
class Method:
    """What one Web API method takes: kinds by argument name, what it cannot do without, and who may call it."""

    kinds: dict[str, str]
    required: frozenset[str]
    scope: str = ""
    token: str = "xoxb"
    json: bool = True  # the reading methods take no JSON body
    open: bool = False  # takes any argument


def _method(arguments: str, **rest: Any) -> Method:
    """Reads 'name', 'name!' (required) and 'name:kind' (str when not told), separated by spaces."""
    kinds, required = {"team_id": "str"}, set()
    for word in arguments.split():
        name, _, kind = word.partition(":")
        if name.endswith("!"):
            required.add(name[:-1])
        kinds[name.rstrip("!")] = kind or "str"
    return Method(kinds, frozenset(required), **rest)


METHODS = {
    "api.test": _method("error", token="", open=True),
    "auth.test": _method(""),
    "apps.connections.open": _method("", token="xapp"),
    "chat.postMessage": _method(
        "channel! text blocks:list attachments:list metadata:dict markdown_text thread_ts reply_broadcast:bool"
        " as_user:bool username icon_emoji icon_url link_names:bool mrkdwn:bool parse unfurl_links:bool"
        " unfurl_media:bool container_id",
        scope="chat:write",
    ),
    "chat.update": _method(
        "channel! ts! text blocks:list attachments:list metadata:dict markdown_text reply_broadcast:bool"
        " as_user:bool link_names:bool parse file_ids",
        scope="chat:write",
    ),
    "conversations.open": _method("channel users return_im:bool prevent_creation:bool", scope="im:write"),
    "conversations.history": _method(
        "channel! cursor inclusive:bool include_all_metadata:bool latest oldest limit:int",
        scope="im:history",
        json=False,
    ),
    "users.info": _method("user! include_locale:bool", scope="users:read", json=False),
    "users.lookupByEmail": _method("email!", scope="users:read.email", json=False),
    "views.publish": _method("user_id! view!:dict hash"),
    "views.open": _method("trigger_id interactivity_pointer view!:dict"),
    "team.info": _method("team domain include_slackbot_availability:bool", scope="team:read", json=False),
}
_FORMAT_ERRORS = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
_TYPES: dict[str, type] = {"str": str, "bool": bool, "int": int, "list": list, "dict": dict}
_WORDS: dict[str, object] = {"0": False, "false": False, "1": True, "true": True}


def read_arguments(method: Method, plain: dict[str, str], typed: Json) -> tuple[Json, str | None, list[str]]:
    """Arguments of a call, from query and form (`plain`) and from a JSON body (`typed`): (arguments, error, why)."""
    if method.open:
        return {**plain, **typed}, None, []
    args: Json = {}
    error, why = None, [f"[ERROR] missing required field: {n}" for n in sorted(method.required - {*plain, *typed})]
    for name, value in {**plain, **typed}.items():
        kind = method.kinds.get(name)
        if kind is None:
            why.append(f"[ERROR] unknown argument: {name}")
            continue
        args[name] = parsed = _parsed(value, kind, name in typed)
        if type(parsed) is not _TYPES[kind]:
            error = error or _FORMAT_ERRORS.get(name)
            why.append(f"[ERROR] {name} must be a {kind}, not {value!r:.60}")
    return args, (error or "invalid_arguments") if why else None, why


def _parsed(value: Any, kind: str, typed: bool) -> object:
    """The value as its kind, or as it came when it cannot be read as such."""
    if kind in ("list", "dict") and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if typed or kind == "str":
        return value
    if kind == "int" and re.fullmatch(r"\d{1,9}", value):
        return int(value)
    return _WORDS.get(value, value) if kind == "bool" else value


# --- Block Kit: a grammar of checks -----------------------------------------------------------------------------


def length(text: str) -> int:
    """Length in UTF-16 units, as Slack's clients count; never less than the number of characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _wrong(path: str, what: str) -> list[str]:
    return [f"[ERROR] {what} [json-pointer:{path}]"]


def _string(high: int, low: int = 1) -> Check:
    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, str):
            return _wrong(path, "must provide a string")
        if length(value) < low:
            return _wrong(path, f"must be more than {low - 1} characters")
        return _wrong(path, f"must be less than {high + 1} characters") if length(value) > high else []

    return check


def _flag(value: object, path: str) -> list[str]:
    return [] if isinstance(value, bool) else _wrong(path, "must provide a boolean")


def _whole(value: object, path: str) -> list[str]:
    return [] if type(value) is int else _wrong(path, "must provide an integer")


def _one_of(*allowed: str) -> Check:
    return lambda value, path: [] if value in allowed else _wrong(path, f"must be one of {', '.join(allowed)}")


def _listed(item: Check, high: int = LOTS) -> Check:
    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, list):
            return _wrong(path, "must provide an array")
        if not value:
            return _wrong(path, "no fewer than 1 items required")
        if len(value) > high:
            return _wrong(path, f"no more than {high} items allowed")
        return [fault for i, part in enumerate(value) for fault in item(part, f"{path}/{i}")]

    return check


def _shape(required: dict[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    checks = {**required, **(optional or {})}

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, dict):
            return _wrong(path, "must provide an object")
        faults = [f for name in required if name not in value for f in _wrong(path, f"missing required field: {name}")]
        for name, part in value.items():
            faults += checks[name](part, f"{path}/{name}") if name in checks else _wrong(path, f"invalid field: {name}")
        return faults

    return check


def _by_type(**shapes: Check) -> Check:
    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, dict):
            return _wrong(path, "must provide an object")
        shape = shapes.get(str(value.get("type")))
        if shape is None:
            return _wrong(path, f"unsupported type: {value.get('type')}")
        return shape({name: part for name, part in value.items() if name != "type"}, path)

    return check


def _plain(high: int) -> Check:
    return _by_type(plain_text=_shape({"text": _string(high)}, {"emoji": _flag}))


def _text(high: int, **more: Check) -> Check:
    plain, mrkdwn = {"emoji": _flag}, {"verbatim": _flag}
    text = {"text": _string(high)}
    return _by_type(plain_text=_shape(text, plain), mrkdwn=_shape(text, mrkdwn), **more)


_ID = {"action_id": _string(255)}
_CONFIRM = _shape(
    {"title": _plain(100), "text": _text(300), "confirm": _plain(30), "deny": _plain(30)},
    {"style": _one_of("primary", "danger")},
)
_OPTION = _shape({"text": _text(75), "value": _string(150)}, {"description": _text(75), "url": _string(3_000)})
_CHOICE = {**_ID, "confirm": _CONFIRM, "focus_on_load": _flag}
_PICTURE = _shape({"alt_text": _string(2_000), "image_url": _string(3_000)})
_ELEMENTS = {
    "button": _shape(
        {"text": _plain(75)},
        {
            **_ID,
            "value": _string(2_000),
            "url": _string(3_000),
            "style": _one_of("primary", "danger"),
            "confirm": _CONFIRM,
            "accessibility_label": _string(75),
        },
    ),
    "static_select": _shape(
        {"options": _listed(_OPTION, 100)}, {**_CHOICE, "placeholder": _plain(150), "initial_option": _OPTION}
    ),
    "overflow": _shape({"options": _listed(_OPTION, 5)}, {**_ID, "confirm": _CONFIRM}),
    "radio_buttons": _shape({"options": _listed(_OPTION, 10)}, {**_CHOICE, "initial_option": _OPTION}),
    "checkboxes": _shape({"options": _listed(_OPTION, 10)}, {**_CHOICE, "initial_options": _listed(_OPTION, 10)}),
    "datepicker": _shape({}, {**_CHOICE, "placeholder": _plain(150), "initial_date": _string(10, 10)}),
    "timepicker": _shape({}, {**_CHOICE, "placeholder": _plain(150), "initial_time": _string(5, 5)}),
}
_TYPED = _shape(
    {},
    {
        **_ID,
        "initial_value": _string(3_000),
        "multiline": _flag,
        "min_length": _whole,
        "max_length": _whole,
        "placeholder": _plain(150),
        "focus_on_load": _flag,
    },
)
_STYLE = {"style": _shape({}, dict.fromkeys(("bold", "italic", "strike", "code"), _flag))}
_INLINE = _by_type(
    text=_shape({"text": _string(RICH_TEXT)}, _STYLE),
    link=_shape({"url": _string(3_000)}, {"text": _string(RICH_TEXT), "unsafe": _flag, **_STYLE}),
    emoji=_shape({"name": _string(255)}, {"unicode": _string(255), "skin_tone": _whole, **_STYLE}),
    user=_shape({"user_id": _string(255)}, _STYLE),
    channel=_shape({"channel_id": _string(255)}, _STYLE),
    broadcast=_shape({"range": _one_of("here", "channel", "everyone")}, _STYLE),
    date=_shape({"timestamp": _whole, "format": _string(255)}, {"url": _string(3_000), "fallback": _string(255)}),
)
_SECTION = _shape({"elements": _listed(_INLINE)})
_RICH = _by_type(
    rich_text_section=_SECTION,
    rich_text_quote=_shape({"elements": _listed(_INLINE)}, {"border": _whole}),
    rich_text_preformatted=_shape({"elements": _listed(_INLINE)}, {"border": _whole}),
    rich_text_list=_shape(
        {"elements": _listed(_by_type(rich_text_section=_SECTION)), "style": _one_of("bullet", "ordered")},
        {"indent": _whole, "offset": _whole, "border": _whole},
    ),
)
_NAMED = {"block_id": _string(255)}
_SECTION_PARTS = {
    "text": _text(3_000),
    "fields": _listed(_text(2_000), 10),
    "accessory": _by_type(image=_PICTURE, **_ELEMENTS),
    "expand": _flag,
}


def _section_block(value: object, path: str) -> list[str]:
    empty = isinstance(value, dict) and not {"text", "fields"} & value.keys()
    missing = _wrong(path, "missing required field: text") if empty else []
    return missing + _shape({}, {**_SECTION_PARTS, **_NAMED})(value, path)


_BLOCK = _by_type(
    rich_text=_shape({"elements": _listed(_RICH)}, _NAMED),
    section=_section_block,
    actions=_shape({"elements": _listed(_by_type(**_ELEMENTS), 25)}, _NAMED),
    context=_shape({"elements": _listed(_text(3_000, image=_PICTURE), 10)}, _NAMED),
    header=_shape({"text": _plain(150)}, _NAMED),
    divider=_shape({}, _NAMED),
    image=_shape({"alt_text": _string(2_000), "image_url": _string(3_000)}, {"title": _plain(2_000), **_NAMED}),
    input=_shape(
        {"label": _plain(2_000), "element": _by_type(plain_text_input=_TYPED, **_ELEMENTS)},
        {"hint": _plain(2_000), "optional": _flag, "dispatch_action": _flag, **_NAMED},
    ),
)
_VIEWS = {
    "home": _shape(
        {}, {"callback_id": _string(255), "private_metadata": _string(3_000, 0), "external_id": _string(255)}
    ),
    "modal": _shape(
        {"title": _plain(24)},
        {
            "submit": _plain(24),
            "close": _plain(24),
            "callback_id": _string(255),
            "private_metadata": _string(3_000, 0),
            "external_id": _string(255),
            "clear_on_close": _flag,
            "notify_on_close": _flag,
        },
    ),
}


def block_problems(blocks: list[Any], surface: str = "message") -> list[str]:
    """Everything wrong with these blocks on a "message", a "modal" or the "home", as Slack words it with pointers."""
    if len(blocks) > MOST_BLOCKS[surface]:
        return _wrong("/blocks", f"no more than {MOST_BLOCKS[surface]} items allowed")
    faults = [fault for i, block in enumerate(blocks) for fault in _BLOCK(block, f"/blocks/{i}")]
    return faults or list(_repeated_ids(blocks))


def _repeated_ids(blocks: list[Json]) -> Iterator[str]:
    seen: set[str] = set()
    for i, block in enumerate(blocks):
        if (name := block.get("block_id")) in seen:
            yield from _wrong(f"/blocks/{i}/block_id", f"`block_id` {name} already exists")
        seen |= {name} if name else set()
        ids = [part["action_id"] for part in interactive(block) if "action_id" in part]
        for repeated in sorted({one for one in ids if ids.count(one) > 1}):
            yield from _wrong(f"/blocks/{i}", f"`action_id` {repeated} already exists")


def blocks_error(blocks: object, surface: str = "message") -> str | None:
    """Slack's error code for these blocks, or None when they are fine."""
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    if block_problems(blocks, surface):
        return "invalid_blocks"
    rich = [read_block(block) for block in blocks if block["type"] == "rich_text"]
    return "msg_blocks_too_long" if any(length(words) > RICH_TEXT for words in rich) else None


def view_problems(view: Json, surface: str) -> list[str]:
    """Everything wrong with a view of type "home" or "modal", as Slack words it."""
    if view.get("type") != surface:
        return _wrong("/view/type", f"must be {surface}, not {view.get('type')}")
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        return _wrong("/view/blocks", "must provide an array")
    faults = _VIEWS[surface]({k: v for k, v in view.items() if k not in ("type", "blocks")}, "/view")
    faults += block_problems(blocks, surface)
    if not faults and surface == "modal" and "submit" not in view and any(b["type"] == "input" for b in blocks):
        return _wrong("/view", "missing required field: submit")
    return faults


def view_error(view: Json, surface: str) -> str | None:
    """Slack's error code for this view, or None when it is fine."""
    if len(json.dumps(view)) > VIEW_BYTES:
        return "view_too_large"
    return "invalid_arguments" if view_problems(view, surface) else None


def text_error(args: Json, limit: int) -> str | None:
    """Slack's error code for the words of a message (text, blocks, attachments or markdown_text), or None."""
    text, other = args.get("text", ""), args.get("markdown_text")
    if other and ("text" in args or "blocks" in args):
        return "markdown_text_conflict"
    if not (text.strip() or other or args.get("blocks") or args.get("attachments")):
        return "no_text"
    return "msg_too_long" if length(text) > limit or length(other or "") > 12_000 else None


def metadata_error(metadata: Json) -> str | None:
    """Slack's error code for a message's metadata, or None; {} is fine and means none."""
    if not metadata:
        return None
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(kind, str) or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", kind):  # Slack ignores such metadata with a warning; that is worse
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata)) > METADATA_BYTES else None


def mismatch(old: list[Json], new: list[Json]) -> bool:
    """Whether an update would replace rich_text by blocks of other kinds only, which Slack refuses."""
    return _has_rich_text(old) and bool(new) and not _has_rich_text(new)


def _has_rich_text(blocks: list[Json]) -> bool:
    return any(block["type"] == "rich_text" for block in blocks)


# --- What a person reads ----------------------------------------------------------------------------------------


def interactive(block: Json) -> list[Json]:
    """The parts of one block that a person can press, choose or fill in."""
    parts = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    return [part for part in parts if part and (part["type"] in _ELEMENTS or part["type"] == "plain_text_input")]


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
