"""Whose rows a transaction may see: a second wall between tenants, in PostgreSQL itself.

Every table's row security compares the row's tenant with this setting of the transaction. Without
it a query sees nothing. What works for all tenants says so, by a word that no tenant can have.
"""

from sqlalchemy import Connection, bindparam, func, literal_column, select

from handoff.store.prepared import Prepared

SETTING = "handoff.tenant"
EVERY = "*"
"""Instead of a tenant: the engine, the timers, the look whose a key is."""

SEES = f"tenant = current_setting('{SETTING}', true)"
ALL = f"current_setting('{SETTING}', true) = '{EVERY}'"

_SET = Prepared(
    select(
        func.set_config(literal_column(f"'{SETTING}'"), bindparam("tenant"), literal_column("true"))
    )
)


def wall(table: str) -> tuple[str, ...]:
    """Return what builds the wall of a table, which its owner must obey too."""
    condition = f"({SEES} OR {ALL})"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_of_tenant ON {table} USING {condition} WITH CHECK {condition}",
    )


def walled(connection: Connection) -> bool:
    """Tell whether the database has that wall."""
    return connection.dialect.name == "postgresql"


def only(connection: Connection, tenant: str) -> None:
    """Let the transaction see one tenant's rows from here on."""
    _SET.rows(connection, {"tenant": tenant})


def every_tenant(connection: Connection) -> None:
    """Let the transaction see all rows from here on."""
    only(connection, EVERY)
