"""Rows of `make evaluate` about handoff cards: what is on them, and what rests on nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from handoff.cli.labelled import unmasked_cases
from handoff.cli.output import Pace
from handoff.cli.reading import Recordings
from handoff.cli.summarizers import DETERMINISTIC, summarizer_of
from handoff.cli.written import Writer
from handoff.detection import Detector, Policy
from handoff.evaluation.cards.airline import WRITTEN, ids_of
from handoff.evaluation.cards.judge import CardJudged
from handoff.evaluation.cards.report import CardFigures, card_figures
from tests.evaluation.rows import Data, Row, refuse

SOURCES = ("tau-airline", "sgd", "star", "multidogo", "evi")
ACTING = ("tau-airline", "sgd", "star")
"""Sources with tool calls."""
HANDED_OFF = "identifiers, handed off"


@dataclass
class Cards:
    """The cards of each data set, written and judged once."""

    data: Data
    judged: dict[tuple[str, bool], list[CardJudged]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    """Conversation to the summary that its model passed on."""

    def of(self, name: str, *, words_only: bool = False) -> list[CardJudged]:
        """Return what the cards of a data set are worth."""
        if (name, words_only) not in self.judged:
            paths = sorted(self.data.folder.glob(f"{name}-dev.jsonl*"))
            writer = Writer(
                summarizer_of(DETERMINISTIC), Detector(Policy.default()), words_only=words_only
            )
            own = self.judged[name, words_only] = []
            with Pace(f"cards of {name}") as pace:
                for case, unmasked in unmasked_cases(Recordings(paths, None, refuse), None, pace):
                    own.append(writer.judged(case, unmasked))
                    if case.gold and (text := case.gold.outcome.get(WRITTEN)):
                        self.written[case.conversation.conversation_id] = str(text)
        return self.judged[name, words_only]

    def figures(self, name: str, *, words_only: bool = False) -> CardFigures:
        """Return the figures of a data set, with intervals."""
        own = self.of(name, words_only=words_only)
        return card_figures(own, times=self.data.times, rng=Random(1))


def card_rows(data: Data) -> Iterator[Row]:
    """Yield every row about cards."""
    cards = Cards(data)
    yield from _airline(cards)
    yield from _actions(cards)
    yield from _slots(cards)
    yield from _heard(cards)
    yield _grounds(cards)
    tokens = cards.figures("tau-airline").tokens
    found = f"{tokens.median:.0f} / {tokens.p95:.0f}"
    met = tokens.median <= 300 and tokens.p95 <= 600
    yield Row("tau-airline: tokens of the text form, median / p95", found, "≤ 300 / ≤ 600", met)


def _airline(cards: Cards) -> Iterator[Row]:
    figures = cards.figures("tau-airline")
    own = [one for judged in cards.of("tau-airline") for one in _by(judged, HANDED_OFF)]
    theirs = sum(what in ids_of(cards.written[name]) for name, what in own)
    yield _row("tau-airline, handed off: identifiers in the text form", figures, HANDED_OFF, 0.99)
    share = f"{theirs / len(own):.3f} ({theirs} of {len(own)})" if own else "–"
    yield Row("… in the summary that gpt-4o passed on itself", share, "", met=True)
    yield _row("tau-airline, all: identifiers in the text form", figures, "identifiers", 0.99)
    strict = "… said by the customer or used by a change"
    yield _row(strict, figures, "identifiers, strict", 1.0)
    yield _row("… amounts in the text form", figures, "amounts", 0.98)


def _by(judged: CardJudged, group: str) -> Iterator[tuple[str, str]]:
    for found in judged.found:
        if found.group == group:
            yield judged.conversation_id, found.what


def _actions(cards: Cards) -> Iterator[Row]:
    invented = 0
    for name in ACTING:
        figures = cards.figures(name)
        invented += figures.counts.get("invented actions", 0)
        measure = f"{name}: changes on the card with the right outcome"
        yield _row(measure, figures, "write calls", 1.0, "right outcome")
    yield Row("invented actions in these", str(invented), "0", invented == 0)


def _slots(cards: Cards) -> Iterator[Row]:
    figures = cards.figures("sgd")
    yield _row("sgd: final values in claims", figures, "facts", 0.99, "claims")
    yield _row("… in the text form", figures, "facts", 0.99)
    yield _row("… under a name that fits", figures, "facts", 0.95, "named")
    figures = cards.figures("multidogo")
    told = "multidogo, slots told: values under a fitting name"
    yield _row(told, figures, "facts", 0.99, "named")
    words = cards.figures("multidogo", words_only=True)
    yield _row("multidogo, from words only", words, "facts", 0.80, "named")
    measures = (figures.measures["secrets shown"], words.measures["secrets shown"])
    shown = sum(one.ways[way] for one in measures for way in ("claims", "text"))
    needed = measures[0].needed + measures[1].needed
    yield Row("… secrets shown, both ways", f"{shown} of {needed}", "0", shown == 0)


def _heard(cards: Cards) -> Iterator[Row]:
    figures = cards.figures("evi")
    heard = "evi: true value on the card where any hypothesis had it"
    yield _row(heard, figures, "facts", 0.98, "claims")
    yield _row("… leading on the card", figures, "facts", 0.88, "lead")
    yield _row("… at most 4 values of an item", figures, "values shown", 1.0, "at most 4")


def _grounds(cards: Cards) -> Row:
    every = [cards.figures(name).measures["claims"] for name in SOURCES]
    needed = sum(one.needed for one in every)
    bad = needed - sum(one.ways["grounded"] for one in every)
    found = f"{bad / needed:.2%} ({bad:,} of {needed:,})" if needed else "–"
    measure = "claims that the turns they cite do not bear out"
    return Row(measure, found, "≤ 0.2 %", bad <= needed / 500)


def _row(measure: str, figures: CardFigures, group: str, bound: float, way: str = "text") -> Row:
    own = figures.measures[group]
    share, within = own.share(way) or 0.0, own.intervals.get(way)
    shown = f"{share:.3f}"
    if within and within[0] < within[1]:
        shown += f" ({within[0]:.3f} to {within[1]:.3f})"
    return Row(measure, shown, "1" if bound == 1.0 else f"≥ {bound:.2f}", share >= bound)
