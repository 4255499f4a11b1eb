"""The web server under the program: a socket taken early, and uvicorn without its own signals."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything else starts, so that a busy port is told at once (OSError)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = socket.socket(family, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind((host, port))
    place.listen(512)
    return place


class Server(uvicorn.Server):
    """uvicorn without its own signals: the program drains before it ends."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=1,
                limit_concurrency=1000,
                timeout_keep_alive=10,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
