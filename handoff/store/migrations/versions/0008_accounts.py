"""A table of how outside systems answer each tenant, and indexes to serve tenants in turn."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0008"
down_revision = "0007"

_ONE_AT_A_TIME = "tenant escalation_id connector"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "accounts",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("paused_until", sa.BigInteger),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("tenant", "connector", name="accounts_key"),
    )
    order_by_letters("accounts")
    wall("accounts")
    unsettled = sa.text("state IN ('pending', 'sending', 'unknown')")
    for name, first in (("in_turn", "clock tenant connector due_at"), ("before", _ONE_AT_A_TIME)):
        op.create_index(
            f"deliveries_{name}",
            "deliveries",
            [*first.split(), "created_at", "delivery_id"],
            sqlite_where=unsettled,
            postgresql_where=unsettled,
        )
