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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("call", "4111111111111111"),
        ("4111 1111 1111 1111", "c1"),
        ("4111111111111111", "c1"),
        ("call", "DE89370400440532013000"),
        ("call", ".."),
        ("ann@acme.example", "c1"),
    ],
)
def test_what_is_no_id_is_masked_like_any_fact(name: str, value: str) -> None:
    """Neither by its name nor by itself is anything put through that would be masked elsewhere."""
    told: dict[str, JsonValue] = {"external": {name: value}}
    masked, _ = redact_json(told)
    assert isinstance(masked, dict)

    assert with_external(masked, told) == masked
    assert external_ids(masked) == {}


@pytest.mark.parametrize(
    "value", ["215470003829174", "4111111111111111", "v3:T02llQxyz-_A", "CA" + "0" * 32]
)
def test_what_its_name_says_is_an_id_is_one(value: str) -> None:
    """Some systems count: a number in a thousand would pass for a card's."""
    told: dict[str, JsonValue] = {"external": {"intercom_conversation_id": value}}

    assert external_ids(told) == {"intercom_conversation_id": value}
