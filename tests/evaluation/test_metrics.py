"""Every figure against values worked out by hand, and what must hold of them in general."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.decision import Action
from handoff.evaluation.metrics import (
    Confusion,
    alarms,
    area,
    confusion,
    curve,
    earliness,
    golden_transfer,
)

GO, OFFER, STOP = Action.CONTINUE, Action.OFFER, Action.ESCALATE
POINTS = st.lists(st.tuples(st.integers(0, 40).map(lambda n: n / 40), st.booleans()), max_size=60)
PLACES = st.lists(st.integers(0, 30), max_size=6)


def test_precision_recall_and_f1_by_hand() -> None:
    """Three of four alarms right, three of five found: 0.75, 0.6, and their harmonic mean."""
    found = confusion(
        [(True, True)] * 3 + [(True, False)] + [(False, True)] * 2 + [(False, False)] * 4
    )

    assert found == Confusion(tp=3, fp=1, fn=2, tn=4)
    assert (found.precision, found.recall, found.f1) == (0.75, 0.6, pytest.approx(2 / 3))


def test_without_a_true_one_only_false_alarms_mean_anything() -> None:
    """There is no recall and no F1; without any alarm there is no precision either."""
    found = confusion([(True, False), (False, False)])

    assert (found.precision, found.recall, found.f1) == (0.0, None, None)
    assert confusion([]).precision is None
    assert Confusion(fn=2).f1 == 0.0


def test_the_area_by_hand() -> None:
    """Of six pairs four are in order and one is a tie: 4.5 / 6."""
    found = area([(0.9, True), (0.5, True), (0.5, False), (0.7, False), (0.1, False)])

    assert found.auc == pytest.approx(4.5 / 6)
    assert (found.positives, found.negatives) == (2, 3)
    assert area([(0.5, True)]).auc is None


def test_the_standard_error_is_hanley_and_mcneils() -> None:
    """AUC 0.75 with two of one and two of the other, worked out from their formula."""
    found = area([(0.9, True), (0.4, True), (0.5, False), (0.1, False)])
    first, second = 0.75 / 1.25, 2 * 0.75**2 / 1.75

    assert found.auc == 0.75
    assert found.se == pytest.approx(
        math.sqrt((0.75 * 0.25 + (first - 0.5625) + (second - 0.5625)) / 4)
    )


@given(POINTS)
def test_the_area_depends_on_the_order_alone(points: list[tuple[float, bool]]) -> None:
    """Any rising map of the scores leaves it; turning them round mirrors it."""
    plain = area(points).auc
    risen = area((math.exp(3 * score) - 7, so) for score, so in points).auc
    turned = area((-score, so) for score, so in points).auc

    assert risen == plain
    if plain is not None and turned is not None:
        assert turned == pytest.approx(1 - plain)


@given(POINTS)
def test_the_curve_rises_and_bounds_the_area(points: list[tuple[float, bool]]) -> None:
    """From 0,0 to 1,1, never back, and the trapezoids under it are the area by ranks."""
    drawn, found = curve(points), area(points)
    if found.auc is None:
        assert drawn == []
        return
    steps = list(pairwise(drawn))

    assert (drawn[0], drawn[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in steps)
    under = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in steps)
    assert under == pytest.approx(found.auc)


def test_turns_in_a_row_are_one_alarm() -> None:
    """Runs of `escalate` count, not turns; an offer ends a run."""
    assert alarms([STOP, STOP, GO, STOP, OFFER, STOP]) == 3
    assert alarms([GO, OFFER]) == 0
    assert alarms([]) == 0


def test_earliness_is_turns_before_the_end() -> None:
    """The first escalation counts; on the last turn it is 0."""
    assert earliness([GO, STOP, GO, STOP]) == 2
    assert earliness([GO, STOP]) == 0
    assert earliness([GO]) is None


def test_golden_transfer_by_hand() -> None:
    """Each prediction counts by its nearest golden turn; the mean is the conversation's."""
    near = math.exp(-1 / 8)

    assert golden_transfer([4], [4], tolerance=1) == 1.0
    assert golden_transfer([5], [4, 9], tolerance=2) == pytest.approx(near)
    assert golden_transfer([4, 10], [4, 9], tolerance=2) == pytest.approx((1 + near) / 2)


def test_golden_transfer_where_one_side_is_missing() -> None:
    """Rightly silent is 1; a miss or a false alarm is 0."""
    assert golden_transfer([], [], tolerance=1) == 1.0
    assert golden_transfer([3], [], tolerance=3) == 0.0
    assert golden_transfer([], [3], tolerance=3) == 0.0


def test_leaning_punishes_one_side() -> None:
    """λ 0.5 divides the exponent of late ones by 0.5 and of early ones by 1.5."""
    late = golden_transfer([5], [4], tolerance=1, lean=0.5)
    early = golden_transfer([3], [4], tolerance=1, lean=0.5)

    assert late == pytest.approx(math.exp(-1))
    assert early == pytest.approx(math.exp(-1 / 3))


@pytest.mark.parametrize(("tolerance", "lean"), [(0, 0.0), (1, 1.0), (1, -1.0)])
def test_golden_transfer_refuses_what_has_no_meaning(tolerance: int, lean: float) -> None:
    """The tolerance is at least a turn, and λ lies between −1 and 1."""
    with pytest.raises(ValueError, match="tolerance"):
        golden_transfer([1], [1], tolerance, lean)


@given(PLACES, PLACES)
def test_more_tolerance_never_lowers_it(predicted: list[int], golden: list[int]) -> None:
    """It stays between 0 and 1, and grows with the tolerance."""
    found = [golden_transfer(predicted, golden, tolerance) for tolerance in (1, 2, 3)]

    assert all(0.0 <= value <= 1.0 for value in found)
    assert found == sorted(found)
