"""The first tables: conversations, escalations, cards, deliveries, audit, feed, keys and logins."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Kind = type[sa.Text | sa.BigInteger | sa.Integer | sa.Boolean | sa.Float[float]]


def upgrade() -> None:
    """Make the tables."""
    _conversations()
    _escalations()
    _deliveries()
    _audit()
    _feed()
    _answers()
    _access()


def _conversations() -> None:
    op.create_table(
        "conversations",
        *_need(sa.Text, "tenant", "conversation_id"),
        *_need(sa.BigInteger, "started_at"),
        *_need(sa.Text, "channel"),
        *_may(sa.Text, "job", "language", "customer_key"),
        *_need(sa.Text, "attributes"),
        *_may(sa.Text, "intent"),
        *_need(sa.Text, "control", "detector", "policy"),
        *_need(sa.Boolean, "stale"),
        *_need(sa.BigInteger, "fresh_from"),
        *_need(sa.Text, "return_brief"),
        *_need(sa.BigInteger, "next_index"),
        *_need(sa.Integer, "turns"),
        *_may(sa.BigInteger, "last_turn_at"),
        *_may(sa.Text, "open_escalation", "last_escalation"),
        *_may(sa.BigInteger, "ended_at"),
        *_may(sa.Text, "ended_by", "ended_why"),
        sa.PrimaryKeyConstraint("tenant", "conversation_id", name="conversations_key"),
    )
    _index("conversations", "started", "tenant started_at")
    op.create_table(
        "turns",
        *_need(sa.Text, "tenant", "conversation_id", "turn_id"),
        sa.Column("arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *_need(sa.BigInteger, "position"),
        *_need(sa.Text, "turn", "fingerprint"),
        *_need(sa.BigInteger, "stored_at"),
        *_need(sa.Boolean, "after_handoff"),
        *_need(sa.Text, "answer"),
        sa.ForeignKeyConstraint(
            ["tenant", "conversation_id"],
            ["conversations.tenant", "conversations.conversation_id"],
            name="turns_of_conversations",
        ),
        sa.PrimaryKeyConstraint("arrival", name="turns_key"),
        sa.UniqueConstraint("tenant", "conversation_id", "turn_id", name="turns_once"),
    )
    op.create_table(
        "feedback",
        *_need(sa.Text, "tenant", "conversation_id"),
        sa.Column("arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *_need(sa.BigInteger, "at"),
        *_need(sa.Text, "body"),
        sa.ForeignKeyConstraint(
            ["tenant", "conversation_id"],
            ["conversations.tenant", "conversations.conversation_id"],
            name="feedback_of_conversations",
        ),
        sa.PrimaryKeyConstraint("arrival", name="feedback_key"),
    )
    _index("feedback", "of", "tenant conversation_id")


def _escalations() -> None:
    op.create_table(
        "escalations",
        *_need(sa.Text, "tenant", "escalation_id", "conversation_id", "state"),
        *_need(sa.Integer, "version"),
        *_need(sa.Text, "queue"),
        *_need(sa.Integer, "priority"),
        *_need(sa.Text, "reason_code", "opener"),
        *_need(sa.BigInteger, "opened_at", "queued_at", "changed_at"),
        *_need(sa.Text, "channel"),
        *_may(sa.Text, "job", "intent", "language", "customer_key", "rule", "signal"),
        *_may(sa.BigInteger, "turn_index"),
        *_may(sa.Float, "score"),
        *_need(sa.Text, "policy", "reasons"),
        *_need(sa.Integer, "card_version"),
        *_may(sa.Text, "owner", "reserved_for"),
        *_may(sa.BigInteger, "due_at", "accepted_at", "active_at", "closed_at", "contact_at"),
        *_may(sa.Text, "outcome", "disposition"),
        *_need(sa.Text, "attempts", "legs", "return_brief"),
        *_may(sa.Text, "previous_id"),
        sa.ForeignKeyConstraint(
            ["tenant", "conversation_id"],
            ["conversations.tenant", "conversations.conversation_id"],
            name="escalations_of_conversations",
        ),
        sa.PrimaryKeyConstraint("tenant", "escalation_id", name="escalations_key"),
    )
    _index("escalations", "by_intent", "tenant intent opened_at escalation_id")
    _index("escalations", "by_job", "tenant job opened_at escalation_id")
    _index("escalations", "by_queue", "tenant queue opened_at escalation_id")
    _index("escalations", "by_reason", "tenant reason_code opened_at escalation_id")
    _index("escalations", "customer", "tenant customer_key", where="state != 'closed'")
    _index("escalations", "due", "due_at", where="state != 'closed'")
    _index("escalations", "of", "tenant conversation_id opened_at escalation_id")
    _index(
        "escalations", "one_open", "tenant conversation_id", where="state != 'closed'", unique=True
    )
    _index("escalations", "opened", "tenant opened_at escalation_id")
    # After `opened`: of two indexes in one order SQLite takes the younger, here the smaller.
    _index("escalations", "open", "tenant opened_at escalation_id", where="state != 'closed'")
    _index(
        "escalations",
        "waiting",
        "tenant priority queued_at escalation_id",
        where="state != 'closed'",
    )
    op.create_table(
        "cards",
        *_need(sa.Text, "tenant", "escalation_id"),
        *_need(sa.Integer, "card_version"),
        *_need(sa.BigInteger, "made_at"),
        *_need(sa.Text, "body"),
        sa.ForeignKeyConstraint(
            ["tenant", "escalation_id"],
            ["escalations.tenant", "escalations.escalation_id"],
            name="cards_of_escalations",
        ),
        sa.PrimaryKeyConstraint("tenant", "escalation_id", "card_version", name="cards_key"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        *_need(
            sa.Text,
            "tenant",
            "delivery_id",
            "escalation_id",
            "connector",
            "event",
            "clock",
            "state",
        ),
        *_need(sa.BigInteger, "created_at", "due_at"),
        *_need(sa.Integer, "card_version", "attempts", "starts"),
        *_may(sa.Text, "attempt_token"),
        *_may(sa.BigInteger, "lease_until"),
        *_may(sa.Text, "reference", "error"),
        *_may(sa.BigInteger, "settled_at"),
        sa.ForeignKeyConstraint(
            ["tenant", "escalation_id"],
            ["escalations.tenant", "escalations.escalation_id"],
            name="deliveries_of_escalations",
        ),
        sa.PrimaryKeyConstraint("tenant", "delivery_id", name="deliveries_key"),
        sa.UniqueConstraint(
            "tenant", "escalation_id", "connector", "event", "card_version", name="deliveries_once"
        ),
    )
    _index(
        "deliveries",
        "due",
        "clock due_at created_at delivery_id",
        where="state IN ('pending', 'sending', 'unknown')",
    )
    _index("deliveries", "leased", "lease_until", where="state = 'sending'")
    _index("deliveries", "made", "tenant created_at delivery_id")
    _index(
        "deliveries",
        "unconfirmed",
        "tenant state created_at delivery_id",
        where="state != 'confirmed'",
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        *_need(sa.Text, "tenant"),
        *_need(sa.BigInteger, "sequence", "at"),
        *_need(sa.Text, "actor_kind", "actor_name", "action", "subject"),
        *_may(sa.Text, "conversation_id", "before", "after"),
        *_may(sa.Integer, "version"),
        *_need(sa.Text, "details", "previous_hash", "entry_hash"),
        sa.PrimaryKeyConstraint("tenant", "sequence", name="audit_entries_key"),
    )
    _index("audit_entries", "at", "tenant at sequence")
    _index("audit_entries", "of", "tenant subject sequence")
    op.create_table(
        "audit_heads",
        *_need(sa.Text, "tenant"),
        *_need(sa.BigInteger, "sequence"),
        *_need(sa.Text, "entry_hash"),
        sa.PrimaryKeyConstraint("tenant", name="audit_heads_key"),
    )


def _feed() -> None:
    op.create_table(
        "events",
        *_need(sa.Text, "tenant"),
        *_need(sa.BigInteger, "sequence"),
        *_need(sa.Text, "kind", "subject", "data"),
        *_need(sa.BigInteger, "at"),
        sa.PrimaryKeyConstraint("tenant", "sequence", name="events_key"),
    )
    op.create_table(
        "event_heads",
        *_need(sa.Text, "tenant"),
        *_need(sa.BigInteger, "sequence"),
        sa.PrimaryKeyConstraint("tenant", name="event_heads_key"),
    )


def _answers() -> None:
    op.create_table(
        "idempotency",
        *_need(sa.Text, "tenant", "principal", "route", "key", "fingerprint"),
        *_need(sa.Integer, "status"),
        *_may(sa.Text, "body"),
        *_need(sa.BigInteger, "at"),
        sa.PrimaryKeyConstraint("tenant", "principal", "route", "key", name="idempotency_key"),
    )


def _access() -> None:
    op.create_table(
        "api_keys",
        *_need(sa.Text, "tenant", "key_id", "name", "scopes", "secret_hash"),
        *_need(sa.BigInteger, "created_at"),
        *_may(sa.BigInteger, "expires_at", "revoked_at"),
        sa.PrimaryKeyConstraint("tenant", "key_id", name="api_keys_key"),
        sa.UniqueConstraint("key_id", name="api_keys_id"),
    )
    op.create_table(
        "sessions",
        *_need(sa.Text, "tenant", "token_hash", "name", "scopes"),
        *_need(sa.BigInteger, "created_at", "expires_at"),
        *_need(sa.Boolean, "one_time"),
        sa.PrimaryKeyConstraint("tenant", "token_hash", name="sessions_key"),
        sa.UniqueConstraint("token_hash", name="sessions_token"),
    )
    op.create_table(
        "presences",
        *_need(sa.Text, "tenant", "human", "status"),
        *_need(sa.BigInteger, "since"),
        sa.PrimaryKeyConstraint("tenant", "human", name="presences_key"),
    )
    op.create_table(
        "callbacks",
        *_need(sa.Text, "tenant", "source", "event_id"),
        *_need(sa.BigInteger, "at"),
        sa.PrimaryKeyConstraint("tenant", "source", "event_id", name="callbacks_key"),
    )


def _need(kind: Kind, *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=False) for name in names]


def _may(kind: Kind, *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=True) for name in names]


def _index(
    table: str, name: str, columns: str, where: str | None = None, *, unique: bool = False
) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        f"{table}_{name}",
        table,
        columns.split(),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
