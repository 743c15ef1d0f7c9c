"""How to set up each registered connector against something real, and see what it did there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors import connect
from handoff.domain.connector import Connector
from handoff.outbound import GuardedClient
from tests.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True, slots=True)
class Rig:
    """A connector that works, and the other side's count of different things it received."""

    connector: Connector
    received: Callable[[], int]


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
        yield Rig(connect("webhook", settings, outbound), lambda: len(set(receiver.ids())))


@contextmanager
def outbox_dir(folder: Path) -> Iterator[Rig]:
    """A folder that holds a JSON file for each message."""
    with closing(GuardedClient()) as outbound:
        settings = {"folder": str(folder)}
        yield Rig(
            connect("outbox_dir", settings, outbound), lambda: len(list(folder.rglob("*.json")))
        )


RIGS: dict[str, Callable[[Path], AbstractContextManager[Rig]]] = {
    "desk": desk,
    "webhook": webhook,
    "outbox_dir": outbox_dir,
}
