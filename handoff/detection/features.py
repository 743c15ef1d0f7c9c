"""What a learned score looks at, turn by turn: counters, repetition, intents, tools, slots, words.

Nothing here knows who the customer is or where a recording came from. What is remembered between
turns is one small list of numbers and words' hashes: plain JSON, bounded, O(1) per turn. A turn
touches only what it changes; what fades is told when it is asked for.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypedDict, cast
from zlib import crc32

from pydantic import JsonValue

from handoff.detection.grams import SLOT, TOOL, grams_of, heard, keys_of
from handoff.domain.decision import Evidence
from handoff.domain.signal import EMPTY
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

COUNTED: Final = (
    *("turns", "customer_turns", "bot_turns", "tool_calls", "tool_failures"),
    *("failures_in_row", "since_progress", "customers_in_row", "bots_in_row", "values"),
    *("customer_words_sum", "bot_words_sum", "silent_turns"),
    *("intent_most", "bot_intent_most", "intents", "bot_intents"),
)
OF_TURN: Final = (
    *("customer_words", "customer_length", "customer_repeats", "answers", "asks", "exclaims"),
    *("capitals", "bot_words", "bot_repeats", "echoes", "bot_asks", "asked_before"),
    *("intent_again", "bot_intent_again", "tool_again"),
    *("customer_mean", "bot_mean"),
)
"""Of the latest turn that had them."""
STUCK: Final = "stuck"
TOLD: Final = (*COUNTED, *OF_TURN)
"""What is remembered, in this order."""
NUMBERS: Final = (STUCK, *TOLD)

FORM: Final = 2
"""Of what is remembered; another one is as if nothing were."""

SIGNAL: Final = "signal "
"""Before the name of a signal whose level is a number."""

RECENT: Final = 4
"""Turns of customer and bot that a new one is compared with."""
WORDS: Final = 10
"""Words of a turn that are compared."""
READ: Final = 60
"""Words of a turn that count."""
NAMES: Final = 22
"""Intents, tools and slots remembered, the latest."""
FAST: Final = 0.8
SLOW: Final = 0.97
"""What is left of a gram after a turn, in the quick and in the slow bank."""
QUICK_BANK: Final = "+"
SLOW_BANK: Final = "-"
"""After the key of a name: what is left of it in that bank."""

_HEAD: Final = 200
"""Characters in which capitals are counted."""
_UPPER: Final = bytes(range(65, 91))
_MARK: Final = "##"
"""What machines put around their own marks, as a simulated customer's end of the conversation."""

Banks = dict[str, list[float]]
"""Key of an intent, tool or slot → how often it came, at which turn the last time, and what was in
the quick and slow bank then."""


class _Kept(TypedDict):
    """What is remembered: the numbers of `TOLD`, words' hashes, names, the latest two of them.

    Its lists are replaced, never changed: the state before a turn stays as it was.
    """

    v: int
    n: list[float]
    c: list[str]
    b: list[str]
    i: Banks
    p: list[str]


_NOTHING: Final = _Kept(v=FORM, n=[0] * len(TOLD), c=[], b=[], i={}, p=[])


@dataclass(frozen=True, slots=True)
class Features:
    """One turn's: `numbers` by name, the hashes of its `grams`, and `names` with their banks."""

    numbers: dict[str, float]
    grams: list[int]
    names: Banks

    def left(self, key: str, *, quick: bool) -> float:
        """Return how much of an intent, tool or slot is left in one of its banks."""
        known = self.names.get(key)
        if known is None:
            return 0.0
        since = self.numbers["turns"] - known[1]
        return known[2] * math.pow(FAST, since) if quick else known[3] * math.pow(SLOW, since)

    def dense(self, levels: Mapping[str, Evidence], stuck: float) -> dict[str, float]:
        """Return every number by name: counters, banks (`key+` quick, `key-` slow), signals.

        `stuck` is the score that the policy's own weights give.
        """
        found = {STUCK: stuck, **self.numbers}
        for key in self.names:
            found[key + QUICK_BANK] = self.left(key, quick=True)
            found[key + SLOW_BANK] = self.left(key, quick=False)
        for name, evidence in levels.items():
            found[SIGNAL + name] = evidence.strength
        return found


def observed(
    memory: Mapping[str, JsonValue], view: TurnView
) -> tuple[dict[str, JsonValue], Features]:
    """Return what to remember after a turn, and the turn's features."""
    kept = cast("_Kept", memory if memory.get("v") == FORM else _NOTHING)
    told = dict(zip(TOLD, kept["n"], strict=True))
    known = kept["i"].copy()
    before = kept["p"]
    said = {"c": kept["c"], "b": kept["b"]}
    role = view.role
    words = () if _MARK in view.turn.text else view.words[:READ]
    keys = [*keys_of(view)]
    said_now = heard(words)
    _count(told, view, len(words))
    if role is Role.CUSTOMER or role is Role.BOT:
        mine, others = ("c", "b") if role is Role.CUSTOMER else ("b", "c")
        compared = {f"{crc32(word) & 0xFFFF:04x}" for word in said_now[:WORDS]}
        same = max([_overlap(compared, each) for each in said[mine]], default=0)
        answer = _overlap(compared, said[others][-1]) if said[others] else 0
        _compare(told, view, len(words), same, answer)
        said[mine] = [*said[mine][1 - RECENT :], " ".join(sorted(compared))]
    intents = [key for key in keys if key[0] != SLOT]
    if keys:
        _bank(told, known, role, keys)
    after: _Kept = {
        "v": FORM,
        "n": [*told.values()],
        "c": said["c"],
        "b": said["b"],
        "i": known,
        "p": (before + intents)[-2:] if intents else before,
    }
    grams = grams_of(role, said_now, keys, before)
    return cast("dict[str, JsonValue]", after), Features(told, grams, known)


def _count(told: dict[str, float], view: TurnView, words: int) -> None:
    customer, bot = view.role is Role.CUSTOMER, view.role is Role.BOT
    turn = view.turn
    call = turn.tool_call
    told["turns"] += 1
    if customer:
        told["customer_turns"] += 1
        told["customers_in_row"] += 1
        told["bots_in_row"] = 0
        told["silent_turns"] += not words and not view.intent
    elif bot:
        told["bot_turns"] += 1
        told["bots_in_row"] += 1
        told["customers_in_row"] = 0
    if call is not None:
        told["tool_calls"] += 1
        told["tool_failures"] += call.ok is False
        told["failures_in_row"] = 0 if call.ok else told["failures_in_row"] + (call.ok is False)
    if turn.slots:
        slots = view.known.slots
        told["values"] += sum(
            name not in slots for name, value in turn.slots.items() if value not in EMPTY
        )
    told["since_progress"] = 0 if view.progress else told["since_progress"] + customer


def _compare(
    told: dict[str, float], view: TurnView, words: int, same: float, answer: float
) -> None:
    text = view.turn.audible
    asks = int("?" in text or "？" in text)
    if view.role is Role.CUSTOMER:
        earlier = told["customer_words_sum"] / max(told["customer_turns"] - 1, 1)
        told["customer_words_sum"] += words
        told["customer_mean"] = round(told["customer_words_sum"] / told["customer_turns"], 3)
        told["customer_words"] = words
        told["customer_length"] = round(words / (earlier + 1), 3)
        told["customer_repeats"] = same
        told["answers"] = answer
        told["asks"] = asks
        told["exclaims"] = int("!" in text or "！" in text)
        told["capitals"] = _capitals(text[:_HEAD])
    else:
        told["bot_words_sum"] += words
        told["bot_mean"] = round(told["bot_words_sum"] / told["bot_turns"], 3)
        told["asked_before"] = told["asks"]
        told["bot_words"] = words
        told["bot_repeats"] = same
        told["echoes"] = answer
        told["bot_asks"] = asks


def _capitals(text: str) -> float:
    """Return the share of capital letters."""
    if not text:
        return 0
    if text.isascii():
        return round(1 - len(text.encode().translate(None, _UPPER)) / len(text), 3)
    return round(sum(map(str.isupper, text)) / len(text), 3)


def _bank(told: dict[str, float], known: Banks, role: Role, keys: Iterable[str]) -> None:
    """Put the names of a turn into `known`, the latest last, and tell how often they came."""
    at = told["turns"]
    for key in keys:
        times, last, quick, slow = known.pop(key, _NEVER)
        if key[0] == TOOL:
            told["tool_again"] = times
        elif key[0] != SLOT:
            again, most, every = _INTENTS[role is Role.CUSTOMER]
            told[again] = times
            told[most] = max(told[most], times + 1)
            told[every] += not times
        quick = round(quick * math.pow(FAST, at - last) + 1, 2)
        slow = round(slow * math.pow(SLOW, at - last) + 1, 2)
        known[key] = [times + 1, at, quick, slow]
    while len(known) > NAMES:
        del known[next(iter(known))]


_NEVER: Final = (0, 0, 0.0, 0.0)
_INTENTS: Final = (
    ("bot_intent_again", "bot_intent_most", "bot_intents"),
    ("intent_again", "intent_most", "intents"),
)


def _overlap(mine: set[str], earlier: str) -> float:
    """Return the share of words that a turn has in common with an earlier one (Jaccard), 0 to 1."""
    theirs = earlier.split()
    common = len(mine.intersection(theirs))
    return round(common / (len(mine) + len(theirs) - common), 3) if common else 0
