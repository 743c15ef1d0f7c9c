"""What writes prose for a card, in the least form that can be measured: so all can be compared.

A plain function will do. What the service runs (an object that writes a draft and judges which of
its sentences may be shown) is measured as it is shown: with what was dropped left out.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from handoff.domain.card import Card, Statement
from handoff.domain.turn import Conversation

Prose = Callable[[Conversation, Card], Card | Sequence[Statement]]
"""Takes a conversation and its built card; returns the card it makes of it, or the narrative."""


@runtime_checkable
class Drafts(Protocol):
    """What the service runs: a draft, and the judgement of what of it may be shown."""

    def write(self, conversation: Conversation, card: Card) -> Any:
        """Return a draft, whose form only `judge` knows."""

    def judge(self, conversation: Conversation, card: Card, draft: Any) -> Any:
        """Return the judged draft; its `kept` are statements."""


def prose_of(summarizer: Prose | Drafts) -> Prose:
    """Return a summarizer of either kind as a function."""
    if not isinstance(summarizer, Drafts):
        return summarizer
    drafts = summarizer

    def written(conversation: Conversation, card: Card) -> Sequence[Statement]:
        judged = drafts.judge(conversation, card, drafts.write(conversation, card))
        return tuple(judged.kept)

    return written


def summarized(prose: Prose, conversation: Conversation, card: Card) -> Card:
    """Return the card as a summarizer leaves it."""
    made = prose(conversation, card)
    return made if isinstance(made, Card) else card.model_copy(update={"narrative": tuple(made)})
