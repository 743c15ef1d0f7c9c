"""What is still open, and what must not be asked again."""

from collections.abc import Iterable, Iterator

from handoff.cards.actions import subject
from handoff.cards.ledger import Entry, Source
from handoff.cards.names import is_verifier, name_words, readable
from handoff.cards.phrases import REFUSAL
from handoff.cards.reading import TRANSFERS, Reading, index_of
from handoff.domain.card import CardAction, OpenItem, OpenKind, Outcome
from handoff.domain.extracts import clip, sentences, value_key
from handoff.domain.identifiers import Kind, distinctive
from handoff.domain.turn import Effect, Role

_LIMIT = 200
_MOST = 3
"""Open questions shown."""
_MARKS = ("?", "？", "؟")
_NAMELESS = frozenset(
    {Kind.MONEY.value, Kind.DATE.value, Kind.TIME.value, Kind.LINK.value, "reference"}
)


def open_items(
    reading: Reading,
    actions: tuple[CardAction, ...],
    done: Iterable[tuple[int, str]],
    refused: frozenset[str],
) -> tuple[OpenItem, ...]:
    """Return side effects nobody confirmed first, then questions nobody answered.

    `done` are the bot's sentences that say that something is done, with their turns; `refused`
    the keys of values that no tool took: a call with one is settled by a later call without.
    """
    return (*_effects(actions, refused), *_unconfirmed(done, actions), *_questions(reading))


def _effects(actions: tuple[CardAction, ...], refused: frozenset[str]) -> Iterator[OpenItem]:
    """Yield the changes that failed or may have happened, save those a later call made good.

    What failed is made good by a call that did not fail; what may have happened only by one that
    surely did, since it may have happened twice.
    """
    later: dict[tuple[str, Outcome], list[frozenset[str]]] = {}
    pending: dict[str, OpenItem] = {}
    for action in reversed(actions):
        if action.effect is not Effect.WRITE or action.name in TRANSFERS:
            continue
        about = _about(action) - refused
        good = [*later.get((action.name, Outcome.DONE), ())]
        if action.outcome is Outcome.FAILED:
            good += later.get((action.name, Outcome.UNKNOWN), ())
        settled = any(not about or about & other for other in good)
        if action.outcome is not Outcome.DONE and not settled:
            item = _open_effect(action)
            pending.setdefault(item.text, item)
        later.setdefault((action.name, action.outcome), []).append(about)
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


def _unconfirmed(
    done: Iterable[tuple[int, str]], actions: tuple[CardAction, ...]
) -> Iterator[OpenItem]:
    """Yield what the bot said is done where no successful change stands before it."""
    first = min(
        (a.turn for a in actions if a.effect is Effect.WRITE and a.outcome is Outcome.DONE),
        default=None,
    )
    for turn, sentence in done:
        if first is None or turn < first:
            text = f"the bot said “{sentence}”, no system confirms it"
            yield OpenItem(kind=OpenKind.UNCONFIRMED, text=text, turns=(turn,))


def _questions(reading: Reading) -> Iterator[OpenItem]:
    """Yield the customer's last questions that the bot did not follow, or only with a refusal."""
    found: list[OpenItem] = []
    answered = False
    for turn in reversed(reading.turns):
        if turn.role in (Role.BOT, Role.HUMAN) and turn.audible.strip():
            answered = not REFUSAL(turn.audible)
        elif turn.role is Role.CUSTOMER and not answered:
            asked = (s for s in sentences(turn.text) if s.endswith(_MARKS))
            found += [_question(reading, s, index_of(turn)) for s in reversed(list(asked))]
            if len(found) >= _MOST:
                break
    yield from {item.text: item for item in reversed(found)}.values()


def _question(reading: Reading, sentence: str, turn: int) -> OpenItem:
    text = clip(reading.secrets.hide(sentence), _LIMIT)
    return OpenItem(kind=OpenKind.QUESTION, text=text, turns=(turn,))


def do_not_ask(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of what the customer gave, without those that check who somebody is."""
    names = (readable(entry.name) for entry in entries if _was_given(entry))
    return tuple(dict.fromkeys(name for name in names if name not in _NAMELESS))


def _was_given(entry: Entry) -> bool:
    sure = not (entry.superseded or entry.alternatives or entry.refused)
    given = Source.SAID in entry.turns and sure
    return given and bool(name_words(entry.name)) and not is_verifier(entry.name)
