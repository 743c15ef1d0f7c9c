"""How long the detector takes per turn, and whether that grows with the conversation."""

import json
import time
from statistics import median, quantiles

from handoff import Detector, Policy, Turn
from tests.benchmarks.bodies import SAID, turns

ROUNDS, SHORT, LONG = 7, 1_100, 10_100
CYCLE = 6 * len(SAID)
"""Windows are of whole cycles of the same turns, so that like is compared with like."""
HOSTILE = ("a person ", "\u202ealter\u0301 ", "!", "１２３４ ", "aA1!")
TEXT, BODY = 64_000, 900_000
"""Characters that a turn's text may have, and about those of a megabyte that a body leaves."""


def run() -> dict[str, float]:
    """Return p50 and p99 in µs, the late turns against the early, the state's size, 1 MB in ms."""
    detector = Detector(Policy.default())
    rounds = [_took(detector, turns(SHORT))[0] for _ in range(ROUNDS)]
    cuts = quantiles((micros for took in rounds for micros in took), n=100)
    long, state = _took(detector, turns(LONG))
    return {
        "p50": cuts[49],
        "p99": cuts[98],
        "growth": median(long[-CYCLE:]) / median(long[12 : 12 + CYCLE]),
        "state": len(json.dumps(state)),
        "hostile_ms": max(_hostile(detector, text) for text in HOSTILE),
    }


def _took(detector: Detector, said: list[Turn]) -> tuple[list[float], dict[str, object]]:
    """Return the microseconds that each turn took, and the state after the last."""
    state, took = detector.start(), []
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
