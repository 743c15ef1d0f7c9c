"""The audit trail: a chain without a gap, one entry a change, and exports that only ever grow."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.faults.checker.evidence import RESULTS, Evidence, Row

GENESIS = "0" * 64


def audited(run: Evidence) -> Iterator[str]:
    """Yield breaks of the chains, changes without their entry, and exports that say otherwise."""
    for tenant, trail in run.trails.items():
        yield from _chained(tenant, trail)
    heads = {one["tenant"]: one for one in run.rows["audit_heads"]}
    for tenant, trail in run.trails.items():
        head = heads.get(tenant)
        if head is None or head["sequence"] != trail[-1]["sequence"]:
            yield f"{tenant}: the head is not the last entry"
    yield from _counted(run)
    yield from _exported(run)


def _chained(tenant: str, trail: list[Row]) -> Iterator[str]:
    previous = trail[0]["previous_hash"]
    for expected, entry in enumerate(trail, start=1):
        if entry["sequence"] != expected:
            yield f"{tenant}: entry {entry['sequence']} stands where {expected} should"
            return
        if entry["previous_hash"] != previous:
            yield f"{tenant}: entry {expected} does not follow the one before it"
        text = json.dumps(_body(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        mark = hashlib.sha256(f"{entry['previous_hash']}\n{text}".encode()).hexdigest()
        if entry["entry_hash"] != mark:
            yield f"{tenant}: entry {expected} was changed"
        previous = entry["entry_hash"]


def _body(entry: Row) -> Row:
    micros = round(entry["at"] * 1e6)
    told = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    return {
        "sequence": entry["sequence"],
        "tenant": entry["tenant"],
        "at": told.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor": {"kind": entry["actor_kind"], "name": entry["actor_name"]},
        **{
            name: entry[name]
            for name in (
                "action", "subject", "conversation_id", "before", "after", "version", "details"
            )
        },
    }  # fmt: skip


def _counted(run: Evidence) -> Iterator[str]:
    """Yield what changed without an entry, or with two."""
    for key, row in run.escalations.items():
        versions = Counter(entry["version"] for entry in run.about.get(key, ()))
        expected = Counter(range(1, row["version"] + 1))
        if versions != expected:
            wrong = sorted((versions - expected) + (expected - versions))
            yield f"{key} is at version {row['version']}; not one entry each for {wrong}"
    for key, row in run.posted.items():
        entries = [RESULTS[entry["action"]] for entry in run.results.get(key, ())]
        if row["state"] in ("confirmed", "refused", "dead") and entries.count(row["state"]) != 1:
            yield f"{key} is {row['state']}; its entries say {entries}"


def _exported(run: Evidence) -> Iterator[str]:
    stored = [entry["entry_hash"] for entry in run.trails.get("default", ())]
    sizes = [len(export) for export in run.exports]
    if sizes != sorted(sizes):
        yield f"the exports shrank: {sizes}"
    for export in run.exports:
        if [entry["entry_hash"] for entry in export] != stored[: len(export)]:
            yield f"an export of {len(export)} entries is not what the trail begins with"
    if run.exports:
        for entry, row in zip(run.exports[-1], run.trails.get("default", ()), strict=False):
            if {**_body(row)} != {k: v for k, v in entry.items() if not k.endswith("_hash")}:
                yield f"entry {row['sequence']} was exported otherwise than it is stored"
