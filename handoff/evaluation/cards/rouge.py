"""ROUGE (Lin 2004): how much of a reference's words a text has. F1 over caseless words."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from handoff.domain.extracts import words

NAMES = ("rouge1", "rouge2", "rougeL")


def rouge(text: str, references: Sequence[str]) -> dict[str, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L, each against the reference where it is best."""
    candidate = words(text)
    each = [_scores(candidate, words(reference)) for reference in references]
    return {name: max(scores[name] for scores in each) for name in NAMES}


def _scores(candidate: Sequence[str], reference: Sequence[str]) -> dict[str, float]:
    pairs = list(pairwise(candidate)), list(pairwise(reference))
    return {
        "rouge1": _f1(_shared(candidate, reference), len(candidate), len(reference)),
        "rouge2": _f1(_shared(*pairs), len(pairs[0]), len(pairs[1])),
        "rougeL": _f1(LCSseq.similarity(candidate, reference), len(candidate), len(reference)),
    }


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    return (Counter(one) & Counter(other)).total()


def _f1(shared: int, candidate: int, reference: int) -> float:
    return 2 * shared / (candidate + reference) if shared else 0.0
