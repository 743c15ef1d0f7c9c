"""Facts that should be on a card of evi: what noisy recognition had among its hypotheses."""

from typing import Final

from handoff.domain.turn import Role
from handoff.evaluation.cards.found import Found, Held, Looked
from handoff.evaluation.cards.seen import scalars
from handoff.evaluation.comparable import name_tokens, seen

NAMES: Final = {
    "postcode": frozenset({"postcode", "post", "postal", "zip"}),
    "name": frozenset({"name", "customer", "caller"}),
    "dob": frozenset({"dob", "birth", "birthday", "born"}),
}
"""Item to the words under which a card may have it."""
MOST: Final = 4
"""Values of one item that a person can still read."""
_JOINABLE: Final = 4


def spoken(held: Held) -> Looked:
    """Return whether the card has each true value that any hypothesis had, and puts it first."""
    looked = Looked()
    state = held.gold.outcome.get("state")
    for item, truth in (state if isinstance(state, dict) else {}).items():
        if item not in NAMES or not isinstance(truth, str) or not truth:
            looked.counts["excluded: no gold"] += 1
        elif not any(has(item, truth, words) for words in _heard(held, item)):
            looked.counts["excluded: no hypothesis had it"] += 1
        else:
            ways = _ways(held, item, truth, looked)
            groups = ("facts", f"facts, {item}", f"facts, {held.conversation.language}")
            looked.found.extend(Found(group, f"{item} | {truth}", ways) for group in groups)
    return looked


def has(item: str, truth: str, text: str) -> bool:
    """Tell whether a text has the true value of an item."""
    held = seen(text)
    if item == "dob":
        year, month, day = map(int, truth.split("-"))
        return (year, month, day) in held.dates
    joined = seen(truth).compact
    return held.joined(joined) if len(joined) >= _JOINABLE else held.holds(truth)


def _heard(held: Held, item: str) -> list[str]:
    return [
        words
        for turn in held.conversation.turns
        if turn.role is Role.CUSTOMER and turn.intent == f"inform_{item}"
        for words in (turn.text, *turn.nbest)
    ]


def _ways(held: Held, item: str, truth: str, looked: Looked) -> dict[str, bool]:
    current = [claim for claim, _ in held.seen.current]
    mine = [claim for claim in current if name_tokens(claim.name) & NAMES[item]]
    shown = sum(len(list(scalars([c.value, list(c.alternatives)]))) for c in mine)
    few = Found("values shown", f"{item} | {shown}", {f"at most {MOST}": shown <= MOST})
    looked.found.append(few)
    leading = next(scalars(mine[-1].value), "") if mine else ""
    return {
        "lead": has(item, truth, str(leading)),
        "claims": any(
            has(item, truth, str(one))
            for claim in current
            for one in scalars([claim.value, list(claim.alternatives)])
        ),
        "text": any(has(item, truth, line) for line in held.seen.text.splitlines()),
        "narrative": has(item, truth, held.seen.prose.text),
    }
