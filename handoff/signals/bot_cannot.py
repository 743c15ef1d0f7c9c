"""The bot itself refuses or apologises: "I'm unable to do that"."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, recent
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "bot_cannot"
SPAN: Final = 20
CITED: Final = 4


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence for a refusal, or for apologies that add up; one apology is politeness."""
    if view.role is not Role.BOT or not view.said:
        return memory, None
    key = next((kind for kind in ("bot_cannot", "bot_sorry") if kind in view.said), None)
    if key is None:
        return memory, None
    refused = recent(memory, "bot_cannot", view.index, SPAN)
    sorry = recent(memory, "bot_sorry", view.index, SPAN)
    (refused if key == "bot_cannot" else sorry).append(view.index)
    kept: Memory = {"bot_cannot": [*refused[-CITED:]], "bot_sorry": [*sorry[-CITED:]]}
    times = len(refused[-CITED:]) + settings["apology"] * len(sorry[-CITED:])
    strength = grown(times)
    if strength < settings["threshold"]:
        return kept, None
    turns = tuple(sorted((*refused[-CITED:], *sorry[-CITED:])))
    return kept, Evidence(NAME, strength, view.said[key], settings["threshold"], turns)


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains=(
        "The bot says that it cannot do it (0.4 once, 0.64 twice within 20 turns); an apology "
        "counts 0.35 of that, so that one alone is nothing."
    ),
    fails=(
        "Takes a refusal that is right and final (a rule of the house) for a bot at its end; "
        "misses a bot that refuses in words no pack knows."
    ),
    settings={
        "threshold": Setting(0.35, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(0.8, 0.0, 20.0, "how much it moves the score"),
        "apology": Setting(0.35, 0.0, 1.0, "share of a refusal that an apology counts"),
    },
    observe=observe,
)
