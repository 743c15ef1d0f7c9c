"""Reading what tools return."""

import json

import pytest

from handoff.cards import build_card
from handoff.cards.results import MAX_DEPTH, Leaf, leaves, read_result
from handoff.domain.card import Status
from tests.cards.conversations import call, conversation, customer

RECORD = {
    "order": {"id": "QX48213", "note": 'said "no, {wait}"\\'},
    "items": [{"sku": "A-1"}, {"sku": "B-2"}],
}


def test_json_in_a_string_is_read() -> None:
    """JSON text, and JSON text inside JSON text, become values."""
    assert read_result(json.dumps(RECORD)) == RECORD
    assert read_result(json.dumps(json.dumps(RECORD))) == RECORD


@pytest.mark.parametrize("cut", range(50, len(json.dumps(RECORD))))
def test_json_cut_short_keeps_what_came_before_the_cut(cut: int) -> None:
    """Wherever a long result was cut, its first whole elements are read."""
    read = read_result(json.dumps(RECORD)[:cut])

    assert isinstance(read, dict)
    assert Leaf(("order", "id"), "QX48213") in leaves(read)


@pytest.mark.parametrize("text", ["", "plain words", "[" * 100_000, '{"a":' * 50_000, '"', "{,}"])
def test_what_is_no_json_stays_text(text: str) -> None:
    """Words, noise and hostile nesting are kept as they came."""
    assert read_result(text) == text


def test_deep_values_are_read_to_a_depth() -> None:
    """Nesting beyond the limit is not followed."""
    deep: object = "end"
    for _ in range(MAX_DEPTH + 5):
        deep = {"k": deep}

    assert leaves(deep) == []  # type: ignore[arg-type]  # built in a loop


def test_a_large_result_gives_what_the_conversation_used_and_no_dump() -> None:
    """Of 100 KB, the one order the customer spoke of is on the card."""
    orders = [{"order_number": f"QX{n:05}", "status": "in the warehouse"} for n in range(2_000)]

    card = build_card(
        conversation(customer("where is QX01234"), call("list_orders", result=json.dumps(orders)))
    )

    assert [(c.name, c.value, c.status) for c in card.facts] == [
        ("order number", "QX01234", Status.VERIFIED)
    ]
    assert len(card.model_dump_json()) < 4_000
