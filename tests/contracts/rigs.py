"""How to set up each registered connector against something real, and see what it did there."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks import Webhook as Signer

from connectors import connect
from handoff.domain.connector import Callback, Connector
from handoff.outbound import GuardedClient
from tests.receiver import Receiver, plain
from tests.vendors import amazon as amazon_fake
from tests.vendors import botframework as botframework_fake
from tests.vendors import chatwoot as chatwoot_fake
from tests.vendors import freshdesk as freshdesk_fake
from tests.vendors import intercom as intercom_fake
from tests.vendors import mail as mail_fake
from tests.vendors import request_tracker as rt_fake
from tests.vendors import genesys as genesys_fake
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
def slack(_folder: Path) -> Iterator[Rig]:
    """A workspace on loopback that counts messages that are no replies."""
    fake = slack_fake.Slack()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**slack_fake.SETTINGS, "url": peer.url, "deadline": 1.0}
        yield Rig(
            connect("slack", told, outbound),
            lambda: len({json.dumps(m["metadata"]) for m in fake.messages}),
            peer=peer,
            sign=slack_fake.signed,
            saying=slack_fake.pressed(),
        )


@contextmanager
def zendesk(_folder: Path) -> Iterator[Rig]:
    """An account on loopback that counts tickets."""
    fake = zendesk_fake.Zendesk()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**zendesk_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("zendesk", told, outbound),
            lambda: len(fake.tickets),
            peer=peer,
            sign=zendesk_fake.signed,
            saying=zendesk_fake.ASSIGNED,
        )


@contextmanager
def _twilio(name: str) -> Iterator[Rig]:
    """An account on loopback that counts tasks."""
    fake = twilio_fake.Twilio()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        told = {**twilio_fake.SETTINGS, "taskrouter_url": base, "deadline": 1.0}
        told |= {"flex_url": base} if name == "twilio_flex" else {}
        yield Rig(
            connect(name, told, outbound),
            lambda: len(fake.tasks),
            peer=peer,
            sign=twilio_fake.signed,
            saying=twilio_fake.event("reservation.accepted"),
        )


def twilio_taskrouter(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace with tasks that are created by themselves."""
    return _twilio("twilio_taskrouter")


def twilio_flex(_folder: Path) -> AbstractContextManager[Rig]:
    """A workspace with tasks that interactions make."""
    return _twilio("twilio_flex")


@contextmanager
def telnyx(_folder: Path) -> Iterator[Rig]:
    """An account on loopback that counts transfers."""
    fake = telnyx_fake.Telnyx()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**telnyx_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("telnyx", told, outbound),
            lambda: len(fake.done("transfer")),
            peer=peer,
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


@contextmanager
def request_tracker(_folder: Path) -> Iterator[Rig]:
    """An RT on loopback that counts tickets."""
    fake = rt_fake.RequestTracker()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**rt_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("request_tracker", told, outbound),
            lambda: len(fake.tickets),
            peer=peer,
            sign=rt_fake.signed,
            saying=rt_fake.ASSIGNED,
        )


@contextmanager
def chatwoot(_folder: Path) -> Iterator[Rig]:
    """An account on loopback that counts notes."""
    fake = chatwoot_fake.Chatwoot()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**chatwoot_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("chatwoot", told, outbound),
            lambda: len(fake.messages),
            peer=peer,
            sign=chatwoot_fake.signed,
            saying=chatwoot_fake.written(),
        )


@contextmanager
def amazon_connect(_folder: Path) -> Iterator[Rig]:
    """An instance on loopback that counts tasks."""
    fake = amazon_fake.Amazon()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**amazon_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("amazon_connect", told, outbound),
            lambda: len(fake.tokens),
            peer=peer,
            sign=amazon_fake.signed,
            saying=amazon_fake.event("CONNECTED_TO_AGENT"),
            repeats=True,
            keyed=True,
        )


@contextmanager
def pagerduty(_folder: Path) -> Iterator[Rig]:
    """An Events API on loopback that merges events by `dedup_key`."""
    accepted = plain("202 Accepted", body=b'{"status": "success"}')
    with Receiver(accepted) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {"routing_key": "R0", "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("pagerduty", told, outbound),
            lambda: len({json.loads(one.body)["dedup_key"] for one in peer.ledger}),
            peer=peer,
            repeats=True,
        )


@contextmanager
def sunshine(_folder: Path) -> Iterator[Rig]:
    """An app on loopback that counts deliveries for which control was passed."""
    fake = sunshine_fake.Sunshine()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**sunshine_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("sunshine", told, outbound),
            lambda: len({metadata["handoff.delivery"] for metadata in fake.passed}),
            peer=peer,
            sign=sunshine_fake.signed,
            saying=sunshine_fake.written(),
            seals=frozenset(),
        )


@contextmanager
def intercom(_folder: Path) -> Iterator[Rig]:
    """A workspace on loopback that counts notes."""
    fake = intercom_fake.Intercom()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**intercom_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("intercom", told, outbound),
            lambda: fake.calls.count("note"),
            peer=peer,
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


@contextmanager
def teams(_folder: Path) -> Iterator[Rig]:
    """A workflow on loopback; its messages are told apart by the delivery that they carry."""
    with (
        Receiver(plain("202 Accepted")) as peer,
        closing(GuardedClient(allow_loopback=True)) as outbound,
    ):
        yield Rig(
            connect("teams", {"url": f"{peer.url}?sig=s3cret", "deadline": 1.0}, outbound),
            lambda: len({one.body for one in peer.ledger}),
            peer=peer,
            repeats=True,
def genesys(_folder: Path) -> Iterator[Rig]:
    """An organisation on loopback that counts transfers."""
    fake = genesys_fake.Genesys()
    there = fake.conversations[genesys_fake.LIVE]
    agent = genesys_fake.participant("agent", "connected", userId="u-1")
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        told = {**genesys_fake.SETTINGS, "url": base, "login_url": base, "deadline": 1.0}

        def signed(body: bytes, at: datetime) -> Callback:
            there[0]["attributes"] = {"handoff_escalation_id": "esc_1"}
            fake.conversations[genesys_fake.LIVE] = [*there, agent]
            return genesys_fake.signed(body, at)

        yield Rig(
            connect("genesys", told, outbound),
            lambda: len(fake.transfers()),
            peer=peer,
            sign=signed,
            saying=genesys_fake.event("user.start"),
            keyed=True,
def freshdesk(_folder: Path) -> Iterator[Rig]:
    """An account on loopback that counts tickets."""
    fake = freshdesk_fake.Freshdesk()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**freshdesk_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("freshdesk", told, outbound),
            lambda: len(fake.tickets),
            peer=peer,
            sign=freshdesk_fake.signed,
            saying=freshdesk_fake.RULED,
            seals=frozenset(),
        )


@contextmanager
def servicenow(_folder: Path) -> Iterator[Rig]:
    """An instance on loopback that counts incidents."""
    fake = servicenow_fake.ServiceNow()
    with Receiver(fake) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**servicenow_fake.SETTINGS, "url": peer.url.removesuffix("/hook"), "deadline": 1.0}
        yield Rig(
            connect("servicenow", told, outbound),
            lambda: len(fake.incidents),
            peer=peer,
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
