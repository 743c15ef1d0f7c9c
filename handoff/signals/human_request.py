"""The customer asks for a person, in words or by an intent, or takes the bot's offer of one."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, indices
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "human_request"
EXPLICIT: Final = 1.0


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength for an explicit request, `contact` for asking how to reach people.

    Asking how for a second time is an explicit request.
    """
    if view.role is Role.BOT and "offers_person" in view.said:
        return {**memory, "offer": view.index}, None
    if view.role is not Role.CUSTOMER:
        return memory, None
    words, strength, turns = _asked(memory, view, settings)
    kept = {key: memory[key] for key in memory if key != "offer"}
    if not words or strength < settings["threshold"]:
        return kept, None
    if strength < EXPLICIT:
        kept["asked"] = view.index
    return kept, Evidence(NAME, strength, words, settings["threshold"], (*turns, view.index))


def _asked(
    memory: Memory, view: TurnView, settings: Settings
) -> tuple[str | None, float, tuple[int, ...]]:
    """Return the words that ask, how strongly, and the earlier turns they rest on."""
    if words := view.said.get("asks_person") or view.intended.get("asks_person"):
        return words, EXPLICIT, ()
    if "offer" in memory and "affirms" in view.said:
        return view.said["affirms"], EXPLICIT, indices([memory["offer"]])
    words = view.said.get("asks_contact") or view.intended.get("asks_contact")
    if "asked" in memory:
        return words, EXPLICIT, indices([memory["asked"]])
    return words, settings["contact"], ()


SIGNAL: Final = Signal(
    name=NAME,
    reason="customer_requests_human_no_specific_reason",
    explains="The customer asks for a person in words or by an intent, or takes the bot's offer.",
    fails=(
        'Says wrongly that a person was asked for when somebody else is spoken of ("my '
        'agent told me"); misses wishes in words that no pack knows.'
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(5.0, 0.0, 20.0, "how much it moves the score"),
        "contact": Setting(0.5, 0.0, 1.0, "strength of asking how to reach people"),
    },
    observe=observe,
)
