"""The story on a card: ask for it, and carry it along when the card is made anew."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handoff.domain.card import Card
from handoff.domain.ports import Transaction
from handoff.domain.summary import Summary, with_summary
from handoff.domain.turn import Conversation
from handoff.services.deps import Deps

_SOON = timedelta(seconds=2)
"""Until a story that is out of date is written anew: more words often follow at once."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Whose story is wanted: of a conversation, for an escalation's card or to have it ready."""

    conversation_id: str
    escalation_id: str | None = None


def order(tx: Transaction, deps: Deps, ordered: Ordered, at: datetime) -> None:
    """Have the story written soon, off the hot path; nothing without a summarizer.

    The row survives a restart: whatever happens to this process, the order is found again.
    """
    if deps.summarizer is None:
        return
    known = tx.summaries.get(ordered.conversation_id)
    kept = known or Summary(tx.tenant, ordered.conversation_id)
    wanted = replace(kept, escalation_id=ordered.escalation_id, due_at=at, tries=0, error=None)
    tx.summaries.put(wanted)
    deps.wake()


def retold(
    tx: Transaction, deps: Deps, earlier: Card, conversation: Conversation, card: Card
) -> Card:
    """Return a card that was made anew, with the story that the one before it had.

    The story is held against the conversation again: what was true may no longer be.
    """
    if deps.summarizer is None:
        return card
    known = tx.summaries.get(conversation.conversation_id)
    draft = known.draft if known is not None else None
    if draft is None or earlier.provenance.summarizer != draft.provenance.summarizer:
        return card
    return with_summary(card, draft, deps.summarizer.judge(conversation, card, draft))


def keep_up(tx: Transaction, deps: Deps, ordered: Ordered, turns: int, at: datetime) -> None:
    """Order the story anew where it has fallen behind the conversation."""
    if deps.summarizer is None:
        return
    known = tx.summaries.get(ordered.conversation_id)
    read = known.draft.turns_read if known is not None and known.draft is not None else 0
    if turns - read >= deps.stories.behind:
        order(tx, deps, ordered, at + _SOON)
