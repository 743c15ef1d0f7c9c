"""The audit trail: immutable entries, one per state change, chained by hash."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import JsonValue

GENESIS = "0" * 64
"""What the first entry of a tenant's chain points back to."""

CUT = "audit_cut"
"""The action of an entry that says up to where the oldest were let go, and the last one's hash."""


class ActorKind(StrEnum):
    """What kind of party acted."""

    RUNTIME = "runtime"
    CUSTOMER = "customer"
    HUMAN = "human"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CONNECTOR = "connector"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a kind and, where there is one, a name."""

    kind: ActorKind
    name: str = ""


SYSTEM = Actor(ActorKind.SYSTEM, "service")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change as it happened. `action` is a lifecycle move or one of the other verbs used.

    `before` and `after` are states where a move was made. Of what a customer said `details` hold
    only the few words that a reason of a decision rests on.
    """

    tenant: str
    at: datetime
    actor: Actor
    action: str
    subject: str
    """Id of what changed: an escalation, a conversation, a key, a delivery."""
    conversation_id: str | None = None
    before: str | None = None
    after: str | None = None
    version: int | None = None
    details: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry with its place in the tenant's chain."""

    sequence: int
    previous_hash: str
    entry_hash: str
    entry: AuditEntry


def timestamp(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def content(entry: AuditEntry, sequence: int) -> dict[str, JsonValue]:
    """Return what is hashed and exported of an entry."""
    return {
        "sequence": sequence,
        "tenant": entry.tenant,
        "at": timestamp(entry.at),
        "actor": {"kind": entry.actor.kind.value, "name": entry.actor.name},
        "action": entry.action,
        "subject": entry.subject,
        "conversation_id": entry.conversation_id,
        "before": entry.before,
        "after": entry.after,
        "version": entry.version,
        "details": entry.details,
    }


def digest(before: str, body: JsonValue) -> str:
    """Return SHA-256 over what goes before and the body as canonical JSON (sorted, no spaces)."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def chain(previous_hash: str, sequence: int, entry: AuditEntry) -> ChainedEntry:
    """Return the entry with its place in the chain."""
    entry_hash = digest(previous_hash, content(entry, sequence))
    return ChainedEntry(sequence, previous_hash, entry_hash, entry)


def first_break(rows: Iterable[dict[str, JsonValue]]) -> str | None:
    """Return what is wrong with the first exported row that does not verify, None if all do.

    Where the oldest entries were let go, an entry further on says up to which, and their hash.
    A chain alone shows only inconsistent editing: who holds the database can recompute all of it.
    """
    previous, expected = GENESIS, 1
    missing: tuple[JsonValue, JsonValue] | None = None
    first_kept = 1
    for number, row in enumerate(rows):
        first = row.get("sequence")
        if number == 0 and isinstance(first, int) and first > 1:
            previous, expected = str(row.get("previous_hash")), first
            first_kept = first
            missing = (first - 1, previous)
        body = {k: v for k, v in row.items() if k not in ("previous_hash", "entry_hash")}
        if row.get("sequence") != expected:
            return f"entry {expected} is missing: found {row.get('sequence')}"
        if row.get("previous_hash") != previous:
            return f"entry {expected} does not follow the one before it"
        if row.get("entry_hash") != digest(previous, body):
            return f"entry {expected} was changed"
        previous, expected = str(row["entry_hash"]), expected + 1
        details = row.get("details")
        if row.get("action") == CUT and isinstance(details, dict):
            cut = (details.get("sequence"), details.get("entry_hash"))
            missing = None if cut == missing else missing
    if missing is not None:
        return f"entry 1 is missing: found {first_kept}"
    return None
