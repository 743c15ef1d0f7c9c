"""The tools a model may call."""

import jsonschema
import pytest

from handoff.domain.errors import Invalid
from handoff.domain.tools import TOOLS, wish


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["function"]["name"])
def test_every_tool_schema_is_valid_and_its_call_is_understood(tool: dict) -> None:
    """A call with every declared argument becomes a wish."""
    function = tool["function"]
    jsonschema.Draft202012Validator.check_schema(function["parameters"])

    asked = wish(function["name"], dict.fromkeys(function["parameters"]["properties"], "x"))

    assert asked.summary == "x"


def test_create_case_is_a_ticket_and_its_category_may_be_a_reason_or_a_queue() -> None:
    """A case waits as a ticket, routed by what its category names."""
    by_reason = wish("create_case", {"customer_id": "c1", "category": "third_party_inquiry"})
    by_queue = wish("create_case", {"customer_id": "c1", "category": "billing"})

    assert (by_reason.reason_code, by_reason.queue) == ("third_party_inquiry", None)
    assert (by_queue.reason_code, by_queue.queue) == ("other", "billing")
    assert by_queue.as_ticket


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("transfer", {}, "there are: transfer_to_human"),
        ("transfer_to_human", {"que": "x"}, "no argument 'que'"),
        ("transfer_to_human", {"queue": 3}, "queue must be a text"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(name: str, arguments: dict, says: str) -> None:
    """A model's mistake is named, with what is possible."""
    with pytest.raises(Invalid, match=says):
        wish(name, arguments)
