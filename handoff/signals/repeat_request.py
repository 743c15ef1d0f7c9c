"""The customer says again, in the same or other words, what they already said."""

from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue
from rapidfuzz import fuzz

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices, remembered
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "repeat_request"
KEPT: Final = 5
WORDS: Final = 24
SAME_WORD: Final = 83.0


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence when the words that carry meaning are those of an earlier customer turn.

    Only those words are compared: "Where is my refund" and "Where is my parcel" share a frame,
    not a request.
    """
    if view.progress:
        return {}, None
    if view.role is not Role.CUSTOMER or not view.content:
        return memory, None
    words = sorted(view.content)[:WORDS]
    said = remembered(memory, "said")
    earlier = [
        turn
        for turn, text in _pairs(said)
        if likeness(words, text.split()) >= settings["similarity"]
    ]
    said.append([view.index, excerpt(" ".join(words), 160)])
    repeats = [*indices(memory.get("turns")), view.index][-KEPT:] if earlier else []
    kept: Memory = {"said": said[-KEPT:], "turns": [*repeats]}
    times = len(repeats)
    if times < settings["threshold"]:
        return kept, None
    turns = tuple(sorted({*earlier, *repeats}))
    return kept, Evidence(NAME, grown(times), times, settings["threshold"], turns)


def _pairs(said: Iterable[JsonValue]) -> Iterable[tuple[int, str]]:
    for pair in said:
        match pair:
            case [int(turn), str(text)]:
                yield turn, text
            case _:
                continue


def likeness(left: list[str], right: list[str]) -> float:
    """Return the share of words both have in common, 0 to 1; misspelt words count as the same."""
    mine, theirs = set(left), set(right)
    total = len(mine) + len(theirs)
    common = len(mine & theirs)
    rest = sorted(theirs - mine)
    for word in sorted(mine - theirs):
        twin = next((other for other in rest if _same(word, other)), None)
        if twin is not None:
            rest.remove(twin)
            common += 1
    return 2 * common / total if total else 0.0


def _same(word: str, other: str) -> bool:
    if min(len(word), len(other)) < 4 or word.isdigit() or other.isdigit():
        return False
    return fuzz.ratio(word, other, score_cutoff=SAME_WORD) > 0


SIGNAL: Final = Signal(
    name=NAME,
    reason="repeated_intent",
    explains="The customer repeats or rephrases what they said; a feature, never a trigger alone.",
    fails=(
        "Takes a customer who answers a question with the same words for one who repeats; "
        "misses a rewording without a common word."
    ),
    settings={
        "threshold": Setting(1, 1, KEPT, "repeats in a row before it fires"),
        "weight": Setting(2.0, 0.0, 20.0, "how much it moves the score"),
        "similarity": Setting(0.75, 0.5, 1.0, "share of meaningful words in common"),
    },
    observe=observe,
)
