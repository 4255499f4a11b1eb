"""`python -m tests.simulate [--seed N] [--families N] [--days N] [--faults none|usual|harsh] [--json]`.

A school year on a virtual clock: seeded people, seeded faults, checked from outside after each simulated day.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict

from tests.simulate.faults import LEVELS
from tests.simulate.run import MEMORY, Asked, Outcome, simulate
from tests.simulate.story import story


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.simulate", description=__doc__)
    parser.add_argument("--seed", default="1", help="any word or number")
    parser.add_argument("--families", type=int, default=50)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--faults", choices=sorted(LEVELS), default="usual")
    parser.add_argument("--database", metavar="URL", default=MEMORY, help="an empty one; without it: in memory")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--story", metavar="NAME", default="", help="tell what that person or child's people saw and did"
    )
    given = parser.parse_args(words)
    logging.lastResort = None  # what is logged is looked at by the checker, not printed
    asked = Asked(given.seed, given.families, given.days, given.faults, given.database)
    outcome = simulate(asked, lambda world: print("\n".join(story(world, given.story))) if given.story else None)
    print(json.dumps(asdict(outcome), default=str, ensure_ascii=False) if given.json else told(outcome))
    return 1 if outcome.violations else 0


def told(outcome: Outcome) -> str:
    asked = outcome.asked
    lines = [
        f"seed {asked.seed} · {asked.families} families · {outcome.days} days · faults {asked.faults}",
        f"{outcome.messages} messages, {outcome.copies} copies more · {outcome.presses} presses · "
        f"{outcome.deaths} deaths and outages",
        f"trace {outcome.trace} ({outcome.events} events)",
        f"{outcome.seconds:.1f} s of processor time, {outcome.days / max(outcome.seconds, 0.001):.2f} days a second",
        f"{len(outcome.violations)} violations",
        *(f"  {violation}" for violation in outcome.violations[:20]),
    ]
    if outcome.violations:
        lines.append(f"replay: {asked.command}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
