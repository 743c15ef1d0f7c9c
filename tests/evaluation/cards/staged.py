"""One short conversation with gold, and its card, for judging by hand."""

from pydantic import JsonValue

from handoff.cards import build_card
from handoff.domain.card import Card
from handoff.domain.turn import Conversation, Role, ToolCall, Turn
from handoff.evaluation.cards.judge import CardJudged, judge_card
from handoff.evaluation.gold import Case, Gold

TALK = Conversation(
    conversation_id="c1",
    language="en",
    job="order_status",
    turns=(
        Turn(turn_id="0", index=0, role=Role.CUSTOMER, text="My order XK4711 is late, says Rosa."),
        Turn(
            turn_id="1",
            index=1,
            role=Role.TOOL,
            tool_call=ToolCall(name="cancel_order", arguments={"order": "XK4711"}, ok=False),
        ),
        Turn(turn_id="2", index=2, role=Role.BOT, text="It will arrive on 4 May."),
    ),
)


def judged(
    card: Card | None = None,
    talk: Conversation = TALK,
    source: str = "mine",
    **outcome: JsonValue,
) -> CardJudged:
    """Return what a card is worth, the built one unless another is given."""
    case = Case(talk, source, Gold(outcome))
    return judge_card(case, talk, card or build_card(talk))


def share(judged: CardJudged, group: str, way: str) -> tuple[int, int]:
    """Return how many things of a group a way found, and of how many."""
    own = [found.ways[way] for found in judged.found if found.group == group]
    return sum(own), len(own)
