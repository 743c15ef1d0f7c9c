"""The tables: every key starts with the tenant, so that no row can point into another's."""

from typing import Any

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from handoff.domain.card import Card
from handoff.domain.control import Control
from handoff.domain.decision import Reason
from handoff.domain.delivery import Clock, DeliveryState
from handoff.domain.escalation import Attempt, CloseOutcome, Leg, Opener, State
from handoff.domain.turn import Turn
from handoff.store.types import Instant, Json, Word, month

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "fk": "%(table_name)s_of_%(referred_table_name)s",
    }
)

Numbered = BigInteger().with_variant(Integer, "sqlite")
"""An integer that the database counts up."""

Object = Json(TypeAdapter(dict[str, JsonValue]))


def still_open(table: FromClause) -> ColumnElement[bool]:
    """Return the condition of an open escalation, written out so that partial indexes serve it."""
    return table.c.state != literal_column("'closed'")


UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
"""A delivery in one of these still has something to come."""


def unsettled(table: FromClause) -> ColumnElement[bool]:
    """Return the condition of a delivery that still has something to come, written out."""
    return table.c.state.in_([literal_column(f"'{word}'") for word in UNSETTLED])


def sending(table: FromClause) -> ColumnElement[bool]:
    """Return the condition of a delivery that is leased, written out."""
    return table.c.state == literal_column("'sending'")


def unconfirmed(table: FromClause) -> ColumnElement[bool]:
    """Return the condition of a delivery that its receiver has not confirmed, written out."""
    return table.c.state != literal_column("'confirmed'")


def told(column: Column[Any]) -> ColumnElement[bool]:
    """Return the condition that a column says something: a partial index serves what equals it."""
    return column.is_not(None)


def _tenant() -> Column[str]:
    return Column("tenant", Text, nullable=False)


def _index(
    table: Table,
    name: str,
    *columns: str,
    where: ColumnElement[bool] | None = None,
    unique: bool = False,
) -> None:
    Index(
        f"{table.name}_{name}",
        *(table.c[column] for column in columns),
        unique=unique,
        sqlite_where=where,
        postgresql_where=where,
    )


def _of_conversation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant", "conversation_id"], ["conversations.tenant", "conversations.conversation_id"]
    )


def _of_escalation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant", "escalation_id"], ["escalations.tenant", "escalations.escalation_id"]
    )


conversations = Table(
    "conversations",
    metadata,
    _tenant(),
    Column("conversation_id", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("job", Text),
    Column("language", Text),
    Column("customer_key", Text),
    Column("attributes", Object, nullable=False),
    Column("intent", Text),
    Column("control", Json(TypeAdapter(Control)), nullable=False),
    Column("detector", Object, nullable=False),
    Column("policy", Text, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("fresh_from", BigInteger, nullable=False),
    Column("return_brief", Object, nullable=False),
    Column("next_index", BigInteger, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("last_turn_at", Instant),
    Column("open_escalation", Text),
    Column("last_escalation", Text),
    Column("ended_at", Instant),
    Column("ended_by", Text),
    Column("ended_why", Text),
    month(),
    PrimaryKeyConstraint("tenant", "conversation_id"),
)
_index(conversations, "started", "tenant", "started_at")

turns = Table(
    "turns",
    metadata,
    _tenant(),
    Column("conversation_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("arrival", Numbered, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("turn", Json(TypeAdapter(Turn), sparse=True), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("after_handoff", Boolean, nullable=False),
    Column("answer", Object, nullable=False),
    month(),
    UniqueConstraint("tenant", "conversation_id", "turn_id", name="turns_once"),
    _of_conversation(),
)
"""`arrival` is only an order: one index less to write for every turn, and no row points to it."""

feedback = Table(
    "feedback",
    metadata,
    _tenant(),
    Column("conversation_id", Text, nullable=False),
    Column("arrival", Numbered, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", Object, nullable=False),
    month(),
    _of_conversation(),
)
_index(feedback, "of", "tenant", "conversation_id")

escalations = Table(
    "escalations",
    metadata,
    _tenant(),
    Column("escalation_id", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("state", Word(State), nullable=False),
    Column("version", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("opener", Word(Opener), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("job", Text),
    Column("intent", Text),
    Column("language", Text),
    Column("customer_key", Text),
    Column("rule", Text),
    Column("signal", Text),
    Column("turn_index", BigInteger),
    Column("score", Float),
    Column("policy", Text, nullable=False),
    Column("reasons", Json(TypeAdapter(tuple[Reason, ...])), nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("owner", Text),
    Column("reserved_for", Text),
    Column("due_at", Instant),
    Column("accepted_at", Instant),
    Column("active_at", Instant),
    Column("closed_at", Instant),
    Column("contact_at", Instant),
    Column("outcome", Word(CloseOutcome)),
    Column("disposition", Text),
    Column("attempts", Json(TypeAdapter(tuple[Attempt, ...])), nullable=False),
    Column("legs", Json(TypeAdapter(tuple[Leg, ...])), nullable=False),
    Column("return_brief", Object, nullable=False),
    Column("previous_id", Text),
    Column("cause", Text),
    Column("incident_id", Text),
    Column("slot_at", Instant),
    Column("trace", Text),
    month(),
    PrimaryKeyConstraint("tenant", "escalation_id"),
    _of_conversation(),
)
_index(escalations, "opened", "tenant", "opened_at", "escalation_id")
_index(escalations, "of", "tenant", "conversation_id", "opened_at", "escalation_id")
_index(escalations, "by_queue", "tenant", "queue", "opened_at", "escalation_id")
_index(escalations, "by_job", "tenant", "job", "opened_at", "escalation_id")
_index(escalations, "by_intent", "tenant", "intent", "opened_at", "escalation_id")
_index(escalations, "by_reason", "tenant", "reason_code", "opened_at", "escalation_id")
_OPEN = still_open(escalations)
_index(escalations, "one_open", "tenant", "conversation_id", where=_OPEN, unique=True)
_index(escalations, "waiting", "tenant", "priority", "queued_at", "escalation_id", where=_OPEN)
_index(escalations, "open", "tenant", "opened_at", "escalation_id", where=_OPEN)
_index(escalations, "customer", "tenant", "customer_key", where=_OPEN)
_index(
    escalations,
    "returning",
    "tenant",
    "job",
    "customer_key",
    where=told(escalations.c.customer_key),
)
_index(escalations, "due", "due_at", where=_OPEN)
_index(escalations, "closed", "closed_at", where=told(escalations.c.closed_at))
_CAUSED = told(escalations.c.cause)
_index(escalations, "caused", "tenant", "cause", "opened_at", where=_CAUSED)
_index(escalations, "slots", "tenant", "cause", "queue", "slot_at", where=_CAUSED)
_index(
    escalations,
    "of_incident",
    "tenant",
    "incident_id",
    "opened_at",
    "escalation_id",
    where=told(escalations.c.incident_id),
)

cards = Table(
    "cards",
    metadata,
    _tenant(),
    Column("escalation_id", Text, nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("body", Json(TypeAdapter(Card)), nullable=False),
    month(),
    PrimaryKeyConstraint("tenant", "escalation_id", "card_version"),
    _of_escalation(),
)

deliveries = Table(
    "deliveries",
    metadata,
    _tenant(),
    Column("delivery_id", Text, nullable=False),
    Column("escalation_id", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("clock", Word(Clock), nullable=False),
    Column("state", Word(DeliveryState), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("attempt_token", Text),
    Column("lease_until", Instant),
    Column("reference", Text),
    Column("error", Text),
    Column("settled_at", Instant),
    PrimaryKeyConstraint("tenant", "delivery_id"),
    UniqueConstraint(
        "tenant", "escalation_id", "connector", "event", "card_version", name="deliveries_once"
    ),
    _of_escalation(),
)
_index(deliveries, "made", "tenant", "created_at", "delivery_id")
_index(deliveries, "leased", "lease_until", where=sending(deliveries))
for _name, _columns in (
    ("due", "clock due_at"),
    ("in_turn", "clock tenant connector due_at"),
    ("before", "tenant escalation_id connector"),
):
    _last = ("created_at", "delivery_id")
    _index(deliveries, _name, *_columns.split(), *_last, where=unsettled(deliveries))
_LEFT = unconfirmed(deliveries)
_index(deliveries, "unconfirmed", "tenant", "state", "created_at", "delivery_id", where=_LEFT)
