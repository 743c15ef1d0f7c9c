"""The bot does not match what the customer says: fallback intents, or it says so itself."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, counted, grown, indices
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "no_match"
CITED: Final = 6
FALLBACKS: Final = frozenset(
    {
        "fallback", "nlu fallback", "default fallback", "default fallback intent", "none",
        "out of scope", "no match", "nomatch", "no match default", "not understood", "unknown",
        "unknown intent", "unrecognized", "unrecognised", "unhandled", "inconclusive",
        "fallback intent", "amazon fallback intent", "core fallback", "action default fallback",
    }
)  # fmt: skip
"""What runtimes call an utterance that they could not match, as words."""

_HEARD: Final = frozenset(
    {
        "understand", "understood", "catch", "hear", "recognize", "recognise", "follow",
        "entiendo", "entendi", "entendido", "comprendo", "compris", "comprends", "verstanden",
        "verstehe", "compreendi", "capito", "capisco", "begrepen", "begrijp",
        "rozumiem", "zrozumialem",
    }
)  # fmt: skip
_NOT: Final = frozenset(
    {
        "not", "didnt", "dont", "couldnt", "cant", "cannot", "unable", "havent", "no", "pas",
        "nicht", "nao", "não", "non", "niet", "nie", "trouble", "difficulty",
    }
)  # fmt: skip


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence after `threshold` exchanges in a row, or `total` in all, went unmatched.

    A fallback intent and the bot's own "I did not understand" after it are one miss.
    """
    if view.role is Role.CUSTOMER:
        missed = view.intent in FALLBACKS
        run = indices(memory.get("run")) if memory.get("missed") else ()
    elif view.role is Role.BOT and "bot_sorry" in view.said and _misheard(view):
        missed = not memory.get("missed")
        run = indices(memory.get("run"))
        if not missed:
            return memory, None
    else:
        return memory, None
    if not missed:
        return _kept(memory, run, missed=False), None
    run = (*run, view.index)[-CITED:]
    kept = _kept({**memory, "total": counted(memory, "total") + 1}, run, missed=True)
    over = max(
        len(run) - settings["threshold"] + 1, (counted(kept, "total") - settings["total"] + 1) / 2
    )
    if over <= 0:
        return kept, None
    return kept, Evidence(NAME, grown(over), len(run), settings["threshold"], run)


def _misheard(view: TurnView) -> bool:
    return not (_HEARD.isdisjoint(view.words) or _NOT.isdisjoint(view.words))


def _kept(memory: Memory, run: tuple[int, ...], *, missed: bool) -> Memory:
    total = counted(memory, "total")
    if not (total or missed):
        return {}
    return {"run": [*run], "total": total, "missed": int(missed)}


SIGNAL: Final = Signal(
    name=NAME,
    reason="not_understood",
    explains=(
        "Two exchanges in a row, or four in all, end in a fallback intent or in the bot saying "
        "that it did not understand."
    ),
    fails=(
        "Counts noise and small talk that is rightly left unmatched; misses a bot that answers "
        "something else instead of admitting it."
    ),
    settings={
        "threshold": Setting(2, 1, CITED, "unmatched exchanges in a row before it fires"),
        "weight": Setting(2.2, 0.0, 20.0, "how much it moves the score"),
        "total": Setting(4, 1, 100, "unmatched exchanges in all before it fires"),
    },
    observe=observe,
)
