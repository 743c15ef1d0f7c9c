"""How long the detector takes per turn, and whether that grows with the conversation."""

import time
from statistics import median, quantiles

from handoff import Detector, Policy
from tests.benchmarks.bodies import turns

LENGTH = 1_100


def run() -> dict[str, float]:
    """Return p50 and p99 in microseconds, and the 1,000th turn against the 10th."""
    detector = Detector(Policy.default())
    said = turns(LENGTH)
    rounds: list[list[float]] = []
    for _ in range(7):
        state, took = detector.start(), []
        for turn in said:
            began = time.perf_counter()
            state, _decision = detector.observe(state, turn)
            took.append((time.perf_counter() - began) * 1e6)
        rounds.append(took)
    everything = [micros for took in rounds for micros in took]
    cuts = quantiles(everything, n=100)
    # Windows of whole cycles of the same turns, so that like is compared with like.
    early = median(micros for took in rounds for micros in took[12:84])
    late = median(micros for took in rounds for micros in took[1008:1080])
    return {"p50": cuts[49], "p99": cuts[98], "growth": late / early}
