"""A learned score: plain numbers that `handoff learn` wrote into a policy, read turn by turn.

The score is `1 / (1 + e^−x)`. Without trees x is the linear part: a bias, the weights of numbers
(`log1p`, standardised) and of grams: of those said now, of what is left of earlier ones
(`features.FAST`), and of those ever said. With trees x is the bias and the sum of their leaves;
they see the linear part as one number among the others. The bias puts the cut with the best F1,
found by cross-validation, at a score of 0.5.
"""

import math
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from pydantic import JsonValue

from handoff.detection.document import LearnedModel
from handoff.detection.features import FAST, observed
from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView

UNIT: Final = 1_000
"""Gram weights are whole numbers of thousandths."""
BITS: Final = 3_072
"""Of the sketch that remembers which grams were said; two in one place count as one."""
LINEAR: Final = "linear"
"""The name under which trees see the linear part."""
MOST: Final = 30.0
DEEPEST: Final = 40
"""Splits above a leaf; a tree that is deeper is a mistake."""
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


Leaf = float
Node = tuple[int, float, "Node | Leaf", "Node | Leaf"]


class Learned:
    """One model, compiled. Its memory is small plain JSON; a score costs some tens of µs."""

    def __init__(self, model: LearnedModel) -> None:
        """Read the numbers; raise ValueError where they are not of the form."""
        self.reads: frozenset[str] = frozenset(model.reads)
        self._bias = model.bias
        self._numbers = [
            (name, mean, scale, weight) for name, (mean, scale, weight) in model.numbers.items()
        ]
        if any(scale <= 0 for _, _, scale, _ in self._numbers):
            raise ValueError("the scale of a number is not above 0")
        self._grams = dict(map(_gram, model.grams.split()))
        self._names = model.tree_numbers
        self._trees = [tree_of(line.split(), len(self._names)) for line in model.trees]
        self._intercept = model.intercept

    def observe(
        self,
        memory: Mapping[str, JsonValue],
        view: TurnView,
        levels: Mapping[str, Evidence],
        stuck: float,
    ) -> tuple[dict[str, JsonValue], float]:
        """Return what to remember after a turn, and the score, that of before on unread turns."""
        kept, features = observed(_object(memory.get("f")), view)
        fast, said = _pair(memory.get("a"))
        sketch = unpacked(memory.get("s"))
        known = [(gram, self._grams[gram]) for gram in features.grams if gram in self._grams]
        distinct = dict(known)
        fast = fast * FAST + sum(weights[1] for weights in distinct.values())
        for gram, weights in distinct.items():
            sketch, new = first(sketch, gram)
            said += weights[2] * new
        score = _float(memory.get("p"))
        if view.role in self.reads:
            now = sum(weights[0] for weights in distinct.values())
            score = self._score((now + fast + said) / UNIT, features.dense(levels, stuck))
        after: dict[str, JsonValue] = {
            "f": kept,
            "a": [round(fast, 1), round(said, 1)],
            "s": packed(sketch),
            "p": round(score, 4),
        }
        return after, score

    def _score(self, grams: float, dense: Mapping[str, float]) -> float:
        linear = self._intercept + grams
        for name, mean, scale, weight in self._numbers:
            linear += weight * (math.log1p(abs(dense.get(name, 0.0))) - mean) / scale
        total = self._bias + (self._sum(linear, dense) if self._trees else linear)
        return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, total))))

    def _sum(self, linear: float, dense: Mapping[str, float]) -> float:
        row = [linear if name == LINEAR else dense.get(name, 0.0) for name in self._names]
        total = 0.0
        for tree in self._trees:
            node = tree
            while isinstance(node, tuple):
                place, cut, left, right = node
                node = left if row[place] <= cut else right
            total += node
        return total


def first(sketch: int, gram: int) -> tuple[int, bool]:
    """Return the sketch with a gram in it, and whether it was not there before."""
    bit = 1 << gram % BITS
    return sketch | bit, not sketch & bit


def packed(sketch: int) -> str:
    """Return a sketch as text."""
    return b64encode(sketch.to_bytes(BITS // 8, "little")).decode().rstrip("A=")


def unpacked(text: JsonValue) -> int:
    """Return the sketch of `packed`; empty for anything else."""
    if not isinstance(text, str) or len(text) > BITS // 6:
        return 0
    try:
        return int.from_bytes(b64decode(text.ljust(BITS // 6, "A"), validate=True), "little")
    except ValueError:
        return 0


def tree_of(words: Sequence[str], places: int) -> "Node | Leaf":
    """Return a tree from its words in preorder: `place:cut` of a split, a plain number of a leaf.

    Raises ValueError where the words are no tree over a row of so many `places`.
    """
    rest = iter(words)
    tree = _node(rest, places, DEEPEST)
    if next(rest, None) is not None:
        raise ValueError("a tree ends before its line does")
    return tree


def _node(words: Iterator[str], places: int, deepest: int) -> "Node | Leaf":
    word = next(words, None)
    if word is None:
        raise ValueError("a tree breaks off")
    place, split, number = word.rpartition(":")
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"a tree has {number} for a number")
    if not split:
        return value
    if deepest == 0:
        raise ValueError(f"a tree is deeper than {DEEPEST}")
    at = int(place)
    if not 0 <= at < places:
        raise ValueError(f"a tree looks at number {at} of {places}")
    return at, value, _node(words, places, deepest - 1), _node(words, places, deepest - 1)


def _gram(word: str) -> tuple[int, tuple[int, int, int]]:
    """Read `hash:now:fast:said`, the hash in base 16 and the weights in thousandths."""
    gram, *told = word.split(":")
    weights = [int(each) for each in told]
    if len(weights) != 3 or any(abs(each) > _LARGEST for each in weights):
        raise ValueError(f"`{word[:40]}` is no gram")
    now, fast, said = weights
    return int(gram, 16), (now, fast, said)


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _float(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _pair(value: JsonValue) -> tuple[float, float]:
    match value:
        case [int() | float() as fast, int() | float() as said]:
            return float(fast), float(said)
        case _:
            return 0.0, 0.0
