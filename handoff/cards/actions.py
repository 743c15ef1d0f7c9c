"""What the bot did: each tool call with effect and outcome, and what was tried in vain."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pydantic import JsonValue

from handoff.cards.names import is_verifier, path_name, readable
from handoff.cards.phrases import ATTEMPT
from handoff.cards.reading import Call, Reading, index_of
from handoff.cards.results import Leaf
from handoff.cards.secrets import Secrets, masked, masked_tree
from handoff.domain.card import Attempt, CardAction, Outcome
from handoff.domain.effects import effect_of, outcome_of
from handoff.domain.extracts import clip, encodable, sentences, value_key
from handoff.domain.turn import Role

_RESULT_LIMIT = 200
_ARGUMENT_LIMIT = 1_000
_ATTEMPT_LIMIT = 120
"""Characters of each at most."""
_LOOKED_AT = 200
_EXTRACTED = 5
"""Values of a result that are looked at, and that are shown."""
_BY_CUSTOMER = 2
"""Attempts of the customer that are shown."""
_TELLING = frozenset(
    {"error", "message", "detail", "reason", "status", "confirmation", "reference"}
)
"""Keys of a result whose values are shown first."""


def card_actions(reading: Reading) -> tuple[CardAction, ...]:
    """Return one action per tool call, in order, secrets hidden."""
    return tuple(_action(call, reading.secrets) for call in reading.calls)


def _action(call: Call, secrets: Secrets) -> CardAction:
    return CardAction(
        turn=call.index,
        name=call.call.name,
        arguments={
            encodable(key): masked_tree(key, _shortened(value, secrets))
            for key, value in call.call.arguments.items()
        },
        effect=effect_of(call.call),
        outcome=outcome_of(call.call),
        result=_extract(call, secrets),
    )


def _shortened(value: JsonValue, secrets: Secrets) -> JsonValue:
    if isinstance(value, str):
        return secrets.hide(
            value if len(value) <= _ARGUMENT_LIMIT else clip(value, _ARGUMENT_LIMIT)
        )
    return value


def _extract(call: Call, secrets: Secrets) -> str | None:
    """Return what came back in a line: its message, else what the call did not know."""
    if call.returned is None or call.returned in ("", [], {}):
        return None
    if not isinstance(call.returned, dict | list):
        return clip(secrets.hide(str(call.returned)), _RESULT_LIMIT)
    looked_at = [leaf for leaf in call.results[:_LOOKED_AT] if leaf.path]
    telling = (leaf for leaf in looked_at if leaf.path[-1].casefold() in _TELLING)
    chosen = dict.fromkeys(islice(chain(telling, _news(call, looked_at)), _EXTRACTED))
    return clip(secrets.hide("; ".join(map(_shown, chosen))), _RESULT_LIMIT) or None


def _news(call: Call, looked_at: list[Leaf]) -> Iterator[Leaf]:
    known = {value_key(leaf.value) for leaf in call.arguments}
    return (
        leaf
        for leaf in looked_at
        if value_key(leaf.value) not in known and not is_verifier(path_name(leaf.path))
    )


def _shown(leaf: Leaf) -> str:
    name = path_name(leaf.path)
    return f"{readable(name)}: {masked(name, leaf.value)}"


def subject(action: CardAction, limit: int = 2) -> str:
    """Return an action as a phrase: the tool's name with the first values it was called with."""
    values = [clip(str(value), 40) for value in _scalars(action.arguments.values())][:limit]
    name = readable(action.name)
    return f"{name} ({', '.join(values)})" if values else name


def _scalars(values: Iterable[JsonValue]) -> Iterator[JsonValue]:
    return (
        value for value in values if value not in (None, "") and not isinstance(value, dict | list)
    )


def tried(reading: Reading, actions: Iterable[CardAction]) -> tuple[Attempt, ...]:
    """Return what failed and how it ended, the same told once, then what the customer tried."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for action in actions:
        if action.outcome is Outcome.FAILED:
            place = (subject(action), action.result or "failed, no answer given")
            grouped.setdefault(place, []).append(action.turn)
    failed = (
        Attempt(what=what, ended=ended, turns=tuple(turns))
        for (what, ended), turns in grouped.items()
    )
    return (*failed, *_by_customer(reading))


def _by_customer(reading: Reading) -> Iterator[Attempt]:
    """Yield what the customer says they tried, the first few."""
    left = _BY_CUSTOMER
    said = [turn for turn in reading.turns if turn.role is Role.CUSTOMER]
    for turn in said if ATTEMPT("\n".join(turn.text for turn in said)) else ():
        if not left or not ATTEMPT(turn.text):
            continue
        for sentence in sentences(turn.text):
            if left and ATTEMPT(sentence) and not sentence.endswith(("?", "？")):
                left -= 1
                what = clip(reading.secrets.hide(sentence), _ATTEMPT_LIMIT)
                ended = "the customer did it without success"
                yield Attempt(what=f"“{what}”", ended=ended, turns=(index_of(turn),))
