"""The running program: store, desk, hands, lanes, clock and web server put together, started, watched and drained."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from adapters.web.app import application
from bot import claims
from bot.clock import PracticeClock, RealClock, heart
from bot.composition import LaneName, Platform, plain, platforms, read_calendar, taking
from bot.config import Settings
from bot.desk import PATIENCE, Desk
from bot.hands import Hands, LaneHand
from bot.lanes import LIMITS, Pace
from bot.outlet import NOT_YET, Outlet
from bot.ports import Account, ChatFailure, StoreAway
from bot.schooldays import local_day
from bot.server import Server
from storage.notices import listen as listen_for_others
from storage.office import link, seal, sealed_otherwise, unlinked
from storage.store import Store

if TYPE_CHECKING:
    from bot.workspaces import Workspaces

AWAY = 2.0  # seconds between two looks of the hands at a database that is away
STILL = 60.0  # seconds after which hands that have not come round are a trouble; they look every 20 at least
DRAIN = 8.0  # seconds that what is under way may take at the end
FIRST_CONNECT = 10.0  # machine seconds a practice clock waits for the lanes before it starts to run
CLOCK_SET = "this machine's clock was set by more than an hour; it is believed when it has been steady for ten minutes"
OTHER_KEY = (
    "TWOTICKS_SECRET_KEY is not the key that codes were made with, so they do not work. "
    "Give the old one as TWOTICKS_SECRET_KEY_PREVIOUS for 14 days."
)
log = logging.getLogger(__name__)


def settle_memory() -> None:
    """What is loaded by now stays; the collector looks seldom at the many small rows of a batch (a fifth faster)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


class Program:
    """One process. `serve` returns when it has been told to stop and everything under way has ended."""

    def __init__(
        self, settings: Settings, store: Store, clock: RealClock | PracticeClock, place: socket.socket
    ) -> None:
        self.settings = settings
        self.socket = place
        self.store = store
        self.clock = clock
        threads = 1 if settings.database.url.startswith("sqlite") else 4
        self.threads = ThreadPoolExecutor(threads, "store")
        self.troubles: dict[str, str] = {}  # of everything but lanes: part → what is wrong
        self.hands = Hands(store, clock, self.blocking, [], store.me)
        self.outlets = [self._outlet(name, chat) for name, chat in platforms(settings).items()]
        self.workspaces = self._workspaces()
        self.living: list[asyncio.Task[None]] = []
        keys = (plain(settings.secret_key), plain(settings.secret_key_previous))
        self.desk = Desk(store, clock, self.promptly, keys[0], self.hands.heard, keys[1])
        self.looked_for: set[str] = set()  # e-mail addresses Slack does not know, until the next housekeeping
        self.heart = heart(clock.rate, self.beat, self.keep)
        self.stop = asyncio.Event()

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        """Runs a store call on the store's own thread: on SQLite one, which takes the turns in order."""
        return await self._done(call, self.threads.submit(call, *args))

    async def _done(self, call: Callable[..., Any], working: Future[Any]) -> Any:
        try:
            done = await asyncio.wrap_future(working)
        except StoreAway as away:
            self._away(str(away))
            raise
        if call in (self.store.hear, self.store.heard) and "database" in self.troubles:  # a full disk can be read
            del self.troubles["database"]
            log.info("The database is back")
        return done

    def _away(self, why: str) -> None:
        if "database" not in self.troubles:
            log.error("Nothing can be stored now: %s. What people say waits at their platform", why)
        self.troubles["database"] = why

    async def promptly(self, call: Callable[..., Any], *args: Any) -> Any:
        """The same for what a platform waits for: it is told in time that nothing is stored yet, and sends again.

        What has not begun by then is not stored. What has begun may be: sent again it is known by its source, and the
        hands look by themselves.
        """
        working = self.threads.submit(call, *args)
        running = asyncio.ensure_future(self._done(call, working))
        done, _ = await asyncio.wait([running], timeout=PATIENCE)
        if done:
            return running.result()
        self._away(f"no answer within {PATIENCE} seconds")
        if not working.cancel():
            running.add_done_callback(self._late)
        raise StoreAway(self.troubles["database"])

    def _late(self, ended: asyncio.Future[Any]) -> None:
        if ended.cancelled() or ended.exception() is None:
            self.hands.knock()

    def _workspaces(self) -> "Workspaces | None":
        """Slack's workspaces, where the configuration wants several of them."""
        if self.settings.slack is None or not self.settings.slack.client_id:
            return None
        from bot.workspaces import Workspaces

        found = Workspaces(self.settings, self.store, self.clock, self.blocking)
        found.news = self._follow
        return found

    async def _follow(self) -> None:
        """Takes up what was installed since, here or by another process, and renews the tokens of our lanes."""
        if self.workspaces is None:
            return
        known = {outlet.name: outlet for outlet in self.outlets}
        for name in await self.workspaces.follow():
            if name in known:
                known[name].anew()
            else:
                known[name] = self._outlet(name, self.workspaces.chats[name])
                self.outlets.append(known[name])
                self._live(known[name])
        machine = self.clock.machine()
        for name in await self.workspaces.renew(lambda name: known[name].hand.holds(machine)):
            known[name].anew()

    def _live(self, outlet: Outlet) -> None:
        self.living.append(asyncio.create_task(outlet.live(self.desk), name=str(outlet.name)))

    def _outlet(self, name: LaneName, chat: Platform) -> Outlet:
        lane = self.store.lane(*name)
        chat.lane = lane.id
        hand = LaneHand(lane, chat, Pace(LIMITS[name.platform]), down=NOT_YET)
        self.hands.lanes[lane.id] = hand
        return Outlet(name, chat, hand, self.store, self.clock, self.blocking, self.hands.knock)

    def _sealing(self, turn: Any) -> None:
        """Codes given out under another key would never work: that is told, and the seal stays as it was."""
        keys = (plain(self.settings.secret_key), plain(self.settings.secret_key_previous))
        if all(sealed_otherwise(turn, key) for key in keys if key):
            self.troubles["secret key"] = OTHER_KEY
            log.error("%s: %s", turn.school.id, OTHER_KEY)
        else:
            seal(turn, keys[0])

    def app(self) -> Starlette:
        routes: list[BaseRoute] = []
        for outlet in self.outlets:
            routes += getattr(outlet.chat, "routes", [])
        if self.workspaces is not None:
            routes += self.workspaces.routes
        return application(ready=self.ready, routes=routes)

    def ready(self) -> dict[str, str]:
        """What is not well, by part; empty when all is."""
        lanes = {str(outlet.name): outlet.hand.down for outlet in self.outlets if outlet.hand.down}
        doubted = {"clock": CLOCK_SET} if isinstance(self.clock, RealClock) and self.clock.doubted else {}
        return {**lanes, **doubted, **self._stands(), **self.troubles}

    def _stands(self) -> dict[str, str]:
        """Otherwise nothing would show that nothing is sent (G-148)."""
        still = self.clock.machine() - self.hands.looked
        return {"sending": f"nothing has been looked at for {still:.0f} seconds"} if still > STILL else {}

    # --- the clock's beats ---

    async def beat(self) -> None:
        """Opens and closes days, links new teachers, and lets the hands look."""
        for why in self._stands().values():
            log.error("No card goes out: %s. Restart this program, and tell its makers what it logged before", why)
        await self.blocking(self.store.open_days, self.clock.now())
        await self.blocking(self.store.close_days, self.clock.now())
        await self._follow()
        await self._link_teachers()
        self.hands.knock()

    async def keep(self) -> None:
        """Hourly housekeeping, and a look at the schools' calendars."""
        self.looked_for.clear()
        await self._read_calendars()
        await self.blocking(self.store.forget, self.clock.now())

    async def _read_calendars(self) -> None:
        """A changed calendar is taken or offered; one that cannot be read leaves the last good one in force."""
        for one in [one for one in self.settings.schools if one.calendar]:
            now, zone = self.clock.now(), ZoneInfo(one.timezone)
            try:
                read = await asyncio.to_thread(read_calendar, one.calendar, zone, local_day(now, zone))
            except Exception as error:
                self.troubles[f"calendar of {one.id}"] = str(error)
                log.warning("the calendar of %s stays as it was: %s", one.id, error)
                continue
            self.troubles.pop(f"calendar of {one.id}", None)
            done = await self.blocking(self.store.turn, one.id, now, partial(taking, read))
            if done != "same":
                log.info("the calendar of %s has changed and is %s", one.id, done)

    async def _link_teachers(self) -> None:
        """Teachers whom Slack knows by the roster's e-mail address need no code."""
        for one in self.settings.schools:
            outlet = self._workspace(one.slack_team)
            if outlet is None:
                continue
            waiting = await self.blocking(self.store.turn, one.id, self.clock.now(), unlinked)
            for person, email in waiting:
                if email not in self.looked_for:
                    await self._link(outlet.chat, one.id, person, email)

    def _workspace(self, team: str) -> Outlet | None:
        """The Slack workspace whose members a school's teachers are, if this process works it."""
        machine = self.clock.machine()
        ours = [o for o in self.outlets if o.name.platform == "slack" and o.hand.holds(machine)]
        return next((o for o in ours if o.name.name in ("", team)), None)

    async def _link(self, slack: Platform, school_id: str, person: int, email: str) -> None:
        self.looked_for.add(email)
        try:
            user = await cast(Any, slack).find(email)
        except ChatFailure as failure:
            log.warning("Slack could not be asked for a teacher's address: %s", failure)
            self.looked_for.discard(email)
            return
        if user is not None:
            account = Account(slack.lane, user)
            await self.blocking(
                self.store.turn,
                school_id,
                self.clock.now(),
                lambda turn: claims.welcome(turn, link(turn, person, account)),
            )

    # --- a life ---

    async def serve(self) -> int:
        settle_memory()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self.stop.set)
        server = Server(self.app())
        tasks = [asyncio.create_task(server.serve([self.socket]), name="web")]
        for outlet in self.outlets:
            self._live(outlet)
        await self._follow()
        await self._first_connect([outlet.connected for outlet in self.outlets])
        for one in list(self.store.schools):
            await self.blocking(self.store.turn, one, self.clock.now(), self._sealing)
        await self._read_calendars()
        await self.blocking(self.store.look_again, self.clock.now())
        self.heart.start()
        log.info("Twoticks is running; Ctrl+C ends it")
        tasks.append(asyncio.create_task(self._forever(self.hands.run, "hands"), name="hands"))
        hears_others = partial(listen_for_others, self.store.engine, self.store.me, self.hands.heard)
        if self.store.engine.dialect.name == "postgresql":
            tasks.append(asyncio.create_task(self._forever(hears_others, "other processes"), name="other processes"))
        ended = [asyncio.ensure_future(self.stop.wait()), *tasks, *self.living]
        await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        tasks += self.living
        await self._end(server, tasks)
        return self._verdict(tasks)

    def _verdict(self, tasks: list[asyncio.Task[None]]) -> int:
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error
        return 0

    async def _first_connect(self, connected: list[asyncio.Event]) -> None:
        """A practice clock starts to run when its lanes are there, so that no practice minute is lost to connecting."""
        waits = [asyncio.ensure_future(event.wait()) for event in connected]
        stop = asyncio.ensure_future(self.stop.wait())
        if isinstance(self.clock, PracticeClock) and waits:
            every = asyncio.ensure_future(asyncio.wait(waits))
            await asyncio.wait([every, stop], timeout=FIRST_CONNECT, return_when=asyncio.FIRST_COMPLETED)
            every.cancel()
            self.clock.began = self.clock.machine()
        for future in (*waits, stop):
            future.cancel()

    async def _forever(self, run: Callable[[], Awaitable[None]], name: str) -> None:
        """A task that dies is started again; readyz is red meanwhile."""
        while True:
            try:
                await run()
            except StoreAway as away:
                log.warning("%s wait for the database: %s", name, away)
                await asyncio.sleep(AWAY)
            except Exception as error:
                self.troubles[name] = type(error).__name__
                log.exception("%s stopped and start again", name)
                await asyncio.sleep(1)
                self.troubles.pop(name, None)

    async def _end(self, server: Server, tasks: list[asyncio.Task[None]]) -> None:
        if self.heart.running:
            self.heart.shutdown(wait=False)
        for task in tasks[1:]:
            task.cancel()
        server.should_exit = True
        await asyncio.wait(tasks, timeout=3)
        with contextlib.suppress(Exception):
            await self.hands.drain(DRAIN)
        for outlet in self.outlets:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(outlet.chat.close(), 2)
        self.threads.shutdown(wait=True)
        self.store.close()
