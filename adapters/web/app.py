"""The one ASGI application: is the process alive, is everything well, and whatever routes the program adds."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route


def application(*, ready: Callable[[], dict[str, str]], routes: Sequence[BaseRoute] = ()) -> Starlette:
    """`ready` tells which parts are not well and why; an empty dict means that all is well.

    GET /healthz answers 200 at once. GET /readyz answers 200, or 503 with a list of {"part", "reason"}.
    """

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(request: Request) -> Response:
        unwell = [{"part": part, "reason": reason} for part, reason in ready().items()]
        return JSONResponse(unwell, status_code=503) if unwell else JSONResponse({"ready": []})

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), *routes])
