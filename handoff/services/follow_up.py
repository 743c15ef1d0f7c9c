"""Have done soon what a turn left behind, off the hot path."""

from functools import partial

from handoff.domain.ports import Transaction
from handoff.services.brief import refresh
from handoff.services.deps import Deps
from handoff.services.observe import Observed
from handoff.services.rebuild import rebuild
from handoff.services.story import Ordered, order


def follow_up(deps: Deps, tenant: str, conversation_id: str, observed: Observed) -> None:
    """Have the detector's state rebuilt, the story kept ready, the waiting human's card renewed.

    What is lost in a crash is made up for by the next turn.
    """
    if observed.stale:
        work = partial(rebuild, deps, tenant, conversation_id)
        deps.later(f"rebuild {tenant} {conversation_id}", work)
    if _story_is_due(deps, observed):
        ready = partial(_keep_ready, deps, tenant, conversation_id)
        deps.later(f"story {tenant} {conversation_id}", ready)
    if observed.behind is not None:
        write = partial(refresh, deps, tenant, observed.behind)
        deps.later(f"card {tenant} {observed.behind}", write)


def _story_is_due(deps: Deps, observed: Observed) -> bool:
    """Tell whether the story is to be kept ready now: every few turns, while nothing is open."""
    if deps.summarizer is None or not deps.stories.every or observed.replayed:
        return False
    index = observed.answer.get("turn_index")
    waits = observed.answer.get("escalation") is not None
    return isinstance(index, int) and not waits and (index + 1) % deps.stories.every == 0


def _keep_ready(deps: Deps, tenant: str, conversation_id: str) -> None:
    deps.store.write(tenant, lambda tx: _order(tx, deps, conversation_id))


def _order(tx: Transaction, deps: Deps, conversation_id: str) -> None:
    """Order the story, unless an escalation was opened in between: it ordered its own."""
    head = tx.conversations.head(conversation_id)
    if head is not None and head.open_escalation is None:
        order(tx, deps, Ordered(conversation_id), deps.clock())
