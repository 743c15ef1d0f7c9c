"""A loop steps when woken, when something is due, and goes on after trouble."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from handoff.jobs.loop import Loop

LONG = 60.0


@contextmanager
def running(loop: Loop) -> Iterator[Loop]:
    """Run a loop for a while."""
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()


class Steps:
    """Counts its steps; `reached` is set at the `goal`th."""

    def __init__(self, goal: int, *waits: float | None) -> None:
        """Return the given waits, then None."""
        self.goal, self.count, self.reached, self.waits = goal, 0, Event(), list(waits)

    def __call__(self) -> float | None:
        """Do a step."""
        self.count += 1
        if self.count >= self.goal:
            self.reached.set()
        return self.waits.pop(0) if self.waits else None


def test_it_steps_at_once_and_then_rests() -> None:
    """What was due before it began is seen; then nothing happens by itself for long."""
    steps = Steps(2)

    with running(Loop("test", steps, at_least_every=LONG)):
        assert not steps.reached.wait(0.1)

    assert steps.count == 1


def test_it_steps_when_woken() -> None:
    """Waking does not wait for the rest to end."""
    steps = Steps(2)

    with running(Loop("test", steps, at_least_every=LONG)) as loop:
        loop.wake()
        assert steps.reached.wait(5)


def test_it_steps_when_something_is_due() -> None:
    """A step says when the next is worth while."""
    steps = Steps(3, 0.01, -5.0)

    with running(Loop("test", steps, at_least_every=LONG)):
        assert steps.reached.wait(5)


def test_it_steps_regularly_whatever_was_said() -> None:
    """A forgotten wake-up costs one interval."""
    steps = Steps(3, LONG, LONG)

    with running(Loop("test", steps, at_least_every=0.01)):
        assert steps.reached.wait(5)


def test_it_outlives_a_failing_step_and_logs_no_words(caplog: pytest.LogCaptureFixture) -> None:
    """The type and place of a failure are logged, not its message."""
    steps = Steps(1)

    def step() -> float | None:
        if not caplog.records:
            raise RuntimeError("the customer's secret words")
        return steps()

    with (
        caplog.at_level(logging.ERROR, "handoff.jobs"),
        running(Loop("test", step, at_least_every=0.01)),
    ):
        assert steps.reached.wait(5)

    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_stopping_waits_for_the_running_step() -> None:
    """Nothing is cut off in the middle."""
    begun, may_end, ended = Event(), Event(), Event()

    def step() -> float | None:
        begun.set()
        may_end.wait(5)
        ended.set()
        return None

    with running(Loop("test", step, at_least_every=LONG)):
        assert begun.wait(5)
        may_end.set()

    assert ended.is_set()
