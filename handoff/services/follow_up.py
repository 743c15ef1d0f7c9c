"""Have done soon what a turn left behind, off the hot path."""

from functools import partial

from handoff.services.brief import refresh
from handoff.services.deps import Deps
from handoff.services.observe import Observed
from handoff.services.rebuild import rebuild


def follow_up(deps: Deps, tenant: str, conversation_id: str, observed: Observed) -> None:
    """Have the detector's state rebuilt, the waiting human's card brought up to date, or neither.

    What is lost in a crash is made up for by the next turn.
    """
    if observed.stale:
        work = partial(rebuild, deps, tenant, conversation_id)
        deps.later(f"rebuild {tenant} {conversation_id}", work)
    if observed.behind is not None:
        write = partial(refresh, deps, tenant, observed.behind)
        deps.later(f"card {tenant} {observed.behind}", write)
