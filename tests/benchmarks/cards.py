"""How long a card and its text form take, beside sumy's summaries of the same words."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sumy.models.dom import ObjectDocumentModel
from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from handoff.cards import build_card, render
from handoff.domain.extracts import sentences, words
from handoff.domain.turn import Conversation
from tests.benchmarks.bodies import turns

BOUNDS = {50: 3.0, 500: 25.0, 5_000: 250.0}
"""Turns to milliseconds."""
_ROUNDS = {50: 60, 500: 12, 5_000: 4}
_PEERS_UP_TO = 500
"""Turns beyond which sumy, which compares every sentence with every other, takes minutes."""
_SENTENCES = 4


@dataclass(frozen=True)
class Figures:
    """Milliseconds of one size; None where a peer was not run."""

    card: float
    lex_rank: float | None
    text_rank: float | None


class _Tokenizer:
    """Sentences and words for sumy, whose own need a download."""

    def to_sentences(self, text: str) -> Sequence[str]:
        """Return the sentences of a text."""
        return tuple(sentences(text))

    def to_words(self, sentence: str) -> Sequence[str]:
        """Return the words of a sentence."""
        return tuple(words(sentence))


def run() -> dict[int, Figures]:
    """Return the best time of each size, the peers right after the card in the same run."""
    return {size: _measured(size) for size in BOUNDS}


def _measured(size: int) -> Figures:
    talk = Conversation(conversation_id="c", language="en", turns=tuple(turns(size)))
    card = _best(lambda: render(build_card(talk), "text"), _ROUNDS[size])
    if size > _PEERS_UP_TO:
        return Figures(card, None, None)
    said = "\n".join(turn.text for turn in talk.turns if turn.text)
    peers = [
        _best(lambda summarizer=summarizer: summarizer(_document(said), _SENTENCES), 1)
        for summarizer in (LexRankSummarizer(), TextRankSummarizer())
    ]
    return Figures(card, *peers)


def _document(said: str) -> ObjectDocumentModel:
    return PlaintextParser.from_string(said, _Tokenizer()).document


def _best(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took) * 1e3
