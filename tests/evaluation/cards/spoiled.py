"""A summarizer that does everything wrong, the same way every time."""

from handoff.domain.card import Card, CardAction, CardQuote, Claim, Outcome
from handoff.domain.turn import Conversation


def spoil(_conversation: Conversation, card: Card) -> Card:
    """Return the card with claims, actions and quotes missing, changed or misattributed."""
    return card.model_copy(
        update={
            "facts": tuple(_claim(n, one) for n, one in enumerate(card.facts) if n % 5 != 4),
            "actions": tuple(_action(n, one) for n, one in enumerate(card.actions) if n % 4 != 3),
            "quotes": tuple(map(_quote, card.quotes)),
        }
    )


def _claim(place: int, claim: Claim) -> Claim:
    changes: dict[str, object] = {
        0: {},
        1: {"value": f"{claim.value}9"},
        2: {"turns": (0,)},
        3: {"superseded": True, "turns": (9_999,)},
    }[place % 5]
    return claim.model_copy(update=changes)


def _action(place: int, action: CardAction) -> CardAction:
    changes: dict[str, object] = {
        0: {},
        1: {"outcome": Outcome.DONE},
        2: {"turn": action.turn + 1},
    }[place % 4]
    return action.model_copy(update=changes)


def _quote(quote: CardQuote) -> CardQuote:
    return quote.model_copy(update={"turn": quote.turn + 1}) if quote.turn % 2 else quote
