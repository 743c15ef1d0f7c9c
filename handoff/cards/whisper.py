"""The card as a whisper to the human agent before the customer is put through: a few seconds."""

from collections.abc import Iterator

from handoff.cards.budget import Fitted, Item, Part, fit, shortened
from handoff.cards.context import Context
from handoff.cards.names import readable
from handoff.cards.pieces import topic
from handoff.cards.speech import WORDS_A_MINUTE, speakable, spelled, spoken_words
from handoff.cards.wording import Words, words_of
from handoff.domain.card import Card, CheckResult, Outcome, Status
from handoff.domain.extracts import value_key
from handoff.domain.identifiers import distinctive
from handoff.domain.languages import language_code
from handoff.domain.turn import Effect

MEDIA_TYPE = "text/plain; charset=utf-8"
SECONDS = 12
BUDGET = SECONDS * WORDS_A_MINUTE // 60
"""Words, each digit counted as one."""
LIMIT = f"{SECONDS} seconds: {BUDGET} words"
_WANTED = 60
"""Characters of what the customer wants, where the conversation has no job to name."""
_NAMES = 2
"""Values that are read out at most: more cannot be kept in mind."""
_PARTS = {Status.VERIFIED: Part.VERIFIED, Status.STATED: Part.STATED}
_CHECKS = {
    CheckResult.PASSED: "passed",
    CheckResult.FAILED: "check_failed",
    CheckResult.NOT_DONE: "not_done",
}


def render(card: Card, context: Context) -> str:
    """Return what is said, in the human agent's language, within `BUDGET` words."""
    words = words_of(context.language)
    more = words.whisper["more"]
    items = list(_said(card, context, words))
    found = fit(items, BUDGET, _cost)
    if found.left_out or len(card.facts) > _NAMES or card.open or card.promises:
        found = fit(items, BUDGET - spoken_words(more), _cost)
        return _joined(found, more)
    return _joined(found, "") or words.whisper["nothing"]


def _joined(found: Fitted, more: str) -> str:
    return " ".join(filter(None, (*(item.text for item in found.items), more)))


def _cost(item: Item) -> int:
    return spoken_words(item.text)


def _said(card: Card, context: Context, words: Words) -> Iterator[Item]:
    """Yield the sentences, each with its part of the card, which says how much it counts."""
    speech = words.speech
    about = topic(card)
    if about:
        yield Item(Part.WHY, f"{_sentence(speakable(about, speech))}.")
    elif card.situation:
        wanted = speakable(shortened(card.situation.text, _WANTED), speech)
        yield Item(Part.WANTS, f"{words.label['wants']}: {wanted.rstrip('.')}.")
    if card.reason.code != "none":
        yield Item(Part.WHY, speakable(words.reason(card.reason), speech))
    yield from _careful(card, context, words)
    yield from _done(card, words)
    yield Item(Part.IDENTITY, words.whisper[_CHECKS[card.customer.auth.status]])
    yield from _values(card, words)


def _careful(card: Card, context: Context, words: Words) -> Iterator[Item]:
    if any(flag.name == "vulnerability" for flag in card.flags):
        yield Item(Part.FLAGS, words.whisper["care"])
    code = language_code(context.customer_language)
    if code and code != language_code(context.language) and (name := words.languages.get(code)):
        yield Item(Part.FLAGS, words.whisper["speaks"].format(language=name))


def _done(card: Card, words: Words) -> Iterator[Item]:
    """Yield the one change to know of: one that may have happened, else failed, else was made."""
    for outcome, part, how in (
        (Outcome.UNKNOWN, Part.UNSURE, "unsure"),
        (Outcome.FAILED, Part.FAILED, "failed"),
        (Outcome.DONE, Part.CHANGED, "done"),
    ):
        names = [a.name for a in card.actions if a.effect is Effect.WRITE and a.outcome is outcome]
        if names:
            what = speakable(readable(names[-1]), words.speech)
            yield Item(part, words.whisper[how].format(what=what))
            return


def _values(card: Card, words: Words) -> Iterator[Item]:
    """Yield the values to have at hand, each said to be verified or only stated."""
    claims = [
        claim
        for claim in (*card.facts, *card.customer.claimed)
        if claim.status in _PARTS and not (claim.superseded or claim.refused or claim.alternatives)
    ]
    telling = [claim for claim in claims if distinctive(value_key(claim.value))]
    for claim in telling[:_NAMES]:
        name = speakable(readable(claim.name), words.speech)
        value = spelled(str(claim.value), words.speech)
        text = f"{words.label[claim.status.value]}: {name} {value.rstrip('.')}."
        yield Item(_PARTS[claim.status], text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")
