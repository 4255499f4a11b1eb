"""The benchmarks run, on a school of a few, and say what the README says of them: figures beside their floors."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.bench import card_floor, delivery, edits, floors, open_day, peer
from tests.bench.__main__ import main
from tests.bench.figures import Figure
from tests.bench.scratch import New, databases

FEW = 20


@pytest.fixture
def new(tmp_path: Path) -> Iterator[New]:
    with databases(f"sqlite:///{tmp_path}/any.db") as found:
        yield found


def test_delivery_tells_every_figure_with_its_floor_and_target() -> None:
    told = io.StringIO()
    with redirect_stdout(told):
        assert main(["delivery", "--size", str(FEW), "--json"]) == 0
    about = json.loads(told.getvalue())
    figures = {figure["name"]: figure for figure in about["figures"]}
    assert (about["bench"], about["size"], about["database"]) == ("delivery", FEW, "sqlite")
    whole = figures["cards a second, board and rendering"]
    assert whole["target"] == 3_000 and len(whole["runs"]) == len(whole["floor"]["runs"]) == 3
    assert figures["engine without content, share of its floor"]["target"] == 0.25
    assert figures["longest block of the event loop"]["target"] == 100
    assert figures[f"growth of a fan-out from 2 to {FEW}"]["target"] == 1.05
    assert any(name.startswith("reading 100 due cards, 2,000 over 20") for name in figures)


async def test_without_content_every_card_is_sent_and_noted(new: New) -> None:
    fanned = await delivery.without_content(new(), FEW)
    assert fanned.cards == FEW


async def test_floor_and_engine_leave_the_same_cards_behind(new: New) -> None:
    """Otherwise the floor would be that of other work."""
    by_floor, by_engine = new(), new()
    card_floor.delivered(by_floor, FEW, 7)
    await delivery.without_content(by_engine, FEW)
    query = "select count(*), sum(attempts), sum(prio) from card where ref <> '' and booked_at is null and wake_at > ?"
    left = [floors.Raw(url).do(query, ("2026-09-15 22:00",)) for url in (by_floor, by_engine)]
    assert left[0] == left[1] == [(FEW, 0, 2 * FEW)]


async def test_the_peer_does_its_jobs(server: str) -> None:
    with databases(server) as new:
        assert await peer.fanned_out(new(), FEW) > 0


async def test_cards_that_wait_are_not_read(new: New) -> None:
    assert [figure.unit for figure in delivery.waiting(new, FEW)] == ["ms", "ms", "times"]  # it counts what it finds


async def test_presses_are_seen_while_cards_go_out(new: New) -> None:
    names = {figure.name: figure for figure in await edits.measure(new, FEW)}
    promised = [figure for name, figure in names.items() if name.endswith("cards go out, p95")]
    assert [figure.target for figure in promised] == [1_000, 1_000]
    assert all(figure.value < edits.PATIENCE * 1000 for figure in names.values())


def test_an_opened_day_tells_its_rows_and_its_memory(new: New) -> None:
    seconds, rows = open_day.opening(new(), FEW)
    assert seconds > 0 and rows > FEW
    assert open_day.peak_of(new(), FEW) > 10


def test_slope_is_one_where_every_card_costs_the_same() -> None:
    def fan(cards: int, seconds: float) -> delivery.Fanned:
        return delivery.Fanned(cards, seconds, 0, 0, 0)

    assert delivery.slope([fan(10, 1), fan(100, 10), fan(1000, 100)]) == pytest.approx(1)
    assert delivery.slope([fan(10, 1), fan(100, 100)]) == pytest.approx(2)


def test_a_missed_target_is_told_like_a_reached_one() -> None:
    line = Figure("cards", "/s", [1, 2, 3], 5, True, "raw", [10]).line()
    assert "cards: 2 /s (1 · 2 · 3)" in line and "target ≥ 5 ✗" in line and "floor 10 (raw), 5 × apart" in line
