"""The pace of a lane: how fast its platform lets one bot speak, per chat and in all, in machine seconds."""

from dataclasses import dataclass, field

from bot.model import AWAITED, QUIET, RINGING

AT_A_TIME = 8  # sends and edits under way on one lane; a pool of 8 beat 64 (PLATFORMS 3.5)
MANY, FEW = 500, 20  # due cards of one priority read in one step: where there is room, and where there is little
LEASE = 24.0  # seconds for which a process holds a lane; a killed one's lanes move on after them
RENEW = 5.0  # seconds after which a lease is renewed, or asked for again
LONGEST_CALL = 15.0  # seconds a send or an edit may take; it starts only while the lease outlasts it
KEPT_FREE = 0.3  # share of every rate kept for what a person is waiting for


@dataclass(slots=True)
class Bucket:
    """Refills with `rate` a second up to `size`."""

    rate: float
    size: float
    level: float = -1.0
    at: float = 0.0

    def take(self, now: float, keep: float = 0.0) -> float:
        """Takes one and returns 0, or returns the seconds until there is one beyond `keep`; `at` may lie ahead."""
        if now < self.at:
            return self.at - now
        level = self.size if self.level < 0 else min(self.size, self.level + (now - self.at) * self.rate)
        self.level, self.at = level, now
        if level >= 1 + keep:
            self.level = level - 1
            return 0.0
        return (1 + keep - level) / self.rate


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows, a second: sends and edits of the whole lane with their bursts, and per chat."""

    sends: float
    sends_burst: float
    edits: float
    edits_burst: float
    chat: float
    chat_burst: float


LIMITS = {
    "slack": Limits(sends=15, sends_burst=30, edits=50 / 60, edits_burst=40, chat=1, chat_burst=4),
    "telegram": Limits(sends=28, sends_burst=28, edits=28, edits_burst=28, chat=1, chat_burst=4),
}
UNLIMITED = Limits(1e9, 1e9, 1e9, 1e9, 1e9, 1e9)


@dataclass(slots=True)
class Pace:
    """The buckets of one lane. Sends and edits share one where the platform counts them together."""

    limits: Limits
    at_a_time: int = AT_A_TIME
    sends: Bucket = field(init=False)
    edits: Bucket = field(init=False)
    chats: dict[int, Bucket] = field(default_factory=dict)
    tight: set[int] = field(default_factory=set)  # priorities that found no room lately
    held: dict[int, float] = field(default_factory=dict)  # priority → until when it is not read; -1: the whole lane

    def __post_init__(self) -> None:
        self.sends = Bucket(self.limits.sends, self.limits.sends_burst)
        together = self.limits.edits == self.limits.sends
        self.edits = self.sends if together else Bucket(self.limits.edits, self.limits.edits_burst)

    def reads(self, now: float, running: int) -> dict[int, int]:
        """Priority → how many due cards to read now: few where the lane had no room the last time, and never many more
        than can be started, for what is read and not started is read again."""
        room = 2 * (self.at_a_time - running)
        many = {p: min(room, FEW if p in self.tight else MANY) for p in (AWAITED, RINGING, QUIET)}
        return {p: limit for p, limit in many.items() if limit > 0 and self.open(p, now)}

    def open(self, prio: int, now: float) -> bool:
        return max(self.held.get(prio, 0.0), self.held.get(-1, 0.0)) <= now

    def free_at(self) -> float:
        """The next machine time at which something that waits may go on; 0 if nothing waits."""
        return min(self.held.values(), default=0.0)

    def wait(self, edit: bool, prio: int, chat: int, now: float, running: int) -> float:
        """0 if it may start now (and is counted), else the seconds to wait; a full lane holds its priority back."""
        if self.held:
            self.held = {key: until for key, until in self.held.items() if until > now}
        if running >= self.at_a_time:
            self.held[prio] = now + 0.02
            return 0.02
        bucket = self.edits if edit else self.sends
        keep = 0.0 if prio == AWAITED else KEPT_FREE * bucket.size
        own = self.chats.setdefault(chat, Bucket(self.limits.chat, self.limits.chat_burst))
        if (wait := own.take(now)) > 0:
            return wait
        if (wait := bucket.take(now, keep)) > 0:
            own.level += 1
            self.held[prio] = now + wait
            self.tight.add(prio)
            return wait
        if bucket.level > bucket.size / 2:
            self.tight.discard(prio)
        return 0.0

    def hold(self, chat: int, until: float, now: float, whole_lane: bool = False, refused: bool = False) -> None:
        """The platform said: not before then. Said of a second chat meanwhile, it is taken for everybody's until the
        first of those times, unless it has `refused` one person."""
        others = [bucket.at for other, bucket in self.chats.items() if other != chat and bucket.at > now]
        if whole_lane or (others and not refused):
            self.held[-1] = max(until if whole_lane else min(until, *others), self.held.get(-1, 0.0))
        if not whole_lane:
            own = self.chats.setdefault(chat, Bucket(self.limits.chat, self.limits.chat_burst))
            own.level, own.at = 1.0, until
