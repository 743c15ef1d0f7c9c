"""A customer who was handed over before begins another conversation."""

from pydantic import JsonValue

from handoff.services.deps import Deps
from handoff.services.observe import Told
from tests.services.conftest import TENANT, escalated, say

ANN = Told(customer_key="ann", job="refund")


def known(deps: Deps, conversation: str) -> dict[str, JsonValue]:
    """Return what is known of a conversation."""
    head = deps.store.read(TENANT, lambda tx: tx.conversations.head(conversation))
    assert head is not None
    return head.attributes


def test_the_detector_is_told_of_earlier_escalations(deps: Deps) -> None:
    """The score begins higher than a stranger's."""
    escalated(deps, "c1", ANN)

    back = say(deps, "customer", "hello again", conversation="c2", told=ANN).answer
    other = say(deps, "customer", "hello again", conversation="c3", told=Told(job="refund")).answer

    assert known(deps, "c2") == {"earlier_escalations": 1}
    assert back["score"] > other["score"]  # type: ignore[operator] # JSON


def test_another_job_and_a_later_turn_are_not_counted(deps: Deps) -> None:
    """It is counted once, when the conversation begins."""
    escalated(deps, "c1", ANN)

    say(deps, "customer", "hello", conversation="c2", told=Told(customer_key="ann", job="bill"))
    say(deps, "customer", "one thing more", conversation="c1", told=ANN)

    assert known(deps, "c2") == known(deps, "c1") == {}


def test_what_the_runtime_says_of_it_stands(deps: Deps) -> None:
    """It may know of more than this service does."""
    escalated(deps, "c1", ANN)
    told = Told(customer_key="ann", job="refund", attributes={"earlier_escalations": 7})

    say(deps, "customer", "hello", conversation="c2", told=told)

    assert known(deps, "c2") == {"earlier_escalations": 7}
