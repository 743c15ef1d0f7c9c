"""What is still open, and what must not be asked again."""

from collections.abc import Iterable, Iterator

from handoff.cards.actions import subject
from handoff.cards.ledger import Entry, Source
from handoff.cards.names import is_verifier, name_words, readable
from handoff.cards.promises import done_claims
from handoff.cards.reading import TRANSFERS, Reading, index_of
from handoff.domain.card import CardAction, OpenItem, OpenKind, Outcome
from handoff.domain.extracts import clip, sentences, value_key
from handoff.domain.identifiers import Kind, distinctive
from handoff.domain.turn import Effect, Role

_LIMIT = 200
_MARKS = ("?", "？", "؟")
_NAMELESS = frozenset(
    {Kind.MONEY.value, Kind.DATE.value, Kind.TIME.value, Kind.LINK.value, "reference"}
)


def open_items(reading: Reading, actions: tuple[CardAction, ...]) -> tuple[OpenItem, ...]:
    """Return side effects nobody confirmed first, then questions nobody answered."""
    return (*_effects(actions), *_unconfirmed(reading, actions), *_questions(reading))


def _effects(actions: tuple[CardAction, ...]) -> Iterator[OpenItem]:
    done: dict[str, list[frozenset[str]]] = {}
    pending: dict[str, OpenItem] = {}
    for action in reversed(actions):
        if action.effect is not Effect.WRITE or action.name in TRANSFERS:
            continue
        about = _about(action)
        if action.outcome is Outcome.DONE:
            done.setdefault(action.name, []).append(about)
        elif not any(not about or about & later for later in done.get(action.name, ())):
            item = _open_effect(action)
            pending.setdefault(item.text, item)
    yield from reversed(pending.values())


def _about(action: CardAction) -> frozenset[str]:
    """Return the identifiers a call was about, by which a later call is known to repeat it."""
    keys = (value_key(value) for value in action.arguments.values() if isinstance(value, str | int))
    return frozenset(key for key in keys if distinctive(key))


def _open_effect(action: CardAction) -> OpenItem:
    if action.outcome is Outcome.FAILED:
        return OpenItem(
            kind=OpenKind.FAILED_ACTION,
            text=f"{subject(action)} failed and was not done since",
            turns=(action.turn,),
        )
    return OpenItem(
        kind=OpenKind.UNKNOWN_OUTCOME,
        text=f"{subject(action)} may or may not have happened",
        turns=(action.turn,),
    )


def _unconfirmed(reading: Reading, actions: tuple[CardAction, ...]) -> Iterator[OpenItem]:
    """Yield what the bot said is done where no successful change stands before it."""
    first = min(
        (a.turn for a in actions if a.effect is Effect.WRITE and a.outcome is Outcome.DONE),
        default=None,
    )
    for turn, sentence in done_claims(reading):
        if first is None or turn < first:
            text = f"the bot said “{sentence}”, no system confirms it"
            yield OpenItem(kind=OpenKind.UNCONFIRMED, text=text, turns=(turn,))


def _questions(reading: Reading) -> Iterator[OpenItem]:
    """Yield the customer's questions that no turn of the bot followed."""
    trailing = []
    for turn in reversed(reading.turns):
        if turn.role in (Role.BOT, Role.HUMAN) and turn.audible.strip():
            break
        if turn.role is Role.CUSTOMER:
            trailing.append(turn)
    for turn in reversed(trailing):
        for sentence in sentences(turn.text):
            if sentence.endswith(_MARKS):
                text = clip(reading.secrets.hide(sentence), _LIMIT)
                yield OpenItem(kind=OpenKind.QUESTION, text=text, turns=(index_of(turn),))


def do_not_ask(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of what the customer gave, without those that check who somebody is."""
    names = (readable(entry.name) for entry in entries if _was_given(entry))
    return tuple(dict.fromkeys(name for name in names if name not in _NAMELESS))


def _was_given(entry: Entry) -> bool:
    given = Source.SAID in entry.turns and not entry.superseded and not entry.alternatives
    return given and bool(name_words(entry.name)) and not is_verifier(entry.name)
