"""The store on one SQL database: writing through the one writer, reading beside it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from handoff.domain.errors import Invalid
from handoff.domain.ports import Transaction
from handoff.domain.worklist import Worklist
from handoff.store.ahead import About
from handoff.store.batch import Batch
from handoff.store.checkpoints import Checkpoints
from handoff.store.clock import DatabaseClock
from handoff.store.engine import Engines
from handoff.store.sessions import EVERY
from handoff.store.transaction import SqlTransaction
from handoff.store.worklist import SqlWorklist
from handoff.store.writer import Hooks, Limits, Writer

R = TypeVar("R")


class SqlStore:
    """The database. A write returns only after what it did is on disk, together with others'."""

    def __init__(self, engines: Engines, limits: Limits, hooks: Hooks) -> None:
        """Start the writer on migrated tables."""
        self._engines = engines
        self._turn: AbstractContextManager[object] = (
            threading.RLock() if engines.shared else nullcontext()
        )
        self._checkpoints = Checkpoints(engines.reading) if engines.logged else None
        self._writer = Writer(engines, self._turn, limits, self._noticing(hooks))
        ask = engines.clock
        self.clock = None if ask is None else DatabaseClock(lambda: self._asked(ask))
        """The database's time, where several machines use it; None where this one's will do."""

    def submit(
        self, tenant: str, work: Callable[[Transaction], R], about: About | None = None
    ) -> Future[R]:
        """Return the future of `work`; it resolves after its commit.

        `about`: the conversation and the turn that the work looks at first, to be looked at
        together with those of others.
        """
        first = None if about is None else (tenant, about)
        return self._writer.submit(lambda batch: work(_of_tenant(batch, tenant)), first)

    def write(self, tenant: str, work: Callable[[Transaction], R]) -> R:
        """Return what `work` returned, once it is on disk."""
        return self._wait(lambda batch: work(_of_tenant(batch, tenant)))

    def read(self, tenant: str, work: Callable[[Transaction], R]) -> R:
        """Return what `work` read, from one snapshot, on the caller's thread."""
        return self._read(lambda batch: work(_of_tenant(batch, tenant)))

    def write_any(self, work: Callable[[Worklist], R]) -> R:
        """Return what `work` over all tenants returned, once it is on disk."""
        return self._wait(lambda batch: work(_of_every(batch)))

    def read_any(self, work: Callable[[Worklist], R]) -> R:
        """Return what `work` over all tenants read."""
        return self._read(lambda batch: work(_of_every(batch)))

    def close(self) -> None:
        """Finish the waiting writes and close every connection."""
        self._writer.close()
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._engines.dispose()

    def _noticing(self, hooks: Hooks) -> Hooks:
        """Return the hooks, with every commit told to those who move the log."""
        checkpoints = self._checkpoints
        if checkpoints is None:
            return hooks

        def committed() -> None:
            checkpoints.commit()
            hooks.on_commit()

        return replace(hooks, on_commit=committed)

    def _asked(self, ask: Callable[[Connection], datetime]) -> datetime:
        with self._engines.faults.in_our_words(), self._engines.reading.begin() as connection:
            return ask(connection)

    def _wait(self, work: Callable[[Batch], R]) -> R:
        if self._writer.is_here():
            raise RuntimeError("the writer's thread would wait for itself: submit instead")
        return self._writer.submit(work).result()

    def _read(self, work: Callable[[Batch], R]) -> R:
        faults = self._engines.faults
        with faults.in_our_words(), self._turn, self._engines.reading.begin() as connection:
            batch = Batch(connection)
            done = work(batch)
            batch.flush()  # refused by the database: a read that writes is a mistake
            return done


def _of_tenant(batch: Batch, tenant: str) -> SqlTransaction:
    if tenant in ("", EVERY):
        raise Invalid(f"no tenant is called {tenant!r}")
    batch.enter(tenant)
    return SqlTransaction(batch, tenant)


def _of_every(batch: Batch) -> SqlWorklist:
    batch.enter(EVERY)
    return SqlWorklist(batch.connection)
