"""Where an escalation stands, in a line: with an owner and an outcome, and without."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from handoff.domain.escalation import CloseOutcome, Escalation, State
from handoff.domain.standing import Shown, ended, placed, standing
from tests.parcels import parcel

WAITS = replace(
    parcel().escalation, state=State.QUEUED, queue="cards", priority=2, owner=None, outcome=None
)
OVER = replace(WAITS, state=State.CLOSED, owner="Mia {x}", outcome=CloseOutcome.RESOLVED)


def test_a_line_says_what_there_is_to_say() -> None:
    """Nobody has it yet, and it has not ended."""
    assert standing(WAITS) == "queued"
    assert placed(WAITS) == "queued in cards, priority 2"
    assert ended(WAITS) == "queued: no outcome"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (standing, "closed, MIA {X} has it: resolved"),
        (placed, "closed in cards, priority 2, MIA {X} has it: resolved"),
        (ended, "closed by MIA {X}: resolved"),
    ],
)
def test_a_name_is_shown_as_the_other_side_wants_it(
    line: Callable[[Escalation, Shown], str], told: str
) -> None:
    """Only the name is: the rest are words of ours."""
    assert line(OVER, str.upper) == told
