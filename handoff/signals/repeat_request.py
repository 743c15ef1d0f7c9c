"""The customer says again, in the same or other words, what they already said."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue
from rapidfuzz import fuzz

from handoff.domain.decision import Evidence
from handoff.domain.languages import language_code
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices, remembered
from handoff.domain.text import Sense, TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "repeat_request"
KEPT: Final = 5
WORDS: Final = 24
SAME_WORD: Final = 83.0
DIGESTED: Final = 1_000
"""Characters of a turn's values that are compared."""
MEANT: Final = 0.5
"""What a paraphrase counts of a repeat in the same words."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is kept of a customer turn, and what it was about as far as the runtime tells."""

    turn: int
    words: str
    """The words that carry meaning."""
    text: str = ""
    """All words; empty where nothing but words could agree."""
    intent: str = ""
    slots: str = ""

    def kept(self) -> list[JsonValue]:
        """Return it as JSON, short where the runtime tells nothing."""
        told = [self.text, self.intent, self.slots] if self.text else []
        return [self.turn, self.words, *told]

    def agrees(self, other: "Said") -> bool:
        """Tell whether both are about the same by their intent or by the values they give."""
        return bool(
            (self.intent and self.intent == other.intent)
            or (self.slots and self.slots == other.slots)
        )


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence when the words that carry meaning are those of an earlier customer turn.

    Only those words are compared: "Where is my refund" and "Where is my parcel" share a frame,
    not a request. Other words that mean the same count half, if intent or values agree as well.
    """
    if view.progress:
        return {}, None
    if view.role is not Role.CUSTOMER or not view.content:
        return memory, None
    words = sorted(view.content)[:WORDS]
    said = [*_remembered(memory)]
    earlier = [
        one.turn for one in said if likeness(words, one.words.split()) >= settings["similarity"]
    ]
    now = _said(view, words)
    meant = None if earlier else _meant(now, said, view.sense, settings["meaning"])
    if meant is not None:
        earlier = [meant]
    repeats = [*indices(memory.get("turns")), view.index][-KEPT:] if earlier else []
    kept: Memory = {"said": [one.kept() for one in [*said, now][-KEPT:]], "turns": [*repeats]}
    times = len(repeats)
    if times < settings["threshold"]:
        return kept, None
    turns = tuple(sorted({*earlier, *repeats}))
    strength = grown(times) * (1.0 if meant is None else MEANT)
    return kept, Evidence(NAME, strength, times, settings["threshold"], turns)


def _remembered(memory: Memory) -> Iterator[Said]:
    for one in remembered(memory, "said"):
        match one:
            case [int(turn), str(words)]:
                yield Said(turn, words)
            case [int(turn), str(words), str(text), str(intent), str(slots)]:
                yield Said(turn, words, text, intent, slots)
            case _:
                continue


def _said(view: TurnView, words: list[str]) -> Said:
    vague = not view.intent or "everyday" in view.intended or "fallback" in view.intent
    intent = "" if vague else excerpt(view.intent, 40)
    slots = _digest(view.turn.slots) if view.turn.slots else ""
    spoken = language_code(view.known.language or "en") == "en"
    text = excerpt(view.text, 120) if spoken and (intent or slots) else ""
    return Said(view.index, excerpt(" ".join(words), 160), text, intent, slots)


def _digest(slots: Mapping[str, JsonValue]) -> str:
    told = json.dumps(slots, sort_keys=True)[:DIGESTED]
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _meant(now: Said, said: Sequence[Said], sense: Sense, least: float) -> int | None:
    """Return the newest turn about the same, if other words of it mean what was said now.

    Two different things in one frame are two requests, however near each other they are; numbers
    are never near each other; and words that are only added are an answer, not a rewording.
    """
    if not now.text:
        return None
    before = next((one for one in reversed(said) if one.text and now.agrees(one)), None)
    if before is None:
        return None
    mine, theirs = now.words.split(), before.words.split()
    new = [word for word in mine if word not in theirs]
    old = [word for word in theirs if word not in mine]
    if not new or not old or any(map(str.isdigit, "".join((*new, *old)))):
        return None
    if _without(now.text, new) == _without(before.text, old):
        return None
    return before.turn if sense(" ".join(new), " ".join(old)) >= least else None


def _without(text: str, words: Sequence[str]) -> list[str]:
    return [word for word in text.split() if word not in words]


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
        "misses a rewording without a common word, unless the extra `semantic` is installed, the "
        "language is English and intent or values are the same."
    ),
    settings={
        "threshold": Setting(1, 1, KEPT, "repeats in a row before it fires"),
        "weight": Setting(2.0, 0.0, 20.0, "how much it moves the score"),
        "similarity": Setting(0.75, 0.5, 1.0, "share of meaningful words in common"),
        "meaning": Setting(0.25, 0.1, 1.0, "nearness in meaning of words not in common"),
    },
    observe=observe,
)
