"""What holds for every conversation: purity, plain JSON state, bounds, no exception."""

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.detection import Detector, Policy
from handoff.domain.turn import Role, ToolCall, Turn
from tests.detection.spoken import decisions, policy

PHRASES = st.sampled_from(
    [
        "where is my parcel",
        "how do I contact you",
        "talk to a human",
        "yes please",
        "Would you like to talk to an agent?",
        "no",
    ]
)
ANY = st.characters(codec="utf-8")
STRANGE = st.characters(codec="utf-8", min_codepoint=0x300)
TEXTS = PHRASES | st.text(ANY, max_size=60) | st.text(STRANGE, max_size=30)
NAMES = st.sampled_from(["ask_name", "refund", "operator", "İstanbul", "confirm"])
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=3)
CALLS = st.builds(ToolCall, name=st.sampled_from(["pay", "escalate"]), ok=st.none() | st.booleans())
TURNS = st.builds(
    Turn,
    turn_id=st.just("t"),
    role=st.sampled_from(Role),
    text=TEXTS,
    heard=st.none() | TEXTS,
    intent=st.none() | NAMES | TEXTS,
    confidence=st.none() | st.floats(0, 1),
    final=st.booleans(),
    secure_capture=st.booleans(),
    slots=st.dictionaries(TEXTS, VALUES, max_size=3),
    tool_call=st.none() | CALLS,
)
CONVERSATIONS = st.lists(TURNS, max_size=25)

DETECTOR = Detector(
    policy(
        rules=[
            {"id": "asks", "when": "signals.human_request > 0.9", "then": "escalate"},
            {"id": "fails", "when": "signals.tool_failure > 0.4", "then": "escalate"},
            {"id": "long", "when": "turn.text.size() > 40 && slots.x == 1", "then": "offer"},
            {"id": "gate", "when": "turn.index < 5", "then": "forbid"},
        ],
        score={"cool_down": 4, "escalate_at": 0.5, "offer_at": 0.3},
    )
)


@given(CONVERSATIONS)
@settings(max_examples=120, deadline=None)
def test_the_state_given_is_never_changed(turns: Sequence[Turn]) -> None:
    """Observing is pure: the same state and turn give the same answer, twice."""
    state = DETECTOR.start(attributes={"a": [1]})
    for turn in turns:
        before = json.dumps(state)
        after, decision = DETECTOR.observe(state, turn)

        assert json.dumps(state) == before
        assert (after, decision) == DETECTOR.observe(state, turn)
        state = after


@given(CONVERSATIONS)
@settings(max_examples=120, deadline=None)
def test_a_state_that_went_through_json_decides_the_same(turns: Sequence[Turn]) -> None:
    """Between turns the state lives in a database."""
    state = DETECTOR.start()
    stored = []
    for turn in turns:
        state, decision = DETECTOR.observe(json.loads(json.dumps(state)), turn)
        stored.append(decision)

    assert stored == decisions(DETECTOR, turns)


@given(CONVERSATIONS)
@settings(max_examples=120, deadline=None)
def test_decisions_are_well_formed(turns: Sequence[Turn]) -> None:
    """Acting has a reason, evidence is never from the future, the score is a share."""
    told = decisions(DETECTOR, turns)

    for decision in told:
        assert 0 <= decision.score <= 1
        assert all(turn <= decision.turn_index for each in decision.reasons for turn in each.turns)
        assert all(each.turns for each in decision.reasons)
        if decision.action != "continue":
            assert decision.reasons
            assert decision.reason_code
    assert [decision.action for decision in told].count("offer") <= 1


@given(st.text(ANY, min_size=1, max_size=8), st.integers(1, 8000))
@settings(max_examples=60, deadline=None)
def test_hostile_text_never_raises(text: str, times: int) -> None:
    """Any characters, at any length that the edge lets in."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text=(text * times)[:64_000], intent=text)

    state, decision = DETECTOR.observe(DETECTOR.start(), turn)

    assert decision.turn_index == 0
    assert len(json.dumps(state)) < 8_192


def test_lone_surrogates_never_raise() -> None:
    """They cannot be encoded, and a careless runtime may hand them over unvalidated."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER).model_copy(update={"text": "agent \ud800 please"})

    _, decision = Detector(Policy.default()).observe(DETECTOR.start(), turn)

    assert decision.action == "escalate"


def test_the_state_stays_small_over_10000_turns() -> None:
    """Whatever comes, and whatever fires, it takes at most 8 KB."""
    detector = Detector(Policy.default())
    state = detector.start(attributes={f"a{n}": "世界" * 200 for n in range(50)})
    state = detector.inform(state, attributes={"vip": True, "earlier_escalations": 9})
    for n in range(10_000):
        state, _ = detector.observe(state, hostile(n))

        if n % 7 == 0 or n > 9_900:
            assert len(json.dumps(state)) <= 8_192


def hostile(n: int) -> Turn:
    """Return a turn that gives as many signals as possible something to remember."""
    role = (Role.CUSTOMER, Role.BOT, Role.TOOL, Role.CUSTOMER)[n % 4]
    said = {
        Role.CUSTOMER: ("WHAT THE FUCK!! no that's not what I asked, this is useless", "no", "bye"),
        Role.BOT: ("Sorry, I'm unable to do that, I did not understand", "I can not help you 世界"),
        Role.TOOL: ("",),
    }[role]
    call = ToolCall(name=f"refund{'具' * 40}{n % 9}", ok=False, arguments={"amount": n})
    return Turn(
        turn_id=str(n),
        index=10**12 + n,
        role=role,
        text=said[n // 4 % len(said)] + f" {n} 世界 \U0001f600 word{n % 40} " * (n % 3 * 10),
        heard="x" if role is Role.BOT and n % 3 else None,
        intent=("nlu_fallback", f"ask_{'界' * 20}{n % 30}", f"complaint {'界' * 60}{n % 7}")[n % 3],
        confidence=(n % 10) / 10,
        recognition_confidence=0.1,
        nbest=("a b", "c d", "世界"),
        latency_ms=9e9,
        slots={f"slot {'界' * 30} {n % 9}": "値" * 300 if n % 2 else n} if n % 60 < 30 else {},
        tool_call=call if role is Role.TOOL else None,
    )
