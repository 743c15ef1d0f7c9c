"""What the bot said would happen, with the deadline it named."""

from collections.abc import Iterator

from handoff.cards.phrases import DEADLINE, DONE_CLAIM, NOT_PROMISE, PROMISE
from handoff.cards.reading import Reading, index_of
from handoff.domain.card import Promise
from handoff.domain.extracts import clip, flow, sentences
from handoff.domain.glance import Glance
from handoff.domain.turn import Role

QUOTED = 200
"""Characters of the bot's sentences that are shown."""
MARKUP = " \t-*•#>"
"""What may stand around a sentence of a list without being part of it."""


def promises(reading: Reading) -> tuple[Promise, ...]:
    """Return the promises of the bot in order, one said again told once, where it was said last."""
    latest: dict[str, Promise] = {}
    for turn, sentence in _bot_sentences(reading, PROMISE):
        if NOT_PROMISE(sentence) or sentence.endswith(("?", "？")):
            continue
        due = DEADLINE.search(sentence)
        key = flow(sentence)
        latest.pop(key, None)
        latest[key] = Promise(
            text=clip(reading.secrets.hide(sentence), QUOTED),
            turn=turn,
            due=due.group() if due else None,
        )
    return tuple(latest.values())


def done_claims(reading: Reading) -> tuple[tuple[int, str], ...]:
    """Return where the bot said that something is done, with its sentence."""
    return tuple(
        (turn, clip(reading.secrets.hide(sentence), QUOTED))
        for turn, sentence in _bot_sentences(reading, DONE_CLAIM)
        if not sentence.endswith(("?", "？"))
    )


def _bot_sentences(reading: Reading, pattern: Glance) -> Iterator[tuple[int, str]]:
    """Yield each sentence of the bot that a pattern matches, as it was really heard."""
    for turn in reading.turns:
        if turn.role is not Role.BOT or not pattern(turn.audible):
            continue
        for sentence in sentences(turn.audible):
            if pattern(sentence):
                yield index_of(turn), sentence.strip(MARKUP)
