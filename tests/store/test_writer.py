"""The one writer: commits are shared, failures are not, no answer before it is on disk."""

from collections.abc import Iterator
from concurrent.futures import Future, wait
from threading import Event, Thread

import pytest

from handoff.domain.errors import Conflict, Overloaded
from handoff.domain.ports import Transaction
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore, open_store
from tests.factories import TENANT, head
from tests.store.commands import Held, save, stored
from tests.store.conftest import ON_SQLITE


@pytest.fixture
def commits() -> list[int]:
    """Return a list that grows by one with every commit."""
    return []


@pytest.fixture
def counting(url: str, commits: list[int]) -> Iterator[SqlStore]:
    """Return a store that counts its commits."""
    store = open_store(url, on_commit=lambda: commits.append(1))
    yield store
    store.close()


def test_waiting_commands_share_a_commit(counting: SqlStore, commits: list[int]) -> None:
    """A hundred commands that came during one commit take one more."""
    held = Held(counting)
    futures = [counting.submit(TENANT, save(f"c{number}")) for number in range(100)]

    held.release()
    results = [future.result(10) for future in futures]

    counting.close()
    assert results == [f"c{number}" for number in range(100)]
    assert len(commits) == 2


def test_a_batch_is_bounded(url: str, commits: list[int]) -> None:
    """Ten commands, four at a time: three commits after the first."""
    store = open_store(url, batch_limit=4, on_commit=lambda: commits.append(1))
    held = Held(store)
    futures = [store.submit(TENANT, save(f"c{number}")) for number in range(10)]

    held.release()
    wait(futures)

    store.close()
    assert len(commits) == 4


def test_a_failing_command_leaves_the_others_intact(store: SqlStore) -> None:
    """All it did is undone, and only that; its caller gets its error."""

    def failing(tx: Transaction) -> None:
        save("bad")(tx)
        raise ValueError("after writing")

    def conflicting(tx: Transaction) -> None:
        save("worse")(tx)
        tx.conversations.add_feedback("nobody", head().started_at, {})

    held = Held(store)
    good = [store.submit(TENANT, save("c1"))]
    bad = [store.submit(TENANT, failing), store.submit(TENANT, conflicting)]
    good.append(store.submit(TENANT, save("c2")))

    held.release()

    assert [future.result(10) for future in good] == ["c1", "c2"]
    assert [type(future.exception(10)) for future in bad] == [ValueError, Conflict]
    assert stored(store, "c1", "c2", "bad", "worse") == [True, True, False, False]


def test_a_failing_command_alone_is_undone(store: SqlStore) -> None:
    """Without a batch there is no savepoint, and nothing stays either."""

    def failing(tx: Transaction) -> None:
        save("bad")(tx)
        raise ValueError("after writing")

    with pytest.raises(ValueError, match="after writing"):
        store.write(TENANT, failing)

    assert stored(store, "bad") == [False]


def test_nothing_is_answered_before_the_commit(url: str) -> None:
    """Before the commit no other connection sees it, and no future is done."""
    futures: list[Future[str]] = []
    seen: list[tuple[str, bool, bool]] = []

    def at_point(name: str) -> None:
        there = stored(store, "c1")[0]
        seen.extend((name, there, future.done()) for future in futures)

    store = open_store(url, at_point=at_point)
    held = Held(store)
    futures.append(store.submit(TENANT, save("c1")))

    held.release()
    futures[0].result(10)

    store.close()
    assert seen[-2:] == [("before_commit", False, False), ("after_commit", True, False)]


def test_where_the_commit_fails_nobody_is_told_otherwise(url: str) -> None:
    """Every caller of the batch gets the error, nothing is applied, and the store goes on."""
    trouble = [Overloaded("the disk is away")]

    def at_point(name: str) -> None:
        if name == "before_commit" and trouble and failing.is_set():
            raise trouble.pop()

    failing = Event()
    store = open_store(url, at_point=at_point)
    held = Held(store)
    futures = [store.submit(TENANT, save(name)) for name in ("c1", "c2")]

    held.future.add_done_callback(lambda _: failing.set())
    held.release()
    errors = [future.exception(10) for future in futures]

    assert [type(error) for error in errors] == [Overloaded, Overloaded]
    assert stored(store, "c1", "c2") == [False, False]
    assert store.write(TENANT, save("c3")) == "c3"
    store.close()


def test_too_many_waiting_commands_are_turned_away(url: str) -> None:
    """At once, and those already waiting are done."""
    store = open_store(url, queue_limit=2)
    held = Held(store)
    futures = [store.submit(TENANT, save(name)) for name in ("c1", "c2")]

    with pytest.raises(Overloaded):
        store.submit(TENANT, save("c3"))

    held.release()
    wait(futures)
    assert stored(store, "c1", "c2", "c3") == [True, True, False]
    store.close()


def test_closing_finishes_what_waits(url: str) -> None:
    """Then nothing more is taken."""
    store = open_store(url)
    held = Held(store)
    future = store.submit(TENANT, save("c1"))

    closing = Thread(target=store.close)
    closing.start()
    held.release()
    closing.join(10)

    assert future.result(0) == "c1"
    with pytest.raises(Overloaded):
        store.write(TENANT, save("c2"))


def test_a_cancelled_command_is_not_run(store: SqlStore) -> None:
    """Its caller went away before its turn."""
    held = Held(store)
    future = store.submit(TENANT, save("c1"))

    assert future.cancel()
    held.release()

    assert store.write(TENANT, save("c2")) == "c2"
    assert stored(store, "c1", "c2") == [False, True]


def test_waiting_on_the_writers_own_thread_is_refused(store: SqlStore) -> None:
    """It would never end."""
    with pytest.raises(RuntimeError, match="wait for itself"):
        store.write(TENANT, lambda tx: store.write(TENANT, save("c1")))


def test_a_failing_hook_does_not_stop_the_writer(url: str) -> None:
    """The commit stands, the callers are told, the next one is taken."""

    def hook() -> None:
        raise ValueError("the engine is gone")

    store = open_store(url, on_commit=hook)

    assert store.write(TENANT, save("c1")) == "c1"
    assert store.write(TENANT, save("c2")) == "c2"
    store.close()


def test_a_committed_batch_is_told_with_its_size_and_time(url: str) -> None:
    """One that was undone is not."""
    told: list[tuple[int, float]] = []
    store = open_store(url, on_batch=lambda commands, seconds: told.append((commands, seconds)))

    store.write(TENANT, save("c1"))
    with pytest.raises(ZeroDivisionError):
        store.write(TENANT, lambda tx: 1 / 0)
    store.write(TENANT, save("c2"))
    store.close()

    assert [commands for commands, _ in told if commands == 1] == [1] * len(told)
    assert len(told) in (2, 3)  # the failing one leaves an empty transaction behind
    assert all(0 < seconds < 60 for _, seconds in told)


@ON_SQLITE
def test_every_batch_begins_immediate_and_commits_once(store: SqlStore) -> None:
    """Never a deferred transaction that may fail when it turns to writing."""
    statements: list[str] = []

    def traced(worklist: Worklist) -> None:
        driver = worklist.connection.connection.driver_connection  # type: ignore[attr-defined] # the real one has it
        driver.set_trace_callback(statements.append)

    store.write_any(traced)
    statements.clear()

    store.write(TENANT, save("c1"))

    control = [text for text in statements if text.split()[0] in ("BEGIN", "COMMIT", "SAVEPOINT")]
    assert control == ["BEGIN IMMEDIATE", "COMMIT"]
