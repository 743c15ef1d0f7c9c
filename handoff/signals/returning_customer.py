"""The customer was handed over before about the same job."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, counted, grown
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "returning_customer"
ATTRIBUTE: Final = "earlier_escalations"
"""How often, as the service counted it when the conversation began, or as the runtime says."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once, on the first customer turn on which the number is known."""
    if view.role is not Role.CUSTOMER:
        return memory, None
    times = view.known.attributes.get(ATTRIBUTE)
    if not isinstance(times, int | float) or times < settings["threshold"]:
        return memory, None
    if counted(memory, "told") >= times:
        return memory, None
    number = min(int(times), 1000)
    strength = grown(number - settings["threshold"] + 1)
    return {"told": number}, Evidence(NAME, strength, number, settings["threshold"], (view.index,))


SIGNAL: Final = Signal(
    name=NAME,
    reason="returning_customer",
    explains=(
        "The attribute `earlier_escalations` (counted by the service for the same customer and "
        "job) is 1 or more; said once."
    ),
    fails=(
        "Blames this bot for an old case that was solved; blind without a customer key, and where "
        "one key is shared by a household."
    ),
    settings={
        "threshold": Setting(1, 1, 100, "earlier escalations before it fires"),
        "weight": Setting(1.0, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)
