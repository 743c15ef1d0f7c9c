"""Planted bugs where deliveries go out: answers misread, keys, signatures, tries, what is held."""

import os
from datetime import timedelta
from itertools import count
from typing import Any

import connectors.webhook as webhooks
import handoff.domain.answers
import handoff.outbound.client
import handoff.services.deliver as delivering
from handoff.domain.delivery import DeliveryState, Receipt
from handoff.domain.errors import ConnectorError
from handoff.jobs.engine import Engine
from tests.faults.sabotage import around, bug, reset


@bug("I-22", "drip")
def no_total_deadline() -> None:
    """Wait for as long as bytes come."""
    around(
        handoff.outbound.client.GuardedClient,
        "post",
        lambda post, *args, deadline, **more: post(*args, deadline=30 * deadline, **more),
    )


@bug("I-11")
def retry_after_ignored() -> None:
    """Come back when it suits us."""
    handoff.domain.answers.retry_after = lambda *_: None


@bug("I-7")
def any_answer_confirms() -> None:
    """Take every answer for a yes."""
    webhooks.refusal = lambda *_: None


@bug("I-7")
def unknown_counts_as_done() -> None:
    """Take no answer for a yes."""

    def failed(before: Any, delivery: Any, error: ConnectorError, at: Any, chance: float) -> Any:
        if error.unknown:
            return delivering.confirmed(delivery, Receipt("?"), at)
        return before(delivery, error, at, chance)

    around(delivering, "failed", failed)


@bug("I-9")
def signed_otherwise() -> None:
    """Sign other bytes than are sent."""
    around(
        webhooks.Keys,
        "signatures",
        lambda sign, self, message_id, at, body: sign(self, message_id, at, body + b" "),
    )


@bug("I-9")
def new_key_each_try() -> None:
    """Send every try under a key of its own."""
    numbers = count()

    def deliver(before: Any, self: Any, parcel: Any) -> Receipt:
        changed = reset(parcel, delivery_id=f"{parcel.delivery_id}-{next(numbers)}")
        receipt: Receipt = before(self, changed)
        return receipt

    around(webhooks.Webhook, "deliver", deliver)


@bug("I-11", "failing")
def tries_not_counted() -> None:
    """Begin the schedule anew after every try."""

    def failed(before: Any, delivery: Any, *args: Any) -> Any:
        return reset(before(reset(delivery, attempts=1), *args), attempts=delivery.attempts)

    around(delivering, "failed", failed)


@bug("I-11", "gone")
def turned_away_and_back() -> None:
    """Come back to a receiver that said never to."""
    handoff.domain.answers.PAUSING = frozenset()
    handoff.domain.answers.PASSING = frozenset({401, 403, 410})


@bug("I-8", "unkeyed")
def confirmed_sent_again() -> None:
    """Send what was confirmed once more."""
    seen: set[str] = set()

    def confirmed(before: Any, delivery: Any, *args: Any) -> Any:
        if delivery.delivery_id in seen:
            return before(delivery, *args)
        seen.add(delivery.delivery_id)
        later = args[-1] + timedelta(seconds=0.01)
        return reset(delivery, state=DeliveryState.PENDING, due_at=later, attempt_token=None)

    around(delivering, "confirmed", confirmed)


@bug("I-20")
def descriptors_leak() -> None:
    """Open something for every delivery and forget it."""

    def deliver(before: Any, *args: Any) -> Any:
        for _ in range(10):
            os.open(os.devnull, os.O_RDONLY)
        return before(*args)

    around(webhooks.Webhook, "deliver", deliver)


@bug("I-10", "slow")
def no_heartbeat() -> None:
    """Let leases lapse while a receiver thinks."""
    Engine._beat = lambda _: None
