"""The bot asks for a person."""

import pytest

from handoff.signals.bot_request import SIGNAL
from tests.signals.played import bot, customer, last, tool


@pytest.mark.parametrize("name", ["transfer_to_human", "transfer_to_human_agents", "Escalate"])
@pytest.mark.parametrize("ok", [True, False, None])
def test_a_transfer_tool_has_full_strength(name: str, ok: bool | None) -> None:
    """Whether the call worked is no matter."""
    evidence = last(SIGNAL, tool(name, ok))

    assert evidence is not None
    assert (evidence.strength, evidence.value) == (1.0, name)


def test_saying_that_a_person_takes_over_counts_half() -> None:
    """Words are weaker than a call."""
    evidence = last(SIGNAL, bot("I will transfer you to a human agent."))

    assert evidence is not None
    assert evidence.strength == 0.5


@pytest.mark.parametrize(
    "turn",
    [
        tool("transfer_money", ok=True),
        bot("Would you like me to connect you to an agent?"),
        bot("Our agents wish you a nice day."),
        customer("transfer you to a human agent"),
    ],
)
def test_other_tools_offers_and_speakers_say_nothing(turn) -> None:
    """To ask the customer is not yet to want a person."""
    assert last(SIGNAL, turn) is None
