"""What a benchmark says: figures with all their runs, targets and floors, and the machine they were measured on."""

import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median

SEED = 1  # of everything that is drawn by lot: names, and the order of presses
RUNS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; its value is the median of `runs`, and so is the value of its floor (same unit)."""

    name: str
    unit: str
    runs: Sequence[float]
    target: float | None = None
    more_is_better: bool = False
    floor_name: str = ""
    floor: Sequence[float] = ()

    @property
    def value(self) -> float:
        return median(self.runs)

    @property
    def reached(self) -> bool | None:
        """None where no target is set."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more_is_better else self.value <= self.target

    def line(self) -> str:
        """cards a second: 1,234 (1,230 · 1,234 · 1,240)   target ≥ 2,000 ✗   floor 99,000 (raw SQLite …), 80 × apart"""
        parts = [f"{self.name}: {told(self.value)} {self.unit} ({' · '.join(map(told, self.runs))})"]
        if self.target is not None:
            sign = "≥" if self.more_is_better else "≤"
            parts.append(f"target {sign} {told(self.target)} {'✓' if self.reached else '✗'}")
        if self.floor:
            floor = median(self.floor)
            apart = floor / self.value if self.more_is_better else self.value / floor
            parts.append(f"floor {told(floor)} ({self.floor_name}), {told(apart)} × apart")
        return "   ".join(parts)

    def as_dict(self) -> dict[str, object]:
        floor = {"name": self.floor_name, "value": median(self.floor), "runs": list(self.floor)} if self.floor else None
        return {
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "runs": list(self.runs),
            "target": self.target,
            "more_is_better": self.more_is_better,
            "reached": self.reached,
            "floor": floor,
        }


def told(number: float) -> str:
    """Three digits that mean something: 0.123, 12.3, 12,345."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all is not above."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def machine() -> Mapping[str, object]:
    """What the figures depend on besides the program."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def commit() -> str:
    """The commit that was measured, with a + if files have changed since; "" outside a repository."""
    try:
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(["git", "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def progress(line: str) -> None:
    """Tells on a terminal what is going on, on one line that the next replaces; "" wipes it. Nothing in a pipe."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
