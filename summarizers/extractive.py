"""The story in sentences of the conversation itself: no model, and nothing that was not said."""

from pydantic import BaseModel, ConfigDict

from handoff.cards import build_card
from handoff.domain.card import Card, Provenance
from handoff.domain.connector import Outbound
from handoff.domain.summary import Draft, Judged
from handoff.domain.turn import Conversation


class Extractive:
    """Chooses what was said by its weight; a card's first version is written so already."""

    class Config(BaseModel):
        """There is nothing to set."""

        model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, _config: Config, _outbound: Outbound) -> None:
        """Keep nothing: it neither remembers nor asks anybody."""

    def write(self, conversation: Conversation, card: Card) -> Draft:
        """Return the story of a card: as it has it, else chosen from the conversation."""
        return Draft(
            sentences=card.narrative or build_card(conversation).narrative,
            turns_read=len(conversation.turns),
            provenance=Provenance(summarizer="extractive"),
        )

    def judge(self, _conversation: Conversation, _card: Card, draft: Draft) -> Judged:
        """Return every sentence as one to show: each stands in the turn it cites."""
        return Judged(kept=draft.sentences, dropped=())
