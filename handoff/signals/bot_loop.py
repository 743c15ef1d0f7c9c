"""The bot says the same again, as far as the customer heard it."""

from typing import Final

from pydantic import JsonValue
from rapidfuzz import fuzz

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices, remembered
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "bot_loop"
KEPT: Final = 4
CITED: Final = 6


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once the bot said nearly the same `threshold` times without progress.

    Something new said in between starts the count again ("turn left", "tell me when to go on",
    "turn right"), and other numbers make another message ("at 3 pm", "at 4 pm"). A bot without
    words is judged by its intent, but asking for a value again is left to `slot_retry`. What the
    customer asked to hear again is no loop.
    """
    if view.progress:
        memory = {}
    if view.role is Role.CUSTOMER:
        wanted = "asks_again" in view.said
        return ({**memory, "again": 1} if wanted else _without(memory, "again")), None
    if "again" in memory:
        return memory, None
    line = excerpt(_line(view), 240)
    if view.role is not Role.BOT or len(line) < settings["shortest"]:
        return memory, None
    said = remembered(memory, "said")
    likest, at = max(
        ((_likeness(line, known), at) for at, known in enumerate(said)), default=(0, 0)
    )
    turns: tuple[int, ...] = (view.index,)
    if likest >= settings["similarity"]:
        turns = (*_turns(said.pop(at)), view.index)[-CITED:]
    else:
        said = [[known[0], known[-1]] for known in said if isinstance(known, list)]
    said.append([line, *turns])
    kept: Memory = {"said": said[-KEPT:]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - int(settings["threshold"]) + 1)
    return kept, Evidence(NAME, strength, len(turns), settings["threshold"], turns)


def _without(memory: Memory, key: str) -> Memory:
    return {name: memory[name] for name in memory if name != key} if key in memory else memory


def _line(view: TurnView) -> str:
    return view.text or ("" if "asks_slot" in view.intended else view.intent)


def _turns(known: JsonValue) -> tuple[int, ...]:
    return indices(known[1:]) if isinstance(known, list) else ()


def _likeness(line: str, known: JsonValue) -> float:
    match known:
        case [str(earlier), *_] if _numbers(line) == _numbers(earlier):
            return fuzz.ratio(line, earlier, score_cutoff=50) / 100
    return 0.0


def _numbers(line: str) -> list[str]:
    return [word for word in line.split() if word.isdigit()]


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains="The bot says nearly the same again (as heard), with no progress in between.",
    fails=(
        "Blames a menu that is read out again on request; misses a bot that says the same "
        "in ever new words."
    ),
    settings={
        "threshold": Setting(2, 2, CITED, "times the bot must say it"),
        "weight": Setting(3.2, 0.0, 20.0, "how much it moves the score"),
        "similarity": Setting(0.9, 0.5, 1.0, "how alike two lines must be"),
        "shortest": Setting(8, 1, 200, "characters below which a line is not judged"),
    },
    observe=observe,
)
