"""What every table needs on PostgreSQL beside its columns; nothing on SQLite."""

import sqlalchemy as sa
from alembic import op

from handoff.store.sessions import wall as walls


def wall(*tables: str) -> None:
    """Let a transaction see only its tenant's rows, and none if it names no tenant.

    Whoever owns the table is no exception. `*` stands for all tenants.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        for statement in walls(table):
            op.execute(statement)


def order_by_letters(*tables: str) -> None:
    """Sort texts by their code points, as SQLite does, whatever the database's language is."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        texts = [
            f'ALTER COLUMN "{column["name"]}" TYPE text COLLATE "C"'
            for column in sa.inspect(connection).get_columns(table)
            if isinstance(column["type"], sa.Text)
        ]
        op.execute(f"ALTER TABLE {table} {', '.join(texts)}")
