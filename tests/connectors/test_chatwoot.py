"""The Chatwoot connector: its steps, and what people there do."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.chatwoot import Chatwoot
from handoff.domain.connector import Parcel
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import CloseOutcome, State
from handoff.domain.signatures import mark
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Received, Receiver
from tests.vendors import chatwoot as fake
from tests.vendors.answers import told

STEPS = [
    "custom_attributes",
    "messages",
    "labels",
    "toggle_priority",
    "assignments",
    "toggle_status",
]


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the conversation it talks about."""

    chatwoot: Chatwoot
    fake: fake.Chatwoot
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an account on loopback."""
    account = fake.Chatwoot()
    with Receiver(account) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {**fake.SETTINGS, "bot_token": "bot", "url": peer.url.removesuffix("/hook")}
        made = connect("chatwoot", settings, outbound)
        assert isinstance(made, Chatwoot)
        yield House(made, account, peer)


def moved(told: Parcel, **changes: object) -> Parcel:
    """Return a parcel whose escalation has changed."""
    return replace(told, escalation=told.escalation.evolve(**changes), reference=fake.NUMBER)


def test_an_opening_keeps_what_was_there_and_opens_last(house: House) -> None:
    """People see the conversation once the card is in it; others' labels and attributes stay."""
    house.chatwoot.deliver(parcel())

    assert house.fake.calls == STEPS
    assert house.fake.labels == ["vip", "handoff"]
    assert house.fake.attributes["plan"] == "gold"
    assert house.fake.messages[0]["private"] is True
    assert (house.fake.status, house.fake.priority, house.fake.team) == ("open", "high", 7)
    assert house.peer.ledger[-1].headers["api_access_token"] == "bot"


@pytest.mark.parametrize("broken", range(len(STEPS)))
def test_a_try_that_ended_half_way_goes_on_from_there(house: House, broken: int) -> None:
    """Whichever call fails, with or without effect, no note is written twice."""
    works, effect = house.peer.answer, broken % 2 == 0

    def failing(request: Received) -> Iterator[bytes]:
        if request.line.startswith("POST") and len(house.fake.calls) == broken:
            if effect:
                list(works(request))
            return told(request, {"error": "oops"}, "502 Bad Gateway")
        return works(request)

    house.peer.answer = failing
    with pytest.raises(ConnectorError) as caught:
        house.chatwoot.deliver(parcel())
    house.peer.answer = works
    found = house.chatwoot.look_up(parcel())
    again = found or house.chatwoot.deliver(parcel(attempt=2))

    assert caught.value.unknown
    assert (again.reference, sorted(house.fake.calls)) == (fake.NUMBER, sorted(STEPS))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(CloseOutcome.RESOLVED, "resolved"), (CloseOutcome.RETURNED, "pending")],
)
def test_an_end_gives_it_back_or_resolves_it(
    house: House, outcome: CloseOutcome, status: str
) -> None:
    """The bot goes on where it was handed back."""
    house.chatwoot.deliver(parcel())
    end = moved(parcel("dlv_2", "closed"), state=State.CLOSED, outcome=outcome)

    house.chatwoot.deliver(end)

    assert house.fake.status == status
    assert outcome in str(house.fake.messages[-1]["content"])


def test_who_has_it_is_assigned_and_let_go(house: House) -> None:
    """Those who are known over there."""
    house.chatwoot.deliver(parcel())
    taken = moved(parcel("dlv_2", "changed"), state=State.ACTIVE, owner="ana")
    house.chatwoot.deliver(taken)
    owner = house.fake.assignee
    house.chatwoot.deliver(moved(parcel("dlv_3", "changed"), state=State.QUEUED, owner=None))

    assert (owner, house.fake.assignee) == (5, None)


def test_the_end_of_an_earlier_one_leaves_a_later_one_alone(house: House) -> None:
    """A conversation is escalated again and again; deliveries may come late."""
    house.fake.attributes["handoff"] = mark(fake.SECRET, fake.NUMBER, "esc_2")
    late = moved(parcel("dlv_2", "closed"), state=State.CLOSED, outcome=CloseOutcome.RESOLVED)

    house.chatwoot.deliver(late)

    assert house.fake.calls == []


def test_without_the_conversation_it_is_refused(house: House) -> None:
    """Nothing can be opened where nobody told which it is; its end is nothing."""
    stray = replace(parcel(), external={})

    with pytest.raises(ConnectorError, match="chatwoot_conversation_id"):
        house.chatwoot.deliver(stray)
    assert house.chatwoot.deliver(replace(stray, event="closed")).reference == "nothing"


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        (fake.written(), "message"),
        (fake.written(private=True), "note"),
        (fake.written(message_type=1), "message"),
        (fake.written(sender=None, content_attributes={"external_echo": True}), "message"),
        (fake.written(sender=None), None),
        (fake.written(message_type="incoming"), None),
        (fake.written(message_type="activity"), None),
        (fake.written(sender={"id": 1, "type": "user"}), None),
        (fake.written(sender={"id": 4, "type": "agent_bot"}), None),
        (fake.written(content=None), None),
        (fake.event("conversation_status_changed", status="resolved"), "resolve"),
        (fake.event("conversation_status_changed", status="pending"), "return"),
        (fake.event("conversation_status_changed", status="open"), None),
        (fake.event("conversation_status_changed", state="closed", status="pending"), None),
        (
            fake.event("conversation_updated", changed_attributes=[{"assignee_id": {}}]),
            "assigned",
        ),
        (fake.event("conversation_updated", changed_attributes=[{"team_id": {}}]), None),
        (fake.event("conversation_created"), None),
    ],
)
def test_what_people_do_is_understood(house: House, body: bytes, verb: str | None) -> None:
    """A person's words to the customer take the floor; a bot's and our own do not."""
    said = house.chatwoot.understand(fake.signed(body, NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])
    assert {each.by for each in said} <= {"ana", "chatwoot:phone"}


@pytest.mark.parametrize(
    "marked",
    ["", "esc_1", "esc_1.", mark("guess", "42", "esc_1"), mark(fake.SECRET, "43", "esc_1")],
)
def test_a_visitor_cannot_speak_for_an_escalation(house: House, marked: str) -> None:
    """Attributes can be set from a web page: only what we signed for this conversation counts."""
    assert house.chatwoot.understand(fake.signed(fake.written(marked=marked), NOW)) == ()


def test_another_accounts_events_say_nothing(house: House) -> None:
    """Numbers of conversations are an account's own."""
    body = json.loads(fake.written()) | {"account": {"id": 4}}

    assert house.chatwoot.understand(fake.signed(json.dumps(body).encode(), NOW)) == ()
