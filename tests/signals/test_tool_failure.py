"""Tools that fail."""

from handoff.signals.tool_failure import SIGNAL
from tests.signals.played import customer, last, play, tool


def test_strength_grows_with_failures_in_a_row() -> None:
    """Each failure halves what is missing to certainty, and is cited."""
    told = play(SIGNAL, [tool("pay", ok=False)] * 3)

    assert [evidence and evidence.strength for evidence in told] == [0.5, 0.75, 0.875]
    assert told[-1] is not None
    assert (told[-1].value, told[-1].turns) == (3, (0, 1, 2))


def test_a_success_of_the_tool_forgives() -> None:
    """The count starts again."""
    evidence = last(SIGNAL, tool("pay", ok=False), tool("pay", ok=True), tool("pay", ok=False))

    assert evidence is not None
    assert evidence.value == 1


def test_a_success_of_another_tool_does_not() -> None:
    """A lookup that works does not mend the payment."""
    evidence = last(SIGNAL, tool("pay", ok=False), tool("think", ok=True), tool("pay", ok=False))

    assert evidence is not None
    assert evidence.turns == (0, 2)


def test_an_unknown_outcome_is_no_failure() -> None:
    """`ok` null says nothing."""
    assert last(SIGNAL, tool("pay", ok=None)) is None


def test_the_threshold_holds_it_back() -> None:
    """With a threshold of two, one failure is normal."""
    told = play(SIGNAL, [tool("pay", ok=False), customer("hm"), tool("pay", ok=False)], threshold=2)

    assert told[0] is None
    assert told[2] is not None
