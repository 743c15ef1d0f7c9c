"""Every route knows who may use it, and nobody else gets in."""

import httpx
import pytest

from handoff.api.errors import MEDIA_TYPE
from handoff.api.scopes import ANYONE, SCOPES
from handoff.bootstrap import TENANT, Service
from handoff.domain.records import Scope
from tests import fakes
from tests.api.conftest import OTHER, NewKey, escalated, say
from tests.serving import Served

KEYED = [route for route, allowed in SCOPES.items() if allowed is not ANYONE]
NO_SUCH = "0" * 37


def filled(route: str, **ids: str) -> tuple[str, str]:
    """Return method and path of a route, with ids that exist nowhere unless given."""
    method, _, path = route.partition(" ")
    known = {
        "conversation_id": f"none-{NO_SUCH}",
        "escalation_id": f"esc_{NO_SUCH}",
        "delivery_id": f"dlv_{NO_SUCH}",
        "webhook_id": f"wh_{NO_SUCH}",
        "name": "transfers",
        "version": NO_SUCH,
    }
    return method, path.format_map({**known, **ids})


BODIES: dict[str, dict[str, object]] = {
    "turns": {"turn_id": "t", "role": "customer", "text": "hi"},
    "control": {"holder": "nobody"},
    "end": {"by": "customer"},
    "feedback": {"score": 5},
    "escalations": {"conversation_id": "c-new"},
    "reserve": {"human": "bob"},
    "transfer": {"queue": "general"},
    "defer": {"contact_at": "2030-01-01T00:00:00Z"},
    "note": {"text": "a note"},
    "messages": {"text": "hello"},
    "legs": {"leg_id": "l1", "state": "ringing"},
    "presence": {"status": "away"},
    "policies": {"text": "schema: handoff-policy/1\nname: mine\n"},
    "activate": {"why": "better"},
    "rollback": {"why": "worse"},
    "rating": {"useful": True},
}
"""Last part of a path to a body that the route accepts; others accept an empty one."""


def asked(client: httpx.Client, method: str, path: str) -> httpx.Response:
    """Ask a route with a body that it accepts; the feed, which never ends, only for its header."""
    body = None if method == "GET" else BODIES.get(path.rpartition("/")[2], {})
    headers = {"Last-Event-ID": "refused"} if path == "/v1/events" else {}
    return client.request(method, path, json=body, headers=headers)


def test_the_table_and_the_description_name_the_same_routes(service: Service) -> None:
    """No route is hidden, and none stands in the table that does not exist."""
    described = service.app.openapi()["paths"]

    routes = {f"{verb.upper()} {path}" for path, verbs in described.items() for verb in verbs}

    assert routes == set(SCOPES)


@pytest.mark.parametrize("route", KEYED)
def test_nobody_gets_in_without_a_key(served: Served, route: str) -> None:
    """Without a key, and with one that is not ours, the answer is 401, whatever the body."""
    method, path = filled(route)
    with served.client() as nobody, served.client("ho_0_0_0") as stranger:
        answers = [asked(nobody, method, path), asked(stranger, method, path)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_opens_its_routes_and_no_others(
    served: Served, new_key: NewKey, scope: Scope
) -> None:
    """Role times route: 403 exactly where the table does not name the role."""
    with served.client(new_key(scope)) as client:
        for route in KEYED:
            answer = asked(client, *filled(route))
            assert (answer.status_code == 403) == (scope not in SCOPES[route]), route
            assert answer.status_code < 500, route


@pytest.fixture
def theirs(served: Served, new_key: NewKey, service: Service) -> dict[str, str]:
    """Return ids of things that another tenant has."""
    with served.client(new_key(tenant=OTHER)) as client:
        say(client, "hello", "c-theirs")
        escalation_id = escalated(client, "c-theirs")
        found = client.get("/v1/deliveries").json()["items"]
    deps = service.deps
    webhook = fakes.webhook("wh_theirs", deps.webhooks.box, deps.clock())
    deps.store.write(OTHER, lambda tx: tx.webhooks.add(webhook))
    deps.webhooks.refresh()
    return {
        "conversation_id": "c-theirs",
        "escalation_id": escalation_id,
        "delivery_id": found[0]["delivery_id"],
        "webhook_id": webhook.webhook_id,
    }


WITH_IDS = [route for route in KEYED if "_id}" in route]
OWN_BY_WRITING = "POST /v1/conversations/{conversation_id}/turns"


@pytest.mark.parametrize("route", [route for route in WITH_IDS if route != OWN_BY_WRITING])
def test_another_tenants_id_is_like_none_at_all(
    client: httpx.Client, theirs: dict[str, str], route: str
) -> None:
    """404, and byte for byte the answer of an id that does not exist."""
    method, their_path = filled(route, **theirs)
    _, no_path = filled(route)

    answer, nothing = asked(client, method, their_path), asked(client, method, no_path)

    assert (answer.status_code, nothing.status_code) == (404, 404)
    hidden = dict.fromkeys(theirs.values(), f"none-{NO_SUCH}") | {
        theirs["escalation_id"]: f"esc_{NO_SUCH}",
        theirs["delivery_id"]: f"dlv_{NO_SUCH}",
        theirs["webhook_id"]: f"wh_{NO_SUCH}",
    }
    told = answer.text
    for value, other in hidden.items():
        told = told.replace(value, other)
    assert told == nothing.text


def test_the_same_conversation_id_is_another_conversation(
    client: httpx.Client, theirs: dict[str, str], service: Service
) -> None:
    """Two tenants may use the same ids: neither sees or disturbs the other's."""
    answer = say(client, "my own first turn", theirs["conversation_id"])

    mine = service.deps.store.read(TENANT, lambda tx: tx.conversations.turns("c-theirs"))
    assert answer.json()["turn_index"] == 0
    assert len(mine) == 1


def test_listings_hold_nothing_of_other_tenants(
    client: httpx.Client, theirs: dict[str, str]
) -> None:
    """Escalations, deliveries and the audit trail are each tenant's own."""
    listings = [client.get(f"/v1/{name}").text for name in ("escalations", "deliveries", "audit")]

    assert not [text for text in listings for value in theirs.values() if value in text]


def test_a_refusal_is_a_problem_with_a_code(served: Served) -> None:
    """Errors are RFC 9457 problem details everywhere, unknown paths included."""
    with served.client() as nobody:
        answers = [nobody.get(path) for path in ("/v1/queues", "/v1/nothing")]

    assert [answer.json()["code"] for answer in answers] == ["unauthenticated", "not_found"]
    assert {answer.headers["content-type"] for answer in answers} == {MEDIA_TYPE}
    assert all(answer.json()["instance"] == answer.request.url.path for answer in answers)
