"""Tables of the stories that a summarizer writes, and of what they cost by the hour."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "summaries",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("escalation_id", sa.Text),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("draft", sa.Text),
        sa.Column("dropped", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("tenant", "conversation_id", name="summaries_key"),
        sa.ForeignKeyConstraint(
            ["tenant", "conversation_id"],
            ["conversations.tenant", "conversations.conversation_id"],
        ),
    )
    wanted = sa.text("due_at IS NOT NULL")
    op.create_index(
        "summaries_due", "summaries", ["due_at"], sqlite_where=wanted, postgresql_where=wanted
    )
    op.create_table(
        "summary_costs",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "hour", name="summary_costs_key"),
    )
    order_by_letters("summaries", "summary_costs")
    wall("summaries", "summary_costs")
