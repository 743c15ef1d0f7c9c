"""The order in which turns arrive does not count: the state ends as if all had come in order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from handoff.domain.conversation import Head
from handoff.domain.turn import ToolCall, Turn
from handoff.services.deps import Deps
from handoff.services.follow_up import follow_up
from handoff.services.observe import Told, observe
from handoff.store import migrate, open_store
from tests import fakes
from tests.services.conftest import RUNTIME, TENANT

CUSTOMER = st.fixed_dictionaries(
    {
        "role": st.just("customer"),
        "text": st.sampled_from(
            [
                "Where is my refund?",
                "I asked where my refund is",
                "No, that is not what I asked. This is useless!!",
                "I want to talk to a human",
                "How can I reach someone?",
                "yes please",
                "I will sue you",
                "",
            ]
        ),
        "input": st.just("speech"),
    },
    optional={
        "intent": st.sampled_from(["refund_status", "cancel_order", "nlu_fallback", "greet"]),
        "confidence": st.sampled_from([0.1, 0.5, 0.9]),
        "slots": st.dictionaries(st.sampled_from(["order", "name"]), st.integers(1, 3), max_size=2),
    },
)
BOT = st.fixed_dictionaries(
    {
        "role": st.just("bot"),
        "text": st.sampled_from(
            [
                "Sorry, I did not understand. Could you rephrase?",
                "I'm unable to do that.",
                "Would you like to talk to an agent?",
                "It arrives on Friday.",
            ]
        ),
    },
    optional={
        "intent": st.sampled_from(["ask_order", "ask_name"]),
        "tool_call": st.just(ToolCall(name="transfer_to_human")),
    },
)
TOOL = st.builds(
    lambda name, ok: {"role": "tool", "tool_call": ToolCall(name=name, ok=ok)},
    st.sampled_from(["find_order", "refund"]),
    st.sampled_from([True, False, False]),
)
SPOKEN = st.lists(CUSTOMER | BOT | TOOL, min_size=1, max_size=12)
NUMBERS = count()


@dataclass(frozen=True)
class Arrival:
    """A conversation, the order in which its turns arrive, and when the rebuild gets its turn."""

    turns: Sequence[Turn]
    order: Sequence[Turn]
    prompt: bool
    """Rebuilt at once; else not before the last turn has arrived."""


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """Return turns in any order, some twice, some heard in part before they are final."""
    spoken = enumerate(draw(SPOKEN))
    turns = [Turn.model_validate({"turn_id": f"t{n}", "index": n, **told}) for n, told in spoken]
    again = draw(st.lists(st.sampled_from(turns), max_size=4))
    order = draw(st.permutations([*turns, *again]))
    for turn in draw(st.lists(st.sampled_from(turns), max_size=2, unique_by=id)):
        first = draw(st.integers(0, order.index(turn)))
        final = turn.model_copy(update={"revision": 1})
        order = [final if each is turn else each for each in order]
        order.insert(first, turn.model_copy(update={"text": turn.text[:7], "final": False}))
    return Arrival(turns, order, draw(st.booleans()))


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deps]:
    """Return one composition for all examples; each is a conversation of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('confluence')}/handoff.db"
    migrate(url)
    store = open_store(url)
    yield replace(fakes.deps(store), storms=False)
    store.close()


def posted(deps: Deps, turns: Sequence[Turn]) -> tuple[Head, list[JsonValue]]:
    """Return the head after `turns` were taken, and every escalation that was open on the way."""
    name = f"c{next(NUMBERS)}"
    seen: list[JsonValue] = []
    for turn in turns:
        take(deps, name, turn)
        head = head_of(deps, name)
        if head.open_escalation not in (None, *seen):
            seen.append(head.open_escalation)
    return head_of(deps, name), seen


def take(deps: Deps, name: str, turn: Turn) -> None:
    """Take one turn as the API does."""
    observed = deps.store.write(
        TENANT,
        lambda tx: observe(tx, deps, name, turn, Told(), by=RUNTIME, at=deps.clock()),
    )
    follow_up(deps, TENANT, name, observed)


def head_of(deps: Deps, name: str) -> Head:
    """Return a conversation's head."""
    head = deps.store.read(TENANT, lambda tx: tx.conversations.head(name))
    assert head is not None
    return head


@given(arrivals())
@settings(max_examples=150, deadline=None)
def test_any_order_of_arrival_ends_in_the_state_of_in_order_replay(
    composed: Deps, arrival: Arrival
) -> None:
    """Late, repeated and half heard turns change neither the state nor that somebody is called."""
    waiting: list[Callable[[], object]] = []
    later = {} if arrival.prompt else {"later": lambda _key, work: waiting.append(work)}
    in_order, called = posted(composed, arrival.turns)

    head, opened = posted(replace(composed, **later), arrival.order)
    for work in waiting:
        work()
    head = head_of(composed, head.conversation_id)

    assert head.detector == in_order.detector
    assert not head.stale
    assert len(opened) <= 1
    assert head.open_escalation in opened or not opened
    assert head.open_escalation is not None or not called


def test_what_the_bot_said_before_the_handoff_counts_though_it_arrives_after_it(
    composed: Deps,
) -> None:
    """Its place in the conversation tells, not that it came when the floor was gone."""
    said = ("bot", "I'm unable to do that."), ("customer", "I want to talk to a human")
    turns = [
        Turn.model_validate({"turn_id": role, "role": role, "text": text, "index": index})
        for index, (role, text) in enumerate(said)
    ]

    heads = [posted(composed, order)[0] for order in (turns, turns[::-1])]

    assert heads[0].detector == heads[1].detector
    assert "bot_cannot" in str(heads[1].detector["levels"])
