"""Amazon Connect: a live contact's attributes, tasks, and what contact events say."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from pydantic import JsonValue

from connectors import connect, resolve
from handoff.domain.connector import Connector, Parcel
from handoff.domain.errors import ConnectorError, Invalid, MissingExtra, Unauthenticated
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain, raw
from tests.vendors import amazon as fake


@dataclass
class House:
    """The connector and the instance it talks to."""

    connect: Connector
    fake: fake.Amazon
    peer: Receiver
    outbound: GuardedClient

    def without(self, *names: str) -> Connector:
        """Return a connector without some of the settings."""
        told: dict[str, JsonValue] = {**fake.SETTINGS, "url": self.peer.url.removesuffix("/hook")}
        return connect(
            "amazon_connect", {k: v for k, v in told.items() if k not in names}, self.outbound
        )


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an instance on loopback."""
    instance = fake.Amazon()
    with Receiver(instance) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 2.0}
        yield House(connect("amazon_connect", told, outbound), instance, peer, outbound)


def live(delivery: str = "dlv_1", event: str = "opened") -> Parcel:
    """Return a parcel of a conversation that is a contact already."""
    return replace(parcel(delivery, event), external={"amazon_contact_id": fake.CONTACT})


def test_a_live_contact_is_told_where_to_go_and_no_task_is_made(house: House) -> None:
    """Its own flow routes it: a task beside it would be a second thing to do."""
    receipt = house.connect.deliver(live())

    carried = house.fake.contacts[fake.CONTACT]
    assert receipt.reference == f"contact:{fake.CONTACT}"
    assert house.fake.tokens == {}
    assert (carried["handoff_queue"], carried["handoff_state"]) == ("billing", "queued")
    assert carried["handoff_delivery_id"] == "dlv_1"
    assert carried["handoff_card_url"].endswith("/desk/escalations/esc_1")
    assert all(key.replace("_", "").isalnum() for key in carried)


@pytest.mark.parametrize(
    ("event", "state", "told"),
    [
        ("updated", State.QUEUED, "queued"),
        ("changed", State.ACTIVE, "active"),
        ("withdrawn", State.QUEUED, "withdrawn"),
        ("closed", State.CLOSED, "closed"),
    ],
)
def test_a_flow_reads_whether_anybody_is_still_wanted(
    house: House, event: str, state: State, told: str
) -> None:
    """Each event sets the attributes anew: nothing is added, nothing is there twice."""
    reference = house.connect.deliver(live()).reference
    later = replace(live("dlv_2", event), reference=reference)

    house.connect.deliver(replace(later, escalation=later.escalation.evolve(state=state)))

    assert house.fake.contacts[fake.CONTACT]["handoff_state"] == told
    assert house.fake.stopped == []


def test_a_contact_is_asked_what_it_carries(house: House) -> None:
    """After an unknown outcome; a task's token makes asking unnecessary."""
    before = house.connect.look_up(live())
    receipt = house.connect.deliver(live())
    with pytest.raises(ConnectorError) as caught:
        house.connect.look_up(replace(parcel(), external={}))

    assert (before, house.connect.look_up(live())) == (None, receipt)
    assert (caught.value.unknown, caught.value.retryable) == (True, False)


def test_a_contact_that_is_over_is_refused_and_needs_no_end(house: House) -> None:
    """404: who hung up cannot be routed; that they are not to be is no failure."""
    house.fake.contacts.clear()
    with pytest.raises(ConnectorError) as caught:
        house.connect.deliver(live())

    assert not caught.value.retryable
    assert house.connect.deliver(live("dlv_2", "closed")).reference.startswith("contact:")


def test_a_task_says_what_it_is_about(house: House) -> None:
    """Where nobody is on the line; with the card, a link to it, and a token against repeats."""
    said = "<script> =cmd() 😀 " * 900
    house.connect.deliver(replace(parcel(said=said), external={}))

    ((path, body),) = house.fake.bodies
    assert path == "/contact/task"
    assert body["ClientToken"] == "dlv_1"
    assert body["References"] == {"card": {"Type": "URL", "Value": parcel().card_url}}
    assert len(str(body["Description"])) <= 4_096
    assert len(json.dumps(body["Attributes"]).encode()) <= 32_768


def test_a_task_is_changed_in_place_and_stopped(house: House) -> None:
    """One that an agent ended already needs no stop."""
    reference = house.connect.deliver(replace(parcel(), external={})).reference
    for number, event in enumerate(("updated", "closed")):
        house.connect.deliver(replace(parcel(f"dlv_{number}", event), reference=reference))
    task = reference.partition(":")[2]
    house.fake.contacts.pop(task)

    house.connect.deliver(replace(parcel("dlv_9", "closed"), reference=reference))

    assert [path for path, _ in house.fake.bodies if path == f"/contacts/{fake.INSTANCE}/{task}"]
    assert house.fake.stopped == [task]


def test_only_live_contacts_are_taken_where_no_flow_takes_tasks(house: House) -> None:
    """The next connector is tried."""
    with pytest.raises(ConnectorError, match="amazon_contact_id") as caught:
        house.without("task_flow_id").deliver(replace(parcel(), external={}))

    assert not caught.value.retryable


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null", b"{}", b'{"ContactId": 7}', b"\xff"])
def test_a_task_without_an_id_confirms_nothing(house: House, body: bytes) -> None:
    """It may have been started: it is sent again under its token."""
    house.peer.answer = plain(body=body)

    with pytest.raises(ConnectorError) as caught:
        house.connect.deliver(replace(parcel(), external={}))

    assert caught.value.unknown


def test_requests_leave_by_our_way_out_and_by_no_other(house: House) -> None:
    """The guard sees the address: a private one is refused, and what breaks off is unknown."""
    told = {**fake.SETTINGS, "url": "https://10.0.0.1"}
    with closing(GuardedClient()) as guarded, pytest.raises(ConnectorError) as refused:
        connect("amazon_connect", told, guarded).deliver(live())
    house.peer.answer = raw(b"")
    with pytest.raises(ConnectorError) as broken:
        house.connect.deliver(live())

    assert "10.0.0.1" not in refused.value.message
    assert broken.value.unknown


def test_a_slow_answer_is_left_at_the_deadline_and_asked_once(house: House) -> None:
    """Amazon's own library repeats nothing by itself."""
    house.peer.answer = plain("500 Oops", body=b'{"Message": "x"}')
    house.peer.ledger.clear()
    with pytest.raises(ConnectorError):
        house.connect.deliver(live())

    assert len(house.peer.ledger) == 1


@pytest.mark.parametrize(
    ("kind", "more", "verb", "details"),
    [
        ("CONNECTED_TO_AGENT", {}, "leg", {"leg_id": fake.CONTACT, "state": "bridged"}),
        ("CONNECTED_TO_AGENT", {"channel": "CHAT"}, "assigned", {}),
        ("CONNECTED_TO_AGENT", {"channel": "TASK"}, "assigned", {}),
        ("DISCONNECTED", {}, "leg", {"leg_id": fake.CONTACT, "state": "ended"}),
        ("DISCONNECTED", {"channel": "CHAT"}, "wrapping", {}),
        ("DISCONNECTED", {"agent": False}, "left", {}),
        ("DISCONNECTED", {"agent": False, "disconnectReason": "TRANSFERRED"}, None, {}),
        ("DISCONNECTED", {"agent": False, "channel": "TASK"}, None, {}),
        ("COMPLETED", {}, "resolve", {}),
        ("COMPLETED", {"disconnectReason": "TRANSFERRED"}, None, {}),
        ("COMPLETED", {"agent": False}, None, {}),
        ("QUEUED", {}, None, {}),
        ("A_NEW_ONE", {}, None, {}),
        ("CONNECTED_TO_AGENT", {"instanceArn": "arn:x:instance/other"}, None, {}),
        ("CONNECTED_TO_AGENT", {"initialContactId": "of-somebody-else"}, None, {}),
    ],
)
def test_what_happens_to_a_contact_is_understood(
    house: House, kind: str, more: dict[str, object], verb: str | None, details: JsonValue
) -> None:
    """Of contacts that carry an escalation; of all others nothing."""
    body = fake.event(kind, **more)  # type: ignore[arg-type] # channel and agent, and details
    said = house.connect.understand(fake.signed(body, NOW))

    assert [(each.verb, each.details) for each in said] == ([(verb, details)] if verb else [])
    assert all(each.by == "amazon:a-1" for each in said if verb != "left")


def test_without_a_key_no_callback_is_taken(house: House) -> None:
    """Deny by default: EventBridge signs nothing, its connection's key is all there is."""
    body = fake.event("CONNECTED_TO_AGENT")
    keyless = house.without("callback_key")
    for headers in ({}, {"x-handoff-key": ""}, {"x-handoff-key": "None"}):
        with pytest.raises(Unauthenticated):
            keyless.understand(replace(fake.signed(body, NOW), headers=headers))


def test_an_event_of_another_day_is_no_repeat(house: House) -> None:
    """EventBridge repeats for a day; a time it never writes is malformed."""
    body = fake.event("CONNECTED_TO_AGENT")
    for time in ("2026-11-22T11:59:59Z", "2026-11-23T12:05:01Z"):
        old = body.replace(b"2026-11-23T12:00:00Z", time.encode())
        with pytest.raises(Unauthenticated):
            house.connect.understand(fake.signed(old, NOW))
    for time in ("2026-11-23", "", "noon"):
        odd = body.replace(b"2026-11-23T12:00:00Z", time.encode())
        with pytest.raises(Invalid):
            house.connect.understand(fake.signed(odd, NOW))


@pytest.mark.parametrize(
    "forged", [{"handoff_escalation_id": "esc_1"}, {"handoff_mark": "esc_1.x"}]
)
def test_a_contact_that_only_names_an_escalation_is_not_its(
    house: House, forged: dict[str, str]
) -> None:
    """A visitor may begin a chat with attributes of their own."""
    house.fake.contacts[fake.CONTACT] = forged

    assert house.connect.understand(fake.signed(fake.event("COMPLETED"), NOW)) == ()


def test_amazon_that_does_not_say_whose_a_contact_is_is_asked_again(house: House) -> None:
    """EventBridge repeats what is refused."""
    house.peer.answer = plain("503 Busy")

    with pytest.raises(Invalid):
        house.connect.understand(fake.signed(fake.event("CONNECTED_TO_AGENT"), NOW))


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, in the message."""
    for module in list(sys.modules):
        if module.startswith(("connectors.amazon_connect", "boto3.")) or module == "boto3":
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(MissingExtra, match=r"pip install '\.\[amazon\]'"):
        resolve("amazon_connect")
