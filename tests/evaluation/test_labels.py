"""What is learned of which turn: every known source by hand, and conditions of one's own."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from handoff.domain.errors import Invalid
from handoff.evaluation.gold import Case, Gold
from handoff.evaluation.labels import EARLY, Target, label_by, label_of
from tests.evaluation.staged import played

Found = list[tuple[int, bool, float]]


def case(
    roles: str,
    labels: Mapping[int, dict[str, JsonValue]] | None = None,
    transfer: int | None = None,
    **outcome: JsonValue,
) -> Case:
    """Return a conversation, a letter per turn, with its gold."""
    conversation = played(roles, transfer=transfer, job="pay").conversation
    return Case(conversation, "mine", Gold(outcome, labels or {}))


def found(source: str, one: Case) -> Found:
    """Return place, truth and weight of each target."""
    return plain(label_of(source).targets(one))


def plain(targets: list[Target]) -> Found:
    """Return the targets as plain values."""
    return [(target.place, target.truth, target.weight) for target in targets]


def test_a_call_is_judged_late_and_half_way() -> None:
    """Before its last two turns, which would give it away; an early one counts half."""
    assert found("betold", case("bcbcbcbc", luhf=True)) == [(3, True, EARLY), (5, True, 1)]
    assert found("betold", case("bcbc", luhf=False)) == [(1, False, 1)]
    assert found("betold", case("cb", luhf=True)) == []
    assert found("betold", case("bcbcbc")) == []


@pytest.mark.parametrize(
    ("outcome", "truth"),
    [
        ({"annoyed": True}, True),
        ({"annoyed": False, "user_says_helpful": False}, True),
        ({"annoyed": False, "user_says_helpful": True}, False),
        ({"user_says_helpful": True}, False),
        ({"annoyed": None, "user_says_helpful": None}, False),
    ],
)
def test_annoyed_or_not_helped_is_known_at_the_end(
    outcome: dict[str, JsonValue], truth: bool
) -> None:
    """At the last turn, whosever it is."""
    assert found("star", case("cbcb", **outcome)) == [(3, truth, 1)]


@pytest.mark.parametrize("source", ["tau-airline", "betold", "mhch-makeup", "dbdc3", "x"])
def test_what_nobody_labelled_is_no_no(source: str) -> None:
    """No truth, no target; nor in a conversation without a turn."""
    gold: dict[str, JsonValue] = {"annoyed": True, "reward": 0, "luhf": True, "handed_off": True}
    nothing = dict.fromkeys(gold)

    assert found(source, case("cbcbcb")) == found(source, case("cbcbcb", **nothing)) == []
    assert found(source, Case(case("cbcb").conversation)) == []
    assert found(source, case("", **gold)) == []


def test_a_failed_task_is_known_before_the_transfer() -> None:
    """A few earlier turns count a little as a no: its highest score is what is measured."""
    failed = case("cbcbcbt", transfer=6, reward=0)
    solved = case("cb", reward=1, handed_off=False)

    assert found("tau-airline", failed) == [(0, False, 0.02), (3, False, 0.02), (5, True, 1)]
    assert found("tau-airline", solved) == [(0, False, 0.02), (1, False, 1)]
    assert found("tau-airline", case("cb", reward=1, handed_off=True))[-1] == (1, True, 1)


def test_turns_are_judged_where_they_have_a_label() -> None:
    """The customer's by `transferable`, the bot's by what the majority says."""
    asks = case("cbc", {0: {"transferable": 0}, 1: {"transferable": 1}, 2: {"transferable": 1}})
    breaks = case("bcbb", {0: {"majority": "O"}, 1: {"majority": "X"}, 2: {"majority": "X"}})

    assert found("mhch-makeup", asks) == [(0, False, 1), (2, True, 1)]
    assert found("dbdc3", breaks) == [(0, False, 1), (2, True, 1)]
    assert label_of("dbdc3").reads == ("bot",)


def test_elsewhere_a_person_takes_over_soon_or_not() -> None:
    """Every customer turn before the handoff counts, as a yes where it is near."""
    assert found("mine", case("bcbcbc", handed_off=True, handoff_turn=3)) == [(1, True, 1)]
    long = found("mine", case("cbcbcbcbc", handed_off=True))
    assert [(place, truth) for place, truth, _ in long] == [
        (0, False),
        (2, False),
        (4, True),
        (6, True),
        (8, True),
    ]
    assert found("mine", case("bcbc", handed_off=False)) == [(1, False, 1), (3, False, 1)]


def test_a_condition_over_the_outcome_judges_the_conversation() -> None:
    """Late and half way, as a call; job, source and outcome can be asked."""
    label = label_by('outcome.stars < 3 && job == "pay" && source == "mine"')

    assert plain(label.targets(case("bcbcbc", stars=1))) == [(1, True, EARLY), (3, True, 1)]
    assert plain(label.targets(case("bcbcbc", stars=5)))[-1] == (3, False, 1)
    assert (label.reads, label.says[:13]) == (("customer",), "outcome.stars")


def test_a_condition_over_labels_judges_every_turn() -> None:
    """Of those who are read, where the condition can be told."""
    label = label_by("label.mood < 0", ("bot",))
    one = case("bcbb", {0: {"mood": -1}, 1: {"mood": -1}, 3: {"mood": 1}})

    assert plain(label.targets(one)) == [(0, True, 1), (3, False, 1)]
    everyone = label_by('turn.role == "customer" && outcome.bad', ("bot", "customer"))
    assert plain(everyone.targets(case("bc", bad=True))) == [(0, False, 1), (1, True, 1)]


@pytest.mark.parametrize("condition", ["outcome.missing > 3", "outcome.stars", "outcome.x.y == 1"])
def test_a_condition_that_errs_is_no_label(condition: str) -> None:
    """Nor is one that is neither true nor false."""
    assert label_by(condition).targets(case("bcbcbc", stars=1)) == []


def test_a_condition_that_does_not_compile_is_told() -> None:
    """In one line."""
    with pytest.raises(Invalid, match="--label is not CEL: ") as raised:
        label_by("outcome.stars <")

    assert "\n" not in str(raised.value)


def test_a_name_that_stands_for_nothing_is_told() -> None:
    """A misspelt one would leave nothing to learn from; one that the condition makes is none."""
    with pytest.raises(Invalid, match="--label knows no `outcom`: a condition is over outcome, "):
        label_by("outcom.stars < 3")

    assert label_by("[1, 2].exists(x, x == outcome.stars)").targets(case("bcbcbc", stars=1))
