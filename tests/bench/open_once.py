"""Opens the day of a school that stands in that database, and prints the MiB that took at its peak. URL."""

import sys
from datetime import UTC

from bot.program import settle_memory
from tests.bench import town
from tests.bench.peak import peak
from tests.bench.stage import at


def main(url: str) -> None:
    settle_memory()
    store = town.new_store(url)
    store.open_days(at("12:00").astimezone(UTC))
    store.close()
    print(peak())


if __name__ == "__main__":
    main(sys.argv[1])
