"""What the auditor found and mended, whose turn it is, and what closed lately."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables and the index."""
    op.create_table(
        "findings",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("damage", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.Column("mended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint(
            "tenant", "damage", "subject", "detail", "found_at", name="findings_key"
        ),
    )
    order_by_letters("findings")
    wall("findings")
    turns = op.create_table(
        "audits",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="audits_key"),
    )
    order_by_letters("audits")
    op.bulk_insert(turns, [{"name": "stuck", "next_at": 0}])
    closed = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "escalations_closed",
        "escalations",
        ["closed_at"],
        sqlite_where=closed,
        postgresql_where=closed,
    )
