"""The one writer: commands of many callers share a commit, and none is answered before it."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from handoff.domain.errors import Overloaded
from handoff.store.ahead import About
from handoff.store.batch import Batch
from handoff.store.engine import Engines, Receipts
from handoff.store.faults import Reach
from handoff.store.running import Command, Ended, OneFailed, Run, apart, together

PAUSES = (0.05, 0.2, 0.5, 1.0)
"""Seconds before a batch is tried again that a deadlock or a lost connection undid."""
LOOKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0)
"""Seconds between looks whether a commit stands of which no word came back."""

R = TypeVar("R")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many commands may wait, and how many share one commit."""

    queue: int = 10_000
    batch: int = 256


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is called on the writer's thread around every commit; it must not wait for the store."""

    on_commit: Callable[[], None] = lambda: None
    on_batch: Callable[[int, float], None] = lambda _commands, _seconds: None
    """Told how many commands were committed at once, and in how many seconds."""
    at_point: Callable[[str], None] = lambda _name: None


class Writer:
    """A thread that takes all waiting commands, runs them, and commits them at once.

    A command may be run twice (the second time on a savepoint, after another one of its batch
    failed), so what it does outside its transaction must bear repeating.
    """

    def __init__(
        self,
        engines: Engines,
        turn: AbstractContextManager[object],
        limits: Limits,
        hooks: Hooks,
    ) -> None:
        """Start the thread. `turn` is held through each batch: the connection's lock if shared."""
        self._engines = engines
        self._faults = engines.faults
        self._turn = turn
        self._limits = limits
        self._hooks = hooks
        self._waiting: SimpleQueue[Command | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[Batch], R], about: tuple[str, About] | None = None
    ) -> "Future[R]":
        """Return the future of a command; raise Overloaded when too many wait, or after closing."""
        future: Future[R] = Future()
        with self._gate:
            if self._closed:
                raise Overloaded("the store is closing")
            if self._waiting.qsize() >= self._limits.queue:
                raise Overloaded("too many writes are waiting: try again shortly")
            self._waiting.put(Command(work, future, about))
        return future

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def is_here(self) -> bool:
        """Tell whether the caller runs on the writer's own thread, where waiting never ends."""
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._take()
            batch = [c for c in batch if c.future.set_running_or_notify_cancel()]
            if batch:
                self._answer(batch)
        if self._connection is not None:
            self._connection.close()

    def _take(self) -> tuple[list[Command], bool]:
        """Return all waiting commands, at least one, and whether more may come."""
        batch: list[Command] = []
        command = self._waiting.get()
        while command is not None:
            batch.append(command)
            if len(batch) == self._limits.batch:
                return batch, True
            try:
                command = self._waiting.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _answer(self, batch: list[Command]) -> None:
        began = time.perf_counter()
        try:
            with self._turn:
                ended = self._persist(batch)
        except BaseException as error:  # noqa: BLE001 # goes to every caller of the batch
            refusal = self._faults.translated(error)
            ended = [Ended(command, error=refusal) for command in batch]
        else:
            self._committed(len(batch), time.perf_counter() - began)
        for one in ended:
            one.tell()

    def _persist(self, batch: list[Command]) -> list[Ended]:
        """Return how each command of a batch ended, once that is on disk.

        What passes by itself (a deadlock, a lost connection) undid everything: the batch is tried
        again. Where the connection broke within the commit, the database is asked what became of it
        first.
        """
        for pause in (*PAUSES, None):
            try:
                return self._commit(batch)
            except _Unsure as unsure:
                if self._stands(unsure.receipts, unsure.number):
                    return unsure.ended
                again: BaseException = unsure.error
            except Exception as error:
                if self._faults.reach(error) is not Reach.PASSING:
                    raise
                again = error
            if pause is None:
                raise again
            log.warning("a batch is tried again after %s", type(again).__name__)
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _commit(self, batch: list[Command]) -> list[Ended]:
        """Run and commit a batch, its commands together or, if one fails, apart from each other.

        The connection is kept from batch to batch. After a failure it is given back, which rolls
        back whatever is left open on it.
        """
        connection = self._connection or self._engines.writing.connect()
        self._connection = None
        try:
            try:
                ended = self._run_all(connection, batch, together)
            except OneFailed as failed:
                if len(batch) == 1 and self._faults.reach(failed.error) is not Reach.RACE:
                    ended = [Ended(batch[0], error=self._faults.translated(failed.error))]
                else:
                    ended = self._run_all(connection, batch, apart)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return ended

    def _run_all(self, connection: Connection, batch: list[Command], run: Run) -> list[Ended]:
        receipts = self._engines.receipts
        with connection.begin() as transaction:
            ended = run(Batch(connection), batch, self._faults)
            number = None if receipts is None else receipts.leave(connection)
            self._hooks.at_point("before_commit")
            try:
                transaction.commit()
            except Exception as error:
                if (
                    receipts is None
                    or number is None
                    or self._faults.reach(error) is not Reach.PASSING
                ):
                    raise
                raise _Unsure(receipts, number, ended, error) from error
        return ended

    def _stands(self, receipts: Receipts, number: int) -> bool:
        """Tell whether a commit stands of which no word came back; raise Overloaded if unknown."""
        known: tuple[type[Exception], ...] = (SQLAlchemyError, *self._faults.errors)
        for pause in LOOKS:
            time.sleep(pause)
            try:
                with self._engines.writing.begin() as connection:
                    return receipts.stands(connection, number)
            except known as error:
                log.warning("a commit cannot be looked up: %s", type(error).__name__)
        raise Overloaded("whether this was stored is not known: repeat it under the same key or id")

    def _committed(self, commands: int, seconds: float) -> None:
        try:
            self._hooks.at_point("after_commit")
            self._hooks.on_batch(commands, seconds)
            self._hooks.on_commit()
        except Exception:
            log.exception("a hook failed after a commit; the commit stands")


class _Unsure(Exception):
    """The connection broke within a commit."""

    def __init__(
        self, receipts: Receipts, number: int, ended: list[Ended], error: Exception
    ) -> None:
        """Keep the number it left, how its commands ended, and what was raised."""
        super().__init__()
        self.receipts = receipts
        self.number = number
        self.ended = ended
        self.error = error
