"""How long the detector takes per turn, and whether that grows with the conversation."""

import json
import time
from statistics import median, quantiles

from handoff import Detector, Policy, Turn
from tests.benchmarks.bodies import SAID, turns

ROUNDS, SHORT = 7, 1_100
EARLY, LATE = 10 * len(SAID), 835 * len(SAID)
WINDOW, PAIRS = 6 * len(SAID), 25
"""Windows are of whole cycles of the same turns, early and late in turn: like beside like, now."""
HOSTILE = ("a person ", "\u202ealter\u0301 ", "!", "１２３４ ", "aA1!")
TEXT, BODY = 64_000, 900_000
"""Characters that a turn's text may have, and about those of a megabyte that a body leaves."""


def run() -> dict[str, float]:
    """Return p50 and p99 in µs, the late turns against the early, the state's size, 1 MB in ms."""
    detector = Detector(Policy.default())
    rounds = [_took(detector, turns(SHORT))[0] for _ in range(ROUNDS)]
    cuts = quantiles((micros for took in rounds for micros in took), n=100)
    growth, state = _growth(detector, turns(LATE + WINDOW))
    return {
        "p50": cuts[49],
        "p99": cuts[98],
        "growth": growth,
        "state": len(json.dumps(state)),
        "hostile_ms": max(_hostile(detector, text) for text in HOSTILE),
    }


def _growth(detector: Detector, said: list[Turn]) -> tuple[float, dict[str, object]]:
    """Return what the late turns take of what the early ones take, and the late state."""
    early, late = detector.start(), {}
    for at, turn in enumerate(said[:LATE]):
        late = detector.observe(late or detector.start(), turn)[0]
        early = late if at == EARLY - 1 else early
    ratios = []
    for _ in range(PAIRS):
        first, _state = _took(detector, said[EARLY : EARLY + WINDOW], early)
        last, _state = _took(detector, said[LATE : LATE + WINDOW], late)
        ratios.append(sum(last) / sum(first))
    return median(ratios), late


def _took(
    detector: Detector, said: list[Turn], state: dict[str, object] | None = None
) -> tuple[list[float], dict[str, object]]:
    """Return the microseconds that each turn took from a state on, and the state after the last."""
    state, took = state or detector.start(), []
    for turn in said:
        began = time.perf_counter()
        state, _decision = detector.observe(state, turn)
        took.append((time.perf_counter() - began) * 1e6)
    return took, state


def _hostile(detector: Detector, text: str) -> float:
    """Return the milliseconds that a turn of a megabyte takes, most of it in its tool call."""
    turn = Turn.model_validate(
        {
            "turn_id": "1",
            "role": "customer",
            "text": (text * TEXT)[:TEXT],
            "index": 0,
            "tool_call": {"name": "look_up", "ok": False, "result": (text * BODY)[:BODY]},
        }
    )
    best = float("inf")
    for _ in range(3):
        state = detector.start()
        began = time.perf_counter()
        detector.observe(state, turn)
        best = min(best, time.perf_counter() - began)
    return best * 1e3
