"""Whose move it is: nobody acts on what somebody else holds."""

import httpx
import pytest

from handoff.domain.records import Scope
from tests.api.conftest import NewKey, escalated
from tests.serving import Served

MOVES = [
    ("messages", {"text": "hello"}),
    ("release", {}),
    ("transfer", {"queue": "general"}),
    ("dispose", {"outcome": "resolved"}),
    ("return", {}),
]


@pytest.mark.parametrize(("move", "body"), MOVES)
def test_another_agent_is_refused(
    client: httpx.Client, served: Served, new_key: NewKey, move: str, body: dict[str, str]
) -> None:
    """Ann has it: Bob can neither speak in it nor take it out of her hands."""
    path = f"/v1/escalations/{escalated(client)}"
    client.post(f"{path}/claim", json={})

    with served.client(new_key(Scope.AGENT, name="bob")) as bob:
        refused = bob.post(f"{path}/{move}", json=body)

    assert (refused.status_code, refused.json()["detail"]) == (403, "ann has it")
    assert client.get(path).json()["owner"] == "ann"


@pytest.mark.parametrize(("move", "status"), [("release", 200), ("return", 403)])
def test_a_supervisor_may_free_it_but_not_speak_for_the_holder(
    client: httpx.Client, served: Served, new_key: NewKey, move: str, status: int
) -> None:
    """Overseeing is putting it back, not doing the holder's work."""
    path = f"/v1/escalations/{escalated(client)}"
    client.post(f"{path}/claim", json={})

    with served.client(new_key(Scope.AGENT, Scope.SUPERVISOR, name="sue")) as sue:
        answer = sue.post(f"{path}/{move}", json={})

    assert answer.status_code == status
