"""Indexes by which answers and callbacks that were kept long enough are found."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make them."""
    op.create_index("idempotency_at", "idempotency", ["at"])
    op.create_index("callbacks_at", "callbacks", ["at"])
