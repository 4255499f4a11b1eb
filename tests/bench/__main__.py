"""`python -m tests.bench delivery|taps|open|kill|roster|letters [--database URL] [--size N] [--json]`: the README's."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence

from tests.bench import delivery, kill, letters, open_day, rosters, taps
from tests.bench.figures import SEED, Figure, commit, machine, progress
from tests.bench.scratch import databases

BENCHES = {"delivery": delivery, "taps": taps, "open": open_day, "roster": rosters, "letters": letters, "kill": kill}


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    logging.basicConfig(level=logging.ERROR)
    bench = BENCHES[asked.what]
    with databases(asked.database) as new:
        figures = asyncio.run(bench.measure(new, asked.size or bench.SIZE))
    progress("")
    database = asked.database.split("://")[0] or "sqlite"
    about = {
        "bench": asked.what,
        "commit": commit(),
        "machine": dict(machine()),
        "database": database,
        "size": asked.size or bench.SIZE,
        "seed": SEED,
    }
    _tell(about, figures, asked.json)
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("what", choices=sorted(BENCHES))
    where = "sqlite:///FILE (its folder is used), postgresql://… (databases are made beside), or: embedded"
    parser.add_argument("--database", metavar="URL", default="", help=where)
    parser.add_argument(
        "--size", metavar="N", type=int, default=0, help="families, presses of taps, or rows of a roster"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser.parse_args(words)


def _tell(about: dict[str, object], figures: Sequence[Figure], as_json: bool) -> None:
    """A red figure is told like every other: nothing is asserted here."""
    if as_json:
        print(json.dumps({**about, "figures": [figure.as_dict() for figure in figures]}, ensure_ascii=False))
        return
    print(" · ".join(f"{key} {value}" for key, value in about.items() if key != "machine"))
    print(" · ".join(f"{key} {value}" for key, value in machine().items()))
    for figure in figures:
        print(figure.line())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
