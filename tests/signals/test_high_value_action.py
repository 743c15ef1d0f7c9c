"""Changes above the limit."""

import pytest
from pydantic import JsonValue

from handoff.signals.high_value_action import SIGNAL
from tests.signals.played import last, tool


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("refund", {"amount": 1200}),
        ("transfer_money", {"amount": "$1,200.00"}),
        ("book_flight", {"payments": [{"id": "c1", "amount": 300}, {"id": "c2", "amount": 1500}]}),
    ],
)
def test_a_change_above_the_limit_fires(name: str, arguments: dict[str, JsonValue]) -> None:
    """Before it was made at full strength, afterwards at half."""
    before, after = (
        last(SIGNAL, tool(name, None, **arguments)),
        last(SIGNAL, tool(name, True, **arguments)),
    )

    assert before is not None
    assert after is not None
    assert (before.strength, before.threshold, after.strength) == (1.0, 1000, 0.5)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("refund", {"amount": 999}),
        ("get_refund_status", {"amount": 5000}),
        ("refund", {"order": 123456}),
        ("refund", {"amount": True}),
        ("refund", {"amount": "many"}),
    ],
)
def test_lookups_small_sums_and_other_numbers_do_not(
    name: str, arguments: dict[str, JsonValue]
) -> None:
    """Nor do calls that failed."""
    assert last(SIGNAL, tool(name, None, **arguments)) is None
    assert last(SIGNAL, tool("refund", False, amount=9000)) is None


def test_the_limit_and_the_names_are_settings() -> None:
    """Per job, where a policy says so."""
    call = tool("refund", None, kwota=600)

    assert last(SIGNAL, call, limit=500) is None
    assert last(SIGNAL, call, limit=500, amounts=["kwota"]) is not None
