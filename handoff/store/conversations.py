"""Conversations in the database: heads, turns and feedback. Every turn passes here."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from pydantic import JsonValue
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.errors import NotFound
from handoff.domain.turn import Turn
from handoff.store.ahead import HEAD, MONTHS, TURN, Row, of_month
from handoff.store.batch import Batch, columns
from handoff.store.locking import Held, hold_name, holds
from handoff.store.prepared import Prepared, these
from handoff.store.tables import conversations as heads
from handoff.store.tables import feedback, turns

KEY = ("tenant", "conversation_id")

_HEAD = Held(select(*HEAD.columns).where(these(heads, *KEY)), heads)


@lru_cache(MONTHS)
def _before(month: int | None) -> Held:
    this_turn = and_(
        turns.c.tenant == heads.c.tenant,
        turns.c.conversation_id == heads.c.conversation_id,
        turns.c.turn_id == bindparam("this_turn_id"),
        of_month(month),
    )
    found = select(*HEAD.columns, *TURN).select_from(heads.outerjoin(turns, this_turn))
    return Held(found.where(these(heads, *KEY)), heads)


_IN_ORDER = turns.c.position, turns.c.arrival


@lru_cache(MONTHS)
def _known(month: int | None) -> Prepared:
    return Prepared(select(*TURN).where(these(turns, *KEY, "turn_id"), of_month(month)))


@lru_cache(MONTHS)
def _at(month: int | None) -> Prepared:
    return Prepared(select(turns.c.turn).where(these(turns, *KEY, "position"), of_month(month)))


@lru_cache(MONTHS)
def _between(month: int | None) -> Prepared:
    within = turns.c.position.between(bindparam("first"), bindparam("last"))
    found = select(*TURN).where(these(turns, *KEY), within, of_month(month))
    return Prepared(found.order_by(*_IN_ORDER))


@lru_cache(MONTHS)
def _all(month: int | None) -> Prepared:
    found = select(*TURN).where(these(turns, *KEY), of_month(month))
    return Prepared(found.order_by(*_IN_ORDER))


@lru_cache(MONTHS)
def _said(month: int | None) -> Prepared:
    found = select(turns.c.turn).where(these(turns, *KEY), of_month(month))
    return Prepared(found.order_by(*_IN_ORDER))


@lru_cache(MONTHS)
def _answer(month: int | None) -> Prepared:
    these_turns = these(turns, *KEY, "turn_id"), of_month(month)
    return Prepared(update(turns).where(*these_turns).values(answer=bindparam("answer")))


class SqlConversations:
    """One tenant's conversations."""

    def __init__(self, batch: Batch, tenant: str) -> None:
        """Work inside the batch's transaction."""
        self._batch = batch
        self._tenant = tenant

    def head(self, conversation_id: str) -> Head | None:
        """Return the head, None if there is no such conversation."""
        rows = self._held(_HEAD, conversation_id, self._key(conversation_id))
        return self._kept(HEAD.item(rows[0])) if rows else None

    def before(self, conversation_id: str, turn_id: str) -> tuple[Head | None, StoredTurn | None]:
        """Return the head and, where it is stored, the turn of that id.

        In one look if it began in the newest month there was: that is guessed, and where the head
        tells another month the turn is looked for there.
        """
        guess: int | None = None
        row = self._batch.ahead((self._tenant, conversation_id), turn_id)
        if not row:
            key = {**self._key(conversation_id), "this_turn_id": turn_id}
            guess = self._batch.guess((self._tenant, conversation_id))
            find = self._held if row is None else self._new
            row = next(iter(find(_before(guess), conversation_id, key)), None)
        if row is None:
            return None, None
        width = len(HEAD.names)
        head, turn = self._kept(HEAD.item(row[:width])), row[width:]
        if guess is not None and head.month != guess:
            return head, self.known(conversation_id, [turn_id]).get(turn_id)
        return head, None if turn[0] is None else StoredTurn(*turn)

    def save(self, head: Head) -> None:
        """Write a head, new or known."""
        self._batch.save_head((self._tenant, head.conversation_id), head)

    def add_turns(self, conversation_id: str, turns: Sequence[StoredTurn]) -> None:
        """Add turns of a conversation whose head is saved."""
        for turn in turns:
            self._batch.add_turn((self._tenant, conversation_id), turn)

    def known(self, conversation_id: str, turn_ids: Sequence[str]) -> dict[str, StoredTurn]:
        """Return those of the ids that are stored, with their turns."""
        key, month = self._key(conversation_id), self._month(conversation_id)
        known: dict[str, StoredTurn] = {}
        for turn_id in turn_ids:
            told = {**key, "this_turn_id": turn_id}
            for row in _known(month).rows(self._connection(conversation_id), told):
                known[turn_id] = StoredTurn(*row)
        return known

    def turns(self, conversation_id: str) -> tuple[StoredTurn, ...]:
        """Return all turns in `index` order, then by arrival."""
        key, month = self._key(conversation_id), self._month(conversation_id)
        rows = _all(month).rows(self._connection(conversation_id), key)
        return tuple(StoredTurn(*row) for row in rows)

    def said(self, conversation_id: str) -> tuple[Turn, ...]:
        """Return the same without how each was answered, which takes as long again to read."""
        key, month = self._key(conversation_id), self._month(conversation_id)
        rows = _said(month).rows(self._connection(conversation_id), key)
        return tuple(turn for (turn,) in rows)

    def between(self, conversation_id: str, first: int, last: int) -> tuple[StoredTurn, ...]:
        """Return the turns with these indexes and those between them, in order."""
        key = {**self._key(conversation_id), "first": first, "last": last}
        rows = _between(self._month(conversation_id)).rows(self._connection(conversation_id), key)
        return tuple(StoredTurn(*row) for row in rows)

    def tool_at(self, conversation_id: str, index: int) -> str | None:
        """Return the name of the tool that was called on a turn, None if none was."""
        key = {**self._key(conversation_id), "this_position": index}
        rows = _at(self._month(conversation_id)).rows(self._connection(conversation_id), key)
        return next((turn.tool_call.name for (turn,) in rows if turn.tool_call is not None), None)

    def replace_turn(self, conversation_id: str, turn: StoredTurn) -> None:
        """Overwrite a turn under the same id; raise NotFound if it is not stored."""
        changed = self._changing(conversation_id).execute(
            update(turns)
            .where(
                turns.c.tenant == self._tenant,
                turns.c.conversation_id == conversation_id,
                turns.c.turn_id == turn.turn.turn_id,
                of_month(self._month(conversation_id)),
            )
            .values(**columns(turn))
        )
        if not changed.rowcount:
            raise NotFound(f"no turn {turn.turn.turn_id!r} in {conversation_id!r}")

    def answer(self, conversation_id: str, turn_id: str, answer: dict[str, JsonValue]) -> None:
        """Keep the answer that was given for a stored turn."""
        key = self._key(conversation_id)
        _answer(self._month(conversation_id)).run(
            self._changing(conversation_id), {**key, "this_turn_id": turn_id, "answer": answer}
        )

    def add_feedback(self, conversation_id: str, at: datetime, body: dict[str, JsonValue]) -> None:
        """Keep what a runtime or customer said about the conversation afterwards."""
        self._connection(conversation_id).execute(
            insert(feedback).values(
                tenant=self._tenant,
                conversation_id=conversation_id,
                at=at,
                body=body,
                month=self._batch.month((self._tenant, conversation_id)),
            )
        )

    def _held(self, statement: Held, conversation_id: str, key: dict[str, object]) -> list[Row]:
        """Return the rows with the conversation held; one that is not there is held by its name."""
        rows = statement.held(self._connection(conversation_id), key)
        return [*rows] or self._new(statement, conversation_id, key)

    def _new(self, statement: Held, conversation_id: str, key: dict[str, object]) -> list[Row]:
        """Return the rows of a conversation that was not there a moment ago, held by its name."""
        connection = self._connection(conversation_id)
        if not holds(connection):
            return []
        hold_name(connection, "conversation", self._tenant, conversation_id)
        return [*statement.held(connection, key)]

    def _kept(self, head: Head) -> Head:
        self._batch.know((self._tenant, head.conversation_id), head.month)
        return head

    def _month(self, conversation_id: str) -> int | None:
        return self._batch.lies((self._tenant, conversation_id))

    def _connection(self, conversation_id: str) -> Connection:
        return self._batch.of((self._tenant, conversation_id))

    def _changing(self, conversation_id: str) -> Connection:
        return self._batch.change((self._tenant, conversation_id))

    def _key(self, conversation_id: str) -> dict[str, object]:
        return {"this_tenant": self._tenant, "this_conversation_id": conversation_id}
