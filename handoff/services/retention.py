"""Let go of what was kept long enough: by whole months where it can be, else bit by bit."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial

from handoff.domain.audit import CUT, SYSTEM, AuditEntry
from handoff.domain.errors import Overloaded
from handoff.domain.ports import Store, Transaction
from handoff.domain.retention import Ageing, Cuts, Old, Retention

AT_ONCE = 50
"""Conversations, and ROWS_AT_ONCE rows of other kinds, in one transaction: turns wait for it."""
ROWS_AT_ONCE = 2_000
log = logging.getLogger(__name__)


def keep_house(store: Store, retention: Retention, at: datetime) -> dict[str, int]:
    """Make the partitions of the months to come, and let go of what is old; return what went."""
    made = _bit_by_bit(lambda: len(store.write_any(lambda work: work.ageing.make_ahead(at))))
    gone = let_go(store, retention, at)
    return {"partitions_made": made, **gone}


def old(store: Store, retention: Retention, at: datetime) -> dict[str, Old]:
    """Return what would go of each tenant that has something, and what stays though it is old."""
    cuts = retention.cuts(at)
    counted = store.read_any(
        lambda work: {each: work.ageing.count(each, cuts) for each in work.ageing.tenants()}
    )
    return {tenant: found for tenant, found in counted.items() if any(asdict(found).values())}


def let_go(store: Store, retention: Retention, at: datetime) -> dict[str, int]:
    """Let go of what is old; return how much of each kind. Interrupted, it may be begun again.

    A conversation that goes on or has an open escalation stays whole, and its month with it; the
    others of that month go one by one.
    """
    cuts = retention.cuts(at)
    gone = dict.fromkeys(("months", "conversations", "audit", "feed", "answers", "callbacks"), 0)
    began, answered = cuts.conversations, cuts.answers
    if began is not None:
        gone["months"] = _drop(store, began)
        gone["callbacks"] = _forget(store, lambda it: it.forget_callbacks(began, ROWS_AT_ONCE))
    if answered is not None:
        gone["answers"] = _forget(store, lambda it: it.forget_answers(answered, ROWS_AT_ONCE))
    for tenant in store.read_any(lambda work: work.ageing.tenants()):
        for kind, number in _of_tenant(store, tenant, cuts, at).items():
            gone[kind] += number
    return gone


def _of_tenant(store: Store, tenant: str, cuts: Cuts, at: datetime) -> dict[str, int]:
    """Let go of what is old of one tenant; return how much of each kind."""
    began, fed, audited = cuts.conversations, cuts.feed, cuts.audit
    gone: dict[str, int] = {}
    if began is not None:
        gone["conversations"] = _forget(
            store, lambda it: it.forget_conversations(tenant, began, AT_ONCE)
        )
    if fed is not None:
        gone["feed"] = _forget(store, lambda it: it.forget_events(tenant, fed, ROWS_AT_ONCE))
    if audited is not None:
        gone["audit"] = _bit_by_bit(lambda: store.write(tenant, partial(_cut, audited, at)))
    return gone


def _drop(store: Store, before: datetime) -> int:
    """Return how many partitions were dropped: none where a table is busy, or the look long."""
    dropped = 0
    try:
        for month in store.read_any(lambda work: work.ageing.months_over(before)):
            dropped += _dropped(store, before, month)
    except Overloaded as error:
        log.warning("not all months that are over were dropped: %s", error)
    return dropped


def _dropped(store: Store, before: datetime, month: int) -> int:
    return len(store.write_any(lambda work: work.ageing.drop_months(before, (month,))))


def _forget(store: Store, step: Callable[[Ageing], int]) -> int:
    return _bit_by_bit(lambda: store.write_any(lambda work: step(work.ageing)))


def _cut(before: datetime, at: datetime, tx: Transaction) -> int:
    """Cut some of the oldest entries off a chain, and say so in it; return how many.

    The entry that says it holds the last one's hash, to which the first that is left points: what
    is left still proves itself.
    """
    cut, entries = tx.audit.cut(before, ROWS_AT_ONCE)
    if cut is None:
        return 0
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action=CUT,
            subject=tx.tenant,
            details={"sequence": cut.sequence, "entry_hash": cut.entry_hash},
        )
    )
    return entries


def _bit_by_bit(step: Callable[[], int]) -> int:
    """Return the sum of what steps did, until one did nothing."""
    total = 0
    while done := step():
        total += done
    return total
