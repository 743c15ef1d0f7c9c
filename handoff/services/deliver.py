"""Deliver one claimed delivery and record what came of it, whatever came of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.account import after
from handoff.domain.audit import SYSTEM, AuditEntry, timestamp
from handoff.domain.connector import Connector, Parcel
from handoff.domain.delivery import (
    Delivery,
    DeliveryState,
    Receipt,
    confirmed,
    failed,
    given_back,
    set_aside,
)
from handoff.domain.errors import ConnectorError
from handoff.domain.ids import external_ids
from handoff.domain.ports import Transaction
from handoff.domain.webhooks import is_registered
from handoff.services.deps import Deps
from handoff.services.fall_back import fall_back
from handoff.services.forms import card_link

ACTIONS = {
    DeliveryState.CONFIRMED: "delivered",
    DeliveryState.PENDING: "delivery_failed",
    DeliveryState.UNKNOWN: "delivery_unknown",
    DeliveryState.REFUSED: "delivery_refused",
    DeliveryState.DEAD: "delivery_dead",
}
"""What a result is called in the audit trail."""


def deliver(deps: Deps, delivery: Delivery) -> DeliveryState:
    """Send a claimed delivery and settle it; return where it stands then.

    After an unknown outcome, or a try that ended without a word, the receiver is asked first. One
    that ended its sender too often is not sent, but set aside as dead; one whose account began to
    rest since it was claimed is put back.
    """
    deps.at_point("before_deliver")
    parcel, rests = None, False
    if not delivery.poisonous:
        parcel, rests = deps.store.read(delivery.tenant, lambda tx: _prepared(tx, deps, delivery))
    if rests:
        return _put_back(deps, delivery)
    outcome = _outcome(deps, delivery, parcel)
    deps.at_point("after_deliver")
    result = _result(deps, delivery, outcome)
    told = outcome if isinstance(outcome, Told) else None

    def settle(tx: Transaction) -> None:
        if _settle(tx, delivery, result, told, deps.clock()):
            fall_back(tx, deps, result, maybe_there=_maybe_there(delivery, outcome))

    deps.store.write(delivery.tenant, settle)
    deps.at_point("after_settle")
    return result.state


@dataclass(frozen=True, slots=True)
class Told:
    """What the other side told, or that it did not."""

    outcome: Receipt | ConnectorError
    disclosed: tuple[str, ...]
    """The classes of personal data that went out unmasked."""


def _maybe_there(delivery: Delivery, outcome: "Told | ConnectorError | None") -> bool:
    """Tell whether the receiver may have what it never confirmed."""
    told = outcome.outcome if isinstance(outcome, Told) else outcome
    unknown = isinstance(told, ConnectorError) and told.unknown
    return outcome is None or unknown or delivery.state is DeliveryState.UNKNOWN


def _result(deps: Deps, delivery: Delivery, outcome: Told | ConnectorError | None) -> Delivery:
    if outcome is None:
        return set_aside(delivery, deps.clock())
    told = outcome.outcome if isinstance(outcome, Told) else outcome
    if isinstance(told, Receipt):
        return confirmed(delivery, told, deps.clock())
    return failed(delivery, told, deps.clock(), deps.chance())


def _prepared(tx: Transaction, deps: Deps, delivery: Delivery) -> tuple[Parcel | None, bool]:
    """Return what is to be sent, and whether its account began to rest since it was claimed.

    While one delivery probes an account the others rest, for exactly as long as that one is leased.
    """
    at = deps.clock()
    account = tx.accounts.get(delivery.connector)
    rests = account.rests(at) and account.paused_until != delivery.lease_until
    return _parcel(tx, delivery, deps.base_url, at), rests


def _put_back(deps: Deps, delivery: Delivery) -> DeliveryState:
    """Leave a delivery that was claimed for later, no try counted."""
    back, token = given_back(delivery), delivery.attempt_token or ""
    deps.store.write(delivery.tenant, lambda tx: tx.deliveries.settle(back, token))
    return back.state


def _outcome(deps: Deps, delivery: Delivery, parcel: Parcel | None) -> Told | ConnectorError | None:
    """Return what came of it, an error of our own where it was not sent; None if it must not be."""
    if delivery.poisonous:
        return None
    connector = deps.connector(delivery.tenant, delivery.connector)
    if parcel is None or connector is None:
        why = "what it told of is gone" if parcel is None else "its connector is not configured"
        return ConnectorError(why, retryable=False)
    redaction = deps.detectors.of(delivery.tenant).policy.redaction
    card, disclosed = redaction.disclosed(parcel.card, *_destinations(delivery.connector))
    look_first = delivery.state is DeliveryState.UNKNOWN
    about: dict[str, str | int] = {
        "tenant": delivery.tenant,
        "connector": delivery.connector,
        "event": delivery.event,
        "attempt": delivery.attempts,
        "delivery_id": delivery.delivery_id,
        "escalation_id": delivery.escalation_id,
    }
    with deps.tracer.span("delivery", parcel.escalation.trace, about) as span:
        sent = replace(parcel, card=card, trace=span.traceparent)
        return Told(_try(connector, sent, look_first=look_first), disclosed)


def _destinations(connector: str) -> tuple[str, ...]:
    """Return what a masking rule may call a connector: a registered webhook is a webhook too."""
    return (connector, "webhook") if is_registered(connector) else (connector,)


def _try(connector: Connector, parcel: Parcel, *, look_first: bool) -> Receipt | ConnectorError:
    try:
        found = _looked_up(connector, parcel) if look_first else None
        return found or connector.deliver(parcel)
    except ConnectorError as error:
        return error
    except Exception as error:  # noqa: BLE001 # the edge of a job: a connector's fault leaves us not knowing
        told = f"the connector failed by itself: {type(error).__name__}"
        return ConnectorError(told, unknown=True)


def _looked_up(connector: Connector, parcel: Parcel) -> Receipt | None:
    """Return what the receiver has; None if it has nothing or can never be asked.

    While it cannot be asked just now the outcome stays unknown: nothing is repeated on a guess.
    """
    try:
        return connector.look_up(parcel)
    except ConnectorError as error:
        if error.unknown and not error.retryable:
            return None
        if not error.retryable:
            raise
        told = f"could not look it up: {error.message}"
        raise ConnectorError(told, unknown=True, retry_after=error.retry_after) from error


def _parcel(tx: Transaction, delivery: Delivery, base_url: str, at: datetime) -> Parcel | None:
    escalation = tx.escalations.get(delivery.escalation_id)
    card = tx.escalations.card(delivery.escalation_id, delivery.card_version)
    if escalation is None or card is None:
        return None
    head = tx.conversations.head(escalation.conversation_id)
    event = delivery.event.partition(".")[0]
    told = escalation.incident_id if event == "incident" else None
    return Parcel(
        delivery_id=delivery.delivery_id,
        tenant=delivery.tenant,
        event=event,
        escalation=escalation,
        card=card,
        attempt=delivery.attempts,
        at=at,
        reference=_reference(tx, delivery),
        card_url=card_link(base_url, delivery.escalation_id),
        external=external_ids(head.attributes) if head else {},
        incident=tx.incidents.get(told) if told else None,
    )


def _reference(tx: Transaction, delivery: Delivery) -> str | None:
    """Return what the receiver called the escalation when it last confirmed one of it."""
    known = [
        other.reference
        for other in tx.deliveries.of(delivery.escalation_id)
        if other.connector == delivery.connector and other.state is DeliveryState.CONFIRMED
    ]
    return known[-1] if known else None


def _keep(tx: Transaction, connector: str, told: Told, at: datetime) -> dict[str, JsonValue]:
    """Keep how the account answered; return what is to be told of it where it rests from now on."""
    seen = tx.accounts.get(connector)
    if after(seen, told.outcome, at) == seen:
        return {}
    before = tx.accounts.held(connector)
    account = after(before, told.outcome, at)
    tx.accounts.save(account)
    if account.paused_until is None or account.paused_until == before.paused_until:
        return {}
    return {"paused_until": timestamp(account.paused_until)}


def _settle(
    tx: Transaction, delivery: Delivery, result: Delivery, told: Told | None, at: datetime
) -> bool:
    """Write the result and what is told of it; return whether it was still ours to write."""
    applied = tx.deliveries.settle(result, delivery.attempt_token or "")
    action = ACTIONS[result.state] if applied else "delivery_late"
    details: dict[str, JsonValue] = {
        "connector": result.connector,
        "delivery_id": result.delivery_id,
        "event": result.event,
        "attempt": result.attempts,
        "reference": result.reference,
        "error": result.error,
    }
    if told is not None and told.disclosed:
        details["disclosed"] = list(told.disclosed)
    if not applied:
        details["result"] = result.state.value
    elif told is not None:
        details |= _keep(tx, delivery.connector, told, at)
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action=action,
            subject=result.escalation_id,
            details=details,
        )
    )
    if applied:
        tx.events.publish(
            "delivery",
            result.delivery_id,
            {"escalation_id": result.escalation_id, "state": result.state.value},
            at,
        )
    return applied
