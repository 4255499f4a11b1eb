"""Who may import whom (DESIGN: Rooms), and what a pure module never does."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PURE = ["model", "report", "board", "bundle", "policy", "schooldays", "words", "texts", "commands", "lanes", "codes"]
TOGETHER = {
    "program",
    "outlet",
    "server",
    "workspaces",
    "waiting",
    "cli",
    "cli_parts",
    "cli_calendar",
    "composition",
    "cli_office",
    "cli_people",
    "cli_roster",
    "demo",
    "playhouse",
    "doctor",
    "cast",
    "preview",
    "__main__",
}  # they put parts together
CORE = sorted(p for p in (ROOT / "bot").rglob("*.py") if p.stem not in TOGETHER)
FOREIGN = {
    "slack_bolt",
    "slack_sdk",
    "telegram",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "starlette",
    "uvicorn",
    "aiohttp",
}


def imported(file: Path) -> set[str]:
    """All modules a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("file", CORE, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_core_knows_no_platform_and_no_database(file: Path) -> None:
    assert not {room(name) for name in imported(file)} & (FOREIGN | {"adapters", "storage"})


@pytest.mark.parametrize("file", sorted((ROOT / "adapters").rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT)))
def test_adapters_know_the_doors_only(file: Path) -> None:
    ours = {name for name in imported(file) if room(name) in ("bot", "storage")}
    assert all(
        name.startswith(("bot.model", "bot.points", "bot.ports", "bot.words")) or name == "bot" for name in ours
    ), ours


@pytest.mark.parametrize("file", sorted((ROOT / "storage").rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT)))
def test_the_store_knows_no_adapter(file: Path) -> None:
    assert not {room(name) for name in imported(file)} & (
        {"adapters"} | FOREIGN - {"sqlalchemy", "sqlmodel", "alembic"}
    )


@pytest.mark.parametrize("name", PURE + [f"cards/{p.stem}" for p in sorted((ROOT / "bot/cards").glob("*.py"))])
def test_a_pure_module_reads_no_clock_and_throws_no_dice(name: str) -> None:
    """Time, randomness and ids are passed in; codes are made of secrets on purpose."""
    source = (ROOT / "bot" / f"{name}.py").read_text()
    forbidden = {"datetime.now", "time.time", "monotonic", "import random", "uuid", "asyncio", "date.today"}
    assert not [word for word in forbidden if word in source]


def test_nothing_unpickles() -> None:
    """G-088."""
    for folder in ("bot", "adapters", "storage"):
        for file in (ROOT / folder).rglob("*.py"):
            assert not imported(file) & {"pickle", "shelve", "marshal", "dill"}, file


def test_no_path_of_a_machine_stands_in_the_source() -> None:
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *CORE]:
        assert "/home/" not in file.read_text(), file
