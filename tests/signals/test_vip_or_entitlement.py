"""Entitlements."""

import pytest
from pydantic import JsonValue

from handoff.domain.text import Known
from handoff.signals.vip_or_entitlement import SIGNAL
from tests.signals.played import bot, customer, last, play


@pytest.mark.parametrize(("name", "value"), [("vip", True), ("tier", "Gold"), ("priority", "vip")])
def test_an_attribute_tells(name: str, value: JsonValue) -> None:
    """From the first customer turn on, which is cited."""
    known = Known(attributes={name: value})

    told = play(SIGNAL, [bot("Hi"), customer("hello"), bot("Yes?"), customer("well")], known)

    assert told[1] is not None
    assert told[3] is not None
    assert (told[1].turns, told[3].turns) == ((1,), (1,))
    assert told[0] is told[2] is None


@pytest.mark.parametrize(("name", "value"), [("vip", False), ("tier", "basic"), ("colour", "gold")])
def test_others_do_not(name: str, value: JsonValue) -> None:
    """Nor anything where nothing is known."""
    assert last(SIGNAL, customer("hello"), known=Known(attributes={name: value})) is None
    assert last(SIGNAL, customer("hello")) is None


def test_what_counts_is_a_setting() -> None:
    """Attributes and their values."""
    known = Known(attributes={"plan": "Plus"})

    told = last(SIGNAL, customer("hi"), known=known, attributes=["plan"], values=["plus"])

    assert told is not None
    assert told.value == "plan: Plus"
