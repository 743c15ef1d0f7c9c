"""Facts that should be on a card: the values that a file's `outcome.state` ends with.

What occurs in no turn's words, arguments or results cannot be asked of a card: it is counted apart.
"""

from collections.abc import Iterator
from dataclasses import replace

import re2
from pydantic import JsonValue

from handoff.domain.turn import Conversation, Role
from handoff.evaluation.cards.found import Found, Held, Looked
from handoff.evaluation.cards.seen import dumped, said, scalars
from handoff.evaluation.comparable import NO, YES, Seen, fold, seen, tokens

SECRET = frozenset({"ssn", "card_number", "password"})
"""Fields of multidogo that a card must not show."""
_NOT_DIGITS = re2.compile(r"\D")
_BETWEEN_DIGITS = re2.compile(r"(\d)\W")
_TAIL = 4


def plain_state(held: Held) -> Looked:
    """Return whether the card has each value of a flat or nested state."""
    looked = Looked()
    talk = _Talk(held.conversation)
    for name, value in _leaves(held.gold.outcome.get("state")):
        if isinstance(value, bool) or not tokens(str(value)):
            looked.counts["excluded: says yes or no, or nothing"] += 1
        elif talk.excluded(value, looked):
            continue
        else:
            looked.found.append(_sought(held, "facts", name, (value,)))
    return looked


def multidogo(held: Held) -> Looked:
    """Return the same where values are lists; secrets are looked for apart: none may be shown."""
    looked = Looked()
    talk = _Talk(held.conversation)
    for name, value in _leaves(held.gold.outcome.get("state")):
        if talk.excluded(value, looked):
            continue
        found = _sought(held, "facts", name, (value,))
        looked.found.append(_secret(held, found, value) if name in SECRET else found)
    return looked


def _secret(held: Held, found: Found, value: object) -> Found:
    tail = str(_NOT_DIGITS.sub("", str(value)))[-_TAIL:]
    shown = str(_BETWEEN_DIGITS.sub(r"\1", held.seen.text))
    ways = {
        "claims": found.ways["claims"],
        "text": found.ways["text"],
        "last four": bool(tail) and tail in shown,
    }
    return Found("secrets shown", found.what, ways)


def services(held: Held) -> Looked:
    """Return whether the card has each final slot of sgd's services, in any form it was said in."""
    looked = Looked()
    turns = held.conversation.turns
    talk, other = _Talk(held.conversation), _later_forms(held.conversation)
    spoken = {
        role: seen("\n".join(turn.text for turn in turns if turn.role is role))
        for role in (Role.CUSTOMER, Role.BOT)
    }
    every_slot = dumped([turn.slots or None for turn in turns])
    for name, value in _leaves(held.gold.outcome.get("state")):
        if value == "dontcare":
            looked.counts["excluded: does not matter"] += 1
        elif str(value) in ("True", "False"):
            if fold(str(value)) in talk.heard.bag or str(name) in every_slot:
                looked.found.append(_yes_or_no(held, name, so=str(value) == "True"))
            else:
                looked.counts["excluded: yes or no, never in the turns"] += 1
        elif not talk.excluded(value, looked):
            forms = (value, other[name]) if name in other else (value,)
            found = _sought(held, "facts", name, forms)
            where = f"facts, {_first(spoken, value)}"
            looked.found.extend((found, replace(found, group=where)))
    return looked


def _first(spoken: dict[Role, Seen], value: object) -> str:
    if spoken[Role.CUSTOMER].holds(value):
        return "customer said it"
    return "bot said it" if spoken[Role.BOT].holds(value) else "only in calls"


def _later_forms(conversation: Conversation) -> dict[str, JsonValue]:
    """Return a slot's last call argument: the same value, in the form that the system uses."""
    forms: dict[str, JsonValue] = {}
    for turn in conversation.turns:
        if turn.role is Role.CUSTOMER:
            for name in turn.slots:
                forms.pop(name, None)
        forms.update(turn.tool_call.arguments if turn.tool_call else {})
    return forms


def _yes_or_no(held: Held, name: str, *, so: bool) -> Found:
    words = " ".join(tokens(name))
    told = "|".join(sorted(YES if so else NO))
    near = re2.search(
        rf" {re2.escape(words)} (?:[\p{{L}}\p{{N}}_]+ )?(?:{told}) ", held.seen.page.flow
    )
    ways = {"claims": held.seen.claims_say(name, so=so), "text": bool(near)}
    return Found("yes or no", f"{name} | {so}", ways)


def _sought(held: Held, group: str, name: str, forms: tuple[JsonValue, ...]) -> Found:
    card = held.seen
    ways = {
        "claims": any(card.claims_have(form) for form in forms),
        "named": any(card.claims_have(form, name) for form in forms),
        "text": any(card.page.holds(form) for form in forms),
        "narrative": any(card.prose.holds(form) for form in forms),
    }
    return Found(group, f"{name} | {forms[0]}", ways)


def _leaves(value: JsonValue, name: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Yield the single values of a state under the name nearest to them."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, key)
    elif isinstance(value, list):
        for single in scalars(value):
            yield name, single
    elif value is not None:
        yield name, value


class _Talk:
    """Everything in a conversation, for telling what was said in it."""

    def __init__(self, conversation: Conversation) -> None:
        """Read it."""
        self.heard = Seen(said(conversation.turns))
        self.noted = Seen(said(conversation.turns, slots=True))

    def excluded(self, value: JsonValue, looked: Looked) -> bool:
        """Tell whether a value was never said, and count it then."""
        if self.heard.holds(value):
            return False
        where = "only in slots" if self.noted.holds(value) else "never said"
        looked.counts[f"excluded: {where}"] += 1
        return True
