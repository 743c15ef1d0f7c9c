"""On PostgreSQL a second wall between tenants; one order of texts; what writers committed last."""

import sqlalchemy as sa
from alembic import op

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
    """Change the tables that there are, and make the one of the writers."""
    op.create_table(
        "writers",
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer", name="writers_key"),
    )
    order_by_letters(*TABLES, "writers")
    wall(*TABLES)
