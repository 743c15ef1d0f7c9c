"""The trace in which an escalation was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column, sorted by letters like the others."""
    letters = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.add_column("escalations", sa.Column("trace", sa.Text(collation=letters)))
