"""The customer is upset: what they say, how they say it, and how often."""

import functools
from typing import Final

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, counted, recent
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "frustration"
READ: Final = 300
"""Characters in which capitals and marks are looked for."""
WEIGHED: Final = 160
"""Characters whose sentiment is asked for: the time it takes grows faster than the text."""
SPAN: Final = 16
CITED: Final = 4
LOUD: Final = 4
"""Letters from which a word in capitals is no acronym."""
BITTER: Final = frozenset(
    {
        "angry", "annoyed", "annoying", "awful", "bad", "crap", "disappointed", "disappointing",
        "disgraceful", "disgusted", "disgusting", "dreadful", "fool", "frustrated",
        "frustrating", "furious", "garbage", "hate", "horrible", "horrendous", "idiot",
        "idiotic", "incompetent", "insane", "insult", "joke", "kidding", "liar", "lies",
        "lousy", "mad", "mess", "moron", "nightmare", "nonsense", "outrageous", "pathetic",
        "pissed", "poor", "ridiculous", "rude", "shameful", "sick", "sucks", "stupid",
        "terrible", "terribly", "tired", "trash", "ugh", "unacceptable", "unbelievable",
        "upset", "useless", "waste", "wasted", "wasting", "worse", "worst", "worthless",
        "wrong",
    }
)  # fmt: skip
"""Words that make it worth asking how a sentence sounds."""
_MARKS: Final = ("!!", "??", "?!", "!?", "！！", "？？")
_DEGREES: Final = {"frustrated": 0.55, "profane": 0.5, "shouting": 0.35, "punctuation": 0.25}


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once what speaks of frustration adds up to `threshold`; repeating raises it.

    Capitals count only from a customer who also writes otherwise, repeated marks only on top of
    something else or of each other.
    """
    if view.role is not Role.CUSTOMER or not view.text:
        return memory, None
    raw = view.turn.audible[:READ]
    loud = _loud(raw)
    kept: Memory = memory
    if loud is not None:
        key = "loud" if loud else "calm"
        kept = {**memory, key: min(counted(memory, key) + 1, 99)}
    signs = {kind: _DEGREES[kind] for kind in ("frustrated", "profane") if kind in view.said}
    if loud and counted(memory, "calm") > counted(memory, "loud"):
        signs["shouting"] = _DEGREES["shouting"]
    if any(marks in raw for marks in _MARKS):
        signs["punctuation"] = _DEGREES["punctuation"]
    if "frustrated" in signs or not BITTER.isdisjoint(view.words) or "profane" in signs:
        _weigh(signs, raw, view.known.language)
    if not signs:
        return kept, None
    strength = _together(signs)
    earlier = recent(memory, "turns", view.index, SPAN)
    turns = [*earlier, view.index][-CITED:]
    kept = {**kept, "turns": [*turns]}
    strength = 1.0 - (1.0 - strength) * 0.75 ** len(earlier)
    if strength < settings["threshold"]:
        return kept, None
    return kept, Evidence(NAME, strength, ", ".join(signs), settings["threshold"], tuple(turns))


def _loud(raw: str) -> bool | None:
    """Return whether most of the longer words are in capitals, None where there are too few."""
    words = [word for word in map(_bare, raw.split()) if len(word) >= LOUD and word.isalpha()]
    if len(words) < 2 or words[0].lower() == words[0].upper():
        return None
    capitals = sum(map(str.isupper, words))
    return capitals >= 2 and capitals / len(words) >= 0.6


def _bare(word: str) -> str:
    return word.strip(".,;:!?…'\"()")


def _weigh(signs: dict[str, float], raw: str, language: str | None) -> None:
    """Add what sentiment says of an English text; praise in strong words is no frustration."""
    if language and not language.lower().startswith("en"):
        return
    tone = float(_analyser().polarity_scores(raw[:WEIGHED])["compound"])
    if tone <= -0.3:
        signs["sentiment"] = 0.6 * -tone
    elif tone >= 0.5:
        signs.pop("profane", None)


def _together(signs: dict[str, float]) -> float:
    rest = 1.0
    for degree in signs.values():
        rest *= 1.0 - degree
    return 1.0 - rest


@functools.cache
def _analyser() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


SIGNAL: Final = Signal(
    name=NAME,
    reason="customer_upset",
    explains=(
        "Words of anger, profanity, shouting in capitals, repeated marks and (English) negative "
        "sentiment add up to 0.4; once more within 16 turns raises it."
    ),
    fails=(
        "Takes a sad subject (a death, a theft) for anger at the bot; misses irony, and sentiment "
        "in other languages than English."
    ),
    settings={
        "threshold": Setting(0.4, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(1.8, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)
