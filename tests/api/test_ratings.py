"""Rating a card over the API: one tap, once, by whoever has the escalation."""

import httpx

from handoff.domain.records import Scope
from tests.api.conftest import OTHER, NewKey, escalated, say
from tests.serving import Served


def test_one_tap_and_its_repeat(client: httpx.Client) -> None:
    """The answer is the rating; the same key answers the same."""
    escalation = escalated(client)
    address = f"/v1/escalations/{escalation}/card/rating"
    key = {"Idempotency-Key": "k1"}

    first = client.post(address, json={"useful": True}, headers=key)
    again = client.post(address, json={"useful": True}, headers=key)
    reports = client.get("/v1/reports/restarts").json()

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (first.json()["useful"], first.json()["card_version"]) == (True, 1)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert reports["items"] == []  # nobody has accepted it
    assert "restart_rate" in reports["columns"]


def test_wrong_ratings_are_refused(client: httpx.Client) -> None:
    """No word, an unknown claim, a version that is not there, a field too many."""
    address = f"/v1/escalations/{escalated(client)}/card/rating"
    bodies = [{}, {"useful": True, "claim": "x"}, {"useful": True, "card_version": 7}]
    bodies.append({"useful": True, "stars": 5})

    answers = [client.post(address, json=body).status_code for body in bodies]

    assert answers == [422, 422, 404, 422]


def test_what_others_hold_is_theirs_to_rate(
    served: Served, client: httpx.Client, new_key: NewKey
) -> None:
    """An agent rates what they have; a supervisor rates anything of the tenant, nobody else's."""
    escalation = escalated(client)
    address = f"/v1/escalations/{escalation}/card/rating"
    client.post(f"/v1/escalations/{escalation}/claim")
    keys = [
        new_key(Scope.AGENT, name="bob"),
        new_key(Scope.SUPERVISOR, name="eve"),
        new_key(Scope.RUNTIME, name="bot"),
        new_key(name="ann", tenant=OTHER),
    ]

    statuses = []
    for key in keys:
        with served.client(key) as other:
            statuses.append(other.post(address, json={"useful": False}).status_code)

    assert statuses == [403, 200, 403, 404]


def test_restarts_are_reported(client: httpx.Client) -> None:
    """With the card version and the claim, as JSON and as CSV."""
    say(client, "My order XK4711 is late.", slots={"order_id": "XK4711"})
    escalation = escalated(client)
    client.post(f"/v1/escalations/{escalation}/claim")
    question = {"text": "Could you give me your order number?"}
    client.post(f"/v1/escalations/{escalation}/messages", json=question)

    [row] = client.get("/v1/reports/restarts").json()["items"]
    table = client.get("/v1/reports/restarts", params={"format": "csv"}).text

    assert (row["card_version"], row["restarted"], row["claims"]) == (1, 1, {"order id": 1})
    assert table.splitlines()[0].startswith('"job"') or table.startswith("job,intent,queue")
