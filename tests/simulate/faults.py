"""What goes wrong, how often: per call, per tap, per day (CASES, figure 3)."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of calls, of taps or arrivals, and counts a day. All zero: nothing ever goes wrong."""

    later: float = 0.0  # of calls: 429
    unclear: float = 0.0  # of calls: no answer, whether or not it was done
    hang: float = 0.0  # of calls: done, but the answer comes after the time limit
    gone: float = 0.0  # of edits: the person has deleted that message
    blocks: float = 0.0  # of people a day: blocks the bot for some hours or days
    double: float = 0.0  # of taps: tapped twice
    lost: float = 0.0  # of taps: never arrive at us
    repeated: float = 0.0  # of arrivals: told twice
    restarts: float = 0.0  # a day: the program dies at some point of its work and is started again
    outages: float = 0.0  # a day: the program, the database or one platform away for more than ten minutes

    def times(self, factor: float) -> "Faults":
        return Faults(*(getattr(self, one.name) * factor for one in fields(self)))


USUAL = Faults(
    later=0.02, unclear=0.01, hang=0.001, gone=0.001, blocks=0.003, double=0.05, lost=0.005, repeated=0.01,
    restarts=1.0, outages=3 / 180,
)  # fmt: skip
LEVELS = {"none": Faults(), "usual": USUAL, "harsh": USUAL.times(5)}
