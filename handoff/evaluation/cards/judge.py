"""Holds one card against what its file says should be on it, and against the turns it cites."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from handoff.domain.card import Card
from handoff.domain.turn import Conversation, Turn
from handoff.evaluation.cards.actions import actions
from handoff.evaluation.cards.airline import TRANSFER, WRITTEN, airline
from handoff.evaluation.cards.found import Found, Held, Looked
from handoff.evaluation.cards.grounds import grounds
from handoff.evaluation.cards.rouge import rouge
from handoff.evaluation.cards.seen import see
from handoff.evaluation.cards.spoken import spoken
from handoff.evaluation.cards.states import multidogo, plain_state, services
from handoff.evaluation.gold import Case, Gold

TOKEN = 4
"""Characters of a token."""
INTENT_IS_GOLD = frozenset(
    {"nlupp", "rasa-apache", "rasa-gpl", "bitext", "banking77", "clinc150", "multidogo"}
)
"""Sources whose turns' intent is what an annotator said of them."""


def _nothing(_held: Held) -> Looked:
    return Looked()


FACTS: dict[str, Callable[[Held], Looked]] = {
    "tau-airline": airline,
    "sgd": services,
    "multidogo": multidogo,
    "evi": spoken,
    "star": _nothing,  # its state holds conditions, no values
}
"""Source to what of its gold a card should have; elsewhere each value of `outcome.state`."""


@dataclass(frozen=True, slots=True)
class CardJudged:
    """What was found on one card."""

    source: str
    job: str | None
    conversation_id: str
    found: tuple[Found, ...]
    counts: Counter[str]
    bad: tuple[str, ...]
    tokens: float
    """Of its plain-text form."""
    latency_ms: float
    prose: bool
    """It has a narrative."""
    rouge: Mapping[str, float] = field(default_factory=dict)
    """Against the references there are; empty where there is none."""


def unlabelled(case: Case, *, words_only: bool = False) -> Conversation:
    """Return what may be seen of a case: no intent that is gold, no summary by somebody else.

    With `words_only` what annotators marked in speech is gone, too.
    """

    def bare(turn: Turn) -> Turn:
        changes: dict[str, object] = {}
        if case.source in INTENT_IS_GOLD:
            changes["intent"] = None
        if words_only and turn.tool_call is None:
            changes["slots"] = {}
        call = turn.tool_call
        if call is not None and call.name == TRANSFER and case.source == "tau-airline":
            kept = {name: value for name, value in call.arguments.items() if name != "summary"}
            changes["tool_call"] = call.model_copy(update={"arguments": kept})
        return turn.model_copy(update=changes) if changes else turn

    turns = tuple(map(bare, case.conversation.turns))
    return case.conversation.model_copy(update={"turns": turns})


def judge_card(
    case: Case,
    unmasked: Conversation,
    card: Card,
    *,
    latency_ms: float = 0.0,
    failed: bool = False,
) -> CardJudged:
    """Return what a card is worth; `unmasked` is the conversation as it really was.

    `failed` says that the summarizer did: then it is the deterministic card.
    """
    gold = case.gold or Gold()
    held = Held(unmasked, gold, case.source, see(card))
    parts = [look(held) for look in (FACTS.get(case.source, plain_state), actions, grounds)]
    references = _references(gold)
    prose = " ".join(statement.text for statement in card.narrative)
    counts = Counter({"summarizer failed": int(failed)})
    for part in parts:
        counts.update(part.counts)
    return CardJudged(
        source=case.source,
        job=case.conversation.job,
        conversation_id=case.conversation.conversation_id,
        found=tuple(found for part in parts for found in part.found),
        counts=counts,
        bad=tuple(why for part in parts for why in part.bad),
        tokens=len(held.seen.text) / TOKEN,
        latency_ms=latency_ms,
        prose=bool(prose),
        rouge=rouge(prose or held.seen.text, references) if references else {},
    )


def _references(gold: Gold) -> list[str]:
    """Return what people, or another model, wrote in the card's place."""
    written = gold.outcome.get(WRITTEN)
    listed = gold.outcome.get("reference_summaries")
    every = [*(listed if isinstance(listed, list) else [listed]), written]
    return [text for text in every if isinstance(text, str) and text.strip()]
