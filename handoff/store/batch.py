"""What the commands of one batch wrote of conversations, kept to be sent in a few statements.

Every statement makes the writer's thread give Python away and ask for it again, and a loop that
reads requests takes it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, select

from handoff.domain.conversation import Head, StoredTurn
from handoff.store.ahead import HEAD, NEWEST, About, Ahead, Key, Row, newest
from handoff.store.prepared import Additions, Prepared, these
from handoff.store.sessions import only, walled
from handoff.store.tables import conversations, turns

FIXED = ("tenant", "conversation_id", "started_at", "month")
"""What never changes of a head: leaving it out of updates spares its indexes."""

SAVE_HEADS = Additions(
    conversations, key=("tenant", "conversation_id"), but=FIXED, names=HEAD.names
)
_ADD_TURNS = Additions(turns, names=[c.name for c in turns.c if c.name != "arrival"])
WriteLast = Callable[[Connection, str, list[Any]], None]
"""Writes items of a tenant, of one kind and in order."""

_MONTH = Prepared(
    select(conversations.c.month).where(these(conversations, "tenant", "conversation_id"))
)


class Batch:
    """One transaction of the writer, or of a reader, who leaves nothing pending."""

    def __init__(self, connection: Connection) -> None:
        """Begin with nothing pending."""
        self._connection = connection
        self._walled = walled(connection)
        self._whose: str | None = None
        self._heads: dict[Key, Head] = {}
        self._turns: dict[Key, list[StoredTurn]] = {}
        self._months: dict[Key, int] = {}
        self._last: dict[tuple[str, str], tuple[WriteLast, list[Any]]] = {}
        self._ahead = Ahead()

    @property
    def connection(self) -> Connection:
        """Return the connection, with what is pending of conversations written to it.

        Whoever has it may change any of them: nothing that was looked at before is given any more.
        """
        self._ahead.clear()
        if self._heads or self._turns:
            self._flush_conversations()
        return self._connection

    @property
    def settled(self) -> Connection:
        """Return the connection with everything written to it, for a look at what comes last."""
        self.flush()
        return self._connection

    def at_end(self, tenant: str, what: str, item: object, write: WriteLast) -> None:
        """Have items of a tenant written before the commit: all of one kind at once, in order.

        It is for what holds a row that every writer of the tenant needs: the later, the shorter,
        and by all writers in one order.
        """
        self._last.setdefault((tenant, what), (write, []))[1].append(item)

    def enter(self, whose: str) -> None:
        """Work for one tenant from here on, or for `EVERY`."""
        if self._walled and whose != self._whose:
            only(self._connection, whose)
            self._whose = whose

    def of(self, key: Key) -> Connection:
        """Return the connection for a look at one conversation: what is pending of others stays."""
        if key in self._heads or key in self._turns:
            self._flush_conversations()
        return self._connection

    def look_ahead(self, wanted: Iterable[tuple[str, About]]) -> None:
        """Look at once at what commands will look at first, each of a tenant."""
        by_tenant: dict[str, dict[About, None]] = {}
        for tenant, about in wanted:
            by_tenant.setdefault(tenant, {})[about] = None
        for tenant, some in sorted(by_tenant.items()):
            if len(some) > 1:
                self.enter(tenant)
                self._ahead.look(self._connection, tenant, [*some])

    def ahead(self, key: Key, turn_id: str) -> Row | None:
        """Return the head and turn that were looked at ahead and are as they were, else None."""
        return self._ahead.take(key, turn_id)

    def change(self, key: Key) -> Connection:
        """Return the connection for a change of one conversation's rows."""
        self._ahead.forget(key)
        return self.of(key)

    def save_head(self, key: Key, head: Head) -> None:
        """Write a head with the others."""
        self._ahead.forget(key)
        self._heads[key] = head
        self.know(key, self._months.get(key, head.month))

    def know(self, key: Key, month: int) -> None:
        """Keep the month that a stored head names: its turns lie in that month's partition."""
        self._months[key] = month
        told = self._connection.info
        told[NEWEST] = max(told.get(NEWEST, 0), month)

    def guess(self, key: Key) -> int | None:
        """Return the month of a conversation, as known, else the newest that was met.

        None where turns do not lie by months.
        """
        met = newest(self._connection)
        return None if met is None else self._months.get(key, met)

    def lies(self, key: Key) -> int | None:
        """Return the month that a conversation's rows lie in; None where they lie together."""
        return self.month(key) if self._walled else None

    def month(self, key: Key) -> int:
        """Return the month of a conversation, looked up if need be; 0 if it is not stored."""
        month = self._months.get(key)
        if month is None:
            told = {"this_tenant": key[0], "this_conversation_id": key[1]}
            rows = _MONTH.rows(self._connection, told)
            month = int(rows[0][0]) if rows else 0
            if rows:
                self._months[key] = month
        return month

    def add_turn(self, key: Key, turn: StoredTurn) -> None:
        """Write a new turn with the others."""
        self._ahead.forget(key)
        self._turns.setdefault(key, []).append(turn)

    def forget(self) -> None:
        """Drop what is pending: whoever left it there has failed."""
        self._heads, self._turns, self._last = {}, {}, {}
        self._ahead.clear()
        self._months = {}
        self._whose = None  # undone with the rest

    def flush(self) -> None:
        """Write all that is pending."""
        self._flush_conversations()
        last, whose, self._last = self._last, self._whose, {}
        for tenant, what in sorted(last):
            self.enter(tenant)
            write, items = last[tenant, what]
            write(self._connection, tenant, items)
        if last and whose is not None:
            self.enter(whose)

    def _flush_conversations(self) -> None:
        """Write heads, then turns, which belong to them."""
        heads, turns, whose = self._heads, self._turns, self._whose
        self._heads, self._turns = {}, {}
        if not self._walled:
            self._write(heads, turns)
            return
        for tenant in sorted({tenant for tenant, _ in (*heads, *turns)}):
            self.enter(tenant)
            self._write(
                {key: head for key, head in heads.items() if key[0] == tenant},
                {key: added for key, added in turns.items() if key[0] == tenant},
            )
        if whose is not None:
            self.enter(whose)

    def _write(self, heads: dict[Key, Head], turns: dict[Key, list[StoredTurn]]) -> None:
        SAVE_HEADS.run(
            self._connection,
            [HEAD.values(head) | {"tenant": tenant} for (tenant, _), head in heads.items()],
        )
        _ADD_TURNS.run(
            self._connection,
            [
                {
                    "tenant": tenant,
                    "conversation_id": conversation_id,
                    "month": month,
                    **columns(turn),
                }
                for (tenant, conversation_id), added in turns.items()
                for month in (self.month((tenant, conversation_id)),)
                for turn in added
            ],
        )


def columns(stored: StoredTurn) -> dict[str, object]:
    """Return the columns of a turn that say what it is, without its conversation."""
    return {
        "turn_id": stored.turn.turn_id,
        "position": stored.turn.index or 0,
        "turn": stored.turn,
        "fingerprint": stored.fingerprint,
        "stored_at": stored.stored_at,
        "after_handoff": stored.after_handoff,
        "answer": stored.answer,
    }
