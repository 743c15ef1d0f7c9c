"""Turns recordings into rows of numbers, exactly as a learned score will see them in service."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue
from scipy.sparse import csr_matrix

from handoff.detection import Detector, Policy
from handoff.detection.features import FAST, NUMBERS, SIGNAL, Features, observed
from handoff.detection.learned import first, unpacked
from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView
from handoff.domain.turn import Role
from handoff.evaluation.gold import Case
from handoff.evaluation.labels import Label
from handoff.evaluation.replay import decisions

Floats = NDArray[np.float64]
Seen = tuple[Features, dict[str, float], bool]
"""A turn's features, every number by name, and whether nothing was remembered before it."""
FAINT: Final = 0.001
LEAST_NAMES: Final = 8
"""Conversations an intent, tool or slot must be in to be a number of its own."""


@dataclass(slots=True)
class Recorder:
    """Stands where a learned score would, and keeps what that would see."""

    reads: frozenset[str] = frozenset(Role)
    seen: list[Seen] = field(default_factory=list)

    def observe(
        self,
        memory: Mapping[str, JsonValue],
        view: TurnView,
        levels: Mapping[str, Evidence],
        stuck: float,
    ) -> tuple[dict[str, JsonValue], float]:
        """Keep the features; the score is 0."""
        kept, features = observed(memory, view)
        self.seen.append((features, features.dense(levels, stuck), not memory))
        return kept, 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation to learn from: what was seen on the turns that were judged, and the truth.

    A turn of a person is not judged, and afterwards all starts afresh, as it does in service.
    """

    case: Case
    seen: list[Seen]
    targets: tuple[tuple[int, bool, float], ...]
    """Place in `seen`, truth and weight."""


@dataclass(frozen=True, slots=True)
class Space:
    """Which grams and numbers count: those that enough conversations have."""

    grams: dict[int, int]
    numbers: tuple[str, ...]
    plain: int
    """How many of the numbers, the first, the linear part sees: the names are grams to it."""

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Space":
        """Return what the samples have in common."""
        least = max(4, min(8, len(samples) // 150))
        grams: Counter[int] = Counter()
        names: Counter[str] = Counter()
        for sample in samples:
            grams.update({gram for features, *_ in sample.seen for gram in features.grams})
            names.update({name for _, dense, _ in sample.seen for name in dense})
        kept = sorted(gram for gram, times in grams.items() if times >= least)
        known = sorted(n for n, times in names.items() if times >= LEAST_NAMES and n not in NUMBERS)
        signals = [name for name in known if name.startswith(SIGNAL)]
        banks = [name for name in known if not name.startswith(SIGNAL)]
        numbers = (*NUMBERS, *signals, *banks)
        return cls({gram: at for at, gram in enumerate(kept)}, numbers, len(numbers) - len(banks))


@dataclass(frozen=True, slots=True)
class Rows:
    """The target turns as matrices: grams (now, fast, said), numbers, truth, weight, whose."""

    grams: tuple[csr_matrix, csr_matrix, csr_matrix]
    numbers: Floats
    truth: NDArray[np.int64]
    weight: Floats
    whose: NDArray[np.int64]

    @classmethod
    def of(cls, samples: Sequence[Sample], space: Space) -> "Rows":
        """Return the rows of the samples' targets, in order."""
        banks: tuple[list[dict[int, float]], ...] = ([], [], [])
        numbers: list[list[float]] = []
        for sample in samples:
            places = {place for place, _, _ in sample.targets}
            for place, row in enumerate(_banks(sample.seen, space.grams)):
                if place in places:
                    for bank, values in zip(banks, row, strict=True):
                        bank.append(values)
                    dense = sample.seen[place][1]
                    numbers.append([dense.get(name, 0.0) for name in space.numbers])
        flat = [(n, *target) for n, sample in enumerate(samples) for target in sample.targets]
        return cls(
            tuple(_sparse(bank, len(space.grams)) for bank in banks),  # type: ignore[arg-type] # three of them
            np.array(numbers, dtype=np.float64),
            np.array([truth for _, _, truth, _ in flat], dtype=np.int64),
            np.array([weight for *_, weight in flat], dtype=np.float64),
            np.array([n for n, *_ in flat], dtype=np.int64),
        )


def sampled(cases: Iterable[Case], policy: Policy, label: Label) -> list[Sample]:
    """Return the cases with what a learned score would see under `policy`, and their targets."""
    samples = []
    for case in cases:
        recorder = Recorder()
        places: dict[int, int] = {}
        watched = decisions(Detector(policy, reading=recorder), case.conversation)
        for place, _ in enumerate(watched):
            if len(recorder.seen) > len(places):
                places[place] = len(places)
        told = sorted(label.targets(case), key=lambda target: target.place)
        targets = tuple((places[t.place], t.truth, t.weight) for t in told if t.place in places)
        samples.append(Sample(case, recorder.seen, targets))
    return samples


def _banks(
    seen: Sequence[Seen], known: Mapping[int, int]
) -> Iterable[tuple[dict[int, float], dict[int, float], dict[int, float]]]:
    """Yield what is said now, what is left of it quickly, and what was ever said, turn by turn."""
    fast: dict[int, float] = {}
    said: dict[int, float] = {}
    sketch = unpacked(None)
    for features, _, anew in seen:
        if anew:
            fast, said, sketch = {}, {}, unpacked(None)
        now = {known[gram]: 1.0 for gram in features.grams if gram in known}
        fast = {at: value * FAST for at, value in fast.items() if value * FAST > FAINT}
        for at in now:
            fast[at] = fast.get(at, 0.0) + 1.0
        fresh: dict[int, float] = {}
        for gram in dict.fromkeys(gram for gram in features.grams if gram in known):
            if first(sketch, gram):
                fresh[known[gram]] = 1.0
        said = {**said, **fresh}
        yield now, dict(fast), said


def _sparse(rows: Sequence[Mapping[int, float]], width: int) -> csr_matrix:
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        places += row.keys()
        values += row.values()
        ends.append(len(places))
    return csr_matrix((values, places, ends), shape=(len(rows), width))
