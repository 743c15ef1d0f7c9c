"""The story in two to four sentences of the conversation itself, the most telling ones."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from handoff.cards.phrases import FILLER
from handoff.cards.promises import MARKUP, QUOTED
from handoff.cards.reading import Reading, index_of
from handoff.detection.phrases import shipped
from handoff.domain.card import Statement
from handoff.domain.extracts import clip, sentences, words
from handoff.domain.turn import Role, Turn

_OF_A_SIDE = 2
"""Sentences of the customer and of the bot at most."""
_READ = 60
"""Turns read from either end: what lies between repeats them."""
_LONGEST = 2_000
_SHORT = 60
"""Characters up to which a sentence may be mere filler."""
_FEWEST_WORDS = 3
_FULL = 8
"""Words of meaning from which a sentence says enough."""
_FIRST = 0.5
"""What the customer's opening words gain: people begin with what they want."""
_IDENTIFIER = 0.3
_DID = 1.0
"""What a sentence of the bot gains that says what was done or will be."""
_UNTOLD = ("?", "？", "؟", ":", "：")
"""Ends of a sentence of the bot that tells nothing: a question, or the head of a list."""
_LABEL = 30
"""Characters within which a colon makes it an entry of a list: `Arrival: 03:00`."""


@dataclass(frozen=True, slots=True)
class _Telling:
    """By what a sentence is known to tell something."""

    stop: frozenset[str]
    """Words without meaning."""
    deeds: Collection[str]
    identifiers: dict[int, list[str]]
    """By turn."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence with the words that carry its meaning."""

    turn: int
    place: int
    """Which of its turn's sentences it is."""
    text: str
    content: frozenset[str]
    bonus: float


def narrative(reading: Reading, deeds: Collection[str]) -> tuple[Statement, ...]:
    """Return the story: the customer's issue first, then what the bot did, each in its own words.

    Sentences are chosen by what they share with the whole conversation, each further one by what
    is not told yet; the two sides keep the order in which they spoke. `deeds` are the bot's
    sentences that say what was done or will be, as the card shows them.
    """
    turns = [*reading.turns[:_READ], *reading.turns[_READ:][-_READ:]]
    telling = _Telling(shipped().stop(reading.conversation.language), deeds, _identifiers(reading))
    customer = list(_sentences(reading, turns, Role.CUSTOMER, telling))
    bot = list(_sentences(reading, turns, Role.BOT, telling))
    weights = Counter(word for sentence in (*customer, *bot) for word in sentence.content)
    told: set[str] = set()
    chosen = (
        ("Customer", _best(customer, weights, told)),
        ("Bot", _best([s for s in bot if _tells(s.text)], weights, told)),
    )
    return tuple(
        Statement(text=f"{who}: {sentence.text}", turns=(sentence.turn,))
        for who, found in chosen
        for sentence in found
    )


def _tells(text: str) -> bool:
    """Tell whether a sentence of the bot says something: an entry of a list does not."""
    return not text.endswith(_UNTOLD) and ":" not in text[:_LABEL]


def _identifiers(reading: Reading) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for mention in reading.mentions:
        found.setdefault(mention.turn, []).append(mention.found.text)
    return found


def _sentences(
    reading: Reading, turns: Iterable[Turn], role: Role, telling: _Telling
) -> Iterator[_Sentence]:
    first = True
    for turn in turns:
        if turn.role is not role:
            continue
        named = telling.identifiers.get(index_of(turn), ())
        for place, said in enumerate(sentences(turn.audible[:_LONGEST])):
            text = said.strip(MARKUP)
            content = frozenset(words(text)) - telling.stop
            if len(content) < _FEWEST_WORDS or (len(text) < _SHORT and FILLER(text)):
                continue
            shown = clip(reading.secrets.hide(text), QUOTED)
            bonus = _FIRST * first + _DID * (shown in telling.deeds)
            bonus += _IDENTIFIER * any(identifier in text for identifier in named)
            first = False
            yield _Sentence(index_of(turn), place, shown, content, bonus)


def _best(candidates: list[_Sentence], weights: Counter[str], told: set[str]) -> list[_Sentence]:
    """Return the most telling sentences of one side in order; `told` grows by their words."""
    chosen: list[_Sentence] = []
    while candidates and len(chosen) < _OF_A_SIDE:
        best = max(candidates, key=lambda sentence: _salience(sentence, weights, told))
        new = best.content - told
        if chosen and len(new) < _FEWEST_WORDS:
            break
        chosen.append(best)
        told |= best.content
        candidates = [sentence for sentence in candidates if sentence is not best]
    return sorted(chosen, key=lambda sentence: (sentence.turn, sentence.place))


def _salience(sentence: _Sentence, weights: Counter[str], told: set[str]) -> float:
    """Return how much of the conversation a sentence tells that is not told yet."""
    new = sentence.content - told
    share = sum(weights[word] for word in new) / (len(sentence.content) * max(weights.values()))
    return (share + sentence.bonus) * min(1.0, len(new) / _FULL)
