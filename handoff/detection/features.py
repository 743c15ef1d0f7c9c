"""What a learned score looks at, turn by turn: counters, repetition, intents, tools, slots, words.

Nothing here knows who the customer is or where a recording came from. What is remembered between
turns is one small list of numbers and words' hashes: plain JSON, bounded, O(1) per turn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.signal import EMPTY
from handoff.domain.text import TurnView, in_words
from handoff.domain.turn import Role

COUNTERS: Final = (
    *("turns", "customer_turns", "bot_turns", "tool_calls", "tool_failures"),
    *("failures_in_row", "since_progress", "customers_in_row", "bots_in_row", "values"),
    *("customer_words_sum", "bot_words_sum", "silent_turns"),
)
OF_TURN: Final = (
    *("customer_words", "customer_length", "customer_repeats", "answers", "asks", "exclaims"),
    *("capitals", "bot_words", "bot_repeats", "echoes", "bot_asks", "asked_before"),
    *("intent_again", "bot_intent_again", "tool_again"),
)
"""Of the latest turn that had them."""
MADE: Final = (
    "customer_mean",
    "bot_mean",
    "intent_most",
    "bot_intent_most",
    "intents",
    "bot_intents",
)
STUCK: Final = "stuck"
NUMBERS: Final = (STUCK, *COUNTERS, *OF_TURN, *MADE)

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

_TOOL: Final = "t"
_SLOT: Final = "s"
_SLOTS: Final = 8
_NONE: Final = (0.0, 0.0, 0.0)
_MARK: Final = "##"
"""What machines put around their own marks, as a simulated customer's end of the conversation."""


Banks = dict[str, tuple[float, float, float]]
"""Key of an intent, tool or slot → how often it came, and what is left in the two banks."""


@dataclass(frozen=True, slots=True)
class Features:
    """One turn's: `numbers` by name, the hashes of its `grams`, and `names` with their banks."""

    numbers: dict[str, float]
    grams: tuple[int, ...]
    names: Mapping[str, tuple[float, float]]
    """Key of an intent, tool or slot → how much of it there is in the quick and slow bank."""

    def dense(self, levels: Mapping[str, Evidence], stuck: float) -> dict[str, float]:
        """Return every number by name: counters, banks (`key+` quick, `key-` slow), signals.

        `stuck` is the score that the policy's own weights give.
        """
        found = {STUCK: stuck, **self.numbers}
        for key, (fast, slow) in self.names.items():
            found[f"{key}+"] = fast
            found[f"{key}-"] = slow
        for name, evidence in levels.items():
            found[SIGNAL + name] = evidence.strength
        return found


def observed(
    memory: Mapping[str, JsonValue], view: TurnView
) -> tuple[dict[str, JsonValue], Features]:
    """Return what to remember after a turn, and the turn's features."""
    count = dict(zip(COUNTERS, _numbers(memory.get("n"), len(COUNTERS)), strict=True))
    of_turn = dict(zip(OF_TURN, _numbers(memory.get("t"), len(OF_TURN)), strict=True))
    mine, others = ("c", "b") if view.role is Role.CUSTOMER else ("b", "c")
    words = () if _MARK in view.turn.text else view.words[:READ]
    hashes = sorted({_hash(word) & 0xFFFF for word in words[:WORDS]})
    said = {key: _lists(memory.get(key)) for key in ("c", "b")}
    known = _known(memory.get("i"))
    names = tuple(_names(view))
    keys = tuple(map(key_of, names))
    before = _texts(memory.get("p"))
    _count(count, view, len(words))
    if view.role in (Role.CUSTOMER, Role.BOT):
        same = max((_overlap(hashes, each) for each in said[mine]), default=0.0)
        answer = _overlap(hashes, said[others][-1]) if said[others] else 0.0
        _compare(of_turn, count, view, len(words), (same, answer))
        said[mine] = [*said[mine], hashes][-RECENT:]
    _again(of_turn, known, view, keys)
    known = _banked(known, keys)
    grams = (*_grams(view, words, keys, before),)
    numbers = {**count, **of_turn, **_made(count, known)}
    after: dict[str, JsonValue] = {
        "n": [int(value) for value in count.values()],
        "t": [round(value, 3) for value in of_turn.values()],
        "c": [_packed(each) for each in said["c"]],
        "b": [_packed(each) for each in said["b"]],
        "i": {
            key: [int(times), round(fast, 2), round(slow, 2)]
            for key, (times, fast, slow) in known.items()
        },
        "p": [*(before + [key for key in keys if key[0] != _SLOT])[-2:]],
    }
    banks = {name: (fast, slow) for name, (_, fast, slow) in known.items()}
    return after, Features(numbers, grams, banks)


def _count(count: dict[str, float], view: TurnView, words: int) -> None:
    customer, bot = view.role is Role.CUSTOMER, view.role is Role.BOT
    call = view.turn.tool_call
    count["turns"] += 1
    count["customer_turns"] += customer
    count["bot_turns"] += bot
    if customer or bot:
        count["customers_in_row"] = (count["customers_in_row"] + 1) * customer
        count["bots_in_row"] = (count["bots_in_row"] + 1) * bot
        count["customer_words_sum" if customer else "bot_words_sum"] += words
        count["silent_turns"] += customer and not words and not view.intent
    if call is not None:
        count["tool_calls"] += 1
        count["tool_failures"] += call.ok is False
        count["failures_in_row"] = 0 if call.ok else count["failures_in_row"] + (call.ok is False)
    count["values"] += sum(
        name not in view.known.slots
        for name, value in view.turn.slots.items()
        if value not in EMPTY
    )
    count["since_progress"] = 0 if view.progress else count["since_progress"] + customer


def _compare(
    of_turn: dict[str, float],
    count: Mapping[str, float],
    view: TurnView,
    words: int,
    alike: tuple[float, float],
) -> None:
    text = view.turn.audible
    asks = float("?" in text or "？" in text)
    same, answer = alike
    if view.role is Role.CUSTOMER:
        earlier = count["customer_words_sum"] - words
        mean = earlier / max(count["customer_turns"] - 1, 1)
        capitals = sum(map(str.isupper, text[:200])) / max(len(text[:200]), 1)
        of_turn.update(
            customer_words=words,
            customer_length=words / (mean + 1),
            customer_repeats=same,
            answers=answer,
            asks=asks,
            exclaims=float("!" in text or "！" in text),
            capitals=capitals,
        )
    else:
        of_turn.update(
            asked_before=of_turn["asks"],
            bot_words=words,
            bot_repeats=same,
            echoes=answer,
            bot_asks=asks,
        )


def key_of(name: str) -> str:
    """Return the short key of an intent, tool or slot: its kind and a hash of its name."""
    return f"{name[0]}{_hash(name) & 0xFFFFFF:x}"


def _names(view: TurnView) -> Iterator[str]:
    """Yield the turn's intent, tool with its outcome, and slots, each with who it is from."""
    role = view.role.value[0]
    if view.intent:
        yield f"{role} {view.intent}"
    call = view.turn.tool_call
    if call is not None:
        yield f"{_TOOL} {in_words(call.name)}"
        yield f"{_TOOL} {in_words(call.name)} {call.ok}"
    for name, value in [*view.turn.slots.items()][:_SLOTS]:
        if value not in EMPTY:
            yield f"{_SLOT} {role} {in_words(name)}"


def _grams(
    view: TurnView, words: Sequence[str], keys: Iterable[str], before: Sequence[str]
) -> Iterator[int]:
    role = view.role.value[0]
    for key in keys:
        yield _hash(key)
        if before and key[0] != _SLOT:
            yield _hash(f"{before[-1]}>{key}")
            yield _hash(f"{'>'.join(before)}>>{key}")
    last = "^"
    for word in words:
        yield _hash(f"{role}:{word}")
        yield _hash(f"{role}:{last} {word}")
        last = word
    if words:
        yield _hash(f"{role}:{last} $")


def _again(of_turn: dict[str, float], known: Banks, view: TurnView, keys: Iterable[str]) -> None:
    for key in keys:
        times = known.get(key, _NONE)[0]
        if key[0] == _TOOL:
            of_turn["tool_again"] = times
        elif key[0] != _SLOT:
            of_turn["intent_again" if view.role is Role.CUSTOMER else "bot_intent_again"] = times


def _banked(known: Banks, keys: Iterable[str]) -> Banks:
    banked = {key: (times, fast * FAST, slow * SLOW) for key, (times, fast, slow) in known.items()}
    for key in keys:
        times, fast, slow = banked.pop(key, _NONE)
        banked[key] = (times + 1, fast + 1, slow + 1)
    return {key: banked[key] for key in [*banked][-NAMES:]}


def _made(count: Mapping[str, float], known: Banks) -> dict[str, float]:
    intents = [times for key, (times, _, _) in known.items() if key[0] == "c"]
    bots = [times for key, (times, _, _) in known.items() if key[0] == "b"]
    return {
        "customer_mean": count["customer_words_sum"] / max(count["customer_turns"], 1),
        "bot_mean": count["bot_words_sum"] / max(count["bot_turns"], 1),
        "intent_most": max(intents, default=0),
        "bot_intent_most": max(bots, default=0),
        "intents": len(intents),
        "bot_intents": len(bots),
    }


def _overlap(left: Sequence[int], right: Sequence[int]) -> float:
    """Return the share of words two turns have in common (Jaccard), 0 to 1."""
    mine, theirs = set(left), set(right)
    every = len(mine | theirs)
    return len(mine & theirs) / every if every else 0.0


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


def _numbers(value: JsonValue, size: int) -> list[float]:
    if isinstance(value, list) and len(value) == size:
        return [each if isinstance(each, int | float) else 0.0 for each in value]
    return [0.0] * size


def _lists(value: JsonValue) -> list[list[int]]:
    if not isinstance(value, list):
        return []
    return [_unpacked(each) for each in value if isinstance(each, str)]


def _packed(hashes: Iterable[int]) -> str:
    """Return hashes of 16 bits as text, four characters each: the memory has to stay small."""
    return "".join(f"{each:04x}" for each in hashes)


def _unpacked(text: str) -> list[int]:
    try:
        return [int(text[at : at + 4], 16) for at in range(0, len(text), 4)]
    except ValueError:
        return []


def _known(value: JsonValue) -> Banks:
    known: Banks = {}
    for name, banks in value.items() if isinstance(value, dict) else ():
        match banks:
            case [int() | float() as times, int() | float() as fast, int() | float() as slow]:
                known[name] = (times, fast, slow)
            case _:
                continue
    return known


def _texts(value: JsonValue) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
