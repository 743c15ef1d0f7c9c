"""Plays a table of turns through one signal, reading them as the detector does."""

import json
from collections.abc import Iterable
from dataclasses import replace

from pydantic import JsonValue

from handoff.detection.meaning import installed
from handoff.detection.phrases import shipped
from handoff.detection.reading import read_turn
from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Signal
from handoff.domain.text import NOTHING_KNOWN, Known
from handoff.domain.turn import Role, ToolCall, Turn


def customer(text: str = "", **fields: object) -> Turn:
    """Return a customer turn."""
    return Turn.model_validate({"turn_id": "t", "role": Role.CUSTOMER, "text": text, **fields})


def bot(text: str = "", **fields: object) -> Turn:
    """Return a bot turn."""
    return Turn.model_validate({"turn_id": "t", "role": Role.BOT, "text": text, **fields})


def tool(name: str, ok: bool | None, **arguments: JsonValue) -> Turn:
    """Return a tool turn."""
    call = ToolCall(name=name, ok=ok, arguments=arguments)
    return Turn(turn_id="t", role=Role.TOOL, tool_call=call)


def human(text: str) -> Turn:
    """Return a turn of a human agent."""
    return Turn(turn_id="t", role=Role.HUMAN, text=text)


def play(
    signal: Signal, turns: Iterable[Turn], known: Known = NOTHING_KNOWN, **settings: JsonValue
) -> list[Evidence | None]:
    """Return what `signal` said on each turn; its memory goes through JSON in between."""
    memory: Memory = {}
    told: list[Evidence | None] = []
    for index, turn in enumerate(turns):
        view = read_turn(turn, index, known, shipped(), installed())
        before = json.dumps(memory)
        after, evidence = signal.observe(memory, view, signal.told(**settings))
        assert json.dumps(memory) == before, "a memory is replaced, never changed"
        memory = json.loads(json.dumps(after))
        known = replace(known, slots={**known.slots, **turn.slots})
        told.append(evidence)
    return told


def last(
    signal: Signal, *turns: Turn, known: Known = NOTHING_KNOWN, **settings: JsonValue
) -> Evidence | None:
    """Return what `signal` said on the last of `turns`."""
    return play(signal, turns, known, **settings)[-1]
