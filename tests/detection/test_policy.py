"""Policy files: what is accepted, and where every mistake is pointed at."""

import pytest

from handoff.detection import Policy
from handoff.detection.policy import default_text
from handoff.domain.errors import PolicyInvalid
from tests.detection.spoken import MINIMAL

MISTAKES = [
    ("score:\n  bias: high\n", "4: `bias`: input should be a valid number"),
    ("score:\n  decay: 3\n", "4: `decay`: input should be less than or equal to 1"),
    ("score: {bias: .nan}\n", "3: `bias`: input should be a finite number"),
    ("score:\n  offer_at: 0.9\n  escalate_at: 0.5\n", "4: `offer_at` is higher than `escalate_at`"),
    ("score:\n  cooldown: 3\n", "4: unknown key `cooldown`, did you mean `cool_down`?"),
    ("rulse: []\n", "3: unknown key `rulse`, did you mean `rules`?"),
    ("rules: 3\n", "3: `rules`: input should be a valid list"),
    ("name: again\n", "3: `name` is given twice (first on line 2)"),
    (
        "signals:\n  human_requst: {}\n",
        "4: unknown signal `human_requst`, did you mean `human_request`?",
    ),
    (
        "signals:\n  bot_loop:\n    treshold: 2\n",
        "5: signal `bot_loop` has no setting `treshold`, did you mean `threshold`?",
    ),
    ("signals:\n  bot_loop: {weight: much}\n", "4: `weight` of `bot_loop` is a number"),
    (
        "signals:\n  bot_loop: {weight: -1}\n",
        "4: `weight` of `bot_loop` is -1, out of range 0 to 20",
    ),
    ("signals:\n  bot_loop: {enabled: sometimes}\n", "4: `enabled` is true or false"),
    (
        "jobs:\n  pay:\n    signals: {bot_lop: {}}\n",
        "5: unknown signal `bot_lop`, did you mean `bot_loop`?",
    ),
    ("jobs:\n  pay:\n    queue: vault\n", "5: unknown queue `vault`"),
    ("jobs:\n  pay:\n    score: {offer_at: 0.99}\n", "5: `offer_at` is higher than `escalate_at`"),
    ("routing:\n  default_queue: vault\n", "4: unknown queue `vault`"),
    ("routing:\n  by_reason: {fraud: general}\n", "4: unknown reason code `fraud`"),
    ("routing:\n  by_reason: {policy: vault}\n", "4: unknown queue `vault`"),
    ("storm: yes\n", "3: `storm`: input should be a mapping: storm: {key: value}"),
    ("storm:\n  incident_att: 5\n", "4: unknown key `incident_att`, did you mean `incident_at`?"),
    ("storm:\n  incident_at: 1\n", "4: `incident_at`: input should be greater than or equal to 2"),
    ("storm:\n  window_s: 3\n", "4: `window_s`: input should be greater than or equal to 10"),
    (
        "storm:\n  names:\n    get_order: our orders\n",
        "5: `get_order`: string should match pattern '^(tool|rule|signal|reason):.+$'",
    ),
    (
        "routing:\n  queues:\n    general: {capacity: 0}\n",
        "5: `capacity`: input should be greater than or equal to 1",
    ),
    (
        "routing:\n  queues:\n    general: {priority: 9}\n",
        "5: `priority`: input should be less than or equal to 5",
    ),
]

RULE_MISTAKES = [
    ("when: 'slots.x =='\n", "5: not CEL: 1:11: Syntax error: mismatched input '<EOF>'"),
    ("when: slotz.x == 1\n", "5: unknown name `slotz`, did you mean `slots`?"),
    ("when: turn.txt == 'a'\n", "5: a turn has no `txt`, did you mean `text`?"),
    ("when: signals.bot_lop > 0.5\n", "5: unknown signal `bot_lop`, did you mean `bot_loop`?"),
    ('when: signals["bot_lop"] > 0.5\n', "5: unknown signal `bot_lop`, did you mean `bot_loop`?"),
    ("when: sice(turn.text) > 5\n", "5: unknown function `sice`, did you mean `size`?"),
    (
        "when: true\n    then: escalte\n",
        "6: `then`: input should be 'escalate', 'offer', 'forbid' or 'require'",
    ),
    (
        "when: true\n    reason: bot_stcuk\n",
        "6: unknown reason code `bot_stcuk`, did you mean `bot_stuck`?",
    ),
    ("when: true\n    queue: genral\n", "6: unknown queue `genral`, did you mean `general`?"),
    (
        "when: true\n    then: forbid\n    queue: general\n",
        "7: a `forbid` rule only delays: it has no `queue`",
    ),
    ("when: true\n    mode: shade\n", "6: `mode`: input should be 'on' or 'shadow'"),
    ("when: true\n    priority: -1\n", "6: `priority`: input should be greater than or equal to 1"),
]

NOT_YAML = ["a: [", "\t", "a: \x00", "[" * 2000, "a: b: c", ""]


def problems(text: str) -> tuple[str, ...]:
    """Return the mistakes found in `text`."""
    with pytest.raises(PolicyInvalid) as caught:
        Policy.load(text)
    return caught.value.problems


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_a_mistake_is_shown_with_line_and_cause(text: str, problem: str) -> None:
    """One mistake, one problem."""
    assert problems(MINIMAL + text) == (problem,)


@pytest.mark.parametrize(("text", "problem"), RULE_MISTAKES)
def test_a_mistake_in_a_rule_is_shown_with_line_and_cause(text: str, problem: str) -> None:
    """Conditions are compiled and their names looked up."""
    then = "" if "then:" in text else "    then: offer\n"

    assert problems(f"{MINIMAL}rules:\n  - id: a\n    {text}{then}") == (problem,)


def test_every_mistake_is_reported_at_once_in_order() -> None:
    """A supervisor corrects a file once."""
    rule = "  - {id: a, when: 'true', then: offer}\n"

    found = problems(f"{MINIMAL}rules:\n{rule}{rule}score: {{decay: 2}}\nsignals: {{nope: {{}}}}\n")

    assert [problem.partition(":")[0] for problem in found] == ["5", "6", "7"]
    assert found[0] == "5: rule id `a` is used twice (first on line 4)"


def test_missing_parts_are_named() -> None:
    """A policy says what it is; who does not know how is told."""
    assert problems("score: {}\n") == (
        "1: `schema` is missing: a policy begins with `schema: handoff-policy/1`",
        "1: `name` is missing: call it something, as `name: mine`",
    )


@pytest.mark.parametrize("text", NOT_YAML)
def test_what_is_no_yaml_is_one_problem(text: str) -> None:
    """With a line, and without an exception of the parser."""
    (problem,) = problems(text)

    assert problem[0].isdigit()


def test_aliases_cannot_grow_a_policy() -> None:
    """The billion laughs end early."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    assert "too large" in problems("\n".join(lines))[0]


def test_tags_make_no_objects() -> None:
    """YAML may name Python types; none is built."""
    assert "1: cannot be read" in problems("schema: !!python/name:os.system x\nname: x\n")[0]


def test_the_version_is_of_the_content() -> None:
    """Comments and order do not change it, a number does."""
    one = Policy.load(MINIMAL + "score: {bias: -2.0, decay: 0.5}\n")
    same = Policy.load("name: test # a comment\nscore:\n  decay: 0.5\n  bias: -2\n" + MINIMAL[:25])
    other = Policy.load(MINIMAL + "score: {bias: -2.5, decay: 0.5}\n")

    assert one.label == same.label == f"test@{one.version}"
    assert one.version != other.version


def test_modes_are_words() -> None:
    """YAML 1.1 would read `on` as true."""
    loaded = Policy.load(f"{MINIMAL}rules:\n  - {{id: a, when: 'true', then: offer, mode: on}}\n")

    assert loaded.document.rules[0].mode == "on"


def test_the_shipped_policy_is_valid_and_explained() -> None:
    """It is loaded once, and a supervisor can read it."""
    assert Policy.default() is Policy.default()
    assert Policy.load(default_text()).label == Policy.default().label
    assert default_text().count("#") > 10


def test_queues_are_found_by_rule_reason_job_and_default() -> None:
    """In that order."""
    loaded = Policy.load(
        f"{MINIMAL}jobs: {{pay: {{queue: c}}}}\n"
        "routing:\n"
        "  {default_queue: d, by_reason: {policy: b}, queues: {a: {}, b: {}, c: {}, d: {}}}\n"
    )

    assert loaded.queue("policy", "pay", "a") == "a"
    assert loaded.queue("policy", "pay") == "b"
    assert loaded.queue("other", "pay") == "c"
    assert loaded.queue("other", "ask") == "d"
