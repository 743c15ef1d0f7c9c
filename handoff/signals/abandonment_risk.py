"""The customer is about to give up: parting words, shrinking answers, one no after another."""

from itertools import pairwise
from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, counted, indices, recent
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "abandonment_risk"
SIZES: Final = 4
SPAN: Final = 12
CITED: Final = 4
_NO: Final = frozenset(
    {
        "no", "nope", "nah", "never", "nein", "non", "nao", "não", "nee", "nie", "いいえ", "不",
        "不是", "没有",
    }
)  # fmt: skip
_DENIALS: Final = frozenset({"no", "deny", "negate", "reject", "decline", "rejection"})


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once what speaks of giving up adds up to `threshold`.

    Parting words count most; answers that shrink to a word or two, every second answer a no, and
    a conversation longer than `long` customer turns count on top. Progress starts it afresh.
    """
    if view.role is not Role.CUSTOMER:
        return memory, None
    turns = counted(memory, "turns") + 1
    sizes = [*indices(memory.get("sizes")), len(view.words)][-SIZES:] if view.text else []
    noes, leaving = (
        recent({} if view.progress else memory, key, view.index, SPAN) for key in ("no", "leaves")
    )
    if _refuses(view):
        noes.append(view.index)
    if "leaves" in view.said:
        leaving.append(view.index)
    kept: Memory = {
        "turns": min(turns, 10_000),
        "sizes": [*sizes],
        "no": [*noes[-CITED:]],
        "leaves": [*leaving[-CITED:]],
    }
    now = "leaves" in view.said or _refuses(view)
    signs = {
        "leaves": settings["leaves"] * min(len(leaving), 2),
        "noes": 0.3 if len(noes) >= 3 else 0.0,
        "shrinking": 0.15 if _shrinks(sizes) else 0.0,
        "long": 0.15 if turns > settings["long"] else 0.0,
    }
    strength = min(1.0, sum(signs.values()))
    if not now or strength < settings["threshold"]:
        return kept, None
    cited = tuple(sorted({*noes[-CITED:], *leaving[-CITED:], view.index}))
    value = ", ".join(name for name, degree in signs.items() if degree)
    return kept, Evidence(NAME, strength, value, settings["threshold"], cited)


def _refuses(view: TurnView) -> bool:
    return (bool(view.words) and view.words[0] in _NO) or view.intent in _DENIALS


def _shrinks(sizes: list[int]) -> bool:
    falling = all(later <= before for before, later in pairwise(sizes))
    return len(sizes) == SIZES and falling and sizes[0] >= 5 and sizes[-1] <= 2


SIGNAL: Final = Signal(
    name=NAME,
    reason="customer_upset",
    explains=(
        "Parting words (0.45), three noes within 12 turns (0.3), answers that shrink (0.15) and "
        "more than 15 customer turns (0.15) add up to 0.4."
    ),
    fails=(
        "Takes noes to closing questions and a friendly farewell before the end for giving up; "
        "misses those who leave without a word."
    ),
    settings={
        "threshold": Setting(0.4, 0.0, 1.0, "sum below which it is not counted"),
        "weight": Setting(1.2, 0.0, 20.0, "how much it moves the score"),
        "leaves": Setting(0.45, 0.0, 1.0, "share of parting words, twice at most"),
        "long": Setting(15, 1, 1000, "customer turns from which a conversation is long"),
    },
    observe=observe,
)
