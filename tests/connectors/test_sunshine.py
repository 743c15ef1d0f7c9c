"""The Zendesk messaging connector: control goes over and comes back, words come in."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from pydantic import JsonValue

from connectors import connect
from connectors.sunshine import ROOM, Sunshine
from handoff.domain.errors import ConnectorError, Unauthenticated
from handoff.domain.signatures import mark
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver
from tests.vendors import sunshine as fake


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the conversation it passes on."""

    sunshine: Sunshine
    fake: fake.Sunshine


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Return the connector with an app on loopback; a parameter has further settings."""
    app = fake.Sunshine()
    more: dict[str, JsonValue] = getattr(request, "param", {})
    with Receiver(app) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {**fake.SETTINGS, "url": peer.url.removesuffix("/hook"), **more}
        made = connect("sunshine", settings, outbound)
        assert isinstance(made, Sunshine)
        yield House(made, app)


@pytest.mark.parametrize("house", [{"groups": {"billing": "360"}}], indirect=True)
def test_control_is_passed_with_the_card_and_no_message(house: House) -> None:
    """Flat values, within 4 KB, before anything makes the ticket."""
    told = replace(parcel(said="x " * 4_000), external={**parcel().external, **first()})

    house.sunshine.deliver(told)

    (metadata,) = house.fake.passed
    assert house.fake.calls == ["passControl"]
    assert metadata["first_message_id"] == "603012d7e0a3f9000c879b67"
    assert metadata["dataCapture.systemField.group_id"] == "360"
    assert metadata["handoff.reason"] == parcel().card.reason.code
    assert all(isinstance(value, str | int) for value in metadata.values())
    assert len(json.dumps(metadata, separators=(",", ":")).encode()) <= ROOM
    assert house.fake.metadata["lang"] == "en"


def first() -> dict[str, str]:
    """Return where people are to read from."""
    return {"sunshine_first_message_id": "603012d7e0a3f9000c879b67"}


@pytest.mark.parametrize(
    ("house", "calls"),
    [
        ({}, ["passControl", "releaseControl"]),
        ({"bot": "bot"}, ["passControl", "passControl"]),
        ({"offer": True}, ["offerControl", "releaseControl"]),
    ],
    indirect=["house"],
)
@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_an_end_takes_control_back_once(house: House, calls: list[str], end: str) -> None:
    """Where people still have it, or were offered it."""
    opened = house.sunshine.deliver(parcel())
    for number in range(2):
        house.sunshine.deliver(replace(parcel(f"dlv_2{number}", end), reference=opened.reference))

    assert house.fake.calls == calls
    assert house.fake.active == fake.BOT


def test_an_update_is_in_the_metadata_and_moves_nothing(house: House) -> None:
    """A new card is not passed again."""
    opened = house.sunshine.deliver(parcel())
    update = replace(parcel("dlv_2", "updated"), reference=opened.reference)
    before = house.sunshine.look_up(update)
    house.sunshine.deliver(update)

    assert (before, house.sunshine.look_up(update)) == (None, opened)
    assert house.fake.calls == ["passControl"]


def test_the_end_of_an_earlier_one_leaves_a_later_one_alone(house: House) -> None:
    """A conversation is escalated again and again; deliveries may come late."""
    house.fake.metadata["handoff.mark"] = mark(fake.SECRET, fake.CONVERSATION, "esc_2")
    house.fake.active = fake.PEOPLE

    house.sunshine.deliver(replace(parcel("d", "closed"), reference=fake.CONVERSATION))

    assert house.fake.calls == []


def test_without_the_conversation_it_is_refused(house: House) -> None:
    """Nothing can be passed where nobody told what."""
    with pytest.raises(ConnectorError, match="sunshine_conversation_id"):
        house.sunshine.deliver(replace(parcel(), external={}))


BACK = {"id": fake.CONVERSATION, "metadata": {"handoff.mark": fake.MARK}}
ENDED = {"type": "conversation:endedByUser"}


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        (fake.written(), "message"),
        (fake.written(author={"type": "business", "displayName": "Zoe"}), "message"),
        (fake.written(author={"type": "business", "subtypes": ["bot"]}), None),
        (fake.written(author={"type": "business", "subtypes": ["AI"]}), None),
        (fake.written(author={"type": "business"}, source={"type": "api:conversations"}), None),
        (fake.written(author={"type": "user", "userId": "u"}), None),
        (fake.written(author={"type": "user", "userId": "u"}, activity=ENDED), "left"),
        (fake.written(activity={"type": "ticket:closed"}), "resolve"),
        (fake.written(content={"type": "image"}), None),
        (fake.event("switchboard:acceptControl"), "note"),
        (fake.event("switchboard:passControl:failure", reason="no such"), "note"),
        (fake.event("switchboard:passControl"), None),
        (fake.event("switchboard:passControl", conversation=BACK), "return"),
        (fake.event("switchboard:releaseControl", reason="ticketClosed"), "return"),
        (fake.event("switchboard:releaseControl", metadata={"handoff.mark": fake.MARK}), None),
        (fake.event("conversation:typing"), None),
    ],
)
def test_what_happens_to_a_conversation_is_understood(
    house: House, body: bytes, verb: str | None
) -> None:
    """Words of people to the customer, control, and ends; what we moved ourselves is not told."""
    said = house.sunshine.understand(fake.signed(body, NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])
    assert {each.by for each in said} <= {"Zoe", "zd:agentWorkspace", "customer"}


@pytest.mark.parametrize("marked", ["", "esc_1", mark(fake.SECRET, "other", "esc_1")])
def test_a_visitor_cannot_speak_for_an_escalation(house: House, marked: str) -> None:
    """A web page can set a conversation's metadata."""
    assert house.sunshine.understand(fake.signed(fake.written(marked=marked), NOW)) == ()


def test_without_the_secret_nothing_is_believed(house: House) -> None:
    """It is all that these webhooks have."""
    with pytest.raises(Unauthenticated):
        house.sunshine.understand(replace(fake.signed(fake.written(), NOW), headers={}))
