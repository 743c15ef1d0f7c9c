"""Tell a voice runtime how to bring a human onto the line."""

from handoff.domain.escalation import Escalation, State
from handoff.services.deps import Deps
from handoff.services.forms import call_pointer
from handoff.services.respond import VOICE
from handoff.services.route import queues
from handoff.services.views import View

HEADER = "X-Handoff-Escalation"
"""Travels with the call, so that the human's side knows which card to show."""
POINTER = "User-to-User"
"""The same, signed, in the one header that transfers between systems keep (RFC 7433)."""


def connect(deps: Deps, escalation: Escalation) -> View | None:
    """Return where to and how, by the queue's settings; None if not on the phone, or not now."""
    queue = queues(deps, escalation.tenant).get(escalation.queue)
    if (
        escalation.state is State.DEFERRED
        or escalation.channel != VOICE
        or queue is None
        or queue.connect is None
    ):
        return None
    told = queue.connect
    pointer = call_pointer(deps, escalation, deps.clock())
    return {
        "destination": told.destination,
        "mode": told.mode,
        "headers": {
            **told.headers,
            HEADER: escalation.escalation_id,
            **({POINTER: pointer} if pointer else {}),
        },
        "caller_id": told.caller_id,
        "timeout": told.timeout,
        "on_failure": told.on_failure,
    }
