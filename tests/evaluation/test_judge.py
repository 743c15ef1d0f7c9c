"""What is gold in each data set, and at which turn a score is read."""

import pytest

from handoff.evaluation.judge import Point
from tests.evaluation.staged import judged, played


def test_utterances_are_judged_one_by_one() -> None:
    """Labelled customer turns, and no others."""
    found = judged(
        played("cbc", "E-o", [0.9, 0.1, 0.6]),
        "nlupp",
        {0: {"handoff": True}, 1: {"handoff": True}, 2: {"handoff": False}},
    )

    assert found.reading.points == (
        Point(0.9, acted=True, so=True),
        Point(0.6, acted=False, so=False, offered=True),
    )


def test_betold_is_read_two_turns_before_the_end() -> None:
    """At the last customer turn that lies there, and again in the first half."""
    found = judged(played("cbcbcb", scores=[0.1, 0, 0.3, 0, 0.9, 0]), "betold", luhf=True)

    assert found.reading.points == (Point(0.3, acted=False, so=True),)
    assert found.reading.also["half"] == (Point(0.3, acted=False, so=True),)
    assert judged(played("bb"), "betold", luhf=True).reading.points == ()


def test_star_is_read_at_the_end() -> None:
    """Annoyed, or said to be unhelpful; any escalation counts as acted."""
    one = played("cb", "E-", [0.8, 0.2])

    annoyed = judged(one, "star", annoyed=True, user_says_helpful=True)
    unhelpful = judged(one, "star", annoyed=None, user_says_helpful=False)
    fine = judged(one, "star", annoyed=None, user_says_helpful=None, stratum="x")

    assert annoyed.reading.points == (Point(0.2, acted=True, so=True),)
    assert annoyed.reading.also["max"][0].score == 0.8
    assert [f.reading.points[0].so for f in (unhelpful, fine)] == [True, False]


def test_tau_is_read_before_the_transfer() -> None:
    """What the detector makes of the transfer call itself is no foresight."""
    one = played("cbtb", "--EE", [0.2, 0.4, 1.0, 1.0], transfer=2)

    handed = judged(one, "tau-airline", reward=1.0, handed_off=True)
    failed = judged(played("cb"), "tau-airline", reward=0.0, handed_off=False)

    assert handed.reading.points == (Point(0.4, acted=False, so=True),)
    assert (handed.reading.golden, handed.reading.predicted) == ((2,), ())
    assert handed.reading.also["against_reward_0_among_not_handed_off"] == ()
    assert failed.reading.points[0].so


def test_mhch_is_judged_by_customer_turn() -> None:
    """Transferable bot turns are golden positions, but not judged."""
    labels = {0: {"transferable": 1}, 1: {"transferable": 1}, 2: {"transferable": 0}}
    found = judged(played("cbc", "E--", [0.7, 0, 0]), "mhch-makeup", labels)

    assert [point.so for point in found.reading.points] == [True, False]
    assert (found.reading.golden, found.reading.predicted) == ((0, 1), (0,))


def test_dbdc3_is_judged_by_bot_turn_and_language() -> None:
    """Breakdown is X; T or X is told apart."""
    labels = {1: {"majority": "X"}, 3: {"majority": "T"}, 5: {"majority": "O"}}
    found = judged(played("cbcbcb"), "dbdc3", labels)

    assert found.source == "dbdc3-en"
    assert [point.so for point in found.reading.points] == [True, False, False]
    assert [point.so for point in found.reading.also["against_T_or_X"]] == [True, True, False]


def test_anything_else_is_judged_before_its_handoff() -> None:
    """`handed_off` is gold; the turn that handed over and what follows are not looked at."""
    one = played("cbcb", "--E-", [0.1, 0.2, 0.9, 0.9])

    known = judged(one, handed_off=True, handoff_turn=2)
    unknown = judged(one, handed_off=True)
    never = judged(one, handed_off=False)

    assert known.reading.points == (Point(0.2, acted=False, so=True),)
    assert unknown.reading.points == (Point(0.9, acted=True, so=True),)
    assert never.reading.points == (Point(0.9, acted=True, so=False),)


@pytest.mark.parametrize(
    "source", ["mine", "nlupp", "betold", "star", "tau-airline", "mhch-makeup", "dbdc3"]
)
def test_without_gold_nothing_is_judged(source: str) -> None:
    """Only what was done is left to count, in every data set."""
    found = judged(played("cbc", "-E-"), source, state=None)

    assert found.reading.points == ()
    assert len(found.actions) == 3
