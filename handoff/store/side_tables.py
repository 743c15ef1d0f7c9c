"""The tables beside the work: audit, feed, incidents, card use, policies, answers, keys."""

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from handoff.domain.audit import ActorKind
from handoff.domain.records import Scope
from handoff.domain.summary import Draft, Dropped
from handoff.store.tables import Object, metadata
from handoff.store.types import Instant, Json, Word, month

Scopes = Json(TypeAdapter(frozenset[Scope]))
Names = Json(TypeAdapter(tuple[str, ...]))

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_kind", Word(ActorKind), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("conversation_id", Text),
    Column("before", Text),
    Column("after", Text),
    Column("version", Integer),
    Column("details", Object, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("entry_hash", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "sequence"),
    Index("audit_entries_of", "tenant", "subject", "sequence"),
    Index("audit_entries_at", "tenant", "at", "sequence"),
)

shadowed = audit_entries.c.action == literal_column("'shadow'")
"""The condition of an entry about rules in shadow, written out so that its index serves it."""
Index(
    "audit_entries_shadow",
    audit_entries.c.tenant,
    audit_entries.c.sequence,
    sqlite_where=shadowed,
    postgresql_where=shadowed,
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("entry_hash", Text, nullable=False),
    PrimaryKeyConstraint("tenant"),
)
"""The last entry of each tenant's chain: its row is what two writers would meet at."""

events = Table(
    "events",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Object, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "sequence"),
)

event_heads = Table(
    "event_heads",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
)
"""The last sequence of each tenant's feed; it outlives pruned events."""

summaries = Table(
    "summaries",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("escalation_id", Text),
    Column("due_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("draft", Json(TypeAdapter(Draft))),
    Column("dropped", Json(TypeAdapter(tuple[Dropped, ...])), nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("tenant", "conversation_id"),
    ForeignKeyConstraint(
        ["tenant", "conversation_id"], ["conversations.tenant", "conversations.conversation_id"]
    ),
)
wanted = summaries.c.due_at.is_not(None)
"""The condition of a story that is to be written, as its partial index has it."""
Index("summaries_due", summaries.c.due_at, sqlite_where=wanted, postgresql_where=wanted)

summary_costs = Table(
    "summary_costs",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("hour", Instant, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "hour"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("incident_id", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("escalations", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "incident_id"),
    Index("incidents_opened", "tenant", "opened_at", "incident_id"),
)


def going_on() -> ColumnElement[bool]:
    """Return the condition of an incident that is not over, as its partial indexes have it."""
    return incidents.c.closed_at.is_(None)


Index(
    "incidents_one_open",
    incidents.c.tenant,
    incidents.c.cause,
    unique=True,
    sqlite_where=going_on(),
    postgresql_where=going_on(),
)
Index(
    "incidents_due",
    incidents.c.due_at,
    sqlite_where=going_on(),
    postgresql_where=going_on(),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Json(TypeAdapter(JsonValue))),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "principal", "route", "key"),
    Index("idempotency_at", "at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Scopes, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    PrimaryKeyConstraint("tenant", "key_id"),
    UniqueConstraint("key_id", name="api_keys_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Scopes, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("one_time", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "token_hash"),
    UniqueConstraint("token_hash", name="sessions_token"),
)

presences = Table(
    "presences",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("human", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "human"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "source", "event_id"),
    Index("callbacks_at", "at"),
)

human_turns = Table(
    "human_turns",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("escalation_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("turn_index", BigInteger, nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("asked", Names, nullable=False),
    month(),
    PrimaryKeyConstraint("tenant", "escalation_id", "turn_id"),
    ForeignKeyConstraint(
        ["tenant", "escalation_id"], ["escalations.tenant", "escalations.escalation_id"]
    ),
)
"""What a human said after accepting, held against the card: names of claims, no words."""

card_ratings = Table(
    "card_ratings",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("escalation_id", Text, nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("useful", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("claim", Text),
    month(),
    PrimaryKeyConstraint("tenant", "escalation_id", "card_version", "by"),
    ForeignKeyConstraint(
        ["tenant", "escalation_id"], ["escalations.tenant", "escalations.escalation_id"]
    ),
)

policies = Table(
    "policies",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "version"),
    Index("policies_added", "tenant", "added_at", "version"),
)

activations = Table(
    "activations",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("back", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "sequence"),
    ForeignKeyConstraint(["tenant", "version"], ["policies.tenant", "policies.version"]),
)
"""Only ever added to: the newest is what is in force."""

writers = Table(
    "writers",
    metadata,
    Column("writer", Text, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("writer"),
)
"""What each writing process committed last. Of no tenant: a batch holds commands of several."""
