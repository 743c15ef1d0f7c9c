"""On PostgreSQL what belongs to conversations lies in partitions by month; nothing is copied."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import wall
from handoff.store.partitions import PARTED, make_ahead, make_other

revision = "0012"
down_revision = "0011"
contracts = "the tables keep their names, columns and rows; what was whole becomes a partition"

ESCALATION = ("escalations", "tenant, escalation_id")
CONVERSATION = ("conversations", "tenant, conversation_id")
OF = {"turns": CONVERSATION, "feedback": CONVERSATION}
"""What a table's rows belong to, where it is no escalation."""


def upgrade() -> None:
    """Put a partitioned table in the place of each, which becomes its first partition."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in PARTED:
        _part(table)
    now = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    make_ahead(connection, now)


def _part(table: str) -> None:
    before = f"{table}_before"
    # Looked at already where `handoff migrate` was used, beside the services that ran.
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {before}_month")
    op.execute(f"ALTER TABLE {table} RENAME TO {before}")
    op.execute(
        f"CREATE TABLE {table} (LIKE {before} INCLUDING DEFAULTS INCLUDING STORAGE)"
        " PARTITION BY RANGE (month)"
    )
    if table in ("turns", "feedback"):
        op.execute(f"ALTER SEQUENCE {table}_arrival_seq OWNED BY {table}.arrival")
    if table == "feedback":
        op.execute("ALTER INDEX feedback_of RENAME TO feedback_before_of")
        op.execute("CREATE INDEX feedback_of ON feedback (tenant, conversation_id)")
    parent, key = OF.get(table, ESCALATION)
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_{parent}"
        f" FOREIGN KEY ({key}) REFERENCES {parent} ({key})"
    )
    wall(table)
    _let_in(table, before)
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO (1)")
    for statement in make_other(table):
        op.execute(statement)


def _let_in(table: str, before: str) -> None:
    """Give the new table's rights to whom the old one's were given."""
    granted = op.get_bind().execute(
        sa.text(
            "SELECT privilege_type, grantee FROM information_schema.role_table_grants"
            " WHERE table_schema = current_schema() AND table_name = :name"
            " AND grantee <> current_user"
        ),
        {"name": before},
    )
    for privilege, grantee in granted.all():
        whom = "PUBLIC" if grantee == "PUBLIC" else '"' + grantee.replace('"', '""') + '"'
        op.execute(f"GRANT {privilege} ON {table} TO {whom}")
