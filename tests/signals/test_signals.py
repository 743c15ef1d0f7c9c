"""What holds for every signal."""

import pytest

from handoff.domain.reasons import REASONS
from handoff.signals import SIGNALS, Signal
from tests.signals.played import bot, customer, human, play, tool


def test_names_are_unique() -> None:
    """A policy names signals."""
    assert len({signal.name for signal in SIGNALS}) == len(SIGNALS)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_a_signal_explains_itself(signal: Signal) -> None:
    """The document's table is made of these; defaults lie within their ranges."""
    assert signal.explains.endswith(".")
    assert signal.reason in REASONS
    assert {"threshold", "weight"} <= signal.settings.keys()
    for setting in signal.settings.values():
        assert setting.low <= setting.default <= setting.high
        assert setting.explains


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_a_human_agent_accuses_nobody(signal: Signal) -> None:
    """Whatever a human says, and however often, the bot is not blamed."""
    assert play(signal, [human("I will transfer you to an agent")] * 6) == [None] * 6


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_memory_stays_small_and_strength_in_bounds(signal: Signal) -> None:
    """Hundreds of different turns leave less than a kilobyte and a half."""
    turns = [
        turn
        for n in range(100)
        for turn in (
            customer(
                f"speak to agent {n} 请 " * 30, intent=f"i{n}", confidence=0.1, slots={f"s{n}": n}
            ),
            bot(f"hello {n} 世界 " * 40, intent=f"ask_{n}" * 20),
            tool(f"tool{n}" * 30, ok=False),
        )
    ]

    told = play(signal, turns)

    assert all(0 <= evidence.strength <= 1 for evidence in told if evidence)
    assert all(turn <= at for at, each in enumerate(told) if each for turn in each.turns)
