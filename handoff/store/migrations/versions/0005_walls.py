"""On PostgreSQL a second wall between tenants, and one order of texts on both databases."""

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0005"
down_revision = "0004"

TABLES = (
    "conversations",
    "turns",
    "feedback",
    "escalations",
    "cards",
    "deliveries",
    "audit_entries",
    "audit_heads",
    "events",
    "event_heads",
    "incidents",
    "idempotency",
    "api_keys",
    "sessions",
    "presences",
    "callbacks",
    "policies",
    "activations",
)


def upgrade() -> None:
    """Change the tables that there are."""
    order_by_letters(*TABLES)
    wall(*TABLES)
