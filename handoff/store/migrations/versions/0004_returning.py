"""An index by which a customer's earlier escalations about a job are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the index."""
    told = sa.text("customer_key IS NOT NULL")
    op.create_index(
        "escalations_returning",
        "escalations",
        ["tenant", "job", "customer_key"],
        sqlite_where=told,
        postgresql_where=told,
    )
