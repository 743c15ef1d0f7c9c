"""How far two clocks are apart: an answer that took its time tells less."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from handoff.domain.skew import skew
from tests.factories import NOON

SECOND = timedelta(seconds=1)


def ticking(step: timedelta) -> Callable[[], datetime]:
    """Return a clock that goes on by a step with every look."""
    looks = iter(range(10))
    return lambda: NOON + next(looks) * step


@pytest.mark.parametrize(
    ("there", "step", "seen", "sure"),
    [
        (NOON, 0 * SECOND, 0, 0),
        (NOON + 60 * SECOND, 0 * SECOND, 60, 60),
        (NOON - 60 * SECOND, 2 * SECOND, -61, 60),
        (NOON + 60 * SECOND, 2 * SECOND, 59, 58),
        (NOON + 3 * SECOND, 8 * SECOND, -1, 0),
    ],
)
def test_half_of_the_look_is_doubt(there: datetime, step: timedelta, seen: int, sure: int) -> None:
    """What is sure is what no slow answer explains."""
    found = skew(lambda: there, ticking(step))

    assert (found.seen, found.sure) == (seen * SECOND, sure * SECOND)
