"""Every case of CASES part B is named by a test: an id that nobody tests any more, or not yet, is red here."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PART_B = tuple(f"G-{number:03}" for number in range(20, 49))  # identity, buttons, invitations, roles
DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
ID = re.compile(r"G-\d{3}")


def named() -> set[str]:
    """The case ids in the docstrings of all tests."""
    found: set[str] = set()
    for file in TESTS.rglob("test_*.py"):
        if file.name != Path(__file__).name:
            found.update(*(ID.findall(docstring) for docstring in DOCSTRING.findall(file.read_text())))
    return found


@pytest.mark.parametrize("case", PART_B)
def test_a_case_is_named_by_a_test(case: str) -> None:
    assert case in named()
