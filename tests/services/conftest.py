"""Services over a real database in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.ports import Store, Transaction
from handoff.domain.turn import Role, Turn
from handoff.services.deps import Deps
from handoff.services.follow_up import follow_up
from handoff.services.observe import Observed, Told, observe
from handoff.store import migrate, open_store
from tests import fakes

TENANT = "default"
RUNTIME = Actor(ActorKind.RUNTIME, "bot")
ANN = Actor(ActorKind.HUMAN, "ann")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a fresh store."""
    url = f"sqlite:///{tmp_path}/handoff.db"
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> fakes.Clock:
    """Return a clock that stands still."""
    return fakes.Clock()


@pytest.fixture
def deps(store: Store, clock: fakes.Clock) -> Deps:
    """Return a composition over the store."""
    return fakes.deps(store, clock)


def say(
    deps: Deps,
    role: str,
    text: str = "",
    *,
    turn_id: str | None = None,
    conversation: str = "c1",
    told: Told | None = None,
    **fields: object,
) -> Observed:
    """Take one turn through the service."""
    identity = turn_id or f"{role}:{text}"
    turn = Turn.model_validate({"turn_id": identity, "role": Role(role), "text": text, **fields})

    def work(tx: Transaction) -> Observed:
        return observe(tx, deps, conversation, turn, told or Told(), by=RUNTIME, at=deps.clock())

    observed = deps.store.write(TENANT, work)
    follow_up(deps, TENANT, conversation, observed)
    return observed


def escalated(deps: Deps, conversation: str = "c1", told: Told | None = None) -> str:
    """Open an escalation by asking for a person; return its id."""
    said = say(deps, "customer", "I want to talk to a human", conversation=conversation, told=told)
    escalation = said.answer["escalation"]
    assert isinstance(escalation, dict)
    return str(escalation["escalation_id"])
