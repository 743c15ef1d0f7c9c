"""Ids that are stored as they are: no card numbers, but whatever random ids look like."""

import random
import uuid

import pytest
from pydantic import JsonValue

from handoff.domain.ids import external_ids, holds_card, with_external
from handoff.domain.redaction import redact_json


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "call 4111-1111-1111-1111",
        "cvv 123",
    ],
)
def test_a_card_number_is_found_in_an_id(text: str) -> None:
    """As people write one: in groups, or with its name."""
    assert holds_card(text)


@pytest.mark.parametrize(
    "text", ["c1", "+4915112345678", "4111111111111111", "2026-11-23T10:00:00Z/17"]
)
def test_ordinary_ids_are_none(text: str) -> None:
    """Names, telephone numbers, plain numbers, instants."""
    assert not holds_card(text)


def test_random_ids_are_never_refused() -> None:
    """Some in a thousand hold digits that would pass for a card number."""
    chance = random.Random(1)
    ids = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(5_000)]

    assert not [each for each in ids if holds_card(f"{each}") or holds_card(f"CA{each.hex}")]


def test_ids_of_other_systems_stay_whole_where_facts_are_masked() -> None:
    """A call's id with a masked piece would be of no call; a card number is no id."""
    call = "b18c8632-2266-4668-8665-0967dbc38a39"
    told: dict[str, JsonValue] = {
        "external": {"call": call, "card": "4111 1111 1111 1111"},
        "x": call,
    }
    masked, _ = redact_json(told)
    assert isinstance(masked, dict)

    kept = with_external(masked, told)

    assert external_ids(kept) == {"call": call}
    assert "4111 1111 1111 1111" not in str(kept)
    assert kept["x"] != call
