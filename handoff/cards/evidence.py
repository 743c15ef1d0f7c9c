"""Evidence in plain words, the same on cards, on pages and in the terminal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from handoff.cards.names import readable
from handoff.domain.extracts import clip
from handoff.signals import SIGNALS

_QUOTED = 80
_EXPLICIT = 0.9
"""Strength from which a request was made in so many words."""
_ENDS = (": ", "; ", " (", ". ")
"""Where the first thing that a signal's explanation says ends."""
_EXPLAINED = {signal.name: signal.explains for signal in SIGNALS}

Tools = Mapping[int, str]
"""Turn index to the name of the tool that was called there."""


class Told(Protocol):
    """Evidence as a decision, a card or the client has it."""

    @property
    def signal(self) -> str: ...
    @property
    def rule(self) -> str | None: ...
    @property
    def strength(self) -> float: ...
    @property
    def value(self) -> JsonValue: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def turns(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One piece of evidence as a person reads it."""

    text: str
    """What happened."""
    where: str
    """`turn 3`, `turns 4, 6, 8`; empty where it rests on none."""
    aside: str
    """What the engine made of it: strength, value, threshold and rule."""
    turns: tuple[int, ...]


def evidence_line(told: Told, tools: Tools) -> EvidenceLine:
    """Return evidence in plain words; a signal without words here is told as it explains itself."""
    words = _WORDS.get(told.signal, _as_explained)
    return EvidenceLine(words(told, tools), turn_words(told.turns), _aside(told), told.turns)


def turn_words(turns: Sequence[int]) -> str:
    """Return which turns, counted from 1 as people do: `turn 3`, `turns 4, 6, 8`."""
    if not turns:
        return ""
    return f"turn{'s' if len(turns) > 1 else ''} {', '.join(str(turn + 1) for turn in turns)}"


def _aside(told: Told) -> str:
    parts = [f"strength {_number(told.strength)}"]
    if isinstance(told.value, int | float) and not isinstance(told.value, bool):
        parts.append(f"value {_number(told.value)}")
    if told.threshold is not None:
        parts.append(f"threshold {_number(told.threshold)}")
    if told.rule:
        parts.append(f"rule {told.rule}")
    return ", ".join(parts)


def _number(value: float) -> str:
    """Return a number to three decimals, as people write it: `0.875`, `5,230`."""
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _as_explained(told: Told, _: Tools) -> str:
    """Return the first thing a signal's explanation says; a rule over no signal by its name."""
    explained = _EXPLAINED.get(told.signal, "")
    for end in _ENDS:
        explained = explained.partition(end)[0]
    if not explained:
        return f"a rule of the policy: {readable(told.signal)}"
    return f"{explained[0].lower()}{explained[1:].rstrip('.')}{_quoted(told)}"


def _quoted(told: Told) -> str:
    """Return the words that a signal found, to follow what it is."""
    if not isinstance(told.value, str) or not told.value.strip():
        return ""
    return f": “{clip(told.value, _QUOTED)}”"


def _human_request(told: Told, _: Tools) -> str:
    if len(told.turns) > 1:
        return f"wants a person{_quoted(told)}"
    plain = told.strength >= _EXPLICIT
    return f"asked {'for' if plain else 'how to reach'} a person{_quoted(told)}"


def _bot_request(told: Told, tools: Tools) -> str:
    if any(turn in tools for turn in told.turns):
        return "the bot called its transfer tool"
    return f"the bot asked for a person{_quoted(told)}"


def _tool_failure(told: Told, tools: Tools) -> str:
    name = next((tools[turn] for turn in reversed(told.turns) if turn in tools), "")
    row = " in a row" if len(told.turns) > 1 else ""
    return f"{f'the tool {name}' if name else 'a tool'} failed{_times(told)}{row}"


def _repeat_intent(told: Told, _: Tools) -> str:
    intent = readable(told.value) if isinstance(told.value, str) else ""
    return f"asked for the same{_times(told)}{f': {clip(intent, _QUOTED)}' if intent else ''}"


def _slot_retry(told: Told, _: Tools) -> str:
    name = readable(told.value) if isinstance(told.value, str) else "the same value"
    return f"{clip(name, _QUOTED)} was asked for or given{_times(told)}"


def _no_progress(told: Told, _: Tools) -> str:
    return f"{_whole(told)} customer turns brought nothing new and nothing done"


def _whole(told: Told) -> str:
    return str(told.value) if isinstance(told.value, int) else "several"


def _times(told: Told) -> str:
    count = len(told.turns)
    return f" {count} times" if count > 1 else ""


def _fraud(told: Told, _: Tools) -> str:
    return f"spoke of fraud, theft or a break-in{_times(told)}{_quoted(told)}"


def _tool_loop(told: Told, tools: Tools) -> str:
    name = next((tools[turn] for turn in reversed(told.turns) if turn in tools), "")
    return f"{f'the tool {name}' if name else 'a tool'} failed alike{_times(told)}"


def _slot_conflict(told: Told, _: Tools) -> str:
    name = readable(told.value) if isinstance(told.value, str) else "a value"
    return f"{clip(name, _QUOTED)} was changed{_times(told)}"


def _high_value(told: Told, tools: Tools) -> str:
    name = next((tools[turn] for turn in told.turns if turn in tools), "")
    of = f" of {_number(told.value)}" if isinstance(told.value, int | float) else ""
    limit = "" if told.threshold is None else f" ({_number(told.threshold)})"
    return f"{f'the tool {name}' if name else 'a tool'} has an amount{of}, over the limit{limit}"


def _returning(told: Told, _: Tools) -> str:
    times = told.value if isinstance(told.value, int) else 1
    often = f" {times} times" if times > 1 else ""
    return f"was handed over{often} before about the same job"


def _signs(told: Told, names: Mapping[str, str]) -> str:
    """Return the signs that a signal added up, in plain words; those without words stand as is."""
    parts = told.value.split(", ") if isinstance(told.value, str) else []
    listed = ", ".join(names.get(part, part) for part in parts)
    return f": {clip(listed, _QUOTED)}" if listed else ""


_UPSET = {
    "frustrated": "words of anger",
    "profane": "strong words",
    "shouting": "capitals",
    "punctuation": "repeated marks",
    "sentiment": "a negative tone",
}
_LEAVING = {
    "leaves": "parting words",
    "noes": "one no after another",
    "shrinking": "ever shorter answers",
    "long": "a long conversation",
}

_WORDS: dict[str, Callable[[Told, Tools], str]] = {
    "human_request": _human_request,
    "bot_request": _bot_request,
    "tool_failure": _tool_failure,
    "repeat_intent": _repeat_intent,
    "repeat_request": lambda told, _: f"said the same{_times(told)}, in these or other words",
    "bot_loop": lambda told, _: f"the bot said nearly the same{_times(told)}",
    "slot_retry": _slot_retry,
    "low_confidence": lambda told, _: f"the bot was unsure what was said or meant{_times(told)}",
    "no_progress": _no_progress,
    "vulnerable": lambda told, _: f"may be in danger{_quoted(told)}",
    "legal_or_complaint": lambda told, _: (
        f"complained or spoke of legal steps{_times(told)}{_quoted(told)}"
    ),
    "fraud_or_security": _fraud,
    "tool_loop": _tool_loop,
    "slot_conflict": _slot_conflict,
    "misunderstood": lambda told, _: (
        f"corrected the bot or asked it to repeat{_times(told)}{_quoted(told)}"
    ),
    "no_match": lambda told, _: f"the bot did not understand{_times(told)}",
    "no_input": lambda told, _: f"said nothing{_times(told)}",
    "recognition": lambda told, _: f"was badly heard{_times(told)}",
    "bot_cannot": lambda told, _: f"the bot refused or was sorry{_times(told)}{_quoted(told)}",
    "frustration": lambda told, _: f"was upset{_times(told)}{_signs(told, _UPSET)}",
    "abandonment_risk": lambda told, _: f"was about to give up{_signs(told, _LEAVING)}",
    "goal_switch": lambda told, _: f"wanted something else{_times(told)}, with nothing done",
    "out_of_scope": lambda told, _: f"wanted what the bot does not do{_times(told)}{_quoted(told)}",
    "talk_over": lambda told, _: f"broke the bot off{_times(told)}",
    "latency": lambda told, _: f"the bot was slow to answer{_times(told)}",
    "long_answers": lambda _told, _: "the bot gave a long answer",
    "high_value_action": _high_value,
    "language_unsupported": lambda told, _: (
        f"spoke a language that the bot does not{_quoted(told)}"
    ),
    "returning_customer": _returning,
    "vip_or_entitlement": lambda told, _: f"is to be served by a person first{_quoted(told)}",
}
"""Signal to its words; any other is told as it explains itself."""
