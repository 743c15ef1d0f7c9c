"""A backend goes down: thirty conversations fail on one tool, and the desk is not run over."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import expect

from handoff.client.answers import TurnAnswer
from handoff.domain.turn import Role, ToolCall, Turn
from tests import fakes
from tests.e2e.conftest import NewPage
from tests.e2e.house import House, house

POLICY = """\
schema: handoff-policy/1
name: stormy
rules:
  - {id: tool-fails, when: signals.tool_failure >= 0.85, then: escalate, reason: tool_failed}
storm: {window_s: 300, incident_at: 10, names: {"tool:get_order": our orders}}
routing: {queues: {general: {capacity: 12}}}
"""
PATIENCE = 15.0

pytestmark = pytest.mark.e2e


@pytest.fixture
def clock() -> fakes.Clock:
    """Return a clock that stands still."""
    return fakes.Clock()


@pytest.fixture
def home(tmp_path: Path, clock: fakes.Clock) -> Iterator[House]:
    """Return a fresh service whose queue takes twelve of one incident in five minutes."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    with house(tmp_path / "data", clock=clock, policy_file=policy) as running:
        yield running


def fail(home: House, number: int) -> TurnAnswer:
    """Let the tool fail three times in a conversation of its own; return the last answer."""
    for index in range(3):
        call = ToolCall(name="get_order", ok=False)
        turn = Turn(turn_id=f"t{index}", role=Role.TOOL, tool_call=call)
        answer = home.bot.turn(f"storm-{number}", turn)
    return answer


def states(home: House) -> Counter[str]:
    """Return how many escalations there are in each state."""
    return Counter(one.state.value for one in home.bot.escalations())


def test_a_storm_from_its_first_to_its_last(
    home: House, enter: NewPage, clock: fakes.Clock
) -> None:
    """One incident, a banner, the capacity in the queue, honest words, and nobody forgotten."""
    page = enter("Ann")
    answers = [fail(home, number) for number in range(20)]
    danger = home.bot.escalate("danger", reason_code="fraud_or_security_concern", priority=1)
    answers += [fail(home, number) for number in range(20, 30)]

    held = [one for one in answers if one.say is not None]
    assert danger.escalation.state.value == "queued"
    assert states(home) == {"queued": 12 + 1, "deferred": 18}
    assert len(held) == 18
    assert all("problem with our orders right now" in (one.say or "") for one in held)
    assert all(one.escalation and one.escalation.contact_at and one.card for one in held)
    assert len({one.escalation.incident for one in answers if one.escalation} - {None}) == 1
    expect(page.locator(".incident")).to_contain_text("30 conversations since 12:00")
    expect(page.locator(".incident")).to_contain_text("12 in the queue, 18 promised a contact")

    clock.forward(3_600)
    until = monotonic() + PATIENCE
    while states(home) != {"queued": 31} and monotonic() < until:
        sleep(0.1)

    assert states(home) == {"queued": 31}
    page.reload()
    expect(page.locator(".incident")).to_have_count(0)
