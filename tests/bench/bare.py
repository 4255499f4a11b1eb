"""The peer of `taps`: a bare slack-bolt handler on the same server that makes one raw durable insert. URL, port."""

import asyncio
import logging
import sys

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.app import application
from bot.server import Server, listen
from tests.bench.floors import Raw
from tests.bench.processes import SECRET


def bolt(raw: Raw) -> AsyncApp:
    """process_before_response, no middleware of our own, an `authorize` that asks nobody."""
    me = AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_id="BBOT")

    async def authorize() -> AuthorizeResult:
        return me

    async def pressed(ack: AsyncAck, body: dict[str, object]) -> None:
        raw.do("insert into press (said) values (?)", (str(body["actions"]),))
        await ack()

    app = AsyncApp(signing_secret=SECRET, process_before_response=True, authorize=authorize)
    app.action("a0")(pressed)
    return app


async def serve(url: str, port: int) -> None:
    raw = Raw(url)
    raw.do(
        "create table press (id integer primary key generated always as identity, said text not null)"
        if not raw.is_sqlite
        else "create table press (id integer primary key, said text not null)"
    )
    handler = AsyncSlackRequestHandler(bolt(raw))

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    routes = [Route("/slack/events", events, methods=["POST"])]
    await Server(application(ready=dict, routes=routes)).serve([listen("127.0.0.1", port)])


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
