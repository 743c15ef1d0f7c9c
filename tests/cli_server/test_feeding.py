"""Recorded conversations reach the services, end as they should, and are counted."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from handoff import Conversation, Turn
from handoff.cli.feeding import Fed, feed_all, into_services, over_http
from handoff.cli.reading import Recording
from handoff.cli.tally import Summary
from handoff.client import Unreachable
from handoff.domain.conversation import Head
from handoff.domain.escalation import State
from handoff.services.deps import Deps
from handoff.store import migrate, open_store
from tests import fakes
from tests.client.script import ANSWER, Script, client, ok, problem

TENANT = "default"
ASKS = ("customer", "I want to talk to a human")


@pytest.fixture
def deps(tmp_path: Path) -> Iterator[Deps]:
    """Return a composition over a fresh database."""
    url = f"sqlite:///{tmp_path}/handoff.db"
    migrate(url)
    store = open_store(url)
    yield fakes.deps(store)
    store.close()


def recording(name: str, *said: tuple[str, str], job: str | None = None) -> Recording:
    """Return a recorded conversation."""
    turns = tuple(
        Turn(turn_id=f"t{index}", role=role, text=text, index=index)
        for index, (role, text) in enumerate(said)
    )
    return Recording(
        Conversation(conversation_id=name, turns=turns, job=job), "some/calls.jsonl", 3
    )


def head(deps: Deps, name: str) -> Head:
    """Return what is stored of a conversation."""
    found = deps.store.read(TENANT, lambda tx: tx.conversations.head(name))
    assert found is not None
    return found


def fed(deps: Deps, *recordings: Recording) -> list[Fed]:
    """Feed recordings into the services."""
    return list(feed_all(into_services(deps, TENANT), recordings, 4))


def test_a_conversation_that_went_well_is_ended(deps: Deps) -> None:
    """Nobody was needed: ended by the customer, so it counts as contained."""
    fed(deps, recording("c1", ("customer", "hello"), ("bot", "hello"), job="greeting"))

    stored = head(deps, "c1")
    assert (stored.turns, stored.job, stored.ended_by) == (2, "greeting", "customer")


def test_an_escalation_is_left_waiting(deps: Deps) -> None:
    """The recording has no human: whoever looks at the desk finds the escalation."""
    (one,) = fed(deps, recording("c1", ASKS, ("bot", "One moment."), ("customer", "ok")))

    (escalated,) = one.escalations.values()
    assert head(deps, "c1").ended_at is None
    waiting = deps.store.read(TENANT, lambda tx: tx.escalations.get(escalated.escalation_id))
    assert waiting is not None
    assert waiting.state is State.QUEUED


def test_a_recorded_human_has_it(deps: Deps) -> None:
    """A person speaks in the recording: they had it, and the conversation's end is a wrap-up."""
    (one,) = fed(deps, recording("c1", ASKS, ("human", "Ann here."), ("customer", "thanks")))

    (escalated,) = one.escalations.values()
    after = deps.store.read(TENANT, lambda tx: tx.escalations.get(escalated.escalation_id))
    assert after is not None
    assert (after.state, head(deps, "c1").ended_by) == (State.WRAPPING, "customer")


def test_feeding_again_changes_nothing(deps: Deps) -> None:
    """A second run gets the first answers, and opens nothing twice."""
    conversations = (recording("c1", ASKS), recording("c2", ("customer", "hello")))

    first, second = fed(deps, *conversations), fed(deps, *conversations)

    assert first == second
    audit = deps.store.read(TENANT, lambda tx: tx.audit.of("c1"))
    assert [entry.entry.action for entry in audit] == ["control"]


def test_a_recording_that_clashes_is_a_problem_of_its_own(deps: Deps) -> None:
    """Another conversation under a known id is told by file and line; the rest goes on."""
    summary = Summary()

    clash = recording("c1", ("customer", "something else"))
    for one in fed(deps, recording("c1", ("customer", "hello")), clash, recording("c2", ASKS)):
        summary.add(one, 0.5)

    assert summary.problems == ["some/calls.jsonl:3: turn 't0' is stored with other content"]
    assert summary.total.conversations == 2


def test_results_come_in_order_whoever_is_faster(deps: Deps) -> None:
    """More recordings than places: all come back, in the files' order."""
    names = [f"c{number}" for number in range(40)]

    found = fed(deps, *(recording(name, ("customer", "hello")) for name in names))

    assert [one.recording.conversation.conversation_id for one in found] == names


def test_over_http_each_turn_is_a_record() -> None:
    """Bot turns carry no epoch: a recording does not ask to speak."""
    script = Script([ok(ANSWER), ok(ANSWER), ok({})])
    feed = over_http(client(script))

    one = feed(recording("c1", ("bot", "hello"), ("customer", "hi"), job="greeting"))

    assert one.problem is None
    bot, _, end = script.bodies()
    assert bot == {
        "turn_id": "t0",
        "role": "bot",
        "text": "hello",
        "index": 0,
        "conversation": {"job": "greeting"},
    }
    assert end == {"by": "customer", "why": "end of the recording"}


def test_over_http_a_refusal_is_a_problem() -> None:
    """What the service will not take is told, and the conversation is not ended."""
    script = Script([problem(409, "turn_conflict", "turn 't0' is stored with other content")])

    one = over_http(client(script))(recording("c1", ("customer", "hi")))

    assert one.problem == "turn 't0' is stored with other content"
    assert len(script.requests) == 1


def test_a_service_that_stays_away_ends_the_run() -> None:
    """After the client's patience: no other recording would fare better."""
    feed = over_http(client(Script([httpx.ConnectError("refused")])))
    recordings = [recording(f"c{number}", ("customer", "hi")) for number in range(9)]

    with pytest.raises(Unreachable):
        list(feed_all(feed, recordings, 2))


def test_the_summary_counts_by_source_and_job(deps: Deps) -> None:
    """A row per source and job, a sum, and the speed of the source."""
    summary = Summary()
    for one in fed(
        deps,
        recording("c1", ASKS, job="order"),
        recording("c2", ("customer", "hello"), ("bot", "hi"), job="order"),
        recording("c3", ("customer", "hello"), job="refund"),
    ):
        summary.add(one, 0.5)

    told = summary.record()
    rows = told["rows"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "source": "calls",
        "job": "order",
        "conversations": 2,
        "turns": 3,
        "escalated": 1,
        "offered": 0,
        "escalations": 1,
        "reasons": {"customer_requests_human_no_specific_reason": 1},
        "turns_per_second": 2.7,
    }
    assert summary.total.turns == 4
