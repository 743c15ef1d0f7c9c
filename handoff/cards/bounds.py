"""How much one card holds at most, whatever a conversation was filled with; the rest is counted."""

from collections.abc import Sequence

from handoff.cards.ledger import Entry
from handoff.domain.card import CardAction
from handoff.domain.turn import Effect

MOST_CLAIMS = 300
MOST_ACTIONS = 200


def telling(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the first claims of those in order of importance."""
    return entries[:MOST_CLAIMS]


def latest(actions: Sequence[CardAction]) -> tuple[CardAction, ...]:
    """Return the actions in their order, without the earliest that only looked something up."""
    beyond = len(actions) - MOST_ACTIONS
    kept: list[CardAction] = []
    for action in actions:
        if beyond > 0 and action.effect is Effect.READ:
            beyond -= 1
        else:
            kept.append(action)
    return tuple(kept[-MOST_ACTIONS:])
