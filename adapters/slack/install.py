"""Installing the Slack app into a school's workspace: from /slack/install over Slack's page to a token, and anew."""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.slack.app import ask, hang_up, web_client
from adapters.slack.arrivals import maybe
from adapters.slack.manifest import SCOPES
from bot.ports import ChatFailure, LaneDown, StoreAway, Unclear

GOOD_FOR = 600  # seconds between opening the page here and coming back from Slack
MOST_QUERY = 2_000  # characters of an address; Slack's codes have about a hundred
BACK = "/slack/oauth_redirect"
COOKIE = "twoticks_slack_install"
OURS = ("invalid_client_id", "bad_client_secret", "bad_redirect_uri", "oauth_authorization_url_mismatch")
SET_UP = (
    "Slack does not know the app by what it was given ({code}): whoever runs this server must look at "
    "TWOTICKS_SLACK__CLIENT_ID, TWOTICKS_SLACK__CLIENT_SECRET and the app's Redirect URLs"
)
SECURE = {  # the address of this page holds a code
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
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
    """Why nothing was installed, in words for whoever sits there. `school`: for which to try again, if that is sure."""

    def __init__(self, why: str, school: str = "", status: int = 400) -> None:
        super().__init__(why)
        self.school, self.status = school, status


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
        now: Callable[[], float] = time.time,
    ) -> None:
        self._id, self._secret, self._base = client_id, client_secret, api_base_url
        self._back = public_url + BACK
        self._schools, self._key, self._once, self._installed = schools, key.encode(), once, installed
        self._now = now

    @property
    def routes(self) -> list[Route]:
        return [Route("/slack/install", _told(self._start)), Route(BACK, _told(self._end))]

    async def _start(self, request: Request) -> Response:
        """Sends the browser to Slack, with a word that only this browser can bring back, once and soon."""
        school = request.query_params.get("school", "")
        if school not in self._schools:
            raise Refused("This address names no school of this server. It should end in ?school=ID.", status=404)
        browser = secrets.token_urlsafe(16)
        state = f"{school}.{int(self._now()) + GOOD_FOR}.{secrets.token_urlsafe(16)}"
        asked = {
            "client_id": self._id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self._back,
            "state": f"{state}.{self._mac(state, browser)}",
        }
        there = RedirectResponse(f"{self._authorize}?{urlencode(asked)}", 302, SECURE)
        path, secure = urlsplit(self._back).path, self._back.startswith("https://")
        there.set_cookie(COOKIE, browser, GOOD_FOR, path=path, httponly=True, samesite="lax", secure=secure)
        return there

    @property
    def _authorize(self) -> str:
        """Slack's own page, or the one of a copy of Slack on this machine."""
        at = urlsplit(self._base)
        return f"{at.scheme}://{at.netloc}/oauth/v2/authorize"

    async def _end(self, request: Request) -> Response:
        """Back from Slack: what it brings is believed only after the word."""
        school = await self._school_of(request)
        given = await self._exchange(school, request)
        self._fits(school, given)
        await self._installed(school, given)
        name = self._schools[school].name
        return _page("Installed", f"{given.name or given.team} now belongs to {name}. You can close this page.")

    async def _school_of(self, request: Request) -> str:
        """The school for which this browser came, if the word it brings back is ours, fresh and new."""
        state, _, mac = request.query_params.get("state", "").rpartition(".")
        browser = request.cookies.get(COOKIE, "")
        if not hmac.compare_digest(self._mac(state, browser).encode(), mac.encode()):
            raise Refused("This page was not opened from here, or from another browser.")
        school, until, _ = state.split(".")
        if int(until) < self._now() or not await self._once(f"slack-install:{mac}"):
            raise Refused("The page was open for too long, or was used before.", school)
        if school not in self._schools:
            raise Refused("That school is no longer on this server.", status=404)
        return school

    def _mac(self, state: str, browser: str) -> str:
        return hmac.new(self._key, f"slack install:{browser}:{state}".encode(), hashlib.sha256).hexdigest()

    async def _exchange(self, school: str, request: Request) -> Installation:
        """The code that Slack brought, for a token of the workspace in which somebody said yes."""
        code = request.query_params.get("code", "")
        if request.query_params.get("error") or not code:
            raise Refused("Somebody said no on Slack's page, so nothing was changed.", school)
        try:
            data = await _asked(self._base, self._id, self._secret, code=code, redirect_uri=self._back)
        except ChatFailure as trouble:
            raise Refused(f"There is no token: {trouble}.", school, 502) from trouble
        if (given := _installation(data)) is None:
            raise Refused("Slack gave a token for no single workspace.", school, 502)
        return given

    def _fits(self, school: str, given: Installation) -> None:
        wanted = self._schools[school].team
        if wanted and given.team != wanted:
            why = f"The configuration gives this school the workspace {wanted}, and this one is {given.team}."
            raise Refused(f"{why} Choose the right one on Slack's page, and remove the app from this one.", school)


async def rotated(api_base_url: str, client_id: str, client_secret: str, old: Installation) -> Installation:
    """The same with a new token, for one that ends soon. Raises LaneDown when `old.refresh` works no more, which it
    does once; Later or Unclear when Slack is not well."""
    data = await _asked(api_base_url, client_id, client_secret, grant_type="refresh_token", refresh_token=old.refresh)
    new = _installation(data)
    if new is None or new.team != old.team:
        raise Unclear("Slack gave no new token for this workspace")
    return replace(new, name=new.name or old.name)


async def _asked(api_base_url: str, client_id: str, client_secret: str, **what: str) -> Mapping[str, Any]:
    """The answer of oauth.v2.access. Raises LaneDown with what a person must do, Later or Unclear."""
    web = web_client("", api_base_url)
    try:
        # In the form, because aiohttp gives up the header that slack-sdk would send.
        app = {"client_id": client_id, "client_secret": client_secret}
        return await ask(web.api_call, api_method="oauth.v2.access", data=app | what)
    except LaneDown as refused:
        code = maybe(getattr(getattr(refused.__cause__, "response", None), "data", None), "error")
        if code in OURS:
            raise LaneDown(SET_UP.format(code=code)) from refused
        if "refresh_token" in what:
            raise LaneDown(f"{refused}: its token is renewed only by opening /slack/install again") from refused
        raise
    finally:
        await hang_up(web)


def _installation(data: Mapping[str, Any]) -> Installation | None:
    """None: an organisation's, or a person's, and no workspace's."""
    team, token, lasts = maybe(data, "team", "id"), maybe(data, "access_token"), data.get("expires_in")
    if not (team and token):
        return None
    ends = time.time() + lasts if isinstance(lasts, int) else 0.0
    return Installation(team, maybe(data, "team", "name"), token, maybe(data, "refresh_token"), ends)


def _told(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The page of a short GET; what goes wrong is told on it, and in the log without what the address holds."""

    async def page(request: Request) -> Response:
        if request.method != "GET" or len(request.url.query) > MOST_QUERY:
            return _page("Not installed", "This is not how Slack or a person asks.", 400)
        try:
            return await answer(request)
        except Refused as why:
            log.warning("no Slack workspace was installed%s: %s", f" for {why.school}" if why.school else "", why)
            return _page("Not installed", str(why), why.status, why.school)
        except StoreAway:
            log.error("a Slack workspace could not be stored: the database does not answer")
            return _page(
                "Not installed", "The database of this server does not answer. Try again in some minutes.", 503
            )

    return page


def _page(title: str, sentence: str, status: int = 200, school: str = "") -> HTMLResponse:
    """`school`: with a link to try again."""
    again = f'<p><a href="install?school={quote(school)}">Try again</a></p>' if school else ""
    body = f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>{again}"
    look = "font: 18px/1.5 system-ui, sans-serif; max-width: 34em; margin: 4em auto; padding: 0 1em"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    text = f'<!doctype html><html lang="en"><head>{head}<title>{escape(title)}</title></head><body style="{look}">'
    return HTMLResponse(f"{text}{body}</body></html>", status, SECURE)
