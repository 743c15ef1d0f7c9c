"""Policies by version, what was in force when, and an index over what rules in shadow did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and the index."""
    op.create_table(
        "policies",
        *_texts("tenant", "version", "name", "text"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        *_texts("added_by"),
        sa.PrimaryKeyConstraint("tenant", "version", name="policies_key"),
    )
    op.create_index("policies_added", "policies", ["tenant", "added_at", "version"])
    op.create_table(
        "activations",
        *_texts("tenant"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        *_texts("version"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_texts("by", "why"),
        sa.Column("back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sequence", name="activations_key"),
        sa.ForeignKeyConstraint(
            ["tenant", "version"],
            ["policies.tenant", "policies.version"],
            name="activations_of_policies",
        ),
    )
    condition = sa.text("action = 'shadow'")
    op.create_index(
        "audit_entries_shadow",
        "audit_entries",
        ["tenant", "sequence"],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
