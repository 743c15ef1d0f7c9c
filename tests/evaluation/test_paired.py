"""A score is only taken for better than another one where chance would hardly make it so."""

import numpy as np
import pytest

from handoff.evaluation.paired import clearly_better

pytest.importorskip("sklearn")
TRUTH = np.arange(200) % 2
ALL = [np.arange(200)]
EACH = np.arange(200)
NOISE = np.random.default_rng(3).normal(size=(2, 200))


def test_what_tells_the_truth_is_better_than_noise() -> None:
    """And noise is not better than it, nor anything better than itself."""
    telling = TRUTH + NOISE[0]

    assert clearly_better(telling, NOISE[1], TRUTH, EACH, ALL)
    assert not clearly_better(NOISE[1], telling, TRUTH, EACH, ALL)
    assert not clearly_better(telling, telling, TRUTH, EACH, ALL)


def test_many_rows_of_a_few_groups_prove_little() -> None:
    """What is a clear gain on two hundred conversations is none on the turns of six."""
    slightly = NOISE[1] + TRUTH * np.where(EACH % 6 == 1, 1.0, -0.2)

    assert clearly_better(slightly, NOISE[1], TRUTH, EACH, ALL)
    assert not clearly_better(slightly, NOISE[1], TRUTH, EACH % 6, ALL)


def test_each_part_is_looked_at_on_its_own() -> None:
    """To stand higher in one of them is no harm; one truth alone says nothing."""
    telling, halves = TRUTH + NOISE[0], [np.arange(100), np.arange(100, 200)]

    assert clearly_better(telling + 9 * (EACH < 100), NOISE[1], TRUTH, EACH, halves)
    assert not clearly_better(telling, NOISE[1], TRUTH, EACH, [EACH[::2]])
