"""Opens the day of a school that stands in that database, and prints the MiB that took at its peak. URL."""

import resource
import sys
from datetime import UTC
from pathlib import Path

from bot.program import settle_memory
from tests.bench import town
from tests.bench.stage import at


def main(url: str) -> None:
    settle_memory()
    store = town.new_store(url)
    store.open_days(at("12:00").astimezone(UTC))
    store.close()
    print(_peak())


def _peak() -> float:
    """Linux counts what the parent held into ru_maxrss, so its own word is asked where there is one."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1])
