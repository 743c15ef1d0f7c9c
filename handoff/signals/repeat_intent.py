"""The customer comes back with the same intent while nothing moves."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "repeat_intent"
INTENTS: Final = 6
CITED: Final = 6
CARRIED: Final = "*"
"""Key of the mark that this runtime carries intents along; no intent reads like it."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once an intent came `threshold` times without progress between.

    Dialogue acts ("confirm", "inform") are no requests. A runtime that repeats the running intent
    on every turn, even on "yes", carries it along: there its coming back says nothing.
    """
    if view.role is not Role.CUSTOMER or not view.intent or CARRIED in memory:
        return memory, None
    if "everyday" in view.intended:
        return memory, None
    if view.text and (not view.content or "affirms" in view.said):
        return {CARRIED: 1}, None
    intent = excerpt(view.intent, 50)
    before = {} if view.progress else memory
    turns = [*indices(before.get(intent)), view.index][-CITED:]
    others = [name for name in before if name != intent][1 - INTENTS :]
    kept: Memory = {**{name: before[name] for name in others}, intent: [*turns]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - int(settings["threshold"]) + 1)
    return kept, Evidence(NAME, strength, intent, settings["threshold"], tuple(turns))


SIGNAL: Final = Signal(
    name=NAME,
    reason="repeated_intent",
    explains="The same customer intent comes a third time and nothing has moved in between.",
    fails=(
        "Blames a customer who has three errands of one kind; blind where the runtime has "
        "no intents or carries them along."
    ),
    settings={
        "threshold": Setting(3, 2, CITED, "times the intent must come"),
        "weight": Setting(2.6, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)
