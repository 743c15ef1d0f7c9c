"""Genesys Cloud: transfers to a queue, callbacks, and how a conversation stands after an event."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from connectors import connect
from handoff.domain.connector import NOTHING, Connector, Parcel
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel, with_number
from tests.receiver import Received, Receiver, plain
from tests.vendors import genesys as fake
from tests.vendors.genesys import participant as who

CUSTOMER = who("customer", "connected")
GONE = who("customer", "disconnected")
IVR = who("ivr", "connected")
WAITS = who("acd", "connected", queueId=fake.QUEUE)
OVER = who("acd", "disconnected", queueId=fake.QUEUE)
RINGS = who("agent", "alerting", userId="u-1")
TALKS = who("agent", "connected", userId="u-1")
TALKED = who("agent", "disconnected", userId="u-1")
WROTE = who("agent", "disconnected", userId="u-1", wrapup={"code": "w-1"})
CHATS = {**who("agent", "none", userId="u-1", messages=[{"state": "connected"}]), "calls": []}
MISSED = {**who("agent", "none", userId="u-1"), "calls": [{"state": "disconnected"}]}


@dataclass
class House:
    """The connector and the organisation it talks to."""

    genesys: Connector
    fake: fake.Genesys
    peer: Receiver
    outbound: GuardedClient

    def made(self, **settings: JsonValue) -> Connector:
        """Return a connector with other settings."""
        base = self.peer.url.removesuffix("/hook")
        told: dict[str, JsonValue] = {**fake.SETTINGS, "url": base, "login_url": base}
        return connect("genesys", {**told, **settings}, self.outbound)

    def standing(self, *participants: dict[str, object]) -> list[tuple[str, str, object]]:
        """Return what an event says of a conversation of ours that stands so."""
        first = {**participants[0], "attributes": fake.carried()}
        self.fake.conversations[fake.LIVE] = [first, *participants[1:]]
        said = self.genesys.understand(fake.signed(fake.event("user.end"), NOW))
        return [(each.verb, each.by, each.details.get("state")) for each in said]


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an organisation on loopback."""
    organisation = fake.Genesys()
    with Receiver(organisation) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        told = {**fake.SETTINGS, "url": base, "login_url": base, "people": {"u-1": "Zoe"}}
        yield House(connect("genesys", told, outbound), organisation, peer, outbound)


def later(event: str, reference: str | None, state: State = State.QUEUED) -> Parcel:
    """Return a later parcel of the same escalation, in a state."""
    told = replace(parcel("dlv_2", event), reference=reference)
    return replace(told, escalation=told.escalation.evolve(state=state))


def test_a_live_conversation_gets_its_data_and_goes_to_the_queue(house: House) -> None:
    """The bot's participant is replaced; the customer's carries what a script shows."""
    made = house.made(queues={"billing": "22222222-0000"})
    receipt = made.deliver(parcel())

    (first, _), (path, _) = house.fake.changes
    assert first.endswith("/participants/p-customer/attributes")
    assert path.endswith("/participants/p-ivr/replace/queue")
    assert house.fake.transfers() == [{"queueId": "22222222-0000", "transferType": "Unattended"}]
    carried = house.fake.conversations[fake.LIVE][0]["attributes"]
    assert isinstance(carried, dict)
    assert (carried["handoff_escalation_id"], carried["handoff_state"]) == ("esc_1", "queued")
    assert receipt.reference == f"conversation:{fake.LIVE}"


def test_a_step_that_was_taken_is_not_taken_again(house: House) -> None:
    """Whatever was answered: what counts is how the conversation stands."""
    house.genesys.deliver(parcel())
    house.genesys.deliver(parcel(attempt=2))

    assert len(house.fake.changes) == 2


def test_what_broke_off_between_two_steps_goes_on_with_the_second(house: House) -> None:
    """The data was set and the transfer was not: it is not found, and is made."""
    works = house.peer.answer

    def broken(request: Received) -> Iterator[bytes]:
        if request.line.split(" ")[1].endswith("/replace/queue"):
            return plain("504 Late")(request)
        return works(request)

    house.peer.answer = broken
    with pytest.raises(ConnectorError) as caught:
        house.genesys.deliver(parcel())
    house.peer.answer = works

    assert caught.value.unknown
    assert house.genesys.look_up(parcel()) is None
    house.genesys.deliver(parcel(attempt=2))
    assert len(house.fake.transfers()) == 1
    assert len(house.fake.changes) == 2


@pytest.mark.parametrize("state", [State.ACTIVE, State.ABANDONED, State.CONNECTING])
def test_who_has_a_person_or_is_gone_is_not_transferred(house: House, state: State) -> None:
    """An opening that comes late tells, and moves nobody."""
    late = parcel()
    house.genesys.deliver(replace(late, escalation=late.escalation.evolve(state=state)))

    assert house.fake.transfers() == []


@pytest.mark.parametrize(("event", "told"), [("withdrawn", "withdrawn"), ("closed", "closed")])
def test_an_end_is_told_and_takes_nobody_back(house: House, event: str, told: str) -> None:
    """A conversation that was transferred is where it is."""
    reference = house.genesys.deliver(parcel()).reference

    house.genesys.deliver(later(event, reference, State.CLOSED))

    carried = house.fake.conversations[fake.LIVE][0]["attributes"]
    assert isinstance(carried, dict)
    assert carried["handoff_state"] == told
    assert len(house.fake.transfers()) == 1


def test_a_conversation_that_is_gone_is_refused_and_needs_no_end(house: House) -> None:
    """404: the customer hung up long ago."""
    house.fake.conversations.clear()
    with pytest.raises(ConnectorError) as caught:
        house.genesys.deliver(parcel())

    assert not caught.value.retryable
    assert house.genesys.deliver(later("closed", None)).reference == NOTHING


def test_a_callback_goes_to_a_number_that_a_tool_verified(house: House) -> None:
    """Anybody can say a number; without one the next connector is tried."""
    alone = replace(parcel(), external={})
    waits = alone.escalation.evolve(contact_at=NOW + timedelta(hours=2))
    receipt = house.genesys.deliver(with_number(replace(alone, escalation=waits)))
    for other in (alone, with_number(alone, "stated")):
        with pytest.raises(ConnectorError) as caught:
            house.genesys.deliver(other)
        assert not caught.value.retryable

    ((_, body),) = house.fake.changes
    assert body["callbackNumbers"] == ["+49301234567"]
    assert body["callbackScheduledTime"] == "2026-11-23T14:00:00.000Z"
    assert receipt.reference.startswith("callback:")


def test_a_callback_is_changed_and_ended(house: House) -> None:
    """And cannot be searched for: an unknown one is asked for again."""
    alone = with_number(replace(parcel(), external={}))
    reference = house.genesys.deliver(alone).reference
    house.genesys.deliver(later("updated", reference))
    house.genesys.deliver(later("closed", reference, State.CLOSED))
    with pytest.raises(ConnectorError) as caught:
        house.genesys.look_up(alone)

    assert house.fake.changes[-1][1] == {"state": "disconnected"}
    assert house.fake.transfers() == []
    assert (caught.value.unknown, caught.value.retryable) == (True, False)


def test_a_token_is_fetched_once_and_again_when_it_ends(house: House) -> None:
    """By its own time, or because it is no longer taken: then nothing was done with it."""
    house.genesys.deliver(parcel())
    house.genesys.deliver(later("updated", f"conversation:{fake.LIVE}"))
    kept = house.fake.tokens
    house.fake.taken.clear()
    house.genesys.look_up(parcel())
    again = house.fake.tokens
    house.genesys.look_up(parcel(at=NOW + timedelta(hours=24)))

    assert (kept, again, house.fake.tokens) == (1, 2, 3)


@pytest.mark.parametrize("status", ["400 Bad Request", "401 No", "403 Forbidden"])
def test_a_client_that_may_not_sign_in_rests(house: House, status: str) -> None:
    """A person has to look; so they have where a new token is refused at once."""
    house.peer.answer = plain(status, body=b'{"error": "invalid_client"}')
    with pytest.raises(ConnectorError) as caught:
        house.genesys.deliver(parcel())

    assert (caught.value.pause, caught.value.unknown) == (True, False)


@pytest.mark.parametrize("status", ["429 Slow", "409 Conflict", "503 Busy", "404 None"])
@pytest.mark.parametrize("step", ["/attributes", "/replace/queue"])
def test_each_step_says_what_its_answer_means(house: House, step: str, status: str) -> None:
    """Also where signing in and looking went well before."""
    works = house.peer.answer

    def answer(request: Received) -> Iterator[bytes]:
        ours = request.line.split(" ")[1].endswith(step)
        return (plain(status, "Retry-After: 7") if ours else works)(request)

    house.peer.answer = answer
    with pytest.raises(ConnectorError) as caught:
        house.genesys.deliver(parcel())

    error = caught.value
    assert error.unknown is status.startswith("5")
    assert error.retryable is not status.startswith("404")
    assert (error.retry_after == 7) is status.startswith(("429", "503"))


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ((CUSTOMER, IVR), []),
        ((CUSTOMER, WAITS), []),
        ((CUSTOMER, WAITS, RINGS), [("reserved", "Zoe", None)]),
        ((CUSTOMER, OVER, TALKS), [("leg", "Zoe", "bridged")]),
        ((CUSTOMER, OVER, CHATS), [("assigned", "Zoe", None)]),
        ((CUSTOMER, WAITS, MISSED), [("unreserved", "Zoe", None)]),
        ((CUSTOMER, WAITS, TALKED), []),
        ((CUSTOMER, IVR, TALKED), []),
        ((GONE, OVER, TALKED), [("wrapping", "Zoe", None)]),
        ((GONE, OVER, WROTE), [("resolve", "Zoe", None)]),
        ((GONE, OVER), [("left", "genesys", None)]),
        ((GONE, OVER, MISSED), [("left", "genesys", None)]),
        ((GONE,), [("left", "genesys", None)]),
    ],
)
def test_an_event_is_a_hint_to_look_who_has_it(
    house: House, there: tuple[dict[str, object], ...], said: list[tuple[str, str, object]]
) -> None:
    """Late, twice and out of order: the conversation says how it is."""
    assert house.standing(*there) == said


def test_what_is_no_event_of_ours_says_nothing(house: House) -> None:
    """Another kind, another conversation, one that does not carry an escalation."""
    for body in (
        fake.event("attributes"),
        fake.event("user.end", "none-there"),
        fake.event("user.end"),
        fake.event("user.end").replace(b"v2.detail", b"v2.other"),
    ):
        assert house.genesys.understand(fake.signed(body, NOW)) == ()


def test_without_a_key_no_event_is_taken(house: House) -> None:
    """Deny by default: nobody signs these."""
    keyless = house.made(callback_key=None)
    for headers in ({}, {"x-handoff-key": ""}, {"x-handoff-key": fake.KEY}):
        with pytest.raises(Unauthenticated):
            keyless.understand(replace(fake.signed(fake.event("acw"), NOW), headers=headers))


@pytest.mark.parametrize(
    "participants", [None, 7, [7], [{}], [{"calls": 7}], [{"attributes": []}], [{"id": ["x"]}]]
)
def test_a_conversation_of_any_shape_ends_as_one_of_ours(
    house: House, participants: JsonValue
) -> None:
    """Nothing that the API tells is trusted to have its shape."""
    house.fake.conversations[fake.LIVE] = participants  # type: ignore[assignment] # on purpose
    event = fake.signed(fake.event("acw"), NOW)
    try:
        assert house.genesys.understand(event) == ()
    except Invalid:
        assert not isinstance(participants, list)
    with pytest.raises(ConnectorError):
        house.genesys.deliver(parcel())


def test_a_conversation_that_only_names_an_escalation_is_not_its(house: House) -> None:
    """What a flow took over from a visitor is no proof."""
    for forged in ({"handoff_escalation_id": "esc_1"}, {"handoff_mark": "esc_1.x"}):
        house.fake.conversations[fake.LIVE] = [{**CUSTOMER, "attributes": forged}, TALKS]

        assert house.genesys.understand(fake.signed(fake.event("user.start"), NOW)) == ()
