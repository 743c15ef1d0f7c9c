"""Commands for the writer, and a way to make them wait for each other."""

from collections.abc import Callable
from threading import Event

from handoff.domain.ports import Store, Transaction
from tests.factories import TENANT, head


def save(conversation: str, **over: object) -> Callable[[Transaction], str]:
    """Return a command that stores a conversation."""

    def work(tx: Transaction) -> str:
        tx.conversations.save(head(conversation_id=conversation, **over))
        return conversation

    return work


def stored(store: Store, *conversations: str) -> list[bool]:
    """Tell which conversations are there."""
    return store.read(
        TENANT, lambda tx: [tx.conversations.head(name) is not None for name in conversations]
    )


class Held:
    """Keeps the writer busy with a command of its own until `release`, so that others queue up."""

    def __init__(self, store: Store) -> None:
        """Begin."""
        begun, self._end = Event(), Event()

        def work(tx: Transaction) -> None:
            begun.set()
            self._end.wait(10)

        self.future = store.submit(TENANT, work)
        begun.wait(10)

    def release(self) -> None:
        """Let the writer go on."""
        self._end.set()
        self.future.result(10)
