"""Intervals: reproducible, around the figure, and by conversation."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.evaluation.intervals import area_of, intervals, percentiles, ratio
from handoff.evaluation.metrics import area

POINTS = st.lists(
    st.lists(st.tuples(st.integers(0, 9).map(float), st.booleans()), max_size=4), max_size=12
)


def test_percentiles_by_hand() -> None:
    """Of 0 to 100 the middle 95 % are 2.5 to 97.5; a single value is its own interval."""
    assert percentiles([float(n) for n in range(101)]) == pytest.approx((2.5, 97.5))
    assert percentiles([0.3]) == (0.3, 0.3)


def test_the_same_seed_gives_the_same_interval() -> None:
    """And another one another."""
    share = {"share": ratio([1, 0, 0, 1, 1, 0, 1], [1] * 7)}

    first = intervals(share, 7, 200, Random(1))

    assert first == intervals(share, 7, 200, Random(1))
    assert intervals(share, 7, 7, Random(1)) != intervals(share, 7, 7, Random(2))


@given(st.integers(0, 2**32), st.integers(20, 180))
def test_the_interval_holds_the_figure_of_a_large_sample(seed: int, hits: int) -> None:
    """200 conversations, some of them hits: the share lies inside, the width is about 4 errors."""
    share = hits / 200
    low, high = intervals(
        {"share": ratio([1] * hits + [0] * (200 - hits), [1] * 200)}, 200, 200, Random(seed)
    )["share"]

    assert low <= share <= high
    assert high - low == pytest.approx(3.92 * (share * (1 - share) / 200) ** 0.5, rel=0.45)


def test_a_sum_of_nothing_has_no_value() -> None:
    """Resamples without a value are left out; without any there is no interval."""
    assert ratio([1, 2], [0, 0])([1, 1]) is None
    assert intervals({"none": ratio([0], [0])}, 1, 50, Random(1)) == {}
    assert intervals({"share": ratio([1], [1])}, 1, 0, Random(1)) == {}


@given(POINTS, st.integers(0, 2**32))
def test_a_weighted_area_is_that_of_the_repeated_points(
    points: list[list[tuple[float, bool]]], seed: int
) -> None:
    """Counting a conversation twice is having it twice."""
    counts = Random(seed).choices(range(4), k=len(points))
    repeated = [point for count, own in zip(counts, points, strict=True) for point in own * count]

    found = area_of(points)(counts)

    assert found == (None if (plain := area(repeated).auc) is None else pytest.approx(plain))
