"""What is new on a card since a human took it: marked by section, and nothing moves."""

from collections.abc import Iterable

from pydantic import JsonValue

from handoff.cards.names import readable
from handoff.domain.card import Card, Claim
from handoff.domain.extracts import value_key
from handoff.domain.turn import Value

SECTIONS = (
    "reason", "customer", "situation", "narrative", "facts", "actions", "tried", "promises", "open",
    "do_not_ask", "next_step", "flags", "consents", "recording", "mood", "quotes", "linked",
    "bot_note",
)  # fmt: skip
"""What a card may mark as new; the headline repeats the reason and the situation."""
_LISTS = ("tried", "open", "flags", "consents", "linked")
"""Sections whose items have no order of their own in time."""


def since_taken(earlier: Card, card: Card) -> Card:
    """Return the newer card with the earlier one's order kept and its new sections marked.

    What was new on the earlier card stays marked; further turns that say the same are not new.
    """
    claimed = _claims(earlier.customer.claimed, card.customer.claimed)
    kept: dict[str, object] = {
        "customer": card.customer.model_copy(update={"claimed": claimed}),
        "facts": _claims(earlier.facts, card.facts),
        "do_not_ask": _in_order(earlier.do_not_ask, card.do_not_ask),
    }
    for name in _LISTS:
        before, now = getattr(earlier, name), getattr(card, name)
        kept[name] = tuple(now[at] for at in _places(map(_said, before), map(_said, now)))
    ordered = card.model_copy(update=kept)
    was, said = _sections(earlier), _sections(ordered)
    new = {name for name in SECTIONS if said.get(name) != was.get(name)} | {*earlier.changed}
    return ordered.model_copy(update={"changed": tuple(s for s in SECTIONS if s in new)})


def _claims(earlier: tuple[Claim, ...], now: tuple[Claim, ...]) -> tuple[Claim, ...]:
    places = _places(map(_claim_key, earlier), map(_claim_key, now))
    return tuple(now[place] for place in places)


def _claim_key(claim: Claim) -> str:
    return f"{readable(claim.name).casefold()}={value_key(claim.value)}"


def _in_order(earlier: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(now[place] for place in _places(earlier, now))


def _places(earlier: Iterable[str], now: Iterable[str]) -> list[int]:
    """Return the places of what is there now: what was there first, as it stood."""
    known = {key: place for place, key in reversed([*enumerate(earlier)])}
    keys = [*now]
    return sorted(range(len(keys)), key=lambda place: known.get(keys[place], len(known)))


def _said(item: Value) -> str:
    return str(_unplaced(item.model_dump(mode="json")))


def _sections(card: Card) -> dict[str, JsonValue]:
    told = _unplaced(card.model_dump(mode="json", include=set(SECTIONS)))
    return told if isinstance(told, dict) else {}


def _unplaced(value: JsonValue) -> JsonValue:
    """Return JSON without the turns it cites."""
    match value:
        case dict():
            kept = {key: part for key, part in value.items() if key not in ("turn", "turns")}
            return {key: _unplaced(part) for key, part in kept.items()}
        case list():
            return [_unplaced(part) for part in value]
        case _:
            return value
