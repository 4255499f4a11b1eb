"""`python -m tests.simulate [--seed N] [--schools N] [--families N] [--days N] [--faults none|usual|harsh] [--json]`.

A school year on a virtual clock: seeded people, seeded faults, checked from outside after each simulated day. Several
schools are that many seeds, side by side on every processor: S.1, S.2 and so on.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict

from tests.simulate.faults import LEVELS
from tests.simulate.run import MEMORY, Asked, Outcome, simulate
from tests.simulate.story import story


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.simulate", description=__doc__)
    parser.add_argument("--seed", default="1", help="any word or number")
    parser.add_argument("--schools", type=int, default=0, help="so many of that size, each from a seed of its own")
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
    if given.schools:
        seeds = [f"{given.seed}.{n}" for n in range(1, given.schools + 1)]
        return _schools([Asked(seed, given.families, given.days, given.faults) for seed in seeds], given.json)
    asked = Asked(given.seed, given.families, given.days, given.faults, given.database)
    outcome = simulate(asked, lambda world: print("\n".join(story(world, given.story))) if given.story else None)
    print(as_json(outcome) if given.json else told(outcome))
    return 1 if outcome.violations else 0


def _schools(asked: Sequence[Asked], as_lines: bool) -> int:
    began, done = time.perf_counter(), []
    for outcome in _side_by_side(asked):
        done.append(outcome)
        if as_lines:
            print(as_json(outcome), flush=True)
        elif outcome.violations:
            print(told(outcome), flush=True)
        seconds = time.perf_counter() - began
        print(f"{len(done)} of {len(asked)} schools, {seconds:,.0f} s …", file=sys.stderr, flush=True)
    if not as_lines:
        print(summed(done, time.perf_counter() - began))
    return 1 if any(outcome.violations for outcome in done) else 0


def _side_by_side(asked: Sequence[Asked]) -> Iterator[Outcome]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for ended in as_completed([pool.submit(simulate, one) for one in asked]):
            yield ended.result()


def as_json(outcome: Outcome) -> str:
    return json.dumps(asdict(outcome), default=str, ensure_ascii=False)


def summed(outcomes: Sequence[Outcome], seconds: float) -> str:
    one = outcomes[0].asked
    families, days = len(outcomes) * one.families, sum(outcome.days for outcome in outcomes)
    return "\n".join(
        [
            f"{len(outcomes)} schools · {families:,} families · {one.days} days · faults {one.faults}",
            f"{sum(o.messages for o in outcomes):,} messages, {sum(o.copies for o in outcomes)} copies more · "
            f"{sum(o.presses for o in outcomes):,} presses · {sum(o.deaths for o in outcomes):,} deaths and outages",
            f"{seconds:,.0f} s, {sum(o.seconds for o in outcomes):,.0f} s of processor time, "
            f"{days / seconds:.2f} school days a second",
            f"{sum(len(o.violations) for o in outcomes)} violations",
        ]
    )


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
