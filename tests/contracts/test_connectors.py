"""What every registered connector keeps to, whatever is on its other side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import CONNECTORS, connect, resolve
from handoff.domain.connector import Callback, Moves
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.outbound import GuardedClient
from tests.contracts.rigs import RIGS, Rig
from tests.docs.documents import CONNECTED, section
from tests.parcels import NOW, parcel

HOSTILE = "../../etc <script>alert(1)</script> \u202e `rm` \r\nX-Evil: 1 =cmd()|{{7*7}} 😀"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature", "authorization", "x-other")


@pytest.fixture(params=sorted(CONNECTORS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Each registered connector in turn, working."""
    with RIGS[request.param](tmp_path / "out") as rig:
        yield rig


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_a_connector_says_what_it_is(name: str) -> None:
    """Its settings are described, its duplicates stated, its moves declared, its rows written."""
    kind = resolve(name)

    assert all(field.description for field in kind.Config.model_fields.values())
    assert "Duplicates:" in (kind.__doc__ or "")
    assert kind.moves
    assert kind.moves <= frozenset(Moves)
    assert f"| `{name}` |" in section(CONNECTED, "Which there are")
    assert f"| `{name}` |" in section(CONNECTED, "What proves a delivery")
    assert f"`{name}`" in section(CONNECTED, "What each was proved against")


def test_an_opening_is_confirmed(rig: Rig) -> None:
    """The receipt names what the other side calls it."""
    assert rig.connector.deliver(parcel()).reference
    assert rig.received() == 1


def test_an_opening_sent_twice_is_told_apart_by_its_key(rig: Rig) -> None:
    """A repeat under one delivery id is one thing to the other side."""
    first = rig.connector.deliver(parcel())
    second = rig.connector.deliver(parcel(attempt=2))

    assert first == second
    assert rig.received() == 1


def test_updates_and_the_closing_are_confirmed_too(rig: Rig) -> None:
    """All three events of an escalation can be sent."""
    for number, event in enumerate(("opened", "updated", "closed")):
        assert rig.connector.deliver(parcel(f"dlv_{number}", event)).reference


def test_what_was_sent_is_found_or_cannot_be_asked(rig: Rig) -> None:
    """After an unknown outcome a connector finds its delivery, or says that it cannot look."""
    receipt = rig.connector.deliver(parcel())

    try:
        found = rig.connector.look_up(parcel())
    except ConnectorError as error:
        found = receipt if error.unknown and not error.retryable else None

    assert found == receipt


def test_hostile_words_are_delivered_as_words(rig: Rig) -> None:
    """What a customer says breaks nothing and names nothing."""
    assert rig.connector.deliver(parcel(said=HOSTILE)).reference
    assert "etc" not in rig.connector.deliver(parcel(said=HOSTILE)).reference


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=300)),
    body=st.binary(max_size=300),
)
def test_a_forged_callback_is_refused_and_nothing_else(
    rig: Rig, headers: dict[str, str], body: bytes
) -> None:
    """Whatever arrives, it ends as Unauthenticated or Invalid."""
    with pytest.raises((Unauthenticated, Invalid)):
        rig.connector.understand(Callback(headers, body, NOW))


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_wrong_settings_are_named_and_never_shown(name: str) -> None:
    """The message has the place of the mistake and not the value, which may be a secret."""
    with pytest.raises(Invalid) as caught:
        connect(name, {"secret": "hunter2", "no_such": "hunter2"}, GuardedClient())

    assert "there is no no_such, but " in caught.value.message
    assert "hunter2" not in caught.value.message


def test_an_unknown_connector_is_named_with_those_there_are() -> None:
    """A misspelt name tells what could have been meant."""
    with pytest.raises(Invalid, match="desk"):
        resolve("dekc")


def test_every_connector_has_a_rig() -> None:
    """Nothing is registered that this contract does not try."""
    assert set(RIGS) == set(CONNECTORS)
