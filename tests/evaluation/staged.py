"""Conversations with decisions made up by hand, so that figures can be computed on paper."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from handoff.domain.decision import Action, Decision, Reason
from handoff.domain.turn import Conversation, Role, ToolCall, Turn
from handoff.evaluation.gold import Case, Gold
from handoff.evaluation.judge import Judged, judge
from handoff.evaluation.replay import Played

ROLES = {"c": Role.CUSTOMER, "b": Role.BOT, "t": Role.TOOL}
ACTIONS = {"-": Action.CONTINUE, "o": Action.OFFER, "E": Action.ESCALATE}
ASKED = Reason("human_request", "customer-asks", 1.0, "human", 0.3, (0,))


def played(
    roles: str,
    actions: str = "",
    scores: Sequence[float] = (),
    transfer: int | None = None,
    job: str | None = None,
    name: str = "c1",
) -> Played:
    """Return a conversation: a letter per turn for who speaks, another for what is decided."""
    done = actions or "-" * len(roles)
    told = scores or [0.0] * len(roles)
    call = ToolCall(name="transfer_to_human_agents")
    turns = tuple(
        Turn(
            turn_id=f"t{place}",
            index=place,
            role=ROLES[letter],
            tool_call=call if place == transfer else None,
        )
        for place, letter in enumerate(roles)
    )
    decisions = tuple(
        Decision(ACTIONS[letter], score, (ASKED,), place, reason_code="bot_stuck")
        for place, (letter, score) in enumerate(zip(done, told, strict=True))
    )
    conversation = Conversation(conversation_id=name, turns=turns, job=job, language="en")
    return Played(conversation, decisions)


def judged(
    played: Played,
    source: str = "mine",
    labels: Mapping[int, dict[str, JsonValue]] | None = None,
    **outcome: JsonValue,
) -> Judged:
    """Return what the conversation is worth against labels by place and an outcome."""
    gold = Gold(outcome, labels or {})
    return judge(Case(played.conversation, source, gold), played)
