"""However much a conversation is filled with, its card stays a card."""

from handoff.cards import build_card, render
from handoff.cards.bounds import MOST_ACTIONS, MOST_CLAIMS
from handoff.domain.card import card_json
from handoff.domain.turn import Effect
from tests.cards.conversations import call, conversation, customer

MANY = 1_000


def test_claims_beyond_the_bound_are_counted_and_the_changed_ones_stay() -> None:
    """A thousand slots: what a change was made with comes first, the count says the rest."""
    slots = {f"item_{n}": f"value-{n}" for n in range(MANY)}
    last = call("cancel_order", {"item_999": "value-999"}, effect=Effect.WRITE)

    card = build_card(conversation(customer("all of these", slots=slots), last))

    assert len(card.facts) == MOST_CLAIMS
    assert "value-999" in {claim.value for claim in card.facts}
    assert card.coverage.left_out == MANY - MOST_CLAIMS
    assert f"{MANY - MOST_CLAIMS} left out" in render(card, "html")


def test_of_very_many_calls_the_changes_and_the_latest_looks_stay() -> None:
    """A bot in a loop looks the same thing up; what it changed before is not pushed out."""
    looks = [call("get_user", {"user_id": "a"}, effect=Effect.READ) for _ in range(MANY)]
    change = call("cancel_order", {"order": "A1"}, effect=Effect.WRITE)

    card = build_card(conversation(change, *looks, customer("a human please")))

    assert len(card.actions) == MOST_ACTIONS
    assert card.actions[0].name == "cancel_order"
    assert card.actions[-1].turn == MANY
    assert len(str(card_json(card))) < 100_000
