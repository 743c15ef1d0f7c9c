"""Around it: feeds, tenants, clocks, what a process holds, secrets, and coming to rest."""

import json
from collections.abc import Iterator
from typing import Any

from tests.faults.checker.evidence import Evidence, Row, good

LIVE_S = 45.0
"""Seconds within which everything accepted must have come to rest."""
SKEW_S = 5.0
MORE = {"descriptors": 40, "threads": 24}
"""How much more of each a process may hold than at the beginning."""
MEMORY = 1.5


def feeds_agree(run: Evidence) -> Iterator[str]:
    """Yield events that a follower missed or saw out of order, and wrong last words."""
    stored: dict[str, list[Row]] = {}
    for event in sorted(run.rows["events"], key=lambda one: one["sequence"]):
        stored.setdefault(event["tenant"], []).append(event)
    for tenant, events in stored.items():
        numbers = [event["sequence"] for event in events]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{tenant}: the feed has gaps"
        yield from _last_words(run, events)
    ours = stored.get("default", [])
    for feed in run.feeds:
        seen = [event["id"] for event in feed]
        if seen != [event["sequence"] for event in ours]:
            yield f"a follower saw {len(seen)} of {len(ours)} events, the last {seen[-1:]}"
        for event, row in zip(feed, ours, strict=False):
            if (event["subject"], event["data"]) != (row["subject"], row["data"]):
                yield f"a follower saw event {event['id']} otherwise than it is stored"


def _last_words(run: Evidence, events: list[Row]) -> Iterator[str]:
    """Yield escalations whose last event is not what they are."""
    last = {e["subject"]: e["data"] for e in events if "version" in e["data"]}
    tenant = events[0]["tenant"]
    for key, row in run.escalations.items():
        if row["tenant"] != tenant:
            continue
        said = last.get(key, {})
        if (said.get("state"), said.get("version")) != (row["state"], row["version"]):
            yield f"{key} is {row['state']} at {row['version']}; its last event says {said}"


def tenants_closed(run: Evidence) -> Iterator[str]:
    """Yield what shows one tenant something of another's."""
    whose = {key: row["tenant"] for key, row in run.escalations.items()}
    for call in run.history:
        if not good(call):
            continue
        for key in _named(call["answer"], whose):
            if whose[key] != call["tenant"]:
                yield f"{call['method']} {call['path']} showed {key} to {call['tenant']}"
    for feed in run.feeds:
        for event in feed:
            if whose.get(event["subject"], "default") != "default":
                yield f"the feed showed {event['subject']}"
    for name in ("deliveries", "cards"):
        for row in run.rows[name]:
            if whose.get(row["escalation_id"]) != row["tenant"]:
                yield f"{name} of {row['tenant']} point to {row['escalation_id']}"


def _named(answer: str | None, known: dict[str, str]) -> Iterator[str]:
    for word in (answer or "").split('"'):
        if word in known:
            yield word


def one_clock(run: Evidence) -> Iterator[str]:
    """Yield instants that the database's clock cannot have said while the run lasted."""
    names = (
        ("audit_entries", "at"),
        ("events", "at"),
        ("turns", "stored_at"),
        ("escalations", "opened_at"),
        ("escalations", "changed_at"),
        ("deliveries", "created_at"),
        ("deliveries", "settled_at"),
    )
    for table, name in names:
        for row in run.rows[table]:
            at = row[name]
            old = row.get("actor_name") == "system" or row.get("action") == "key_issued"
            begin = 0.0 if old and table == "audit_entries" else run.began
            if at is not None and not begin - SKEW_S <= at <= run.ended + SKEW_S:
                yield f"{table}.{name} is {at - run.began:+.0f} s from the beginning"


def bounded(run: Evidence) -> Iterator[str]:
    """Yield processes that hold more and more."""
    first: dict[int, Row] = {}
    for sample in run.resources:
        before = first.setdefault(sample["process"], sample)
        for name, more in MORE.items():
            if sample[name] > before[name] + more:
                yield f"{name} of {sample['process']}: {before[name]}, then {sample[name]}"
        if sample["memory"] > before["memory"] * MEMORY:
            yield f"memory of {sample['process']}: {before['memory']}, then {sample['memory']} KB"


def comes_to_rest(run: Evidence) -> Iterator[str]:
    """Yield what never ended: clients without an answer, deliveries, receivers held on to."""
    if run.settled_in is None or run.settled_in > LIVE_S:
        yield f"not everything came to rest ({run.settled_in} s)"
    for call in run.history:
        if call["last"] and call["status"] is None:
            yield f"{call['method']} {call['path']} was never answered"
    for one in run.ledger:
        if one["ended"] - one["began"] > run.deadline + 1:
            took = one["ended"] - one["began"]
            yield f"the receiver was held on to for {took:.1f} s, not {run.deadline:g}"


def no_secrets(run: Evidence) -> Iterator[str]:
    """Yield where something lies that a client said and nobody may keep."""
    places: dict[str, Any] = {
        **{f"table {name}": json.dumps(rows) for name, rows in run.rows.items()},
        "the log": run.log,
        "the ledger": json.dumps([one["text"] for one in run.ledger]),
        "an export": json.dumps(run.exports),
        "a feed": json.dumps(run.feeds),
    }
    for canary in run.canaries:
        yield from (f"{canary} is in {name}" for name, text in places.items() if canary in text)
        seen = canary.encode()
        yield from (f"{canary} is in {name}" for name, data in run.files.items() if seen in data)
