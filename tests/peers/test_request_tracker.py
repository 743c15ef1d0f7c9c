"""Request Tracker 5 itself: created, updated, resolved from both sides, and never twice."""

import signal
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from connectors import connect
from handoff.domain.connector import Checkable
from handoff.domain.errors import ConnectorError
from handoff.outbound import GuardedClient
from tests.benchmarks.servers import free_port
from tests.parcels import NOW
from tests.peers.conftest import SECRET, House, act, delivered, opened, read, until
from tests.peers.rt import Rt, running

NAME = "request_tracker"


@pytest.fixture(scope="module")
def port() -> int:
    """Return the port that the service will be at, which RT must know."""
    return free_port()


@pytest.fixture(scope="module")
def rt(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rt]:
    """Return one RT for all."""
    callbacks = f"http://127.0.0.1:{port}/v1/callbacks/{NAME}/ep_peers"
    folder = tmp_path_factory.mktemp("rt")
    with running(folder, callbacks, SECRET.removeprefix("whsec_")) as there:
        yield there
    print((folder / "rt.log").read_text()[-2_000:])


@pytest.fixture
def ours(rt: Rt, port: int, house: Callable[..., House]) -> House:
    """Return our service, not yet running."""
    settings = {
        "url": rt.address,
        "token": rt.tokens["handoff"],
        "secret": SECRET,
        "queue": "General",
        "people": {"ana": "test"},
    }
    return house(NAME, settings, port)


def confirmed(client: object, escalation_id: str, *events: str) -> Callable[[], bool]:
    """Return what tells whether these events and no other are confirmed."""

    def look() -> bool:
        found = delivered(client, NAME, escalation_id)  # type: ignore[arg-type] # a client
        kinds = [(event.partition(".")[0], state) for event, state in found]
        return all((event, "confirmed") in kinds for event in events)

    return look


def test_what_we_do_is_seen_there(ours: House, rt: Rt) -> None:
    """A ticket with the card; taken, it has an owner; closed, it is resolved."""
    with ours.running() as client:
        escalation = opened(client, "c1")
        until(confirmed(client, escalation, "opened"))
        (ticket,) = rt.tickets_of(escalation)
        assert (ticket["Status"], ticket["Requestor"]) == ("open", [])
        content = rt.call("ana", "GET", f"/ticket/{ticket['id']}/history?fields=Type,Content")
        assert "<b>now" not in str(content)
        act(client, escalation, "claim")
        until(confirmed(client, escalation, "changed"))
        until(lambda: rt.tickets_of(escalation)[0]["Owner"]["id"] == "ana")
        act(client, escalation, "dispose", outcome="resolved")
        until(confirmed(client, escalation, "closed"))

    (ticket,) = rt.tickets_of(escalation)
    assert ticket["Status"] == "resolved"
    assert rt.comments(ticket["id"])


def test_what_a_person_does_there_is_heard(ours: House, rt: Rt) -> None:
    """Taken, commented, answered and resolved in RT: so it is here."""
    with ours.running() as client:
        escalation = opened(client, "c2")
        until(confirmed(client, escalation, "opened"))
        number = rt.tickets_of(escalation)[0]["id"]
        rt.call("ana", "PUT", f"/ticket/{number}", json={"Owner": "ana"})
        until(lambda: read(client, escalation)["owner"] == "test")
        told = {"Content": "We refund it.", "ContentType": "text/plain"}
        rt.call("ana", "POST", f"/ticket/{number}/correspond", json=told)
        said = f"/v1/conversations/{read(client, escalation)['conversation_id']}/turns"
        until(lambda: "We refund it." in client.get(said).text)
        rt.call("ana", "PUT", f"/ticket/{number}", json={"Status": "resolved"})
        until(lambda: read(client, escalation)["state"] == "closed")
        until(confirmed(client, escalation, "closed"))
        assert read(client, escalation)["outcome"] == "resolved"

    assert rt.tickets_of(escalation)[0]["Status"] == "resolved"


def test_a_death_between_ticket_and_record_makes_no_second_ticket(ours: House, rt: Rt) -> None:
    """RT has the ticket, we have no record of it: it is found by what it refers to."""
    assert ours.dies("after_deliver:1", "c3") == -signal.SIGKILL
    with ours.running() as client:
        (escalation,) = [one["escalation_id"] for one in listed(client)]
        assert len(rt.tickets_of(escalation)) == 1
        until(confirmed(client, escalation, "opened"))

    assert len(rt.tickets_of(escalation)) == 1


def listed(client: object) -> list[dict[str, str]]:
    """Return the escalations there are."""
    found = client.get("/v1/escalations").json()  # type: ignore[attr-defined] # a client
    (items,) = (value for value in found.values() if isinstance(value, list))
    return items  # type: ignore[no-any-return] # JSON


def test_check_finds_the_queue(rt: Rt) -> None:
    """And tells where the token is none of RT's."""
    with closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {"url": rt.address, "secret": SECRET, "queue": "General"}
        good = connect(NAME, {**told, "token": rt.tokens["handoff"]}, outbound)
        bad = connect(NAME, {**told, "token": "1-1-none"}, outbound)
        assert isinstance(good, Checkable)
        assert isinstance(bad, Checkable)
        found = good.check(NOW)
        with pytest.raises(ConnectorError) as caught:
            bad.check(NOW)

    assert found == "the token may see: General"
    assert caught.value.pause
