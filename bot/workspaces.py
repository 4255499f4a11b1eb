"""Every Slack workspace that has installed the app: its token kept sealed, known to each process, renewed in time."""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from starlette.routing import BaseRoute

from adapters.slack.app import SlackApp
from adapters.slack.chat import SlackChat
from adapters.slack.install import Installation, Installer, Wanted, rotated
from bot import words
from bot.composition import LaneName, plain
from bot.config import Settings
from bot.ports import ChatFailure, Clock, LaneDown, StoreAway
from bot.sealing import WrongKey, seal, unseal
from storage.store import Store

RENEW_BEFORE = 2 * 3600.0  # seconds before a token ends; Slack's last for twelve hours
log = logging.getLogger(__name__)


class Workspaces:
    """`chats`: the workspaces this process knows, by lane name. Only a lane's owner renews its token."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, blocking: Callable[..., Awaitable[Any]]) -> None:
        assert settings.slack is not None, "only where Slack is configured"
        slack, self._store, self._clock, self._blocking = settings.slack, store, clock, blocking
        self._client = (slack.client_id or "", plain(slack.client_secret))
        self._base = slack.api_base_url
        self._keys = [plain(settings.secret_key), plain(settings.secret_key_previous)]
        reply = words.say(settings.schools[0].language, "slash-reply")
        self._app = SlackApp(plain(slack.app_token), plain(slack.signing_secret), slack.mode, self._base, reply)
        schools = {one.id: Wanted(one.name, one.slack_team) for one in settings.schools}
        self._installer = Installer(
            *self._client,
            api_base_url=self._base,
            public_url=settings.web.public_url,
            schools=schools,
            key=self._keys[0],
            once=self._once,
            installed=self._installed,
        )
        self._known: dict[LaneName, Installation] = {}
        self._unkept: dict[LaneName, Installation] = {}  # renewed, and not stored yet
        self._spent: set[str] = set()  # refresh tokens that Slack takes no more
        self.chats: dict[LaneName, SlackChat] = {}
        self.news: Callable[[], Awaitable[None]] | None = None  # what to do when a workspace was installed here

    @property
    def routes(self) -> list[BaseRoute]:
        return [*self._app.routes, *self._installer.routes]

    async def follow(self) -> set[LaneName]:
        """Reads what is installed, into `chats`; the workspaces that are new, or have another token, are returned."""
        await self._keep_fresh()
        changed: set[LaneName] = set()
        for team, sealed in await self._blocking(self._store.tokens, "slack"):
            name = LaneName("slack", team)
            try:
                found = Installation(**json.loads(unseal(sealed, self._keys, f"slack:{team}")))
            except WrongKey as trouble:
                log.error("%s", trouble)
                continue
            if name not in self.chats:
                self.chats[name] = self._chat(found)
                changed.add(name)
                self._app.inbox.known.add(team)
            elif found.token != self._known[name].token:
                self.chats[name].use(found.token)
                self._app.inbox.known.add(team)
                changed.add(name)
            self._known[name] = found
        return changed

    def _chat(self, given: Installation) -> SlackChat:
        return SlackChat(
            bot_token=given.token,
            app_token="",
            signing_secret="",
            mode=self._app.mode,
            api_base_url=self._base,
            app=self._app,
        )

    async def renew(self, holds: Callable[[LaneName], bool]) -> set[LaneName]:
        """New tokens for those that end soon, also in holidays, when nothing arrives; the lanes that have one now."""
        renewed: set[LaneName] = set()
        for name, known in list(self._known.items()):
            if await self._is_ours_to_renew(known, holds(name)) and (fresh := await self._renewed(name, known)):
                self._known[name] = self._unkept[name] = fresh
                self.chats[name].use(fresh.token)
                renewed.add(name)
                with suppress(StoreAway):  # it is stored before the next look
                    await self._keep_fresh()
        return renewed

    async def _is_ours_to_renew(self, known: Installation, held: bool) -> bool:
        """Nobody can hold a lane whose token has ended: then one process tries, once in five minutes."""
        now = time.time()
        if not known.expires or known.refresh in self._spent or known.expires - now > RENEW_BEFORE:
            return False
        tried = f"slack-renew:{known.team}:{known.expires:.0f}:{now // 300:.0f}"
        return held or (known.expires <= now and await self._once(tried))

    async def _renewed(self, name: LaneName, known: Installation) -> Installation | None:
        """A refresh token works once."""
        try:
            return await rotated(self._base, *self._client, known)
        except LaneDown as gone:
            self._spent.add(known.refresh)
            log.error("%s: %s", name, gone)
        except ChatFailure as trouble:
            log.warning("the token of %s is renewed later: %s", name, trouble)
        return None

    async def _keep_fresh(self) -> None:
        """Stores what was renewed; while the database is away only this process knows it."""
        for name, fresh in list(self._unkept.items()):
            await self._keep(fresh)
            del self._unkept[name]

    async def _once(self, word: str) -> bool:
        return bool(await self._blocking(self._store.once, word, self._clock.now()))

    async def _installed(self, school: str, given: Installation) -> None:
        await self._keep(given)
        self._unkept.pop(LaneName("slack", given.team), None)
        log.info("%s: the Slack workspace %s is installed", school, given.team)
        if self.news is not None:
            await self.news()

    async def _keep(self, given: Installation) -> None:
        sealed = seal(json.dumps(asdict(given)), self._keys[0], f"slack:{given.team}")
        await self._blocking(self._store.keep_token, "slack", given.team, sealed)
