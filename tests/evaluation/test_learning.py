"""What tells the truth is learned, and service sees what training saw."""

import math
from datetime import date

import numpy as np
import pytest

from handoff.detection import Detector, Policy
from handoff.detection.document import Learned
from handoff.domain.errors import Invalid
from handoff.domain.turn import Role
from handoff.evaluation.fitting import OWN, Kind, best, fit, folds
from handoff.evaluation.gold import Case, Gold
from handoff.evaluation.labels import label_by
from handoff.evaluation.learning import alone, crossed, learn
from handoff.evaluation.metrics import area
from handoff.evaluation.replay import play
from handoff.evaluation.samples import Rows, Space, sampled
from tests.detection.spoken import MINIMAL
from tests.evaluation.taught import Make, by_everything, by_intent, by_nothing, by_words, lessons

pytest.importorskip("sklearn")
TODAY = date(2026, 5, 4)
BAD = label_by("outcome.bad")
EVERY_TURN = label_by("outcome.bad && turn.index != 99", ("customer", "bot", "tool"))
LINEAR = Kind(0.1)
PLAIN = Policy.load(MINIMAL)


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try one way to fit instead of three: most tests are about something else."""
    monkeypatch.setattr("handoff.evaluation.fitting.KINDS", (LINEAR,))


def learned(policy: Policy) -> Learned:
    """Return the learned part of a policy."""
    assert policy.document.learned is not None
    return policy.document.learned


def auc(cases: list[Case]) -> float:
    """Return how well the held-out scores tell the truth apart."""
    samples = sampled(cases, PLAIN, BAD)
    space = Space.of(samples)
    rows = Rows.of(samples, space)
    _, scores = best(rows, space, rows.whose)
    return area(zip(scores.tolist(), rows.truth.astype(bool).tolist(), strict=True)).auc or 0.0


def served_scores(detector: Detector, case: Case) -> list[float]:
    """Return the scores of the turns that are judged: no person has the floor, none is revised."""
    told = []
    floor = False
    decisions = play(detector, case.conversation).decisions
    for turn, decision in zip(case.conversation.turns, decisions, strict=True):
        floor = turn.role is Role.HUMAN or (floor and turn.role is not Role.BOT)
        if turn.final and not floor:
            told.append(decision.score)
    return told


@pytest.mark.usefixtures("linear")
@pytest.mark.parametrize("make", [by_intent, by_words])
def test_what_tells_the_truth_is_learned(make: Make) -> None:
    """An intent alone is enough, and so are words alone."""
    assert auc(lessons(make)) > 0.9


@pytest.mark.usefixtures("linear")
def test_noise_is_not_learned() -> None:
    """Held-out figures do not flatter."""
    assert 0.3 < auc(lessons(by_nothing, count=120)) < 0.7


@pytest.mark.parametrize("kind", [OWN, LINEAR, Kind(0.1, 20)])
def test_service_sees_what_training_saw(kind: Kind) -> None:
    """The score in a conversation is the fit's, whoever spoke in between."""
    cases = lessons(by_everything)
    samples = sampled(cases, PLAIN, EVERY_TURN)
    space = Space.of(samples)
    rows = Rows.of(samples, space)
    fitted = fit(rows, space, kind, rows.whose)
    part = Learned(
        label="x",
        trained="x",
        conversations=80,
        gained="x",
        model=fitted.model(EVERY_TURN.reads, 0.3),
    )
    detector = Detector(Policy(PLAIN.document.model_copy(update={"learned": part})))

    served = [score for case in cases for score in served_scores(detector, case)]

    expected = [1 / (1 + math.exp(0.3 - logit)) for logit in fitted.scores(rows)]
    assert len(served) == len(expected)
    assert np.abs(np.array(served) - np.array(expected)).max() < 0.02


@pytest.mark.usefixtures("linear")
def test_what_was_learned_says_how_good_it_is() -> None:
    """And of what, and from how much; in service it parts good from bad at 0.5."""
    found = learn(lessons(by_words), PLAIN, BAD, TODAY)
    part = learned(found)

    told = [max(d.score for d in play(Detector(found), case.conversation).decisions) > 0.5
            for case in lessons(by_words, seed=9)]  # fmt: skip

    assert (part.label, part.trained, part.conversations) == ("outcome.bad", "2026-05-04", 80)
    assert part.gained.startswith(("AUC 0.9", "AUC 1.0"))
    assert sum(said == (n % 2 == 0) for n, said in enumerate(told)) > 70


def test_trees_are_tried_too() -> None:
    """The best of all ways is taken; what is found can be read back."""
    found = learn(lessons(by_intent, count=40), PLAIN, BAD, TODAY)

    assert learned(found).gained.startswith(("AUC 0.9", "AUC 1.0"))


def test_too_little_is_refused() -> None:
    """Too few conversations, or too few of one kind; many labels of one conversation are one."""
    few = lessons(by_words, count=20)
    good = [case for case in lessons(by_words, count=80) if not case.gold.outcome["bad"]]
    unknown = [Case(case.conversation, "made", Gold()) for case in lessons(by_words)]

    for cases, label in [(few, BAD), (good, BAD), (unknown, BAD), (good + few[:6:2], EVERY_TURN)]:
        with pytest.raises(Invalid, match="too little to learn from"):
            learn(cases, PLAIN, label, TODAY)
    with pytest.raises(Invalid, match="80 conversations with a truth, 5 with a yes"):
        learn(lessons(by_words), PLAIN, BAD, TODAY, group=lambda case: alone(case)[-1])


@pytest.mark.usefixtures("linear")
def test_a_job_with_enough_conversations_gets_a_model_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it tells the truth apart better than the common one."""
    monkeypatch.setattr("handoff.evaluation.learning.LEAST_JOB", 60)
    cases = lessons(by_words, job="pay") + lessons(by_nothing, job="ask", first=80)

    assert list(learned(learn(cases, PLAIN, BAD, TODAY)).jobs) == ["pay"]


@pytest.mark.usefixtures("linear")
def test_crossed_never_trains_on_what_it_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case is tested once, with all of its group, by a policy learned from the others."""
    trained: list[set[str]] = []

    def watched(cases, *args, **more) -> Policy:
        trained.append({household(case) for case in cases})
        return learn(cases, *args, **more)

    monkeypatch.setattr("handoff.evaluation.learning.learn", watched)
    cases = lessons(by_words, count=80)

    tested = [test for _, test in crossed(cases, PLAIN, BAD, TODAY, household)]

    assert sorted(alone(case) for test in tested for case in test) == sorted(map(alone, cases))
    assert len(trained) == len(tested) == 5
    for known, test in zip(trained, tested, strict=True):
        assert not known & {household(case) for case in test}


def test_folds_keep_groups_together() -> None:
    """Whatever the number of rows in each."""
    truth, groups = np.array([0, 1] * 30), np.repeat(np.arange(20), 3)

    for train, test in folds(truth, groups, 3):
        assert not {*groups[train]} & {*groups[test]}


def household(case: Case) -> str:
    """Return whose conversation it is: two in a row are of one."""
    return str(int(alone(case)[1:]) // 2)
