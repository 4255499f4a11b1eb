"""`python -m tests.fakes.compare FOLDER`: holds our small tables against the platforms' published API shapes, by hand.

FOLDER has telegram_bot_api.json and slack_web_api_2021.json; the tests themselves need neither.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fakes import slack_rules, telegram_arguments


def telegram(published: dict[str, Any]) -> Iterator[str]:
    """Parameters that our table allows and the Bot API does not know, and required ones that it does not require."""
    for name, fields in telegram_arguments.METHODS.items():
        shape = published["methods"].get(name)
        if shape is None:
            yield f"telegram: no method {name}"
            continue
        known = {field["name"]: field["required"] for field in shape.get("fields", [])}
        yield from (f"telegram: {name} knows no {field}" for field in fields if field not in known)
        for field, required in known.items():
            if required != fields.get(field, "").endswith("!") and field in fields:
                yield f"telegram: {name} {field} is {'required' if required else 'optional'}"
        yield from (f"telegram: {name} wants {field}" for field, must in known.items() if must and field not in fields)


def slack(published: dict[str, Any]) -> Iterator[str]:
    """The same for Slack; what is newer than 2021 is named, to be held against slack-sdk's signatures."""
    for name, method in slack_rules.METHODS.items():
        shape = published.get(name)
        if shape is None:
            yield f"slack: no method {name} in 2021"
            continue
        known = {**shape["params"], "team_id": False}  # Bolt adds the team to every call
        yield from (
            f"slack: {name} {field} is newer than 2021" for field in method.kinds if field not in {*known, "team_id"}
        )
        must = {field for field, required in known.items() if required and field != "token"}
        yield from (f"slack: {name} wants {field}" for field in must if field not in method.kinds)


def main(folder: Path) -> None:
    for file, compare in (("telegram_bot_api.json", telegram), ("slack_web_api_2021.json", slack)):
        found = list(compare(json.loads((folder / file).read_text())))
        print("\n".join(found) or f"{file}: nothing differs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
