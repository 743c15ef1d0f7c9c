"""The month that a conversation began in, on all that belongs to it; 0 on what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

HEADS = ("conversations", "escalations")
CHILDREN = ("turns", "feedback", "cards", "human_turns", "card_ratings")


def upgrade() -> None:
    """Add the columns: no row is rewritten. What is promised of the children is looked at later."""
    for table in (*HEADS, *CHILDREN):
        op.add_column(table, sa.Column("month", sa.Integer, nullable=False, server_default="0"))
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in CHILDREN:
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_before_month CHECK (month < 1) NOT VALID"
        )
