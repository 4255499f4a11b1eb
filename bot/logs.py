"""What the program writes about itself: to standard error, one line a happening, never a token."""

import logging
import re
import sys

# Telegram tokens (also inside URLs), Slack's tokens, and anything that looks like a bearer of either.
SECRET = re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}|\bxox[a-z]-[A-Za-z0-9-]+|\bxapp-[A-Za-z0-9-]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
QUIET = {
    "httpx": logging.WARNING,  # its INFO lines hold the token
    "httpcore": logging.WARNING,
    "slack_sdk": logging.INFO,  # its DEBUG lines hold bodies
    "apscheduler": logging.ERROR,
    "alembic": logging.WARNING,
    "uvicorn": logging.WARNING,
}


class PlainLine(logging.Formatter):
    """A line that names no token and breaks no terminal, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return CONTROLS.sub("�", SECRET.sub("[secret]", super().format(record)))


def start(level: int = logging.INFO) -> None:
    """All loggers speak through one handler; the ones that would print tokens or bodies are turned down."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(max(level, lowest))
