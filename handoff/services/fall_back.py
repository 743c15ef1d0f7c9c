"""Go on with the next connector of a queue where one did not take the escalation."""

from handoff.domain.audit import SYSTEM, AuditEntry
from handoff.domain.delivery import Clock, Delivery, DeliveryState
from handoff.domain.escalation import Escalation, State
from handoff.domain.ports import Transaction
from handoff.domain.webhooks import is_registered
from handoff.services.deps import Deps
from handoff.services.moving import post
from handoff.services.route import queues

FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.DEAD})
SETTLED = FAILED | {DeliveryState.CONFIRMED}


def fall_back(tx: Transaction, deps: Deps, delivery: Delivery, *, maybe_there: bool) -> None:
    """Open it with the queue's next connector, once what may be at the failed one is withdrawn.

    The withdrawal comes first, so that no two people are asked; where it fails too, the customer
    who waits counts for more than a work item that may be there twice. A registered webhook that
    the queue does not name is told beside those that carry it: nobody takes its place.
    """
    opened = delivery.event == "opened" and delivery.state in FAILED
    withdrawn = delivery.event == "withdrawn" and delivery.state in SETTLED
    if not (opened or withdrawn):
        return
    escalation = tx.escalations.get(delivery.escalation_id)
    if escalation is None or escalation.state is State.CLOSED:
        return
    if _only_hears(deps, escalation, delivery.connector):
        return
    then = _next(tx, deps, escalation)
    if then is None:
        return
    at = deps.clock()
    if opened and maybe_there:
        post(tx, deps, escalation, "withdrawn", Clock.LIVE, (delivery.connector,), at=at)
        return
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action="fell_back",
            subject=escalation.escalation_id,
            conversation_id=escalation.conversation_id,
            details={"from": delivery.connector, "to": then},
        )
    )
    post(tx, deps, escalation, "opened", Clock.LIVE, (then,), at=at)


def _only_hears(deps: Deps, escalation: Escalation, connector: str) -> bool:
    queue = queues(deps, escalation.tenant).get(escalation.queue)
    named = (*queue.connectors, *queue.fallback) if queue else ()
    return is_registered(connector) and connector not in named


def _next(tx: Transaction, deps: Deps, escalation: Escalation) -> str | None:
    queue = queues(deps, tx.tenant).get(escalation.queue)
    tried = {delivery.connector for delivery in tx.deliveries.of(escalation.escalation_id)}
    there = deps.connectors_for(tx.tenant)
    order = queue.fallback if queue else []
    return next((name for name in order if name in there and name not in tried), None)
