"""How to set up each registered connector against something real, and see what it did there."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook as Signer

from connectors import connect
from handoff.domain.connector import Callback, Connector
from handoff.outbound import GuardedClient
from tests.receiver import Answer, Receiver, plain
from tests.vendors import amazon as amazon_fake
from tests.vendors import botframework as botframework_fake
from tests.vendors import chatwoot as chatwoot_fake
from tests.vendors import freshdesk as freshdesk_fake
from tests.vendors import genesys as genesys_fake
from tests.vendors import intercom as intercom_fake
from tests.vendors import mail as mail_fake
from tests.vendors import request_tracker as rt_fake
from tests.vendors import servicenow as servicenow_fake
from tests.vendors import slack as slack_fake
from tests.vendors import sunshine as sunshine_fake
from tests.vendors import telnyx as telnyx_fake
from tests.vendors import twilio as twilio_fake
from tests.vendors import zendesk as zendesk_fake

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True, slots=True)
class Rig:
    """A connector that works, and the other side's count of different things it received."""

    connector: Connector
    received: Callable[[], int]
    peer: Receiver | None = None
    """Whom it calls over HTTP; a test may have it answer as it likes."""
    sign: Callable[[bytes, datetime], Callback] | None = None
    """How the other side signs what it calls back."""
    saying: bytes = b""
    """A body that says one thing about `esc_1`."""
    repeats: bool = False
    """Whether a 5xx is repeated as it is: the other side drops repeats by their key."""
    keyed: bool = False
    """Whether a callback is proved by a key that it brings; its body and time are not signed."""
    seals: frozenset[str] = frozenset({"body", "time"})
    """What the proof of a callback covers beside who sends it."""
    about: str = "esc_1"
    """What a callback names: an escalation, or its conversation."""


@contextmanager
def desk(_folder: Path) -> Iterator[Rig]:
    """The desk shows what is in the store; nothing is sent."""
    with closing(GuardedClient()) as outbound:
        yield Rig(connect("desk", {}, outbound), lambda: 1)


@contextmanager
def webhook(_folder: Path) -> Iterator[Rig]:
    """A receiver on loopback that tells messages apart by `webhook-id`."""
    with Receiver() as receiver, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {"url": receiver.url, "secret": SECRET}
        yield Rig(
            connect("webhook", settings, outbound),
            lambda: len(set(receiver.ids())),
            peer=receiver,
            sign=_webhook_signed,
            saying=b'{"type": "escalation.claim", "data": {"escalation_id": "esc_1", "by": "Zo"}}',
            repeats=True,
        )


def _webhook_signed(body: bytes, at: datetime) -> Callback:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(SECRET).sign("msg_1", at.astimezone(UTC), body.decode()),
    }
    return Callback(headers, body, at)


@contextmanager
def outbox_dir(folder: Path) -> Iterator[Rig]:
    """A folder that holds a JSON file for each message."""
    with closing(GuardedClient()) as outbound:
        settings = {"folder": str(folder)}
        yield Rig(
            connect("outbox_dir", settings, outbound), lambda: len(list(folder.rglob("*.json")))
        )


@contextmanager
def _house(
    name: str,
    fake: Answer,
    settings: dict[str, Any],
    received: Callable[[Receiver], int],
    *,
    places: tuple[str, ...] = ("url",),
    **callbacks: Any,
) -> Iterator[Rig]:
    """A connector and its vendor on loopback; `places` are the settings that lead there."""
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        told = {**settings, **dict.fromkeys(places, base), "deadline": 1.0}
        yield Rig(connect(name, told, outbound), lambda: received(peer), peer=peer, **callbacks)


def slack(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace that counts messages that are no replies."""
    fake = slack_fake.Slack()
    return _house(
        "slack",
        fake,
        slack_fake.SETTINGS,
        lambda _: len({json.dumps(m["metadata"]) for m in fake.messages}),
        sign=slack_fake.signed,
        saying=slack_fake.pressed(),
    )


def zendesk(_folder: Path) -> AbstractContextManager[Rig]:
    """An account that counts tickets."""
    fake = zendesk_fake.Zendesk()
    return _house(
        "zendesk",
        fake,
        zendesk_fake.SETTINGS,
        lambda _: len(fake.tickets),
        sign=zendesk_fake.signed,
        saying=zendesk_fake.ASSIGNED,
    )


def _twilio(name: str, *places: str) -> AbstractContextManager[Rig]:
    fake = twilio_fake.Twilio()
    return _house(
        name,
        fake,
        twilio_fake.SETTINGS,
        lambda _: len(fake.tasks),
        places=places,
        sign=twilio_fake.signed,
        saying=twilio_fake.event("reservation.accepted"),
    )


def twilio_taskrouter(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace with tasks that are created by themselves."""
    return _twilio("twilio_taskrouter", "taskrouter_url")


def twilio_flex(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace with tasks that interactions make."""
    return _twilio("twilio_flex", "taskrouter_url", "flex_url")


def telnyx(_folder: Path) -> AbstractContextManager[Rig]:
    """An account that counts transfers."""
    fake = telnyx_fake.Telnyx()
    return _house(
        "telnyx",
        fake,
        telnyx_fake.SETTINGS,
        lambda _: len(fake.done("transfer")),
        sign=telnyx_fake.signed,
        saying=telnyx_fake.event("call.initiated"),
    )


@contextmanager
def email(folder: Path) -> Iterator[Rig]:
    """A mail server on loopback that tells mails apart by their `Message-ID`."""
    with mail_fake.Server() as server, closing(GuardedClient(allow_loopback=True)) as outbound:
        yield Rig(
            connect("email", server.settings(folder), outbound),
            lambda: len(set(server.ids())),
            sign=mail_fake.signed,
            saying=mail_fake.reply("#claim"),
            repeats=True,
        )


def request_tracker(_folder: Path) -> AbstractContextManager[Rig]:
    """An RT that counts tickets."""
    fake = rt_fake.RequestTracker()
    return _house(
        "request_tracker",
        fake,
        rt_fake.SETTINGS,
        lambda _: len(fake.tickets),
        sign=rt_fake.signed,
        saying=rt_fake.ASSIGNED,
    )


def chatwoot(_folder: Path) -> AbstractContextManager[Rig]:
    """An account that counts notes."""
    fake = chatwoot_fake.Chatwoot()
    return _house(
        "chatwoot",
        fake,
        chatwoot_fake.SETTINGS,
        lambda _: len(fake.messages),
        sign=chatwoot_fake.signed,
        saying=chatwoot_fake.written(),
    )


def amazon_connect(_folder: Path) -> AbstractContextManager[Rig]:
    """An instance that counts tasks."""
    fake = amazon_fake.Amazon()
    return _house(
        "amazon_connect",
        fake,
        amazon_fake.SETTINGS,
        lambda _: len(fake.tokens),
        sign=amazon_fake.signed,
        saying=amazon_fake.event("CONNECTED_TO_AGENT"),
        repeats=True,
        keyed=True,
    )


def genesys(_folder: Path) -> AbstractContextManager[Rig]:
    """An organisation that counts transfers."""
    fake = genesys_fake.Genesys()
    there = fake.conversations[genesys_fake.LIVE]
    agent = genesys_fake.participant("agent", "connected", userId="u-1")

    def signed(body: bytes, at: datetime) -> Callback:
        there[0]["attributes"] = genesys_fake.carried()
        fake.conversations[genesys_fake.LIVE] = [*there, agent]
        return genesys_fake.signed(body, at)

    return _house(
        "genesys",
        fake,
        genesys_fake.SETTINGS,
        lambda _: len(fake.transfers()),
        places=("url", "login_url"),
        sign=signed,
        saying=genesys_fake.event("user.start"),
        keyed=True,
    )


def pagerduty(_folder: Path) -> AbstractContextManager[Rig]:
    """An Events API that merges events by `dedup_key`."""
    return _house(
        "pagerduty",
        plain("202 Accepted", body=b'{"status": "success"}'),
        {"routing_key": "R0"},
        lambda peer: len({json.loads(one.body)["dedup_key"] for one in peer.ledger}),
        repeats=True,
    )


def sunshine(_folder: Path) -> AbstractContextManager[Rig]:
    """An app that counts deliveries for which control was passed."""
    fake = sunshine_fake.Sunshine()
    return _house(
        "sunshine",
        fake,
        sunshine_fake.SETTINGS,
        lambda _: len({metadata["handoff.delivery"] for metadata in fake.passed}),
        sign=sunshine_fake.signed,
        saying=sunshine_fake.written(),
        seals=frozenset(),
    )


def intercom(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace that counts notes."""
    fake = intercom_fake.Intercom()
    return _house(
        "intercom",
        fake,
        intercom_fake.SETTINGS,
        lambda _: fake.calls.count("note"),
        sign=intercom_fake.signed,
        saying=intercom_fake.REPLIED,
        seals=frozenset({"body"}),
    )


@contextmanager
def botframework(_folder: Path) -> Iterator[Rig]:
    """A Connector service on loopback that counts the deliveries its hub can tell apart."""
    fake = botframework_fake.Connector()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        keys = f"{base}/v1/.well-known/openidconfiguration"
        places = {"url": base, "login_url": base, "keys_url": keys, "deadline": 1.0}
        yield Rig(
            connect("botframework", {**botframework_fake.SETTINGS, **places}, outbound),
            lambda: len(fake.activities),
            peer=peer,
            sign=botframework_fake.signed,
            saying=botframework_fake.status("accepted"),
            repeats=True,
            seals=frozenset(),
            about=botframework_fake.CONVERSATION,
        )


def teams(_folder: Path) -> AbstractContextManager[Rig]:
    """A workflow; its messages are told apart by the delivery that they carry."""
    return _house(
        "teams",
        plain("202 Accepted"),
        {},
        lambda peer: len({one.body for one in peer.ledger}),
        repeats=True,
    )


def freshdesk(_folder: Path) -> AbstractContextManager[Rig]:
    """An account that counts tickets."""
    fake = freshdesk_fake.Freshdesk()
    return _house(
        "freshdesk",
        fake,
        freshdesk_fake.SETTINGS,
        lambda _: len(fake.tickets),
        sign=freshdesk_fake.signed,
        saying=freshdesk_fake.RULED,
        seals=frozenset(),
    )


def servicenow(_folder: Path) -> AbstractContextManager[Rig]:
    """An instance that counts incidents."""
    fake = servicenow_fake.ServiceNow()
    return _house(
        "servicenow",
        fake,
        servicenow_fake.SETTINGS,
        lambda _: len(fake.incidents),
        sign=servicenow_fake.signed,
        saying=servicenow_fake.RULED,
        seals=frozenset(),
    )


RIGS: dict[str, Callable[[Path], AbstractContextManager[Rig]]] = {
    "desk": desk,
    "webhook": webhook,
    "outbox_dir": outbox_dir,
    "slack": slack,
    "zendesk": zendesk,
    "twilio_taskrouter": twilio_taskrouter,
    "twilio_flex": twilio_flex,
    "telnyx": telnyx,
    "email": email,
    "request_tracker": request_tracker,
    "chatwoot": chatwoot,
    "amazon_connect": amazon_connect,
    "sunshine": sunshine,
    "intercom": intercom,
    "botframework": botframework,
    "pagerduty": pagerduty,
    "teams": teams,
    "genesys": genesys,
    "freshdesk": freshdesk,
    "servicenow": servicenow,
}
