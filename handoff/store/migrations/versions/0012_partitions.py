"""On PostgreSQL what belongs to conversations lies in partitions by month; nothing is copied."""

import sqlalchemy as sa
from alembic import op

from handoff.store.migrations.walls import wall
from handoff.store.partitions import BELONGS, PARTED, make_ahead, make_other

revision = "0012"
down_revision = "0011"
contracts = "the tables keep their names, columns and rows; what was whole becomes a partition"

KEYS = {"conversations": "conversation_id", "escalations": "escalation_id"}
OF_ESCALATION = """
CREATE FUNCTION month_of_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT month INTO NEW.month FROM conversations
        WHERE tenant = NEW.tenant AND conversation_id = NEW.conversation_id;
    NEW.month := coalesce(NEW.month, 0);
    RETURN NEW;
END $$
"""
"""For services of the version before, which run beside: what they write has no month."""
ELSEWHERE = """
CREATE FUNCTION {table}_into_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT month INTO NEW.month FROM {parent}
        WHERE tenant = NEW.tenant AND {key} = NEW.{key};
    IF coalesce(NEW.month, 0) = 0 THEN
        NEW.month := 0;
        RETURN NEW;
    END IF;
    INSERT INTO {table} SELECT (NEW).*;
    RETURN NULL;
END $$
"""
"""The same for what belongs to a conversation that began in a month: it has to be found there."""


def upgrade() -> None:
    """Put a partitioned table in the place of each, which becomes its first partition."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in PARTED:
        _part(table)
    op.execute(OF_ESCALATION)
    op.execute(
        "CREATE TRIGGER month_of_conversation BEFORE INSERT ON escalations FOR EACH ROW"
        " WHEN (NEW.month = 0) EXECUTE FUNCTION month_of_conversation()"
    )
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
    parent = BELONGS.get(table, "escalations")
    key = KEYS[parent]
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_{parent}"
        f" FOREIGN KEY (tenant, {key}) REFERENCES {parent} (tenant, {key})"
    )
    wall(table)
    _let_in(table, before)
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO (1)")
    for statement in make_other(table):
        op.execute(statement)
    op.execute(ELSEWHERE.format(table=table, parent=parent, key=key))
    op.execute(
        f"CREATE TRIGGER {table}_into_month BEFORE INSERT ON {before}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_into_month()"
    )


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
