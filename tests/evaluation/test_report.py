"""Figures of groups: by source and job, weighted by stratum, with intervals."""

from random import Random

import pytest

from handoff.evaluation.report import figures, grouped
from tests.evaluation.staged import judged, played

RIGHT = judged(played("cbcb", "--E-", [0.1, 0.1, 0.9, 0.2], job="a"), handed_off=True)
MISSED = judged(played("cbcb", "----", [0.1, 0.1, 0.6, 0.2], job="a"), handed_off=True)
QUIET = judged(played("cb", "o-", [0.3, 0.1], job="b"), handed_off=False)


def test_figures_of_three_conversations_by_hand() -> None:
    """Ten turns, one alarm, one turn before the end; the missed one scores over the quiet one."""
    found = figures([RIGHT, MISSED, QUIET])

    assert (found.conversations, found.turns, found.escalated, found.offered) == (3, 10, 1, 1)
    assert (found.alarms_per_1000_turns, found.earliness) == (100.0, 1)
    assert found.by_action is not None
    assert (found.by_action.precision, found.by_action.recall) == (1.0, 0.5)
    assert found.with_offers is not None
    assert found.with_offers.precision == 0.5
    assert found.at_threshold is not None
    assert found.at_threshold.f1 == 1.0
    assert found.score is not None
    assert found.score.auc == 1.0


def test_without_gold_only_what_was_done_counts() -> None:
    """No precision, no AUC, no GT-T; alarms and their intervals stand."""
    found = figures([judged(played("cb", "-E"))], times=20, rng=Random(1))

    assert (found.by_action, found.score, dict(found.transfer)) == (None, None, {})
    assert set(found.intervals) == {"escalated_fraction", "alarms_per_1000_turns"}
    assert found.record()["score"] is None


def test_golden_transfer_needs_known_turns() -> None:
    """The mean over the conversations whose turn is known, none included."""
    near = judged(played("cbcb", "-E--"), handed_off=True, handoff_turn=2)
    silent = judged(played("cb"), handed_off=False)

    assert figures([near, silent]).transfer[1] == pytest.approx((2.718281828**-0.5 + 1) / 2)
    assert dict(figures([RIGHT, silent]).transfer) == {}


def test_strata_are_weighed_by_their_natural_size() -> None:
    """One of two escalated in a stratum of 30, none of one in a stratum of 70: 15 %."""
    told = {"stratum": "bad", "stratum_population": 30}
    group = [
        judged(played("cb", "E-"), "star", annoyed=True, **told),
        judged(played("cb"), "star", annoyed=True, **told),
        judged(played("cb"), "star", annoyed=False, stratum="fine", stratum_population=70),
    ]

    assert figures(group).natural == pytest.approx(0.15)
    assert figures([*group, QUIET]).natural is None


def test_groups_are_sources_and_their_jobs() -> None:
    """A source comes first as a whole; one with a single job has no second row."""
    other = judged(played("c", job="x"), "other")

    assert list(grouped([RIGHT, other, QUIET, MISSED])) == [
        ("mine", None),
        ("mine", "a"),
        ("mine", "b"),
        ("other", None),
    ]
    assert grouped([RIGHT, QUIET])["mine", None] == [RIGHT, QUIET]


def test_intervals_hold_their_figures() -> None:
    """Every figure of a larger group lies in its interval, and the seed decides it."""
    group = [RIGHT] * 30 + [MISSED] * 25 + [QUIET] * 45

    found = figures(group, times=200, rng=Random(7))
    again = figures(group, times=200, rng=Random(7))

    assert found == again
    assert found.by_action is not None
    low, high = found.intervals["recall"]
    assert low < 30 / 55 < high
    assert found.intervals["precision"] == (1.0, 1.0)
    assert found.intervals["auc"] == (1.0, 1.0)
