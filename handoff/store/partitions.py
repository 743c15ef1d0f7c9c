"""PostgreSQL's partitions: what belongs to a conversation lies by the month that it began in.

Each partition has its own unique index: a conversation's month is read from its head, which is
there once, and never changes, so that what is unique within a month is unique. Rows of a month
without a partition lie in `…_other` until there is one; those from before there were partitions,
whose month is 0, in `…_before`. SQLite has the same tables whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from handoff.store.sessions import every_tenant, wall, walled

AHEAD = 3
"""Months that have their partitions before they begin."""
PARTED = {
    "turns": ("tenant", "conversation_id", "turn_id"),
    "feedback": (),
    "cards": ("tenant", "escalation_id", "card_version"),
    "human_turns": ("tenant", "escalation_id", "turn_id"),
    "card_ratings": ("tenant", "escalation_id", "card_version", '"by"'),
}
"""Partitioned table to what is unique within a partition; children after what they belong to."""
BELONGS = {"turns": "conversations", "feedback": "conversations"}
"""What the rows of a partitioned table belong to, where it is not `escalations`."""
MOVED = 50_000
"""Rows of a month that were written before it had a partition and are moved into it at most: while
they are, nobody writes. Where there are more they stay where they are, until they are let go."""
MAKING = 4_807_526_978
"""The advisory lock of whoever makes or drops partitions."""
LOCK_S = 2
"""Seconds to wait for a table: turns queue up behind whoever waits. It is tried again later."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One month of one table; 0 is what was there before there were partitions."""

    table: str
    month: int

    @property
    def name(self) -> str:
        """Return the name of its table."""
        return f"{self.table}_{self.month}" if self.month else f"{self.table}_before"

    @property
    def bounds(self) -> str:
        """Return which rows it takes."""
        start = self.month or "MINVALUE"
        return f"FOR VALUES FROM ({start}) TO ({self.month + 1})"


def other(table: str) -> str:
    """Return the name of the partition that takes what no other takes."""
    return f"{table}_other"


def months(at: datetime, ahead: int = AHEAD) -> tuple[int, ...]:
    """Return the month of a moment and those that follow it."""
    first = at.year * 12 + at.month - 1
    return tuple(number // 12 * 100 + number % 12 + 1 for number in range(first, first + ahead + 1))


def present(connection: Connection) -> tuple[Partition, ...]:
    """Return the partitions that there are, the default ones left out, earliest first."""
    if not walled(connection):
        return ()
    rows = connection.execute(
        text(
            "SELECT parent.relname, child.relname FROM pg_inherits"
            " JOIN pg_class parent ON parent.oid = inhparent"
            " JOIN pg_class child ON child.oid = inhrelid"
            " WHERE parent.relkind = 'p' AND parent.relnamespace = current_schema()::regnamespace"
        )
    )
    found = {name: table for table, name in rows if table in PARTED}
    ends = {name: name.removeprefix(f"{table}_") for name, table in found.items()}
    return tuple(
        sorted(
            (
                Partition(table, 0 if ends[name] == "before" else int(ends[name]))
                for name, table in found.items()
                if ends[name] == "before" or ends[name].isdigit()
            ),
            key=lambda one: (one.month, one.table),
        )
    )


def make_ahead(
    connection: Connection, at: datetime, most: int | None = None
) -> tuple[Partition, ...]:
    """Make the partitions of this month and the next that are missing, `most` at most; return them.

    Rows of theirs that came before them are moved there. Nothing happens on SQLite, and where the
    tables are another role's.
    """
    if not owned(connection):
        return ()
    alone(connection)
    there = set(present(connection))
    made: list[Partition] = []
    for one in (Partition(table, month) for month in months(at) for table in PARTED):
        if len(made) == most:
            break
        if one not in there and _has_room(connection, one):
            _run(connection, _making(one))
            made.append(one)
    return tuple(made)


def owned(connection: Connection) -> bool:
    """Tell whether there may be partitions and this role may make and drop them."""
    if not walled(connection):
        return False
    mine = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'turns'::regclass")
    return bool(connection.execute(mine).scalar_one())


def _has_room(connection: Connection, one: Partition) -> bool:
    """Hold what the change touches, in the order of who writes; tell whether little is to move.

    A row written between the move and the end of it would refuse the partition.
    """
    belongs = BELONGS.get(one.table, "escalations")
    _run(
        connection,
        (
            f"LOCK TABLE {belongs} IN SHARE ROW EXCLUSIVE MODE",
            f"LOCK TABLE {other(one.table)} IN ACCESS EXCLUSIVE MODE",
        ),
    )
    some = f"SELECT 1 FROM {other(one.table)} WHERE month = {one.month} LIMIT {MOVED + 1}"  # noqa: S608 # names of ours
    waiting = connection.execute(text(f"SELECT count(*) FROM ({some}) AS waiting")).scalar_one()  # noqa: S608 # names of ours
    return int(waiting) <= MOVED


def alone(connection: Connection) -> None:
    """See all rows, be the only one who changes partitions, and wait for tables but shortly."""
    every_tenant(connection)
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_S}s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MAKING})"))


def hold(connection: Connection) -> None:
    """Wait for all who write into the tables that have partitions, and let nobody in until the end.

    What they committed is seen by whoever looks afterwards.
    """
    connection.execute(text(f"LOCK TABLE ONLY {', ONLY '.join(PARTED)} IN ACCESS EXCLUSIVE MODE"))


def make_other(table: str) -> tuple[str, ...]:
    """Return what makes the partition that takes what no other takes."""
    name = other(table)
    return (*_like(table, name), f"ALTER TABLE {table} ATTACH PARTITION {name} DEFAULT")


def _making(one: Partition) -> tuple[str, ...]:
    source = other(one.table)
    return (
        *_like(one.table, one.name),
        f"WITH moved AS (DELETE FROM {source} WHERE month = {one.month} RETURNING *)"  # noqa: S608 # names of ours
        f" INSERT INTO {one.name} SELECT * FROM moved",
        # Spares the look through all its rows whether they may lie there.
        f"ALTER TABLE {one.name} ADD CONSTRAINT {one.name}_month CHECK (month = {one.month})",
        f"ALTER TABLE {one.table} ATTACH PARTITION {one.name} {one.bounds}",
        f"ALTER TABLE {one.name} DROP CONSTRAINT {one.name}_month",
    )


def _like(table: str, name: str) -> tuple[str, ...]:
    key = ", ".join(PARTED[table])
    once = f"ALTER TABLE {name} ADD CONSTRAINT {name}_once UNIQUE ({key})"
    return (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING STORAGE)",
        *((once,) if key else ()),
        *wall(name),
    )


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(text(statement))
