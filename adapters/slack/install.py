"""Several Slack workspaces: a coordinator opens /slack/install, says yes at Slack, and is brought back here."""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.slack.app import ask, hang_up, web_client
from adapters.slack.arrivals import maybe
from adapters.slack.manifest import SCOPES
from bot.ports import ChatFailure, LaneDown

GOOD_FOR = 600  # seconds between opening the page here and coming back from Slack
COOKIE = "twoticks_slack_install"
AGAIN = "Open the page /slack/install again to try once more."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack gives for a workspace. `expires`: Unix seconds at which a rotating token ends, 0 for never."""

    team: str
    name: str
    token: str
    refresh: str = ""
    expires: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A school that may install the app; `team` is the only workspace it may be, "" for any."""

    name: str
    team: str = ""


class Refused(Exception):
    """Why nothing was installed, in words for whoever sits there."""


class Installer:
    """The two pages. `once` says whether a word is new, across processes; `installed` stores what Slack gave."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        api_base_url: str,
        public_url: str,
        schools: Mapping[str, Wanted],
        key: str,
        once: Callable[[str], Awaitable[bool]],
        installed: Callable[[str, Installation], Awaitable[None]],
    ) -> None:
        self._id, self._secret, self._base = client_id, client_secret, api_base_url
        self._back = f"{public_url}/slack/oauth_redirect"
        self._secure = public_url.startswith("https://")
        self._schools, self._key, self._once, self._installed = schools, key.encode(), once, installed

    @property
    def routes(self) -> list[Route]:
        return [Route("/slack/install", self._start), Route("/slack/oauth_redirect", self._end)]

    async def _start(self, request: Request) -> Response:
        """Sends the browser to Slack, with a word that only this browser can bring back, once and soon."""
        school = request.query_params.get("school", "")
        if school not in self._schools:
            return _page("No such school", "The address names no school of this server: …/slack/install?school=ID", 404)
        browser, state = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        state = f"{school}.{int(time.time()) + GOOD_FOR}.{state}"
        asked = {
            "client_id": self._id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self._back,
            "state": f"{state}.{self._mac(state, browser)}",
        }
        there = RedirectResponse(f"{self._authorize}?{urlencode(asked)}", 302)
        there.set_cookie(COOKIE, browser, max_age=GOOD_FOR, httponly=True, samesite="lax", secure=self._secure)
        return there

    @property
    def _authorize(self) -> str:
        """Slack's own page, or the one of a copy of Slack on this machine."""
        at = urlsplit(self._base)
        return f"{at.scheme}://{at.netloc}/oauth/v2/authorize"

    async def _end(self, request: Request) -> Response:
        try:
            school = await self._school_of(request)
            given = await self._exchange(request.query_params.get("code", ""))
            self._fits(school, given)
            await self._installed(school, given)
        except Refused as why:
            log.warning("a Slack workspace was not installed: %s", why)
            return _page("Not installed", f"{why} {AGAIN}", 400)
        except ChatFailure as trouble:
            log.warning("a Slack workspace was not installed: %s", trouble)
            return _page("Not installed", f"Slack did not give a token ({trouble}). {AGAIN}", 502)
        name = self._schools[school].name
        return _page("Installed", f"{given.name or given.team} now belongs to {name}. You can close this page.")

    async def _school_of(self, request: Request) -> str:
        """The school for which this browser came, if the word it brings back is ours, fresh and new."""
        state, _, mac = request.query_params.get("state", "").rpartition(".")
        browser = request.cookies.get(COOKIE, "")
        if not hmac.compare_digest(self._mac(state, browser).encode(), mac.encode()):
            raise Refused("This page was not opened from here, or from another browser.")
        school, until, _ = state.split(".")
        if int(until) < time.time() or not await self._once(f"slack-install:{mac}"):
            raise Refused("The page was open for too long, or was used before.")
        if request.query_params.get("error"):
            raise Refused("Slack was told no.")
        return school

    def _mac(self, state: str, browser: str) -> str:
        return hmac.new(self._key, f"slack install:{browser}:{state}".encode(), hashlib.sha256).hexdigest()

    def _fits(self, school: str, given: Installation) -> None:
        wanted = self._schools[school].team
        if wanted and given.team != wanted:
            raise Refused(f"The configuration gives this school the workspace {wanted}, and this one is {given.team}.")

    async def _exchange(self, code: str) -> Installation:
        if not code:
            raise Refused("Slack brought no code.")
        return await _given(self._base, self._id, self._secret, code=code, redirect_uri=self._back)


async def rotated(api_base_url: str, client_id: str, client_secret: str, old: Installation) -> Installation:
    """A new token for the one that ends soon. A refresh token works once: LaneDown when it was used already."""
    try:
        return await _given(
            api_base_url, client_id, client_secret, grant_type="refresh_token", refresh_token=old.refresh
        )
    except LaneDown as gone:
        raise LaneDown(
            f"{gone}: this workspace's token has run out. Open /slack/install for its school again"
        ) from gone


async def _given(api_base_url: str, client_id: str, client_secret: str, **what: str) -> Installation:
    web = web_client("", api_base_url)
    try:
        data = await ask(web.oauth_v2_access, client_id=client_id, client_secret=client_secret, **what)
    finally:
        await hang_up(web)
    return _installation(data)


def _installation(data: Mapping[str, Any]) -> Installation:
    team, token, lasts = maybe(data, "team", "id"), maybe(data, "access_token"), data.get("expires_in")
    if not (team and token):
        raise Refused("Slack gave no token for a workspace.")
    ends = time.time() + lasts if isinstance(lasts, int) else 0.0
    return Installation(team, maybe(data, "team", "name"), token, maybe(data, "refresh_token"), ends)


def _page(title: str, sentence: str, status: int = 200) -> HTMLResponse:
    body = f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
    look = "font: 18px/1.5 system-ui, sans-serif; max-width: 34em; margin: 4em auto; padding: 0 1em"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    text = f'<!doctype html><html lang="en"><head>{head}<title>{escape(title)}</title></head><body style="{look}">'
    return HTMLResponse(f"{text}{body}</body></html>", status, {"Cache-Control": "no-store"})
