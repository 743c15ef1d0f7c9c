"""A learned score: plain numbers that `handoff learn` wrote into a policy, read turn by turn.

The score is `1 / (1 + e^−x)`. Without trees x is the linear part: a bias, the weights of numbers
(`log1p`, standardised) and of grams: of those said now, of what is left of earlier ones
(`features.FAST`), and of those ever said. With trees x is the bias, the sum of their leaves and a
share of the linear part, which they see as one number among the others. The bias puts the cut with
the best F1, found by cross-validation, at a score of 0.5.
"""

import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final, Protocol

from pydantic import JsonValue

from handoff.detection.document import LearnedModel
from handoff.detection.features import (
    FAST,
    QUICK_BANK,
    SIGNAL,
    SLOW_BANK,
    STUCK,
    Features,
    observed,
)
from handoff.detection.forest import Forest, tree_of
from handoff.detection.state import mapping
from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView

UNIT: Final = 1_000
"""Gram weights are whole numbers of thousandths."""
BITS: Final = 3_072
"""Of the sketch that remembers which grams were said; two in one place count as one."""
LINEAR: Final = "linear"
"""The name under which trees see the linear part."""
MOST: Final = 30.0
BANKS: Final = (QUICK_BANK, SLOW_BANK)
_LARGEST: Final = 1_000_000
"""Thousandths that a gram can weigh."""


class Reading(Protocol):
    """What reads turns into a score, and remembers in plain JSON what it needs for that."""

    reads: frozenset[str]

    def observe(
        self,
        memory: Mapping[str, JsonValue],
        view: TurnView,
        levels: Mapping[str, Evidence],
        stuck: float,
    ) -> tuple[dict[str, JsonValue], float]:
        """Return what to remember after a turn, and the score."""


class Learned:
    """One model, compiled. Its memory is small plain JSON; a score costs some tens of µs."""

    def __init__(self, model: LearnedModel) -> None:
        """Read the numbers; raise ValueError where they are not of the form."""
        self.reads: frozenset[str] = frozenset(model.reads)
        if any(scale <= 0 for _, scale, _ in model.numbers.values()):
            raise ValueError("the scale of a number is not above 0")
        self._slopes = [
            (name, weight / scale) for name, (_, scale, weight) in model.numbers.items()
        ]
        means = (weight * mean / scale for mean, scale, weight in model.numbers.values())
        self._intercept = model.intercept - math.fsum(means)
        self._bias = model.bias
        self._share = model.linear_share
        self._grams = dict(map(_gram, model.grams.split()))
        names = model.tree_numbers
        trees = [tree_of(line.split(), len(names)) for line in model.trees]
        self._forest = Forest(trees, len(names)) if trees else None
        self._banks = [
            (place, name[:-1], name[-1] == QUICK_BANK)
            for place, name in enumerate(names)
            if name[-1:] in BANKS
        ]
        self._names = names

    def observe(
        self,
        memory: Mapping[str, JsonValue],
        view: TurnView,
        levels: Mapping[str, Evidence],
        stuck: float,
    ) -> tuple[dict[str, JsonValue], float]:
        """Return what to remember after a turn, and the score, that of before on unread turns."""
        kept, features = observed(mapping(memory.get("f")), view)
        fast, said = _pair(memory.get("a"))
        sketch = memory.get("s")
        grams = self._grams
        known = {gram: grams[gram] for gram in features.grams if gram in grams}
        fast *= FAST
        now = 0
        if known:
            places = unpacked(sketch)
            for gram, (at_once, quick, ever) in known.items():
                now += at_once
                fast += quick
                if first(places, gram):
                    said += ever
            sketch = packed(places)
        score = _float(memory.get("p"))
        if view.role in self.reads:
            score = self._score((now + fast + said) / UNIT, features, levels, stuck)
        after: dict[str, JsonValue] = {
            "f": kept,
            "a": [round(fast, 2), said],
            "s": sketch,
            "p": round(score, 4),
        }
        return after, score

    def _score(
        self, grams: float, features: Features, levels: Mapping[str, Evidence], stuck: float
    ) -> float:
        told = {STUCK: stuck, **features.numbers}
        for name, evidence in levels.items():
            told[SIGNAL + name] = evidence.strength
        total = self._intercept + grams
        for name, slope in self._slopes:
            if value := told.get(name):
                total += slope * math.log1p(abs(value))
        if self._forest is not None:
            told[LINEAR] = total
            row = [told.get(name, 0.0) for name in self._names]
            for place, key, quick in self._banks:
                if key in features.names:
                    row[place] = features.left(key, quick=quick)
            total = self._share * total + self._forest.sum(row)
        total += self._bias
        return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, total))))


def first(sketch: bytearray, gram: int) -> bool:
    """Put a gram into the sketch, and tell whether it was not there before."""
    at, bit = divmod(gram % BITS, 8)
    if sketch[at] >> bit & 1:
        return False
    sketch[at] |= 1 << bit
    return True


def packed(sketch: bytearray) -> str:
    """Return a sketch as text."""
    return b64encode(sketch).decode().rstrip("A=")


def unpacked(text: JsonValue) -> bytearray:
    """Return the sketch of `packed`; empty for anything else."""
    if isinstance(text, str) and len(text) <= BITS // 6:
        try:
            return bytearray(b64decode(text.ljust(BITS // 6, "A"), validate=True))
        except ValueError:
            pass
    return bytearray(BITS // 8)


def _gram(word: str) -> tuple[int, tuple[int, int, int]]:
    """Read `hash:now:fast:said`, the hash in base 16 and the weights in thousandths."""
    gram, *told = word.split(":")
    weights = [int(each) for each in told]
    if len(weights) != 3 or any(abs(each) > _LARGEST for each in weights):
        raise ValueError(f"`{word[:40]}` is no gram")
    now, fast, said = weights
    return int(gram, 16), (now, fast, said)


def _float(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _pair(value: JsonValue) -> tuple[float, float]:
    match value:
        case [int() | float() as fast, int() | float() as said]:
            return float(fast), float(said)
        case _:
            return 0.0, 0.0
