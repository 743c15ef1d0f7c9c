"""Whether a card tells every tool call with its outcome, and none that was not made."""

from collections.abc import Callable

import re2

from handoff.domain.card import CardAction, Outcome
from handoff.domain.effects import effect_of
from handoff.domain.turn import Conversation, Effect, ToolCall
from handoff.evaluation.cards.airline import writes as airline_writes
from handoff.evaluation.cards.found import Found, Held, Looked

Writes = Callable[[ToolCall], bool]
_OUTCOMES = {True: Outcome.DONE, False: Outcome.FAILED, None: Outcome.UNKNOWN}
_SGD = re2.compile(
    r"Book|Reserve|Buy|Add|Make|Request|Schedule|Share|Play|GetRide$|GetTrainTickets$"
)
_STAR = re2.compile(
    r"(?:bank_fraud_report|hotel_service_request|meeting_schedule|party_rsvp|ride_change)$"
)


def _declared(call: ToolCall) -> bool:
    return effect_of(call) is Effect.WRITE


def _sgd(call: ToolCall) -> bool:
    return bool(_SGD.match(call.name))


def _star(call: ToolCall) -> bool:
    return call.arguments.get("RequestType") == "Book" or bool(_STAR.match(call.name))


WRITES: dict[str, Writes] = {"tau-airline": airline_writes, "sgd": _sgd, "star": _star}
"""Source to what changes something there; elsewhere it is as declared, or by the tool's name."""


def actions(held: Held) -> Looked:
    """Return how each call is told; `invented` counts actions that no call stands behind."""
    looked = Looked()
    writes = WRITES.get(held.source, _declared)
    calls = _calls(held.conversation)
    told: dict[tuple[int, str], CardAction] = {}
    for action in held.seen.card.actions:
        key = (action.turn, action.name.casefold())
        looked.counts["actions told twice"] += key in told
        if key not in calls and key not in told:
            looked.counts["invented actions"] += 1
            looked.bad.append(f"action {action.name} at turn {action.turn}: no such call")
        told.setdefault(key, action)
    for key, call in calls.items():
        own = told.get(key)
        right = own is not None and own.outcome is _OUTCOMES[call.ok]
        ways = {"found": own is not None, "right outcome": right}
        what = f"turn {key[0]} {call.name}"
        looked.found.append(Found("calls", what, ways))
        if writes(call):
            effect = own is not None and own.effect is Effect.WRITE
            looked.found.append(Found("write calls", what, {**ways, "as a write": effect}))
    return looked


def _calls(conversation: Conversation) -> dict[tuple[int, str], ToolCall]:
    return {
        (turn.index or 0, turn.tool_call.name.casefold()): turn.tool_call
        for turn in conversation.turns
        if turn.tool_call
    }
