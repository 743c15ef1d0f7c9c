"""What one process did since it began, in plain numbers: cheap to count, read now and then."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Histogram:
    """How often what was observed fell under each bound; one thread observes, any may look."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """Begin with nothing; `bounds` ascend, and what is above all of them is kept too."""
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        """The sum of what was observed."""

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def under(self) -> tuple[int, ...]:
        """Return how many were at most each bound, and last how many there were."""
        return tuple(accumulate(self._counts))


class Tally:
    """How often each of a few things happened; any thread may count."""

    def __init__(self, *names: str) -> None:
        """Begin at zero with each name."""
        self._counts = dict.fromkeys(names, 0)
        self._lock = Lock()

    def add(self, name: str) -> None:
        """Count one more; raise KeyError for what has no name here."""
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        """Return name to count."""
        with self._lock:
            return dict(self._counts)


def _seconds() -> Histogram:
    return Histogram(SECONDS)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a process."""

    turns: Histogram = field(default_factory=_seconds)
    """Seconds from a turn that was read to its answer, on disk."""
    batches: Histogram = field(default_factory=lambda: Histogram(COMMANDS))
    """Commands that shared a commit."""
    commits: Histogram = field(default_factory=_seconds)
    """Seconds that a batch took, its commit among them."""
    stories: Tally = field(
        default_factory=lambda: Tally("written", "failed", "paused", "not_asked")
    )
    """How orders of stories ended: `paused` is tried again, `not_asked` had a reason not to."""
    ratings: Tally = field(default_factory=lambda: Tally("useful", "not_useful"))

    def batch(self, commands: int, seconds: float) -> None:
        """Count a batch that was committed; on the writer's thread."""
        self.batches.observe(commands)
        self.commits.observe(seconds)

    def rated(self, *, useful: bool) -> None:
        """Count a rating that was stored."""
        self.ratings.add("useful" if useful else "not_useful")
