"""A whole service on loopback, for the tests and pictures that look at its pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from handoff.bootstrap import Service, build
from handoff.cli.stage import login_link, new_key, on_loopback, own_settings
from handoff.client import Client
from handoff.domain.records import Scope
from handoff.domain.turn import Conversation

DISPOSITIONS = {"general": ("refunded", "parcel found", "account unlocked", "callback done")}


@dataclass(frozen=True)
class House:
    """The service, where it is, and a client for its bot."""

    service: Service
    url: str
    bot: Client

    def login(self, name: str, *scopes: Scope) -> str:
        """Return a login link for a person."""
        return login_link(self.service, name, *scopes)

    def play(self, conversation: Conversation) -> str | None:
        """Play a recorded conversation turn by turn; return the escalation it came to."""
        escalation: str | None = None
        for turn in conversation.turns:
            answer = self.bot.turn(
                conversation.conversation_id,
                turn,
                channel=conversation.channel,
                job=conversation.job,
                language=conversation.language,
                customer_key=conversation.customer_key,
                attributes=conversation.attributes,
            )
            escalation = answer.escalation.escalation_id if answer.escalation else escalation
        return escalation


@contextmanager
def house(
    folder: Path, *, clock: Callable[[], datetime] | None = None, **settings: object
) -> Iterator[House]:
    """Run a service with its data in `folder`."""

    def make(port: int) -> Service:
        told = {"dispositions": DISPOSITIONS, **settings}
        return build(own_settings(folder, port=port, **told), clock=clock)

    with on_loopback(make) as service:
        url = service.deps.base_url
        with Client(url, new_key(service, "bot", Scope.RUNTIME, Scope.AGENT)) as bot:
            yield House(service, url, bot)
