"""The ServiceNow connector: its incident and work notes, and what business rules tell of."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.servicenow import ServiceNow
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain
from tests.vendors import servicenow as fake

FIRST = f"{1:032x}"


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the instance it talks to."""

    servicenow: ServiceNow
    fake: fake.ServiceNow
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an instance on loopback."""
    instance = fake.ServiceNow()
    with Receiver(instance) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {**fake.SETTINGS, "url": peer.url.removesuffix("/hook")}
        made = connect("servicenow", settings, outbound)
        assert isinstance(made, ServiceNow)
        yield House(made, instance, peer)


def test_an_incident_has_its_key_its_group_and_the_card(house: House) -> None:
    """The work note is not shown to the customer."""
    house.servicenow.deliver(parcel())

    incident = house.fake.incidents[FIRST]
    assert (incident["correlation_id"], incident["assignment_group"]) == ("esc_1", fake.GROUP)
    assert (incident["urgency"], incident["state"]) == ("1", "1")
    assert "I want a person" in house.fake.journal[0]["value"]


def test_words_are_no_markup_in_a_journal(house: House) -> None:
    """Between `[code]` tags a journal shows HTML."""
    house.servicenow.deliver(parcel(said="[code]<script>alert(1)</script>[/CODE] hello"))

    assert "[code]" not in house.fake.journal[0]["value"].casefold()
    assert "[/code]" not in house.fake.journal[0]["value"].casefold()


def test_a_change_that_arrived_is_found_in_the_journal(house: House) -> None:
    """Its note is not written twice."""
    opened = house.servicenow.deliver(parcel())
    update = replace(parcel("dlv_2", "updated"), reference=opened.reference)
    before = house.servicenow.look_up(update)
    house.servicenow.deliver(update)

    assert (before, house.servicenow.look_up(update)) == (None, opened)


@pytest.mark.parametrize(
    ("event", "state", "theirs"),
    [
        ("changed", State.ACTIVE, "2"),
        ("changed", State.DEFERRED, "3"),
        ("closed", State.CLOSED, "6"),
        ("withdrawn", State.QUEUED, "8"),
    ],
)
def test_an_incident_follows_the_escalation(
    house: House, event: str, state: State, theirs: str
) -> None:
    """With the fields that ServiceNow wants for each state."""
    opened = house.servicenow.deliver(parcel())
    later = replace(parcel("dlv_2", event), reference=opened.reference)
    moved = later.escalation.evolve(state=state, owner="ana")

    house.servicenow.deliver(replace(later, escalation=moved))

    incident = house.fake.incidents[FIRST]
    assert (incident["state"], incident["assigned_to"]) == (theirs, fake.ANA)
    assert ("close_notes" in incident) is (theirs in "68")
    assert ("hold_reason" in incident) is (theirs == "3")


def test_another_incident_is_never_taken_for_ours(house: House) -> None:
    """A query on a field that an instance lacks matches everything."""
    house.peer.answer = plain(
        body=b'{"result": [{"sys_id": "' + b"d" * 32 + b'", "correlation_id": "other"}]}'
    )

    assert house.servicenow.look_up(parcel()) is None


@pytest.mark.parametrize(
    ("told_of", "verb"),
    [
        ({}, "assigned"),
        ({"assigned_to": ""}, None),
        ({"state": "6"}, "resolve"),
        ({"state": "7", "assigned_to": ""}, "resolve"),
        ({"correlation_id": ""}, None),
    ],
)
def test_what_became_of_an_incident_is_read_from_servicenow(
    house: House, told_of: dict[str, object], verb: str | None
) -> None:
    """A rule says which one, and nothing more is believed."""
    house.fake.told_of |= told_of

    said = house.servicenow.understand(fake.signed(fake.RULED, NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])


def test_a_silent_servicenow_refuses_the_callback_and_does_not_fail(house: House) -> None:
    """The rule is answered in any case."""
    house.peer.answer = plain("503 Service Unavailable")

    with pytest.raises(Invalid):
        house.servicenow.understand(fake.signed(fake.RULED, NOW))


def test_without_the_secret_nothing_is_asked(house: House) -> None:
    """A stranger does not make us call."""
    with pytest.raises(Unauthenticated):
        house.servicenow.understand(replace(fake.signed(fake.RULED, NOW), headers={}))
    assert house.peer.ledger == []
