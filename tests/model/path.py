"""One conversation on the whole way: version 1 at once, version 2 when the model answers."""

from dataclasses import dataclass
from time import monotonic, sleep

import re2

from handoff.bootstrap import TENANT, Service
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.card import Card, Statement
from handoff.domain.summary import Summary
from handoff.domain.turn import Conversation, Turn
from handoff.services.observe import Told
from handoff.services.request import Asked, open_asked

RUNTIME = Actor(ActorKind.RUNTIME, "bot")
STORY = {"card_version", "narrative", "coverage", "provenance", "changed"}
"""What a story may change on a card."""
PATIENCE_S = 400.0
_VALUE = re2.compile(r"\S*\d\S*|https?://\S+|\S+@\S+")


@dataclass(frozen=True)
class Result:
    """What became of one conversation."""

    conversation: Conversation
    first: Card
    last: Card
    opened_s: float
    """Until version 1 was on disk."""
    summary: Summary
    parcels: tuple[str, ...]
    """What the connector was told, by event."""

    @property
    def same(self) -> bool:
        """Tell whether all but the story is as it was."""
        one, other = self.first.model_dump(), self.last.model_dump()
        return all(one[name] == other[name] for name in one if name not in STORY)

    @property
    def told(self) -> tuple[Statement, ...]:
        """Return the sentences that the model's story put on the card."""
        return self.last.narrative if self.last.provenance.summarizer == "llm" else ()

    def ungrounded(self) -> list[str]:
        """Return values shown that stand in no cited turn, looked for letter by letter."""
        turns = {turn.index: turn for turn in self.conversation.numbered()}
        return [
            f"{value} in {statement.text!r}"
            for statement in self.told
            for value in _VALUE.findall(statement.text)
            if _bare(value) not in _bare("".join(_all_of(turns[i]) for i in statement.turns))
        ]


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _all_of(turn: Turn) -> str:
    return turn.model_dump_json()


def walk(service: Service, conversation: Conversation) -> Result:
    """Return what became of a conversation whose runtime asks for a person at its end."""
    deps = service.deps
    language = conversation.language
    wanted = Asked(
        conversation.conversation_id,
        conversation.turns,
        told=Told(channel=conversation.channel, job=conversation.job, language=language),
    )
    began = monotonic()
    opened = deps.store.write(
        TENANT, lambda tx: open_asked(tx, deps, wanted, by=RUNTIME, at=deps.clock())
    )
    took = monotonic() - began
    identity = opened.escalation.escalation_id
    summary = _settled(service, conversation.conversation_id)
    card, deliveries = deps.store.read(
        TENANT, lambda tx: (tx.escalations.card(identity), tx.deliveries.of(identity))
    )
    assert card is not None
    events = tuple(d.event for d in deliveries if d.connector == "outbox_dir")
    return Result(conversation, opened.card, card, took, summary, events)


def _settled(service: Service, conversation_id: str) -> Summary:
    """Return the story's row once nothing more is to come."""
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        found = service.deps.store.read(TENANT, lambda tx: tx.summaries.get(conversation_id))
        if found is not None and found.due_at is None:
            sleep(0.3)  # its sentences are put on the card after it is settled
            return found
        sleep(0.1)
    raise RuntimeError("the story is still due")
