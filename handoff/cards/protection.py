"""What a card may show of secrets: that they were given, how checks ended, what to do about it."""

from collections.abc import Iterator

from pydantic import JsonValue

from handoff.cards.identity import verifiers
from handoff.cards.names import name_words
from handoff.cards.reading import Reading, index_of
from handoff.cards.secrets import Secrets
from handoff.domain.card import Card, Flag, card_json
from handoff.domain.disclosure import Redaction
from handoff.domain.masking import PART_MASK, masked_parts
from handoff.domain.trees import in_texts
from handoff.domain.turn import Role, Turn

_PAYING = frozenset({"pay", "payment", "charge", "capture", "billing", "checkout"})
_LINK = "The payment was interrupted: send a secure link, take no card details yourself."
_REVERIFY = "Verify again whom you speak to."
_ENDING = {"card ••": "card ending ", "iban ••": "account ending "}
_CARD, _PART = "card ending", "part of a card number"
_MOST = 6


def protected(card: Card, reading: Reading, rules: Redaction) -> Card:
    """Return the card without values that identity was checked with, saying what was masked."""
    card = card if rules.show_verifiers else _without_verifiers(card, reading)
    steps = [card.next_step]
    if interrupted(reading):
        steps.insert(0, _LINK)
    if rules.reverify:
        steps.insert(0, _REVERIFY)
    flags = (*card.flags, *_given(reading.turns))
    if len(steps) == 1 and len(flags) == len(card.flags):
        return card
    step = " ".join(step for step in steps if step)
    return card.model_copy(update={"next_step": step, "flags": flags})


def interrupted(reading: Reading) -> bool:
    """Tell whether payment details were being taken and no payment was made since."""
    last = max((index_of(turn) for turn in reading.turns if turn.secure_capture), default=None)
    return last is not None and not any(
        call.index >= last and call.call.ok is True and name_words(call.call.name) & _PAYING
        for call in reading.calls
    )


def _given(turns: tuple[Turn, ...]) -> Iterator[Flag]:
    """Yield a flag for each masked thing the customer gave, with the turns that gave it."""
    found: dict[str, list[int]] = {}
    for turn in turns:
        if turn.role is Role.CUSTOMER and "[" in turn.audible:
            for inside in masked_parts(turn.audible):
                found.setdefault(_said(inside), []).append(index_of(turn))
    parts = found.pop(_PART, [])
    if parts and not any(name.startswith(_CARD) for name in found):
        found[_PART] = parts
    for name, indexes in list(found.items())[:_MOST]:
        told = (*dict.fromkeys((*indexes[:1], *indexes[-1:])),)
        text = f"{name[0].upper()}{name[1:]} was given; it is masked."
        yield Flag(name="masked", text=text, turns=told)


def _said(inside: str) -> str:
    if inside.startswith(PART_MASK[1:]):
        return _PART
    for mask, words in _ENDING.items():
        if inside.startswith(mask):
            return f"{words}{inside.removeprefix(mask)}"
    return inside


def _without_verifiers(card: Card, reading: Reading) -> Card:
    values = verifiers(reading)
    if not values:
        return card
    secrets = Secrets(values)
    told = card_json(card)
    for claims in (told, told["customer"]):
        for name in ("facts", "claimed"):
            if isinstance(claims, dict) and isinstance(known := claims.get(name), list):
                claims[name] = [one for one in known if not _holds(secrets, one)]
    return Card.model_validate(in_texts(told, secrets.hide))


def _holds(secrets: Secrets, claim: JsonValue) -> bool:
    return isinstance(claim, dict) and secrets.within(str(claim.get("value")))
