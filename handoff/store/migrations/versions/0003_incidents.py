"""Incidents: many escalations for one cause, and what an escalation is for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CAUSED = "cause IS NOT NULL"
OPEN = "closed_at IS NULL"


def upgrade() -> None:
    """Make the table, and the columns that lead to it."""
    op.add_column("escalations", sa.Column("cause", sa.Text))
    op.add_column("escalations", sa.Column("incident_id", sa.Text))
    op.add_column("escalations", sa.Column("slot_at", sa.BigInteger))
    _index("escalations", "caused", "tenant cause opened_at", CAUSED)
    _index("escalations", "slots", "tenant cause queue slot_at", CAUSED)
    _index(
        "escalations",
        "of_incident",
        "tenant incident_id opened_at escalation_id",
        "incident_id IS NOT NULL",
    )
    op.create_table(
        "incidents",
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("tenant", "incident_id", "cause", "queue", "title")
        ),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("escalations", sa.Integer, nullable=False),
        sa.Column("held", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "incident_id", name="incidents_key"),
    )
    op.create_index("incidents_opened", "incidents", ["tenant", "opened_at", "incident_id"])
    _index("incidents", "one_open", "tenant cause", OPEN, unique=True)
    _index("incidents", "due", "due_at", OPEN)


def _index(table: str, name: str, columns: str, where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        f"{table}_{name}",
        table,
        columns.split(),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
