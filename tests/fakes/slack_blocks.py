"""Block Kit as a grammar of checks: which blocks and views Slack takes, and its words, with pointers, for the rest."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Check = Callable[[object, str], list[str]]  # (value, its JSON pointer) -> what Slack says is wrong with it

RICH_TEXT = 3_000  # characters in one rich_text block; a guess on the safe side
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
LOTS = 1_000


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


def interactive(block: Json) -> list[Json]:
    """The parts of one block that a person can press, choose or fill in."""
    parts = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    return [part for part in parts if part and (part["type"] in _ELEMENTS or part["type"] == "plain_text_input")]
