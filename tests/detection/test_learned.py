"""A learned score by hand: its numbers, its memory, its place in a decision."""

import json
import math
from zlib import crc32

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from handoff.detection import Detector, Policy
from handoff.detection.document import Learned, LearnedModel
from handoff.detection.features import FAST
from handoff.detection.learned import BITS, first, packed, unpacked
from handoff.domain.errors import PolicyInvalid
from handoff.domain.turn import Turn
from tests.detection.spoken import MINIMAL, decisions, policy
from tests.detection.test_properties import hostile
from tests.signals.played import bot, customer, human

ABOUT: dict[str, JsonValue] = {
    "label": "made up", "trained": "2026-05-04", "conversations": 3, "gained": "nothing",
}  # fmt: skip
BILL = f"{crc32(b'c: bill'):x}:500:250:125"


def learned(jobs: JsonValue = None, **model: JsonValue) -> JsonValue:
    """Return the learned part of a policy file."""
    return {**ABOUT, "model": model, "jobs": jobs or {}}


def scores(model: JsonValue, *turns: Turn, job: str | None = None) -> list[float]:
    """Return the score after each turn, under a policy with nothing else."""
    detector = Detector(policy(learned=model))
    return [told.score for told in decisions(detector, turns, detector.start(job=job))]


def logistic(x: float) -> float:
    """Return the share that stands for `x`."""
    return 1 / (1 + math.exp(-x))


def test_the_linear_part_is_bias_numbers_and_grams() -> None:
    """Said now, left of earlier, ever said: as the formula has it."""
    model = learned(bias=-1.0, intercept=0.5, numbers={"turns": [0.5, 2.0, 3.0]}, grams=BILL)

    told = scores(model, customer("my bill"), customer("the bill"), customer("hm"))

    plain = [-0.5 + 3 * (math.log1p(n) - 0.5) / 2 for n in (1, 2, 3)]
    grams = [0.5 + 0.25 + 0.125, 0.5 + 0.25 * (1 + FAST) + 0.125, 0.25 * (FAST + FAST**2) + 0.125]
    assert told == pytest.approx(
        [logistic(a + b) for a, b in zip(plain, grams, strict=True)], abs=1e-3
    )


def test_turns_that_are_not_read_keep_the_last_score() -> None:
    """What is said in them still counts later."""
    model = learned(bias=-1.0, numbers={"turns": [0.0, 1.0, 1.0]}, reads=["customer"])

    told = scores(model, bot("Hello"), customer("hm"), bot("Well"), customer("hm"))

    assert told[0] == 0
    assert told[1] == pytest.approx(told[2], abs=1e-4)
    assert told[3] == pytest.approx(logistic(-1 + math.log(5)), abs=1e-4)


def test_trees_are_summed_and_see_the_linear_part() -> None:
    """Left where a number is at most the cut."""
    trees = ["0.25", "0:1.5 -1.0 1:0.0 0.5 2.0"]
    names = ["turns", "linear"]

    high = scores(learned(intercept=1.0, trees=trees, tree_numbers=names), *[customer("hm")] * 2)
    low = scores(learned(intercept=-1.0, trees=trees, tree_numbers=names), *[customer("hm")] * 2)

    assert high == pytest.approx([logistic(-0.75), logistic(2.25)], abs=1e-4)
    assert low == pytest.approx([logistic(-0.75), logistic(0.75)], abs=1e-4)


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        ({"trees": ["0:1 2"], "tree_numbers": ["turns"]}, "a tree breaks off"),
        ({"trees": [""]}, "a tree breaks off"),
        ({"trees": ["1 2"]}, "a tree ends before its line does"),
        ({"trees": ["0:1 1 2"]}, "a tree looks at number 0 of 0"),
        ({"trees": ["-1:1 1 2"], "tree_numbers": ["turns"]}, "a tree looks at number -1 of 1"),
        ({"trees": ["inf"]}, "a tree has inf for a number"),
        ({"trees": ["0:1 " * 5_000], "tree_numbers": ["turns"]}, "a tree has more than 8 leaves"),
        (
            {
                "trees": ["0:4 0:2 0:1 1 2 0:3 3 4 0:6 0:5 5 6 0:7 7 0:8 8 9"],
                "tree_numbers": ["turns"],
            },
            "a tree has more than 8 leaves",
        ),
        ({"trees": ["left"]}, "could not convert string to float: 'left'"),
        ({"grams": "a:1:2"}, "`a:1:2` is no gram"),
        ({"grams": f"a:1:2:{'9' * 30}"}, f"`a:1:2:{'9' * 30}` is no gram"),
        ({"grams": "a:1:2:x"}, "invalid literal for int() with base 10: 'x'"),
        ({"numbers": {"turns": [0.0, 0.0, 1.0]}}, "the scale of a number is not above 0"),
    ],
)
def test_numbers_that_cannot_be_read_are_told(model: JsonValue, cause: str) -> None:
    """On their line, by the check of a policy; never in service."""
    text = MINIMAL + yaml.safe_dump({"learned": {"model": model, **ABOUT}}, sort_keys=False)

    with pytest.raises(PolicyInvalid) as raised:
        Policy.load(text)

    assert raised.value.problems == (f"4: the learned numbers cannot be read: {cause}",)


def test_a_number_has_a_mean_a_scale_and_a_weight() -> None:
    """All finite."""
    with pytest.raises(PolicyInvalid, match="finite"):
        policy(learned=learned(numbers={"turns": [0.0, 1.0, float("inf")]}))
    with pytest.raises(PolicyInvalid, match="at least 3"):
        policy(learned=learned(numbers={"turns": [0.0]}))


@given(st.sets(st.integers(0, 2**32 - 1), max_size=60))
def test_a_sketch_knows_what_was_said(grams: set[int]) -> None:
    """After a way through text too."""
    sketch = unpacked(None)
    for gram in grams:
        first(sketch, gram)
        sketch = unpacked(packed(sketch))

    assert not any(first(sketch, gram) for gram in grams)
    assert sum(map(int.bit_count, sketch)) == len({gram % BITS for gram in grams})


@pytest.mark.parametrize("strange", [None, 3, "é", "!!!!", "A" * 4_000, []])
def test_what_is_no_sketch_is_an_empty_one(strange: JsonValue) -> None:
    """Nothing raises."""
    assert not any(unpacked(strange))


def test_it_stands_in_the_place_of_the_policys_own_score() -> None:
    """The reasons name `abandonment_risk`, and it escalates at the same mark."""
    detector = Detector(policy(learned=learned(bias=2.0)))

    (told,) = decisions(detector, [customer("hm")])

    assert (told.action, told.score) == ("escalate", pytest.approx(logistic(2), abs=1e-4))
    assert [(reason.signal, reason.rule) for reason in told.reasons] == [("abandonment_risk", None)]
    assert scores(learned(bias=-2.0), customer("bye, useless"))[0] < 0.2


def test_a_rule_still_lifts_the_score() -> None:
    """What stands above the score stands above a learned one."""
    rule: JsonValue = {"id": "asks", "when": "signals.human_request > 0.9", "then": "escalate"}
    detector = Detector(policy(learned=learned(bias=-9.0), rules=[rule]))

    quiet, asked = decisions(detector, [customer("hm"), customer("I want to talk to a human")])

    assert (quiet.action, asked.action) == ("continue", "escalate")
    assert (quiet.score < 0.01, asked.score) == (True, 0.75)


def test_a_jobs_own_model_goes_before() -> None:
    """Every other job has the common one."""
    model = learned(jobs={"pay": {"bias": 1.0}}, bias=-1.0)

    told = [scores(model, customer("hm"), job=job)[0] for job in ("pay", "ask", None)]

    assert told == pytest.approx([logistic(1), logistic(-1), logistic(-1)], abs=1e-4)


def test_a_persons_turn_forgets_what_was_seen() -> None:
    """When the bot is back it is as if nothing had been said."""
    model = learned(bias=-3.0, numbers={"turns": [0.0, 1.0, 1.0]}, grams=BILL)

    told = scores(model, customer("my bill"), human("Hello"), bot("I am back"), customer("hm"))
    anew = scores(model, bot("I am back"), customer("hm"))

    assert told[1:3] == [0, 0]
    assert told[3] == anew[1]


def test_the_state_stays_small_with_a_learned_model() -> None:
    """At most 8 KB over 10,000 turns, though every place of its sketch is taken."""
    grams = " ".join(f"{crc32(f'c: word{n}'.encode()):x}:1:1:1" for n in range(40))
    model = LearnedModel(reads=["customer", "bot", "tool"], grams=grams)
    part = Learned.model_validate({**ABOUT, "model": model})
    detector = Detector(Policy(Policy.default().document.model_copy(update={"learned": part})))
    state = detector.start(attributes={f"a{n}": "世界" * 200 for n in range(50)})
    state = detector.inform(state, attributes={"vip": True, "earlier_escalations": 9})
    for n in range(10_000):
        state, _ = detector.observe(state, hostile(n))
        if n == 1_000:
            state["learned"] = {**state["learned"], "s": packed(bytearray(b"\xff") * (BITS // 8))}

        if n % 7 == 0 or n > 9_900:
            assert len(json.dumps(state)) <= 8_192
