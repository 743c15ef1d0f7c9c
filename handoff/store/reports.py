"""Counting over a tenant's history: transfers, rules in shadow, and what could be replayed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    case,
    func,
    select,
    type_coerce,
)

from handoff.domain.escalation import CloseOutcome, State
from handoff.domain.policies import Shadow
from handoff.domain.records import Tally
from handoff.store.side_tables import audit_entries, shadowed
from handoff.store.tables import conversations, escalations

Group = tuple[str | None, str | None]
"""A job and an intent."""


@dataclass(slots=True)
class _Count:
    """What is counted of one group while its rows pass."""

    conversations: int = 0
    contained: int = 0
    escalations: int = 0
    accepted: int = 0
    abandoned: int = 0
    returned: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)
    reason_codes: Counter[str] = field(default_factory=Counter)
    turns: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)

    def add(
        self,
        state: str,
        outcome: str | None,
        signal: str | None,
        reason_code: str,
        turn_index: int | None,
        accepted: int,
        wait: int | None,
        handle: int | None,
    ) -> None:
        """Count one escalation: `accepted` is 0 or 1, `wait` and `handle` are microseconds."""
        self.escalations += 1
        self.accepted += accepted
        self.abandoned += state == State.ABANDONED or outcome == CloseOutcome.CUSTOMER_LEFT
        self.returned += outcome == CloseOutcome.RETURNED
        self.reason_codes[reason_code] += 1
        if outcome is not None:
            self.outcomes[outcome] += 1
        if signal is not None:
            self.signals[signal] += 1
        for figures, figure in (
            (self.turns, turn_index),
            (self.waits, wait),
            (self.handles, handle),
        ):
            if figure is not None:
                figures.append(figure)

    def tally(self, group: Group) -> Tally:
        """Return the report's row."""
        return Tally(
            job=group[0],
            intent=group[1],
            conversations=self.conversations,
            contained=self.contained,
            escalations=self.escalations,
            accepted=self.accepted,
            abandoned=self.abandoned,
            returned=self.returned,
            outcomes=dict(self.outcomes),
            signals=dict(self.signals),
            reason_codes=dict(self.reason_codes),
            turns=tuple(sorted(self.turns)),
            wait_s=_seconds(self.waits),
            handle_s=_seconds(self.handles),
        )


class SqlReports:
    """One tenant's figures."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def tallies(self, since: datetime | None, until: datetime | None) -> tuple[Tally, ...]:
        """Return a row per (job, intent) over the conversations started in the window.

        A conversation counts under its latest job and intent, an escalation under those it was
        opened with; both belong to the window by the start of the conversation.
        """
        counts: dict[Group, _Count] = {}
        started = self._started(since, until)
        for row in self._conversations(started):
            counts[row[0], row[1]] = _Count(row[2], row[3])
        for row in self._escalations(started):
            counts.setdefault((row[0], row[1]), _Count()).add(*row[2:])
        return tuple(
            counts[group].tally(group)
            for group in sorted(counts, key=lambda group: (group[0] or "", group[1] or ""))
        )

    def shadows(self, since: datetime | None, until: datetime | None) -> Iterator[Shadow]:
        """Yield what rules in shadow would have done in conversations started in the window."""
        started = self._started(since, until)
        escalated = self._escalated(started)
        rows = self._connection.execute(
            select(
                conversations.c.conversation_id,
                conversations.c.job,
                conversations.c.ended_at.is_not(None),
                audit_entries.c.details,
            )
            .select_from(audit_entries.join(conversations, _same_conversation(audit_entries)))
            .where(audit_entries.c.tenant == self._tenant, shadowed, *started)
            .order_by(audit_entries.c.sequence)
        )
        for conversation_id, job, ended, details in rows:
            turns = tuple(sorted(escalated.get(conversation_id, ())))
            yield _shadow(conversation_id, job, details, ended=ended, escalated_at=turns)

    def started(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> tuple[int, tuple[str, ...]]:
        """Return how many conversations started in the window, and the ids of the newest."""
        started = self._started(since, until)
        column = conversations.c.conversation_id
        count = select(func.count()).select_from(conversations).where(*started)
        newest = (
            select(column)
            .where(*started)
            .order_by(conversations.c.started_at.desc(), column.desc())
            .limit(limit)
        )
        ids = tuple(row[0] for row in self._connection.execute(newest))
        return self._connection.execute(count).scalar_one(), ids

    def _escalated(self, started: tuple[ColumnElement[bool], ...]) -> dict[str, list[int]]:
        """Return the turns that opened escalations, of conversations with a rule in shadow."""
        touched = select(audit_entries.c.conversation_id).where(
            audit_entries.c.tenant == self._tenant, shadowed
        )
        found: dict[str, list[int]] = {}
        for conversation_id, turn_index in self._connection.execute(
            select(escalations.c.conversation_id, func.coalesce(escalations.c.turn_index, 0))
            .select_from(escalations.join(conversations, _same_conversation(escalations)))
            .where(*started, escalations.c.conversation_id.in_(touched))
        ):
            found.setdefault(conversation_id, []).append(turn_index)
        return found

    def _started(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[ColumnElement[bool], ...]:
        column = conversations.c.started_at
        return (
            conversations.c.tenant == self._tenant,
            *([column >= since] if since is not None else ()),
            *([column < until] if until is not None else ()),
        )

    def _conversations(self, started: tuple[ColumnElement[bool], ...]) -> Iterable[Sequence[Any]]:
        escalated = (
            select(escalations.c.escalation_id)
            .where(
                escalations.c.tenant == conversations.c.tenant,
                escalations.c.conversation_id == conversations.c.conversation_id,
            )
            .exists()
        )
        contained = conversations.c.ended_at.is_not(None) & ~escalated
        group = (conversations.c.job, conversations.c.intent)
        return self._connection.execute(
            select(
                *group,
                func.count(),
                func.sum(case((contained, 1), else_=0)),
            )
            .where(*started)
            .group_by(*group)
        )

    def _escalations(self, started: tuple[ColumnElement[bool], ...]) -> Iterable[Sequence[Any]]:
        told = escalations.c
        return self._connection.execute(
            select(
                told.job,
                told.intent,
                type_coerce(told.state, Text),
                type_coerce(told.outcome, Text),
                told.signal,
                told.reason_code,
                told.turn_index,
                told.accepted_at.is_not(None),
                _between(told.queued_at, told.accepted_at),
                _between(told.active_at, told.closed_at),
            )
            .select_from(conversations.join(escalations, _same_conversation(escalations)))
            .where(*started)
        )


def _same_conversation(table: FromClause) -> ColumnElement[bool]:
    return and_(
        table.c.tenant == conversations.c.tenant,
        table.c.conversation_id == conversations.c.conversation_id,
    )


def _shadow(
    conversation_id: str,
    job: str | None,
    details: Mapping[str, JsonValue],
    *,
    ended: bool,
    escalated_at: tuple[int, ...],
) -> Shadow:
    would, turn = details.get("would"), details.get("turn_index")
    return Shadow(
        conversation_id=conversation_id,
        job=job,
        ended=bool(ended),
        turn_index=turn if isinstance(turn, int) else 0,
        policy=str(details.get("policy", "")),
        would={k: str(v) for k, v in would.items()} if isinstance(would, dict) else {},
        escalated_at=escalated_at,
    )


def _between(start: Column[datetime], end: Column[datetime]) -> ColumnElement[int]:
    """Return the microseconds between two instants, NULL where one is missing."""
    return type_coerce(end, BigInteger) - type_coerce(start, BigInteger)


def _seconds(micros: list[int]) -> tuple[float, ...]:
    return tuple(value / 1_000_000 for value in sorted(micros))
