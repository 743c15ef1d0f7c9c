"""How cards were used: human turns held against them, and ratings."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import order_by_letters, wall

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "human_turns",
        *_texts("tenant", "escalation_id", "turn_id"),
        sa.Column("turn_index", sa.BigInteger, nullable=False),
        sa.Column("card_version", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("asked"),
        sa.PrimaryKeyConstraint("tenant", "escalation_id", "turn_id", name="human_turns_key"),
        _of_escalation("human_turns"),
    )
    op.create_table(
        "card_ratings",
        *_texts("tenant", "escalation_id"),
        sa.Column("card_version", sa.Integer, nullable=False),
        *_texts("by"),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("claim", sa.Text),
        sa.PrimaryKeyConstraint(
            "tenant", "escalation_id", "card_version", "by", name="card_ratings_key"
        ),
        _of_escalation("card_ratings"),
    )
    order_by_letters("human_turns", "card_ratings")
    wall("human_turns", "card_ratings")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _of_escalation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", "escalation_id"],
        ["escalations.tenant", "escalations.escalation_id"],
        name=f"{table}_of_escalations",
    )
