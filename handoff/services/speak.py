"""Say a human's words to the customer: stored as a turn, and the floor goes to who speaks."""

from datetime import datetime

from handoff.domain.audit import Actor
from handoff.domain.errors import IllegalMove
from handoff.domain.escalation import LIVE, Escalation
from handoff.domain.ports import Transaction
from handoff.domain.turn import MAX_TEXT, Role, Turn
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.services.observe import observe
from handoff.services.respond import spoke
from handoff.services.told import Told


def speak(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    turn_id: str,
    text: str,
    *,
    by: Actor,
    at: datetime,
    human: str | None = None,
) -> Escalation:
    """Return the escalation after its human spoke; the feed tells the runtime of the turn.

    `human` is who spoke where that is not who acts: a connector tells of its people. Masking may
    have made the text longer than a turn may be: it is cut.

    Raises IllegalMove where nobody is on the line to hear it.
    """
    if escalation.state not in LIVE:
        raise IllegalMove(f"nobody hears a message while it is {escalation.state}")
    spoke(tx, deps, escalation, human or by.name, by=by, at=at)
    turn = Turn(turn_id=turn_id, role=Role.HUMAN, text=text[:MAX_TEXT])
    observe(tx, deps, escalation.conversation_id, turn, Told(), by=by, at=at)
    return found(tx, escalation.escalation_id)
