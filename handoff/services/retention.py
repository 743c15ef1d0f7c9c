"""Let go of what was kept long enough: by whole months where it can be, else bit by bit."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from operator import methodcaller

from handoff.domain.audit import CUT, SYSTEM, AuditEntry
from handoff.domain.ports import Store, Transaction
from handoff.domain.retention import Ageing, Old, Retention

AT_ONCE = 200
"""Conversations, and ROWS_AT_ONCE rows of other kinds, in one transaction: turns wait for it."""
ROWS_AT_ONCE = 2_000


def keep_house(store: Store, retention: Retention, at: datetime) -> dict[str, int]:
    """Make the partitions of the months to come, and let go of what is old; return what went."""
    made = store.write_any(lambda work: work.ageing.make_ahead(at))
    gone = let_go(store, retention, at)
    return {"partitions_made": len(made), **gone}


def old(store: Store, retention: Retention, at: datetime) -> dict[str, Old]:
    """Return what would go of each tenant that has something, and what stays though it is old."""
    cuts = retention.cuts(at)

    def counted() -> dict[str, Old]:
        return store.read_any(
            lambda work: {each: work.ageing.count(each, cuts) for each in work.ageing.tenants()}
        )

    return {tenant: found for tenant, found in counted().items() if any(asdict(found).values())}


def let_go(store: Store, retention: Retention, at: datetime) -> dict[str, int]:
    """Let go of what is old; return how much of each kind. Interrupted, it may be begun again.

    A conversation that goes on or has an open escalation stays whole, and its month with it; the
    others of that month go one by one.
    """
    cuts = retention.cuts(at)
    gone = dict.fromkeys(("months", "conversations", "audit", "feed", "answers"), 0)
    if cuts.conversations is not None:
        drop = methodcaller("drop_months", cuts.conversations)
        gone["months"] = len(store.write_any(lambda work: drop(work.ageing)))
    if cuts.answers is not None:
        gone["answers"] = _forget(store, "forget_answers", cuts.answers, ROWS_AT_ONCE)
    for tenant in store.read_any(lambda work: work.ageing.tenants()):
        if cuts.conversations is not None:
            of = tenant, cuts.conversations, AT_ONCE
            gone["conversations"] += _forget(store, "forget_conversations", *of)
        if cuts.feed is not None:
            gone["feed"] += _forget(store, "forget_events", tenant, cuts.feed, ROWS_AT_ONCE)
        if cuts.audit is not None:
            cut = partial(_cut, cuts.audit, at)
            gone["audit"] += _bit_by_bit(partial(store.write, tenant, cut))
    return gone


def _forget(store: Store, what: str, *told: object) -> int:
    step: Callable[[Ageing], int] = methodcaller(what, *told)
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
