"""Who may do what to whom, every case of it: the table of CASES section 3 written out by hand, then asked."""

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import desk
from bot.model import Relation
from bot.policy import MAY, OFFICE, may

ROOT = Path(__file__).parent.parent
DAY = date(2026, 9, 15)
ANA, BEN, MATHS, ART, ME, RUIZ, LUCIA = 1, 2, 11, 12, 21, 22, 23
ROLES = ("owner", "teacher", "stand_in", "guardian", "coordinator", "counsellor", "admin", "provider", "stranger")
WHOLE_SCHOOL = ("coordinator", "admin")
# y: may, -: may not. Stricter than CASES: counsellors invite and confirm nobody, a guardian leaves by STOP and ends
# no link. Wider: the office's commands start and pause a report (there it is the operator who acts).
EXPECTED = """
                            owner teacher stand_in guardian coordinator counsellor admin provider stranger
see class line              y     y       y        -        -           -          -     -        -
see evening                 -     -       -        y        -           -          -     -        -
see week                    y     y       y        y        y           y          -     y        -
see who                     y     y       y        y        y           y          -     -        -
confirm written             y     y       y        -        -           -          -     -        -
confirm done                -     -       -        y        -           -          -     -        -
answer instead              -     -       -        y        -           -          -     -        -
choose nights               -     -       -        y        -           -          -     -        -
say child is away           y     y       y        y        y           -          -     -        -
start or pause report       y     y       y        -        y           -          y     -        -
add child                   y     y       -        -        -           -          y     -        -
invite guardian             y     y       y        -        y           -          y     -        -
confirm claim               y     y       y        -        y           -          -     -        -
end guardian's link         -     -       -        -        y           -          y     -        -
see why a link ended        -     -       -        -        y           -          y     -        -
grant provider for school   -     -       -        -        y           -          -     -        -
agree to provider           -     -       -        y        -           -          -     -        -
end provider's link         y     -       -        y        y           -          y     -        -
name staff                  -     -       -        -        -           -          y     -        -
change calendar             -     -       -        -        y           -          y     -        -
"""
TABLE = {
    line[:28].strip(): dict(zip(ROLES, (mark == "y" for mark in line[28:].split()), strict=True))
    for line in EXPECTED.strip("\n").splitlines()[1:]
}
SPELLS: dict[str, tuple[date | None, date | None]] = {
    "live": (None, None),
    "from today": (DAY, DAY + timedelta(days=1)),
    "ended": (None, DAY),
    "not yet": (DAY + timedelta(days=1), None),
}


def held(role: str, child: int, spell: str) -> list[Relation]:
    """What such a person is to that child: Ana is in Maths, Ben in Art."""
    since, until = SPELLS[spell]
    if role == "stranger":
        return []
    student = child if role in ("guardian", "counsellor", "provider") else 0
    course = {ANA: MATHS, BEN: ART}[child] if role in ("owner", "teacher", "stand_in") else 0
    kind = "teacher" if role == "owner" else role
    if role == "provider":
        until = until or DAY + timedelta(days=90)
    return [Relation(1, ME, kind, student, course, since, until, granted_by=RUIZ, agreed_by=LUCIA)]


@pytest.mark.parametrize("spell", SPELLS)
@pytest.mark.parametrize("child", ["own", "other"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", TABLE)
def test_every_cell(action: str, role: str, child: str, spell: str) -> None:
    """G-047: relation × action × own or other child × live, ended, not yet."""
    related = held(role, ANA if child == "own" else BEN, spell)
    asked = may(action, related, [DAY], ANA, [MATHS], owner=role == "owner" and child == "own")
    reaches = child == "own" or role in WHOLE_SCHOOL
    assert asked is (TABLE[action][role] and reaches and spell in ("live", "from today"))


def test_the_table_by_hand_and_the_table_in_use_have_the_same_rows() -> None:
    """G-048: a new action is written down here first."""
    assert set(MAY) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_an_action_without_a_row_is_refused(role: str) -> None:
    """G-048."""
    assert not may("read the diary", [*held(role, ANA, "live"), OFFICE], [DAY], ANA, [MATHS], owner=True)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", TABLE)
def test_a_right_holds_on_every_day_that_is_asked_of(action: str, role: str) -> None:
    """G-027: yesterday's card pressed today asks of both days; a link that ended in between does nothing any more."""
    related = held(role, ANA, "ended")
    days = [DAY - timedelta(days=1), DAY]
    assert may(action, related, days[:1], ANA, [MATHS], owner=role == "owner") is TABLE[action][role]
    assert not may(action, related, days, ANA, [MATHS], owner=role == "owner")


@pytest.mark.parametrize("missing", ["granted_by", "agreed_by", "until"])
def test_a_provider_needs_two_yeses_and_an_end(missing: str) -> None:
    """G-043."""
    whole = {"granted_by": RUIZ, "agreed_by": LUCIA, "until": DAY + timedelta(days=90)}
    given = {**whole, missing: None if missing == "until" else 0}
    assert may("see week", [Relation(1, ME, "provider", ANA, **whole)], [DAY], ANA)  # type: ignore[arg-type]
    assert not may("see week", [Relation(1, ME, "provider", ANA, **given)], [DAY], ANA)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", WHOLE_SCHOOL)
def test_a_coordinator_of_one_class_is_none_of_the_school(role: str) -> None:
    """Only a relation to no child and no class reaches everybody."""
    assert not may("change calendar", [Relation(1, ME, role, course=MATHS)], [DAY], ANA, [ART])
    assert not may("change calendar", [Relation(1, ME, role, student=BEN)], [DAY], ANA, [MATHS])


def test_a_role_that_nobody_has_heard_of_may_nothing() -> None:
    """G-048: a misspelt role in the database is no role."""
    for action in MAY:
        assert not may(action, [Relation(1, ME, "Teacher", ANA, MATHS)], [DAY], ANA, [MATHS], owner=True)


# --- reflection -------------------------------------------------------------------------------------------------------

# Where the action is worked out rather than written: what it can be.
WORKED_OUT: dict[tuple[str, str], set[str]] = {
    ("bot/bundle.py", "action"): set(),  # hands on what it was asked
    ("bot/board.py", "action"): {"see class line", "see evening"},
    ("bot/desk.py", "action"): {*desk.ACTIONS.values(), "confirm done"},
    ("bot/cards/links.py", "action"): {"end guardian's link", "end provider's link"},
    ("bot/cards/people.py", "_right(claim, b, today)"): {
        "grant provider for school", "end guardian's link", "confirm claim",
    },
}  # fmt: skip


def asked() -> Iterator[tuple[str, ast.expr]]:
    """(file, action) of every call of `may` in the core and the store."""
    for file in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            where = str(file.relative_to(ROOT))
            if isinstance(node.func, ast.Name) and node.func.id == "may":
                yield where, node.args[0]
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "may":
                yield where, node.args[1]


def written() -> set[str]:
    return {action.value for _, action in asked() if isinstance(action, ast.Constant)}  # type: ignore[misc]


def test_every_action_that_is_asked_has_a_row() -> None:
    """G-048: by reflection over bot/ and storage/."""
    assert written() <= set(MAY)
    assert set().union(*WORKED_OUT.values()) <= set(MAY)


def test_every_action_that_is_worked_out_is_known_here() -> None:
    """G-048: a call whose action is no plain string has its possible values listed above."""
    found = {(where, ast.unparse(action)) for where, action in asked() if not isinstance(action, ast.Constant)}
    assert found == set(WORKED_OUT)


@pytest.mark.parametrize("action", MAY)
def test_every_row_is_asked_somewhere(action: str) -> None:
    """G-048: a row that nobody asks protects nothing."""
    assert action in written() | set().union(*WORKED_OUT.values())
