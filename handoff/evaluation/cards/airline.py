"""Facts that should be on a card of tau-airline: identifiers and amounts that were in play."""

from collections.abc import Iterator
from typing import Final

import re2
from pydantic import JsonValue

from handoff.domain.turn import Role, ToolCall, Turn
from handoff.evaluation.cards.found import Found, Held, Looked
from handoff.evaluation.cards.seen import dumped

TRANSFER: Final = "transfer_to_human_agents"
WRITTEN: Final = "agent_written_card"
"""Key of the summary that the model itself passed on."""
_IDS = re2.compile(
    r"\b[A-Z0-9]{6}\b|\b[a-z]+_[a-z]+_\d{4}\b|\b(?:credit_card|gift_card|certificate)_\d+\b"
)
_MONEY = re2.compile(r"(?i)\$\s?(\d[\d,]*(?:\.\d+)?)|\b(\d[\d,]*(?:\.\d+)?)\s?(?:dollars|USD)\b")
_PRICED = re2.compile(r"amount|price|cost|total$")
_WRITE = re2.compile(r"(?:update|cancel|book|modify|return|exchange|send)_")


def writes(call: ToolCall) -> bool:
    """Tell whether a call changes something."""
    return bool(_WRITE.match(call.name))


def airline(held: Held) -> Looked:
    """Return whether the card has each identifier and amount.

    `identifiers` are those in speech and call arguments. The strict ones are real (a system or the
    customer knows them) and were said by the customer or used by a call that changes something.
    """
    looked = Looked()
    turns, card = held.conversation.turns, held.seen
    calls = [t.tool_call for t in turns if t.tool_call and t.tool_call.name != TRANSFER]
    words = {role: _spoken(turns, role) for role in (Role.CUSTOMER, Role.BOT)}
    arguments = dumped([call.arguments for call in calls])
    customer = ids_of(words[Role.CUSTOMER])
    needed = customer | ids_of(words[Role.BOT]) | ids_of(arguments)
    needed |= ids_of(" ".join(turn.text for turn in turns))
    real = ids_of("\n".join((arguments, *(str(c.result) for c in calls if c.ok)))) | customer
    written = ids_of(dumped([call.arguments for call in calls if writes(call)]))
    where = {
        "text": ids_of(card.text),
        "card": ids_of(card.whole.text),
        "claims": ids_of("\n".join(held.text for _, held in card.current)),
        "narrative": ids_of(card.prose.text),
    }
    for one in sorted(needed):
        ways = {way: one in have for way, have in where.items()}
        groups = ["identifiers"]
        groups += ["identifiers, handed off"] if held.gold.outcome.get(WRITTEN) else []
        groups += ["identifiers, strict"] if one in real and one in customer | written else []
        looked.found.extend(Found(group, one, ways) for group in groups)
    spoken = amounts_of(words[Role.CUSTOMER] + " " + words[Role.BOT])
    for amount in sorted(spoken.union(*(_priced(call.arguments) for call in calls))):
        looked.found.append(Found("amounts", f"{amount:g}", _has_amount(held, amount)))
    results = ids_of("\n".join(str(call.result) for call in calls))
    looked.counts["identifiers only in results, not required"] = len(results - needed)
    return looked


def ids_of(text: str) -> frozenset[str]:
    """Return the reservations, flights, users and means of payment that a text names."""
    found = _IDS.findall(text)
    return frozenset(one for one in found if any(letter.isdigit() for letter in one))


def amounts_of(text: str) -> frozenset[float]:
    """Return the amounts of dollars in a text."""
    found = _MONEY.findall(text)
    return frozenset(float((one or other).replace(",", "")) for one, other in found)


def _spoken(turns: tuple[Turn, ...], role: Role) -> str:
    return " ".join(turn.text for turn in turns if turn.role is role)


def _priced(value: JsonValue, key: str = "") -> Iterator[float]:
    """Yield the numbers in call arguments whose name says that they are money."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _priced(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _priced(part, key)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        yield from (float(value),) if _PRICED.search(key) else ()


def _has_amount(held: Held, amount: float) -> dict[str, bool]:
    card = held.seen
    return {
        "text": amount in card.page.numbers,
        "card": amount in card.whole.numbers,
        "narrative": amount in card.prose.numbers,
    }
