"""Counting in plain numbers: bounds are inclusive, nothing is lost, threads do not disturb."""

from threading import Thread

import pytest

from handoff.services.counts import Counts, Histogram, Tally


def test_a_histogram_counts_what_is_at_most_each_bound() -> None:
    """A value at a bound belongs to it; what is above all is counted last."""
    histogram = Histogram((0.1, 1.0))

    for value in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(value)

    assert histogram.under() == (2, 3, 4)
    assert histogram.total == pytest.approx(7.65)


def test_a_histogram_of_nothing_is_zero() -> None:
    """Before anything happened."""
    assert (Histogram((1,)).under(), Histogram((1,)).total) == ((0, 0), 0.0)


def test_a_tally_loses_nothing_between_threads() -> None:
    """And knows its names: a mistyped one is a mistake."""
    tally = Tally("a", "b")
    threads = [Thread(target=lambda: [tally.add("a") for _ in range(2_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tally.counts() == {"a": 8_000, "b": 0}
    with pytest.raises(KeyError):
        tally.add("c")


def test_a_batch_has_a_size_and_a_time() -> None:
    """Both are counted once."""
    counts = Counts()

    counts.batch(3, 0.02)

    assert (counts.batches.total, counts.commits.total) == (3, 0.02)
    assert counts.batches.under()[:3] == (0, 0, 1)
