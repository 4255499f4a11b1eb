"""G-148: nothing crashes and nothing is sent. Somebody must be told all the same."""

import logging
from pathlib import Path

import pytest

from bot.clock import machine_time, practice
from bot.config import load
from bot.program import STILL, Program
from bot.server import listen
from tests.bench.processes import TOKENS, configuration
from tests.days import new_store

NOON = "2026-09-15T12:00:00-04:00@1"


async def test_hands_that_stand_still_are_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path / 'twoticks.db'}"
    (tmp_path / "config.toml").write_text(configuration(url, 0, {"telegram": {}}))
    with listen("127.0.0.1", 0) as place:
        running = Program(load(tmp_path / "config.toml", TOKENS), new_store(url), practice(NOON), place)
    try:
        assert "sending" not in running.ready(), "they have not begun yet"
        running.hands.looked = machine_time() - STILL + 5
        assert "sending" not in running.ready()
        running.hands.looked = machine_time() - STILL - 5
        assert running.ready()["sending"] == "nothing has been looked at for 65 seconds"
        with caplog.at_level(logging.ERROR):
            await running.beat()
        assert "No card goes out" in caplog.text
    finally:
        running.threads.shutdown()
        running.store.close()
