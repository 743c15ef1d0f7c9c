"""Customers who were handed over before."""

import pytest
from pydantic import JsonValue

from handoff.domain.text import Known
from handoff.signals.returning_customer import SIGNAL
from tests.signals.played import bot, customer, last, play


def test_it_is_said_once() -> None:
    """On the first customer turn."""
    known = Known(attributes={"earlier_escalations": 2})

    told = play(SIGNAL, [bot("Hi"), customer("hello"), customer("well")], known)

    assert told[1] is not None
    assert (told[1].value, told[1].turns) == (2, (1,))
    assert told[0] is told[2] is None


@pytest.mark.parametrize("times", [0, None, "two", -1])
def test_strangers_are_not_returning(times: JsonValue) -> None:
    """Nor is what cannot be read."""
    known = Known(attributes={"earlier_escalations": times})

    assert last(SIGNAL, customer("hello"), known=known) is None
