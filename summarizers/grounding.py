"""Hold every sentence of a draft against the turns it cites; what they do not bear out is dropped.

Nothing here asks whether a sentence is likely. A value that does not stand in the cited turns, or
in the state that rests on them, is taken for invented, and a sentence that cannot be checked is not
shown. A right sentence may be lost that way; the card says all of it in its own sections.
"""

from collections.abc import Callable, Iterable, Iterator

from handoff.cards.names import is_card_number, is_secret, is_verifier, path_name
from handoff.cards.results import leaves
from handoff.cards.secrets import MASK, Secrets
from handoff.domain.card import Card, Statement
from handoff.domain.extracts import clip, flow, sentences
from handoff.domain.languages import language_code
from handoff.domain.summary import Draft, Dropped, Judged
from handoff.domain.turn import Conversation
from summarizers.clauses import certain, together
from summarizers.evidence import gather
from summarizers.meaning import (
    duty,
    identity,
    opposites,
    outcome,
    person,
    polarity,
    speaker,
    support,
)
from summarizers.scene import Scene, Told, read
from summarizers.values import (
    amounts,
    contacts,
    counts,
    customer_name,
    dates,
    names,
    numbers,
    times,
)

MOST = 5
"""Sentences shown."""
LOOKED_AT = 20
"""Sentences of a draft that are judged; a model that writes more has lost its way."""
LONGEST = 320
"""Characters of a sentence."""
CITED = 12
"""Turns that a sentence may cite: one that cites everything cites nothing."""

_ABBREVIATION = 4
"""Characters of a word with its point that need not end a sentence: `Mr.`, `No.`, `a.m.`"""

Check = Callable[[Told, Scene], bool]
CHECKS: dict[str, Check] = {
    "contact": contacts,
    "date": dates,
    "time": times,
    "number": numbers,
    "count": counts,
    "amount": amounts,
    "name": names,
    "customer_name": customer_name,
    "identity": identity,
    "instruction": duty,
    "first_person": person,
    "outcome": outcome,
    "polarity": polarity,
    "opposite": opposites,
    "speaker": speaker,
    "unsupported": support,
    "apart": together,
    "unsure": certain,
}
"""What is asked of a sentence, in this order; the first that says no names why it was dropped."""


def ground(conversation: Conversation, card: Card, draft: Draft) -> Judged:
    """Return which sentences the conversation bears out, and which not, with the reason."""
    court = _Court(conversation, card)
    kept: dict[str, Statement] = {}
    dropped: list[Dropped] = []
    for statement in _single(draft):
        same = flow(statement.text)
        why = "repeated" if same in kept else court.fault(statement)
        if not why and len(kept) >= MOST:
            why = "length"
        if why:
            text = clip(court.secrets.hide(statement.text), LONGEST)
            dropped.append(Dropped(text=text, turns=statement.turns[:CITED], why=why))
        else:
            said = " ".join(statement.text.split())
            kept[same] = Statement(text=said, turns=tuple(sorted(set(statement.turns))))
    return Judged(tuple(kept.values()), tuple(dropped))


def secrets_of(conversation: Conversation) -> Secrets:
    """Return the values that neither a model nor a story is to hold: secrets and verifiers."""
    return Secrets(_secret_values(conversation))


def _secret_values(conversation: Conversation) -> Iterator[str]:
    for turn in conversation.turns:
        trees = [turn.slots, turn.tool_call.arguments if turn.tool_call else {}]
        for leaf in (leaf for tree in trees for leaf in leaves(tree)):
            name = path_name(leaf.path)
            hidden = is_secret(name) or is_card_number(name) or is_verifier(name)
            if hidden and MASK not in str(leaf.value):
                yield str(leaf.value)


def _single(draft: Draft) -> Iterator[Statement]:
    """Yield a draft's sentences one by one: several in one text are judged apart."""
    left = LOOKED_AT
    for statement in draft.sentences:
        for text in _whole(sentences(statement.text)):
            if left:
                left -= 1
                yield Statement(text=text, turns=statement.turns)


def _whole(pieces: Iterable[str]) -> Iterator[str]:
    """Yield sentences, those put together that a point after a number or `Mr` has parted."""
    begun = ""
    for piece in pieces:
        begun = f"{begun} {piece}".strip()
        last = begun.rpartition(" ")[2]
        if not (last.endswith(".") and (last[:-1].isdecimal() or 1 < len(last) <= _ABBREVIATION)):
            yield begun
            begun = ""
    if begun:
        yield begun


class _Court:
    """A conversation with its card, before which sentences are brought."""

    def __init__(self, conversation: Conversation, card: Card) -> None:
        self.secrets = secrets_of(conversation)
        self._card = card
        self._language = language_code(conversation.language)
        self._turns = {turn.index or 0: turn for turn in conversation.numbered()}
        self._actions = {action.turn: action for action in card.actions}

    def fault(self, statement: Statement) -> str:
        """Return why a sentence is not shown, empty where it may be."""
        cited = tuple(dict.fromkeys(statement.turns))
        if not cited or len(cited) > CITED or any(index not in self._turns for index in cited):
            return "turn"
        if len(statement.text) > LONGEST:
            return "length"
        if self.secrets.within(statement.text):
            return "secret"
        told = read(statement.text, cited, self._language)
        if told is None:
            return "language"
        if _is_outdated(told, self._card):
            return "outdated"
        turns = tuple(self._turns[index] for index in cited)
        evidence = gather(turns, self._card, self._actions, told.known.language)
        scene = Scene(turns, evidence, self._card, self._actions)
        return next((name for name, holds in CHECKS.items() if not holds(told, scene)), "")


def _is_outdated(told: Told, card: Card) -> bool:
    """Tell whether it tells a value that was corrected since, without the one that stands."""
    said = flow(told.text)
    current = {claim.name: claim.value for claim in card.facts if not claim.superseded}
    outdated = (claim for claim in card.facts if claim.superseded and claim.name in current)
    return any(
        flow(str(claim.value)).strip() != ""
        and flow(str(claim.value)) in said
        and flow(str(current[claim.name])) not in said
        for claim in outdated
    )
