"""Webhooks that tenants register themselves."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "webhooks",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("webhook_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("queues", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("secret_before", sa.Text),
        sa.Column("before_until", sa.BigInteger),
        sa.Column("rotated_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "webhook_id", name="webhooks_key"),
    )
    order_by_letters("webhooks")
    wall("webhooks")
    op.create_index("webhooks_created", "webhooks", ["tenant", "created_at", "webhook_id"])
