"""Each request that a connector makes passes its vendor's own description (`make specs`)."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from connectors import connect
from handoff.domain.connector import Connector, Parcel
from handoff.domain.errors import ConnectorError, Invalid
from handoff.outbound import GuardedClient
from tests.contracts.rigs import RIGS
from tests.parcels import INCIDENT, NOW, parcel, with_number
from tests.receiver import Received, Receiver
from tests.specs.described import VENDORS, target
from tests.specs.prism import served
from tests.vendors import slack as slack_fake
from tests.vendors import telnyx as telnyx_fake

KEPT = (
    "authorization",
    "content-type",
    "token",
    "idempotency-key",
    "accept",
    "if-match",
    "api_access_token",
    "intercom-version",
)


def look_up(connector: Connector, sent: Parcel) -> None:
    """Ask what became of a parcel, where the other side can be asked."""
    try:
        connector.look_up(sent)
    except ConnectorError as error:
        if not error.unknown or error.retryable:
            raise


def worked(connector: Connector) -> None:
    """Have a connector do its whole job once."""
    opened = connector.deliver(parcel())
    look_up(connector, parcel())
    for number, event in enumerate(("updated", "changed", "withdrawn", "closed")):
        later = replace(parcel(f"dlv_{number}", event), reference=opened.reference)
        over = INCIDENT.evolve(closed_at=NOW) if event == "closed" else INCIDENT
        connector.deliver(replace(later, incident=over))
        look_up(connector, later)
    check = getattr(connector, "check", None)
    if check:
        check(NOW)


def other_modes(peer: Receiver) -> None:
    """Have calls referred, and introduced up to the bridge."""
    refer: dict[str, JsonValue] = {"mode": "refer", "destination": "sip:desk@acme.example"}
    warm: dict[str, JsonValue] = {
        "mode": "warm",
        "caller_id": "+4930222222",
        "pointer_secret": "a secret of sixteen",
        "accept_key": None,
        "voicemail": False,
    }
    with closing(GuardedClient(allow_loopback=True)) as outbound:
        for number, mode in enumerate((refer, warm)):
            told = {**telnyx_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), **mode}
            one = connect("telnyx", told, outbound)
            one.deliver(parcel(f"dlv_1{number}"))
        for kind in ("call.answered", "call.speak.ended"):
            state = telnyx_fake.state(caller=telnyx_fake.CALL, whisper="Hello")
            one.understand(telnyx_fake.signed(telnyx_fake.event(kind, state), NOW))


def requests(name: str, folder: Path) -> list[Received]:
    """Return every request of a connector's whole job."""
    with RIGS[name](folder) as rig:
        assert rig.peer is not None
        worked(rig.connector)
        if name == "genesys":
            rig.connector.deliver(with_number(replace(parcel("dlv_9"), external={})))
        if name == "telnyx":
            other_modes(rig.peer)
        if name == "twilio_flex":  # its task is over, and somebody waits again
            again = replace(parcel("dlv_9", "changed"), reference="KD" + "a" * 32)
            rig.connector.deliver(again)
        if name == "slack":
            for user in ("U1", "G1"):
                body = slack_fake.pressed("handoff_hand_back", user)
                try:
                    rig.connector.understand(slack_fake.signed(body, NOW))
                except Invalid:
                    continue
        return list(rig.peer.ledger)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(VENDORS))
def test_what_we_send_is_what_the_vendor_describes(name: str, tmp_path: Path) -> None:
    """Prism answers 2xx; a breach of the description is 400, 401, 404, 405, 415 or 422."""
    vendor = VENDORS[name]
    sent = [
        adapted
        for one in requests(name.partition(" ")[0], tmp_path)
        if (adapted := vendor.adapted(one))
    ]

    with served(vendor.description) as address, httpx.Client(timeout=30) as client:
        answers = [
            client.request(
                one.line.split(" ")[0],
                address + target(one),
                content=one.body,
                headers={key: value for key, value in one.headers.items() if key in KEPT},
            )
            for one in sent
        ]

    wrong = [
        (one.line, answer.status_code, answer.text[:500])
        for one, answer in zip(sent, answers, strict=True)
        if not answer.is_success
    ]
    print(f"{name}: {len(sent)} requests, {len(wrong)} breaches")
    assert sent
    assert wrong == []


@pytest.mark.timeout(180)
def test_a_breach_is_seen() -> None:
    """Prism refuses what the description does not allow: passing means something."""
    with served("slack.json") as address, httpx.Client(timeout=30) as client:
        nothing = client.post(f"{address}/chat.postMessage", data={"text": "x"}, headers={})
        unknown = client.post(f"{address}/chat.noSuchMethod")

    assert (nothing.is_success, unknown.status_code) == (False, 404)
