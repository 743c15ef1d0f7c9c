"""A card in pieces that forms may show or leave out: each in words, none escaped yet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from handoff.cards.budget import Item, Part, shortened
from handoff.cards.names import readable
from handoff.cards.view import ActionView, CardView, FactView, card_view, grouped
from handoff.cards.wording import Words, words_of
from handoff.domain.card import Card, Consent, OpenItem, Outcome, Status
from handoff.domain.extracts import flow

LINE = 110
"""Characters of a sentence somebody said; values are never cut."""
_HEADLINE = 200
_NAME = 60
_LONG_GROUP = 240
"""Characters from which the values of one name are pieces of their own."""
_WRITES = {Outcome.DONE: Part.CHANGED, Outcome.UNKNOWN: Part.UNSURE}
_MARKS = {
    Part.WHY: "reason", Part.WANTS: "situation", Part.FLAGS: "flags", Part.NEXT: "next_step",
    Part.CHANGED: "actions", Part.UNSURE: "actions", Part.FAILED: "tried", Part.OPEN: "open",
    Part.PROMISED: "promises", Part.IDENTITY: "customer", Part.VERIFIED: "facts",
    Part.STATED: "facts", Part.INFERRED: "facts", Part.LINKED: "linked", Part.QUOTES: "quotes",
    Part.NOTE: "bot_note", Part.LOOKED_UP: "actions", Part.CONSENTS: "consents",
    Part.KNOWN: "do_not_ask", Part.STORY: "narrative", Part.WRITTEN: "narrative",
}  # fmt: skip
"""Part to the section of the card that marks it as new."""
CITING = frozenset({Part.WHY, Part.FLAGS, Part.STORY, Part.WRITTEN})
"""Parts whose text names its turns."""
_CLAIMS = {
    Status.VERIFIED: Part.VERIFIED,
    Status.STATED: Part.STATED,
    Status.INFERRED: Part.INFERRED,
}


def headline(card: Card, words: Words) -> str:
    """Return the card's headline, the reason in the language of `words`."""
    text = card.headline.replace(card.reason.sentence, words.reason(card.reason))
    return shortened(text, _HEADLINE)


def topic(card: Card) -> str:
    """Return what the conversation is about, as the headline begins; empty if it says no job."""
    about, colon, reason = card.headline.rpartition(": ")
    return about if colon and reason == card.reason.sentence else ""


def by_model(card: Card) -> bool:
    """Tell whether a model wrote the story; else it is in the conversation's own sentences."""
    return card.provenance.model is not None


def marked(card: Card, words: Words, part: Part, name: str) -> str:
    """Return a part's name, saying where it holds something new since a human took it."""
    return f"{name} ({words.say['new']})" if _MARKS[part] in card.changed else name


def _heading(card: Card, words: Words, key: str, section: str) -> str:
    """Return a section's title for a form without styles, saying where something is new."""
    title = words.heading(key)
    return f"{title} ({words.say['new']})" if section in card.changed else title


def labels(card: Card, words: Words) -> dict[Part, str]:
    """Return what stands before the items of a part where room is short."""
    named = {part: name for part in Part if (name := words.label.get(part))}
    return {part: marked(card, words, part, name) for part, name in named.items()}


def whole(card: Card, language: str) -> dict[str, object]:
    """Return what the templates of the whole card need."""
    words = words_of(language)
    return {
        "view": card_view(card, words),
        "card": card,
        "headline": headline(card, words),
        "by_model": by_model(card),
        "heading": partial(_heading, card, words),
        "reason": words.reason(card.reason),
        "words": words,
        "say": words.say,
    }


def pieces(card: Card, words: Words) -> tuple[Item, ...]:
    """Return everything a card has to say, what counts most first."""
    view = card_view(card, words)
    writes = tuple(_writes(view))
    return (*_why(view), *_lead(view), *writes, *_state(view), *_facts(view, writes), *_rest(view))


def _why(view: CardView) -> Iterator[Item]:
    for line in view.evidence:
        yield Item(
            Part.WHY, shortened(_told(line.text, line.turns, view.words), LINE), turns=line.turns
        )


def _told(text: str, turns: tuple[int, ...], words: Words) -> str:
    """Return a text with the turns it rests on, where every form is to say them."""
    where = words.cited(turns)
    return f"{text} ({where})" if where else text


def _lead(view: CardView) -> Iterator[Item]:
    """Yield what to read before anything else."""
    card = view.card
    if card.situation:
        text = f"“{shortened(card.situation.text, LINE * 2)}”"
        yield Item(Part.WANTS, text, turns=card.situation.turns)
    for flag in card.flags:
        yield Item(Part.FLAGS, _told(flag.text, flag.turns, view.words), turns=flag.turns)
    yield from (_consent(consent, view.words) for consent in card.consents if not consent.given)
    if card.mood:
        yield Item(Part.FLAGS, f"{view.words.say['mood']}: {shortened(card.mood, LINE)}")
    if card.next_step:
        yield Item(Part.NEXT, shortened(card.next_step, LINE * 2))


def _consent(consent: Consent, words: Words) -> Item:
    """Return a consent: what was refused is to be known before speaking."""
    given = words.say["given" if consent.given else "refused"]
    turns = () if consent.turn is None else (consent.turn,)
    part = Part.CONSENTS if consent.given else Part.FLAGS
    return Item(part, f"{readable(consent.name)} {given}", turns=turns)


def _writes(view: CardView) -> Iterator[Item]:
    """Yield what was changed, and what may have been; what failed is among the attempts."""
    for action in view.writes:
        if part := _WRITES.get(Outcome(action.outcome)):
            brief = shortened(action.name, _NAME)
            yield Item(part, _called(action), short=brief, turns=(action.turn,))


def _called(action: ActionView) -> str:
    return f"{action.name}: {action.details}" if action.details else action.name


def _state(view: CardView) -> Iterator[Item]:
    """Yield where things stand."""
    card = view.card
    for tried in card.tried:
        text = f"{shortened(tried.what, LINE)}: {shortened(tried.ended, LINE)}"
        yield Item(Part.FAILED, text, turns=tried.turns)
    for item in card.open:
        if _adds(item, card):
            yield Item(Part.OPEN, shortened(item.text, LINE), turns=item.turns)
    for promise in reversed(card.promises):
        yield Item(Part.PROMISED, shortened(promise.text, LINE), turns=(promise.turn,))
    yield Item(Part.IDENTITY, f"{view.words.say['authentication']} {view.auth}")
    if card.customer.matched_by:
        yield Item(Part.IDENTITY, f"{view.words.say['matched_by']} {card.customer.matched_by}")
    for name, result, turns in view.checks:
        yield Item(Part.IDENTITY, f"{name} {result}", turns=turns)


def _adds(item: OpenItem, card: Card) -> bool:
    return item.text not in card.next_step


def _facts(view: CardView, writes: Iterable[Item]) -> Iterator[Item]:
    """Yield the facts by status, without those that a change already shows as done."""
    shown = "".join(flow(item.text) for item in writes if item.part is Part.CHANGED)
    facts = [
        fact for group in (*view.customer, *view.facts) for fact in group if _is_new(fact, shown)
    ]
    for status, part in _CLAIMS.items():
        groups = grouped(fact for fact in facts if fact.status == status)
        for name, group in groups.items():
            for some in _split(group, view.words):
                yield _fact(part, name, some, view.words)


def _is_new(fact: FactView, shown: str) -> bool:
    return (
        fact.superseded or fact.refused or bool(fact.alternatives) or flow(fact.value) not in shown
    )


def _split(group: list[FactView], words: Words) -> list[list[FactView]]:
    """Return the facts of one name together, each by itself if they are too long for that."""
    if sum(len(_value(fact, words)) for fact in group) <= _LONG_GROUP:
        return [group]
    return [[fact] for fact in group]


def _fact(part: Part, name: str, group: list[FactView], words: Words) -> Item:
    turns = sorted({turn for fact in group for turn in fact.turns})
    text = ", ".join(_value(fact, words) for fact in group)
    return Item(part, text, name=name, turns=tuple(turns), count=len(group))


def _value(fact: FactView, words: Words) -> str:
    if fact.superseded:
        return f"({words.say['was']} {fact.value})"
    others = " / ".join(fact.alternatives)
    value = f"{fact.value} ({words.say['or']} {others})" if others else fact.value
    return f"{value} ({words.say['refused']})" if fact.refused else value


def _rest(view: CardView) -> Iterator[Item]:
    """Yield what only helps when there is room."""
    card, words = view.card, view.words
    for other in card.linked:
        text = f"{other.escalation_id}: {other.text}" if other.text else other.escalation_id
        yield Item(Part.LINKED, shortened(text, LINE))
    for quote in reversed(card.quotes):
        yield Item(Part.QUOTES, f"“{shortened(quote.text, LINE)}”", turns=(quote.turn,))
    if card.bot_note:
        yield Item(Part.NOTE, f"“{shortened(card.bot_note, LINE * 2)}”")
    lookups = Counter(action.name for action in view.lookups if action.outcome == Outcome.DONE)
    for name, times in lookups.items():
        yield Item(Part.LOOKED_UP, f"{name} ×{times}" if times > 1 else name)
    yield from (_consent(consent, words) for consent in card.consents if consent.given)
    if card.recording:
        yield Item(Part.CONSENTS, f"{words.say['recording']} {card.recording.state}")
    if card.do_not_ask:
        yield Item(Part.KNOWN, ", ".join(card.do_not_ask))
    part = Part.WRITTEN if by_model(card) else Part.STORY
    for sentence in card.narrative:
        yield Item(part, _told(sentence.text, sentence.turns, words), turns=sentence.turns)
