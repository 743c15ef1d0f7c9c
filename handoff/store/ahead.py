"""Look at the conversations of a whole batch at once, before its commands run.

A look of its own for every turn takes a round trip each, and gives Python away and asks for it
again. What was looked at is given once, and only while nothing in the batch has changed it. Turns
are looked for in the newest month that was met, and those of conversations that began in another
in a second look for each such month.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    column,
    literal_column,
    select,
    true,
    values,
)

from handoff.domain.conversation import Head
from handoff.store.locking import holds
from handoff.store.prepared import Prepared, these
from handoff.store.sessions import walled
from handoff.store.shape import Shape
from handoff.store.tables import conversations, turns

HEAD = Shape(conversations, Head)
TURN = (turns.c.turn, turns.c.fingerprint, turns.c.stored_at, turns.c.after_handoff, turns.c.answer)

Key = tuple[str, str]
"""A conversation: its tenant and its id."""
About = tuple[str, str]
"""What a command looks at first: the id of a conversation, and the id of a turn in it."""
Row = Sequence[Any]
"""The columns of a head and of a turn, empty where there is no such conversation."""

NEWEST = "newest month"
"""Among what is kept with a connection: the newest month that a conversation on it began in."""
MONTHS = 256
"""Statements kept of each kind: one a month, of looks ahead one a month and size."""
_MONTH = HEAD.names.index("month")
_MOST = 32
"""Conversations of one statement, which takes a power of two of them: the last ones repeat."""


def of_month(month: int | None) -> ColumnElement[bool]:
    """Return the condition of turns, written out: PostgreSQL then plans for one partition.

    None is for SQLite, where they lie together.
    """
    return true() if month is None else turns.c.month == literal_column(str(month))


class Ahead:
    """Rows that were looked at, by conversation and turn."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: dict[Key, dict[str, Row]] = {}

    def look(self, connection: Connection, tenant: str, wanted: Sequence[About]) -> None:
        """Read the head and the turn of each, and hold the heads where that is needed.

        They are held in one order by all processes: none waits for one that waits for it.
        """
        wanted = sorted(wanted)
        month = newest(connection)
        others = self._look(connection, tenant, wanted, month)
        for other in sorted(others):
            self._look(connection, tenant, others[other], other)

    def _look(
        self, connection: Connection, tenant: str, wanted: Sequence[About], month: int | None
    ) -> dict[int, list[About]]:
        """Look for turns of one month; return by their own those of conversations of another."""
        others: dict[int, list[About]] = {}
        for first in range(0, len(wanted), _MOST):
            some = wanted[first : first + _MOST]
            rows = _rows(connection, tenant, some, month)
            found = {(row[0], row[1]): row[2:] for row in rows}
            for about in some:
                conversation_id, turn_id = about
                row = found.get(about, ())
                if row and month is not None and row[_MONTH] != month:
                    others.setdefault(row[_MONTH], []).append(about)
                    continue
                here = self._rows.setdefault((tenant, conversation_id), {})
                here[turn_id] = row
        return others

    def take(self, key: Key, turn_id: str) -> Row | None:
        """Return what was found, and forget the conversation; None where nobody looked."""
        return self._rows.pop(key, {}).get(turn_id) if self._rows else None

    def forget(self, key: Key) -> None:
        """Forget a conversation that is changed."""
        self._rows.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()


def newest(connection: Connection) -> int | None:
    """Return the newest month that was met on a connection; None where nothing lies by months."""
    return connection.info.get(NEWEST, 0) if walled(connection) else None


def _rows(
    connection: Connection, tenant: str, some: Sequence[About], month: int | None
) -> list[list[Any]]:
    size = 1 << (len(some) - 1).bit_length()
    told = {"this_tenant": tenant}
    for n, (conversation_id, turn_id) in enumerate([*some, *[some[-1]] * (size - len(some))]):
        told[f"conversation_{n}"], told[f"turn_{n}"] = conversation_id, turn_id
    look = _holding if holds(connection) else _looking
    return look(size, month).rows(connection, told)


def _wanted(size: int) -> CTE:
    pairs: list[tuple[Any, Any]] = [
        (bindparam(f"conversation_{n}"), bindparam(f"turn_{n}")) for n in range(size)
    ]
    columns = column("conversation_id", Text), column("turn_id", Text)
    return values(*columns, name="wanted").data(pairs).cte("wanted")


def _head(wanted: CTE) -> Select[Any]:
    return select(*HEAD.columns).where(
        these(conversations, "tenant"), conversations.c.conversation_id == wanted.c.conversation_id
    )


def _turn(wanted: CTE, month: int | None) -> Select[Any]:
    return select(*TURN).where(
        these(turns, "tenant"),
        turns.c.conversation_id == wanted.c.conversation_id,
        turns.c.turn_id == wanted.c.turn_id,
        of_month(month),
    )


@lru_cache(MONTHS)
def _looking(size: int, month: int | None) -> Prepared:
    """Return the look of SQLite, which has one writer and nothing to hold."""
    wanted = _wanted(size)
    head, turn = _head(wanted), _turn(wanted, month)
    found = wanted.join(conversations, head.whereclause).outerjoin(turns, turn.whereclause)
    return Prepared(select(*wanted.c, *HEAD.columns, *TURN).select_from(found))


@lru_cache(MONTHS)
def _holding(size: int, month: int | None) -> Prepared:
    """Return the look of PostgreSQL: one conversation after the other, each by its key.

    Left free to join them, a server that has not counted its rows yet reads all of a tenant's.
    """
    wanted = _wanted(size)
    head = _head(wanted).with_for_update(key_share=True).lateral("head")
    turn = _turn(wanted, month).limit(literal_column("1")).lateral("turn")
    found = wanted.join(head, true()).outerjoin(turn, true())
    return Prepared(select(*wanted.c, *head.c, *turn.c).select_from(found))
